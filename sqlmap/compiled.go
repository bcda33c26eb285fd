package sqlmap

import (
	"errors"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/dml"
	"github.com/worktable-go/worktable/sqlmap/exec"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/parse"
	"github.com/worktable-go/worktable/sqlmap/plan"
	"github.com/worktable-go/worktable/sqlmap/rowset"
	"github.com/worktable-go/worktable/sqlmap/sqlmode"
)

// compiled is a statement that has been parsed and, when it reads or writes rows, planned. It is immutable and shared
// between sessions that have the same key.
type compiled struct {
	text   string
	info   *statementInfo
	parsed *parse.Statement
	class  class
	query  *exec.Plan  // classQuery
	solo   *exec.Point // of it: what Stmt.querySolo runs, or nil
	into   []intoVar   // of SELECT … INTO, which has no result; else none
	change *dml.Plan   // classChange
	cols   []Column    // of the result; nil without one
	names  []string
	key    planKey
	size   int64
	// private says that the plan reads tables which answer for the session that planned it.
	private bool
}

// class says how a statement runs.
type class uint8

const (
	classOther  class = iota // transaction control, SET, SHOW, DDL: interpreted from the tree
	classQuery               // SELECT and its kin
	classChange              // INSERT, REPLACE, UPDATE, DELETE
)

// planKey is what a compiled statement depends on besides its text.
type planKey struct {
	catalog   uint64 // version; 0 for a statement that depends on no definition
	schema    string
	mode      expr.SQLMode
	collation uint16
	zone      string
	div       int
	temporary uint64 // which temporary tables the session has
}

// Column describes a column of a result.
type Column = rowset.Column

// compile parses and plans text. Statements of one text are compiled one at a time, since a later one may depend on
// what an earlier one defines.
func (s *Session) compile(text string) (*compiled, error) {
	key := s.planKey()
	if c := s.db.plans.get(text, key); c != nil && !s.temp.Shadows() {
		return c, nil
	}
	st, err := parse.One(text, sqlmode.ParserOptions(s.state.Mode, s.state.MaxAllowedPacket))
	if err != nil {
		return nil, err
	}
	c, err := s.compileParsed(st, text, key)
	if err != nil {
		return nil, err
	}
	s.share(c)
	return c, nil
}

// share lets other sessions use a plan that depends on nothing of this one.
func (s *Session) share(c *compiled) {
	if !c.private && !s.temp.Shadows() {
		s.db.plans.put(c)
	}
}

func (s *Session) planKey() planKey {
	return planKey{
		catalog:   s.db.engine.Catalog().Version(),
		schema:    s.state.Database,
		mode:      s.state.Mode,
		collation: uint16(s.state.ConnectionCollation()),
		zone:      s.state.TimeZoneName,
		div:       s.state.DivPrecision,
		temporary: s.temporaryVersion(),
	}
}

// temporaryVersion is 0 without temporary tables: then names mean what they mean to every session.
func (s *Session) temporaryVersion() uint64 {
	if !s.temp.Shadows() {
		return 0
	}
	return s.temp.Version()
}

func (s *Session) compileParsed(st *parse.Statement, text string, key planKey) (*compiled, error) {
	c := &compiled{text: text, info: newStatementInfo(text, st.AST), parsed: st, key: key, size: 512 + 8*int64(len(text))}
	var err error
	context := s.planContext()
	context.Catalog = catalog{s, s.db.engine.Catalog(), &c.private}
	switch {
	case isQuery(st.AST):
		c.class = classQuery
		c.query, err = exec.Compile(st.AST.(sqlparser.SelectStatement), context)
		if err != nil {
			return nil, err
		}
		if c.into, err = intoOf(st.AST, c.query.Columns()); err != nil {
			return nil, err
		}
		if c.into != nil {
			break
		}
		c.describe(c.query.Columns())
		if p := c.query.Point(); p != nil && p.Plain() && !c.query.Query().Locking {
			c.solo = p
		}
	case isChange(st.AST):
		c.class = classChange
		c.change, err = dml.Compile(st.AST, text, context)
		if err != nil {
			return nil, err
		}
		c.describe(c.change.Columns())
	}
	return c, nil
}

func isQuery(st sqlparser.Statement) bool {
	if _, do := st.(*ast.Do); do {
		return false
	}
	_, ok := st.(sqlparser.SelectStatement)
	return ok
}

func isChange(st sqlparser.Statement) bool {
	_, _, insert := ast.InsertOf(st)
	_, _, update := ast.UpdateOf(st)
	_, _, del := ast.DeleteOf(st)
	return insert || update || del
}

// describe takes over the result columns.
func (c *compiled) describe(cols []plan.ResultColumn) {
	if len(cols) == 0 {
		return
	}
	c.cols = make([]Column, len(cols))
	for i := range cols {
		c.cols[i] = Column{Name: cols[i].Label, Table: cols[i].Table, Type: cols[i].Type.Type, NotNull: cols[i].Type.NotNull}
	}
	c.names = columnNames(c.cols)
}

func columnNames(cols []Column) []string {
	names := make([]string, len(cols))
	for i := range cols {
		names[i] = cols[i].Name
	}
	return names
}

// stale reports whether the session or the catalogue have moved on since c was compiled.
func (s *Session) stale(c *compiled) bool { return c.key != s.planKey() }

// replan reports whether planning a failed statement again and running it once more is right: it met a definition that
// is no longer current, or, being a transaction of its own, one that its snapshot did not reach. It has changed nothing.
func (s *Session) replan(err error) bool {
	if err == nil || !errors.Is(err, sqlerr.TableDefChanged) {
		return false
	}
	return !s.InTx() || errors.Is(err, engine.ErrStaleTable)
}

func viewInvalid(v *schema.View) error { return sqlerr.New(sqlerr.ViewInvalid, v.Schema, v.Name) }
