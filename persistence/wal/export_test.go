package wal

import "hash/crc32"

// Checksum is the CRC of the format.
func Checksum(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }
