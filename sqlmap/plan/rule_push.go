package plan

import (
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// pushFilters moves every condition to the lowest place where its columns are there: into scans, into the sides of
// joins, through computed columns, grouping, DISTINCT, ORDER BY and set operations. It never moves a condition into the
// side of an outer join that may be filled with NULLs, nor past LIMIT.
func (o *optimizer) pushFilters(n Node) (Node, error) { return o.push(n, nil), nil }

// push returns n with the conditions applied at or below it.
func (o *optimizer) push(n Node, conds []expr.Expr) Node {
	switch n := n.(type) {
	case *Filter:
		all := append(n.Conds[:len(n.Conds):len(n.Conds)], conds...)
		return o.push(n.Input, all)
	case *Scan:
		return pushScan(n, conds)
	case *Project:
		return o.pushProject(n, conds)
	case *Join:
		return o.pushJoin(n, conds)
	case *Aggregate:
		return o.pushAggregate(n, conds)
	case *Distinct:
		var keys colSet
		readAll(n.Keys, &keys)
		down, stay := split(conds, func(e expr.Expr) bool { return within(e, keys) && expr.Deterministic(e) })
		n.Input = o.push(n.Input, down)
		return filter(n, stay)
	case *Sort:
		n.Input = o.push(n.Input, conds)
		return n
	case *SetOp:
		return o.pushSetOp(n, conds)
	case *Window:
		return o.pushWindow(n, conds)
	}
	for i, in := range n.Inputs() {
		n.SetInput(i, o.push(in, nil))
	}
	return filter(n, conds)
}

// filter puts the conditions on top of n.
func filter(n Node, conds []expr.Expr) Node {
	if len(conds) == 0 {
		return n
	}
	if f, ok := n.(*Filter); ok {
		f.Conds = append(f.Conds[:len(f.Conds):len(f.Conds)], conds...)
		return f
	}
	return &Filter{unary: unary{n}, Conds: conds}
}

func split(list []expr.Expr, pick func(expr.Expr) bool) (yes, no []expr.Expr) {
	for _, e := range list {
		if pick(e) {
			yes = append(yes, e)
		} else {
			no = append(no, e)
		}
	}
	return yes, no
}

// within reports whether e reads no columns but those of cols and of enclosing blocks.
func within(e expr.Expr, cols colSet) bool { return reads(e).subsetOf(cols) }

// correlated reports whether e contains a subquery that depends on columns.
func correlated(e expr.Expr) bool {
	found := false
	expr.Walk(e, func(n expr.Expr) bool {
		if s := asSubquery(n); s != nil && len(s.Args) > 0 {
			found = true
		}
		return !found
	})
	return found
}

// movable reports whether a condition may be evaluated on other rows, and more or less often, than it was written for.
func movable(e expr.Expr) bool { return expr.Deterministic(e) && !correlated(e) }

func pushScan(s *Scan, conds []expr.Expr) Node {
	down, stay := split(conds, movable)
	for _, e := range down {
		dup := false
		for _, have := range s.Filter {
			dup = dup || expr.Equal(have, e)
		}
		if !dup {
			s.Filter = append(s.Filter, e)
		}
	}
	return filter(s, stay)
}

func (o *optimizer) pushProject(p *Project, conds []expr.Expr) Node {
	var own, hard colSet
	for _, it := range p.Items {
		own.add(it.ID)
		if !expr.Deterministic(it.Expr) || expr.HasSubquery(it.Expr) {
			hard.add(it.ID)
		}
	}
	by := itemsByID(p.Items)
	var down, stay []expr.Expr
	for _, e := range conds {
		r := reads(e)
		switch {
		case r.intersects(hard) || !expr.Deterministic(e):
			stay = append(stay, e)
		case r.intersects(own):
			down = append(down, expr.SplitAnd(substitute(e, by))...)
		default:
			down = append(down, e)
		}
	}
	p.Input = o.push(p.Input, down)
	return filter(p, stay)
}

func (o *optimizer) pushJoin(j *Join, conds []expr.Expr) Node {
	left, right := produced(j.Left), produced(j.Right)
	var toLeft, toRight, on, stay []expr.Expr
	if j.Kind == InnerJoin {
		conds = append(j.On[:len(j.On):len(j.On)], conds...)
		for _, e := range conds {
			switch {
			case !movable(e):
				stay = append(stay, e)
			case within(e, left):
				toLeft = append(toLeft, e)
			case within(e, right) && j.mayEnterRight(e):
				toRight = append(toRight, e)
			default:
				on = append(on, e)
			}
		}
	} else {
		toLeft, stay = split(conds, func(e expr.Expr) bool { return within(e, left) && movable(e) })
		for _, e := range j.On {
			switch {
			case movable(e) && within(e, right) && !within(e, left) && j.mayEnterRight(e):
				toRight = append(toRight, e)
			case movable(e) && within(e, left) && j.Kind == SemiJoin:
				toLeft = append(toLeft, e)
			default:
				on = append(on, e)
			}
		}
	}
	j.Left, j.Right, j.On = o.push(j.Left, toLeft), o.push(j.Right, toRight), on
	return filter(j, stay)
}

// mayEnterRight reports whether a condition on the right side means the same inside it: the right side of an ApplyJoin
// has other outer columns.
func (j *Join) mayEnterRight(e expr.Expr) bool {
	return j.Method != ApplyJoin || expr.MaxColumnDepth(e) <= 0
}

func (o *optimizer) pushAggregate(a *Aggregate, conds []expr.Expr) Node {
	var down, stay []expr.Expr
	keys := make(map[ColID]expr.Expr, len(a.Groups))
	var own colSet
	for _, g := range a.Groups {
		keys[g.ID] = g.Expr
		own.add(g.ID)
	}
	for _, e := range conds {
		if len(a.Groups) == 0 || a.Rollup || !within(e, own) || !movable(e) {
			stay = append(stay, e)
			continue
		}
		down = append(down, substitute(e, keys))
	}
	a.Input = o.push(a.Input, down)
	return filter(a, stay)
}

func (o *optimizer) pushSetOp(s *SetOp, conds []expr.Expr) Node {
	down, stay := split(conds, movable)
	for k := range s.In {
		by := make(map[ColID]expr.Expr, len(s.Cols))
		for i, id := range s.Cols {
			by[id] = s.column(k, i)
		}
		in := make([]expr.Expr, len(down))
		for i, e := range down {
			in[i] = substitute(e, by)
		}
		s.In[k] = o.push(s.In[k], in)
	}
	return filter(s, stay)
}

// column returns the column of operand k that makes up column i.
func (s *SetOp) column(k, i int) *expr.Column {
	id := s.From[k][i]
	c := &expr.Column{Slot: int(id), Name: "column " + itoa(i+1), Typ: s.Typ[i]}
	nameColumn(s.In[k], id, c)
	return c
}

// nameColumn finds the name of a column for EXPLAIN.
func nameColumn(n Node, id ColID, c *expr.Column) {
	if s, ok := n.(*Scan); ok {
		if o := s.Ord(id); o >= 0 {
			c.Schema, c.Table, c.Name = s.Schema, s.Name, s.Table.Def().Columns[o].Name
		}
	}
	for _, in := range n.Inputs() {
		nameColumn(in, id, c)
	}
}

func (o *optimizer) pushWindow(w *Window, conds []expr.Expr) Node {
	var down, stay []expr.Expr
	for _, e := range conds {
		ok := movable(e)
		for _, it := range w.Items {
			var part colSet
			for _, p := range it.Call.PartitionBy {
				if id, isCol := localColumn(p); isCol {
					part.add(id)
				}
			}
			ok = ok && within(e, part)
		}
		if ok {
			down = append(down, e)
		} else {
			stay = append(stay, e)
		}
	}
	w.Input = o.push(w.Input, down)
	return filter(w, stay)
}
