package infoschema

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/rowset"
)

// started is about when the process began, for Uptime.
var started = time.Now()

// showVariables is SHOW VARIABLES.
func (env *Env) showVariables(_ context.Context, st *ast.Show) (*rowset.Set, error) {
	set := newFixed("Variable_name|v64!", "Value|v1024")
	list := env.Variables(st.Scope == ast.ScopeGlobal)
	slices.SortFunc(list, func(a, b Variable) int { return strings.Compare(a.Name, b.Name) })
	for _, v := range list {
		set.add(v.Name, v.Value)
	}
	return set.Set, nil
}

// showStatus is SHOW STATUS: the counters that the engine keeps, under the names of MySQL's that mean the same. All of them
// are global.
func (env *Env) showStatus(context.Context, *ast.Show) (*rowset.Set, error) {
	set := newFixed("Variable_name|v64!", "Value|v1024")
	s := env.Stats()
	var rows int64
	for i := range s.Tables {
		rows += s.Tables[i].Rows
	}
	for _, v := range []struct {
		name string
		n    uint64
	}{
		{"Handler_commit", s.Commits},
		{"Handler_rollback", s.Rollbacks},
		{"Innodb_deadlocks", s.Deadlocks},
		{"Innodb_row_lock_waits", s.LockWaits},
		{"Open_tables", uint64(len(s.Tables))},
		{"Threads_connected", uint64(len(env.Processes()))},
		{"Uptime", uint64(time.Since(started) / time.Second)},
		{"Worktable_active_transactions", uint64(max(s.ActiveTx, 0))},
		{"Worktable_rows", uint64(max(rows, 0))},
		{"Worktable_snapshots", uint64(max(s.Snapshots, 0))},
	} {
		set.add(v.name, strconv.FormatUint(v.n, 10))
	}
	return set.Set, nil
}

// showEngines is SHOW ENGINES.
func (env *Env) showEngines(ctx context.Context, _ *ast.Show) (*rowset.Set, error) {
	return env.project(ctx, engines, nil, "Engine=ENGINE", "Support=SUPPORT", "Comment=COMMENT", "Transactions=TRANSACTIONS",
		"XA=XA", "Savepoints=SAVEPOINTS")
}

// showCollation is SHOW COLLATION.
func (env *Env) showCollation(ctx context.Context, _ *ast.Show) (*rowset.Set, error) {
	return env.project(ctx, collations, nil, "Collation=COLLATION_NAME", "Charset=CHARACTER_SET_NAME", "Id=ID",
		"Default=IS_DEFAULT", "Compiled=IS_COMPILED", "Sortlen=SORTLEN", "Pad_attribute=PAD_ATTRIBUTE")
}

// showCharset is SHOW CHARACTER SET.
func (env *Env) showCharset(ctx context.Context, _ *ast.Show) (*rowset.Set, error) {
	return env.project(ctx, characterSets, nil, "Charset=CHARACTER_SET_NAME", "Description=DESCRIPTION",
		"Default collation=DEFAULT_COLLATE_NAME", "Maxlen=MAXLEN")
}

// shownInfo is how many characters of a statement SHOW PROCESSLIST without FULL shows.
const shownInfo = 100

// showProcesslist is SHOW [FULL] PROCESSLIST.
func (env *Env) showProcesslist(ctx context.Context, st *ast.Show) (*rowset.Set, error) {
	set, err := env.project(ctx, processlist, nil, "Id=ID", "User=USER", "Host=HOST", "db=DB", "Command=COMMAND",
		"Time=TIME", "State=STATE", "Info=INFO")
	if err != nil || st.Full {
		return set, err
	}
	info := len(set.Columns) - 1
	for _, row := range set.Rows {
		if text := row[info].Text(); !row[info].IsNull() && utf8.RuneCountInString(text) > shownInfo {
			row[info] = value.String(string([]rune(text)[:shownInfo]))
		}
	}
	return set, nil
}

// showGrants is SHOW GRANTS: whoever holds a database may do everything with it.
func (env *Env) showGrants(context.Context, *ast.Show) (*rowset.Set, error) {
	set := newFixed("Grants for root@localhost|v1024!")
	set.add("GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION")
	return set.Set, nil
}

// showPlugins is SHOW PLUGINS.
func (env *Env) showPlugins(ctx context.Context, _ *ast.Show) (*rowset.Set, error) {
	return env.project(ctx, plugins, nil, "Name=PLUGIN_NAME", "Status=PLUGIN_STATUS", "Type=PLUGIN_TYPE",
		"Library=PLUGIN_LIBRARY", "License=PLUGIN_LICENSE")
}

// showPrivileges is SHOW PRIVILEGES.
func (env *Env) showPrivileges(context.Context, *ast.Show) (*rowset.Set, error) {
	set := newFixed("Privilege|v35!", "Context|v36!", "Comment|v57!")
	for _, p := range [][3]string{
		{"Alter", "Tables", "To alter the table"},
		{"Create", "Databases,Tables,Indexes", "To create new databases and tables"},
		{"Create temporary tables", "Databases", "To use CREATE TEMPORARY TABLE"},
		{"Create view", "Tables", "To create new views"},
		{"Delete", "Tables", "To delete existing rows"},
		{"Drop", "Databases,Tables", "To drop databases, tables, and views"},
		{"Index", "Tables", "To create or drop indexes"},
		{"Insert", "Tables", "To insert data into tables"},
		{"References", "Databases,Tables", "To have references on tables"},
		{"Select", "Tables", "To retrieve rows from table"},
		{"Show view", "Tables", "To see views with SHOW CREATE VIEW"},
		{"Trigger", "Tables", "To use triggers"},
		{"Update", "Tables", "To update existing rows"},
	} {
		set.add(p[0], p[1], p[2])
	}
	return set.Set, nil
}

// showMasterStatus is SHOW MASTER STATUS: there is no binary log.
func (env *Env) showMasterStatus(context.Context, *ast.Show) (*rowset.Set, error) {
	return newFixed("File|v255!", "Position|ubigint!", "Binlog_Do_DB|v255!", "Binlog_Ignore_DB|v255!", "Executed_Gtid_Set|v255!").Set, nil
}

// showReplicaStatus is SHOW REPLICA STATUS: this is none.
func (env *Env) showReplicaStatus(context.Context, *ast.Show) (*rowset.Set, error) {
	return newFixed("Replica_IO_State|v14!", "Source_Host|v255!", "Source_User|v32!", "Source_Port|uint!", "Connect_Retry|uint!").Set, nil
}

// showProfiles is SHOW PROFILES: none are kept.
func (env *Env) showProfiles(context.Context, *ast.Show) (*rowset.Set, error) {
	return newFixed("Query_ID|uint!", "Duration|v20!", "Query|v300!").Set, nil
}
