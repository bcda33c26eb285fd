package infoschema

import (
	"cmp"
	"slices"
	"time"
)

var engines = define("ENGINES", fillEngines,
	"ENGINE v64!", "SUPPORT v8!", "COMMENT v80!", "TRANSACTIONS v3", "XA v3", "SAVEPOINTS v3",
)

// fillEngines lists the one engine there is, under the name that tools expect of a transactional one.
func fillEngines(q *query) error {
	q.add("InnoDB", "DEFAULT", "WorkTable: in-memory tables with transactions, column-level locking, and foreign keys", "YES", "NO", "YES")
	return nil
}

var processlist = define("PROCESSLIST", fillProcesslist,
	"ID ubigint!", "USER v32!", "HOST v261!", "DB v64", "COMMAND v16!", "TIME int!", "STATE v64", "INFO longtext",
)

func fillProcesslist(q *query) error {
	list := q.src.Processes()
	slices.SortFunc(list, func(a, b Process) int { return cmp.Compare(a.ID, b.ID) })
	for _, p := range list {
		q.add(p.ID, p.User, p.Host, nullable(p.DB), p.Command, int64(p.Time/time.Second), p.State, nullable(p.Info))
	}
	return nil
}

var userPrivileges = define("USER_PRIVILEGES", fillUserPrivileges,
	"GRANTEE v292!", "TABLE_CATALOG v512!", "PRIVILEGE_TYPE v64!", "IS_GRANTABLE v3!",
)

// fillUserPrivileges lists what a program may do here: everything there is.
func fillUserPrivileges(q *query) error {
	for _, p := range []string{
		"SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "PROCESS", "REFERENCES", "INDEX", "ALTER", "SHOW DATABASES",
		"CREATE TEMPORARY TABLES", "CREATE VIEW", "SHOW VIEW", "TRIGGER",
	} {
		q.add("'root'@'localhost'", catalogName, p, "YES")
	}
	return nil
}

var plugins = define("PLUGINS", fillPlugins,
	"PLUGIN_NAME v64!", "PLUGIN_VERSION v20!", "PLUGIN_STATUS v10!", "PLUGIN_TYPE v80!", "PLUGIN_TYPE_VERSION v20!",
	"PLUGIN_LIBRARY v64", "PLUGIN_LIBRARY_VERSION v20", "PLUGIN_AUTHOR v64", "PLUGIN_DESCRIPTION longtext",
	"PLUGIN_LICENSE v80", "LOAD_OPTION v64!",
)

func fillPlugins(q *query) error {
	q.add("InnoDB", "8.0", "ACTIVE", "STORAGE ENGINE", "80036.0", nil, nil, "WorkTable", "In-memory tables", "MIT", "FORCE")
	return nil
}

