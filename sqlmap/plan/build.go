package plan

import (
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// Limits of a statement.
const (
	maxNesting = 64 // query blocks within each other: subqueries, derived tables, views
	maxTables  = 61 // in one join, as in MySQL
	maxColumns = 4096
)

// builder builds the plan of one statement.
type builder struct {
	c       *Context
	db      string             // schema in force; of the view while one is expanded
	sess    *expr.SessionState // that of the view while one is expanded
	lastCol ColID
	subs    int // subqueries so far
	tables  []Table
	views   []*schema.View
	depth   int
	derived int            // derived tables and common table expressions around
	viewing []*schema.View // being expanded, against recursion
	// viewRoots are the trees of views that were expanded.
	viewRoots map[Node]viewRoot
	through   string // alias of the outermost of them
	locking   bool
	plans     []*Query
	shared    []*Shared
}

func newBuilder(c *Context) *builder { return &builder{c: c, db: c.Database, sess: c.Session} }

func (b *builder) session() *expr.SessionState { return b.sess }

func (b *builder) newCol() ColID {
	b.lastCol++
	return b.lastCol
}

func (b *builder) newCols(n int) ColID {
	first := b.lastCol + 1
	b.lastCol += ColID(n)
	return first
}

// enter counts a level of nesting; the caller calls leave when it returns nil.
func (b *builder) enter() error {
	if b.depth >= maxNesting {
		return sqlerr.New(sqlerr.StackTooDeep, maxNesting)
	}
	b.depth++
	return nil
}

func (b *builder) leave() { b.depth-- }

func (b *builder) noteTable(t Table) {
	for _, o := range b.tables {
		if o == t {
			return
		}
	}
	b.tables = append(b.tables, t)
}

// result is a built query expression: a plan and what its columns are.
type result struct {
	node Node
	cols []resultCol
	// calcFound is SQL_CALC_FOUND_ROWS of the outermost block.
	calcFound bool
}

// resultCol is an output column of a query expression.
type resultCol struct {
	id   ColID
	col  *expr.Column
	meta ResultColumn
}

func (r *result) ids() []ColID {
	out := make([]ColID, len(r.cols))
	for i := range r.cols {
		out[i] = r.cols[i].id
	}
	return out
}

// Select plans a query expression: a SELECT, VALUES, TABLE, set operation or WITH.
func Select(stmt sqlparser.SelectStatement, c *Context) (*Query, error) {
	b := newBuilder(c)
	res, err := b.query(stmt, nil, nil, true)
	if err != nil {
		return nil, err
	}
	q := b.newQuery(res)
	if err := b.optimize(q); err != nil {
		return nil, err
	}
	b.finish(q)
	return q, nil
}

func (b *builder) newQuery(res *result) *Query {
	q := &Query{Root: res.node, Output: res.ids(), CalcFoundRows: res.calcFound}
	q.Columns = make([]ResultColumn, len(res.cols))
	for i := range res.cols {
		q.Columns[i] = res.cols[i].meta
	}
	return q
}

// finish fills in what concerns the whole statement.
func (b *builder) finish(q *Query) {
	q.Tables, q.Views, q.Locking = b.tables, b.views, b.locking
}

// cteEnv is a chain of the common table expressions in sight.
type cteEnv struct {
	def  *cteDef
	next *cteEnv
}

func (e *cteEnv) find(name string) *cteDef {
	for ; e != nil; e = e.next {
		if e.def.name == name {
			return e.def
		}
	}
	return nil
}

// query builds any query expression. outer is the scope in which a subquery stands; top is set for the statement
// itself, whose order matters and which may lock and count found rows.
func (b *builder) query(stmt sqlparser.SelectStatement, outer *scope, ctes *cteEnv, top bool) (*result, error) {
	if err := b.enter(); err != nil {
		return nil, err
	}
	defer b.leave()
	return b.queryIn(stmt, &block{b: b, outer: outer, ctes: ctes, top: top})
}

// queryIn builds a query expression whose outer references become arguments of blk.
func (b *builder) queryIn(stmt sqlparser.SelectStatement, blk *block) (*result, error) {
	switch n := stmt.(type) {
	case *sqlparser.ParenSelect:
		return b.queryIn(n.Select, blk)
	case *ast.With:
		ctes, err := b.with(n.CTEs(), blk.ctes, blk)
		if err != nil {
			return nil, err
		}
		in := *blk
		in.ctes = ctes
		res, err := b.queryIn(n.Body(), &in)
		blk.takeArgs(&in)
		return res, err
	case *ast.ValuesStmt:
		return blk.values(n)
	case *ast.TableStmt:
		return blk.selectBlock(n.Select, nil)
	case *sqlparser.Union:
		return blk.setOp(n, Union, n.Type == sqlparser.UnionAllStr)
	case *ast.SetOp:
		kind := Except
		if n.Kind == ast.Intersect {
			kind = Intersect
		}
		return blk.setOp(n.Union, kind, n.All)
	case *ast.Nested:
		return blk.nested(n)
	}
	if sel, ext, ok := ast.SelectOf(stmt); ok {
		return blk.selectBlock(sel, ext)
	}
	return nil, sqlerr.New(sqlerr.NotSupported, "this form of query")
}
