// Package lock is the lock manager: column locks on rows, locks on definitions, and named user locks, with one wait
// graph over all of them.
//
// Modes. A row lock is two sets of columns, shared and exclusive, as 64-bit masks. Two requests of different owners
// conflict when the exclusive set of one meets the shared or exclusive set of the other. Definitions and names know
// one column.
//
// Owners. An Owner stands for a transaction (Begin … End) or for a session that holds named locks. One goroutine at a
// time uses an Owner; different Owners are independent. Everything that can wait takes a context.
//
// Waiting. Requests on one resource are granted first come, first served as far as they conflict: a request waits for
// conflicting holders and for conflicting earlier waiters, so that nobody starves. An owner that already holds part
// of the resource (an upgrade) goes ahead of those that hold nothing.
//
// Deadlock. Whoever starts to wait looks for a cycle through itself in the wait graph. A cycle can only be closed by
// the last owner in it that starts to wait, and that owner registers its wait before it looks; so each deadlock is
// found at once, without a timer. Whoever finds it, as a rule the one that closed it, is the victim and gets
// sqlerr.Deadlock. A candidate cycle is confirmed with the whole graph held still, so that no owner is a victim of edges
// that did not exist at one time.
//
// Errors of waiting: sqlerr.Deadlock (1213; named locks: sqlerr.UserLockDeadlock), sqlerr.LockWaitTimeout (1205),
// sqlerr.LockNowait (3572), sqlerr.QueryInterrupted (1317) wrapping the context's error. After an error the owner
// holds what it held before the call. A lock granted in the same instant as a timeout or cancellation is kept and the
// call succeeds.
package lock
