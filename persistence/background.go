package persistence

import (
	"context"
	"errors"
	"time"
)

// background runs the checkpoints that nobody asks for, until close.
func (d *database) background() {
	defer d.wg.Done()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-d.quit:
			cancel() // a running checkpoint gives up where it can; close runs its own
		case <-ctx.Done():
		}
	}()
	var tick <-chan time.Time
	if d.o.CheckpointInterval > 0 {
		ticker := time.NewTicker(d.o.CheckpointInterval)
		defer ticker.Stop()
		tick = ticker.C
	}
	for {
		select {
		case <-d.quit:
			return
		case <-d.j.wanted:
		case <-tick:
		}
		err := d.checkpoint(ctx)
		if err == nil || ctx.Err() != nil {
			continue
		}
		d.o.Logf("persistence: checkpoint of %s: %v", d.dir, err)
		if errors.Is(err, ErrPoisoned) {
			return
		}
		select { // a full disk, say: not again at once
		case <-d.quit:
		case <-time.After(time.Second):
		}
	}
}

// close ends the database: a last checkpoint, index files, the engine, the log, the lock.
func (d *database) close(ctx context.Context) error {
	close(d.quit)
	d.wg.Wait()
	var errs []error
	working := d.log != nil && d.log.Err() == nil
	if working {
		if d.db.Stats().PruneQueue > 0 { // dead versions would be dead weight in the files
			if err := d.db.Vacuum(ctx, nil); err != nil {
				d.o.Logf("persistence: vacuum of %s: %v", d.dir, err)
			}
		}
		d.o.Progress(Progress{Stage: "checkpoint"})
		if err := d.checkpoint(ctx); err != nil {
			d.o.Logf("persistence: the last checkpoint of %s failed; the next opening replays the log: %v", d.dir, err)
			if errors.Is(err, ErrPoisoned) {
				errs = append(errs, err)
				working = false
			}
		}
	}
	if err := d.db.Close(ctx); err != nil {
		errs = append(errs, err)
	}
	if working {
		d.writeIndexes(ctx)
	}
	if err := d.release(); err != nil {
		if d.log != nil && d.log.Err() != nil {
			err = d.j.failure(err)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
