package engine

import (
	"slices"

	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/row"
)

// Held rows are those that a transaction has written or has locked by FOR UPDATE/SHARE. It reads them as newest plus own
// delta, and the others as of its snapshot. Two rules keep both in one picture:
//
// A cursor sees all held rows as of one moment, its start. Others may still change columns that the transaction has not
// locked, so the key of a held row in another index; a cursor that followed them could miss the row.
//
// A row of the snapshot is not seen when a held row has taken over one of its unique keys: somebody deleted it, or
// gave it another key, after the snapshot. So a key is found once.

// holds reports whether the transaction may hold rows of the table.
func (v *view) holds() bool {
	return v.tx != nil && (v.tt != nil || v.tx.explicit != nil)
}

// freeze lets a cursor see held rows as of now.
func (c *Cursor) freeze() error {
	if c.current || !c.v.holds() {
		return nil
	}
	// What this statement has found so far must not be newer.
	if err := c.v.tx.awaitBuiltOn(); err != nil {
		return err
	}
	db := c.v.tx.db
	c.held = db.snaps.acquire(&db.visible)
	c.v.now = c.held.csn
	return nil
}

// lookHeld makes out a held row. moving is true when columns that the transaction has not locked may still change.
func (v *view) lookHeld(id heap.RowID, out *row.Row) (held, ok, moving bool, err error) {
	if r := v.tt.find(id); r != nil {
		if s := r.at(v.step); s != nil {
			ok, err = v.own(id, s, out)
			return true, ok, s.kind == opUpdate && v.now == heap.MaxCSN, err
		}
	}
	if v.tx == nil || v.tx.explicit == nil {
		return false, false, false, nil
	}
	if _, is := v.tx.explicit[rowName{v.t.store.id, id}]; !is {
		return false, false, false, nil
	}
	moving = v.now == heap.MaxCSN
	ver, ok := v.t.store.space.Visible(id, v.now)
	if !ok {
		return true, false, moving, nil
	}
	v.tx.builtOn = max(v.tx.builtOn, ver.CSN())
	return true, true, moving, v.t.rowOf(ver, out)
}

// replaced reports whether a held row has a unique key of r, a row of the snapshot. Under a pin.
func (v *view) replaced(id heap.RowID, r *row.Row) (bool, error) {
	changed := v.t.store.space.ChangedSince(id, v.snap)
	if changed == 0 {
		return false, nil
	}
	var buf, buf2 []byte
	var ids [8]uint64
	for _, ix := range v.t.indexes {
		if changed&ix.mask == 0 || ix.unconstrained(r) {
			continue
		}
		k, b, err := ix.keyOfRow(buf, r)
		if buf = b; err != nil {
			return false, err
		}
		for _, cand := range ix.tree.Get(k, ids[:0]) {
			var other row.Row
			held, ok, _, err := v.lookHeld(heap.RowID(cand), &other)
			if err != nil {
				return false, err
			}
			if !held || !ok || heap.RowID(cand) == id {
				continue
			}
			if same, err := ix.rowHasKey(&buf2, &other, k); same || err != nil {
				return same, err
			}
		}
	}
	return false, nil
}

// strangers returns the rows that the transaction has locked, has not written, and does not see in its snapshot.
func (v *view) strangers() []heap.RowID {
	var out []heap.RowID
	for n := range v.tx.explicit {
		if n.storage != v.t.store.id {
			continue
		}
		if r := v.tt.find(n.id); r != nil && r.at(v.step) != nil {
			continue
		}
		if _, seen := v.t.store.space.Visible(n.id, v.snap); !seen {
			out = append(out, n.id)
		}
	}
	slices.Sort(out)
	return out
}
