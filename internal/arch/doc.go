// Package arch holds the tests that keep the repository's structure: which package may import which, and where
// files may be touched. It has no code of its own.
package arch
