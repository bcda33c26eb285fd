package dml

import (
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/exec"
)

// valueBytes is the size of a value.Value.
const valueBytes = 32

// each calls visit for every row. With collect all rows are read before the first call: the batches are kept, which
// own their memory, up to the limit (0 is the executor's). Error 1038.
func each(rows *exec.Rows, collect bool, limit int64, visit func(row []value.Value) error) error {
	if limit <= 0 {
		limit = exec.DefaultMemoryLimit
	}
	var kept []*exec.Batch
	var bytes int64
	b := &exec.Batch{}
	for {
		if err := rows.Next(b); err != nil {
			return err
		}
		if b.Len() == 0 {
			break
		}
		if !collect {
			if err := visitBatch(b, visit); err != nil {
				return err
			}
			continue
		}
		if bytes += batchBytes(b); bytes > limit {
			return sqlerr.New(sqlerr.OutOfMemory, "the rows that the statement changes", limit)
		}
		kept = append(kept, b)
		b = &exec.Batch{}
	}
	for _, b := range kept {
		if err := visitBatch(b, visit); err != nil {
			return err
		}
	}
	return nil
}

func visitBatch(b *exec.Batch, visit func(row []value.Value) error) error {
	for i := range b.Len() {
		if err := visit(b.Row(i)); err != nil {
			return err
		}
	}
	return nil
}

func batchBytes(b *exec.Batch) int64 {
	n := int64(b.Len()*b.Width()) * valueBytes
	for i := range b.Len() {
		for _, v := range b.Row(i) {
			n += int64(len(v.Str()))
		}
	}
	return n
}
