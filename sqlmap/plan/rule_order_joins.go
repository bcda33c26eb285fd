package plan

import (
	"math"

	"github.com/worktable-go/worktable/sqlmap/expr"
)

// Up to this many tables every table is tried as the first one; beyond it only the most selective.
const tryEveryStart = 6

// orderJoins arranges each tree of inner joins as a chain that starts with few rows and adds, step by step, the table
// that keeps the intermediate result small, by index lookup, hash table, or as a last resort by combining everything.
// The search is greedy, so its time is quadratic in the number of tables however they are connected. LEFT JOINs whose
// right side no other condition reads are made after the inner joins. Joins that were written STRAIGHT_JOIN, and those
// whose right side depends on the left, stay as they are.
func (o *optimizer) orderJoins(n Node) (Node, error) {
	return o.reorder(n), nil
}

func (o *optimizer) reorder(n Node) Node {
	j, ok := n.(*Join)
	if !ok || !reorderable(j) {
		for i, in := range n.Inputs() {
			n.SetInput(i, o.reorder(in))
		}
		return n
	}
	g := &joinGraph{o: o}
	g.collect(n)
	g.liftOuter()
	for _, l := range g.leaves {
		l.node = o.reorder(l.node)
		l.cols = produced(l.node)
		l.rows = g.leafRows(l)
	}
	for _, l := range g.outer {
		l.Right = o.reorder(l.Right)
	}
	out := g.best()
	for _, l := range g.outer {
		l.Left = out
		out = l
	}
	return out
}

func reorderable(j *Join) bool { return j.Kind == InnerJoin && !j.Fixed && j.Method != ApplyJoin }

// joinGraph is a tree of inner joins taken apart.
type joinGraph struct {
	o      *optimizer
	leaves []*joinLeaf
	preds  []*joinPred
	outer  []*Join // LEFT JOINs to put on top again, innermost first
}

type joinLeaf struct {
	node Node
	cols colSet
	rows float64
	one  bool // at most one row, by itself
}

// joinPred is a condition between leaves.
type joinPred struct {
	e    expr.Expr
	cols colSet
}

func (g *joinGraph) collect(n Node) {
	switch x := n.(type) {
	case *Join:
		if reorderable(x) {
			g.collect(x.Left)
			g.collect(x.Right)
			for _, e := range x.On {
				g.preds = append(g.preds, &joinPred{e: e, cols: reads(e)})
			}
			return
		}
	}
	g.leaves = append(g.leaves, &joinLeaf{node: n})
}

// liftOuter takes the LEFT JOINs at the top of the leaves off, where no condition of the inner joins reads their right
// sides. What they stood on may itself be a tree of inner joins: it joins the others.
func (g *joinGraph) liftOuter() {
	for i := 0; i < len(g.leaves); i++ {
		l := g.leaves[i]
		var lifted []*Join
		for {
			j, ok := l.node.(*Join)
			if !ok || j.Kind != LeftJoin || j.Fixed || j.Method == ApplyJoin || g.readsAny(produced(j.Right)) {
				break
			}
			lifted = append([]*Join{j}, lifted...)
			l.node = j.Left
		}
		g.outer = append(lifted, g.outer...)
		if j, ok := l.node.(*Join); ok && reorderable(j) {
			g.leaves = append(g.leaves[:i:i], g.leaves[i+1:]...)
			g.collect(j)
			i--
		}
	}
}

func (g *joinGraph) readsAny(cols colSet) bool {
	for _, p := range g.preds {
		if p.cols.intersects(cols) {
			return true
		}
	}
	return false
}

// best returns the cheapest chain found.
func (g *joinGraph) best() Node {
	starts := g.starts()
	var bestSteps []joinStep
	bestCost := math.Inf(1)
	for _, s := range starts {
		steps, cost := g.chain(s)
		if cost < bestCost {
			bestSteps, bestCost = steps, cost
		}
	}
	return g.build(bestSteps)
}

// leafRows estimates a leaf by itself, with the best access it has without its neighbours.
func (g *joinGraph) leafRows(l *joinLeaf) float64 {
	s, ok := l.node.(*Scan)
	if !ok {
		l.one = atMostOne(l.node)
		return estimate(l.node)
	}
	c := *s
	if a, _, ok := bestAccess(s, s.Filter, colSet{}); ok && !g.o.b.c.Options.DisableIndexes {
		c.Access = a
		l.one = a.one()
	}
	return scanRows(&c)
}

// leafCost is the cost of reading a leaf by itself.
func (g *joinGraph) leafCost(l *joinLeaf) float64 {
	s, ok := l.node.(*Scan)
	if !ok {
		return estimate(l.node) * costEntry
	}
	full := tableRows(s.Table) * costRow
	if g.o.b.c.Options.DisableIndexes {
		return full
	}
	if _, cost, ok := bestAccess(s, s.Filter, colSet{}); ok {
		return math.Min(full, cost)
	}
	return full
}

func (g *joinGraph) starts() []int {
	all := make([]int, len(g.leaves))
	for i := range all {
		all[i] = i
	}
	if len(all) <= tryEveryStart {
		return all
	}
	least := 0
	for i, l := range g.leaves {
		if l.rows < g.leaves[least].rows {
			least = i
		}
	}
	return []int{least}
}

