package infoschema

import (
	"time"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// account is the only one there is.
const account = "root@localhost"

var views = define("VIEWS", fillViews,
	"TABLE_CATALOG name!", "TABLE_SCHEMA name!", "TABLE_NAME name!", "VIEW_DEFINITION longtext",
	"CHECK_OPTION enum NONE|LOCAL|CASCADED", "IS_UPDATABLE enum NO|YES", "DEFINER v288", "SECURITY_TYPE v7",
	"CHARACTER_SET_CLIENT v64!", "COLLATION_CONNECTION v64!",
)

func fillViews(q *query) error {
	q.schemas("TABLE_SCHEMA", func(d *schema.Database) {
		for _, v := range q.catalog.Views(d.Name) {
			if q.wants("TABLE_NAME", v.Name) {
				updatable, check := "NO", v.CheckOption
				if plan.IsUpdatable(v, viewContext(q.src, q.run.Session, v)) {
					updatable = "YES"
				}
				if check == "" {
					check = "NONE"
				}
				q.add(catalogName, v.Schema, v.Name, v.Select, check, updatable, account, "DEFINER", "utf8mb4", collate.Default.Name())
			}
		}
	})
	return nil
}

var triggers = define("TRIGGERS", fillTriggers,
	"TRIGGER_CATALOG name!", "TRIGGER_SCHEMA name!", "TRIGGER_NAME v64!", "EVENT_MANIPULATION enum INSERT|UPDATE|DELETE!",
	"EVENT_OBJECT_CATALOG name!", "EVENT_OBJECT_SCHEMA name!", "EVENT_OBJECT_TABLE name!", "ACTION_ORDER uint!",
	"ACTION_CONDITION null", "ACTION_STATEMENT longtext!", "ACTION_ORIENTATION v3!", "ACTION_TIMING enum BEFORE|AFTER!",
	"ACTION_REFERENCE_OLD_TABLE null", "ACTION_REFERENCE_NEW_TABLE null", "ACTION_REFERENCE_OLD_ROW v3!",
	"ACTION_REFERENCE_NEW_ROW v3!", "CREATED timestamp!", "SQL_MODE v512!", "DEFINER v288!", "CHARACTER_SET_CLIENT v64!",
	"COLLATION_CONNECTION v64!", "DATABASE_COLLATION v64!",
)

func fillTriggers(q *query) error {
	q.baseTables("EVENT_OBJECT_SCHEMA", "EVENT_OBJECT_TABLE", func(t *engine.Table) {
		def := t.Def()
		order := map[string]int{}
		for _, g := range def.Triggers {
			order[g.Timing+g.Event]++
			q.add(catalogName, def.Schema, g.Name, g.Event, catalogName, def.Schema, def.Name, order[g.Timing+g.Event], nil, g.Body,
				"ROW", g.Timing, nil, nil, "OLD", "NEW", time.Unix(def.CreatedAt, 0), def.SQLMode, account, "utf8mb4",
				collate.Default.Name(), databaseCollation(q.catalog.Database(def.Schema)).Name())
		}
	})
	return nil
}
