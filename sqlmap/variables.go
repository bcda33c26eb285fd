package sqlmap

import (
	"runtime"
	"time"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/sqlmode"
)

// variables are the system variables: those that do something here, and those that tools read or set at connection
// time and whose MySQL value is true of this engine or harmless.
var variables = map[string]*variable{}

func init() {
	for _, list := range [][]*variable{behaviour(), characterSets(), transactional(), limits(), informative()} {
		for _, v := range list {
			variables[v.name] = v
		}
	}
}

func str(s string) value.Value { return value.String(s) }

func behaviour() []*variable {
	return []*variable{
		{name: "sql_mode", def: str(sqlmode.Format(expr.DefaultSQLMode)), apply: setMode},
		{name: "time_zone", def: str("SYSTEM"), apply: func(s *Session, v value.Value) (value.Value, error) {
			loc, err := ParseTimeZone(v.Str())
			if err != nil {
				return value.Null, err
			}
			s.state.TimeZone, s.state.TimeZoneName = loc, v.Str()
			return v, nil
		}},
		{name: "foreign_key_checks", def: value.Int(1), kind: varBool, apply: func(s *Session, v value.Value) (value.Value, error) {
			s.foreignKeyChecks = v.Int64() != 0
			if s.tx != nil {
				s.tx.SetForeignKeyChecks(s.foreignKeyChecks)
			}
			return v, nil
		}},
		{name: "unique_checks", def: value.Int(1), kind: varBool},
		{name: "sql_safe_updates", def: value.Int(0), kind: varBool, apply: onlyValue("sql_safe_updates", 0)},
		{name: "sql_auto_is_null", def: value.Int(0), kind: varBool, apply: onlyValue("sql_auto_is_null", 0)},
		{name: "sql_big_selects", def: value.Int(1), kind: varBool},
		{name: "sql_notes", def: value.Int(1), kind: varBool, apply: func(s *Session, v value.Value) (value.Value, error) {
			s.muteNotes = v.Int64() == 0
			return v, nil
		}},
		{name: "sql_warnings", def: value.Int(0), kind: varBool},
		{name: "sql_require_primary_key", def: value.Int(0), kind: varBool, apply: onlyValue("sql_require_primary_key", 0)},
		{name: "sql_generate_invisible_primary_key", def: value.Int(0), kind: varBool,
			apply: onlyValue("sql_generate_invisible_primary_key", 0)},
		{name: "innodb_strict_mode", def: value.Int(1), kind: varBool, apply: onlyValue("innodb_strict_mode", 1)},
		{name: "information_schema_stats_expiry", def: value.Int(86400), kind: varInt}, // nothing is cached
		{name: "sql_log_bin", def: value.Int(1), kind: varBool},
		{name: "sql_quote_show_create", def: value.Int(1), kind: varBool, apply: onlyValue("sql_quote_show_create", 1)},
		{name: "sql_select_limit", def: value.Uint(1<<64 - 1), kind: varInt, apply: refuse("sql_select_limit")},
		{name: "last_insert_id", def: value.Int(0), kind: varInt, scope: scopeSession,
			apply: func(s *Session, v value.Value) (value.Value, error) {
				s.state.LastInsertID = uint64(v.Int64())
				return v, nil
			},
			read: func(s *Session) value.Value { return value.Uint(s.state.LastInsertID) }},
		{name: "insert_id", def: value.Int(0), kind: varInt, scope: scopeSession, apply: onlyValue("insert_id", 0)},
		{name: "timestamp", def: value.Float(0), scope: scopeSession, apply: refuse("timestamp"), read: func(s *Session) value.Value {
			return value.Float(float64(time.Now().UnixMicro()) / 1e6)
		}},
		{name: "auto_increment_increment", def: value.Int(1), kind: varInt, min: 1, apply: onlyValue("auto_increment_increment", 1)},
		{name: "auto_increment_offset", def: value.Int(1), kind: varInt, min: 1, apply: onlyValue("auto_increment_offset", 1)},
		{name: "default_storage_engine", def: str("InnoDB")},
		{name: "default_week_format", def: value.Int(0), kind: varInt, max: 7, apply: func(s *Session, v value.Value) (value.Value, error) {
			s.state.DefaultWeekFormat = int(v.Int64())
			return v, nil
		}},
		{name: "explicit_defaults_for_timestamp", def: value.Int(1), kind: varBool, apply: onlyValue("explicit_defaults_for_timestamp", 1)},
		{name: "optimizer_switch", def: str("")},
		{name: "profiling", def: value.Int(0), kind: varBool, apply: onlyValue("profiling", 0)},
	}
}

