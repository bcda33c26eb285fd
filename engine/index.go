package engine

import (
	"bytes"

	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/index"
	"github.com/worktable-go/worktable/engine/key"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/value"
)

// Index is an index of a Table.
type Index struct {
	table    *Table
	pos      int
	def      *schema.Index
	enc      *key.Encoder
	tree     index.Index
	parts    []int
	cols     schema.ColSet
	mask     uint64 // cols folded
	fixed8   bool
	nullable bool
	fresh    bool // the tree is new and must be filled
}

func newIndex(t *Table, pos int) (*Index, error) {
	ix := &Index{table: t, pos: pos, def: &t.def.Indexes[pos]}
	enc, err := key.New(t.def, ix.def)
	if err != nil {
		return nil, err
	}
	ix.enc, ix.parts, ix.fixed8 = enc, enc.Parts(), enc.Fixed8()
	for _, c := range ix.parts {
		ix.cols = ix.cols.With(c)
		if !t.def.Columns[c].NotNull {
			ix.nullable = true
		}
	}
	ix.mask = ix.cols.Fold64()
	return ix, nil
}

// kind returns the structure that the definition asks for.
func (ix *Index) kind() index.Kind {
	hash := ix.def.Kind == schema.Hash && ix.def.Unique
	switch {
	case hash && ix.fixed8:
		return index.Hash8
	case hash:
		return index.HashBytes
	case ix.fixed8:
		return index.Tree8
	}
	return index.TreeBytes
}

// adoptTree takes the tree of the same index of the former handle when its keys are the same, or makes a new one.
func (ix *Index) adoptTree(old *Table) {
	if old != nil && old.store == ix.table.store {
		for _, o := range old.indexes {
			if o.def.ID == ix.def.ID && o.enc.Version() == ix.enc.Version() && o.kind() == ix.kind() && sameParts(old, o, ix) {
				ix.tree = o.tree
				return
			}
		}
	}
	ix.tree = index.New(ix.kind())
	ix.fresh = true
}

// sameParts reports whether two definitions of an index give the same keys.
func sameParts(old *Table, o, n *Index) bool {
	if len(o.def.Parts) != len(n.def.Parts) {
		return false
	}
	for i := range o.def.Parts {
		if o.def.Parts[i] != n.def.Parts[i] {
			return false
		}
		a, b := &old.def.Columns[o.parts[i]], &n.table.def.Columns[n.parts[i]]
		if !a.Type.Equal(&b.Type) || a.NotNull != b.NotNull {
			return false
		}
	}
	return true
}

// Table returns the table.
func (ix *Index) Table() *Table { return ix.table }

// Pos returns the position in Table().Def().Indexes.
func (ix *Index) Pos() int { return ix.pos }

// Def returns the definition; read-only.
func (ix *Index) Def() *schema.Index { return ix.def }

// Columns returns the ordinals of the key parts.
func (ix *Index) Columns() []int { return ix.parts }

// Len returns the number of entries, stale ones included.
func (ix *Index) Len() int64 { return int64(ix.tree.Len()) }

// EncodingVersion returns the version of key encoding and collations; a dump is loaded only into an equal one.
func (ix *Index) EncodingVersion() uint64 { return ix.enc.Version() }

// ordered reports whether ranges can be scanned.
func (ix *Index) ordered() bool { return ix.tree.Kind().Ordered() }

// keyOfParts encodes the key of part values; buf is the room for it.
func (ix *Index) keyOfParts(buf []byte, parts []value.Value) (index.Key, []byte, error) {
	if ix.fixed8 {
		u, err := ix.enc.Uint64(parts)
		return index.IntKey(u), buf, err
	}
	b, err := ix.enc.Append(buf[:0], parts)
	return index.BytesKey(b), b, err
}

// keyOfRow encodes the key of a row; buf is the room for it.
func (ix *Index) keyOfRow(buf []byte, r *row.Row) (index.Key, []byte, error) {
	if ix.fixed8 {
		return index.IntKey(ix.enc.RowUint64(r)), buf, nil
	}
	b, err := ix.enc.AppendRow(buf[:0], r)
	return index.BytesKey(b), b, err
}

// equalKeys compares two keys of ix.
func (ix *Index) equalKeys(a, b index.Key) bool {
	if ix.fixed8 {
		return a.Int == b.Int
	}
	return bytes.Equal(a.Bytes, b.Bytes)
}

// unconstrained reports whether a row's key cannot collide: the index is not unique or a part is NULL.
func (ix *Index) unconstrained(r *row.Row) bool {
	return !ix.def.Unique || ix.nullable && ix.enc.RowHasNull(r)
}

// retained reports whether a committed version of id that is still linked has the key. Under a pin. It is called with the index lock
// held: it reads slots and versions only.
func (ix *Index) retained(id heap.RowID, k index.Key, buf *[]byte) bool {
	sp := ix.table.store.space
	l, ok := sp.Head(id)
	for ok && l != 0 {
		if !l.IsTombstone() {
			var r row.Row
			if ix.table.rowOf(sp.Version(l), &r) != nil {
				return true
			}
			have, b, err := ix.keyOfRow(*buf, &r)
			*buf = b
			if err != nil || ix.equalKeys(have, k) {
				return true
			}
		}
		l, _ = sp.Prev(l)
	}
	return false
}
