package sqlmap

import (
	"context"
	"encoding/binary"
	"hash/crc32"
	"slices"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/rowset"
)

// checksumBatch is how many rows a checksum reads at once.
const checksumBatch = 256

// runChecksum is CHECKSUM TABLE: a number per table that equal contents share, in whatever order the rows lie. It is not
// MySQL's number, which depends on how InnoDB lays out a row. QUICK asks for one that is kept with the table: NULL, as
// of InnoDB. What is no table is NULL with a warning.
func (s *Session) runChecksum(ctx context.Context, st *ast.AdminTable) (*rowset.Set, error) {
	set := &rowset.Set{Columns: []rowset.Column{rowset.Text("Table"), rowset.Integer("Checksum")}}
	quick := slices.Contains(st.Options, "QUICK")
	err := s.statement(ctx, engine.StmtRead, func(tx *engine.Tx) error {
		for _, name := range st.Tables {
			db := name.Qualifier.String()
			if db == "" {
				db = s.state.Database
			}
			sum := value.Null
			t, ok := (catalog{s: s, engine: s.db.engine.Catalog()}).Table(db, name.Name.String()).(*engine.Table)
			switch {
			case !ok:
				s.warn(expr.LevelError, sqlerr.New(sqlerr.NoSuchTable, db, name.Name.String()))
			case !quick:
				n, err := checksum(ctx, tx, t)
				if err != nil {
					return err
				}
				sum = value.Int(int64(n))
			}
			set.Rows = append(set.Rows, []value.Value{value.String(db + "." + name.Name.String()), sum})
		}
		return nil
	})
	return set, err
}

// checksum adds up the CRCs of the rows, so that their order does not matter.
func checksum(ctx context.Context, tx *engine.Tx, t *engine.Table) (sum uint32, err error) {
	c := tx.Scan(t, engine.ScanOptions{})
	defer c.Close()
	var (
		vals []value.Value
		text []byte
	)
	for {
		rows, err := c.NextBatch(ctx, checksumBatch)
		if err != nil || len(rows) == 0 {
			return sum, err
		}
		for i := range rows {
			if vals, err = rows[i].Row.Values(vals[:0]); err != nil {
				return 0, err
			}
			text = text[:0]
			for _, v := range vals {
				text = appendDelimited(text, v)
			}
			sum += crc32.ChecksumIEEE(text)
		}
	}
}

// appendDelimited appends v so that neighbours cannot be confused: a mark for NULL, or one and the length and the text.
func appendDelimited(dst []byte, v value.Value) []byte {
	if v.IsNull() {
		return append(dst, 0)
	}
	dst = append(dst, 1, 0, 0, 0, 0)
	at := len(dst)
	dst = v.AppendText(dst)
	binary.LittleEndian.PutUint32(dst[at-4:], uint32(len(dst)-at))
	return dst
}
