package expr

import (
	"strconv"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// Column is a slot of the current row (Depth 0) or of an enclosing query's row (Depth 1 and up).
type Column struct {
	Depth, Slot         int
	Schema, Table, Name string // for messages and EXPLAIN; Schema and Table may be empty
	Typ                 *Type
}

// Type implements Expr.
func (c *Column) Type() *Type { return c.Typ }

// Eval implements Expr.
func (c *Column) Eval(env *Env) (value.Value, error) {
	for d := c.Depth; d > 0; d-- {
		env = env.Outer
	}
	return env.Row[c.Slot], nil
}

// Children implements Expr.
func (c *Column) Children() []Expr { return nil }

// WithChildren implements Expr.
func (c *Column) WithChildren([]Expr) Expr { return c }

// Flags implements Expr.
func (c *Column) Flags() Flags { return IsColumn }

// Append implements Expr.
func (c *Column) Append(dst []byte, f Format) []byte {
	switch f {
	case KeyText:
		dst = append(dst, '#')
		dst = strconv.AppendInt(dst, int64(c.Depth), 10)
		dst = append(dst, '.')
		return strconv.AppendInt(dst, int64(c.Slot), 10)
	case ErrorMsg:
		for _, part := range []string{c.Schema, c.Table} {
			if part != "" {
				dst = append(append(append(dst, '`'), part...), "`."...)
			}
		}
		return append(append(append(dst, '`'), c.Name...), '`')
	}
	if c.Table != "" {
		dst = append(append(dst, c.Table...), '.')
	}
	return append(dst, c.Name...)
}

// Literal is a constant.
type Literal struct {
	Val     value.Value
	Typ     *Type
	boolean bool // TRUE or FALSE
}

// NewLiteral returns a literal of v's own type.
func NewLiteral(v value.Value) *Literal { return &Literal{Val: v, Typ: ValueType(v, 0)} }

// Type implements Expr.
func (l *Literal) Type() *Type { return l.Typ }

// Eval implements Expr.
func (l *Literal) Eval(*Env) (value.Value, error) { return l.Val, nil }

// Children implements Expr.
func (l *Literal) Children() []Expr { return nil }

// WithChildren implements Expr.
func (l *Literal) WithChildren([]Expr) Expr { return l }

// Flags implements Expr.
func (l *Literal) Flags() Flags { return 0 }

// Append implements Expr.
func (l *Literal) Append(dst []byte, f Format) []byte {
	v := l.Val
	if f == KeyText {
		dst = append(dst, byte('a'+v.Kind()), ':')
	}
	switch v.Kind() {
	case value.KindNull:
		return append(dst, "NULL"...)
	case value.KindInt, value.KindUint, value.KindFloat, value.KindDecimal:
		return v.AppendText(dst)
	case value.KindBytes:
		dst = append(dst, "0x"...)
		for i := 0; i < len(v.Str()); i++ {
			dst = append(dst, hexDigits[v.Str()[i]>>4], hexDigits[v.Str()[i]&15])
		}
		return dst
	}
	if f == KeyText && v.Kind() == value.KindString {
		dst = strconv.AppendUint(dst, uint64(l.Typ.Collation), 10)
	}
	return appendQuoted(dst, v.Text())
}

const hexDigits = "0123456789ABCDEF"

// appendQuoted appends s as a MySQL string literal.
func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '\'')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '\'', '\\':
			dst = append(dst, '\\', c)
		case 0:
			dst = append(dst, '\\', '0')
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case 26:
			dst = append(dst, '\\', 'Z')
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '\'')
}

// Param is a statement parameter. Typ.Dynamic is set when the plan is good for values of any class.
type Param struct {
	Index int // from 0
	Typ   *Type
}

// Type implements Expr.
func (p *Param) Type() *Type { return p.Typ }

// Eval implements Expr.
func (p *Param) Eval(env *Env) (value.Value, error) {
	if p.Index >= len(env.Run.Params) {
		return value.Null, sqlerr.New(sqlerr.WrongArguments, "EXECUTE")
	}
	return env.Run.Params[p.Index], nil
}