// joinStep adds one leaf to a chain.
type joinStep struct {
	leaf   int
	method JoinMethod
	access Access
	preds  []expr.Expr
	rows   float64 // of the result
	left   float64 // tuples before the step
}

// chain builds a greedy chain from a first leaf and returns its cost.
func (g *joinGraph) chain(start int) ([]joinStep, float64) {
	first := g.leaves[start]
	steps := []joinStep{{leaf: start, rows: first.rows}}
	cost := g.leafCost(first)
	have := first.cols.clone()
	used := make([]bool, len(g.leaves))
	done := make([]bool, len(g.preds))
	used[start] = true
	rows := first.rows
	for len(steps) < len(g.leaves) {
		var next joinStep
		nextCost, found := 0.0, false
		for i, l := range g.leaves {
			if used[i] {
				continue
			}
			st, c := g.step(i, l, have, rows, done)
			if !found || better(st, c, next, nextCost) {
				next, nextCost, found = st, c, true
			}
		}
		steps = append(steps, next)
		cost += nextCost + next.rows*0.1
		rows = next.rows
		used[next.leaf] = true
		have.union(g.leaves[next.leaf].cols)
		for k, p := range g.preds {
			if p.cols.subsetOf(have) {
				done[k] = true
			}
		}
	}
	return steps, cost
}

// better prefers the step that leaves fewer rows, and among about equal ones the cheaper. A step without a condition
// that connects it is the last resort.
func better(a joinStep, ca float64, b joinStep, cb float64) bool {
	if (len(a.preds) > 0) != (len(b.preds) > 0) {
		if len(a.preds) > 0 {
			return true
		}
		return a.rows <= b.left && a.rows*1.01 < b.rows // a single row combines for nothing
	}
	if math.Abs(a.rows-b.rows) > 0.1*math.Max(a.rows, b.rows) {
		return a.rows < b.rows
	}
	return ca < cb
}

// step works out how leaf i joins what a chain has so far.
func (g *joinGraph) step(i int, l *joinLeaf, have colSet, rows float64, done []bool) (joinStep, float64) {
	st := joinStep{leaf: i, left: rows, method: LoopJoin}
	all := have.clone()
	all.union(l.cols)
	for k, p := range g.preds {
		if !done[k] && p.cols.subsetOf(all) {
			st.preds = append(st.preds, p.e)
		}
	}
	equal, unique := false, false
	for _, e := range st.preds {
		if _, ok := hashKey(e, have, l.cols); ok {
			equal = true
		}
	}
	cost := g.leafCost(l) + rows*l.rows*costCompare
	sel := joinSelectivity(independent(st.preds, l.cols), l.rows, rows)
	if equal {
		st.method = HashJoin
		cost = g.leafCost(l) + math.Min(l.rows, rows)*costBuild + math.Max(l.rows, rows)*costProbe
	}
	st.rows = math.Max(rows*l.rows*sel, 0.1)
	if s, ok := l.node.(*Scan); ok && !g.o.b.c.Options.DisableIndexes {
		conds := append(s.Filter[:len(s.Filter):len(s.Filter)], st.preds...)
		a, c, ok := bestAccess(s, conds, have)
		if ok && a.reads(have) {
			probe := *s
			probe.Access = a
			per := scanRows(&probe)
			unique = a.Unique
			_, forced := s.mayUse(a.Index, "join")
			if rows*c < cost || forced {
				st.method, st.access = LookupJoin, a
				cost = rows * c
				st.rows = math.Max(rows*per, 0.1)
			}
			if unique {
				st.rows = math.Min(st.rows, math.Max(rows, 0.1))
			}
		}
	}
	return st, cost
}

// independent leaves out equalities that repeat, for the estimate, what another one with the same column of the new leaf
// says: propagateEqualities adds such to give the join order a choice.
func independent(preds []expr.Expr, cols colSet) []expr.Expr {
	var seen colSet
	out := preds[:0:0]
	for _, e := range preds {
		if l, r, _, ok := columnEquality(e); ok {
			id := ColID(l.Slot)
			if !cols.has(id) {
				id = ColID(r.Slot)
			}
			if seen.has(id) {
				continue
			}
			seen.add(id)
		}
		out = append(out, e)
	}
	return out
}

// build makes the nodes of a chain.
func (g *joinGraph) build(steps []joinStep) Node {
	out := g.leaves[steps[0].leaf].node
	one := g.leaves[steps[0].leaf].one
	for _, st := range steps[1:] {
		l := g.leaves[st.leaf]
		j := &Join{Kind: InnerJoin, Left: out, Right: l.node, On: st.preds, Method: st.method}
		switch st.method {
		case LookupJoin:
			l.node.(*Scan).Access = st.access
			j.dropProven()
			one = one && st.access.one()
		case HashJoin:
			j.Method = LoopJoin
			if !one && !l.one {
				g.o.hashKeys(j)
				j.BuildLeft = st.left*2 < l.rows
			}
			one = one && l.one
		default:
			one = one && l.one
		}
		out = j
	}
	return out
}
