package engine

import (
	"context"

	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/index"
	"github.com/worktable-go/worktable/engine/lock"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// judge decides about an existing entry with the key that is to be put. It runs with the index lock held and under a
// pin; it reads slots, versions and lock words only.
type judge struct {
	tx  *Tx
	ix  *Index
	tt  *txTable
	key index.Key
	buf []byte
	csn heap.CSN // of the version that decided for Duplicate
	err error
}

// verdict is asked about another row's entry.
//
// The lock is looked at before the version. When nobody else has the row's key columns, a later writer of them must put its
// entry under the index lock that is held now, and will meet ours. When the holder commits in between, the newest version is
// already its own.
func (j *judge) verdict(existing uint64) index.Verdict {
	id := heap.RowID(existing)
	t := j.ix.table
	if r := j.tt.find(id); r != nil && r.top != nil {
		switch s := r.top; s.kind {
		case opNone, opDelete:
			return index.NoConflict
		case opInsert:
			return j.compare(&row.Row{Layout: t.layout, Data: s.full, Overflow: t.store.space})
		case opUpdate:
			if s.mask.Intersects(j.ix.cols) {
				return j.compare(&row.Row{Layout: t.layout, Data: s.full, Overflow: t.store.space})
			}
		}
	}
	res := t.resource(id)
	if res.Word == nil {
		return index.NoConflict
	}
	if lock.Locked(res.Word) && j.tx.db.locks.LockedByOther(j.tx.owner, res, lock.Mode{S: j.ix.mask}) {
		return index.Wait
	}
	l, ok := t.store.space.Head(id)
	if !ok || l == 0 || l.IsTombstone() {
		return index.NoConflict
	}
	ver := t.store.space.Version(l)
	var r row.Row
	if j.err = t.rowOf(ver, &r); j.err != nil {
		return index.Duplicate
	}
	j.csn = ver.CSN()
	return j.compare(&r)
}

func (j *judge) compare(r *row.Row) index.Verdict {
	var same bool
	same, j.err = j.ix.rowHasKey(&j.buf, r, j.key)
	if same || j.err != nil {
		return index.Duplicate
	}
	return index.NoConflict
}

// putEntry puts the entry of a row's new key, waiting for transactions that decide about an equal one. g is the pin that the
// caller holds; it is given up while waiting, and *g is the present one afterwards.
func (tx *Tx) putEntry(ctx context.Context, ix *Index, tt *txTable, id heap.RowID, k index.Key, r *row.Row, g *heap.Guard) error {
	if ix.unconstrained(r) {
		_, err := ix.tree.Put(k, uint64(id))
		return err
	}
	j := &tx.ws.judge
	j.tx, j.ix, j.tt, j.key = tx, ix, tt, k
	for {
		j.err, j.csn = nil, 0
		other, v, err := ix.tree.PutUnique(k, uint64(id), tx.ws.judgeFn)
		switch {
		case err != nil:
			return err
		case j.err != nil:
			return j.err
		case v == index.NoConflict:
			return nil
		case v == index.Duplicate:
			tx.builtOn = max(tx.builtOn, j.csn)
			return tx.duplicate(ix, r, heap.RowID(other))
		}
		g.Unpin()
		err = tx.awaitRow(ctx, ix, heap.RowID(other))
		*g = tx.db.epochs.Pin()
		if err != nil {
			return err
		}
	}
}

// awaitRow waits until no other transaction is about to change the key of a row in ix.
func (tx *Tx) awaitRow(ctx context.Context, ix *Index, id heap.RowID) error {
	res := ix.table.resource(id)
	if res.Word == nil {
		return nil
	}
	if err := tx.db.locks.WaitFor(ctx, tx.owner, res, ix.mask, tx.wait); err != nil {
		return tx.fail(err)
	}
	return nil
}

// duplicate makes the error 1062.
func (tx *Tx) duplicate(ix *Index, r *row.Row, other heap.RowID) error {
	vals := make([]value.Value, 0, len(ix.parts))
	for _, c := range ix.parts {
		vals = append(vals, r.Col(c))
	}
	return &DuplicateKeyError{
		Err:   sqlerr.New(sqlerr.DupEntry, ix.enc.DescribeKey(vals), ix.table.def.Name+"."+ix.def.Name),
		Table: ix.table, Index: ix.pos, Row: other,
	}
}

// FindDuplicate looks for a row that has the key in unique index ix, by newest committed version and own writes: for
// INSERT … ON DUPLICATE KEY and REPLACE. It waits for transactions that are about to decide.
func (tx *Tx) FindDuplicate(ctx context.Context, ix *Index, vals []value.Value) (heap.RowID, bool, error) {
	if err := tx.check(); err != nil {
		return 0, false, err
	}
	if err := tx.use(ctx, ix.table); err != nil {
		return 0, false, err
	}
	k, ok, err := ix.lookupKey(&tx.key, vals)
	if err != nil || !ok {
		return 0, false, err
	}
	j := judge{tx: tx, ix: ix, tt: tx.ws.table(ix.table), key: k}
	for {
		g := tx.db.epochs.Pin()
		var wait heap.RowID
		var dup heap.RowID
		for _, cand := range ix.tree.Get(k, tx.ids[:0]) {
			v := j.verdict(cand)
			if j.err != nil {
				break
			}
			if v == index.Duplicate {
				dup = heap.RowID(cand)
				break
			}
			if v == index.Wait {
				wait = heap.RowID(cand)
				break
			}
		}
		g.Unpin()
		if j.err != nil {
			return 0, false, j.err
		}
		if wait == 0 {
			tx.builtOn = max(tx.builtOn, j.csn)
			return dup, dup != 0, nil
		}
		if err := tx.awaitRow(ctx, ix, wait); err != nil {
			return 0, false, err
		}
	}
}
