// Package history checks what concurrent clients of a transactional store observed against what the store promises.
//
// It has two checkers, and a recorder for each. Both work on observations alone: they know nothing of the store.
//
// # Transactions over lists
//
// Check works on histories of transactions that append unique values to lists and read whole lists. Because a list
// shows all the values before the last one, the reads give away the order of the versions of each key, and with it the
// dependencies between transactions:
//
//	ww  a transaction appended directly behind another one's value
//	wr  a transaction read a list that ends with another one's value
//	rw  a transaction read a list to which another one appended next (it read what the other overwrote)
//
// The idea is that of Elle (Kingsbury, Alvaro: Elle: Inferring Isolation Anomalies from Experimental Observations, VLDB
// 2020). The anomalies are those of Adya (Weak Consistency, MIT 1999). In place of one graph of transactions with rules
// about the kinds of edges in a cycle, the graph here has several points per transaction, as in the BC-polygraphs of
// Viper (Zhang et al., EuroSys 2023): the moment of the snapshot, one for each locking read, and the end. A wr edge goes
// from the writer's end to the reader's snapshot, an rw edge from the reader's snapshot to the writer's end, a ww edge
// from an end to a snapshot (first committer wins) or, when the row was locked, to the other's end. Each edge says "happened
// before", so the history is possible exactly when there is no cycle; and write skew, which snapshot isolation allows, makes
// none. Under ReadCommitted each statement has a snapshot of its own. Transactions of both levels may be mixed.
//
// The promise is strict: what ended before a statement began comes before its snapshot. So a stale read is found even
// when it is consistent in itself. Reads of transactions that were rolled back later count as well.
//
// The time is linear in the size of the history but for sorting and for the search of a short cycle once there is one.
//
// # Single rows
//
// Linearizable searches an order of the calls on one object that agrees with real time and with a sequential model.
// It is the algorithm of Wing and Gong (Testing and Verifying Concurrent Objects, 1993) with the memory of Lowe (Testing for
// Linearizability, 2017), which also porcupine uses. The search is exponential in the number of calls that overlap;
// it has a budget.
//
// # Outcomes
//
// An operation is known to have happened, known to have not, or neither: a cancelled commit may have come through. Such a
// transaction counts as committed once another one has read a value of it, and may take effect at any time after its
// start.
//
// A Recorder may be shared; a Session, its transactions and statements belong to one goroutine at a time. Checkers only
// read their input.
package history