func characterSets() []*variable {
	list := []*variable{
		{name: "collation_connection", def: str("utf8mb4_0900_bin"), apply: setConnectionCollation},
		{name: "collation_database", def: str("utf8mb4_0900_bin"), apply: knownCollation, read: func(s *Session) value.Value {
			return str(s.databaseCollation().Name())
		}},
		{name: "collation_server", def: str("utf8mb4_0900_bin"), apply: setServerCollation},
		{name: "default_collation_for_utf8mb4", def: str("utf8mb4_0900_bin"), apply: knownCollation},
		{name: "character_set_system", def: str("utf8mb3"), scope: scopeFixed},
		{name: "character_set_filesystem", def: str("binary"), apply: knownCharset},
		{name: "character_sets_dir", def: str(""), scope: scopeFixed},
	}
	for _, name := range []string{"character_set_client", "character_set_connection", "character_set_results", "character_set_database", "character_set_server"} {
		list = append(list, &variable{name: name, def: str("utf8mb4"), apply: knownCharset})
	}
	return list
}

func setConnectionCollation(s *Session, v value.Value) (value.Value, error) {
	id, ok := collate.ByName(v.Str())
	if !ok {
		return value.Null, sqlerr.New(sqlerr.UnknownCollation, v.Str())
	}
	s.state.Collation = id
	return v, nil
}

func setServerCollation(s *Session, v value.Value) (value.Value, error) {
	id, ok := collate.ByName(v.Str())
	if !ok {
		return value.Null, sqlerr.New(sqlerr.UnknownCollation, v.Str())
	}
	s.state.ServerCollation = id
	return v, nil
}

func knownCollation(s *Session, v value.Value) (value.Value, error) {
	if _, ok := collate.ByName(v.Str()); !ok {
		return value.Null, sqlerr.New(sqlerr.UnknownCollation, v.Str())
	}
	return v, nil
}

func knownCharset(s *Session, v value.Value) (value.Value, error) {
	if _, ok := collate.CharsetDefault(v.Str()); !ok && v.Str() != "binary" {
		return value.Null, sqlerr.New(sqlerr.UnknownCharset, v.Str())
	}
	return v, nil
}

func transactional() []*variable {
	return []*variable{
		{name: "autocommit", def: value.Int(1), kind: varBool, apply: func(s *Session, v value.Value) (value.Value, error) {
			return v, s.setAutocommit(v.Int64() != 0)
		}},
		{name: "transaction_isolation", def: str("REPEATABLE-READ"), kind: varEnum,
			words: []string{"READ-UNCOMMITTED", "READ-COMMITTED", "REPEATABLE-READ", "SERIALIZABLE"},
			apply: func(s *Session, v value.Value) (value.Value, error) {
				iso, err := isolationOf(v.Str())
				if err != nil {
					return value.Null, err
				}
				s.isolation = iso
				return v, nil
			},
			read: func(s *Session) value.Value {
				switch s.isolation {
				case engine.ReadCommitted:
					return str("READ-COMMITTED")
				case engine.Serializable:
					return str("SERIALIZABLE")
				}
				return str("REPEATABLE-READ")
			}},
		{name: "transaction_read_only", def: value.Int(0), kind: varBool, apply: func(s *Session, v value.Value) (value.Value, error) {
			s.readOnly = v.Int64() != 0
			return v, nil
		}},
		{name: "innodb_lock_wait_timeout", def: value.Int(10), kind: varInt, min: 1, max: 1 << 30, apply: setLockWait},
		{name: "lock_wait_timeout", def: value.Int(31536000), kind: varInt, min: 1, max: 31536000},
		{name: "completion_type", def: str("NO_CHAIN"), kind: varEnum, words: []string{"NO_CHAIN", "CHAIN", "RELEASE"}, apply: refuse("completion_type")},
	}
}

func setLockWait(s *Session, v value.Value) (value.Value, error) {
	s.lockWait = time.Duration(v.Int64()) * time.Second
	return v, nil
}

