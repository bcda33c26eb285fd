package infoschema

import (
	"context"

	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/rowset"
)

// showColumns is SHOW [FULL] COLUMNS.
func (env *Env) showColumns(_ context.Context, st *ast.Show) (*rowset.Set, error) {
	def, err := env.definition(st.Table)
	if err != nil {
		return nil, err
	}
	return env.columnSet(def, st.Full), nil
}

// columnSet lists the columns of a definition.
func (env *Env) columnSet(def *schema.Table, full bool) *rowset.Set {
	set := newFixed("Field|v64", "Type|mediumtext!", "Null|v3!", "Key|v3!", "Default|text", "Extra|v256")
	if full {
		set = newFixed("Field|v64", "Type|mediumtext!", "Collation|v64", "Null|v3!", "Key|v3!", "Default|text", "Extra|v256",
			"Privileges|v154", "Comment|text!")
	}
	for i := range def.Columns {
		c := describeColumn(def, i, env.Run.Session.Location())
		if full {
			set.add(c.name, c.columnType, nullable(c.collation), yesNo(c.null), c.key, c.def, c.extra, privileges, c.comment)
		} else {
			set.add(c.name, c.columnType, yesNo(c.null), c.key, c.def, c.extra)
		}
	}
	return set.Set
}

// Describe runs DESCRIBE: SHOW COLUMNS, with a column's name or a pattern.
func Describe(ctx context.Context, env *Env, st *ast.Describe) (*rowset.Set, error) {
	def, err := env.definition(st.Table)
	if err != nil {
		return nil, err
	}
	show := &ast.Show{Kind: ast.ShowColumns}
	if st.Column != "" {
		show.Like = &st.Column
	}
	return env.filter(ctx, env.columnSet(def, false), show, 0)
}
