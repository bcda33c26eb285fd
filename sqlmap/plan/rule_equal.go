package plan

import (
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// Bounds of propagation: beyond them more conditions cost more than they save.
const (
	maxClassSize = 8
	maxImplied   = 32
)

// propagateEqualities finds columns that inner joins make equal. What a condition says of one of them against
// constants it then says of all, so that each table can use an index for it; and columns that are equal by way of a
// third become equal directly, so that joins may be made in more orders. Only columns of the same declared type take
// part: equal values of different types may differ in other comparisons.
func (o *optimizer) propagateEqualities(n Node) (Node, error) {
	return o.spreadOver(n), nil
}

func (o *optimizer) spreadOver(n Node) Node {
	j, ok := n.(*Join)
	if !ok || j.Kind != InnerJoin || j.Method == ApplyJoin {
		for i, in := range n.Inputs() {
			n.SetInput(i, o.spreadOver(in))
		}
		if ok && j.Kind == LeftJoin {
			o.spreadIntoOuter(j)
		}
		return n
	}
	c := &cluster{}
	c.collect(n)
	for i, leaf := range c.leaves {
		*c.places[i] = o.spreadOver(leaf)
		c.leaves[i] = *c.places[i]
	}
	classes := c.classes()
	if len(classes) == 0 {
		return n
	}
	implied := 0
	for _, cl := range classes {
		for _, cond := range c.constantConditions(cl) {
			for _, col := range cl.cols {
				if implied++; implied > maxImplied {
					return n
				}
				c.give(o, moveTo(cond, cl, col), ColID(col.Slot))
			}
		}
		c.direct(cl, j)
	}
	return n
}

// cluster is a tree of inner joins: the nodes under it and all conditions of the joins.
type cluster struct {
	leaves []Node
	places []*Node
	joins  []*Join
}

func (c *cluster) collect(n Node) {
	j := n.(*Join)
	c.joins = append(c.joins, j)
	for _, side := range []*Node{&j.Left, &j.Right} {
		if in, ok := (*side).(*Join); ok && in.Kind == InnerJoin && in.Method != ApplyJoin {
			c.collect(in)
			continue
		}
		c.leaves = append(c.leaves, *side)
		c.places = append(c.places, side)
	}
}

// eqClass is a set of equal columns.
type eqClass struct {
	cols []*expr.Column
	cmp  expr.Comparison
}

func (cl *eqClass) has(id int) bool {
	for _, c := range cl.cols {
		if c.Slot == id {
			return true
		}
	}
	return false
}

func (c *cluster) classes() []*eqClass {
	var out []*eqClass
	for _, j := range c.joins {
		for _, e := range j.On {
			l, r, cmp, ok := columnEquality(e)
			if !ok {
				continue
			}
			var a, b *eqClass
			for _, cl := range out {
				if cl.has(l.Slot) {
					a = cl
				}
				if cl.has(r.Slot) {
					b = cl
				}
			}
			switch {
			case a == nil && b == nil:
				out = append(out, &eqClass{cols: []*expr.Column{l, r}, cmp: cmp})
			case a == nil:
				b.cols = append(b.cols, l)
			case b == nil:
				a.cols = append(a.cols, r)
			case a != b:
				a.cols = append(a.cols, b.cols...)
				b.cols = nil
			}
		}
	}
	kept := out[:0]
	for _, cl := range out {
		if len(cl.cols) > 1 && len(cl.cols) <= maxClassSize {
			kept = append(kept, cl)
		}
	}
	return kept
}

// columnEquality recognises an equality of two columns of the same type.
func columnEquality(e expr.Expr) (l, r *expr.Column, cmp expr.Comparison, ok bool) {
	c, isCmp := e.(*expr.Compare)
	if !isCmp || c.Op != expr.CompareEqual {
		return nil, nil, cmp, false
	}
	l, lok := c.Left.(*expr.Column)
	r, rok := c.Right.(*expr.Column)
	if !lok || !rok || l.Depth != 0 || r.Depth != 0 || !l.Typ.Type.Equal(&r.Typ.Type) {
		return nil, nil, cmp, false
	}
	if !followsOrder(c.Cmp, &l.Typ.Type) {
		return nil, nil, cmp, false
	}
	return l, r, c.Cmp, true
}

// constantConditions returns the conditions in the leaves that compare a column of the class with constants.
func (c *cluster) constantConditions(cl *eqClass) []expr.Expr {
	var out []expr.Expr
	for _, leaf := range c.leaves {
		s, ok := leaf.(*Scan)
		if !ok {
			continue
		}
		for _, e := range s.Filter {
			if col := comparedColumn(e); col != nil && cl.has(col.Slot) {
				out = append(out, e)
			}
		}
	}
	return out
}

// comparedColumn returns the column that e compares with constants, or nil.
func comparedColumn(e expr.Expr) *expr.Column {
	var arg expr.Expr
	var rest []expr.Expr
	switch n := e.(type) {
	case *expr.Compare:
		if n.Op == expr.CompareNotEqual || n.Op == expr.CompareNullSafe {
			return nil
		}
		if _, ok := n.Left.(*expr.Column); ok {
			arg, rest = n.Left, []expr.Expr{n.Right}
		} else {
			arg, rest = n.Right, []expr.Expr{n.Left}
		}
	case *expr.Between:
		if n.Not {
			return nil
		}
		arg, rest = n.Arg, []expr.Expr{n.Lo, n.Hi}
	case *expr.InList:
		if n.Not {
			return nil
		}
		arg, rest = n.Arg, n.List
	default:
		return nil
	}
	col, ok := arg.(*expr.Column)
	if !ok || col.Depth != 0 {
		return nil
	}
	for _, r := range rest {
		if s := reads(r); !s.empty() || !expr.Deterministic(r) || expr.HasSubquery(r) {
			return nil
		}
	}
	return col
}

// moveTo returns the condition with col in the place of the class's column that it compares.
func moveTo(e expr.Expr, cl *eqClass, col *expr.Column) expr.Expr {
	return expr.Map(e, func(n expr.Expr) expr.Expr {
		if c, ok := n.(*expr.Column); ok && c.Depth == 0 && cl.has(c.Slot) {
			return col
		}
		return n
	})
}

// give adds a condition to the leaf that has the column, unless it says so already.
func (c *cluster) give(o *optimizer, e expr.Expr, id ColID) {
	for i, leaf := range c.leaves {
		if p := produced(leaf); p.has(id) {
			*c.places[i] = o.push(leaf, []expr.Expr{e})
			c.leaves[i] = *c.places[i]
			return
		}
	}
}

// direct adds the equalities that follow from others to the topmost join.
func (c *cluster) direct(cl *eqClass, top *Join) {
	if len(cl.cols) < 3 || len(c.leaves) < 3 {
		return
	}
	for i, a := range cl.cols {
		for _, b := range cl.cols[i+1:] {
			known := false
			for _, j := range c.joins {
				for _, e := range j.On {
					if l, r, _, ok := columnEquality(e); ok && (l.Slot == a.Slot && r.Slot == b.Slot || l.Slot == b.Slot && r.Slot == a.Slot) {
						known = true
					}
				}
			}
			if !known {
				top.On = append(top.On[:len(top.On):len(top.On)], &expr.Compare{Op: expr.CompareEqual, Left: a, Right: b, Cmp: cl.cmp})
			}
		}
	}
}

// spreadIntoOuter tells the right side of a LEFT JOIN what the left side's columns are compared with.
func (o *optimizer) spreadIntoOuter(j *Join) {
	s, ok := j.Left.(*Scan)
	if !ok {
		return
	}
	right := produced(j.Right)
	for _, e := range j.On {
		l, r, cmp, ok := columnEquality(e)
		if !ok {
			continue
		}
		if right.has(ColID(l.Slot)) {
			l, r = r, l
		}
		if s.Ord(ColID(l.Slot)) < 0 || !right.has(ColID(r.Slot)) {
			continue
		}
		cl := &eqClass{cols: []*expr.Column{l}, cmp: cmp}
		for _, cond := range s.Filter {
			if col := comparedColumn(cond); col != nil && col.Slot == l.Slot {
				j.Right = o.push(j.Right, []expr.Expr{moveTo(cond, cl, r)})
			}
		}
	}
}
