package plan

import (
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// from builds the FROM clause: the comma-separated parts are joined from left to right.
func (blk *block) from(list sqlparser.TableExprs, left *relation) (*relation, error) {
	rel := left
	for _, te := range list {
		part, err := blk.tableExpr(te, rel)
		if err != nil {
			return nil, err
		}
		if part.apply != nil || rel != nil {
			rel, err = blk.join(rel, part, InnerJoin, nil)
			if err != nil {
				return nil, err
			}
			continue
		}
		rel = part.rel
	}
	if len(rel.tables) > maxTables {
		return nil, sqlerr.New(sqlerr.TooManyTables, maxTables)
	}
	return rel, nil
}

// part is a table expression that is about to be joined to what stands on its left.
type part struct {
	rel *relation
	// apply holds, for a LATERAL table, the columns on the left that it reads.
	apply []expr.Expr
}

// tableExpr builds one table expression. left is what LATERAL tables in it may refer to.
func (blk *block) tableExpr(te sqlparser.TableExpr, left *relation) (*part, error) {
	switch n := te.(type) {
	case *sqlparser.ParenTableExpr:
		rel, err := blk.from(n.Exprs, nil)
		if err != nil {
			return nil, err
		}
		return &part{rel: rel}, nil
	case *sqlparser.JoinTableExpr:
		rel, err := blk.joinExpr(n, left)
		if err != nil {
			return nil, err
		}
		return &part{rel: rel}, nil
	}
	tab, hints, cols, lateral, ok := ast.TableOf(te)
	if !ok {
		return nil, sqlerr.New(sqlerr.NotSupported, "this form of table reference")
	}
	if len(tab.Partitions) > 0 {
		return nil, sqlerr.New(sqlerr.NotSupported, "PARTITION in FROM")
	}
	switch src := tab.Expr.(type) {
	case sqlparser.TableName:
		rel, err := blk.namedTable(src, tab.As.String(), hints)
		if err != nil {
			return nil, err
		}
		return &part{rel: rel}, nil
	case *sqlparser.Subquery:
		if tab.As.IsEmpty() {
			return nil, sqlerr.New(sqlerr.DerivedNeedsAlias)
		}
		if lateral {
			return blk.lateral(src.Select, tab.As.String(), cols, left)
		}
		rel, err := blk.derived(src.Select, tab.As.String(), cols)
		if err != nil {
			return nil, err
		}
		return &part{rel: rel}, nil
	}
	return nil, sqlerr.New(sqlerr.NotSupported, "this form of table reference")
}

// namedTable builds a reference to a common table expression, a table or a view.
func (blk *block) namedTable(name sqlparser.TableName, alias string, hints []ast.IndexHint) (*relation, error) {
	b, tname := blk.b, name.Name.String()
	if alias == "" {
		alias = tname
	}
	db := name.Qualifier.String()
	if db == "" {
		if def := blk.ctes.find(tname); def != nil {
			return blk.cteRef(def, alias)
		}
		if db = b.db; db == "" {
			return nil, sqlerr.New(sqlerr.NoDatabase)
		}
	}
	if t := b.c.Catalog.Table(db, tname); t != nil {
		return blk.baseTable(t, db, alias, hints)
	}
	if v := b.c.Catalog.View(db, tname); v != nil {
		return blk.view(v, alias)
	}
	if !b.c.Catalog.HasDatabase(db) {
		return nil, sqlerr.New(sqlerr.UnknownDatabase, db)
	}
	if strings.EqualFold(db, "information_schema") {
		return nil, sqlerr.New(sqlerr.BadTable, strings.ToUpper(tname), "information_schema")
	}
	return nil, sqlerr.New(sqlerr.NoSuchTable, db, tname)
}

func (blk *block) baseTable(t Table, db, alias string, hints []ast.IndexHint) (*relation, error) {
	def := t.Def()
	blk.b.noteTable(t)
	scan := &Scan{Table: t, Schema: db, Name: alias, First: blk.b.newCols(len(def.Columns)), derived: blk.b.derived > 0}
	hs, err := resolveHints(def, alias, hints)
	if err != nil {
		return nil, err
	}
	scan.hints = hs
	st := &scopeTable{schema: db, name: alias, scan: scan, under: []*Scan{scan}, cols: make([]scopeCol, len(def.Columns))}
	for i := range def.Columns {
		c := &def.Columns[i]
		typ := expr.ColumnType(&c.Type, c.NotNull)
		st.cols[i] = scopeCol{
			col: &expr.Column{Slot: int(scan.Col(i)), Schema: db, Table: alias, Name: c.Name, Typ: typ},
			meta: ResultColumn{
				Label: c.Name, Table: alias, OrgTable: def.Name, OrgName: c.Name, Schema: db, Type: typ, Column: c,
				AutoInc: c.AutoIncrement,
			},
			hidden: c.Invisible,
		}
	}
	markKeys(def, st.cols)
	return newRelation(scan, st), nil
}

// markKeys sets the key flags of result columns.
func markKeys(def *schema.Table, cols []scopeCol) {
	for i := range def.Indexes {
		ix := &def.Indexes[i]
		for _, p := range ix.Parts {
			ord := def.ColumnByID(p.Column)
			if ord < 0 {
				continue
			}
			m := &cols[ord].meta
			switch {
			case ix.Primary:
				m.Primary = true
			case ix.Unique && len(ix.Parts) == 1:
				m.UniqueKey = true
			}
		}
	}
}

func newRelation(n Node, t *scopeTable) *relation {
	rel := &relation{node: n, tables: []*scopeTable{t}, vis: make([]visible, len(t.cols))}
	for i := range t.cols {
		rel.vis[i] = visible{tab: t, pos: i, expr: t.cols[i].col}
	}
	return rel
}

// part returns a block for a query expression in FROM: it sees what the block stands in and shares its arguments.
func (blk *block) partBlock() *block {
	return &block{b: blk.b, outer: blk.outer, ctes: blk.ctes, args: blk.args, argKeys: blk.argKeys}
}

// derived builds a derived table.
func (blk *block) derived(sel sqlparser.SelectStatement, alias string, names []sqlparser.ColIdent) (*relation, error) {
	if err := blk.b.enter(); err != nil {
		return nil, err
	}
	defer blk.b.leave()
	in := blk.partBlock()
	blk.b.derived++
	res, err := blk.b.queryIn(sel, in)
	blk.b.derived--
	blk.takeArgs(in)
	if err != nil {
		return nil, err
	}
	return res.named(alias, columnNames(names))
}

// lateral builds a LATERAL derived table: a function of the columns on its left.
func (blk *block) lateral(sel sqlparser.SelectStatement, alias string, names []sqlparser.ColIdent, left *relation) (*part, error) {
	if err := blk.b.enter(); err != nil {
		return nil, err
	}
	defer blk.b.leave()
	in := &block{b: blk.b, ctes: blk.ctes, outer: &scope{blk: blk, rel: left, clause: inFrom}}
	res, err := blk.b.queryIn(sel, in)
	if err != nil {
		return nil, err
	}
	rel, err := res.named(alias, columnNames(names))
	if err != nil {
		return nil, err
	}
	if len(in.args) == 0 {
		return &part{rel: rel}, nil
	}
	return &part{rel: rel, apply: in.args}, nil
}

func columnNames(ids []sqlparser.ColIdent) []string {
	if len(ids) == 0 {
		return nil
	}
	out := make([]string, len(ids))
	for i := range ids {
		out[i] = ids[i].String()
	}
	return out
}

// named makes a result a table called alias, with other column names if given.
func (r *result) named(alias string, names []string) (*relation, error) {
	if names != nil && len(names) != len(r.cols) {
		return nil, sqlerr.New(sqlerr.ViewColumnCount)
	}
	t := &scopeTable{name: alias, cols: make([]scopeCol, len(r.cols))}
	for i := range r.cols {
		rc := &r.cols[i]
		meta := rc.meta
		if names != nil {
			meta.Label = names[i]
		}
		meta.Table, meta.Column = alias, nil
		for j := range i {
			if strings.EqualFold(t.cols[j].meta.Label, meta.Label) {
				return nil, sqlerr.New(sqlerr.DuplicateColumn, meta.Label)
			}
		}
		t.cols[i] = scopeCol{
			col:  &expr.Column{Slot: int(rc.id), Table: alias, Name: meta.Label, Typ: rc.col.Typ},
			meta: meta,
		}
	}
	return newRelation(r.node, t), nil
}

// view expands a view under its own schema and sql_mode.
func (blk *block) view(v *schema.View, alias string) (*relation, error) {
	b := blk.b
	for _, o := range b.viewing {
		if o == v {
			return nil, sqlerr.New(sqlerr.ViewRecursive, v.Schema, v.Name)
		}
	}
	if b.c.ParseView == nil {
		return nil, sqlerr.New(sqlerr.NotSupported, "views in this place")
	}
	if err := b.enter(); err != nil {
		return nil, err
	}
	defer b.leave()
	b.viewing, b.views = append(b.viewing, v), append(b.views, v)
	defer func() { b.viewing = b.viewing[:len(b.viewing)-1] }()
	stmt, err := b.c.ParseView(v)
	if err != nil {
		return nil, err
	}
	db := b.db
	b.db = v.InUse
	res, err := b.queryIn(stmt, &block{b: b})
	b.db = db
	if err != nil {
		return nil, viewError(err, v)
	}
	names := v.Columns
	if len(names) == 0 {
		names = nil
	}
	rel, err := res.named(alias, names)
	if err != nil {
		return nil, err
	}
	rel.tables[0].schema = v.Schema
	rel.tables[0].under = joinedScans(rel.node, nil)
	return rel, nil
}

// joinedScans returns the scans of a plan that selects and joins; nil when it does more.
func joinedScans(n Node, out []*Scan) []*Scan {
	switch n := n.(type) {
	case *Scan:
		return append(out, n)
	case *Filter, *Project:
		return joinedScans(n.Inputs()[0], out)
	case *Join:
		l := joinedScans(n.Left, out)
		if l == nil {
			return nil
		}
		r := joinedScans(n.Right, l)
		if len(r) == len(l) {
			return nil
		}
		return r
	}
	return nil
}

// viewError turns what a view's body does not find into 1356.
func viewError(err error, v *schema.View) error {
	e, ok := err.(*sqlerr.Error)
	if !ok {
		return err
	}
	switch e.Code {
	case sqlerr.NoSuchTable, sqlerr.UnknownColumn, sqlerr.UnknownDatabase, sqlerr.UnknownFunction:
		return sqlerr.Wrap(err, sqlerr.ViewInvalid, v.Schema, v.Name)
	}
	return err
}

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
