// Package persistence keeps a database in a directory: it opens one, records each commit in the change log, writes
// checkpoints of the tables' pages, and brings everything back after a crash. FORMAT.md describes the files.
//
// # Promise
//
// With SyncFull a commit that was acknowledged is there after a crash of the process, of the operating system, or of
// the power. With SyncNormal and SyncOff the newest commits may be missing then, but what comes back is a prefix of
// the commits in their order, each whole. A crash of the process alone loses no acknowledged commit in any mode.
//
// Damage is told, not guessed around: Open fails with a *CorruptError that names file, page and offset. It never
// invents rows, and never takes an unreadable directory for a new database. A damaged or missing .wt.idx file is no
// damage: the indexes are built again.
//
// The first failed write or sync of the log, or of a checkpoint past its point of no return, poisons the store: commits
// fail from then on with an error that wraps ErrPoisoned, reads go on, nothing is retried. Opening anew recovers. A
// full disk is no such failure: the commit that finds no room fails with MySQL's 1021 and may be tried again, and so may a
// checkpoint.
//
// # Concurrency
//
// A Store may be used by any number of goroutines. One process at a time has a directory open for writing; within a
// process every Open of a directory shares one engine, until each has called Close.
package persistence
