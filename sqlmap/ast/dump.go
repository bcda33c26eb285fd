package ast

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/value"
)

// String prints n for tests and debugging: expressions fully parenthesised in SQL's manner, everything else as
// Type{Field:value …} with the fields that are set, positions left out. It is no SQL and no format to store.
func String(n any) string {
	var d dumper
	d.any(reflect.ValueOf(n))
	return d.String()
}

type dumper struct{ strings.Builder }

// join appends expressions with sep between them.
func (d *dumper) join(open string, list []sqlparser.Expr, sep, end string) {
	d.WriteString(open)
	for i, e := range list {
		if i > 0 {
			d.WriteString(sep)
		}
		d.expr(e)
	}
	d.WriteString(end)
}

// name appends an identifier, quoted when it is no plain word.
func (d *dumper) name(s string) {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c != '_' && c != '$' && c < 0x80 && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			d.WriteString("`" + strings.ReplaceAll(s, "`", "``") + "`")
			return
		}
	}
	if s == "" {
		s = "``"
	}
	d.WriteString(s)
}

func (d *dumper) table(t sqlparser.TableName) {
	if !t.Qualifier.IsEmpty() {
		d.name(t.Qualifier.String())
		d.WriteByte('.')
	}
	d.name(t.Name.String())
}

// expr appends an expression.
func (d *dumper) expr(e sqlparser.Expr) {
	switch n := e.(type) {
	case nil:
		d.WriteString("<nil>")
	case *sqlparser.NullVal:
		d.WriteString("NULL")
	case sqlparser.BoolVal:
		d.WriteString(strings.ToUpper(strconv.FormatBool(bool(n))))
	case *sqlparser.ColName:
		if !n.Qualifier.IsEmpty() {
			d.table(n.Qualifier)
			d.WriteByte('.')
		}
		d.name(n.Name.String())
	case *sqlparser.SQLVal:
		d.WriteString(string(n.Val))
	case *Literal:
		d.literal(n)
	case *Param:
		if n.Name != "" {
			d.WriteString(":" + n.Name)
		} else {
			fmt.Fprintf(d, "?%d", n.Index)
		}
	case *UserVar:
		d.WriteByte('@')
		d.name(n.Name)
	case *SysVar:
		d.WriteString("@@")
		if n.Scope != ScopeNone {
			d.WriteString(strings.ToLower(n.Scope.String()) + ".")
		}
		d.WriteString(n.Name)
	case *Keyword:
		d.WriteString("<" + n.Word + ">")
	default:
		if !d.operator(e) && !d.call(e) {
			d.fields(reflect.ValueOf(e))
		}
	}
}

func (d *dumper) literal(n *Literal) {
	switch {
	case n.Kind == LitDate:
		d.WriteString("DATE ")
	case n.Kind == LitTime:
		d.WriteString("TIME ")
	case n.Kind == LitTimestamp:
		d.WriteString("TIMESTAMP ")
	case n.Introducer != "":
		d.WriteString("_" + n.Introducer + " ")
	}
	switch n.Kind {
	case LitHex, LitBit:
		fmt.Fprintf(d, "x'%X'", n.Value.Str())
	case LitInt, LitUint, LitDecimal, LitFloat:
		d.Write(n.Val)
		d.WriteString(map[LiteralKind]string{LitUint: "u", LitDecimal: "d", LitFloat: "f"}[n.Kind])
	default:
		if q := strconv.Quote(n.Text()); strings.ContainsFunc(n.Text(), unicode.IsControl) {
			d.WriteString(q)
			return
		}
		d.WriteString("'" + strings.ReplaceAll(n.Text(), "'", "''") + "'")
	}
}

