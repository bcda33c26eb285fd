package engine

import (
	"bytes"
	"context"
	"sync"

	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/index"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// view is how a call or a cursor looks at rows.
type view struct {
	tx      *Tx
	t       *Table
	tt      *txTable // own deltas of t, may be nil
	snap    heap.CSN // heap.MaxCSN: the newest
	now     heap.CSN // held rows are seen as of it; heap.MaxCSN: the newest
	step    uint64   // own states up to this one
	scratch []byte   // merged payloads are appended here
}

// look makes out the row as the transaction sees it: a held row (see held.go) or the snapshot's version. moving is true when
// columns that the transaction has not locked may still change. Under a pin.
func (v *view) look(id heap.RowID, out *row.Row) (ok, moving bool, err error) {
	if v.holds() {
		if held, ok, moving, err := v.lookHeld(id, out); held {
			return ok, moving, err
		}
	}
	sp := v.t.store.space
	if v.snap == heap.MaxCSN {
		l, _ := sp.Head(id)
		if l == 0 {
			return false, false, nil
		}
		ver := sp.Version(l)
		if v.tx != nil {
			// That a row is gone is news as well.
			v.tx.builtOn = max(v.tx.builtOn, ver.CSN())
		}
		if l.IsTombstone() {
			return false, false, nil
		}
		return true, false, v.t.rowOf(ver, out)
	}
	ver, ok := sp.Visible(id, v.snap)
	if !ok {
		return false, false, nil
	}
	if err := v.t.rowOf(ver, out); err != nil {
		return false, false, err
	}
	if v.holds() {
		gone, err := v.replaced(id, out)
		return !gone, false, err
	}
	return true, false, nil
}

// own makes out a row that has an own state: newest plus delta.
func (v *view) own(id heap.RowID, s *state, out *row.Row) (bool, error) {
	switch s.kind {
	case opInsert:
		*out = row.Row{Layout: v.t.layout, Data: s.full, Overflow: v.t.store.space}
		return true, nil
	case opUpdate:
	default:
		return false, nil
	}
	ver, ok := v.t.store.space.Visible(id, v.now)
	if !ok {
		return false, internalf("table %s: a locked row is gone", v.t.def.Name)
	}
	if v.tx != nil {
		v.tx.builtOn = max(v.tx.builtOn, ver.CSN())
	}
	if ver.CSN() == s.base {
		*out = row.Row{Layout: v.t.layout, Data: s.full, Overflow: v.t.store.space}
		return true, nil
	}
	start := len(v.scratch)
	merged, err := v.t.merge(v.scratch, ver, s)
	if err != nil {
		return false, err
	}
	v.scratch = merged
	*out = row.Row{Layout: v.t.layout, Data: merged[start:], Overflow: v.t.store.space}
	return true, nil
}

// merge appends the payload of version ver with the columns that state s changed.
func (t *Table) merge(dst []byte, ver heap.Version, s *state) ([]byte, error) {
	var base row.Row
	if err := t.rowOf(ver, &base); err != nil {
		return nil, err
	}
	own := row.Row{Layout: t.layout, Data: s.full, Overflow: t.store.space}
	var room [8]value.Value
	vals, err := own.Columns(s.mask, room[:0])
	if err != nil {
		return nil, err
	}
	return t.layout.AppendMerged(dst, &base, s.mask, vals, 0, nil)
}

// copyInto copies a row into dst's own buffer, spilled values included.
func (t *Table) copyInto(dst, src *row.Row) error {
	if src.HasOverflow() {
		vals, err := src.Columns(t.all, nil)
		if err != nil {
			return err
		}
		data, err := t.layout.Append(dst.Data[:0], vals)
		if err != nil {
			return err
		}
		*dst = row.Row{Layout: t.layout, Data: data}
		return nil
	}
	*dst = row.Row{Layout: src.Layout, Data: append(dst.Data[:0], src.Data...)}
	return nil
}

// readView prepares a view for a read by tx outside of a cursor.
func (tx *Tx) readView(ctx context.Context, t *Table, current bool) (view, error) {
	if err := tx.check(); err != nil {
		return view{}, err
	}
	if err := tx.use(ctx, t); err != nil {
		return view{}, err
	}
	v := view{tx: tx, t: t, tt: tx.ws.table(t), snap: heap.MaxCSN, now: heap.MaxCSN, step: tx.step}
	if current {
		return v, nil
	}
	var err error
	v.snap, err = tx.snapshot(t)
	return v, err
}

// Get finds a row by a full unique key as of the snapshot and own writes and copies it into dst. ix may be any unique
// index; vals are the key parts, already of the columns' types; NULL finds nothing.
func (tx *Tx) Get(ctx context.Context, ix *Index, vals []value.Value, dst *row.Row) (heap.RowID, bool, error) {
	return tx.get(ctx, ix, vals, dst, false)
}

// GetCurrent is Get on the newest committed version and own writes: for looking at the row that 1062 named.
func (tx *Tx) GetCurrent(ctx context.Context, ix *Index, vals []value.Value, dst *row.Row) (heap.RowID, bool, error) {
	return tx.get(ctx, ix, vals, dst, true)
}

func (tx *Tx) get(ctx context.Context, ix *Index, vals []value.Value, dst *row.Row, current bool) (id heap.RowID, ok bool, err error) {
	if !tx.stmt.active {
		if err = tx.BeginStatement(StmtRead); err != nil {
			return 0, false, err
		}
		defer func() { err = tx.EndStatement(err) }()
	}
	v, err := tx.readView(ctx, ix.table, current)
	if err != nil {
		return 0, false, err
	}
	k, ok, err := ix.lookupKey(&tx.key, vals)
	if err != nil || !ok {
		return 0, false, err
	}
	g := tx.db.epochs.Pin()
	defer g.Unpin()
	have := false
again:
	installed := tx.db.commits.installed.Load()
	cands := ix.tree.Get(k, tx.ids[:0])
	for _, cand := range cands {
		var r row.Row
		found, _, err := v.look(heap.RowID(cand), &r)
		if err != nil {
			return 0, false, err
		}
		if !found {
			continue
		}
		same, err := ix.rowHasKey(&tx.key2, &r, k)
		if err != nil {
			return 0, false, err
		}
		if !same || have && v.tt.find(heap.RowID(cand)) == nil {
			continue
		}
		if err := ix.table.copyInto(dst, &r); err != nil {
			return 0, false, err
		}
		id, have = heap.RowID(cand), true
		if v.tt == nil {
			break
		}
		// An own row may have taken over the key of one that the snapshot still sees: the own row counts.
	}
	if current && !have && len(cands) > 0 && tx.db.commits.since(installed) {
		goto again // the key may have moved from a row not yet looked at to one that was
	}
	return id, have, nil
}

// rowHasKey reports whether r's key in ix is k; buf is scratch that k does not use.
func (ix *Index) rowHasKey(buf *[]byte, r *row.Row, k index.Key) (bool, error) {
	if ix.fixed8 {
		return ix.enc.RowUint64(r) == k.Int, nil
	}
	have, b, err := ix.keyOfRow(*buf, r)
	*buf = b
	if err != nil {
		return false, err
	}
	return bytes.Equal(have.Bytes, k.Bytes), nil
}

// lookupKey encodes a full key; ok is false when a part is NULL, which no unique lookup finds.
func (ix *Index) lookupKey(buf *[]byte, vals []value.Value) (k index.Key, ok bool, err error) {
	if !ix.def.Unique {
		return k, false, internalf("Get by index %s, which is not unique", ix.def.Name)
	}
	if len(vals) != len(ix.parts) {
		return k, false, internalf("index %s has %d key parts, not %d", ix.def.Name, len(ix.parts), len(vals))
	}
	for i := range vals {
		if vals[i].IsNull() {
			return k, false, nil
		}
	}
	k, *buf, err = ix.keyOfParts(*buf, vals)
	return k, err == nil, err
}

// Read copies a row as of the snapshot and own writes.
func (tx *Tx) Read(ctx context.Context, t *Table, id heap.RowID, dst *row.Row) (bool, error) {
	return tx.read(ctx, t, id, dst, false)
}

// ReadCurrent copies the newest version of a row with own writes. The caller has locked what it relies on.
func (tx *Tx) ReadCurrent(ctx context.Context, t *Table, id heap.RowID, dst *row.Row) (bool, error) {
	return tx.read(ctx, t, id, dst, true)
}

func (tx *Tx) read(ctx context.Context, t *Table, id heap.RowID, dst *row.Row, current bool) (ok bool, err error) {
	v, err := tx.readView(ctx, t, current)
	if err != nil {
		return false, err
	}
	g := tx.db.epochs.Pin()
	defer g.Unpin()
	var r row.Row
	ok, _, err = v.look(id, &r)
	if !ok || err != nil {
		return false, err
	}
	return true, t.copyInto(dst, &r)
}

// PointReader is the scratch memory of point reads, for whoever makes many: one goroutine at a time uses it.
type PointReader struct {
	key, key2 []byte
	ids       [8]uint64
}

var pointReaders = sync.Pool{New: func() any { return new(PointReader) }}

// Get is a point read in a transaction of its own: it finds the row by a full unique key in the newest visible state
// and copies it into dst. It takes no lock and registers no snapshot (see the package comment for why it may).
func (db *DB) Get(_ context.Context, ix *Index, vals []value.Value, dst *row.Row) (heap.RowID, bool, error) {
	p := pointReaders.Get().(*PointReader)
	defer pointReaders.Put(p)
	return p.Get(ix, vals, dst)
}

// Get is DB.Get with p's memory.
func (p *PointReader) Get(ix *Index, vals []value.Value, dst *row.Row) (heap.RowID, bool, error) {
	t := ix.table
	if err := t.db.usable(); err != nil {
		return 0, false, err
	}
	k, ok, err := ix.lookupKey(&p.key, vals)
	if !ok || err != nil {
		return 0, false, err
	}
	id, found, retry, err := t.pointGet(ix, k, p, nil, dst)
	if retry {
		// Commits come thick and fast: read at a snapshot that holds still.
		snap := t.db.snaps.acquire(&t.db.visible)
		id, found, _, err = t.pointGet(ix, k, p, snap, dst)
		t.db.releaseSnapshot(snap)
	}
	if t.gone.Load() {
		return 0, false, t.staleError()
	}
	return id, found, err
}

// pointGet is one attempt of Get under one pin, at the visible CSN or at a registered snapshot.
func (t *Table) pointGet(ix *Index, k index.Key, p *PointReader, snap *snapWord, dst *row.Row) (id heap.RowID, found, retry bool, err error) {
	g := t.db.epochs.Pin()
	defer g.Unpin()
	sp := t.store.space
	at, stale := heap.CSN(t.db.visible.Load()), false
	if snap != nil {
		at = snap.csn
	}
	if t.since > at {
		return 0, false, false, sqlerr.New(sqlerr.TableDefChanged) // the DDL that made the storage is not visible yet
	}
	for _, cand := range ix.tree.Get(k, p.ids[:0]) {
		id := heap.RowID(cand)
		stale = true
		l, _ := sp.Head(id)
		if l == 0 {
			continue
		}
		ver, old := sp.Version(l), false
		if ver.CSN() > at {
			if ver, old = sp.Visible(id, at); !old {
				continue
			}
		} else if l.IsTombstone() {
			continue
		}
		var r row.Row
		if err := t.rowOf(ver, &r); err != nil {
			return 0, false, false, err
		}
		same, err := ix.rowHasKey(&p.key2, &r, k)
		if err != nil {
			return 0, false, false, err
		}
		if same {
			// A version from inside the chain may be one that an older snapshot keeps, with the one at lost.
			if old && snap == nil && t.db.visible.Load() != uint64(at) {
				return 0, false, true, nil
			}
			return id, true, false, t.copyInto(dst, &r)
		}
	}
	// There were entries, but no row at has the key: it may have moved from one row to another after at, and the former row's
	// version and entry may be pruned. That is open only if the visible CSN has moved. Without any entry, no row has
	// the key now.
	return 0, false, stale && snap == nil && t.db.visible.Load() != uint64(at), nil
}
