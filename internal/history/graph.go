package history

import (
	"cmp"
	"slices"
)

// edgeKind says why one point comes before another.
type edgeKind uint8

const (
	program edgeKind = iota // points of one transaction
	clock                   // the chain of moments
	ww
	wr
	rw
)

// edge says that its node comes before node to.
type edge struct {
	to   int32
	kind edgeKind
	key  int32
	op   int32 // rw, wr: the reading operation
}

// node is a point of a transaction, or a moment.
type node struct {
	txn int // -1: a moment
	end bool
}

// graph holds what comes before what. Each transaction has a point for its end, one for its snapshot (under
// ReadCommitted: one for each statement that reads), one for the locked reads of each statement and one for each other
// read of the newest version.
type graph struct {
	nodes []node
	out   [][]edge
}

func (g *graph) add(n node) int32 {
	g.nodes = append(g.nodes, n)
	g.out = append(g.out, nil)
	return int32(len(g.nodes) - 1)
}

func (g *graph) edge(from, to int32, kind edgeKind, key, op int) {
	if from != to {
		g.out[from] = append(g.out[from], edge{to: to, kind: kind, key: int32(key), op: int32(op)})
	}
}

// points are the nodes of one transaction.
type points struct {
	snap, end int32
	plain     map[int]int32 // statement → the snapshot of its own, under ReadCommitted
	locked    map[int]int32 // statement → the moment when it had its locks
	current   map[int]int32 // operation → the moment of its read
}

// at returns the point at which operation j reads.
func (p *points) at(t *Txn, j int) int32 {
	switch op := &t.Ops[j]; {
	case op.Access == Locked:
		return p.locked[op.Stmt]
	case op.Access == Current:
		return p.current[j]
	case t.Level == ReadCommitted:
		return p.plain[op.Stmt]
	}
	return p.snap
}

// build makes the graph.
func (a *analysis) build() (*graph, []points) {
	g := new(graph)
	pts := make([]points, len(a.h.Txns))
	for i, t := range a.h.Txns {
		pts[i] = g.points(i, t)
	}
	a.writeEdges(g, pts)
	for i := range a.views {
		if v := &a.views[i]; !v.bad {
			a.readEdges(g, pts, v)
		}
	}
	for _, out := range g.out {
		for _, e := range out {
			if e.kind >= ww {
				a.report.Edges++
			}
		}
	}
	return g, pts
}

// points adds the nodes of one transaction in their order.
func (g *graph) points(i int, t *Txn) points {
	p := points{snap: g.add(node{txn: i}), end: g.add(node{txn: i, end: true}),
		plain: map[int]int32{}, locked: map[int]int32{}, current: map[int]int32{}}
	g.edge(p.snap, p.end, program, 0, 0)
	first, stmt := -1, -1
	failed, unsure := false, false
	gate, next := p.snap, []int32(nil) // before the statement's points; those points
	for j := range t.Ops {
		op := &t.Ops[j]
		if op.Kind == Undo {
			continue
		}
		if first < 0 {
			first = op.Stmt
			failed = op.Failed
		}
		if op.Failed {
			continue
		}
		if first < op.Stmt && failed {
			first, failed, unsure = op.Stmt, false, true
		}
		if op.Kind != Read || op.Access == Plain && t.Level == SnapshotIsolation {
			continue
		}
		if op.Stmt != stmt {
			stmt = op.Stmt
			gate, next = g.gate(i, gate, next, p.snap), nil
		}
		n, isNew := p.add(g, i, j, op)
		if !isNew {
			continue
		}
		next = append(next, n)
		g.edge(n, p.end, program, 0, 0)
		switch {
		case t.Level == ReadCommitted || op.Stmt != first:
			g.edge(gate, n, program, 0, 0)
		case !unsure:
			// The snapshot is that of the end of the first statement. When others failed before, it may be theirs.
			g.edge(n, p.snap, program, 0, 0)
		}
	}
	return p
}

// gate returns a point behind those of the statements so far. Under ReadCommitted the snapshot's point is the start.
func (g *graph) gate(i int, before int32, points []int32, snap int32) int32 {
	if len(points) == 0 {
		return before
	}
	n := g.add(node{txn: i})
	g.edge(snap, n, program, 0, 0)
	for _, p := range points {
		g.edge(p, n, program, 0, 0)
	}
	return n
}

