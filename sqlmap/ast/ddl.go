package ast

import "github.com/xwb1989/sqlparser"

// CreateIndex is CREATE [UNIQUE|FULLTEXT|SPATIAL] INDEX; Table of the embedded node is the table.
type CreateIndex struct {
	sqlparser.DDL // Action "alter", as sqlparser has it
	Index         *IndexDef
	Algorithm     string
	Lock          string
}

// DropIndex is DROP INDEX name ON t; the name PRIMARY drops the primary key.
type DropIndex struct {
	sqlparser.DDL // Action "alter", as sqlparser has it
	Name          string
	Algorithm     string
	Lock          string
}

// CreateDatabase is CREATE DATABASE|SCHEMA. DBName, Charset and Collate are in the embedded node.
type CreateDatabase struct {
	sqlparser.DBDDL // Action "create"
	IfNotExists     bool
	Other           []Option // ENCRYPTION
}

// AlterDatabase is ALTER DATABASE|SCHEMA [name] options; DBName "" is the current one.
type AlterDatabase struct {
	sqlparser.DBDDL // Action "alter"
	Other           []Option
}

// DropDatabase is DROP DATABASE|SCHEMA [IF EXISTS] (embedded IfExists).
type DropDatabase struct {
	sqlparser.DBDDL // Action "drop"
}

// CreateView is CREATE [OR REPLACE] VIEW, and ALTER VIEW when Alter. Table of the embedded node is the view.
type CreateView struct {
	sqlparser.DDL // Action "create" or "alter"
	Alter         bool
	OrReplace     bool
	Algorithm     string // "", "UNDEFINED", "MERGE", "TEMPTABLE"
	Definer       string // as written, or ""
	Security      string // "", "DEFINER", "INVOKER"
	Columns       []sqlparser.ColIdent
	Select        sqlparser.SelectStatement
	SelectText    string // source of the select, without WITH CHECK OPTION
	CheckOption   string // "", "CASCADED", "LOCAL"
	Pos                  // of SelectText
}

// DropView is DROP VIEW (embedded IfExists). Table of the embedded node is the first one.
type DropView struct {
	sqlparser.DDL // Action "drop"
	Views         []sqlparser.TableName
}

// CreateTrigger is CREATE TRIGGER … FOR EACH ROW body. Table of the embedded node is the table.
type CreateTrigger struct {
	sqlparser.DDL // Action "create"
	Name          sqlparser.TableName
	IfNotExists   bool
	Definer       string
	Before        bool   // else AFTER
	Event         string // "INSERT", "UPDATE", "DELETE"
	Order         string // "", "FOLLOWS", "PRECEDES"
	Other         string // the trigger after FOLLOWS, PRECEDES
	Body          string // source
	EmptyBody     bool   // the body is BEGIN END: it does nothing
	Pos                  // of Body
}

// DropTrigger is DROP TRIGGER [IF EXISTS] name (embedded IfExists).
type DropTrigger struct {
	sqlparser.DDL // Action "drop"
	Name          sqlparser.TableName
}
