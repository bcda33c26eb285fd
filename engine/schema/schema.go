// Package schema holds the definitions that the catalogue stores: tables, columns, indexes, constraints and
// views, as plain data.
//
// A definition is immutable once it is in the catalogue; a change makes a new one with the next Version.
// Ids are 32-bit and never reused. Everything marshals to JSON, which is how the catalogue tables keep it.
package schema

import "github.com/worktable-go/worktable/engine/value"

// Table defines one table.
type Table struct {
	ID        uint32       `json:"id"`
	Schema    string       `json:"schema"`
	Name      string       `json:"name"`
	Version   uint32       `json:"version"` // schema version: grows with each change of the row layout or the indexes
	Storage   uint32       `json:"storage"` // storage id: changes when the rows are rewritten or truncated
	Columns   []Column     `json:"columns"` // in declared order; Columns[i] is ordinal i
	Indexes   []Index      `json:"indexes,omitempty"`
	Foreign   []ForeignKey `json:"foreign,omitempty"`
	Checks    []Check      `json:"checks,omitempty"`
	Comment   string       `json:"comment,omitempty"`
	Charset   string       `json:"charset,omitempty"`
	Collation uint16       `json:"collation,omitempty"` // default for new columns
	Engine    string       `json:"engine,omitempty"`    // as written; InnoDB when not
	PageSize  uint32       `json:"page_size,omitempty"` // 0: the default, 4096
	Temporary bool         `json:"temporary,omitempty"`
	NextColID uint32       `json:"next_col_id"`
	NextIdxID uint32       `json:"next_idx_id"`
	CreatedAt int64        `json:"created_at,omitempty"` // Unix seconds
	AutoStart uint64       `json:"auto_start,omitempty"` // AUTO_INCREMENT=n of the definition
	SQLMode   string       `json:"sql_mode,omitempty"`   // in force at definition, for the texts below
	Triggers  []Trigger    `json:"triggers,omitempty"`
}

// Column defines one column.
type Column struct {
	ID            uint32     `json:"id"`
	Name          string     `json:"name"`
	Type          value.Type `json:"type"`
	NotNull       bool       `json:"not_null,omitempty"`
	AutoIncrement bool       `json:"auto_increment,omitempty"`
	// HasDefault is true when a DEFAULT clause (or an implicit DEFAULT NULL) gives a value to an omitted column.
	HasDefault  bool        `json:"has_default,omitempty"`
	Default     value.Value `json:"default,omitzero"`       // constant default, already of the column's type
	DefaultExpr string      `json:"default_expr,omitempty"` // source text of an expression default, CURRENT_TIMESTAMP(n) included
	OnUpdate    string      `json:"on_update,omitempty"`    // CURRENT_TIMESTAMP(n)
	Generated   string      `json:"generated,omitempty"`    // source text of a generated column
	Stored      bool        `json:"stored,omitempty"`       // generated column kept in the row
	Comment     string      `json:"comment,omitempty"`
	Invisible   bool        `json:"invisible,omitempty"`
	// Initial is what rows written before the column was added read as (the default as of ADD COLUMN), of the
	// column's type. HasInitial marks a column that was added instantly. A later SET DEFAULT leaves both alone.
	HasInitial bool        `json:"has_initial,omitempty"`
	Initial    value.Value `json:"initial,omitzero"`
}

// IndexKind is how an index finds its entries.
type IndexKind uint8

// The index kinds.
const (
	BTree IndexKind = iota
	Hash            // equality on all columns of a unique key
)

// Index defines one index. The primary key is the index named PRIMARY.
type Index struct {
	ID      uint32    `json:"id"`
	Name    string    `json:"name"`
	Unique  bool      `json:"unique,omitempty"`
	Primary bool      `json:"primary,omitempty"`
	Kind    IndexKind `json:"kind,omitempty"`
	Parts   []KeyPart `json:"parts"`
	Comment string    `json:"comment,omitempty"`
	Using   string    `json:"using,omitempty"` // as written
	Hidden  bool      `json:"hidden,omitempty"`
	// ForForeign marks an index made only because a foreign key needs one.
	ForForeign bool `json:"for_foreign,omitempty"`
}

// KeyPart is one column of an index.
type KeyPart struct {
	Column uint32 `json:"column"`           // column id
	Prefix uint32 `json:"prefix,omitempty"` // characters (bytes for binary types); 0: the whole value
	Desc   bool   `json:"desc,omitempty"`
}

// Action is what a foreign key does to the child rows.
type Action uint8

// The referential actions. NoAction is Restrict, as in InnoDB.
const (
	NoAction Action = iota
	Restrict
	Cascade
	SetNull
	SetDefault
)

// ForeignKey is a reference from this table (the child) to a parent's columns.
type ForeignKey struct {
	ID         uint32   `json:"id"`
	Name       string   `json:"name"`
	Columns    []uint32 `json:"columns"` // column ids of the child
	RefSchema  string   `json:"ref_schema"`
	RefTable   string   `json:"ref_table"`
	RefColumns []string `json:"ref_columns"`
	OnDelete   Action   `json:"on_delete,omitempty"`
	OnUpdate   Action   `json:"on_update,omitempty"`
}

// Check is a CHECK constraint.
type Check struct {
	Name        string `json:"name"`
	Expr        string `json:"expr"` // source text
	NotEnforced bool   `json:"not_enforced,omitempty"`
}

// Trigger is a trigger whose body does nothing; others are not supported.
type Trigger struct {
	Name   string `json:"name"`   // unique within the schema
	Timing string `json:"timing"` // BEFORE, AFTER
	Event  string `json:"event"`  // INSERT, UPDATE, DELETE
	Body   string `json:"body"`   // source text
}

// View is a stored SELECT.
type View struct {
	ID      uint32   `json:"id"`
	Schema  string   `json:"schema"`
	Name    string   `json:"name"`
	Columns []string `json:"columns,omitempty"`
	Select  string   `json:"select"` // source text
	InUse   string   `json:"in_use"` // schema in force at definition
	SQLMode string   `json:"sql_mode,omitempty"`

	Algorithm   string `json:"algorithm,omitempty"`    // MERGE, TEMPTABLE; "" is UNDEFINED
	CheckOption string `json:"check_option,omitempty"` // LOCAL, CASCADED; "" for none
}

// Database is a schema (MySQL's DATABASE).
type Database struct {
	ID        uint32 `json:"id"`
	Name      string `json:"name"`
	Charset   string `json:"charset,omitempty"`
	Collation uint16 `json:"collation,omitempty"`
}

// ColumnIndex returns the ordinal of the column called name (case-insensitive), or -1.
func (t *Table) ColumnIndex(name string) int {
	for i := range t.Columns {
		if equalFold(t.Columns[i].Name, name) {
			return i
		}
	}
	return -1
}

// ColumnByID returns the ordinal of the column with the id, or -1.
func (t *Table) ColumnByID(id uint32) int {
	for i := range t.Columns {
		if t.Columns[i].ID == id {
			return i
		}
	}
	return -1
}

// IndexByName returns the position in Indexes of the index called name (case-insensitive), or -1.
func (t *Table) IndexByName(name string) int {
	for i := range t.Indexes {
		if equalFold(t.Indexes[i].Name, name) {
			return i
		}
	}
	return -1
}

// PrimaryKey returns the primary key, or nil.
func (t *Table) PrimaryKey() *Index {
	for i := range t.Indexes {
		if t.Indexes[i].Primary {
			return &t.Indexes[i]
		}
	}
	return nil
}
