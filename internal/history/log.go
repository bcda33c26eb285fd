package history

import (
	"fmt"
	"slices"
)

// LogEntry is one transaction of a change stream: what it appended, in order.
type LogEntry []LogAppend

// LogAppend is one append of a LogEntry.
type LogAppend struct {
	Key   int
	Value int64
}

// CheckLog says where a change stream that should have all of h's transactions contradicts h: each committed transaction
// once and whole, nothing of others, the versions of each key in their order, and the transactions in an order that agrees with
// time.
func CheckLog(h *History, log []LogEntry) []Anomaly {
	a := analyse(h)
	a.report.Anomalies = nil
	l := &logCheck{analysis: a, pos: map[int]int{}}
	keys := map[int][]int64{}
	for n, entry := range log {
		l.entry(n, entry, keys)
	}
	for i := range h.Txns {
		if _, is := l.pos[i]; !is && a.committed[i] && len(l.expected(i)) > 0 {
			a.found(LogGap, []int{i}, "T%d committed, and the log of %d entries has nothing of it", i, len(log))
		}
	}
	for key, order := range a.order {
		got := keys[key]
		if len(got) < len(order) || !slices.Equal(got[:len(order)], order) {
			a.found(LogOrder, nil, "key %d was read as %s, and the log has %s", key, listText(order), listText(got))
		}
	}
	l.time()
	return a.report.Anomalies
}

type logCheck struct {
	*analysis
	pos map[int]int // transaction → its entry
}

// expected is what the log should have of a transaction, sorted by key, in order within a key.
func (l *logCheck) expected(i int) []LogAppend {
	t := l.h.Txns[i]
	live := t.live()
	var out []LogAppend
	for j := range t.Ops {
		if live[j] {
			out = append(out, LogAppend{t.Ops[j].Key, t.Ops[j].Value})
		}
	}
	slices.SortStableFunc(out, func(a, b LogAppend) int { return a.Key - b.Key })
	return out
}

// entry checks one entry against the transaction that wrote it.
func (l *logCheck) entry(n int, entry LogEntry, keys map[int][]int64) {
	if len(entry) == 0 {
		return
	}
	w, is := l.writes[element{entry[0].Key, entry[0].Value}]
	if !is {
		l.found(LogPhantom, nil, "entry %d has %v, which nobody wrote", n, entry)
		return
	}
	i := w.txn
	if before, is := l.pos[i]; is {
		l.found(LogDuplicate, []int{i}, "T%d is in entries %d and %d", i, before, n)
	}
	l.pos[i] = n
	got := slices.Clone(entry)
	slices.SortStableFunc(got, func(a, b LogAppend) int { return a.Key - b.Key })
	if want := l.expected(i); !slices.Equal(got, want) {
		l.found(LogTorn, []int{i}, "entry %d has %v, and T%d wrote %v", n, got, i, want)
	}
	if l.h.Txns[i].Outcome == Aborted {
		l.found(LogPhantom, []int{i}, "entry %d is of T%d, which was rolled back", n, i)
	}
	for _, e := range got {
		keys[e.Key] = append(keys[e.Key], e.Value)
	}
}

// time checks that no transaction comes before one that had ended before it began.
func (l *logCheck) time() {
	type at struct{ txn, pos int }
	var order []at
	for i, p := range l.pos {
		order = append(order, at{i, p})
	}
	slices.SortFunc(order, func(a, b at) int { return b.pos - a.pos })
	// From the end of the log: the earliest end of what comes later.
	least, who := int64(0), -1
	for _, o := range order {
		t := l.h.Txns[o.txn]
		if who >= 0 && t.Start > least {
			l.found(LogOrder, []int{o.txn, who}, "T%d began after T%d had ended, and comes before it in the log", o.txn, who)
		}
		if t.Outcome == Committed && (who < 0 || t.End < least) {
			least, who = t.End, o.txn
		}
	}
}

// String is an entry as CheckLog words it.
func (e LogEntry) String() string { return fmt.Sprint([]LogAppend(e)) }
