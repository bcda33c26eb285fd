package sqlmap

import (
	"context"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/rowset"
)

// runAdmin is ANALYZE, OPTIMIZE and CHECK TABLE. OPTIMIZE runs the vacuum, CHECK compares indexes with their tables.
func (s *Session) runAdmin(ctx context.Context, st *ast.AdminTable) (*rowset.Set, error) {
	if st.Op == ast.ChecksumTable {
		return s.runChecksum(ctx, st)
	}
	names := map[ast.AdminOp]string{ast.AnalyzeTable: "analyze", ast.OptimizeTable: "optimize", ast.CheckTable: "check"}
	op, ok := names[st.Op]
	if !ok {
		return nil, sqlerr.New(sqlerr.NotSupported, "REPAIR TABLE")
	}
	set := &rowset.Set{Columns: []rowset.Column{
		rowset.Text("Table"), rowset.Text("Op"), rowset.Text("Msg_type"), rowset.Text("Msg_text"),
	}}
	add := func(table, kind, message string) {
		set.Rows = append(set.Rows, []value.Value{value.String(table), value.String(op), value.String(kind), value.String(message)})
	}
	checked := false
	for _, name := range st.Tables {
		db := name.Qualifier.String()
		if db == "" {
			db = s.state.Database
		}
		full := db + "." + name.Name.String()
		if (catalog{s: s, engine: s.db.engine.Catalog()}).Table(db, name.Name.String()) == nil {
			add(full, "Error", sqlerr.New(sqlerr.NoSuchTable, db, name.Name.String()).Message)
			add(full, "status", "Operation failed")
			continue
		}
		if !checked && st.Op != ast.AnalyzeTable {
			checked = true
			if err := s.maintain(ctx, st.Op, s.db.engine, func(problem string) { add(full, "error", problem) }); err != nil {
				return nil, err
			}
		}
		add(full, "status", "OK")
	}
	return set, nil
}

// maintain does what OPTIMIZE and CHECK ask for, over the whole database.
func (s *Session) maintain(ctx context.Context, op ast.AdminOp, db *engine.DB, problem func(string)) error {
	if op == ast.OptimizeTable {
		return db.Vacuum(ctx, nil)
	}
	for _, err := range db.Check(ctx) {
		problem(err.Error())
	}
	return nil
}
