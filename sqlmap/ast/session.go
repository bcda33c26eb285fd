package ast

import "github.com/xwb1989/sqlparser"

// StartTransaction is START TRANSACTION with characteristics. BEGIN and START TRANSACTION alone are
// *sqlparser.Begin.
type StartTransaction struct {
	sqlparser.Begin
	ReadOnly  bool
	ReadWrite bool
	Snapshot  bool // WITH CONSISTENT SNAPSHOT
}

// EndTransaction is COMMIT or ROLLBACK with AND CHAIN or RELEASE. COMMIT and ROLLBACK alone (and with AND NO
// CHAIN, NO RELEASE) are *sqlparser.Commit and *sqlparser.Rollback.
type EndTransaction struct {
	sqlparser.Commit
	Rollback bool
	Chain    bool
	Release  bool
}

// Savepoint is SAVEPOINT name.
type Savepoint struct {
	sqlparser.OtherAdmin
	Name string
}

// RollbackTo is ROLLBACK TO [SAVEPOINT] name.
type RollbackTo struct {
	sqlparser.OtherAdmin
	Name string
}

// ReleaseSavepoint is RELEASE SAVEPOINT name.
type ReleaseSavepoint struct {
	sqlparser.OtherAdmin
	Name string
}

// SetKind is what an assignment of SET sets.
type SetKind uint8

// The kinds of assignments.
const (
	SetSystem  SetKind = iota // x = …, SESSION x = …, @@global.x = …
	SetUser                   // @x = …
	SetNames                  // NAMES charset [COLLATE …], NAMES DEFAULT
	SetCharset                // CHARACTER SET charset, CHARACTER SET DEFAULT
)

// Set is SET. Exprs of the embedded node has one entry per assignment and Vars, at the same index, says what it sets.
// The expression is a *sqlparser.Default for DEFAULT and a *Keyword for bare words such as ON and utf8mb4.
type Set struct {
	sqlparser.Set
	Vars []SetVar
}

// SetVar says what one assignment of SET sets.
type SetVar struct {
	Kind    SetKind
	Scope   Scope  // SetSystem
	Name    string // variable, without @; lower case for SetSystem
	Charset string // SetNames, SetCharset: lower case, "" for DEFAULT
	Collate string // SetNames: lower case or ""
	Pos
}

// SetTransaction is SET [GLOBAL|SESSION] TRANSACTION. ScopeNone is the next transaction only.
type SetTransaction struct {
	sqlparser.OtherAdmin
	Scope     Scope
	Isolation string // "", "READ UNCOMMITTED", "READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"
	ReadOnly  bool
	ReadWrite bool
}

// ShowKind is what SHOW shows.
type ShowKind uint8

// The kinds of SHOW.
const (
	ShowTables ShowKind = iota + 1
	ShowTableStatus
	ShowOpenTables
	ShowColumns
	ShowIndex
	ShowCreateTable
	ShowCreateView
	ShowCreateDatabase
	ShowCreateTrigger
	ShowDatabases
	ShowVariables
	ShowStatus
	ShowWarnings
	ShowErrors
	ShowCountWarnings
	ShowCountErrors
	ShowEngines
	ShowEngineStatus
	ShowCollation
	ShowCharset
	ShowProcesslist
	ShowGrants
	ShowTriggers
	ShowPlugins
	ShowPrivileges
	ShowEvents
	ShowProcedureStatus
	ShowFunctionStatus
	ShowBinaryLogs
	ShowMasterStatus
	ShowReplicaStatus
	ShowProfiles
)

// Show is SHOW.
type Show struct {
	sqlparser.Show // Type: the word that Kind stands for, in lower case
	Kind           ShowKind
	Full           bool
	Extended       bool
	IfNotExists    bool // SHOW CREATE DATABASE IF NOT EXISTS
	Scope          Scope
	Table          sqlparser.TableName // COLUMNS, INDEX, CREATE TABLE|VIEW|TRIGGER
	DB             string              // FROM|IN db; CREATE DATABASE
	Name           string              // ENGINE x STATUS; GRANTS FOR …, as written
	Like           *string
	Where          sqlparser.Expr
	Limit          *sqlparser.Limit // WARNINGS, ERRORS
	Pos
}

// Describe is DESCRIBE|DESC|EXPLAIN table [column].
type Describe struct {
	sqlparser.OtherRead
	Table  sqlparser.TableName
	Column string // name or LIKE pattern, or ""
}

// Explain is EXPLAIN [ANALYZE] [FORMAT = …] statement.
type Explain struct {
	sqlparser.OtherRead
	Output    string // FORMAT = …: "", or as written in upper case: "TRADITIONAL", "JSON", "TREE"
	Analyze   bool
	Statement sqlparser.Statement
	Text      string // source of the statement
	Pos              // of Text
}

// AdminOp is what an AdminTable does.
type AdminOp uint8

// The operations.
const (
	AnalyzeTable AdminOp = iota + 1
	OptimizeTable
	CheckTable
	RepairTable
	ChecksumTable
)

// AdminTable is ANALYZE, OPTIMIZE, CHECK, REPAIR or CHECKSUM TABLE.
type AdminTable struct {
	sqlparser.OtherAdmin
	Op      AdminOp
	Tables  []sqlparser.TableName
	Options []string // upper case: "QUICK", "FOR UPGRADE" …
}

// LockTables is LOCK TABLES.
type LockTables struct {
	sqlparser.OtherAdmin
	Tables []TableLock
	Pos
}

// TableLock is one table of LOCK TABLES.
type TableLock struct {
	Table sqlparser.TableName
	As    sqlparser.TableIdent
	Write bool
	Local bool // READ LOCAL
}

// UnlockTables is UNLOCK TABLES.
type UnlockTables struct{ sqlparser.OtherAdmin }

// Flush is FLUSH.
type Flush struct {
	sqlparser.OtherAdmin
	Options      []string // upper case: "TABLES", "PRIVILEGES", "STATUS", "LOGS" …
	Tables       []sqlparser.TableName
	WithReadLock bool
	ForExport    bool
	Pos
}

// Do is DO expr, expr. The expressions are the select list of the embedded node.
type Do struct {
	*sqlparser.Select
	Pos
}

// Kill is KILL [CONNECTION|QUERY] id.
type Kill struct {
	sqlparser.OtherAdmin
	Query bool
	ID    sqlparser.Expr
	Pos
}

// Prepare is PREPARE name FROM 'text' or @variable.
type Prepare struct {
	sqlparser.OtherAdmin
	Name string
	Text string
	Var  string // user variable, or ""
	Pos
}

// Execute is EXECUTE name [USING @a, @b].
type Execute struct {
	sqlparser.OtherAdmin
	Name  string
	Using []string
	Pos
}

// Deallocate is DEALLOCATE|DROP PREPARE name.
type Deallocate struct {
	sqlparser.OtherAdmin
	Name string
	Pos
}
