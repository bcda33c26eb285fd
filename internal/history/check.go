package history

import (
	"fmt"
	"slices"
	"strings"
)

// Check says what in h contradicts the levels of its transactions.
func Check(h *History) *Report {
	a := analyse(h)
	g, pts := a.build()
	// Narrow searches come first: a cycle is reported under the plainest name, and without the help of time if possible.
	reported := map[string]bool{}
	search := func(use func(edge) bool) {
		for _, comp := range g.components(use) {
			if c := g.shortest(comp, use); c != nil {
				a.reportCycle(g, c, reported)
			}
		}
	}
	search(func(e edge) bool { return e.kind == program || e.kind == ww })
	search(func(e edge) bool { return e.kind == program || e.kind == ww || e.kind == wr })
	search(func(e edge) bool { return e.kind != clock })
	a.clockEdges(g, pts)
	search(func(edge) bool { return true })
	a.countSkew(g)
	return a.report
}

// analyse does everything short of the graph.
func analyse(h *History) *analysis {
	a := &analysis{h: h, writes: map[element]write{}, order: map[int][]int64{}, seen: map[element]bool{}, rest: map[int][]int{},
		report: &Report{Txns: len(h.Txns), Allowed: map[Name]int{}}}
	a.collect()
	a.longest()
	a.observe()
	a.versions()
	return a
}

// undone is undoneBy of transaction i, kept.
func (a *analysis) undone(i int) []int {
	if a.undoneOf == nil {
		a.undoneOf = make([][]int, len(a.h.Txns))
	}
	if a.undoneOf[i] == nil {
		a.undoneOf[i] = a.h.Txns[i].undoneBy()
	}
	return a.undoneOf[i]
}

// reportCycle names a cycle and tells it, unless the same transactions were reported already.
func (a *analysis) reportCycle(g *graph, c []step, reported map[string]bool) {
	var txns []int
	for _, s := range c {
		if t := g.nodes[s.from].txn; t >= 0 && !slices.Contains(txns, t) {
			txns = append(txns, t)
		}
	}
	slices.Sort(txns)
	id := fmt.Sprint(txns)
	if reported[id] {
		return
	}
	reported[id] = true
	a.found(classify(g, c), txns, "%s", a.tell(g, c))
}

// classify names a cycle by its edges.
func classify(g *graph, c []step) Name {
	deps := make([]step, 0, len(c))
	timed := false
	for _, s := range c {
		timed = timed || s.kind == clock
		if s.kind >= ww {
			deps = append(deps, s)
		}
	}
	count := func(k edgeKind) (n int) {
		for _, s := range deps {
			if s.kind == k {
				n++
			}
		}
		return n
	}
	name := GNonadjacent
	switch n := count(rw); {
	case n == 0 && count(wr) == 0:
		name = G0
	case n == 0:
		name = G1c
	case n == 1 && len(deps) == 2 && count(ww) == 1 && deps[0].key == deps[1].key:
		name = LostUpdate
	case n == 1:
		name = GSingle
	case !timed && count(wr) == n && count(ww) == 0:
		name = LongFork
	}
	if timed {
		name += realtime
	}
	return name
}

// tell puts a cycle in words: one line per dependency, then the transactions.
func (a *analysis) tell(g *graph, c []step) string {
	var b strings.Builder
	var txns []int
	for i := 0; i < len(c); i++ {
		s := c[i]
		if t := g.nodes[s.from].txn; t >= 0 && !slices.Contains(txns, t) {
			txns = append(txns, t)
		}
		switch s.kind {
		case ww:
			fmt.Fprintf(&b, "\n  T%d overwrote T%d's version of key %d", g.nodes[s.to].txn, g.nodes[s.from].txn, s.key)
		case wr:
			r := g.nodes[s.to].txn
			fmt.Fprintf(&b, "\n  T%d read key %d as %s, as T%d left it", r, s.key, listText(a.h.Txns[r].Ops[s.op].List), g.nodes[s.from].txn)
		case rw:
			r := g.nodes[s.from].txn
			fmt.Fprintf(&b, "\n  T%d read key %d as %s, before T%d appended to it", r, s.key, listText(a.h.Txns[r].Ops[s.op].List), g.nodes[s.to].txn)
		case clock:
			if t := g.nodes[s.from].txn; t >= 0 {
				j := i
				for g.nodes[c[j].to].txn < 0 {
					j = (j + 1) % len(c)
				}
				fmt.Fprintf(&b, "\n  T%d had ended before T%d, or its statement, began", t, g.nodes[c[j].to].txn)
			}
		}
	}
	slices.Sort(txns)
	for _, t := range txns {
		b.WriteString("\n    " + a.h.Txns[t].text())
	}
	return b.String()[1:]
}

// text is a transaction on one line.
func (t *Txn) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "T%d, session %d, %s, %s, %d to %d:", t.ID, t.Session, t.Level, t.Outcome, t.Start, t.End)
	stmt := -1
	for i := range t.Ops {
		op := &t.Ops[i]
		if op.Stmt != stmt {
			stmt = op.Stmt
			fmt.Fprintf(&b, " |@%d", op.Start)
		}
		how := [...]string{"", " current", " locked"}[op.Access]
		if op.Failed {
			how += " failed"
		}
		switch op.Kind {
		case Append:
			fmt.Fprintf(&b, " append(%d, %d%s)", op.Key, op.Value, how)
		case Read:
			fmt.Fprintf(&b, " read(%d%s) = %s", op.Key, how, listText(op.List))
		case Touch:
			b.WriteString(" touch" + how)
		case Undo:
			fmt.Fprintf(&b, " undo(to %d)", op.To)
		}
	}
	return b.String()
}

// countSkew counts groups of transactions that depend on each other in a circle in the graph of whole transactions,
// where every such circle that Check allows has two rw in a row.
func (a *analysis) countSkew(g *graph) {
	if !a.report.OK() {
		return
	}
	whole := &graph{out: make([][]edge, len(a.h.Txns)), nodes: make([]node, len(a.h.Txns))}
	for v, out := range g.out {
		from := g.nodes[v].txn
		for _, e := range out {
			if e.kind < ww || a.h.Txns[from].Level != SnapshotIsolation {
				continue
			}
			if to := g.nodes[e.to].txn; a.h.Txns[to].Level == SnapshotIsolation && a.committed[from] && a.committed[to] && from != to {
				whole.edge(int32(from), int32(to), e.kind, int(e.key), int(e.op))
			}
		}
	}
	if n := len(whole.components(func(edge) bool { return true })); n > 0 {
		a.report.Allowed[G2Item] = n
	}
}
