package plan

import (
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// setOp builds a UNION, EXCEPT or INTERSECT.
func (blk *block) setOp(n *sqlparser.Union, kind SetKind, all bool) (*result, error) {
	if n.Lock != "" {
		return nil, sqlerr.New(sqlerr.WrongUsage, "UNION", "FOR UPDATE")
	}
	left, err := blk.operand(n.Left)
	if err != nil {
		return nil, err
	}
	right, err := blk.operand(n.Right)
	if err != nil {
		return nil, err
	}
	res, err := blk.b.combine(kind, all, left, right)
	if err != nil {
		return nil, err
	}
	blk.countAll = blk.top && countsAll(n.Left)
	if len(n.OrderBy) == 0 && n.Limit == nil {
		res.calcFound = blk.countAll
		return res, nil
	}
	return blk.over(res, n.OrderBy, n.Limit)
}

// countsAll reports whether the first block of a query expression has SQL_CALC_FOUND_ROWS.
func countsAll(s sqlparser.SelectStatement) bool {
	switch n := s.(type) {
	case *sqlparser.ParenSelect:
		return countsAll(n.Select)
	case *sqlparser.Union:
		return countsAll(n.Left)
	}
	_, ext, ok := ast.SelectOf(s)
	return ok && ext != nil && ext.Modifiers&ast.CalcFoundRows != 0
}

// operand builds one side of a set operation. A left-deep chain is as deep as it is long, so it counts as nesting
// only beyond the parser's own limit.
func (blk *block) operand(stmt sqlparser.SelectStatement) (*result, error) {
	in := blk.partBlock()
	res, err := blk.b.queryIn(stmt, in)
	blk.takeArgs(in)
	return res, err
}

// combine makes a set operation of two results; the labels are those of the first.
func (b *builder) combine(kind SetKind, all bool, left, right *result) (*result, error) {
	if len(left.cols) != len(right.cols) {
		return nil, sqlerr.New(sqlerr.SetOpColumns)
	}
	op := &SetOp{Kind: kind, All: all, From: make([][]ColID, 2)}
	first := b.newCols(len(left.cols))
	out := &result{}
	var convL, convR []expr.Expr
	for i := range left.cols {
		l, r := left.cols[i].col, right.cols[i].col
		typ, err := b.mergeTypes("UNION", l.Typ, r.Typ)
		if err != nil {
			return nil, err
		}
		if kind != Union {
			t := *typ
			t.NotNull = l.Typ.NotNull
			typ = &t
		}
		convL, convR = append(convL, convertTo(l, typ)), append(convR, convertTo(r, typ))
		id := first + ColID(i)
		op.Cols, op.Typ = append(op.Cols, id), append(op.Typ, typ)
		meta := ResultColumn{Label: left.cols[i].meta.Label, Type: typ}
		out.cols = append(out.cols, resultCol{id: id, col: &expr.Column{Slot: int(id), Name: meta.Label, Typ: typ}, meta: meta})
	}
	if chain := left.extend(kind, all, convL); chain != nil {
		in, from := b.converted(right, convR)
		chain.add(in, from, op.Typ)
		for i := range out.cols {
			id := chain.Cols[i]
			out.cols[i].id, out.cols[i].col = id, &expr.Column{Slot: int(id), Name: out.cols[i].meta.Label, Typ: op.Typ[i]}
		}
		out.node = chain
		return out, nil
	}
	op.In = []Node{nil, nil}
	op.In[0], op.From[0] = b.converted(left, convL)
	op.In[1], op.From[1] = b.converted(right, convR)
	out.node = op
	return out, nil
}

// extend returns the UNION that r is, if another operand can be added to it: a UNION [DISTINCT] of a UNION of either
// kind drops duplicates once, a UNION ALL of a UNION ALL never. The columns must stay as they are.
func (r *result) extend(kind SetKind, all bool, conv []expr.Expr) *SetOp {
	s, ok := r.node.(*SetOp)
	if !ok || kind != Union || s.Kind != Union || all && !s.All {
		return nil
	}
	for i, e := range conv {
		if c, ok := e.(*expr.Column); !ok || c.Depth != 0 || ColID(c.Slot) != s.Cols[i] {
			return nil
		}
	}
	s.All = all
	return s
}

// add appends an operand.
func (s *SetOp) add(in Node, from []ColID, typ []*expr.Type) {
	s.In, s.From, s.Typ = append(s.In, in), append(s.From, from), typ
}

// converted puts a Project over the result for the columns whose expressions are more than the columns themselves.
func (b *builder) converted(r *result, exprs []expr.Expr) (Node, []ColID) {
	ids := make([]ColID, len(exprs))
	var items []Item
	for i, e := range exprs {
		if c, ok := e.(*expr.Column); ok && c.Depth == 0 {
			ids[i] = ColID(c.Slot)
			continue
		}
		ids[i] = b.newCol()
		items = append(items, Item{ID: ids[i], Expr: e})
	}
	if len(items) == 0 {
		return r.node, ids
	}
	return &Project{unary: unary{r.node}, Items: items}, ids
}

func (b *builder) mergeTypes(op string, types ...*expr.Type) (*expr.Type, error) {
	typ, err := expr.MergeTypes(op, b.session().ConnectionCollation(), types...)
	if err != nil {
		return nil, err
	}
	out := *typ
	out.NotNull = true
	for _, t := range types {
		out.NotNull = out.NotNull && t.NotNull
	}
	return &out, nil
}
