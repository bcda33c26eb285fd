package sqlmap

import (
	"context"
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/dml"
	"github.com/worktable-go/worktable/sqlmap/exec"
	"github.com/worktable-go/worktable/sqlmap/infoschema"
	"github.com/worktable-go/worktable/sqlmap/rowset"
)

// showEnv is what SHOW and DESCRIBE work on.
func (s *Session) showEnv(args []value.Value) *infoschema.Env {
	return &infoschema.Env{
		Source: infoschema.Source{
			Catalog:   s.db.engine.Catalog,
			Stats:     s.db.engine.Stats,
			Variables: s.listVariables,
			Processes: s.listProcesses,
		},
		Database: s.state.Database,
		Lookup:   catalog{s: s, engine: s.db.engine.Catalog()},
		Run:      s.newRun(context.Background(), args, nil),
	}
}

// show is SHOW. Diagnostics are the session's own; the rest is information_schema's.
func (s *Session) show(ctx context.Context, st *ast.Show, args []value.Value) (*rowset.Set, error) {
	switch st.Kind {
	case ast.ShowWarnings, ast.ShowErrors:
		set := &rowset.Set{Columns: []rowset.Column{rowset.Text("Level"), rowset.Integer("Code"), rowset.Text("Message")}}
		for _, w := range s.warnings {
			if st.Kind == ast.ShowErrors && w.Level != "Error" {
				continue
			}
			set.Rows = append(set.Rows, []value.Value{value.String(w.Level), value.Int(int64(w.Number)), value.String(w.Message)})
		}
		return limitRows(set, st.Limit)
	case ast.ShowCountWarnings:
		n := int64(len(s.warnings) + s.dropped)
		return &rowset.Set{Columns: []rowset.Column{rowset.Integer("@@session.warning_count")}, Rows: [][]value.Value{{value.Int(n)}}}, nil
	case ast.ShowCountErrors:
		n := int64(s.countErrors())
		return &rowset.Set{Columns: []rowset.Column{rowset.Integer("@@session.error_count")}, Rows: [][]value.Value{{value.Int(n)}}}, nil
	}
	return infoschema.Show(ctx, s.showEnv(args), st)
}

// limitRows applies the LIMIT of SHOW WARNINGS, whose operands are literals.
func limitRows(set *rowset.Set, l *sqlparser.Limit) (*rowset.Set, error) {
	if l == nil {
		return set, nil
	}
	count, err := literalCount(l.Rowcount)
	if err != nil {
		return nil, err
	}
	offset := 0
	if l.Offset != nil {
		if offset, err = literalCount(l.Offset); err != nil {
			return nil, err
		}
	}
	offset = min(offset, len(set.Rows))
	set.Rows = set.Rows[offset:min(len(set.Rows), offset+count)]
	return set, nil
}

func literalCount(e sqlparser.Expr) (int, error) {
	if l, ok := e.(*ast.Literal); ok && l.Kind == ast.LitInt {
		return int(min(l.Value.Int64(), 1<<31)), nil
	}
	return 0, sqlerr.New(sqlerr.NotSupported, "SHOW WARNINGS with a LIMIT that is no number")
}

// explainStatement is EXPLAIN: the plan as an indented tree, one node per row.
func (s *Session) explainStatement(st *ast.Explain) (*rowset.Set, error) {
	if st.Analyze {
		return nil, sqlerr.New(sqlerr.NotSupported, "EXPLAIN ANALYZE")
	}
	switch strings.ToUpper(st.Output) {
	case "", "TREE", "TRADITIONAL":
	default:
		return nil, sqlerr.New(sqlerr.NotSupported, "EXPLAIN FORMAT="+st.Output)
	}
	var tree string
	switch {
	case isQuery(st.Statement):
		p, err := exec.Compile(st.Statement.(sqlparser.SelectStatement), s.planContext())
		if err != nil {
			return nil, err
		}
		tree = p.Query().Explain()
	case isChange(st.Statement):
		p, err := dml.Compile(st.Statement, st.Text, s.planContext())
		if err != nil {
			return nil, err
		}
		tree = p.Explain()
	default:
		return nil, sqlerr.New(sqlerr.NotSupported, "EXPLAIN of this statement")
	}
	set := &rowset.Set{Columns: []rowset.Column{rowset.Text("EXPLAIN")}}
	for _, line := range strings.Split(strings.TrimRight(tree, "\n"), "\n") {
		set.Rows = append(set.Rows, []value.Value{value.String(line)})
	}
	return set, nil
}
