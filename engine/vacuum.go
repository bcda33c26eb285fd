package engine

import (
	"context"
)

const (
	vacuumFill   = 0.5 // pages filled less are emptied
	vacuumBudget = 512 // versions moved in one step
)

// Vacuum prunes everything prunable and moves versions out of sparse pages, table by table. progress may be nil.
func (db *DB) Vacuum(ctx context.Context, progress func(done, total int64)) error {
	db.pruneAll()
	cat := db.catalog.Load()
	total, done := int64(len(cat.tables)), int64(0)
	for _, t := range cat.tables {
		for {
			if err := interrupted(ctx); err != nil {
				return err
			}
			res := t.store.space.Vacuum(vacuumFill, vacuumBudget)
			db.epochs.Reclaim()
			if res.Moved == 0 {
				break
			}
		}
		t.store.space.Reclaim()
		done++
		if progress != nil {
			progress(done, total)
		}
	}
	return nil
}

// pruneAll prunes the queue and, once, every held row.
func (db *DB) pruneAll() {
	for db.prune.step(pruneBatch) > 0 {
	}
	db.prune.again()
	db.epochs.Reclaim()
}

// vacuumStep is the background goroutine's share of vacuuming: a bounded number of moves per table.
func (db *DB) vacuumStep() {
	for _, t := range db.catalog.Load().tables {
		t.store.space.Vacuum(vacuumFill, vacuumBudget)
		t.store.space.Reclaim()
	}
}
