package plan

import (
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// scopeTable is a table that a scope sees: a base table, a derived table, a view, a common table expression.
type scopeTable struct {
	schema string    // "" for derived tables
	name   string    // alias
	scan   *Scan     // of a base table; nil otherwise
	under  []*Scan   // the base tables that FOR UPDATE locks: the table itself, those of a view that only selects and joins
	rows   *viewRows // of an updatable view; nil otherwise
	cols   []scopeCol
}

// scopeCol is a column of a scopeTable.
type scopeCol struct {
	col    *expr.Column
	meta   ResultColumn // what the client is told when it selects the column as it is
	hidden bool         // INVISIBLE: not part of *
}

// find returns the position of the column called name, or -1. Columns of derived tables may have the same name twice.
func (t *scopeTable) find(name string) (pos int, twice bool) {
	pos = -1
	for i := range t.cols {
		if strings.EqualFold(t.cols[i].meta.Label, name) {
			if pos >= 0 {
				return pos, true
			}
			pos = i
		}
	}
	return pos, false
}

// owner returns the base table whose rows can be changed through t, and the ordinal, of one of t's columns; nil when it
// is none of t's or cannot be assigned.
func (t *scopeTable) owner(id ColID) (*Scan, int) {
	switch {
	case t.rows != nil:
		return t.rows.owner(id)
	case t.scan != nil:
		if ord := t.scan.Ord(id); ord >= 0 {
			return t.scan, ord
		}
	}
	return nil, 0
}

// visible is a column that an unqualified name and * can mean. The columns that JOIN … USING merges are one.
type visible struct {
	tab  *scopeTable
	pos  int
	expr expr.Expr // what stands for it: the column, or the merged column
	// merged counts the USING clauses that made it; they come first in *.
	merged bool
}

func (v *visible) name() string { return v.tab.cols[v.pos].meta.Label }

// relation is a part of FROM: its plan and the names that it gives.
type relation struct {
	node   Node
	tables []*scopeTable
	vis    []visible
}

// names says which columns a relation's part of a scope offers, clause by clause.
type clause uint8

const (
	inFieldList clause = iota
	inWhere
	inOn
	inGroup
	inHaving
	inOrder
	inLimit
	inFrom
)

var clauseText = [...]string{
	"field list", "where clause", "on clause", "group statement", "having clause", "order clause", "limit clause",
	"from clause",
}

// scope resolves the names of one clause of one block. It implements expr.Scope.
type scope struct {
	blk    *block
	rel    *relation
	clause clause
	// aggs says whether aggregates may be called; windows the same for functions with OVER.
	aggs, windows bool
	// inAgg is set while the arguments of an aggregate are bound.
	inAgg bool
	// aliases makes the select list's labels known to expressions: after the tables' columns, or before them.
	aliases aliasMode
}

type aliasMode uint8

const (
	noAliases     aliasMode = iota
	aliasesAfter            // GROUP BY, and expressions in ORDER BY
	havingAliases           // HAVING: select list and group keys
)

var _ expr.Scope = (*scope)(nil)

// Session returns the state that binding depends on.
func (s *scope) Session() *expr.SessionState { return s.blk.b.session() }

// ResolveColumn resolves a name: in the block's tables, its select list where the clause allows, the enclosing blocks.
func (s *scope) ResolveColumn(n *sqlparser.ColName) (expr.Expr, error) {
	e, err := s.resolve(n)
	if err != nil {
		return nil, err
	}
	if e != nil {
		return e, nil
	}
	return nil, sqlerr.New(sqlerr.UnknownColumn, columnText(n), clauseText[s.clause])
}

func columnText(n *sqlparser.ColName) string {
	var sb strings.Builder
	if !n.Qualifier.Qualifier.IsEmpty() {
		sb.WriteString(n.Qualifier.Qualifier.String())
		sb.WriteByte('.')
	}
	if !n.Qualifier.Name.IsEmpty() {
		sb.WriteString(n.Qualifier.Name.String())
		sb.WriteByte('.')
	}
	sb.WriteString(n.Name.String())
	return sb.String()
}

// resolve returns nil when the name is unknown here and in all enclosing blocks.
func (s *scope) resolve(n *sqlparser.ColName) (expr.Expr, error) {
	unqualified := n.Qualifier.Name.IsEmpty()
	if s.aliases == havingAliases && !s.inAgg {
		e, err := s.blk.resolveHaving(s, n)
		if e != nil || err != nil {
			return e, err
		}
	} else {
		e, err := s.resolveLocal(n)
		if e != nil || err != nil {
			return e, err
		}
		if s.aliases == aliasesAfter && unqualified && !s.inAgg {
			e, err := s.blk.aliasRef(s, n.Name.String())
			if e != nil || err != nil {
				return e, err
			}
		}
	}
	return s.resolveOuter(n)
}

// resolveLocal looks in the block's own tables.
func (s *scope) resolveLocal(n *sqlparser.ColName) (expr.Expr, error) {
	if s.rel == nil {
		return nil, nil
	}
	name := n.Name.String()
	if n.Qualifier.Name.IsEmpty() {
		var found *visible
		for i := range s.rel.vis {
			v := &s.rel.vis[i]
			if !strings.EqualFold(v.name(), name) {
				continue
			}
			if found != nil {
				return nil, sqlerr.New(sqlerr.AmbiguousColumn, name, clauseText[s.clause])
			}
			found = v
		}
		if found == nil {
			return nil, nil
		}
		return s.shown(found.tab, found.expr), nil
	}
	var found expr.Expr
	for _, t := range s.rel.tables {
		if !t.answersTo(n.Qualifier) {
			continue
		}
		pos, twice := t.find(name)
		if pos < 0 {
			continue
		}
		if twice || found != nil {
			return nil, sqlerr.New(sqlerr.AmbiguousColumn, columnText(n), clauseText[s.clause])
		}
		found = s.shown(t, t.cols[pos].col)
	}
	return found, nil
}

// shown returns what stands for a table's column in expressions: a TIMESTAMP is stored in UTC and shown in the session's
// time zone. Columns of derived tables have been through that.
func (s *scope) shown(t *scopeTable, e expr.Expr) expr.Expr {
	if c, ok := e.(*expr.Column); ok && t.scan != nil {
		return expr.ZonedColumn(c, s.Session())
	}
	return e
}

// answersTo reports whether the qualifier names the table.
func (t *scopeTable) answersTo(q sqlparser.TableName) bool {
	if t.name != q.Name.String() {
		return false
	}
	db := q.Qualifier.String()
	return db == "" || db == t.schema
}

// resolveOuter looks in the enclosing blocks; what it finds becomes an argument of this block.
func (s *scope) resolveOuter(n *sqlparser.ColName) (expr.Expr, error) {
	blk := s.blk
	if blk.outer == nil {
		return nil, nil
	}
	e, err := blk.outer.resolve(n)
	if e == nil || err != nil {
		return nil, err
	}
	return blk.arg(e), nil
}

// Param returns the expression of a placeholder.
func (s *scope) Param(p *ast.Param) (expr.Expr, error) {
	if f := s.blk.b.c.Param; f != nil {
		return f(p)
	}
	return &expr.Param{Index: p.Index, Typ: &expr.Type{
		Type:         value.Type{ID: value.TypeVarChar, Collation: s.Session().ConnectionCollation()},
		Coercibility: expr.CoerceCoercible, Dynamic: true,
	}}, nil
}

// BindSubquery plans a subquery.
func (s *scope) BindSubquery(q expr.Subquery) (expr.Expr, error) { return s.bindSubquery(q) }

// Grouping returns the column of a GROUPING() call.
func (s *scope) Grouping(args []expr.Expr) (expr.Expr, error) { return s.blk.grouping(s, args) }

// Values is for INSERT; in a query VALUES(col) is NULL.
func (s *scope) Values(col *sqlparser.ColName) (expr.Expr, error) {
	if _, err := s.ResolveColumn(col); err != nil {
		return nil, err
	}
	return &expr.Literal{Val: value.Null, Typ: &expr.Type{Coercibility: expr.CoerceIgnorable}}, nil
}

// Default returns the default of a column of a base table.
func (s *scope) Default(col *sqlparser.ColName) (expr.Expr, error) {
	if col == nil {
		return nil, sqlerr.New(sqlerr.WrongUsage, "DEFAULT", clauseText[s.clause])
	}
	e, err := s.ResolveColumn(col)
	if err != nil {
		return nil, err
	}
	if c := expr.UnzonedColumn(e); c != nil && c.Depth == 0 && s.rel != nil {
		for _, t := range s.rel.tables {
			if scan, ord := t.owner(ColID(c.Slot)); scan != nil {
				return columnDefault(scan.Table, ord)
			}
		}
	}
	return nil, sqlerr.New(sqlerr.NoDefault, col.Name.String())
}

// columnDefault returns the constant default of a column: 1364 when it has none.
func columnDefault(t Table, ord int) (expr.Expr, error) {
	c := &t.Def().Columns[ord]
	switch {
	case c.DefaultExpr != "":
		return nil, sqlerr.New(sqlerr.NotSupported, "DEFAULT() of a column with an expression default")
	case c.HasDefault:
		return &expr.Literal{Val: c.Default, Typ: expr.ColumnType(&c.Type, c.NotNull)}, nil
	case !c.NotNull:
		return &expr.Literal{Val: value.Null, Typ: expr.ColumnType(&c.Type, false)}, nil
	}
	return nil, sqlerr.New(sqlerr.NoDefault, c.Name)
}

// SysVar returns the node of @@name.
func (s *scope) SysVar(v *ast.SysVar) (expr.Expr, error) {
	if f := s.blk.b.c.SysVar; f != nil {
		return f(v)
	}
	return nil, sqlerr.New(sqlerr.UnknownVariable, v.Name)
}
