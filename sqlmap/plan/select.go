package plan

import (
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// selectBlock builds one SELECT.
func (blk *block) selectBlock(sel *sqlparser.Select, ext *ast.SelectExt) (*result, error) {
	node, err := blk.source(sel, ext)
	if err != nil {
		return nil, err
	}
	if ext != nil {
		blk.rollup = ext.Rollup
	}
	if err := blk.selectList(sel.SelectExprs); err != nil {
		return nil, err
	}
	if err := blk.groupBy(sel.GroupBy); err != nil {
		return nil, err
	}
	having, err := blk.bindHaving(sel.Having)
	if err != nil {
		return nil, err
	}
	order, err := blk.bindOrder(sel.OrderBy, sel.Limit != nil)
	if err != nil {
		return nil, err
	}
	limit, err := blk.bindLimit(sel.Limit)
	if err != nil {
		return nil, err
	}
	distinct := sel.Distinct != ""
	b := &assembly{blk: blk, node: node, having: having, order: order, limit: limit, distinct: distinct}
	if ext != nil && ext.Modifiers&ast.CalcFoundRows != 0 && blk.top {
		b.calcFound = true
	}
	return b.assemble()
}

// source builds FROM and WHERE.
func (blk *block) source(sel *sqlparser.Select, ext *ast.SelectExt) (Node, error) {
	blk.rel = &relation{}
	node := Node(&Values{Rows: make([][]expr.Expr, 1)})
	if len(sel.From) > 0 {
		rel, err := blk.from(sel.From, nil)
		if err != nil {
			return nil, err
		}
		blk.rel, node = rel, rel.node
	}
	if sel.Hints == sqlparser.StraightJoinHint {
		fixJoins(node)
	}
	if err := blk.lockClauses(sel, ext); err != nil {
		return nil, err
	}
	if sel.Where == nil || sel.Where.Expr == nil {
		return node, nil
	}
	e, err := expr.Bind(sel.Where.Expr, blk.scopeOf(inWhere))
	if err != nil {
		return nil, err
	}
	return &Filter{unary: unary{node}, Conds: expr.SplitAnd(e)}, nil
}

func fixJoins(n Node) {
	if j, ok := n.(*Join); ok {
		j.Fixed = true
		fixJoins(j.Left)
		fixJoins(j.Right)
	}
}

// selectList binds the select list; stars are expanded.
func (blk *block) selectList(list sqlparser.SelectExprs) error {
	for n, se := range list {
		switch x := se.(type) {
		case *sqlparser.StarExpr:
			if err := blk.star(x, n+1); err != nil {
				return err
			}
		case *ast.SelectItem:
			if err := blk.addItem(x.Expr, x.Label, x.Aliased, n+1); err != nil {
				return err
			}
		case *sqlparser.AliasedExpr:
			if err := blk.addItem(x.Expr, x.As.String(), !x.As.IsEmpty(), n+1); err != nil {
				return err
			}
		default:
			return sqlerr.New(sqlerr.NotSupported, "NEXT VALUE")
		}
		if len(blk.items) > maxColumns {
			return sqlerr.New(sqlerr.TooManyFields)
		}
	}
	return nil
}

// star expands * and t.*.
func (blk *block) star(x *sqlparser.StarExpr, number int) error {
	q := x.TableName
	s := blk.scopeOf(inFieldList)
	if q.IsEmpty() {
		if len(blk.rel.tables) == 0 {
			return sqlerr.New(sqlerr.NoTablesUsed)
		}
		for i := range blk.rel.vis {
			v := &blk.rel.vis[i]
			if c := &v.tab.cols[v.pos]; !c.hidden {
				blk.addColumn(s.shown(v.tab, v.expr), c.meta, number)
			}
		}
		return nil
	}
	found := false
	for _, t := range blk.rel.tables {
		if !t.answersTo(q) {
			continue
		}
		found = true
		for i := range t.cols {
			if c := &t.cols[i]; !c.hidden {
				blk.addColumn(s.shown(t, c.col), c.meta, number)
			}
		}
	}
	if !found {
		return sqlerr.New(sqlerr.UnknownTable, q.Name.String())
	}
	return nil
}

func (blk *block) addColumn(e expr.Expr, meta ResultColumn, number int) {
	it := &item{expr: e, label: meta.Label, meta: meta, number: number}
	if c, ok := e.(*expr.Column); ok && c.Depth == 0 {
		it.id = ColID(c.Slot)
	} else {
		it.id = blk.b.newCol()
	}
	blk.items = append(blk.items, it)
}

func (blk *block) addItem(e sqlparser.Expr, label string, aliased bool, number int) error {
	bound, err := expr.Bind(e, blk.scopeOf(inFieldList))
	if err != nil {
		return err
	}
	meta := ResultColumn{Type: bound.Type()}
	if c := expr.UnzonedColumn(bound); c != nil {
		if m := blk.metaOf(c); m != nil {
			meta = *m
		}
		meta.Type = c.Typ
	}
	meta.Label = label
	blk.addColumn(bound, meta, number)
	it := blk.items[len(blk.items)-1]
	it.label, it.aliased = label, aliased
	return nil
}

// metaOf finds what the client is told about a column of the block's tables.
func (blk *block) metaOf(c *expr.Column) *ResultColumn {
	if c.Depth != 0 || blk.rel == nil {
		return nil
	}
	for _, t := range blk.rel.tables {
		for i := range t.cols {
			if t.cols[i].col.Slot == c.Slot && t.name == c.Table {
				return &t.cols[i].meta
			}
		}
	}
	return nil
}

// groupBy binds GROUP BY.
func (blk *block) groupBy(list sqlparser.GroupBy) error {
	for _, g := range list {
		e, err := blk.bindPosition(g, inGroup)
		if err != nil {
			return err
		}
		if blk.readsAggregate(e) {
			return sqlerr.New(sqlerr.WrongGroupField, expr.String(e))
		}
		k := groupKey{expr: e, key: expr.Key(e)}
		dup := false
		for i := range blk.groups {
			dup = dup || blk.groups[i].key == k.key
		}
		if dup && !blk.rollup {
			continue
		}
		c, isCol := e.(*expr.Column)
		switch {
		case isCol && c.Depth == 0 && !blk.rollup:
			k.id, k.col = ColID(c.Slot), c
		default:
			k.id = blk.b.newCol()
			typ := *e.Type()
			if blk.rollup {
				typ.NotNull = false
			}
			k.col = &expr.Column{Slot: int(k.id), Typ: &typ, Name: expr.String(e)}
			if isCol {
				k.col.Schema, k.col.Table, k.col.Name = c.Schema, c.Table, c.Name
			}
		}
		blk.groups = append(blk.groups, k)
	}
	if len(list) > 0 {
		blk.grouped = true
	}
	return nil
}

// bindPosition binds an element of GROUP BY or ORDER BY: a position in the select list, a name, or an expression.
func (blk *block) bindPosition(e sqlparser.Expr, c clause) (expr.Expr, error) {
	s := blk.scopeOf(c)
	for {
		p, ok := e.(*sqlparser.ParenExpr)
		if !ok {
			break
		}
		e = p.Expr
	}
	if l, ok := e.(*ast.Literal); ok && l.Kind == ast.LitInt {
		n := l.Value.Int64()
		if n < 1 || n > int64(len(blk.items)) {
			return nil, sqlerr.New(sqlerr.UnknownColumn, l.Text(), clauseText[c])
		}
		return blk.itemRef(s, blk.items[n-1])
	}
	if name, ok := e.(*sqlparser.ColName); ok {
		return blk.bindName(s, name)
	}
	return expr.Bind(e, s)
}

// bindName resolves a bare name: GROUP BY looks in the tables first, ORDER BY in the select list.
func (blk *block) bindName(s *scope, name *sqlparser.ColName) (expr.Expr, error) {
	if s.clause == inOrder {
		if name.Qualifier.Name.IsEmpty() {
			e, err := blk.aliasRef(s, name.Name.String())
			if e != nil || err != nil {
				return e, err
			}
		}
	}
	return s.ResolveColumn(name)
}

func (blk *block) bindHaving(h *sqlparser.Where) ([]expr.Expr, error) {
	if h == nil || h.Expr == nil {
		return nil, nil
	}
	e, err := expr.Bind(h.Expr, blk.scopeOf(inHaving))
	if err != nil {
		return nil, err
	}
	return expr.SplitAnd(e), nil
}

// bindOrder binds ORDER BY. Where nobody can see the order it is bound for its errors only.
func (blk *block) bindOrder(list sqlparser.OrderBy, limited bool) ([]SortKey, error) {
	var keys []SortKey
	for _, o := range list {
		e, err := blk.bindPosition(o.Expr, inOrder)
		if err != nil {
			return nil, err
		}
		keys = append(keys, SortKey{Expr: e, Desc: o.Direction == sqlparser.DescScr})
	}
	if !limited && !blk.top && !blk.keepOrder {
		return nil, nil
	}
	return keys, nil
}

// limitSpec is a bound LIMIT.
type limitSpec struct{ count, offset expr.Expr }

func (blk *block) bindLimit(l *sqlparser.Limit) (*limitSpec, error) {
	if l == nil {
		return nil, nil
	}
	s := &scope{blk: &block{b: blk.b}, clause: inLimit}
	out := &limitSpec{}
	var err error
	if l.Rowcount != nil {
		if out.count, err = expr.Bind(l.Rowcount, s); err != nil {
			return nil, err
		}
	}
	if l.Offset != nil {
		if out.offset, err = expr.Bind(l.Offset, s); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// values builds VALUES ROW(…), ….
func (blk *block) values(v *ast.ValuesStmt) (*result, error) {
	rows, types, err := blk.bindRows(v.Rows)
	if err != nil {
		return nil, err
	}
	first := blk.b.newCols(len(types))
	node := &Values{Rows: rows}
	st := &scopeTable{cols: make([]scopeCol, len(types))}
	for i, t := range types {
		label := "column_" + itoa(i)
		id := first + ColID(i)
		node.Cols = append(node.Cols, id)
		st.cols[i] = scopeCol{
			col:  &expr.Column{Slot: int(id), Name: label, Typ: t},
			meta: ResultColumn{Label: label, Type: t},
		}
	}
	blk.rel = newRelation(node, st)
	for i := range st.cols {
		blk.addColumn(st.cols[i].col, st.cols[i].meta, i+1)
	}
	order, err := blk.bindOrder(v.OrderBy, v.Limit != nil)
	if err != nil {
		return nil, err
	}
	limit, err := blk.bindLimit(v.Limit)
	if err != nil {
		return nil, err
	}
	a := &assembly{blk: blk, node: node, order: order, limit: limit}
	return a.assemble()
}

// bindRows binds rows of VALUES and unifies the types of each column.
func (blk *block) bindRows(rows *ast.Rows) ([][]expr.Expr, []*expr.Type, error) {
	s := &scope{blk: blk, clause: inFieldList}
	out := make([][]expr.Expr, rows.Len())
	var types []*expr.Type
	coll := s.Session().ConnectionCollation()
	for i := range out {
		vals, exprs := rows.Row(i)
		if i > 0 && len(vals) != len(types) {
			return nil, nil, sqlerr.New(sqlerr.WrongValueCount, i+1)
		}
		row := make([]expr.Expr, len(vals))
		for k, v := range vals {
			row[k] = &expr.Literal{Val: v, Typ: expr.ValueType(v, coll)}
		}
		for k := range exprs.Len() {
			col, e := exprs.Cell(k)
			bound, err := expr.Bind(e, s)
			if err != nil {
				return nil, nil, err
			}
			row[col] = bound
		}
		for k, e := range row {
			if i == 0 {
				types = append(types, e.Type())
				continue
			}
			var err error
			if types[k], err = blk.b.mergeTypes("VALUES", types[k], e.Type()); err != nil {
				return nil, nil, err
			}
		}
		out[i] = row
	}
	for _, row := range out {
		for k := range row {
			row[k] = convertTo(row[k], types[k])
		}
	}
	return out, types, nil
}

// lockClauses resolves FOR UPDATE and FOR SHARE against the block's tables.
func (blk *block) lockClauses(sel *sqlparser.Select, ext *ast.SelectExt) error {
	var list []ast.LockClause
	switch {
	case ext != nil && len(ext.Locks) > 0:
		list = ext.Locks
	case sel.Lock == sqlparser.ForUpdateStr:
		list = []ast.LockClause{{}}
	case sel.Lock == sqlparser.ShareModeStr:
		list = []ast.LockClause{{Share: true}}
	}
	seen := map[*scopeTable]bool{}
	for _, lc := range list {
		blk.locks = append(blk.locks, lockClause{LockClause: lc, all: len(lc.Of) == 0})
		for _, of := range lc.Of {
			var hit *scopeTable
			for _, t := range blk.rel.tables {
				if t.answersTo(of) {
					hit = t
				}
			}
			if hit == nil {
				return sqlerr.New(sqlerr.LockUnresolved, quoted(of))
			}
			if seen[hit] {
				return sqlerr.New(sqlerr.LockTableTwice, quoted(of))
			}
			seen[hit] = true
		}
	}
	return nil
}

func quoted(n sqlparser.TableName) string {
	if n.Qualifier.IsEmpty() {
		return "`" + n.Name.String() + "`"
	}
	return "`" + n.Qualifier.String() + "`.`" + n.Name.String() + "`"
}

// nested builds a parenthesised query expression with ORDER BY and LIMIT of its own.
func (blk *block) nested(n *ast.Nested) (*result, error) {
	in := blk.partBlock()
	in.top, in.keepOrder = false, true
	res, err := blk.b.queryIn(n.Left, in)
	blk.takeArgs(in)
	if err != nil {
		return nil, err
	}
	return blk.over(res, n.OrderBy, n.Limit)
}

// over puts ORDER BY and LIMIT on top of a built query expression whose columns they refer to by name.
func (blk *block) over(res *result, orderBy sqlparser.OrderBy, lim *sqlparser.Limit) (*result, error) {
	st := &scopeTable{cols: make([]scopeCol, len(res.cols))}
	for i := range res.cols {
		c := &res.cols[i]
		col := &expr.Column{Slot: int(c.id), Name: c.meta.Label, Typ: c.col.Typ}
		st.cols[i] = scopeCol{col: col, meta: c.meta}
	}
	blk.rel = newRelation(res.node, st)
	for i := range st.cols {
		blk.addColumn(st.cols[i].col, st.cols[i].meta, i+1)
	}
	order, err := blk.bindOrder(orderBy, lim != nil)
	if err != nil {
		return nil, err
	}
	limit, err := blk.bindLimit(lim)
	if err != nil {
		return nil, err
	}
	a := &assembly{blk: blk, node: res.node, order: order, limit: limit, calcFound: blk.countAll}
	return a.assemble()
}

func itoa(i int) string {
	var buf [20]byte
	at := len(buf)
	for {
		at--
		buf[at] = byte('0' + i%10)
		if i /= 10; i == 0 {
			return string(buf[at:])
		}
	}
}