// operator appends the expressions that are operators; it returns false for others.
func (d *dumper) operator(e sqlparser.Expr) bool {
	infix := func(l sqlparser.Expr, op string, r ...sqlparser.Expr) {
		d.WriteByte('(')
		d.expr(l)
		d.join(" "+op+" ", r, " AND ", ")")
	}
	prefix := func(op string, x sqlparser.Expr) { d.join("("+op, []sqlparser.Expr{x}, "", ")") }
	switch n := e.(type) {
	case *sqlparser.AndExpr:
		infix(n.Left, "AND", n.Right)
	case *sqlparser.OrExpr:
		infix(n.Left, "OR", n.Right)
	case *Xor:
		infix(n.Left, "XOR", n.Right)
	case *sqlparser.NotExpr:
		prefix("NOT ", n.Expr)
	case *sqlparser.ParenExpr:
		d.WriteString("paren")
		prefix("", n.Expr)
	case *sqlparser.ComparisonExpr:
		infix(n.Left, strings.ToUpper(n.Operator), n.Right)
		if n.Escape != nil {
			prefix("escape ", n.Escape)
		}
	case *Quantified:
		infix(n.Left, n.Operator+map[Quantifier]string{Any: " ANY", All: " ALL"}[n.Quantifier], n.Right)
	case *sqlparser.RangeCond:
		infix(n.Left, strings.ToUpper(n.Operator), n.From, n.To)
	case *sqlparser.IsExpr:
		d.join("(", []sqlparser.Expr{n.Expr}, "", " "+strings.ToUpper(n.Operator)+")")
	case *sqlparser.BinaryExpr:
		infix(n.Left, strings.ToUpper(n.Operator), n.Right)
	case *MemberOf:
		infix(n.Left, "MEMBER OF", n.Right)
	case *sqlparser.UnaryExpr:
		prefix(strings.ToUpper(n.Operator), n.Expr)
	case *Assign:
		prefix("@"+n.Name+" := ", n.Expr)
	case *sqlparser.CollateExpr:
		d.join("(", []sqlparser.Expr{n.Expr}, "", " COLLATE "+n.Charset+")")
	case *sqlparser.IntervalExpr:
		d.join("(INTERVAL ", []sqlparser.Expr{n.Expr}, "", " "+n.Unit+")")
	case sqlparser.ValTuple:
		d.join("(", n, ", ", ")")
	default:
		return false
	}
	return true
}

// call appends the expressions that look like calls; it returns false for others.
func (d *dumper) call(e sqlparser.Expr) bool {
	switch n := e.(type) {
	case *sqlparser.FuncExpr:
		if !n.Qualifier.IsEmpty() {
			d.name(n.Qualifier.String())
			d.WriteByte('.')
		}
		d.name(n.Name.String())
		d.WriteByte('(')
		if n.Distinct {
			d.WriteString("DISTINCT ")
		}
		for i, a := range n.Exprs {
			if i > 0 {
				d.WriteString(", ")
			}
			d.any(reflect.ValueOf(a))
		}
		d.WriteByte(')')
	case *Extract:
		d.join("EXTRACT("+n.Unit+" FROM ", []sqlparser.Expr{n.Expr}, "", ")")
	case *Trim:
		d.join("TRIM["+[]string{"BOTH", "LEADING", "TRAILING"}[n.Side]+"](", n.ValTuple, ", ", ")")
	case *DefaultOf:
		d.join("DEFAULT(", n.ValTuple, "", ")")
	case *sqlparser.Default:
		d.WriteString("DEFAULT")
		if n.ColName != "" {
			d.WriteString("(" + n.ColName + ")")
		}
	case *sqlparser.ValuesFuncExpr:
		d.join("VALUES(", []sqlparser.Expr{n.Name}, "", ")")
	case *sqlparser.ConvertExpr:
		d.join("CAST(", []sqlparser.Expr{n.Expr}, "", " AS "+convertType(n.Type)+")")
	case *sqlparser.ConvertUsingExpr:
		d.join("CONVERT(", []sqlparser.Expr{n.Expr}, "", " USING "+n.Type+")")
	case *sqlparser.ExistsExpr:
		d.join("EXISTS", []sqlparser.Expr{n.Subquery}, "", "")
	case *sqlparser.Subquery:
		d.WriteByte('(')
		d.any(reflect.ValueOf(n.Select))
		d.WriteByte(')')
	case *sqlparser.CaseExpr:
		d.caseExpr(n)
	default:
		return false
	}
	return true
}

func convertType(t *sqlparser.ConvertType) string {
	s := t.Type
	if t.Length != nil {
		s += "(" + string(t.Length.Val)
		if t.Scale != nil {
			s += "," + string(t.Scale.Val)
		}
		s += ")"
	}
	if t.Charset != "" {
		s += " charset " + t.Charset
	}
	return s
}

func (d *dumper) caseExpr(n *sqlparser.CaseExpr) {
	d.WriteString("CASE ")
	if n.Expr != nil {
		d.join("", []sqlparser.Expr{n.Expr}, "", " ")
	}
	for _, w := range n.Whens {
		d.join("WHEN ", []sqlparser.Expr{w.Cond, w.Val}, " THEN ", " ")
	}
	if n.Else != nil {
		d.join("ELSE ", []sqlparser.Expr{n.Else}, "", " ")
	}
	d.WriteString("END")
}

