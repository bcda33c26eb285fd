package infoschema

import (
	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/schema"
)

var statistics = define("STATISTICS", fillStatistics,
	"TABLE_CATALOG name!", "TABLE_SCHEMA name!", "TABLE_NAME name!", "NON_UNIQUE int!", "INDEX_SCHEMA name!", "INDEX_NAME v64",
	"SEQ_IN_INDEX uint!", "COLUMN_NAME v64", "COLLATION v1", "CARDINALITY bigint", "SUB_PART bigint", "PACKED null",
	"NULLABLE v3!", "INDEX_TYPE v11!", "COMMENT v8!", "INDEX_COMMENT v2048!", "IS_VISIBLE v3!", "EXPRESSION longtext",
)

func fillStatistics(q *query) error {
	q.baseTables("TABLE_SCHEMA", "TABLE_NAME", func(t *engine.Table) {
		def := t.Def()
		eachPart(def, t.RowEstimate(), func(p *partInfo) {
			q.add(catalogName, def.Schema, def.Name, p.nonUnique, def.Schema, p.index.Name, p.seq, p.column, p.collation, p.rows,
				p.prefix, nil, p.null, p.index.Kind.String(), "", p.index.Comment, yesNo(!p.index.Hidden), nil)
		})
	})
	return nil
}

// partInfo is what catalogues say about one column of an index.
type partInfo struct {
	index     *schema.Index
	nonUnique int
	seq       int
	column    string
	collation any    // A, D; NULL for a hash
	rows      int64  // CARDINALITY: an upper bound
	prefix    any    // SUB_PART
	null      string // YES or ""
}

// eachPart calls f for the parts of all indexes of a table, in order.
func eachPart(t *schema.Table, rows int64, f func(p *partInfo)) {
	for i := range t.Indexes {
		ix := &t.Indexes[i]
		for n, part := range ix.Parts {
			at := t.ColumnByID(part.Column)
			if at < 0 {
				continue
			}
			p := partInfo{index: ix, seq: n + 1, column: t.Columns[at].Name, collation: "A", rows: max(rows, 0)}
			if !ix.Unique {
				p.nonUnique = 1
			}
			switch {
			case ix.Kind == schema.Hash:
				p.collation = nil
			case part.Desc:
				p.collation = "D"
			}
			if part.Prefix > 0 {
				p.prefix = int64(part.Prefix)
			}
			if !t.Columns[at].NotNull {
				p.null = "YES"
			}
			f(&p)
		}
	}
}
