package engine

import (
	"context"

	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/lock"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
)

// LockSpec says what to lock of a row.
type LockSpec struct {
	S, X     schema.ColSet // columns; X is closed by LockColumns
	Explicit bool          // FOR UPDATE or FOR SHARE: later plain reads of the row see the newest version
	NoWait   bool          // 3572 instead of waiting
	Skip     bool          // SKIP LOCKED
}

// LockResult is what became of a Lock.
type LockResult uint8

// The results.
const (
	Locked  LockResult = iota
	Skipped            // SKIP LOCKED met a lock
	Gone               // the row does not exist (any more); nothing is locked
)

// Lock locks columns of a row for the rest of the transaction. Afterwards read it with ReadCurrent.
func (tx *Tx) Lock(ctx context.Context, t *Table, id heap.RowID, spec LockSpec) (LockResult, error) {
	if err := tx.lockable(ctx, t, spec); err != nil {
		return 0, err
	}
	res := t.resource(id)
	if res.Word == nil {
		return Gone, nil
	}
	w := tx.wait
	w.NoWait, w.SkipLocked = spec.NoWait, spec.Skip
	mark := tx.owner.Mark()
	got, err := tx.db.locks.Acquire(ctx, tx.owner, res, lock.Mode{S: spec.S.Fold64(), X: t.lockMask(spec.X)}, w)
	if err != nil {
		return 0, tx.fail(err)
	}
	if got == lock.Skipped {
		return Skipped, nil
	}
	if !tx.exists(t, id) {
		if got != lock.Held {
			tx.db.locks.ReleaseTo(tx.owner, mark)
		}
		return Gone, nil
	}
	if spec.Explicit {
		if tx.explicit == nil {
			tx.explicit = make(map[rowName]uint64)
		}
		n := rowName{t.store.id, id}
		if _, is := tx.explicit[n]; !is {
			tx.step++
			tx.explicit[n] = tx.step
		}
	}
	return Locked, nil
}

// LockRead is Lock followed by ReadCurrent into dst, at little more than the cost of one when nobody has locked the row.
func (tx *Tx) LockRead(ctx context.Context, t *Table, id heap.RowID, spec LockSpec, dst *row.Row) (LockResult, error) {
	if !spec.Explicit {
		if ok, err := tx.lockReadFree(ctx, t, id, spec, dst); ok || err != nil {
			return Locked, err
		}
	}
	res, err := tx.Lock(ctx, t, id, spec)
	if err != nil || res != Locked {
		return res, err
	}
	ok, err := tx.ReadCurrent(ctx, t, id, dst)
	if err == nil && !ok {
		res = Gone
	}
	return res, err
}

// lockReadFree is LockRead for a row that is there and that nobody has locked. Nor has the transaction itself, then, which
// has not written it either. Otherwise ok is false, and nothing is locked.
func (tx *Tx) lockReadFree(ctx context.Context, t *Table, id heap.RowID, spec LockSpec, dst *row.Row) (ok bool, err error) {
	if err := tx.lockable(ctx, t, spec); err != nil {
		return false, err
	}
	g := tx.db.epochs.Pin()
	defer g.Unpin()
	ver, ok := tx.lockFree(t, id, spec)
	if !ok {
		return false, nil
	}
	var r row.Row
	if err := t.rowOf(ver, &r); err != nil {
		return false, err
	}
	return true, t.copyInto(dst, &r)
}

// lockFree locks a row that is there and that nobody has locked, and returns its newest version, on which the result is
// built. Otherwise ok is false, and nothing is locked. Under a pin.
func (tx *Tx) lockFree(t *Table, id heap.RowID, spec LockSpec) (ver heap.Version, ok bool) {
	res := t.resource(id)
	mark := tx.owner.Mark()
	if res.Word == nil || !tx.db.locks.TryAcquire(tx.owner, res, lock.Mode{S: spec.S.Fold64(), X: t.lockMask(spec.X)}) {
		return ver, false
	}
	l, _ := t.store.space.Head(id)
	if l == 0 || l.IsTombstone() {
		tx.db.locks.ReleaseTo(tx.owner, mark)
		return ver, false
	}
	ver = t.store.space.Version(l)
	tx.builtOn = max(tx.builtOn, ver.CSN())
	return ver, true
}

// lockable prepares for locks of spec on rows of t.
func (tx *Tx) lockable(ctx context.Context, t *Table, spec LockSpec) error {
	if err := tx.check(); err != nil {
		return err
	}
	if tx.opts.ReadOnly && !spec.X.Empty() && !spec.Explicit && !t.store.temporary {
		return sqlerr.New(sqlerr.ReadOnlyTx)
	}
	return tx.use(ctx, t)
}

// exists reports whether a row that tx has locked is there: by its own delta, or by the newest version. What it finds
// by the newest version the result is built on.
func (tx *Tx) exists(t *Table, id heap.RowID) bool {
	if r := tx.ws.table(t).find(id); r != nil && r.top != nil {
		return r.top.kind == opInsert || r.top.kind == opUpdate
	}
	g := tx.db.epochs.Pin()
	defer g.Unpin()
	l, ok := t.store.space.Head(id)
	if !ok || l == 0 {
		return false
	}
	tx.builtOn = max(tx.builtOn, t.store.space.Version(l).CSN())
	return !l.IsTombstone()
}

// lockForWrite takes X on the columns that changing set needs. The row must exist afterwards.
func (tx *Tx) lockForWrite(ctx context.Context, t *Table, id heap.RowID, x uint64) error {
	res := t.resource(id)
	if res.Word == nil {
		return t.goneError(id)
	}
	if _, err := tx.db.locks.Acquire(ctx, tx.owner, res, lock.Mode{X: x}, tx.wait); err != nil {
		return tx.fail(err)
	}
	return nil
}

// goneError is the answer to a write to a row that does not exist: the caller has not looked after locking.
func (t *Table) goneError(id heap.RowID) error {
	return internalf("table %s: a write to row %d, which does not exist", t.def.Name, uint64(id))
}

// firstUpdater applies the first-updater rule to a plain write of columns: under REPEATABLE READ it must not overwrite
// what was committed after the snapshot. Under a pin, with the columns locked.
func (tx *Tx) firstUpdater(t *Table, id heap.RowID, set uint64) error {
	if !tx.fixed || tx.opts.Autocommit || tx.snap == nil || tx.depth > 0 {
		return nil
	}
	if tx.explicit != nil {
		if _, is := tx.explicit[rowName{t.store.id, id}]; is {
			return nil
		}
	}
	changed := t.store.space.ChangedSince(id, tx.snap.csn)
	if changed&set != 0 || changed != 0 && t.renumbered(id, tx.snap.csn) {
		return sqlerr.New(sqlerr.Deadlock)
	}
	return nil
}

// renumbered reports whether a version newer than the snapshot was written under another schema version: its mask of changed
// columns is of other ordinals than t's.
func (t *Table) renumbered(id heap.RowID, snapshot heap.CSN) bool {
	found := false
	t.store.space.Versions(id, func(_ heap.Link, v heap.Version) bool {
		if v.CSN() <= snapshot {
			return false
		}
		found = v.SchemaVersion() != t.layout.Version()
		return !found
	})
	return found
}
