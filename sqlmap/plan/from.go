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
	scan := &Scan{Table: t, Schema: db, Name: alias, First: blk.b.newCols(len(def.Columns))}
	scan.derived, scan.through = blk.b.derived > 0, blk.b.through
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
	if len(b.viewing) == 1 {
		b.through = alias
		defer func() { b.through = "" }()
	}
	db, subqueries := b.db, len(b.plans)
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
	rel.tables[0].rows = b.rowsOf(v, stmt, rel.node, b.plans[subqueries:])
	if b.viewRoots == nil {
		b.viewRoots = map[Node]viewRoot{}
	}
	b.viewRoots[rel.node] = viewRoot{rel.tables[0].rows}
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
