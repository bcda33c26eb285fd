package ast

import "github.com/xwb1989/sqlparser"

// CreateTable is CREATE [TEMPORARY] TABLE. Table and NewName of the embedded node are both the table.
type CreateTable struct {
	sqlparser.DDL // Action "create"
	Temporary     bool
	IfNotExists   bool
	Columns       []*ColumnDef
	Indexes       []*IndexDef // in order, with neither the PRIMARY KEY nor UNIQUE attributes of columns
	ForeignKeys   []*ForeignKeyDef
	Checks        []*CheckDef // table constraints; those of columns are in ColumnDef
	Options       TableOptions
	Like          *sqlparser.TableName // CREATE TABLE … LIKE
	Select        sqlparser.SelectStatement
	SelectText    string
	OnDuplicate   string // "", "ignore", "replace": for CREATE TABLE … SELECT
}

// DropTable is DROP [TEMPORARY] TABLE. Table of the embedded node is the first one.
type DropTable struct {
	sqlparser.DDL // Action "drop"
	Temporary     bool
	Tables        []sqlparser.TableName
}

// TruncateTable is TRUNCATE [TABLE] t.
type TruncateTable struct {
	sqlparser.DDL // Action "truncate"
}

// RenameTable is RENAME TABLE a TO b, c TO d. Table and NewName of the embedded node are the first pair.
type RenameTable struct {
	sqlparser.DDL // Action "rename"
	Pairs         []RenamePair
}

// RenamePair is one renaming.
type RenamePair struct {
	From, To sqlparser.TableName
}

// AlterTable is ALTER TABLE. Specs stand in order.
type AlterTable struct {
	sqlparser.DDL // Action "alter"
	Specs         []AlterSpec
	Algorithm     string // "", "DEFAULT", "INSTANT", "INPLACE", "COPY"
	Lock          string // "", "DEFAULT", "NONE", "SHARED", "EXCLUSIVE"
}

// AlterSpec is one clause of ALTER TABLE: one of the Alter… types of this package, by pointer.
type AlterSpec interface{ alterSpec() }

// AlterAddColumn is ADD [COLUMN] def [FIRST|AFTER col]; ADD (a …, b …) is several.
type AlterAddColumn struct {
	Def   *ColumnDef
	Place ColumnPlace
}

// ColumnPlace is where a column goes.
type ColumnPlace struct {
	First bool
	After string // column name, or ""
}

// AlterModifyColumn is MODIFY [COLUMN] def, and CHANGE [COLUMN] Old def when Old is not empty.
type AlterModifyColumn struct {
	Old   string
	Def   *ColumnDef
	Place ColumnPlace
}

// AlterDropColumn is DROP [COLUMN] name.
type AlterDropColumn struct{ Name string }

// AlterRenameColumn is RENAME COLUMN Old TO New.
type AlterRenameColumn struct{ Old, New string }

// AlterColumnDefault is ALTER [COLUMN] Name SET DEFAULT …, or DROP DEFAULT when Default is nil.
type AlterColumnDefault struct {
	Name    string
	Default *DefaultDef
}

// AlterColumnVisibility is ALTER [COLUMN] Name SET VISIBLE|INVISIBLE.
type AlterColumnVisibility struct {
	Name       string
	Visibility Visibility
}

// AlterAddIndex is ADD of a key, a UNIQUE constraint or a PRIMARY KEY.
type AlterAddIndex struct{ Def *IndexDef }

// AlterAddForeignKey is ADD [CONSTRAINT …] FOREIGN KEY ….
type AlterAddForeignKey struct{ Def *ForeignKeyDef }

// AlterAddCheck is ADD [CONSTRAINT …] CHECK ….
type AlterAddCheck struct{ Def *CheckDef }

// AlterDropIndex is DROP INDEX|KEY name.
type AlterDropIndex struct{ Name string }

// AlterDropPrimaryKey is DROP PRIMARY KEY.
type AlterDropPrimaryKey struct{}

// AlterDropForeignKey is DROP FOREIGN KEY name.
type AlterDropForeignKey struct{ Name string }

// AlterDropCheck is DROP CHECK name.
type AlterDropCheck struct{ Name string }

// AlterDropConstraint is DROP CONSTRAINT name: a CHECK, foreign key, UNIQUE key or PRIMARY of that name.
type AlterDropConstraint struct{ Name string }

// AlterCheckEnforced is ALTER CHECK|CONSTRAINT name [NOT] ENFORCED.
type AlterCheckEnforced struct {
	Name       string
	Constraint bool // ALTER CONSTRAINT
	Enforced   bool
}

// AlterIndexVisibility is ALTER INDEX name VISIBLE|INVISIBLE.
type AlterIndexVisibility struct {
	Name       string
	Visibility Visibility
}

// AlterRenameIndex is RENAME INDEX|KEY Old TO New.
type AlterRenameIndex struct{ Old, New string }

// AlterRenameTable is RENAME [TO|AS] name.
type AlterRenameTable struct{ Name sqlparser.TableName }

// AlterOptions is a run of table options: AUTO_INCREMENT, COMMENT, ENGINE, [DEFAULT] CHARACTER SET ….
type AlterOptions struct{ Options TableOptions }

// AlterConvertCharset is CONVERT TO CHARACTER SET Charset [COLLATE Collate]; Charset "" is DEFAULT.
type AlterConvertCharset struct{ Charset, Collate string }

// AlterOrderBy is ORDER BY columns.
type AlterOrderBy struct{ OrderBy sqlparser.OrderBy }

// AlterKeys is ENABLE KEYS or DISABLE KEYS.
type AlterKeys struct{ Enable bool }

// AlterForce is FORCE: rebuild the table.
type AlterForce struct{}

func (*AlterAddColumn) alterSpec()        {}
func (*AlterModifyColumn) alterSpec()     {}
func (*AlterDropColumn) alterSpec()       {}
func (*AlterRenameColumn) alterSpec()     {}
func (*AlterColumnDefault) alterSpec()    {}
func (*AlterColumnVisibility) alterSpec() {}
func (*AlterAddIndex) alterSpec()         {}
func (*AlterAddForeignKey) alterSpec()    {}
func (*AlterAddCheck) alterSpec()         {}
func (*AlterDropIndex) alterSpec()        {}
func (*AlterDropPrimaryKey) alterSpec()   {}
func (*AlterDropForeignKey) alterSpec()   {}
func (*AlterDropCheck) alterSpec()        {}
func (*AlterDropConstraint) alterSpec()   {}
func (*AlterCheckEnforced) alterSpec()    {}
func (*AlterIndexVisibility) alterSpec()  {}
func (*AlterRenameIndex) alterSpec()      {}
func (*AlterRenameTable) alterSpec()      {}
func (*AlterOptions) alterSpec()          {}
func (*AlterConvertCharset) alterSpec()   {}
func (*AlterOrderBy) alterSpec()          {}
func (*AlterKeys) alterSpec()             {}
func (*AlterForce) alterSpec()            {}
