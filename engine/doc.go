// Package engine is the in-memory table engine: tables of rows in pages, indexes over them, transactions with
// snapshots, column locks and a change stream. It knows nothing of SQL and nothing of files.
//
// A DB holds a catalogue of tables. A program begins a Tx, reads rows with Get, Scan and ScanIndex, changes them with
// Insert, Update and Delete, and commits. Definitions change through DB.Define. Each commit goes as one cdc.Txn to the
// Journal (package persistence implements it) and to subscribers.
//
// # Concurrency
//
// A DB, a Catalog, a Table and an Index may be used by any number of goroutines. A Tx and its cursors are used by one
// goroutine at a time. Readers never wait for writers. Writers wait only for writers of the same columns of the same
// row, of the same unique key, or for DDL.
//
// # Ownership of memory
//
// Values handed in are copied before the call returns. Row views from a cursor alias pages and are good until the
// cursor's next call; Get, Read and ReadCurrent copy into the caller's Row.
//
// # Errors
//
// What MySQL has a number for is a *sqlerr.Error; 1062 comes as a *DuplicateKeyError that wraps one. A broken
// invariant is sqlerr.Internal. After Deadlock (1213) the whole transaction is rolled back, and each further call on
// it returns that error until Rollback.
//
// # Protocol: commit
//
// Row contents are deferred: until commit the pages hold committed versions only. A commit runs
//
//  1. prepare, without locks: build the new payload of each row from the newest version and the delta, write it as a
//     version with CSN 0 (heap.Space.Append), build the cdc.Txn, let the Journal encode it;
//  2. the commit section, under db.commit.mu: check that each row's head is still the one the payload was built on
//     (another transaction may have changed other columns, vacuum may have moved the version); if not, leave, prepare
//     those rows again and come back; hand the record to Journal.Append, which reserves its place and whose refusal is
//     the last clean way out; take the next CSN; stamp the versions, link each to its predecessor, publish it;
//  3. release the row locks;
//  4. Journal.Sync;
//  5. move the visible CSN up to this one, deliver the commit to subscribers, return.
//
// Invariants. (C1) A version reachable from a slot has its final CSN. (C2) CSNs are dense and installed in order; the
// versions of a row get older along the chain. (C3) visible ≤ installed, and every commit ≤ visible is durable as the
// mode promises. (C4) Journal positions grow with CSNs, so that a Sync of one position covers all before it. (C5) After a
// failed Sync visible never moves again.
//
// # Protocol: snapshots
//
// A snapshot is a CSN that was the visible one at some moment. A registry of padded atomic words holds the active ones.
// Registering stores v = visible and loads visible again; if it moved, it stores the new value and repeats. The pruner
// loads visible first and then reads the registry. So (S1): a pruner either sees the registration or worked with a
// visible CSN at or below v, and in both cases keeps what v sees.
//
// A point read in autocommit (DB.Get) does not register. It pins an epoch (so no byte it can reach is reused), loads
// v = visible and looks at v. Pruning can take something from it only after visible has moved past v. So the answer
// stands when the newest version of the row is at or below v and has the key, when there is no entry at all, or when
// visible is still v afterwards; otherwise the read starts over with a registered snapshot.
//
// # Protocol: index entries
//
// Entries are (key, row id). (I1) For each retained version, committed or own, each index holds the entry of its key:
// INSERT and UPDATE put entries at statement time, before the version exists. (I2) An entry may be stale: whoever finds
// one compares its key with the key of the version that it sees, and ignores it when they differ. So a row is found
// exactly once, under its current key. (I3) An entry (k, r) is removed only inside one hold of the index lock during
// which no other transaction has a lock on r and neither a retained version nor a pending delta of r has key k. Since
// putting (k, r) needs r's row lock first, a put that races with a removal is ordered after it. (I4) Uniqueness: probe
// and put are one hold of the index lock; an entry of another row r conflicts when r's newest version has the key,
// and when r is locked by another transaction the outcome is awaited outside the index lock.
//
// # Protocol: deltas
//
// A transaction keeps one delta per row: a stack of immutable states {insert, update, delete; mask of changed columns;
// full payload; head it was built on}. Each change pushes a state with the transaction's next step number. A cursor
// remembers the step at which it was opened and looks at the newest state at or below it: a statement never meets its
// own output. Undoing a statement or going back to a savepoint pops states in reverse and takes back the index entries
// that no remaining state and no retained version needs; a slot taken by an undone insert is retired.
//
// # Protocol: locks
//
// Row locks are S and X sets of columns (package lock). A write takes X on the columns it changes and on all that share
// an index, a CHECK, a generated expression or a foreign key with them (Table.LockColumns). Hence the key of a row in an
// index changes only under X on all columns of that index, and two writers of one row that both commit have disjoint,
// independent columns. INSERT and DELETE take X on all columns. Locks are released after the versions are
// published (commit) or after the states are undone (rollback). Before that only Unlock gives back some, under READ
// COMMITTED and of rows that have no state above them.
//
// # Protocol: definitions
//
// A transaction holds a shared lock on the definition of each table it touches until its end; Define takes exclusive
// ones, with timeout, and keeps them until its commit is durable. The catalogue changes only under the DDL token, which
// one DDL has at a time; Checkpoint and Subscribe take it for a moment, to meet no DDL half done.
//
// (D1) Whoever has the token waits for no transaction: a definition lock that is not free at once ends the run, and what
// the run did is undone. (D2) Whoever waits for a definition lock has no token and has changed nothing. It waits for all
// locks that the run wanted, in the order of the tables' ids, takes the token, and runs the function anew on the catalogue
// of that time; a run that wants more gives up what it has and waits for more. So no two DDLs wait for each other: those
// without the token keep the order, and the one that has it does not wait. A cycle with transactions consists of locks
// alone, and the lock manager finds it. Locks are granted in the order of the requests, and the runs of one DDL are bounded
// by the number of the tables unless others commit in between: nobody starves.
//
// DDL is one commit: the catalogue rows change through ordinary deltas, and the new *Catalog is published just before its
// CSN becomes visible. A *Table is one version of one definition. Using one that is no longer current gives 1412 with
// ErrStaleTable below it; look the name up again. A snapshot older than the commit that swapped a table's storage gets
// 1412 on it. A rewrite fills the new storage before the commit, with versions that carry the CSN visible at the time:
// nobody finds the storage earlier.
//
// # Protocol: reclamation
//
// A version is dead when a newer one of its row is at or below visible and no active snapshot lies in between. Pruning
// unlinks dead versions (heap.Space.PruneChain), then removes the index entries that only they had, and leaves the bytes to
// the heap, which reuses them after an epoch. A tombstone at or below the oldest snapshot takes the whole row with it:
// entries first, then the slot, which comes back with the next generation. The committer prunes a bounded number of rows
// after each commit. What must wait, for a snapshot or for a lock on the row, is kept in a set of rows for a background
// goroutine, which the first such row starts and Close stops. Whoever prunes holds a gate shared; Check and the start of
// an index build close it. Vacuum is the heap's: a head swings by compare-and-swap, so that it excludes a commit per row.
package engine
