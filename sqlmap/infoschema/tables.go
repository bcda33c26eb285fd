package infoschema

import (
	"cmp"
	"slices"
	"time"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/schema"
)

var tables = define("TABLES", fillTables,
	"TABLE_CATALOG name!", "TABLE_SCHEMA name!", "TABLE_NAME name!", "TABLE_TYPE enum BASE TABLE|VIEW|SYSTEM VIEW!",
	"ENGINE v64", "VERSION int", "ROW_FORMAT enum Fixed|Dynamic|Compressed|Redundant|Compact|Paged",
	"TABLE_ROWS ubigint", "AVG_ROW_LENGTH ubigint", "DATA_LENGTH ubigint", "MAX_DATA_LENGTH ubigint",
	"INDEX_LENGTH ubigint", "DATA_FREE ubigint", "AUTO_INCREMENT ubigint", "CREATE_TIME timestamp!",
	"UPDATE_TIME datetime", "CHECK_TIME datetime", "TABLE_COLLATION v64", "CHECKSUM bigint", "CREATE_OPTIONS v256",
	"TABLE_COMMENT text",
)

func fillTables(q *query) error {
	if q.wants("TABLE_SCHEMA", Name) {
		for _, name := range virtualNames {
			if q.wants("TABLE_NAME", name) {
				q.add(catalogName, Name, name, "SYSTEM VIEW", nil, 10, nil, 0, 0, 0, 0, 0, 0, nil, time.Unix(0, 0), nil, nil,
					nil, nil, "", "")
			}
		}
	}
	sizes := tableSizes(q.src.Stats())
	q.schemas("TABLE_SCHEMA", func(d *schema.Database) {
		for _, e := range entries(q.catalog, d.Name) {
			if q.wants("TABLE_NAME", e.name) {
				q.addTable(d.Name, &e, sizes)
			}
		}
	})
	return nil
}

func (q *query) addTable(db string, e *entry, sizes map[uint32]engine.TableStats) {
	if e.view != nil {
		q.add(catalogName, db, e.name, "VIEW", nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, time.Unix(0, 0), nil, nil,
			nil, nil, nil, "VIEW")
		return
	}
	def := e.table.Def()
	var next any
	if n := e.table.AutoIncrement(); n > 0 {
		next = n
	}
	s := sizes[def.ID]
	page := int64(def.PageSize)
	if page == 0 {
		page = 4096
	}
	var average, index int64
	if s.Rows > 0 {
		average = s.LiveBytes / s.Rows
	}
	for i := range s.Indexes {
		index += s.Indexes[i].Bytes
	}
	q.add(catalogName, db, e.name, "BASE TABLE", engineOf(def), 10, "Dynamic", max(s.Rows, 0), average, s.Pages*page, 0, index,
		s.DeadBytes, next, time.Unix(def.CreatedAt, 0), nil, nil, tableCollation(def).Name(), nil, "", def.Comment)
}

// tableSizes maps table ids to their figures.
func tableSizes(s engine.Stats) map[uint32]engine.TableStats {
	m := make(map[uint32]engine.TableStats, len(s.Tables))
	for _, t := range s.Tables {
		m[t.ID] = t
	}
	return m
}

// engineOf is the storage engine's name.
func engineOf(t *schema.Table) string { return cmp.Or(t.Engine, "InnoDB") }

// entry is a table or a view of a schema.
type entry struct {
	name  string
	table *engine.Table // or
	view  *schema.View
}

// entries lists tables and views of a schema by name.
func entries(c *engine.Catalog, db string) []entry {
	var list []entry
	for _, t := range c.Tables(db) {
		list = append(list, entry{name: t.Def().Name, table: t})
	}
	for _, v := range c.Views(db) {
		list = append(list, entry{name: v.Name, view: v})
	}
	slices.SortFunc(list, func(a, b entry) int { return cmp.Compare(a.name, b.name) })
	return list
}
