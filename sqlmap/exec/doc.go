// Package exec runs the plans of package plan: operators that pass batches of tuples.
//
// A Plan is compiled once from a plan.Query: expressions become closures over positions in tuples. It is immutable and
// may be opened by any number of sessions at a time. Open makes the state of one execution, Rows; it belongs to one
// goroutine.
//
// # Batches and memory
//
// The consumer calls Next with its own Batch until it comes back empty. Tuples and their strings are good until the
// next call of Next or Close. Between two calls nothing is held in the engine: no epoch, no lock, only the
// transaction's snapshot. Sorts, hash tables, and materialised inputs copy what they keep and count its bytes;
// beyond Runtime.MemoryLimit the statement fails with 1038.
//
// # Reading rows
//
// A scan of a whole table that needs no row ids takes payloads, the bytes of the rows, in runs of one layout (payload.go).
// Conditions on columns of fixed width are decided in loops over vectors of such rows (rowtest.go, column.go), and their
// aggregates computed (kernel.go); what else a query asks for is decoded from the payload, column by column. A transaction
// that has written or locked rows of the table, a scan of an index, and rows of mixed layouts go row by row through the
// cursor; conditions and aggregates come out the same.
//
// # Cancellation
//
// The context of the Run is polled once per batch, and at least every 1,024 rows inside blocking operators.
package exec
