package engine

import (
	"context"
	"errors"
	"slices"

	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/index"
	"github.com/worktable-go/worktable/engine/lock"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// deleteReferences applies the foreign keys to t after a row of it was deleted. old is the row.
func (tx *Tx) deleteReferences(ctx context.Context, t *Table, old *row.Row) error {
	for _, ref := range tx.db.catalogFor(tx).ForeignKeysTo(t) {
		if err := tx.applyReference(ctx, t, ref.fk, ref.fk.def.OnDelete, old, nil); err != nil {
			return err
		}
	}
	return nil
}

// updateReferences applies the foreign keys to t after the columns of set of a row changed from old to full.
func (tx *Tx) updateReferences(ctx context.Context, t *Table, set schema.ColSet, old *row.Row, full []byte) error {
	now := row.Row{Layout: t.layout, Data: full, Overflow: t.store.space}
	for _, ref := range tx.db.catalogFor(tx).ForeignKeysTo(t) {
		if err := tx.applyReference(ctx, t, ref.fk, ref.fk.def.OnUpdate, old, &now); err != nil {
			return err
		}
	}
	return nil
}

// applyReference finds the children of the old key and does to them what the action says; now is nil for a delete.
func (tx *Tx) applyReference(ctx context.Context, t *Table, fk *foreignKey, action schema.Action, old, now *row.Row) error {
	_, cols, pix := fk.parent(tx.db.catalogFor(tx))
	if pix == nil {
		return nil
	}
	was, err := tx.copyColumns(old, cols)
	if err != nil || slices.ContainsFunc(was, value.Value.IsNull) {
		return err
	}
	var to []value.Value
	if now != nil {
		if to, err = tx.copyColumns(now, cols); err != nil {
			return err
		}
		a, _, err := pix.keyOfParts(nil, was)
		if err != nil {
			return err
		}
		b, _, err := pix.keyOfParts(nil, to)
		if err != nil {
			return err
		}
		if pix.equalKeys(a, b) {
			return nil
		}
		// An update that would change rows of the table it updates is refused, as in MySQL: it could not be said which
		// of the two changes of a row comes first.
		if fk.child.def.ID == t.def.ID {
			action = schema.Restrict
		}
	}
	// Another row of the parent may have the same key when the parent's index is not unique.
	if !pix.def.Unique || len(pix.parts) != len(cols) {
		k, _, err := pix.keyOfParts(nil, was)
		if err != nil {
			return err
		}
		if other, _, err := tx.lockMatch(ctx, pix, k, was, lock.Mode{S: pix.mask}); other || err != nil {
			return err
		}
	}
	fk, err = tx.useChild(ctx, fk)
	if fk == nil || err != nil {
		return err
	}
	ix := fk.index
	if ix == nil {
		return internalf("foreign key %s has no index on its columns", fk.def.Name)
	}
	k, _, err := ix.keyOfParts(nil, was)
	if err != nil {
		return err
	}
	ids, err := ix.matches(k, was, nil)
	if err != nil {
		return err
	}
	for _, raw := range ids {
		if err := tx.applyToChild(ctx, fk, heap.RowID(raw), k, len(was), action, to); err != nil {
			return err
		}
	}
	return nil
}

// copyColumns returns the values of columns in memory of their own.
func (tx *Tx) copyColumns(r *row.Row, cols []int) ([]value.Value, error) {
	g := tx.db.epochs.Pin() // for spilled values
	defer g.Unpin()
	vals := make([]value.Value, len(cols))
	for i, c := range cols {
		vals[i] = r.Col(c).Clone()
	}
	return vals, r.Err()
}

// useChild locks the definition of a foreign key's child and returns the key as it is now; nil when it was dropped just before.
func (tx *Tx) useChild(ctx context.Context, fk *foreignKey) (*foreignKey, error) {
	for {
		err := tx.use(ctx, fk.child)
		if err == nil {
			return fk, nil
		}
		if !errors.Is(err, ErrStaleTable) {
			return nil, err
		}
		now := tx.db.catalogFor(tx).TableByID(fk.child.def.ID)
		if now == fk.child {
			return nil, err
		}
		if now == nil {
			return nil, nil
		}
		i := slices.IndexFunc(now.fks, func(o *foreignKey) bool { return o.def.ID == fk.def.ID })
		if i < 0 {
			return nil, nil
		}
		fk = now.fks[i]
	}
}

// applyToChild locks a child row, looks whether it still refers to the old key and applies the action.
func (tx *Tx) applyToChild(ctx context.Context, fk *foreignKey, id heap.RowID, k index.Key, parts int, action schema.Action, to []value.Value) error {
	child := fk.child
	spec := LockSpec{S: fk.childSet}
	switch {
	case action == schema.Cascade && to == nil:
		spec = LockSpec{X: child.all}
	case action == schema.Cascade, action == schema.SetNull:
		spec = LockSpec{X: fk.childSet}
	}
	res, err := tx.Lock(ctx, child, id, spec)
	if err != nil || res == Gone {
		return err
	}
	has, err := tx.currentHas(fk.index, id, k, parts)
	if err != nil || !has {
		return err
	}
	if spec.X.Empty() {
		return sqlerr.New(sqlerr.RowIsReferenced, fk.describe())
	}
	if tx.depth >= maxCascade {
		return sqlerr.New(sqlerr.FKDepthExceeded, maxCascade)
	}
	tx.depth++
	defer func() { tx.depth-- }()
	if action == schema.Cascade && to == nil {
		return tx.delete(ctx, child, id)
	}
	vals := make([]value.Value, len(child.def.Columns))
	for i, c := range fk.childCols {
		if to != nil && action == schema.Cascade {
			vals[c] = to[i]
		}
	}
	return tx.update(ctx, child, id, fk.childSet, vals)
}
