package infoschema

import (
	"github.com/worktable-go/worktable/engine/schema"
)

var columns = define("COLUMNS", fillColumns,
	"TABLE_CATALOG name!", "TABLE_SCHEMA name!", "TABLE_NAME name!", "COLUMN_NAME v64", "ORDINAL_POSITION uint!",
	"COLUMN_DEFAULT text", "IS_NULLABLE v3!", "DATA_TYPE longtext", "CHARACTER_MAXIMUM_LENGTH bigint",
	"CHARACTER_OCTET_LENGTH bigint", "NUMERIC_PRECISION ubigint", "NUMERIC_SCALE ubigint", "DATETIME_PRECISION uint",
	"CHARACTER_SET_NAME v64", "COLLATION_NAME v64", "COLUMN_TYPE mediumtext!", "COLUMN_KEY enum |PRI|UNI|MUL!", "EXTRA v256",
	"PRIVILEGES v154", "COLUMN_COMMENT text!", "GENERATION_EXPRESSION longtext!", "SRS_ID uint",
)

func fillColumns(q *query) error {
	if q.wants("TABLE_SCHEMA", Name) {
		for _, name := range virtualNames {
			if q.wants("TABLE_NAME", name) {
				q.addColumns(virtuals[name].def)
			}
		}
	}
	q.schemas("TABLE_SCHEMA", func(d *schema.Database) {
		for _, e := range entries(q.catalog, d.Name) {
			switch {
			case !q.wants("TABLE_NAME", e.name):
			case e.table != nil:
				q.addColumns(e.table.Def())
			default:
				// A view whose tables are gone has no columns, as in MySQL.
				if def, err := viewDefinition(q.src, q.run.Session, e.view); err == nil {
					q.addColumns(def)
				}
			}
		}
	})
	return nil
}

func (q *query) addColumns(def *schema.Table) {
	for i := range def.Columns {
		c := describeColumn(def, i, q.run.Session.Location())
		if !q.wants("COLUMN_NAME", c.name) {
			continue
		}
		q.add(catalogName, def.Schema, def.Name, c.name, i+1, c.def, yesNo(c.null), c.dataType, c.chars, c.octets, c.precision,
			c.scale, c.fsp, nullable(c.charset), nullable(c.collation), c.columnType, c.key, c.extra, privileges, c.comment,
			c.generated, nil)
	}
}

// privileges is what a user may do with a column: everything.
const privileges = "select,insert,update,references"
