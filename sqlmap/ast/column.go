package ast

import (
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/value"
)

// TypeSpec is a column type as declared. Synonyms are resolved: INTEGER is TypeInt, BOOL is TypeTinyInt with
// Length 1, NVARCHAR is TypeVarChar with National, and so on; Name keeps the spelling in lower case.
type TypeSpec struct {
	ID         value.TypeID
	Name       string
	HasLength  bool   // a length, precision, display width or fraction was given
	Length     uint64 // CHAR(n), BINARY(n), INT(n), BIT(n); precision of DECIMAL(p,s), FLOAT(p[,s]), DOUBLE(p,s); fraction of TIME(n) …
	HasScale   bool
	Scale      uint64
	Unsigned   bool
	Zerofill   bool
	National   bool   // NCHAR, NVARCHAR, NATIONAL …: utf8mb3 in MySQL, utf8mb4 here
	BinaryColl bool   // the BINARY attribute of a character type: the character set's _bin collation
	Charset    string // "" for the table's; "binary" for CHAR BYTE; lower case
	Collate    string
	Elements   []string // ENUM, SET: unescaped
	// UUID marks MariaDB's type UUID, an extension (CHAR(36)). Serial marks SERIAL: BIGINT UNSIGNED NOT NULL
	// AUTO_INCREMENT UNIQUE; the column definition has these attributes set.
	UUID, Serial bool
	Pos
}

// Nullability is what a column definition says about NULL.
type Nullability uint8

// What it can say.
const (
	NullUnspecified Nullability = iota
	NullAllowed                 // NULL
	NullForbidden               // NOT NULL
)

// ColumnDef defines a column in CREATE TABLE and ALTER TABLE.
type ColumnDef struct {
	Name          sqlparser.ColIdent
	Type          TypeSpec
	Null          Nullability
	Default       *DefaultDef
	OnUpdate      *DefaultDef // CURRENT_TIMESTAMP[(n)]
	AutoIncrement bool
	PrimaryKey    bool
	Unique        bool
	HasComment    bool
	Comment       string
	Generated     *GeneratedDef
	Checks        []*CheckDef
	References    *ReferenceDef // inline REFERENCES, which MySQL parses and ignores
	Visibility    Visibility
	Pos           // from the name to the end of the definition
}

// DefaultDef is DEFAULT or ON UPDATE. Expr is a literal (maybe signed by a *sqlparser.UnaryExpr, *sqlparser.NullVal,
// sqlparser.BoolVal), CURRENT_TIMESTAMP[(n)] or a synonym as *sqlparser.FuncExpr, or any expression when Paren.
type DefaultDef struct {
	Expr  sqlparser.Expr
	Paren bool   // an expression default: DEFAULT (expr)
	Text  string // source, without the parentheses
	Pos          // of Text
}

// GeneratedDef is [GENERATED ALWAYS] AS (expr) [VIRTUAL|STORED].
type GeneratedDef struct {
	Expr   sqlparser.Expr
	Text   string // source, without the parentheses
	Stored bool
	Pos    // of Text
}

// Visibility is VISIBLE or INVISIBLE.
type Visibility uint8

// The visibilities.
const (
	VisibilityUnspecified Visibility = iota
	Visible
	Invisible
)

// CheckDef is [CONSTRAINT name] CHECK (expr) [[NOT] ENFORCED].
type CheckDef struct {
	Name        string // "" when the system names it
	Expr        sqlparser.Expr
	Text        string // source, without the parentheses
	NotEnforced bool
	Pos         // of Text
}

// RefAction is ON DELETE or ON UPDATE of a foreign key.
type RefAction uint8

// The actions.
const (
	RefUnspecified RefAction = iota
	RefRestrict
	RefCascade
	RefSetNull
	RefNoAction
	RefSetDefault
)

// ReferenceDef is REFERENCES t (cols) [MATCH …] [ON DELETE …] [ON UPDATE …].
type ReferenceDef struct {
	Table    sqlparser.TableName
	Columns  []sqlparser.ColIdent
	Match    string // "", "full", "partial", "simple"
	OnDelete RefAction
	OnUpdate RefAction
	Pos
}

// ForeignKeyDef is [CONSTRAINT name] FOREIGN KEY [index name] (cols) REFERENCES ….
type ForeignKeyDef struct {
	Name      string // "" when the system names it
	IndexName string
	Columns   []sqlparser.ColIdent
	Ref       ReferenceDef
	Pos
}

// IndexKind is what a key definition declares.
type IndexKind uint8

// The kinds of keys.
const (
	IndexPlain IndexKind = iota
	IndexUnique
	IndexPrimary
	IndexFulltext
	IndexSpatial
)

// IndexDef is a key definition of CREATE TABLE, ALTER TABLE or CREATE INDEX.
type IndexDef struct {
	Kind       IndexKind
	Constraint string // CONSTRAINT name; of a UNIQUE key without an index name it is the index's name
	Name       string // "" when the system names it
	Parts      []IndexPart
	Using      string // "", "BTREE", "HASH", "RTREE"
	Comment    string
	Visibility Visibility
	Options    []Option // KEY_BLOCK_SIZE, PARSER, ENGINE_ATTRIBUTE
	Pos
}

// IndexPart is one part of a key: a column, maybe its prefix, or an expression.
type IndexPart struct {
	Column sqlparser.ColIdent
	Length uint64         // prefix; 0 for the whole column
	Expr   sqlparser.Expr // functional key part; Column is empty then
	Text   string         // source of Expr, without the parentheses
	Desc   bool
	Pos
}

// Option is a table, index or database option that has no field of its own.
type Option struct {
	Name  string // upper case, words separated by one blank
	Value string // unquoted
	Pos
}

// TableOptions is the options after the columns of CREATE TABLE, or in ALTER TABLE.
type TableOptions struct {
	AutoIncrement *uint64
	Charset       string // [DEFAULT] CHARACTER SET; lower case; "" when not given
	Collate       string
	Comment       *string
	Engine        string
	Other         []Option // ROW_FORMAT, STATS_PERSISTENT …: accepted, without effect
}

// IsZero reports whether no option was given.
func (o *TableOptions) IsZero() bool {
	return o.AutoIncrement == nil && o.Charset == "" && o.Collate == "" && o.Comment == nil && o.Engine == "" && len(o.Other) == 0
}
