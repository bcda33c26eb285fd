package expr

import (
	"strings"
	"time"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/parse"
)

// testScope is a Scope over one row.
type testScope struct {
	session *SessionState
	names   []string
	types   []*Type
	params  []value.Value
	aggs    *[]*Aggregate
	inAgg   bool
	windows *[]*Window
}

func (s *testScope) Session() *SessionState { return s.session }

func (s *testScope) ResolveColumn(n *sqlparser.ColName) (Expr, error) {
	for i, name := range s.names {
		if strings.EqualFold(name, n.Name.String()) {
			return ZonedColumn(&Column{Slot: i, Table: "t", Name: name, Typ: s.types[i]}, s.session), nil
		}
	}
	return nil, sqlerr.New(sqlerr.UnknownColumn, n.Name.String(), "field list")
}

func (s *testScope) Param(p *ast.Param) (Expr, error) {
	if p.Index < len(s.params) {
		return &Param{Index: p.Index, Typ: ValueType(s.params[p.Index], 0)}, nil
	}
	return &Param{Index: p.Index, Typ: DynamicType(0)}, nil
}

func (s *testScope) BindSubquery(Subquery) (Expr, error) {
	return nil, sqlerr.New(sqlerr.NotSupported, "subquery")
}

func (s *testScope) BindAggregate(bind func(Scope) (*Aggregate, error)) (Expr, error) {
	if s.aggs == nil || s.inAgg {
		return nil, sqlerr.New(sqlerr.InvalidGroupFunc)
	}
	inner := *s
	inner.inAgg = true
	a, err := bind(&inner)
	if err != nil {
		return nil, err
	}
	*s.aggs = append(*s.aggs, a)
	return &Column{Slot: len(*s.aggs) - 1, Name: "agg", Typ: a.Typ}, nil
}

func (s *testScope) BindWindow(bind func(Scope) (*Window, error)) (Expr, error) {
	if s.windows == nil {
		return nil, sqlerr.New(sqlerr.NotSupported, "window")
	}
	w, err := bind(s)
	if err != nil {
		return nil, err
	}
	*s.windows = append(*s.windows, w)
	return w, nil
}

func (s *testScope) Grouping([]Expr) (Expr, error) { return NewLiteral(value.Int(0)), nil }

func (s *testScope) Values(*sqlparser.ColName) (Expr, error) { return NewLiteral(value.Null), nil }

func (s *testScope) Default(*sqlparser.ColName) (Expr, error) { return NewLiteral(value.Null), nil }

func (s *testScope) SysVar(v *ast.SysVar) (Expr, error) {
	return SysVarExpr(v, value.Int(1), collate.Default), nil
}

// testNow is the statement time of tests: 2023-11-14 22:13:20.5 UTC.
var testNow = time.Unix(1700000000, 500000000).UTC()

// testSession is a session as MySQL 8 starts it.
func testSession() *SessionState {
	return &SessionState{
		Mode: DefaultSQLMode, Database: "test", User: "root@localhost", CurrentUser: "root@localhost", ConnectionID: 7,
		SysVar: func(_, name string) (value.Value, error) { return value.Int(1), nil },
	}
}

func parseExpr(text string) (sqlparser.Expr, error) { return parse.Expr(text, parse.Options{}) }

// judgeColumns is the table that recorded expressions may refer to: name, MySQL declaration, type, value.
var judgeColumns = []struct {
	name, decl string
	typ        value.Type
	val        string // the SQL literal that the column holds
}{
	{"i", "INT", value.Type{ID: value.TypeInt}, "42"},
	{"ineg", "INT", value.Type{ID: value.TypeInt}, "-7"},
	{"u", "INT UNSIGNED", value.Type{ID: value.TypeInt, Unsigned: true}, "5"},
	{"bi", "BIGINT", value.Type{ID: value.TypeBigInt}, "9223372036854775807"},
	{"bu", "BIGINT UNSIGNED", value.Type{ID: value.TypeBigInt, Unsigned: true}, "18446744073709551615"},
	{"d", "DECIMAL(10,2)", value.Type{ID: value.TypeDecimal, Precision: 10, Scale: 2}, "12.50"},
	{"f", "DOUBLE", value.Type{ID: value.TypeDouble}, "2.5"},
	{"fl", "FLOAT", value.Type{ID: value.TypeFloat}, "0.1"},
	{"s", "VARCHAR(20)", value.Type{ID: value.TypeVarChar, Length: 20, Collation: collate.Default}, "'abc'"},
	{"sci", "VARCHAR(20) COLLATE utf8mb4_general_ci", value.Type{ID: value.TypeVarChar, Length: 20, Collation: collate.GeneralCI}, "'Ünïcode'"},
	{"snum", "VARCHAR(20)", value.Type{ID: value.TypeVarChar, Length: 20, Collation: collate.Default}, "'12abc'"},
	{"vb", "VARBINARY(20)", value.Type{ID: value.TypeVarBinary, Length: 20}, "'AbC'"},
	{"da", "DATE", value.Type{ID: value.TypeDate}, "'2024-02-29'"},
	{"dt", "DATETIME(3)", value.Type{ID: value.TypeDateTime, Scale: 3}, "'2024-02-29 13:14:15.678'"},
	{"ti", "TIME", value.Type{ID: value.TypeTime}, "'25:10:11'"},
	{"y", "YEAR", value.Type{ID: value.TypeYear}, "2024"},
	{"e", "ENUM('x','y','z')", value.Type{ID: value.TypeEnum, Elements: []string{"x", "y", "z"}, Collation: collate.Default}, "'y'"},
	{"st", "SET('a','b','c')", value.Type{ID: value.TypeSet, Elements: []string{"a", "b", "c"}, Collation: collate.Default}, "'a,c'"},
	{"n", "INT", value.Type{ID: value.TypeInt}, "NULL"},
	{"js", "JSON", value.Type{ID: value.TypeJSON}, `'{"a": [1, 2, {"b": "x"}], "c": null}'`},
}

// judgeScope is a scope over judgeColumns, with its row.
func judgeScope() (*testScope, []value.Value) {
	s := &testScope{session: testSession()}
	var row []value.Value
	for _, c := range judgeColumns {
		t := c.typ
		s.names = append(s.names, c.name)
		s.types = append(s.types, ColumnType(&t, false))
		raw, err := parseExpr(c.val)
		if err != nil {
			panic(err)
		}
		e, err := Bind(raw, &testScope{session: s.session})
		if err != nil {
			panic(err)
		}
		v, err := e.Eval(NewEnv(&Run{Session: s.session}))
		if err != nil {
			panic(err)
		}
		if v, err = value.Coerce(v, &t, &value.CoerceOptions{}); err != nil {
			panic(err)
		}
		row = append(row, v)
	}
	return s, row
}
