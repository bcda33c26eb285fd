package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/index"
	"github.com/worktable-go/worktable/engine/row"
)

// maxProblems bounds what Check reports per table.
const maxProblems = 100

// Check verifies that indexes agree with tables, that chains are ordered, that counts are right. Run it when no
// transaction is open. It returns every inconsistency found, up to a bound per table.
func (db *DB) Check(ctx context.Context) []error {
	p := &db.prune
	p.gate.Lock()
	defer p.gate.Unlock()
	for p.stepGated(pruneBatch) > 0 {
	}
	p.againGated()
	cat := db.catalog.Load()
	tables := make([]*Table, 0, len(cat.tables))
	for _, t := range cat.tables {
		tables = append(tables, t)
	}
	slices.SortFunc(tables, func(a, b *Table) int { return cmp.Compare(a.def.ID, b.def.ID) })
	var all []error
	for _, t := range tables {
		if err := interrupted(ctx); err != nil {
			return append(all, err)
		}
		c := checker{t: t, ctx: ctx}
		c.run()
		all = append(all, c.problems...)
	}
	return all
}

// checker checks one table.
type checker struct {
	t        *Table
	ctx      context.Context
	problems []error
	buf      []byte
}

func (c *checker) report(format string, args ...any) {
	if len(c.problems) < maxProblems {
		c.problems = append(c.problems, fmt.Errorf("table %s.%s: %w", c.t.def.Schema, c.t.def.Name, fmt.Errorf(format, args...)))
	}
}

func (c *checker) run() {
	for _, err := range c.t.store.space.Check() {
		c.report("%w", err)
	}
	rows := c.rows()
	if n := c.t.store.space.Rows(); n != rows {
		c.report("%d rows counted, the table says %d", rows, n)
	}
	for _, ix := range c.t.indexes {
		for _, err := range ix.tree.Check() {
			c.report("index %s: %w", ix.def.Name, err)
		}
		c.entries(ix)
	}
}

// rows checks every retained version against the indexes (I1) and returns the number of rows.
func (c *checker) rows() int64 {
	sp := c.t.store.space
	end := sp.SlotCount()
	heads := make([]heap.ScanHead, 256)
	var rows int64
	for at := uint64(0); at < end; {
		if err := interrupted(c.ctx); err != nil {
			c.report("%w", err)
			return rows
		}
		g := c.t.db.epochs.Pin()
		n, next := sp.ScanHeads(at, end, heads)
		at = next
		for _, h := range heads[:n] {
			if h.Link != 0 && !h.Link.IsTombstone() {
				rows++
			}
			c.chain(h)
		}
		g.Unpin()
	}
	return rows
}

// chain checks the versions of one row.
func (c *checker) chain(h heap.ScanHead) {
	sp := c.t.store.space
	above := heap.MaxCSN
	for l := h.Link; l != 0; {
		v := sp.Version(l)
		if v.CSN() >= above || v.CSN() == 0 {
			c.report("row %d: a version of CSN %d below one of CSN %d", uint64(h.ID), v.CSN(), above)
		}
		above = v.CSN()
		if v.Row() != h.ID {
			c.report("row %d: a version of row %d in its chain", uint64(h.ID), uint64(v.Row()))
		}
		if !l.IsTombstone() {
			c.version(h.ID, v)
		}
		l, _ = sp.Prev(l)
	}
}

// version checks that each index has the entry of one version.
func (c *checker) version(id heap.RowID, v heap.Version) {
	var r row.Row
	if err := c.t.rowOf(v, &r); err != nil {
		c.report("row %d: %w", uint64(id), err)
		return
	}
	if err := r.Layout.Validate(r.Data); err != nil {
		c.report("row %d: %w", uint64(id), err)
		return
	}
	for _, ix := range c.t.indexes {
		k, b, err := ix.keyOfRow(c.buf, &r)
		c.buf = b
		if err != nil {
			c.report("row %d: index %s: %w", uint64(id), ix.def.Name, err)
			continue
		}
		if !ix.tree.Has(k, uint64(id)) {
			c.report("row %d at CSN %d: index %s has no entry of it", uint64(id), v.CSN(), ix.def.Name)
		}
	}
}

// entries checks that each entry of an index is some retained version's, and that unique keys are unique.
func (c *checker) entries(ix *Index) {
	g := c.t.db.epochs.Pin()
	defer g.Unpin()
	var last index.Key
	var lastRow heap.RowID
	err := ix.tree.Walk(func(e index.Entry) bool {
		id := heap.RowID(e.Row)
		if !ix.retained(id, e.Key, &c.buf) {
			if res := c.t.resource(id); res.Word == nil || res.Word.Load() == 0 {
				c.report("index %s: an entry of row %d that no version has", ix.def.Name, e.Row)
			}
			return len(c.problems) < maxProblems
		}
		newest, ok := c.t.store.space.Visible(id, heap.MaxCSN)
		var r row.Row
		if !ok || c.t.rowOf(newest, &r) != nil {
			return true
		}
		if same, err := ix.rowHasKey(&c.buf, &r, e.Key); !same || err != nil || ix.unconstrained(&r) {
			return true
		}
		if lastRow != 0 && ix.equalKeys(last, e.Key) {
			c.report("unique index %s: rows %d and %d have one key", ix.def.Name, uint64(lastRow), e.Row)
		}
		last, lastRow = index.Key{Int: e.Key.Int, Bytes: append(last.Bytes[:0], e.Key.Bytes...)}, id
		return true
	})
	if err != nil {
		c.report("index %s: %w", ix.def.Name, err)
	}
}
