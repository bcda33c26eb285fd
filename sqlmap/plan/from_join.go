package plan

import (
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// joinExpr builds an explicit join.
func (blk *block) joinExpr(n *sqlparser.JoinTableExpr, outerLeft *relation) (*relation, error) {
	l, err := blk.tableExpr(n.LeftExpr, outerLeft)
	if err != nil {
		return nil, err
	}
	if l.apply != nil {
		// A LATERAL table at the head of a join refers to what stands before the join.
		return nil, sqlerr.New(sqlerr.NotSupported, "LATERAL on the left side of JOIN")
	}
	visibleLeft := l.rel
	if outerLeft != nil {
		visibleLeft = &relation{
			tables: append(append([]*scopeTable(nil), outerLeft.tables...), l.rel.tables...),
			vis:    append(append([]visible(nil), outerLeft.vis...), l.rel.vis...),
		}
	}
	r, err := blk.tableExpr(n.RightExpr, visibleLeft)
	if err != nil {
		return nil, err
	}
	kind := InnerJoin
	natural := false
	switch n.Join {
	case sqlparser.LeftJoinStr:
		kind = LeftJoin
	case sqlparser.NaturalLeftJoinStr:
		kind, natural = LeftJoin, true
	case sqlparser.RightJoinStr, sqlparser.NaturalRightJoinStr:
		natural = n.Join == sqlparser.NaturalRightJoinStr
		return blk.rightJoin(n, l.rel, r, natural)
	case sqlparser.NaturalJoinStr:
		natural = true
	}
	spec := &joinSpec{on: n.Condition.On, using: n.Condition.Using, natural: natural}
	spec.fixed = n.Join == sqlparser.StraightJoinStr
	return blk.join(l.rel, r, kind, spec)
}

func (blk *block) rightJoin(n *sqlparser.JoinTableExpr, l *relation, r *part, natural bool) (*relation, error) {
	if r.apply != nil {
		return nil, sqlerr.New(sqlerr.NotSupported, "LATERAL in RIGHT JOIN")
	}
	spec := &joinSpec{on: n.Condition.On, using: n.Condition.Using, natural: natural, right: true}
	return blk.join(l, r, LeftJoin, spec)
}

// joinSpec is what a join says beyond its sides.
type joinSpec struct {
	on      sqlparser.Expr
	using   sqlparser.Columns
	natural bool
	right   bool // RIGHT JOIN: the right side is the one that is kept
	fixed   bool
}

// join joins a part to what stands on its left (nil: nothing, for a LATERAL table that reads enclosing blocks).
func (blk *block) join(l *relation, p *part, kind JoinKind, spec *joinSpec) (*relation, error) {
	if spec == nil {
		spec = &joinSpec{}
	}
	r := p.rel
	if l == nil {
		l = &relation{node: &Values{Rows: make([][]expr.Expr, 1)}}
	}
	if err := uniqueNames(l, r); err != nil {
		return nil, err
	}
	out := &relation{tables: append(append([]*scopeTable(nil), l.tables...), r.tables...)}
	j := &Join{Kind: kind, Left: l.node, Right: r.node, Fixed: spec.fixed}
	if spec.right {
		j.Left, j.Right = r.node, l.node
	}
	if p.apply != nil {
		j.Method, j.Args, j.Fixed = ApplyJoin, p.apply, true
	}
	out.node = j
	names, err := commonNames(l, r, spec)
	if err != nil {
		return nil, err
	}
	conds, err := blk.mergeColumns(out, l, r, names, spec.right)
	if err != nil {
		return nil, err
	}
	j.On = conds
	if spec.on != nil {
		s := &scope{blk: blk, rel: out, clause: inOn}
		e, err := expr.Bind(spec.on, s)
		if err != nil {
			return nil, err
		}
		j.On = append(j.On, expr.SplitAnd(e)...)
	}
	if kind == LeftJoin {
		if spec.right {
			nullable(out, l.tables)
		} else {
			nullable(out, r.tables)
		}
	}
	return out, nil
}

func uniqueNames(l, r *relation) error {
	for _, a := range l.tables {
		for _, b := range r.tables {
			if a.name == b.name && (a.schema == b.schema || a.schema == "" || b.schema == "") {
				return sqlerr.New(sqlerr.NonUniqueTable, b.name)
			}
		}
	}
	return nil
}

// commonNames returns the names that USING or NATURAL merges.
func commonNames(l, r *relation, spec *joinSpec) ([]string, error) {
	if !spec.natural {
		names := make([]string, len(spec.using))
		for i := range spec.using {
			names[i] = spec.using[i].String()
		}
		return names, nil
	}
	var names []string
	for i := range l.vis {
		n := l.vis[i].name()
		if l.vis[i].tab.cols[l.vis[i].pos].hidden {
			continue
		}
		for k := range r.vis {
			if strings.EqualFold(n, r.vis[k].name()) && !r.vis[k].tab.cols[r.vis[k].pos].hidden {
				names = append(names, n)
				break
			}
		}
	}
	return names, nil
}

// mergeColumns fills in out's visible columns and returns the equalities of the merged ones.
func (blk *block) mergeColumns(out, l, r *relation, names []string, right bool) ([]expr.Expr, error) {
	if len(names) == 0 {
		out.vis = append(append([]visible(nil), l.vis...), r.vis...)
		return nil, nil
	}
	var conds []expr.Expr
	usedL, usedR := make([]bool, len(l.vis)), make([]bool, len(r.vis))
	for i, n := range names {
		for _, prior := range names[:i] {
			if strings.EqualFold(prior, n) {
				return nil, sqlerr.New(sqlerr.AmbiguousColumn, n, clauseText[inFrom])
			}
		}
		lp, err := pick(l, n)
		if err != nil {
			return nil, err
		}
		rp, err := pick(r, n)
		if err != nil {
			return nil, err
		}
		cond, err := blk.compare(sqlparser.EqualStr, l.vis[lp].expr, r.vis[rp].expr)
		if err != nil {
			return nil, err
		}
		usedL[lp], usedR[rp] = true, true
		conds = append(conds, expr.SplitAnd(cond)...)
	}
	// The merged columns come first, in their order in the leading side, which is the one that RIGHT JOIN keeps.
	lead, used, other, usedOther := l, usedL, r, usedR
	if right {
		lead, used, other, usedOther = r, usedR, l, usedL
	}
	for i := range lead.vis {
		if used[i] {
			v := lead.vis[i]
			v.merged = true
			out.vis = append(out.vis, v)
		}
	}
	appendUnused := func(vis []visible, used []bool) {
		for i := range vis {
			if !used[i] {
				out.vis = append(out.vis, vis[i])
			}
		}
	}
	appendUnused(lead.vis, used)
	appendUnused(other.vis, usedOther)
	return conds, nil
}

func pick(rel *relation, name string) (int, error) {
	at := -1
	for i := range rel.vis {
		if strings.EqualFold(rel.vis[i].name(), name) {
			if at >= 0 {
				return 0, sqlerr.New(sqlerr.AmbiguousColumn, name, clauseText[inFrom])
			}
			at = i
		}
	}
	if at < 0 {
		return 0, sqlerr.New(sqlerr.UnknownColumn, name, clauseText[inFrom])
	}
	return at, nil
}

// nullable makes the columns of the tables nullable: an outer join may not find a row for them.
func nullable(out *relation, tables []*scopeTable) {
	for _, t := range tables {
		fresh := *t
		fresh.cols = make([]scopeCol, len(t.cols))
		for i := range t.cols {
			fresh.cols[i] = t.cols[i].nullable()
		}
		for i := range out.tables {
			if out.tables[i] == t {
				out.tables[i] = &fresh
			}
		}
		for i := range out.vis {
			if v := &out.vis[i]; v.tab == t {
				v.tab, v.expr = &fresh, fresh.cols[v.pos].col
			}
		}
	}
}

func (c scopeCol) nullable() scopeCol {
	if !c.col.Typ.NotNull {
		return c
	}
	typ := *c.col.Typ
	typ.NotNull = false
	col := *c.col
	col.Typ = &typ
	c.col = &col
	c.meta.Type = &typ
	return c
}

// pairScope binds a comparison of two expressions that are bound already.
type pairScope struct {
	*scope
	l, r expr.Expr
}

func (p *pairScope) ResolveColumn(n *sqlparser.ColName) (expr.Expr, error) {
	if n == pairLeft {
		return p.l, nil
	}
	return p.r, nil
}

var (
	pairLeft  = &sqlparser.ColName{Name: sqlparser.NewColIdent("left")}
	pairRight = &sqlparser.ColName{Name: sqlparser.NewColIdent("right")}
)

// compare returns l op r.
func (blk *block) compare(op string, l, r expr.Expr) (expr.Expr, error) {
	s := &pairScope{scope: &scope{blk: blk, clause: inOn}, l: l, r: r}
	return expr.Bind(&sqlparser.ComparisonExpr{Operator: op, Left: pairLeft, Right: pairRight}, s)
}