// emptyTables are those about what does not exist here.
var emptyTables = []*virtual{
	define("PARTITIONS", nil,
		"TABLE_CATALOG name!", "TABLE_SCHEMA name!", "TABLE_NAME name!", "PARTITION_NAME v64", "SUBPARTITION_NAME v64",
		"PARTITION_ORDINAL_POSITION uint", "SUBPARTITION_ORDINAL_POSITION uint", "PARTITION_METHOD v13",
		"SUBPARTITION_METHOD v13", "PARTITION_EXPRESSION v2048", "SUBPARTITION_EXPRESSION v2048",
		"PARTITION_DESCRIPTION text", "TABLE_ROWS ubigint", "AVG_ROW_LENGTH ubigint", "DATA_LENGTH ubigint",
		"MAX_DATA_LENGTH ubigint", "INDEX_LENGTH ubigint", "DATA_FREE ubigint", "CREATE_TIME timestamp!",
		"UPDATE_TIME datetime", "CHECK_TIME datetime", "CHECKSUM bigint", "PARTITION_COMMENT text!", "NODEGROUP v256",
		"TABLESPACE_NAME v268"),
	define("ROUTINES", nil,
		"SPECIFIC_NAME v64!", "ROUTINE_CATALOG name!", "ROUTINE_SCHEMA name!", "ROUTINE_NAME v64!",
		"ROUTINE_TYPE enum FUNCTION|PROCEDURE!", "DATA_TYPE longtext", "CHARACTER_MAXIMUM_LENGTH bigint",
		"CHARACTER_OCTET_LENGTH bigint", "NUMERIC_PRECISION uint", "NUMERIC_SCALE uint", "DATETIME_PRECISION uint",
		"CHARACTER_SET_NAME v64", "COLLATION_NAME v64", "DTD_IDENTIFIER longtext", "ROUTINE_BODY v8!",
		"ROUTINE_DEFINITION longtext", "EXTERNAL_NAME null", "EXTERNAL_LANGUAGE v64!", "PARAMETER_STYLE v3!",
		"IS_DETERMINISTIC v3!", "SQL_DATA_ACCESS enum CONTAINS SQL|NO SQL|READS SQL DATA|MODIFIES SQL DATA!", "SQL_PATH null",
		"SECURITY_TYPE enum DEFAULT|INVOKER|DEFINER!", "CREATED timestamp!", "LAST_ALTERED timestamp!", "SQL_MODE v512!",
		"ROUTINE_COMMENT text!", "DEFINER v288!", "CHARACTER_SET_CLIENT v64!", "COLLATION_CONNECTION v64!",
		"DATABASE_COLLATION v64!"),
	define("PARAMETERS", nil,
		"SPECIFIC_CATALOG name!", "SPECIFIC_SCHEMA name!", "SPECIFIC_NAME v64!", "ORDINAL_POSITION ubigint!", "PARAMETER_MODE v5",
		"PARAMETER_NAME v64", "DATA_TYPE longtext", "CHARACTER_MAXIMUM_LENGTH bigint", "CHARACTER_OCTET_LENGTH bigint",
		"NUMERIC_PRECISION uint", "NUMERIC_SCALE bigint", "DATETIME_PRECISION uint", "CHARACTER_SET_NAME v64",
		"COLLATION_NAME v64", "DTD_IDENTIFIER mediumtext!", "ROUTINE_TYPE enum FUNCTION|PROCEDURE!"),
	define("EVENTS", nil,
		"EVENT_CATALOG name!", "EVENT_SCHEMA name!", "EVENT_NAME v64!", "DEFINER v288!", "TIME_ZONE v64!", "EVENT_BODY v3!",
		"EVENT_DEFINITION longtext!", "EVENT_TYPE v9!", "EXECUTE_AT datetime", "INTERVAL_VALUE v256",
		"INTERVAL_FIELD v18", "SQL_MODE v512!", "STARTS datetime", "ENDS datetime",
		"STATUS enum ENABLED|DISABLED|SLAVESIDE_DISABLED!", "ON_COMPLETION v12!", "CREATED timestamp!",
		"LAST_ALTERED timestamp!", "LAST_EXECUTED datetime", "EVENT_COMMENT v2048!", "ORIGINATOR uint!",
		"CHARACTER_SET_CLIENT v64!", "COLLATION_CONNECTION v64!", "DATABASE_COLLATION v64!"),
	define("SCHEMA_PRIVILEGES", nil,
		"GRANTEE v292!", "TABLE_CATALOG v512!", "TABLE_SCHEMA name!", "PRIVILEGE_TYPE v64!", "IS_GRANTABLE v3!"),
	define("TABLE_PRIVILEGES", nil,
		"GRANTEE v292!", "TABLE_CATALOG v512!", "TABLE_SCHEMA name!", "TABLE_NAME name!", "PRIVILEGE_TYPE v64!", "IS_GRANTABLE v3!"),
	define("COLUMN_PRIVILEGES", nil,
		"GRANTEE v292!", "TABLE_CATALOG v512!", "TABLE_SCHEMA name!", "TABLE_NAME name!", "COLUMN_NAME v64!", "PRIVILEGE_TYPE v64!",
		"IS_GRANTABLE v3!"),
}
