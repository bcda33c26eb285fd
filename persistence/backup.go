package persistence

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/worktable-go/worktable/persistence/vfs"
)

const copyChunk = 1 << 20

// Backup copies the database into a directory that does not exist yet, or is empty, while it is in use. The copy holds
// every commit that was durable when Backup was called, and some or all of those that came during it. No checkpoint runs
// meanwhile, so the log grows. An interrupted copy has no control file and cannot be mistaken for a database.
func (s *Store) Backup(ctx context.Context, dst string) error {
	select {
	case <-s.closed:
		return ErrClosed
	default:
	}
	d := s.d
	if d.log == nil {
		return errors.New("persistence: a read-only database is backed up by copying its files")
	}
	if err := d.checkpoint(ctx); err != nil { // the less log there is to copy, the better
		return err
	}
	select {
	case d.checkpointing <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-d.checkpointing }()
	if err := makeDir(d.fs, dst); err != nil {
		return err
	}
	if infos, err := d.fs.ReadDir(dst); err != nil {
		return err
	} else if len(infos) > 0 {
		return fmt.Errorf("persistence: the directory %s is not empty", dst)
	}
	if err := d.copyTables(ctx, dst); err != nil {
		return err
	}
	if err := d.copyLog(ctx, dst); err != nil {
		return err
	}
	return writeControl(d.fs, dst, d.ctl)
}

// copyTables copies the data files. Only checkpoints change them, and none runs.
func (d *database) copyTables(ctx context.Context, dst string) error {
	dirs := map[string]bool{}
	for i := range d.ctl.storages {
		s := &d.ctl.storages[i]
		to := filePath(dst, s.path, dataSuffix)
		if !dirs[filepath.Dir(to)] {
			dirs[filepath.Dir(to)] = true
			if err := makeDir(d.fs, filepath.Dir(to)); err != nil {
				return err
			}
		}
		size := (int64(s.info.Pages) + 1) * int64(s.info.PageSize)
		if err := d.copyFile(ctx, filePath(d.dir, s.path, dataSuffix), to, size); err != nil {
			return err
		}
		d.o.Progress(Progress{Stage: "backup", Done: int64(i + 1), Total: int64(len(d.ctl.storages))})
	}
	for dir := range dirs {
		if err := d.fs.SyncDir(dir); err != nil {
			return err
		}
	}
	return nil
}

// copyLog copies the log from where replay begins to what is durable. Segments are dropped by checkpoints only.
func (d *database) copyLog(ctx context.Context, dst string) error {
	end, _, _ := d.log.Positions()
	if err := d.log.Force(ctx, end); err != nil {
		return err
	}
	dir := filepath.Join(dst, logDir)
	if err := makeDir(d.fs, dir); err != nil {
		return err
	}
	for _, s := range d.log.Extents(d.ctl.log, end) {
		info, err := d.fs.Stat(s.Name)
		if err != nil {
			return err
		}
		if err := d.copyFile(ctx, s.Name, filepath.Join(dir, filepath.Base(s.Name)), min(s.Size, info.Size)); err != nil {
			return err
		}
	}
	return d.fs.SyncDir(dir)
}

// copyFile copies the first size bytes of a file to a new one, durably but for its name.
func (d *database) copyFile(ctx context.Context, from, to string, size int64) (err error) {
	in, err := d.fs.OpenRead(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // it was only read
	out, err := d.fs.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	buf := make([]byte, min(size, copyChunk))
	for off := int64(0); off < size; off += int64(len(buf)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		buf = buf[:min(int64(len(buf)), size-off)]
		if err := vfs.ReadFull(in, buf, off); err != nil {
			return err
		}
		if err := vfs.WriteFull(out, buf, off); err != nil {
			return err
		}
	}
	return out.Sync()
}