// Children implements Expr.
func (p *Param) Children() []Expr { return nil }

// WithChildren implements Expr.
func (p *Param) WithChildren([]Expr) Expr { return p }

// Flags implements Expr.
func (p *Param) Flags() Flags { return IsParam }

// Append implements Expr.
func (p *Param) Append(dst []byte, f Format) []byte {
	dst = append(dst, '?')
	if f == KeyText {
		dst = strconv.AppendInt(dst, int64(p.Index), 10)
	}
	return dst
}

// RowExpr is a node with several columns: Row, and the planner's row subqueries.
type RowExpr interface {
	Expr
	// Width returns the number of columns.
	Width() int
	// ColumnTypes returns the types of the columns.
	ColumnTypes() []*Type
	// EvalRow appends the columns to dst. ok is false when there is no row (an empty subquery): all columns are NULL.
	EvalRow(env *Env, dst []value.Value) (row []value.Value, ok bool, err error)
}

// WidthOf returns the number of columns of e: 1 but for row expressions.
func WidthOf(e Expr) int {
	if r, ok := e.(RowExpr); ok {
		return r.Width()
	}
	return 1
}

// Row is a row constructor (a, b, …). It has no value of its own: only comparisons and IN use it.
type Row struct {
	Items []Expr
}

var rowType = &Type{Type: value.Type{ID: value.TypeNull}, Coercibility: CoerceIgnorable}

// Type implements Expr.
func (r *Row) Type() *Type { return rowType }

// Eval implements Expr: a row is no value.
func (r *Row) Eval(*Env) (value.Value, error) {
	return value.Null, sqlerr.New(sqlerr.OperandColumns, 1)
}

// Children implements Expr.
func (r *Row) Children() []Expr { return r.Items }

// WithChildren implements Expr.
func (r *Row) WithChildren(kids []Expr) Expr { return &Row{Items: kids} }

// Flags implements Expr.
func (r *Row) Flags() Flags { return 0 }

// Append implements Expr.
func (r *Row) Append(dst []byte, f Format) []byte {
	return appendList(append(dst, "row"...), r.Items, f)
}

// Width implements RowExpr.
func (r *Row) Width() int { return len(r.Items) }

// ColumnTypes implements RowExpr.
func (r *Row) ColumnTypes() []*Type {
	out := make([]*Type, len(r.Items))
	for i, e := range r.Items {
		out[i] = e.Type()
	}
	return out
}

// EvalRow implements RowExpr.
func (r *Row) EvalRow(env *Env, dst []value.Value) ([]value.Value, bool, error) {
	for _, e := range r.Items {
		v, err := e.Eval(env)
		if err != nil {
			return dst, false, err
		}
		dst = append(dst, v)
	}
	return dst, true, nil
}

// appendList appends (a,b,c).
func appendList(dst []byte, list []Expr, f Format) []byte {
	dst = append(dst, '(')
	for i, e := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = e.Append(dst, f)
	}
	return append(dst, ')')
}

// proposed is VALUES(col) in ON DUPLICATE KEY UPDATE: a column of Run.Proposed.
type proposed struct{ col *Column }

// NewProposed returns the node of VALUES(col) in ON DUPLICATE KEY UPDATE: slot c.Slot of Run.Proposed.
func NewProposed(c *Column) Expr { return &proposed{c} }

func (p *proposed) Type() *Type              { return p.col.Typ }
func (p *proposed) Children() []Expr         { return nil }
func (p *proposed) WithChildren([]Expr) Expr { return p }
func (p *proposed) Flags() Flags             { return NonDeterministic }

func (p *proposed) Append(dst []byte, f Format) []byte {
	return append(p.col.Append(append(dst, "values("...), f), ')')
}

func (p *proposed) Eval(env *Env) (value.Value, error) {
	if p.col.Slot >= len(env.Run.Proposed) {
		return value.Null, nil
	}
	return env.Run.Proposed[p.col.Slot], nil
}
