package infoschema

import (
	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/schema"
)

var schemata = define("SCHEMATA", fillSchemata,
	"CATALOG_NAME name!", "SCHEMA_NAME name!", "DEFAULT_CHARACTER_SET_NAME v64!", "DEFAULT_COLLATION_NAME v64!",
	"SQL_PATH null", "DEFAULT_ENCRYPTION enum NO|YES!",
)

func fillSchemata(q *query) error {
	if q.wants("SCHEMA_NAME", Name) {
		q.add(catalogName, Name, "utf8mb4", collate.GeneralCI.Name(), nil, "NO")
	}
	q.schemas("SCHEMA_NAME", func(d *schema.Database) {
		coll := databaseCollation(d)
		q.add(catalogName, d.Name, coll.Charset(), coll.Name(), nil, "NO")
	})
	return nil
}

// databaseCollation is the default collation of a database.
func databaseCollation(d *schema.Database) collate.ID {
	if d == nil || d.Collation == 0 {
		return collate.Default
	}
	return collate.ID(d.Collation)
}

// tableCollation is the default collation of a table.
func tableCollation(t *schema.Table) collate.ID {
	if t.Collation == 0 {
		return collate.Default
	}
	return collate.ID(t.Collation)
}
