package expr

import (
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

// Bind resolves and types e. Foldable subtrees are folded to literals; an evaluation that fails or warns is left for
// the execution to report. The result is a value: a row constructor is error 1241.
func Bind(e sqlparser.Expr, scope Scope) (Expr, error) {
	b := newBinder(scope)
	out, err := b.value(e)
	if err != nil {
		return nil, err
	}
	return settled(out), nil
}

// BindRow is Bind for a place where a row expression is allowed too: the result may be a RowExpr.
func BindRow(e sqlparser.Expr, scope Scope) (Expr, error) {
	b := newBinder(scope)
	out, err := b.bind(e)
	if err != nil {
		return nil, err
	}
	return settled(out), nil
}

// NewCompare returns the comparison of two bound expressions, as the planner makes for USING and for rewritten
// subqueries. Rows give a RowCompare.
func NewCompare(op CompareOp, l, r Expr, scope Scope) (Expr, error) {
	return newBinder(scope).compare(op, l, r)
}

// binder binds one expression.
type binder struct {
	scope  Scope
	s      *SessionState
	conn   collate.ID
	depth  int
	consts *Env // evaluates constants; made on first use
}

func newBinder(scope Scope) *binder {
	s := scope.Session()
	return &binder{scope: scope, s: s, conn: s.ConnectionCollation()}
}

// value binds an operand of one column.
func (b *binder) value(e sqlparser.Expr) (Expr, error) {
	out, err := b.bind(e)
	if err != nil {
		return nil, err
	}
	if r, ok := out.(RowExpr); ok && r.Width() != 1 {
		return nil, sqlerr.New(sqlerr.OperandColumns, 1)
	}
	return out, nil
}

// values binds operands of one column each.
func (b *binder) values(list ...sqlparser.Expr) ([]Expr, error) {
	out := make([]Expr, len(list))
	for i, e := range list {
		v, err := b.value(e)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

// bind binds e, which may be a row.
func (b *binder) bind(e sqlparser.Expr) (Expr, error) {
	if b.depth++; b.depth > MaxDepth {
		return nil, sqlerr.New(sqlerr.StackTooDeep, MaxDepth)
	}
	defer func() { b.depth-- }()
	out, err := b.node(e)
	if err != nil {
		return nil, err
	}
	return b.fold(out), nil
}

func (b *binder) node(e sqlparser.Expr) (Expr, error) {
	switch n := e.(type) {
	case *ast.Literal:
		return b.literal(n)
	case *ast.Param:
		return b.scope.Param(n)
	case *sqlparser.NullVal:
		return &Literal{Typ: &Type{Coercibility: CoerceIgnorable}}, nil
	case sqlparser.BoolVal:
		t := intType(true)
		t.Digits = 1
		return &Literal{Val: value.Bool(bool(n)), Typ: t, boolean: true}, nil
	case *sqlparser.ColName:
		return b.scope.ResolveColumn(n)
	case *sqlparser.ParenExpr:
		return b.bind(n.Expr)
	case *sqlparser.AndExpr, *sqlparser.OrExpr, *sqlparser.NotExpr, *ast.Xor, *sqlparser.IsExpr:
		return b.logic(e)
	case *sqlparser.ComparisonExpr:
		return b.comparison(n)
	case *sqlparser.RangeCond:
		return b.between(n)
	case sqlparser.ValTuple:
		items := make([]Expr, len(n))
		for i, it := range n {
			x, err := b.value(it)
			if err != nil {
				return nil, err
			}
			items[i] = x
		}
		if len(items) == 1 {
			return items[0], nil
		}
		return &Row{Items: items}, nil
	case *sqlparser.Subquery, *sqlparser.ExistsExpr, *ast.Quantified:
		return b.subquery(e)
	case *sqlparser.BinaryExpr:
		return b.binary(n)
	case *sqlparser.UnaryExpr:
		return b.unary(n)
	}
	return b.special(e)
}

// special binds the nodes that are no operators.
func (b *binder) special(e sqlparser.Expr) (Expr, error) {
	switch n := e.(type) {
	case *sqlparser.CollateExpr:
		return b.collate(n)
	case *sqlparser.CaseExpr:
		return b.caseOf(n)
	case *sqlparser.FuncExpr:
		return b.funcExpr(n)
	case *sqlparser.GroupConcatExpr:
		return b.scope.BindAggregate(func(args Scope) (*Aggregate, error) { return bindGroupConcat(n, args) })
	case *sqlparser.ConvertExpr:
		return b.convert(n)
	case *sqlparser.ConvertUsingExpr:
		return b.convertUsing(n)
	case *sqlparser.SubstrExpr:
		args := []sqlparser.Expr{n.Name, n.From}
		if n.To != nil {
			args = append(args, n.To)
		}
		return b.call("substr", args)
	case *sqlparser.ValuesFuncExpr:
		return b.scope.Values(n.Name)
	case *sqlparser.Default:
		if n.ColName == "" {
			return b.scope.Default(nil)
		}
		return b.scope.Default(&sqlparser.ColName{Name: sqlparser.NewColIdent(n.ColName)})
	case *ast.DefaultOf:
		return b.scope.Default(n.Column())
	case *ast.Extract:
		return b.extract(n)
	case *ast.Trim:
		return b.trim(n)
	case *ast.MemberOf:
		args, err := b.values(n.Left, n.Right)
		if err != nil {
			return nil, err
		}
		return b.newCall("member of", args)
	case *ast.Window:
		return b.scope.BindWindow(func(args Scope) (*Window, error) { return bindWindow(n, args) })
	case *ast.UserVar:
		return b.userVar(n.Name), nil
	case *ast.SysVar:
		return b.scope.SysVar(n)
	case *ast.Assign:
		v, err := b.value(n.Expr)
		if err != nil {
			return nil, err
		}
		return newAssign(n.Name, settled(v), b.conn), nil
	case *sqlparser.IntervalExpr:
		return nil, sqlerr.New(sqlerr.NotSupported, "INTERVAL outside date arithmetic")
	case *sqlparser.MatchExpr:
		return nil, sqlerr.New(sqlerr.NotSupported, "MATCH ... AGAINST")
	case *ast.Keyword:
		return nil, sqlerr.New(sqlerr.UnknownColumn, n.Word, "field list")
	case sqlparser.ListArg:
		return nil, sqlerr.New(sqlerr.NotSupported, "list arguments")
	case *sqlparser.SQLVal:
		return b.plainLiteral(n)
	}
	return nil, sqlerr.New(sqlerr.NotSupported, "this expression")
}

// plainLiteral binds a literal that is sqlparser's own.
func (b *binder) plainLiteral(n *sqlparser.SQLVal) (Expr, error) {
	l := &ast.Literal{SQLVal: *n}
	text := string(n.Val)
	switch n.Type {
	case sqlparser.StrVal:
		l.Kind, l.Value = ast.LitString, value.String(text)
	case sqlparser.IntVal, sqlparser.FloatVal:
		v, ok := NumberLiteral(text)
		if !ok {
			return nil, sqlerr.New(sqlerr.Parse, shown(text), 1)
		}
		l.Kind, l.Value = ast.LitInt, v
	case sqlparser.HexVal, sqlparser.HexNum:
		v, ok := hexLiteral(strings.TrimPrefix(text, "0x"))
		if !ok {
			return nil, sqlerr.New(sqlerr.Parse, shown(text), 1)
		}
		l.Kind, l.Value = ast.LitHex, v
	default:
		return nil, sqlerr.New(sqlerr.NotSupported, "this literal")
	}
	return b.literal(l)
}

func (b *binder) logic(e sqlparser.Expr) (Expr, error) {
	switch n := e.(type) {
	case *sqlparser.AndExpr, *sqlparser.OrExpr:
		return b.chain(e)
	case *sqlparser.NotExpr:
		x, err := b.value(n.Expr)
		if err != nil {
			return nil, err
		}
		return b.not(x), nil
	case *ast.Xor:
		args, err := b.values(n.Left, n.Right)
		if err != nil {
			return nil, err
		}
		return &Logic{Op: OpXor, Args: []Expr{condition(args[0]), condition(args[1])}}, nil
	}
	n := e.(*sqlparser.IsExpr)
	x, err := b.value(n.Expr)
	if err != nil {
		return nil, err
	}
	switch n.Operator {
	case sqlparser.IsNullStr, sqlparser.IsNotNullStr:
		return &IsNull{Arg: x, Not: n.Operator == sqlparser.IsNotNullStr}, nil
	case sqlparser.IsTrueStr, sqlparser.IsNotTrueStr:
		return &IsTruth{Arg: condition(x), Want: true, Not: n.Operator == sqlparser.IsNotTrueStr}, nil
	}
	return &IsTruth{Arg: condition(x), Not: n.Operator == sqlparser.IsNotFalseStr}, nil
}

// not negates x; comparisons turn into their opposite, so that the planner sees a range.
func (b *binder) not(x Expr) Expr {
	switch n := x.(type) {
	case *Compare:
		if op, ok := n.Op.Negate(); ok {
			c := *n
			c.Op = op
			return &c
		}
	case *IsNull:
		return &IsNull{Arg: n.Arg, Not: !n.Not}
	case *InList:
		c := *n
		c.Not = !n.Not
		return &c
	case *Between:
		c := *n
		c.Not = !n.Not
		return &c
	case *Like:
		c := *n
		c.Not = !n.Not
		return &c
	}
	return &Not{Arg: condition(x)}
}

// chain flattens a run of ANDs or of ORs, so that a long one does not nest.
func (b *binder) chain(e sqlparser.Expr) (Expr, error) {
	_, isAnd := e.(*sqlparser.AndExpr)
	var leaves []sqlparser.Expr
	for {
		var l, r sqlparser.Expr
		switch n := e.(type) {
		case *sqlparser.AndExpr:
			if isAnd {
				l, r = n.Left, n.Right
			}
		case *sqlparser.OrExpr:
			if !isAnd {
				l, r = n.Left, n.Right
			}
		case *sqlparser.ParenExpr:
			e = n.Expr
			continue
		}
		if l == nil {
			leaves = append(leaves, e)
			break
		}
		leaves = append(leaves, r)
		e = l
	}
	op := OpOr
	if isAnd {
		op = OpAnd
	}
	out := &Logic{Op: op}
	for i := len(leaves) - 1; i >= 0; i-- {
		x, err := b.value(leaves[i])
		if err != nil {
			return nil, err
		}
		if l, ok := x.(*Logic); ok && l.Op == op {
			out.Args = append(out.Args, l.Args...)
			continue
		}
		out.Args = append(out.Args, condition(x))
	}
	return out, nil
}

func settleAll(list []Expr) []Expr {
	for i, e := range list {
		list[i] = settled(e)
	}
	return list
}

// foldEnv returns the Env in which constants are evaluated at binding: the session's settings, without its warnings.
func (b *binder) foldEnv() *Env {
	if b.consts == nil {
		session := *b.s
		env := NewEnv(&Run{Session: &session})
		b.consts = env.quiet()
	}
	b.consts.Run.muted = 0
	return b.consts
}

// maxFolded is the longest string that a plan keeps in place of the expression it came from.
const maxFolded = 4096

// fold replaces a node over literals by its value.
func (b *binder) fold(e Expr) Expr {
	switch e.(type) {
	case *Literal, *Column, *Param, RowExpr:
		return e
	}
	if e.Flags() != 0 {
		return e
	}
	kids := e.Children()
	for _, k := range kids {
		switch n := k.(type) {
		case *Literal:
		case *Row:
			if !allLiterals(n.Items) {
				return e
			}
		default:
			return e
		}
	}
	env := b.foldEnv()
	v, err := e.Eval(env)
	if err != nil || env.warned() || len(v.Str()) > maxFolded {
		return e
	}
	t := *e.Type()
	t.NotNull = !v.IsNull()
	return &Literal{Val: v, Typ: &t, boolean: isBooleanExpr(e)}
}

func allLiterals(list []Expr) bool {
	for _, e := range list {
		if _, ok := e.(*Literal); !ok {
			return false
		}
	}
	return true
}
