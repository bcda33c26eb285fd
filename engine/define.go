package engine

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/worktable-go/worktable/engine/lock"
	"github.com/worktable-go/worktable/engine/sqlerr"
)

// Define runs fn as one DDL transaction: everything it does becomes visible at once, or nothing. No transaction of the
// same goroutine may hold a definition lock on the tables involved.
//
// fn may run more than once. When a table that it wants to change is in use, what it has done is undone, Define waits
// for the table and calls fn again, with a Definer over the catalogue of that time. So fn looks its tables up in the
// Definer, and what it leaves elsewhere it sets anew in each run. It passes errors of the Definer on.
func (db *DB) Define(ctx context.Context, o DefineOptions, fn func(d *Definer) error) error {
	var first []*tableState // what the run before wanted
	for {
		missed, err := db.defineOnce(ctx, o, first, fn)
		if missed == nil {
			return err
		}
		first = missed
	}
}

// defineOnce takes the definition locks of first, then the DDL token, and runs fn. While it waits for a lock it has no
// token, and while it has the token it waits for no lock. When fn wants a table that is in use, all is undone and
// missed is what fn wanted until then.
func (db *DB) defineOnce(ctx context.Context, o DefineOptions, first []*tableState, fn func(d *Definer) error) (missed []*tableState, err error) {
	if err := db.writable(); err != nil {
		return nil, err
	}
	tx, err := db.Begin(ctx, TxOptions{Isolation: ReadCommitted, LockWait: o.LockWait, Party: o.Party})
	if err != nil {
		return nil, err
	}
	// Also on a panic, of which somebody above may recover: the locks must not stay. After Commit it does nothing.
	defer func() { _ = tx.Rollback() }()
	d := &Definer{db: db, ctx: ctx, tx: tx, opts: o, asked: map[*tableState]bool{}, locked: map[*tableState]bool{}}
	if err := d.await(first); err != nil {
		return nil, err
	}
	if err := db.lockDDL(ctx); err != nil {
		return nil, err
	}
	defer db.unlockDDL()
	db.inFlight.Add(1)
	defer db.inFlight.Add(-1)
	if err := db.writable(); err != nil {
		return nil, err
	}
	return d.run(fn)
}

// run runs fn under the token and ends the transaction.
func (d *Definer) run(fn func(d *Definer) error) (missed []*tableState, err error) {
	d.catalog = d.db.catalog.Load().clone()
	d.tx.ddl = d
	defer d.end()
	defer func() { _ = d.tx.Rollback() }() // before the token goes: rows of the catalogue are locked by one DDL at a time
	err = fn(d)
	switch {
	case d.inUse:
		d.tx.undoTo(0)
		d.tx.finish()
		return slices.SortedFunc(maps.Keys(d.asked), func(a, b *tableState) int { return cmp.Compare(a.id, b.id) }), nil
	case err != nil:
		return nil, err
	case !d.changed:
		d.publishUnlogged()
		return nil, d.tx.Rollback()
	}
	return nil, d.tx.Commit(d.ctx)
}

// lockDDL takes the DDL token: one DDL runs at a time, and none while somebody else has it. Whoever has it does not wait
// for a transaction.
func (db *DB) lockDDL(ctx context.Context) error {
	select {
	case db.ddl <- struct{}{}:
		return nil
	case <-ctx.Done():
		return interrupted(ctx)
	}
}

func (db *DB) unlockDDL() { <-db.ddl }

// errInUse ends a run of a definer's function that is going to run again.
var errInUse = errors.New("engine: a table is in use; the definition starts anew when it is free")

// Lock takes the definitions of tables exclusively, ahead of the changes that need them: better before a long change than
// after it, for when a table is in use all starts anew.
func (d *Definer) Lock(ts ...*Table) error { return d.exclusive(ts...) }

// exclusive locks the definitions of ts and checks that the handles are current. It does not wait: see Define.
func (d *Definer) exclusive(ts ...*Table) error {
	for _, t := range ts {
		switch {
		case t.store.temporary:
			if t.gone.Load() {
				return t.staleError()
			}
			continue
		case d.catalog.tables[t.def.ID] != t:
			return t.staleError()
		}
		d.asked[t.state] = true
		if d.locked[t.state] {
			continue
		}
		_, err := d.db.locks.AcquireExclusive(d.ctx, d.tx.owner, &t.state.lock, lock.Wait{NoWait: true})
		switch {
		case err == nil:
			d.locked[t.state] = true
		case errors.Is(err, sqlerr.LockNowait):
			d.inUse = true // and on, to learn what else is wanted
		default:
			return d.tx.fail(err)
		}
	}
	if d.inUse {
		return errInUse
	}
	return nil
}

// await waits for definition locks. All DDLs take them in the order of the tables' ids and keep none from the run before, so
// that no two wait for each other.
func (d *Definer) await(states []*tableState) error {
	for _, s := range states {
		if _, err := d.db.locks.AcquireExclusive(d.ctx, d.tx.owner, &s.lock, d.tx.wait); err != nil {
			return d.tx.fail(err)
		}
		d.locked[s] = true
	}
	return nil
}
