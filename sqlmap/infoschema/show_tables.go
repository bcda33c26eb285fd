package infoschema

import (
	"context"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/rowset"
)

// withPattern adds the pattern of LIKE to a label, as MySQL does.
func withPattern(label string, st *ast.Show) string {
	if st.Like != nil {
		return label + " (" + *st.Like + ")"
	}
	return label
}

// showTables is SHOW [FULL] TABLES. Temporary tables are not listed.
func (env *Env) showTables(_ context.Context, st *ast.Show) (*rowset.Set, error) {
	db, err := env.database(st)
	if err != nil {
		return nil, err
	}
	decls := []string{withPattern("Tables_in_"+db, st) + "|name!"}
	if st.Full {
		decls = append(decls, "Table_type|v11!")
	}
	set := newFixed(decls...)
	add := func(name, kind string) {
		if st.Full {
			set.add(name, kind)
		} else {
			set.add(name)
		}
	}
	if db == Name {
		for _, name := range virtualNames {
			add(name, "SYSTEM VIEW")
		}
		return set.Set, nil
	}
	for _, e := range entries(env.Catalog(), db) {
		if e.view != nil {
			add(e.name, "VIEW")
		} else {
			add(e.name, "BASE TABLE")
		}
	}
	return set.Set, nil
}

// showDatabases is SHOW DATABASES.
func (env *Env) showDatabases(_ context.Context, st *ast.Show) (*rowset.Set, error) {
	set := newFixed(withPattern("Database", st) + "|name!")
	listed := false
	for _, d := range env.Catalog().Databases() {
		if !listed && d.Name > Name {
			listed = true
			set.add(Name)
		}
		set.add(d.Name)
	}
	if !listed {
		set.add(Name)
	}
	return set.Set, nil
}

// showTableStatus is SHOW TABLE STATUS.
func (env *Env) showTableStatus(ctx context.Context, st *ast.Show) (*rowset.Set, error) {
	db, err := env.database(st)
	if err != nil {
		return nil, err
	}
	return env.project(ctx, tables, map[string]string{"TABLE_SCHEMA": db},
		"Name=TABLE_NAME", "Engine=ENGINE", "Version=VERSION", "Row_format=ROW_FORMAT", "Rows=TABLE_ROWS",
		"Avg_row_length=AVG_ROW_LENGTH", "Data_length=DATA_LENGTH", "Max_data_length=MAX_DATA_LENGTH",
		"Index_length=INDEX_LENGTH", "Data_free=DATA_FREE", "Auto_increment=AUTO_INCREMENT", "Create_time=CREATE_TIME",
		"Update_time=UPDATE_TIME", "Check_time=CHECK_TIME", "Collation=TABLE_COLLATION", "Checksum=CHECKSUM",
		"Create_options=CREATE_OPTIONS", "Comment=TABLE_COMMENT")
}

// showOpenTables is SHOW OPEN TABLES: all of them are.
func (env *Env) showOpenTables(_ context.Context, st *ast.Show) (*rowset.Set, error) {
	set := newFixed("Database|name!", "Table|name!", "In_use|bigint!", "Name_locked|bigint!")
	if st.DB != "" {
		if _, err := env.database(st); err != nil {
			return nil, err
		}
	}
	for _, d := range env.Catalog().Databases() {
		if st.DB != "" && d.Name != st.DB {
			continue
		}
		for _, t := range env.Catalog().Tables(d.Name) {
			set.add(d.Name, t.Def().Name, 0, 0)
		}
	}
	return set.Set, nil
}

// showTriggers is SHOW TRIGGERS.
func (env *Env) showTriggers(ctx context.Context, st *ast.Show) (*rowset.Set, error) {
	db, err := env.database(st)
	if err != nil {
		return nil, err
	}
	return env.project(ctx, triggers, map[string]string{"EVENT_OBJECT_SCHEMA": db},
		"Trigger=TRIGGER_NAME", "Event=EVENT_MANIPULATION", "Table=EVENT_OBJECT_TABLE", "Statement=ACTION_STATEMENT",
		"Timing=ACTION_TIMING", "Created=CREATED", "sql_mode=SQL_MODE", "Definer=DEFINER",
		"character_set_client=CHARACTER_SET_CLIENT", "collation_connection=COLLATION_CONNECTION",
		"Database Collation=DATABASE_COLLATION")
}

// showIndex is SHOW INDEX.
func (env *Env) showIndex(_ context.Context, st *ast.Show) (*rowset.Set, error) {
	set := newFixed("Table|name!", "Non_unique|int!", "Key_name|v64", "Seq_in_index|uint!", "Column_name|v64", "Collation|v1",
		"Cardinality|bigint", "Sub_part|bigint", "Packed|null", "Null|v3!", "Index_type|v11!", "Comment|v8!",
		"Index_comment|v2048!", "Visible|v3!", "Expression|longtext")
	t, v, err := env.find(st.Table)
	if err != nil || v != nil {
		return set.Set, err
	}
	var rows int64
	if e, ok := t.(interface{ RowEstimate() int64 }); ok {
		rows = e.RowEstimate()
	}
	eachPart(t.Def(), rows, func(p *partInfo) {
		set.add(t.Def().Name, p.nonUnique, p.index.Name, p.seq, p.column, p.collation, p.rows, p.prefix, nil, p.null,
			p.index.Kind.String(), "", p.index.Comment, yesNo(!p.index.Hidden), nil)
	})
	return set.Set, nil
}

// showRoutines is SHOW PROCEDURE STATUS and SHOW FUNCTION STATUS: there are none.
func (env *Env) showRoutines(ctx context.Context, st *ast.Show) (*rowset.Set, error) {
	return newFixed("Db|name!", "Name|v64!", "Type|v9!", "Definer|v288!", "Modified|timestamp!", "Created|timestamp!",
		"Security_type|v7!", "Comment|text!", "character_set_client|v64!", "collation_connection|v64!",
		"Database Collation|v64!").Set, nil
}

// showEvents is SHOW EVENTS: there are none.
func (env *Env) showEvents(_ context.Context, st *ast.Show) (*rowset.Set, error) {
	if _, err := env.database(st); err != nil {
		return nil, err
	}
	return newFixed("Db|name!", "Name|v64!", "Definer|v288!", "Time zone|v64!", "Type|v9!", "Execute at|datetime",
		"Interval value|v256", "Interval field|v18", "Starts|datetime", "Ends|datetime", "Status|v18!", "Originator|uint!",
		"character_set_client|v64!", "collation_connection|v64!", "Database Collation|v64!").Set, nil
}

// showEngineStatus is SHOW ENGINE … STATUS.
func (env *Env) showEngineStatus(_ context.Context, st *ast.Show) (*rowset.Set, error) {
	return nil, sqlerr.New(sqlerr.NotSupported, "SHOW ENGINE STATUS")
}
