// Package infoschema answers questions about the catalogue: the virtual tables of information_schema, SHOW and DESCRIBE.
//
// Names, order and types of columns are MySQL 8's, and so are the texts that SHOW CREATE prints; expressions of CHECKs,
// generated columns, defaults and views print as they were written, where MySQL prints its own form of them. Rows are
// computed when they are read, from the catalogue of that moment. What does not exist here (routines, events, partitions,
// plugins) is an empty table with MySQL's columns. The schemas mysql, performance_schema and sys do not exist.
//
// Names of schemas and tables compare exactly, as on a MySQL server on Linux; all other strings of information_schema
// compare without case.
//
// Concurrency: a virtual table may be read by any number of sessions; an Env belongs to one.
package infoschema

import (
	"slices"
	"strings"
	"time"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// Name is the schema's name.
const Name = "information_schema"

// catalogName is what TABLE_CATALOG and its kin say.
const catalogName = "def"

// Variable is a system variable with its value as text.
type Variable struct{ Name, Value string }

// Process is an open session.
type Process struct {
	ID                   uint64
	User, Host, DB       string
	Command, State, Info string
	Time                 time.Duration // in that state
}

// Source is where the rows come from. Every function is called when rows are read, not when a plan is made.
type Source struct {
	Catalog   func() *engine.Catalog
	Stats     func() engine.Stats
	Variables func(global bool) []Variable
	Processes func() []Process
}

// Env is what SHOW and DESCRIBE work on.
type Env struct {
	Source
	Database string       // in use
	Lookup   plan.Catalog // with temporary tables
	Run      *expr.Run    // parameters and session of the statement
}

// IsSchema reports whether name is information_schema (names are compared without case, as in MySQL).
func IsSchema(name string) bool { return strings.EqualFold(name, Name) }

// Lookup returns the virtual table called name, in any case, or nil.
func Lookup(src Source, name string) plan.VirtualTable {
	v := virtuals[strings.ToUpper(name)]
	if v == nil {
		return nil
	}
	return &table{virtual: v, src: src}
}

// virtuals are the tables of information_schema by name.
var virtuals = map[string]*virtual{}

// virtualNames lists their names in order.
var virtualNames []string

func init() {
	for _, group := range [][]*virtual{
		{schemata, tables, columns, statistics, views, triggers},
		{keyColumnUsage, referentialConstraints, tableConstraints, checkConstraints},
		{collations, characterSets, applicability},
		{engines, processlist, userPrivileges, plugins},
		emptyTables,
	} {
		for _, v := range group {
			virtuals[v.def.Name] = v
			virtualNames = append(virtualNames, v.def.Name)
		}
	}
	slices.Sort(virtualNames)
}
