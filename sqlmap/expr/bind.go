package expr

import (
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
)

// Bind resolves and types e. Foldable subtrees are folded.
func Bind(e sqlparser.Expr, scope Scope) (Expr, error) {
	return nil, sqlerr.New(sqlerr.NotSupported, "expressions")
}

// BindRow is Bind for a place where a row expression is allowed too.
func BindRow(e sqlparser.Expr, scope Scope) (Expr, error) {
	return nil, sqlerr.New(sqlerr.NotSupported, "expressions")
}