// add returns the point of a read, which is new or that of its statement.
func (p *points) add(g *graph, i, j int, op *Op) (n int32, isNew bool) {
	of, name := p.plain, op.Stmt
	switch op.Access {
	case Locked:
		of = p.locked
	case Current:
		of, name = p.current, j
	}
	n, is := of[name]
	if !is {
		n = g.add(node{txn: i})
		of[name] = n
	}
	return n, !is
}

// writeEdges adds ww between neighbours in the version orders.
func (a *analysis) writeEdges(g *graph, pts []points) {
	keys := make([]int, 0, len(a.order))
	for key := range a.order {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		prev := -1
		for _, v := range a.order[key] {
			w, is := a.writes[element{key, v}]
			if !is || !w.live || !a.committed[w.txn] {
				continue
			}
			if prev >= 0 && prev != w.txn {
				a.overwrite(g, pts, prev, w, key)
			}
			prev = w.txn
		}
		if prev < 0 {
			continue
		}
		for _, i := range a.rest[key] {
			if i != prev {
				a.overwrite(g, pts, prev, write{txn: i, op: a.firstAppend(i, key)}, key)
			}
		}
	}
}

// firstAppend finds the first live append of a transaction to key.
func (a *analysis) firstAppend(i, key int) int {
	t := a.h.Txns[i]
	live := t.live()
	for j := range t.Ops {
		if live[j] && t.Ops[j].Key == key {
			return j
		}
	}
	return 0
}

// overwrite adds ww: before was committed when w's transaction took its snapshot, or its lock.
func (a *analysis) overwrite(g *graph, pts []points, before int, w write, key int) {
	t := a.h.Txns[w.txn]
	to := pts[w.txn].end
	if t.Level == SnapshotIsolation && t.Ops[w.op].Access == Plain {
		to = pts[w.txn].snap
	}
	g.edge(pts[before].end, to, ww, key, w.op)
}

// readEdges adds wr from the writer of what was read, and rw to the writers of what came next.
func (a *analysis) readEdges(g *graph, pts []points, v *view) {
	t := a.h.Txns[v.txn]
	op := &t.Ops[v.op]
	at := pts[v.txn].at(t, v.op)
	if n := len(v.ext); n > 0 {
		w := a.writes[element{op.Key, v.ext[n-1]}]
		if w.live && a.committed[w.txn] {
			g.edge(pts[w.txn].end, at, wr, op.Key, v.op)
		}
	}
	next := a.rest[op.Key]
	for _, x := range a.order[op.Key][len(v.ext):] {
		// A value that is not to be counted, or the reader's own, has another one behind it that is.
		if w, is := a.writes[element{op.Key, x}]; is && w.live && a.committed[w.txn] {
			next = []int{w.txn}
			break
		}
	}
	held := op.Access == Locked && a.undone(v.txn)[v.op] == len(t.Ops)
	for _, i := range next {
		if i == v.txn {
			continue
		}
		g.edge(at, pts[i].end, rw, op.Key, v.op)
		if held {
			g.edge(pts[v.txn].end, pts[i].end, rw, op.Key, v.op)
		}
	}
}

// event is a start (a point that comes after the moment) or an end (one that comes before it).
type event struct {
	at    int64
	n     int32
	start bool
}

// clockEdges adds the order in time as a chain of moments: what ended comes before the next moment, and what starts after
// the last one. So the number of edges stays linear.
func (a *analysis) clockEdges(g *graph, pts []points) {
	var events []event
	for i, t := range a.h.Txns {
		start := t.Start
		for j := range t.Ops {
			if t.Ops[j].Start > 0 {
				start = max(start, t.Ops[j].Start)
				break
			}
		}
		events = append(events, event{start, pts[i].snap, true})
		if t.Outcome != Unknown {
			events = append(events, event{t.End, pts[i].end, false})
		}
		for j := range t.Ops {
			op := &t.Ops[j]
			if op.Kind == Read && op.Start > 0 && !op.Failed {
				if n := pts[i].at(t, j); n != pts[i].snap {
					events = append(events, event{op.Start, n, true})
				}
			}
		}
	}
	slices.SortStableFunc(events, func(a, b event) int { return cmp.Compare(a.at, b.at) })
	moment := int32(-1)
	for _, e := range events {
		if e.start {
			if moment >= 0 {
				g.edge(moment, e.n, clock, 0, 0)
			}
			continue
		}
		m := g.add(node{txn: -1})
		if moment >= 0 {
			g.edge(moment, m, clock, 0, 0)
		}
		g.edge(e.n, m, clock, 0, 0)
		moment = m
	}
}