// any appends a value of any type of the tree.
func (d *dumper) any(v reflect.Value) {
	if !v.IsValid() {
		d.WriteString("<nil>")
		return
	}
	if v.CanInterface() && d.special(v.Interface()) {
		return
	}
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			d.WriteString("<nil>")
			return
		}
		if v.Kind() == reflect.Pointer && v.Elem().Kind() == reflect.Struct {
			d.fields(v)
			return
		}
		d.any(v.Elem())
	case reflect.Slice:
		d.WriteByte('[')
		for i := range v.Len() {
			if i > 0 {
				d.WriteByte(' ')
			}
			d.any(v.Index(i))
		}
		d.WriteByte(']')
	case reflect.Struct:
		d.fields(v)
	case reflect.String:
		d.WriteString(strconv.Quote(v.String()))
	default:
		fmt.Fprint(d, v.Interface())
	}
}

// special appends the values that have a notation of their own.
func (d *dumper) special(x any) bool {
	switch n := x.(type) {
	case *Rows:
		d.rows(n)
	case *CTEs:
		fmt.Fprintf(d, "CTEs{recursive:%v ", n.Recursive)
		d.any(reflect.ValueOf(n.List))
		d.WriteByte('}')
	case value.Value:
		d.value(n)
	case sqlparser.Expr:
		d.expr(n)
	case *SelectItem:
		d.expr(n.Expr)
		fmt.Fprintf(d, " as %q", n.Label)
		if n.Aliased {
			d.WriteByte('!')
		}
	case *sqlparser.AliasedExpr:
		d.expr(n.Expr)
	case *sqlparser.StarExpr:
		if !n.TableName.IsEmpty() {
			d.table(n.TableName)
			d.WriteByte('.')
		}
		d.WriteByte('*')
	case sqlparser.ColIdent:
		d.name(n.String())
	case sqlparser.TableIdent:
		d.name(n.String())
	case sqlparser.TableName:
		d.table(n)
	case *sqlparser.Where:
		d.expr(n.Expr)
	case *sqlparser.Order:
		d.expr(n.Expr)
		if n.Direction == sqlparser.DescScr {
			d.WriteString(" desc")
		}
	case []byte:
		d.WriteString(strconv.Quote(string(n)))
	default:
		return false
	}
	return true
}

func (d *dumper) rows(r *Rows) {
	d.WriteString("Rows[")
	for i := range r.Len() {
		vals, exprs := r.Row(i)
		d.WriteByte('(')
		next := 0
		for c, v := range vals {
			if c > 0 {
				d.WriteString(", ")
			}
			if next < exprs.Len() {
				if col, e := exprs.Cell(next); col == c {
					d.expr(e)
					next++
					continue
				}
			}
			d.value(v)
		}
		d.WriteByte(')')
	}
	d.WriteByte(']')
}

func (d *dumper) value(v value.Value) {
	switch v.Kind() {
	case value.KindNull:
		d.WriteString("null")
	case value.KindString:
		d.WriteString(strconv.Quote(v.Str()))
	case value.KindBytes:
		fmt.Fprintf(d, "x%q", v.Str())
	default:
		d.WriteString(v.Text())
	}
}

// fields appends a struct by the fields that are set.
func (d *dumper) fields(v reflect.Value) {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	d.WriteString(v.Type().Name())
	d.WriteByte('{')
	first := true
	d.fieldList(v, &first)
	d.WriteByte('}')
}

func (d *dumper) fieldList(v reflect.Value, first *bool) {
	for i := range v.NumField() {
		f, x := v.Type().Field(i), v.Field(i)
		if f.Type == reflect.TypeFor[Pos]() || !f.IsExported() || x.IsZero() {
			continue
		}
		if f.Anonymous {
			if x.Kind() == reflect.Pointer {
				x = x.Elem()
			}
			if x.Kind() == reflect.Struct {
				d.fieldList(x, first)
				continue
			}
		}
		if !*first {
			d.WriteByte(' ')
		}
		*first = false
		d.WriteString(f.Name)
		if x.Kind() != reflect.Bool {
			d.WriteByte(':')
			d.any(x)
		}
	}
}
