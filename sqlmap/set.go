package sqlmap

import (
	"context"
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/exec"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// runSet is SET. Assignments take effect from left to right; the ones before a failing one stay, as in MySQL.
func (s *Session) runSet(ctx context.Context, st *ast.Set, args []value.Value) error {
	for i := range st.Vars {
		v := &st.Vars[i]
		var e sqlparser.Expr
		if i < len(st.Exprs) {
			e = st.Exprs[i].Expr
		}
		var err error
		switch v.Kind {
		case ast.SetNames, ast.SetCharset:
			err = s.setNames(v)
		case ast.SetUser:
			err = s.setUserVariable(ctx, v.Name, e, args)
		default:
			err = s.setSystemVariable(ctx, v, e, args)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Session) setSystemVariable(ctx context.Context, v *ast.SetVar, e sqlparser.Expr, args []value.Value) error {
	switch e := e.(type) {
	case *sqlparser.Default:
		return s.assign(v.Scope, v.Name, value.Null, true)
	case *ast.Keyword:
		return s.assign(v.Scope, v.Name, value.String(e.Word), false)
	}
	x, err := s.evaluate(ctx, e, args)
	if err != nil {
		return err
	}
	return s.assign(v.Scope, v.Name, x.Clone(), false)
}

func (s *Session) setUserVariable(ctx context.Context, name string, e sqlparser.Expr, args []value.Value) error {
	x, err := s.evaluate(ctx, e, args)
	if err != nil {
		return err
	}
	if s.state.Vars == nil {
		s.state.Vars = map[string]expr.UserVar{}
	}
	s.state.Vars[strings.ToLower(name)] = expr.UserVar{Value: x.Clone(), Collation: s.state.ConnectionCollation()}
	return nil
}

// setNames is SET NAMES and SET CHARACTER SET: the character set is always utf8mb4 underneath, the collation counts.
func (s *Session) setNames(v *ast.SetVar) error {
	charset := v.Charset
	if charset == "" {
		charset = "utf8mb4"
	}
	id, ok := collate.CharsetDefault(charset)
	if !ok {
		return sqlerr.New(sqlerr.UnknownCharset, charset)
	}
	if v.Collate != "" {
		if id, ok = collate.ByName(v.Collate); !ok {
			return sqlerr.New(sqlerr.UnknownCollation, v.Collate)
		}
		if !collate.Fits(v.Collate, charset) {
			return sqlerr.New(sqlerr.CollationMismatch, v.Collate, charset)
		}
	}
	for _, name := range []string{"character_set_client", "character_set_results", "character_set_connection"} {
		s.vars[name] = value.String(charset)
	}
	if v.Kind == ast.SetCharset {
		id = s.databaseCollation()
	}
	s.state.Collation = id
	s.vars["collation_connection"] = value.String(id.Name())
	s.settingsVersion++
	return nil
}

// setTransaction is SET [SESSION|GLOBAL] TRANSACTION; without a scope it concerns the next transaction only.
func (s *Session) setTransaction(st *ast.SetTransaction) error {
	o := s.characteristics()
	if st.Isolation != "" {
		iso, err := isolationOf(st.Isolation)
		if err != nil {
			return err
		}
		o.Isolation = iso
	}
	if st.ReadOnly || st.ReadWrite {
		o.ReadOnly = st.ReadOnly
	}
	switch st.Scope {
	case ast.ScopeNone:
		if s.InTx() {
			return sqlerr.New(sqlerr.TxInProgress)
		}
		s.next = &o
	case ast.ScopeSession:
		s.isolation, s.readOnly = o.Isolation, o.ReadOnly
	default:
		if st.Isolation != "" {
			level := strings.ReplaceAll(strings.ToUpper(st.Isolation), " ", "-")
			if err := s.assign(st.Scope, "transaction_isolation", value.String(level), false); err != nil {
				return err
			}
		}
		if st.ReadOnly || st.ReadWrite {
			return s.assign(st.Scope, "transaction_read_only", value.Bool(st.ReadOnly), false)
		}
	}
	return nil
}

// runDo is DO: its expressions are evaluated for what they do.
func (s *Session) runDo(ctx context.Context, st *ast.Do, args []value.Value) error {
	return s.selectRows(ctx, st.Select, args, func([]value.Value) error { return nil })
}

// evaluate computes an expression outside of any query; subqueries are allowed.
func (s *Session) evaluate(ctx context.Context, e sqlparser.Expr, args []value.Value) (value.Value, error) {
	sel := &sqlparser.Select{SelectExprs: sqlparser.SelectExprs{&sqlparser.AliasedExpr{Expr: e}}}
	var out value.Value
	err := s.selectRows(ctx, sel, args, func(row []value.Value) error {
		out = row[0].Clone()
		return nil
	})
	return out, err
}

// selectRows runs a query whose rows are wanted here; visit's rows are good for the call.
func (s *Session) selectRows(ctx context.Context, sel sqlparser.SelectStatement, args []value.Value, visit func(row []value.Value) error) error {
	p, err := exec.Compile(sel, s.planContext())
	if err != nil {
		return err
	}
	return s.statement(ctx, engine.StmtRead, func(tx *engine.Tx) error {
		rows, err := p.Open(&exec.Runtime{Tx: tx, Run: s.newRun(ctx, args, nil)})
		if err != nil {
			return err
		}
		defer rows.Close()
		var b exec.Batch
		for {
			if err := rows.Next(&b); err != nil {
				return err
			}
			if b.Len() == 0 {
				return nil
			}
			for i := range b.Len() {
				if err := visit(b.Row(i)); err != nil {
					return err
				}
			}
		}
	})
}
