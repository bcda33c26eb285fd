package history

import (
	"fmt"
	"slices"
)

// element is one value of one key; values are unique, so it names a version.
type element struct {
	key   int
	value int64
}

// write says who wrote an element.
type write struct {
	txn  int // position in the history
	op   int
	live bool // not undone
	last bool // the transaction's last live append to the key
}

// view is one read of what others wrote: the list without the transaction's own values at its end.
type view struct {
	txn, op int
	ext     []int64
	bad     bool // contradicts the version order
	longest bool // is the version order
}

// analysis is the state of a Check.
type analysis struct {
	h         *History
	writes    map[element]write
	committed []bool
	views     []view
	order     map[int][]int64  // the longest list seen per key
	seen      map[element]bool // read by another transaction
	rest      map[int][]int    // committed transactions whose append to the key nobody saw
	undoneOf  [][]int
	report    *Report
}

// maxAnomalies bounds what a report keeps: a broken store breaks everything.
const maxAnomalies = 10000

func (a *analysis) found(n Name, txns []int, format string, args ...any) {
	if len(a.report.Anomalies) == maxAnomalies {
		return
	}
	a.report.Anomalies = append(a.report.Anomalies, Anomaly{Name: n, Text: fmt.Sprintf(format, args...), Txns: txns})
}

// collect fills writes and views and finds what a transaction alone shows: internal inconsistency.
func (a *analysis) collect() {
	for i, t := range a.h.Txns {
		live := t.live()
		last := map[int]int{}
		for j := range t.Ops {
			op := &t.Ops[j]
			if op.Kind != Append {
				continue
			}
			a.report.Appends++
			e := element{op.Key, op.Value}
			if w, is := a.writes[e]; is {
				a.found(Garbage, []int{i, w.txn}, "the history is malformed: T%d and T%d both append %d to key %d", i, w.txn, op.Value, op.Key)
			}
			a.writes[e] = write{txn: i, op: j, live: live[j]}
			if live[j] {
				last[op.Key] = j
			}
		}
		for key, j := range last {
			e := element{key, t.Ops[j].Value}
			w := a.writes[e]
			w.last = true
			a.writes[e] = w
		}
	}
	for i := range a.h.Txns {
		a.replay(i)
	}
}

// longest finds the longest list of each key, and the reads that are not a beginning of it.
func (a *analysis) longest() {
	first := map[int]int{}
	for i, v := range a.views {
		key := a.h.Txns[v.txn].Ops[v.op].Key
		if best, is := first[key]; !is || len(v.ext) > len(a.views[best].ext) {
			first[key] = i
			a.order[key] = v.ext
		}
	}
	for i := range a.views {
		v := &a.views[i]
		key := a.h.Txns[v.txn].Ops[v.op].Key
		v.longest = first[key] == i
		v.bad = !slices.Equal(v.ext, a.order[key][:len(v.ext)])
	}
}

// observe marks what was read of other transactions, and settles the unknown outcomes.
func (a *analysis) observe() {
	for _, v := range a.views {
		if !v.longest && !v.bad {
			continue // has nothing that the longest has not
		}
		key := a.h.Txns[v.txn].Ops[v.op].Key
		for _, x := range v.ext {
			a.seen[element{key, x}] = true
		}
	}
	a.committed = make([]bool, len(a.h.Txns))
	for i, t := range a.h.Txns {
		switch t.Outcome {
		case Committed:
			a.committed[i] = true
			a.report.Committed++
		case Aborted:
			a.report.Aborted++
		default:
			a.report.Unknown++
			live := t.live()
			for j := range t.Ops {
				if live[j] && a.seen[element{t.Ops[j].Key, t.Ops[j].Value}] {
					a.committed[i] = true
				}
			}
		}
	}
}

// versions checks the reads, and finds the appends that nobody saw.
func (a *analysis) versions() {
	for i := range a.views {
		a.checkView(&a.views[i])
	}
	for i, t := range a.h.Txns {
		if !a.committed[i] {
			continue
		}
		live := t.live()
		done := map[int]bool{}
		for j := range t.Ops {
			if op := &t.Ops[j]; live[j] && !done[op.Key] && !a.seen[element{op.Key, op.Value}] {
				done[op.Key] = true
				a.rest[op.Key] = append(a.rest[op.Key], i)
			}
		}
	}
}

// checkView checks one read. Its values are looked at one by one only when it is the longest of its key or contradicts
// that: the other reads have the same ones.
func (a *analysis) checkView(v *view) {
	op := &a.h.Txns[v.txn].Ops[v.op]
	if v.bad {
		a.found(IncompatibleOrder, []int{v.txn}, "key %d was read as %s by T%d, and as %s by another: neither is the beginning of the other",
			op.Key, listText(v.ext), v.txn, listText(a.order[op.Key]))
	}
	if v.bad || v.longest {
		a.checkValues(v, op)
	}
	if n := len(v.ext); n > 0 && !v.bad {
		if w := a.writes[element{op.Key, v.ext[n-1]}]; w.live && !w.last && w.txn != v.txn {
			a.found(G1b, []int{v.txn, w.txn}, "T%d read key %d as %s, but T%d, which appended %d, appended more to it", v.txn, op.Key, listText(v.ext), w.txn, v.ext[n-1])
		}
	}
}

// checkValues checks what was read for garbage, duplicates and aborted writes.
func (a *analysis) checkValues(v *view, op *Op) {
	twice := make(map[int64]bool, len(v.ext))
	for _, x := range v.ext {
		w, is := a.writes[element{op.Key, x}]
		switch {
		case twice[x]:
			v.bad = true
			a.found(Duplicate, []int{v.txn}, "T%d read key %d as %s, with %d twice", v.txn, op.Key, listText(v.ext), x)
		case !is:
			v.bad = true
			a.found(Garbage, []int{v.txn}, "T%d read key %d as %s, and nobody appended %d", v.txn, op.Key, listText(v.ext), x)
		case !w.live:
			a.found(G1a, []int{v.txn, w.txn}, "T%d read %d in key %d, which T%d appended and took back", v.txn, x, op.Key, w.txn)
		case !a.committed[w.txn]:
			a.found(G1a, []int{v.txn, w.txn}, "T%d read %d in key %d, which T%d appended before it was rolled back", v.txn, x, op.Key, w.txn)
		}
		twice[x] = true
	}
}

// listText is a list in words; long lists show their end.
func listText(l []int64) string {
	const most = 12
	if len(l) > most {
		return fmt.Sprintf("[… %d before …%s", len(l)-most, fmt.Sprint(l[len(l)-most:])[1:])
	}
	return fmt.Sprint(l)
}