func limits() []*variable {
	return []*variable{
		{name: "max_allowed_packet", def: value.Int(64 << 20), kind: varInt, min: 1024, max: 1 << 30, apply: func(s *Session, v value.Value) (value.Value, error) {
			s.state.MaxAllowedPacket = int(v.Int64())
			return v, nil
		}},
		{name: "group_concat_max_len", def: value.Int(1024), kind: varInt, min: 4, max: 1 << 30, apply: func(s *Session, v value.Value) (value.Value, error) {
			s.state.GroupConcatMaxLen = int(v.Int64())
			return v, nil
		}},
		{name: "div_precision_increment", def: value.Int(4), kind: varInt, max: 30, apply: func(s *Session, v value.Value) (value.Value, error) {
			s.state.DivPrecision = int(v.Int64())
			if v.Int64() == 0 {
				s.state.DivPrecision = -1
			}
			return v, nil
		}},
		{name: "max_execution_time", def: value.Int(0), kind: varInt, apply: func(s *Session, v value.Value) (value.Value, error) {
			s.maxExecution = time.Duration(v.Int64()) * time.Millisecond
			return v, nil
		}},
		{name: "cte_max_recursion_depth", def: value.Int(1000), kind: varInt},
		{name: "max_sp_recursion_depth", def: value.Int(0), kind: varInt},
		{name: "max_connections", def: value.Int(100000), kind: varInt, scope: scopeGlobal},
		{name: "max_user_connections", def: value.Int(0), kind: varInt},
		{name: "max_join_size", def: value.Uint(1<<64 - 1), kind: varInt, apply: refuse("max_join_size")},
		{name: "max_prepared_stmt_count", def: value.Int(16382), kind: varInt, scope: scopeGlobal},
		{name: "max_error_count", def: value.Int(maxWarnings), kind: varInt, max: 65535, apply: func(s *Session, v value.Value) (value.Value, error) {
			s.maxWarnings = int(v.Int64())
			return v, nil
		}},
		{name: "sort_buffer_size", def: value.Int(256 << 10), kind: varInt},
		{name: "join_buffer_size", def: value.Int(256 << 10), kind: varInt},
		{name: "tmp_table_size", def: value.Int(16 << 20), kind: varInt},
		{name: "max_heap_table_size", def: value.Int(16 << 20), kind: varInt},
		{name: "wait_timeout", def: value.Int(28800), kind: varInt, min: 1},
		{name: "interactive_timeout", def: value.Int(28800), kind: varInt, min: 1},
		{name: "net_read_timeout", def: value.Int(30), kind: varInt, min: 1},
		{name: "net_write_timeout", def: value.Int(60), kind: varInt, min: 1},
		{name: "net_buffer_length", def: value.Int(16384), kind: varInt, min: 1024},
		{name: "connect_timeout", def: value.Int(10), kind: varInt, min: 2, scope: scopeGlobal},
	}
}

func informative() []*variable {
	fixed := func(name string, v value.Value) *variable {
		return &variable{name: name, def: v, scope: scopeFixed}
	}
	flag := func(name string, on int64) *variable {
		return &variable{name: name, def: value.Int(on), kind: varBool, scope: scopeFixed}
	}
	return []*variable{
		fixed("version", str(expr.Version)),
		fixed("version_comment", str("WorkTable for Go")),
		fixed("version_compile_os", str("Go")),
		fixed("version_compile_machine", str(runtime.GOARCH)),
		fixed("protocol_version", value.Int(10)),
		fixed("license", str("MIT")),
		fixed("hostname", str("localhost")),
		fixed("port", value.Int(0)),
		fixed("socket", str("")),
		fixed("datadir", str("")),
		fixed("basedir", str("")),
		fixed("server_id", value.Int(1)),
		fixed("server_uuid", str("00000000-0000-0000-0000-000000000000")),
		fixed("pid_file", str("")),
		fixed("system_time_zone", str(time.Local.String())),
		fixed("lower_case_table_names", value.Int(0)),
		flag("lower_case_file_system", 0),
		flag("read_only", 0),
		flag("super_read_only", 0),
		flag("innodb_read_only", 0),
		flag("log_bin", 0),
		fixed("binlog_format", str("ROW")),
		fixed("binlog_row_image", str("FULL")),
		fixed("gtid_mode", str("OFF")),
		fixed("enforce_gtid_consistency", str("OFF")),
		fixed("event_scheduler", str("OFF")),
		flag("have_query_cache", 0),
		fixed("query_cache_size", value.Int(0)),
		fixed("query_cache_type", str("OFF")),
		fixed("init_connect", str("")),
		flag("performance_schema", 0),
		flag("skip_networking", 1),
		fixed("secure_file_priv", str("")),
		flag("local_infile", 0),
		fixed("innodb_version", str(expr.Version)),
		fixed("innodb_page_size", value.Int(4096)),
		flag("innodb_file_per_table", 1),
		fixed("innodb_flush_log_at_trx_commit", value.Int(1)),
		fixed("innodb_default_row_format", str("dynamic")),
		flag("have_ssl", 0),
		flag("have_openssl", 0),
		fixed("ssl_cipher", str("")),
		fixed("thread_handling", str("one-thread-per-connection")),
		{name: "warning_count", def: value.Int(0), scope: scopeFixed, read: func(s *Session) value.Value { return value.Int(int64(s.counted.warnings)) }},
		{name: "error_count", def: value.Int(0), scope: scopeFixed, read: func(s *Session) value.Value { return value.Int(int64(s.counted.errors)) }},
	}
}

// onlyValue accepts the one value that this engine implements and refuses the others by name.
func onlyValue(name string, only int64) func(*Session, value.Value) (value.Value, error) {
	return func(s *Session, v value.Value) (value.Value, error) {
		if v.Int64() != only {
			return value.Null, sqlerr.New(sqlerr.NotSupported, "SET "+name+" = "+text(v))
		}
		return v, nil
	}
}

// refuse accepts only DEFAULT-like values: the variable exists for reading.
func refuse(name string) func(*Session, value.Value) (value.Value, error) {
	return func(s *Session, v value.Value) (value.Value, error) {
		if variables[name] != nil && text(variables[name].def) == text(v) {
			return v, nil
		}
		return value.Null, sqlerr.New(sqlerr.NotSupported, "SET "+name)
	}
}
