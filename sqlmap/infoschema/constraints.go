package infoschema

import (
	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/schema"
)

var tableConstraints = define("TABLE_CONSTRAINTS", fillTableConstraints,
	"CONSTRAINT_CATALOG name!", "CONSTRAINT_SCHEMA name!", "CONSTRAINT_NAME v64", "TABLE_SCHEMA name!", "TABLE_NAME name!",
	"CONSTRAINT_TYPE v11!", "ENFORCED v3!",
)

func fillTableConstraints(q *query) error {
	q.baseTables("CONSTRAINT_SCHEMA", "TABLE_NAME", func(t *engine.Table) {
		def := t.Def()
		add := func(name, kind string, enforced bool) {
			q.add(catalogName, def.Schema, name, def.Schema, def.Name, kind, yesNo(enforced))
		}
		for i := range def.Indexes {
			switch ix := &def.Indexes[i]; {
			case ix.Primary:
				add(ix.Name, "PRIMARY KEY", true)
			case ix.Unique:
				add(ix.Name, "UNIQUE", true)
			}
		}
		for i := range def.Foreign {
			add(def.Foreign[i].Name, "FOREIGN KEY", true)
		}
		for i := range def.Checks {
			add(def.Checks[i].Name, "CHECK", !def.Checks[i].NotEnforced)
		}
	})
	return nil
}

// CHECK_CONSTRAINTS has one column more than MySQL's: TABLE_NAME, which MariaDB's has and tools for both read.
var checkConstraints = define("CHECK_CONSTRAINTS", fillCheckConstraints,
	"CONSTRAINT_CATALOG name!", "CONSTRAINT_SCHEMA name!", "CONSTRAINT_NAME v64!", "CHECK_CLAUSE longtext!", "TABLE_NAME name!",
)

func fillCheckConstraints(q *query) error {
	q.baseTables("CONSTRAINT_SCHEMA", "TABLE_NAME", func(t *engine.Table) {
		def := t.Def()
		for i := range def.Checks {
			q.add(catalogName, def.Schema, def.Checks[i].Name, "("+def.Checks[i].Expr+")", def.Name)
		}
	})
	return nil
}

var keyColumnUsage = define("KEY_COLUMN_USAGE", fillKeyColumnUsage,
	"CONSTRAINT_CATALOG name!", "CONSTRAINT_SCHEMA name!", "CONSTRAINT_NAME v64", "TABLE_CATALOG name!", "TABLE_SCHEMA name!",
	"TABLE_NAME name!", "COLUMN_NAME v64", "ORDINAL_POSITION uint!", "POSITION_IN_UNIQUE_CONSTRAINT uint",
	"REFERENCED_TABLE_SCHEMA name", "REFERENCED_TABLE_NAME name", "REFERENCED_COLUMN_NAME v64",
)

func fillKeyColumnUsage(q *query) error {
	q.baseTables("TABLE_SCHEMA", "TABLE_NAME", func(t *engine.Table) {
		def := t.Def()
		for i := range def.Indexes {
			ix := &def.Indexes[i]
			if !ix.Unique && !ix.Primary {
				continue
			}
			for n, col := range def.ColumnNames(ix.ColumnIDs()) {
				q.add(catalogName, def.Schema, ix.Name, catalogName, def.Schema, def.Name, col, n+1, nil, nil, nil, nil)
			}
		}
		for i := range def.Foreign {
			fk := &def.Foreign[i]
			for n, col := range def.ColumnNames(fk.Columns) {
				q.add(catalogName, def.Schema, fk.Name, catalogName, def.Schema, def.Name, col, n+1, n+1, fk.RefSchema,
					fk.RefTable, fk.RefColumns[n])
			}
		}
	})
	return nil
}

const rules = "enum NO ACTION|RESTRICT|CASCADE|SET NULL|SET DEFAULT!"

var referentialConstraints = define("REFERENTIAL_CONSTRAINTS", fillReferentialConstraints,
	"CONSTRAINT_CATALOG name!", "CONSTRAINT_SCHEMA name!", "CONSTRAINT_NAME v64", "UNIQUE_CONSTRAINT_CATALOG name!",
	"UNIQUE_CONSTRAINT_SCHEMA name!", "UNIQUE_CONSTRAINT_NAME v64", "MATCH_OPTION enum NONE|PARTIAL|FULL!",
	"UPDATE_RULE "+rules, "DELETE_RULE "+rules, "TABLE_NAME name!", "REFERENCED_TABLE_NAME name!",
)

func fillReferentialConstraints(q *query) error {
	q.baseTables("CONSTRAINT_SCHEMA", "TABLE_NAME", func(t *engine.Table) {
		def := t.Def()
		for i := range def.Foreign {
			fk := &def.Foreign[i]
			q.add(catalogName, def.Schema, fk.Name, catalogName, fk.RefSchema, nullable(uniqueKeyOf(q.catalog, fk)), "NONE",
				fk.OnUpdate.String(), fk.OnDelete.String(), def.Name, fk.RefTable)
		}
	})
	return nil
}

// uniqueKeyOf names the parent's unique key that a foreign key refers to; "" when there is none.
func uniqueKeyOf(c *engine.Catalog, fk *schema.ForeignKey) string {
	t := c.Table(fk.RefSchema, fk.RefTable)
	if t == nil {
		return ""
	}
	ids := make([]uint32, len(fk.RefColumns))
	for i, name := range fk.RefColumns {
		at := t.Def().ColumnIndex(name)
		if at < 0 {
			return ""
		}
		ids[i] = t.Def().Columns[at].ID
	}
	if i := t.Def().IndexFor(ids, true); i >= 0 && t.Def().Indexes[i].Unique {
		return t.Def().Indexes[i].Name
	}
	return ""
}
