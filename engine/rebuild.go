package engine

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/index"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/sqlerr"
)

// rebuild fills the index from the newest version of each row.
func (ix *Index) rebuild(ctx context.Context) error {
	t := ix.table
	sp := t.store.space
	entries := make([]index.Entry, 0, sp.Rows())
	var keys arena
	var buf []byte
	batch := make([]heap.ScanRow, 1024)
	end := sp.SlotCount()
	for at := uint64(0); at < end; {
		if err := interrupted(ctx); err != nil {
			return err
		}
		g := t.db.epochs.Pin()
		n, next := sp.ScanVisible(at, end, heap.MaxCSN, batch)
		at = next
		for i := range batch[:n] {
			var r row.Row
			err := t.rowOf(batch[i].V, &r)
			var k index.Key
			if err == nil {
				k, buf, err = ix.keyOfRow(buf, &r)
			}
			if err != nil {
				g.Unpin()
				return err
			}
			if !ix.fixed8 {
				k.Bytes = keys.copy(k.Bytes)
			}
			entries = append(entries, index.Entry{Key: k, Row: uint64(batch[i].ID)})
		}
		g.Unpin()
	}
	if ix.fixed8 {
		slices.SortFunc(entries, func(a, b index.Entry) int {
			return cmp.Or(cmp.Compare(a.Key.Int, b.Key.Int), cmp.Compare(a.Row, b.Row))
		})
	} else {
		slices.SortFunc(entries, func(a, b index.Entry) int {
			if c := bytes.Compare(a.Key.Bytes, b.Key.Bytes); c != 0 {
				return c
			}
			return cmp.Compare(a.Row, b.Row)
		})
	}
	if err := ix.checkUnique(entries); err != nil {
		return err
	}
	i := 0
	return ix.tree.BulkLoad(len(entries), func() (index.Entry, bool, error) {
		if i == len(entries) {
			return index.Entry{}, false, nil
		}
		i++
		return entries[i-1], true, nil
	})
}

// checkUnique refuses two rows with one key in a unique index: no committed state has them.
func (ix *Index) checkUnique(entries []index.Entry) error {
	if !ix.def.Unique {
		return nil
	}
	for i := 1; i < len(entries); i++ {
		if !ix.equalKeys(entries[i-1].Key, entries[i].Key) {
			continue
		}
		ver, ok := ix.table.store.space.Visible(heap.RowID(entries[i].Row), heap.MaxCSN)
		var r row.Row
		if ok && ix.table.rowOf(ver, &r) == nil && ix.unconstrained(&r) {
			continue
		}
		return sqlerr.New(sqlerr.CorruptTable, fmt.Sprintf("table %s: rows %d and %d have the same key in unique index %s",
			ix.table.def.Name, entries[i-1].Row, entries[i].Row, ix.def.Name))
	}
	return nil
}
