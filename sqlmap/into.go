package sqlmap

import (
	"context"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// intoVar is a user variable of SELECT … INTO with the type of the column that it gets.
type intoVar struct {
	name string
	typ  *expr.Type
}

// intoOf returns the variables that a query puts its row in; none when its rows are for the client. Error 1222 when
// they are not as many as the columns.
func intoOf(st sqlparser.Statement, cols []plan.ResultColumn) ([]intoVar, error) {
	sel := lastBlock(st)
	var elsewhere error
	ast.Inspect(st, func(n sqlparser.SQLNode) bool {
		if s, ok := n.(*ast.Select); ok && len(s.Into) > 0 && s != sel {
			elsewhere = sqlerr.New(sqlerr.NotSupported, "INTO in a part of a query")
		}
		return elsewhere == nil
	})
	if elsewhere != nil || sel == nil || len(sel.Into) == 0 {
		return nil, elsewhere
	}
	if len(sel.Into) != len(cols) {
		return nil, sqlerr.New(sqlerr.SetOpColumns)
	}
	vars := make([]intoVar, len(cols))
	for i, v := range sel.Into {
		vars[i] = intoVar{v.Name, cols[i].Type}
	}
	return vars, nil
}

// lastBlock returns the query block behind which INTO of a whole query stands, nil when it has none.
func lastBlock(n sqlparser.SQLNode) *ast.Select {
	switch n := n.(type) {
	case *ast.Select:
		return n
	case *ast.With:
		return lastBlock(n.Body())
	case *sqlparser.ParenSelect:
		return lastBlock(n.Select)
	case *sqlparser.Union:
		return lastBlock(n.Right)
	case *ast.SetOp:
		return lastBlock(n.Right)
	}
	return nil
}

// runInto runs SELECT … INTO @a, @b. Without a row the variables stay and warning 1329 says so; more than one row is
// error 1172, which leaves them as they were.
func (s *Session) runInto(ctx context.Context, r *Result, c *compiled, args []value.Value) error {
	rows := &Result{s: s}
	if err := s.runQuery(ctx, rows, c, args, nil); err != nil {
		return err
	}
	if rows.live != nil {
		rows.live.opening = true // the execution goes on when the rows end: execute ends it
	}
	row, err := rows.Row(ctx)
	if err != nil {
		return err
	}
	kept := make([]value.Value, len(row))
	for i, v := range row {
		kept[i] = v.Clone()
	}
	if row != nil {
		row, err = rows.Row(ctx)
	}
	if err == nil && row != nil {
		err = sqlerr.New(sqlerr.TooManyRows)
	}
	if rows.live != nil {
		err = rows.endLive(err)
	}
	if err != nil {
		return err
	}
	if len(kept) == 0 {
		s.warn(expr.LevelWarning, sqlerr.New(sqlerr.NoRows))
		s.state.RowCount = 0
		return nil
	}
	for i, v := range c.into {
		if err := s.state.SetVar(v.name, kept[i], v.typ); err != nil {
			return err
		}
	}
	r.outcome = Outcome{Affected: 1}
	r.affects++
	s.state.RowCount = 1
	return nil
}
