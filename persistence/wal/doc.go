// Package wal is the change log on disk: an endless stream of bytes, cut into segment files, that holds one record per
// commit. It knows nothing of what a record means.
//
// # Stream
//
// A position (LSN) is a byte offset in the stream. Segment files are named by the position of their first byte and
// have a 64-byte header; then come frames, each at a multiple of 8:
//
//	 0  u32  CRC-32C of salt (u64), position (u64) and bytes 4 to the end of the padded payload
//	 4  u32  payload length, without padding
//	 8  u8   type: 1 part of a record, 2 last part of a record (commit), 3 end of the segment, 4 mark
//	 9  3 B  zero
//	12  u32  sequence: 0 for the first frame of its record, then 1, 2, …
//	16  u64  record number: the position of the record's first frame (type 3, 4: own position)
//	24  u64  durable-up-to: everything before this position was synced when the frame was built
//	32  u32  chain: the CRC of the preceding frame in the stream
//	36  u32  the constant 0x31465457
//	40  payload, padded with zeros to a multiple of 8
//
// All integers are little-endian. A frame is at most 64 KiB long. The payload of a commit frame begins with 32 bytes:
// operations (u32), frames of the record (u32), CSN (u64), time in Unix microseconds (i64), length of the record's data
// (u64); the payload of an end frame is the position of the next segment (u64). Frames of several records may
// interleave; a record counts when its commit frame and all frames before it are valid.
//
// # End of the log, or damage
//
// Reading stops at the first frame that is not valid. If any frame behind it, in this segment or a later one, is
// valid by itself and says that the stream was durable beyond the stop, then the stop is damage; the same when the
// caller knows a later durable position. Otherwise it is the end: what was written there never reached the disk whole,
// and was never promised.
//
// Every position is written once. After a crash the stream goes on in a new segment with a new salt, so that nothing
// left behind by an earlier life can pass for a frame. What was read beyond the last known durable position is first
// written again and synced: the old write may have existed in the page cache only.
//
// # Writing
//
// Append reserves positions in memory, without I/O; the caller calls it in commit order. Sync waits until a position is
// written (and synced, in mode Full). Whoever finds nobody writing writes the whole queue himself; the others' records
// are taken together by the writer goroutine, so that concurrent commits share a sync. Space in segments is allocated by
// writing zeros ahead of need: Reserve and Append report a full disk before anything is in the stream, and never after.
//
// The first error of a write or a sync poisons the log: it is sticky, nothing is retried.
//
// # Concurrency
//
// A Log may be used by any number of goroutines, except that Append calls must be ordered by the caller (it takes a
// lock, so that nothing breaks if they are not).
package wal
