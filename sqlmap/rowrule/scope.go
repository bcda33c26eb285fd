package rowrule

import (
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// textKind is what a stored text is for. It decides what the text may contain, and the errors.
type textKind uint8

const (
	defaultText textKind = iota
	onUpdateText
	generatedText
	checkText
)

// scope binds names to the columns of one row: ordinal i is slot i. A nil table has no columns. What a stored text must
// not contain (parameters, subqueries, aggregates, variables) is an error.
type scope struct {
	table   *schema.Table
	session *expr.SessionState
	kind    textKind
	name    string // of the column or constraint, for errors
}

var _ expr.Scope = (*scope)(nil)

func (s *scope) Session() *expr.SessionState { return s.session }

func (s *scope) ResolveColumn(name *sqlparser.ColName) (expr.Expr, error) {
	col := name.Name.String()
	if s.table != nil {
		if q := name.Qualifier.Name.String(); q == "" || q == s.table.Name {
			if at := s.table.ColumnIndex(col); at >= 0 {
				c := &s.table.Columns[at]
				return &expr.Column{Slot: at, Name: c.Name, Typ: expr.ColumnType(&c.Type, c.NotNull)}, nil
			}
		}
	}
	switch s.kind {
	case checkText:
		return nil, sqlerr.New(sqlerr.CheckUnknownColumn, s.name, col)
	case generatedText:
		return nil, sqlerr.New(sqlerr.UnknownColumn, col, "generated column function")
	}
	return nil, sqlerr.New(sqlerr.UnknownColumn, col, "default value expression")
}

// unnamed is the error of a construct that the text must not contain.
func (s *scope) unnamed() error {
	switch s.kind {
	case checkText:
		return sqlerr.New(sqlerr.CheckConstruct, s.name)
	case generatedText:
		return sqlerr.New(sqlerr.GeneratedConstruct, s.name)
	}
	return sqlerr.New(sqlerr.DefaultConstruct, s.name)
}

// variable is the error of a variable in the text.
func (s *scope) variable() error {
	switch s.kind {
	case checkText:
		return sqlerr.New(sqlerr.CheckVariable, s.name)
	case generatedText:
		return sqlerr.New(sqlerr.GeneratedVariable, s.name)
	}
	return sqlerr.New(sqlerr.DefaultVariable, s.name)
}

// function is the error of a function that the text must not call.
func (s *scope) function(name string) error {
	switch s.kind {
	case checkText:
		return sqlerr.New(sqlerr.CheckFunction, s.name, name)
	case generatedText:
		return sqlerr.New(sqlerr.GeneratedFunction, s.name, name)
	}
	return sqlerr.New(sqlerr.DefaultFunction, s.name, name)
}

// vet refuses nodes whose value is not the row's alone. A default may call functions that give another value each time.
func (s *scope) vet(e expr.Expr) error {
	refused := expr.SideEffect
	if s.kind == generatedText || s.kind == checkText {
		refused |= expr.NonDeterministic | expr.PerStatement
	}
	var err error
	expr.Walk(e, func(n expr.Expr) bool {
		if err != nil {
			return false
		}
		text := ""
		if f := n.Flags(); f&(refused|expr.PerStatement) != 0 {
			text = expr.String(n)
		}
		switch {
		case strings.HasPrefix(text, "@"):
			err = s.variable()
		case n.Flags()&refused != 0:
			name, _, _ := strings.Cut(text, "(")
			err = s.function(name)
		}
		return err == nil
	})
	return err
}

func (s *scope) Param(*ast.Param) (expr.Expr, error) { return nil, s.unnamed() }

func (s *scope) BindSubquery(expr.Subquery) (expr.Expr, error) { return nil, s.unnamed() }

func (s *scope) BindAggregate(func(expr.Scope) (*expr.Aggregate, error)) (expr.Expr, error) {
	return nil, sqlerr.New(sqlerr.InvalidGroupFunc)
}

func (s *scope) BindWindow(func(expr.Scope) (*expr.Window, error)) (expr.Expr, error) {
	return nil, s.unnamed()
}

func (s *scope) Grouping([]expr.Expr) (expr.Expr, error) {
	return nil, sqlerr.New(sqlerr.InvalidGroupFunc)
}

func (s *scope) Values(*sqlparser.ColName) (expr.Expr, error) { return nil, s.function("values") }

func (s *scope) Default(*sqlparser.ColName) (expr.Expr, error) { return nil, s.function("default") }

func (s *scope) SysVar(*ast.SysVar) (expr.Expr, error) { return nil, s.variable() }
