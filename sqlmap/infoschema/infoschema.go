// Package infoschema answers questions about the catalogue: the virtual tables of information_schema, SHOW and DESCRIBE.
package infoschema

import (
	"context"
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/plan"
	"github.com/worktable-go/worktable/sqlmap/rowset"
)

// Variable is a system variable with its value as text.
type Variable struct{ Name, Value string }

// Process is an open session.
type Process struct {
	ID                   uint64
	User, Host, DB       string
	Command, State, Info string
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
	Database    string // in use
	SQLMode     string
	Lookup      plan.Catalog // with temporary tables
	Query       func(ctx context.Context, sel sqlparser.SelectStatement) (*rowset.Set, error)
	ViewColumns func(db, name string) ([]rowset.Column, error)
}

// IsSchema reports whether name is information_schema (names are compared without case, as in MySQL).
func IsSchema(name string) bool { return strings.EqualFold(name, "information_schema") }

// Lookup returns the virtual table called name, or nil.
func Lookup(src Source, name string) plan.VirtualTable { return nil }

// Show runs a SHOW statement other than those about diagnostics.
func Show(ctx context.Context, env *Env, st *ast.Show) (*rowset.Set, error) {
	return nil, sqlerr.New(sqlerr.NotSupported, "SHOW")
}

// Describe runs DESCRIBE.
func Describe(ctx context.Context, env *Env, st *ast.Describe) (*rowset.Set, error) {
	return nil, sqlerr.New(sqlerr.NotSupported, "DESCRIBE")
}
