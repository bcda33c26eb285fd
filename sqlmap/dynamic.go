package sqlmap

import (
	"context"
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

// isTimed reports whether max_execution_time bounds a statement: a query, also one that EXECUTE runs.
func (s *Session) isTimed(c *compiled) bool {
	if st, ok := c.parsed.AST.(*ast.Execute); ok {
		if p := s.prepared[strings.ToLower(st.Name)]; p != nil {
			c = p.c
		}
	}
	return c.class == classQuery
}

// runDynamic is PREPARE, EXECUTE and DEALLOCATE PREPARE.
func (s *Session) runDynamic(ctx context.Context, r *Result, st sqlparser.Statement) error {
	switch st := st.(type) {
	case *ast.Prepare:
		text := st.Text
		if st.Var != "" {
			v := s.state.Vars[strings.ToLower(st.Var)].Value
			if v.IsNull() {
				return sqlerr.New(sqlerr.EmptyQuery)
			}
			text = v.Text()
		}
		// As in MySQL the statement of that name is gone even when the new one fails.
		delete(s.prepared, strings.ToLower(st.Name))
		p, err := s.Prepare(ctx, text)
		if err != nil {
			return err
		}
		if s.prepared == nil {
			s.prepared = map[string]*Stmt{}
		}
		s.prepared[strings.ToLower(st.Name)] = p
	case *ast.Execute:
		p, ok := s.prepared[strings.ToLower(st.Name)]
		if !ok {
			return sqlerr.New(sqlerr.UnknownStatement, st.Name, "EXECUTE")
		}
		if _, again := p.c.parsed.AST.(*ast.Execute); again {
			return sqlerr.New(sqlerr.NotSupported, "EXECUTE of an EXECUTE")
		}
		args := make([]value.Value, len(st.Using))
		for i, name := range st.Using {
			args[i] = s.state.Vars[strings.ToLower(name)].Value
		}
		args, err := Args{Values: args}.Resolve(p.c.parsed.NumParams, p.c.parsed.ParamNames)
		if err != nil {
			return err
		}
		if err := p.refresh(); err != nil {
			return err
		}
		s.activity.show(p.c.info)
		return s.runFresh(ctx, r, p.c, args, nil)
	case *ast.Deallocate:
		name := strings.ToLower(st.Name)
		if _, ok := s.prepared[name]; !ok {
			return sqlerr.New(sqlerr.UnknownStatement, st.Name, "DEALLOCATE PREPARE")
		}
		delete(s.prepared, name)
	}
	return nil
}
