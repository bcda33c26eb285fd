package plan

import (
	"slices"

	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// pruneColumns tells each node which columns are needed above it: scans decode only those, projections compute only
// those. Every other rule may leave columns behind; this one runs last.
func (o *optimizer) pruneColumns(n Node) (Node, error) {
	var need colSet
	need.addAll(o.output)
	return prune(n, need), nil
}

// prune returns n reduced to what need asks for. Columns of other nodes in need are ignored.
func prune(n Node, need colSet) Node {
	switch n := n.(type) {
	case *Scan:
		pruneScan(n, need)
	case *CTEScan:
		n.Need = make([]bool, len(n.Cols))
		for i, id := range n.Cols {
			n.Need[i] = need.has(id)
		}
	case *Project:
		return pruneProject(n, need)
	case *Join:
		below := need.clone()
		ownExprs(n, &below)
		if n.Method == LookupJoin {
			n.Right.(*Scan).Access.exprs(func(e *expr.Expr) { read(*e, &below) })
		}
		n.Left = prune(n.Left, below)
		n.Right = prune(n.Right, below)
	case *Aggregate:
		pruneAggregate(n, need)
	case *Window:
		kept := n.Items[:0]
		for _, it := range n.Items {
			if need.has(it.ID) {
				kept = append(kept, it)
			}
		}
		n.Items = kept
		if len(kept) == 0 {
			return prune(n.Input, need)
		}
		below := need.clone()
		ownExprs(n, &below)
		n.Input = prune(n.Input, below)
	case *SetOp:
		pruneSetOp(n, need)
	case *Lock:
		pruneLock(n, need)
	case *Values:
		pruneValues(n, need)
	default:
		below := need.clone()
		ownExprs(n, &below)
		for i, in := range n.Inputs() {
			n.SetInput(i, prune(in, below))
		}
	}
	return n
}

func pruneScan(s *Scan, need colSet) {
	s.Need = schema.ColSet{}
	for i := range s.Table.Def().Columns {
		if need.has(s.Col(i)) {
			s.Need = s.Need.With(i)
		}
	}
}

// pruneProject keeps the items that are read above or by a later item.
func pruneProject(p *Project, need colSet) Node {
	below := need.clone()
	kept := make([]Item, 0, len(p.Items))
	for i := len(p.Items) - 1; i >= 0; i-- {
		if it := p.Items[i]; below.has(it.ID) {
			kept = append(kept, it)
			read(it.Expr, &below)
		}
	}
	slices.Reverse(kept)
	in := prune(p.Input, below)
	if len(kept) == 0 {
		return in
	}
	p.Items, p.Input = kept, in
	return p
}

func pruneAggregate(a *Aggregate, need colSet) {
	kept := make([]AggItem, 0, len(a.Aggs))
	for _, it := range a.Aggs {
		if need.has(it.ID) {
			kept = append(kept, it)
		}
	}
	a.Aggs = kept
	var below colSet
	ownExprs(a, &below)
	a.Input = prune(a.Input, below)
}

// pruneSetOp drops columns that nobody reads where rows are not compared as a whole.
func pruneSetOp(s *SetOp, need colSet) {
	if s.Kind == Union && s.All {
		var cols []ColID
		typ := s.Typ[:0:0]
		from := make([][]ColID, len(s.From))
		for i, id := range s.Cols {
			if !need.has(id) {
				continue
			}
			cols, typ = append(cols, id), append(typ, s.Typ[i])
			for k := range s.From {
				from[k] = append(from[k], s.From[k][i])
			}
		}
		s.Cols, s.Typ, s.From = cols, typ, from
	}
	for k := range s.In {
		var below colSet
		below.addAll(s.From[k])
		s.In[k] = prune(s.In[k], below)
	}
}

// pruneLock asks for what the lock reads again; of what it computes again only what is read.
func pruneLock(l *Lock, need colSet) {
	below := need.clone()
	readAll(l.Conds, &below)
	for _, k := range l.Keys {
		read(k.Expr, &below)
	}
	for i := len(l.Compute) - 1; i >= 0; i-- {
		if below.has(l.Compute[i].ID) {
			read(l.Compute[i].Expr, &below)
		}
	}
	kept := l.Compute[:0:0]
	for _, it := range l.Compute {
		if below.has(it.ID) {
			kept = append(kept, it)
		}
	}
	l.Compute = kept
	for i := range l.Tables {
		below.add(l.Tables[i].Scan.RowID)
	}
	l.Input = prune(l.Input, below)
}

func pruneValues(v *Values, need colSet) {
	var at []int
	for i, id := range v.Cols {
		if need.has(id) {
			at = append(at, i)
		}
	}
	if len(at) == len(v.Cols) {
		return
	}
	cols := make([]ColID, len(at))
	for k, i := range at {
		cols[k] = v.Cols[i]
	}
	for r, row := range v.Rows {
		short := row[:0:0]
		for _, i := range at {
			short = append(short, row[i])
		}
		v.Rows[r] = short
	}
	v.Cols = cols
}
