package engine

import (
	"github.com/worktable-go/worktable/engine/cdc"
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/index"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/value"
)

// Convert makes the values of a new row, one per new column, of an old row. Strings may alias old's.
type Convert func(old *row.Row, out []value.Value) error

// AlterTable gives the table a new definition. Columns, indexes and foreign keys that stay keep their ids; those with id 0
// are new. convert makes a new row of an old one; nil when rows stay as they are (columns added at any place with Initial,
// dropped, or renamed) and only indexes and attributes change. The name stays: see RenameTable. 1062, 1452 and 3819 when the
// rows do not fit.
func (d *Definer) AlterTable(t *Table, def *schema.Table, convert Convert) (*Table, error) {
	if err := d.exclusive(t); err != nil {
		return nil, err
	}
	def = def.Clone()
	def.ID, def.Schema, def.Name, def.Storage = t.def.ID, t.def.Schema, t.def.Name, t.def.Storage
	def.Temporary = t.def.Temporary
	def.NextColID, def.NextIdxID = max(def.NextColID, t.def.NextColID), max(def.NextIdxID, t.def.NextIdxID)
	def.Version = d.nextVersion(t)
	if err := d.assign(def, t); err != nil {
		return nil, err
	}
	if err := def.Validate(); err != nil {
		return nil, err
	}
	if err := d.checkStillReferenced(t, def); err != nil {
		return nil, err
	}
	// All that is locked further down, before the work is done.
	if err := d.exclusive(append(d.newParents(t, def), d.followers(t, def)...)...); err != nil {
		return nil, err
	}
	var n *Table
	var err error
	if convert == nil {
		n, err = d.alterInPlace(t, def)
	} else {
		n, err = d.rewrite(t, def, convert)
	}
	if err != nil {
		return nil, err
	}
	if err := d.checkForeignKeys(n, t); err != nil {
		return nil, err
	}
	if err := d.place(n, t, convert != nil); err != nil {
		return nil, err
	}
	if n.autoCol >= 0 && (t.autoCol < 0 || def.AutoStart != t.def.AutoStart || convert != nil) {
		if err := d.alterAuto(n, t); err != nil {
			return nil, err
		}
	}
	return n, d.followColumns(t, n)
}

// alterInPlace keeps the storage and builds the new indexes over it.
func (d *Definer) alterInPlace(t *Table, def *schema.Table) (*Table, error) {
	n, err := d.db.newTable(def, t.state, t.store, t, d.db.defs.of(def.ID, def.Storage))
	if err != nil {
		return nil, err
	}
	n.since = t.since
	// Behind the closed gate nobody is in the middle of pruning.
	d.db.prune.gate.Lock()
	t.store.building.Add(1)
	d.db.prune.gate.Unlock()
	d.building = append(d.building, t.store)
	var fresh []*Index
	for _, ix := range n.indexes {
		if ix.fresh {
			fresh = append(fresh, ix)
		}
	}
	if len(fresh) == 0 && !d.mustVerify(t, n) {
		return n, nil
	}
	return n, d.build(n, fresh, d.mustVerify(t, n))
}

// mustVerify reports whether existing rows must pass the new table's hook and NOT NULL columns.
func (d *Definer) mustVerify(t, n *Table) bool {
	if n.hook != nil && n.hook.Run != nil && len(n.def.Checks) > 0 {
		if len(n.def.Checks) != len(t.def.Checks) {
			return true
		}
		for i := range n.def.Checks {
			if n.def.Checks[i] != t.def.Checks[i] {
				return true
			}
		}
	}
	for _, c := range n.notNull {
		if o := t.def.ColumnByID(n.def.Columns[c].ID); o >= 0 && !t.def.Columns[o].NotNull {
			return true
		}
	}
	return false
}

// build fills new indexes with the keys of all retained versions: a snapshot older than the index may use it.
// The definition is locked and pruning leaves the storage alone, so no chain changes.
func (d *Definer) build(n *Table, fresh []*Index, verify bool) error {
	sp := n.store.space
	heads := make([]heap.ScanHead, 256)
	end := sp.SlotCount()
	var done int64
	var key []byte
	var vals []value.Value
	for at := uint64(0); at < end; {
		if err := interrupted(d.ctx); err != nil {
			return err
		}
		g := d.db.epochs.Pin()
		k, next := sp.ScanHeads(at, end, heads)
		at = next
		for _, h := range heads[:k] {
			newest := true
			for l := h.Link; l != 0; newest = false {
				var r row.Row
				var err error
				if !l.IsTombstone() {
					if err = n.rowOf(sp.Version(l), &r); err == nil && newest && verify {
						vals, err = n.verifyRow(&r, vals)
					}
					if err == nil {
						key, err = d.buildKeys(fresh, h.ID, &r, newest, key)
					}
				}
				if err != nil {
					g.Unpin()
					return err
				}
				l, _ = sp.Prev(l)
			}
		}
		g.Unpin()
		done += int64(k)
		d.progress(n, done)
	}
	return nil
}

// buildKeys puts the entries of one version.
func (d *Definer) buildKeys(fresh []*Index, id heap.RowID, r *row.Row, newest bool, buf []byte) ([]byte, error) {
	for _, ix := range fresh {
		k, b, err := ix.keyOfRow(buf, r)
		buf = b
		if err != nil {
			return buf, err
		}
		if err := d.putBuilt(ix, id, k, r, newest); err != nil {
			return buf, err
		}
	}
	return buf, nil
}

// putBuilt puts one entry; two newest versions with one unique key are 1062.
func (d *Definer) putBuilt(ix *Index, id heap.RowID, k index.Key, r *row.Row, newest bool) error {
	if !newest || ix.unconstrained(r) {
		_, err := ix.tree.Put(k, uint64(id))
		return err
	}
	other, v, err := ix.tree.PutUnique(k, uint64(id), func(existing uint64) index.Verdict {
		var buf []byte
		return d.newestHas(ix, heap.RowID(existing), k, &buf)
	})
	if err != nil || v == index.NoConflict {
		return err
	}
	return d.tx.duplicate(ix, r, heap.RowID(other))
}

// newestHas judges by the newest version alone: the definition is locked.
func (d *Definer) newestHas(ix *Index, id heap.RowID, k index.Key, buf *[]byte) index.Verdict {
	ver, ok := ix.table.store.space.Visible(id, heap.MaxCSN)
	if !ok {
		return index.NoConflict
	}
	var r row.Row
	if ix.table.rowOf(ver, &r) != nil {
		return index.Duplicate
	}
	if same, err := ix.rowHasKey(buf, &r, k); same || err != nil {
		return index.Duplicate
	}
	return index.NoConflict
}

// verifyRow checks NOT NULL and the hook's CHECKs for an existing row.
func (t *Table) verifyRow(r *row.Row, buf []value.Value) ([]value.Value, error) {
	vals, err := r.Columns(t.all, buf[:0])
	if err != nil {
		return buf, err
	}
	if err := t.checkNotNull(t.all, vals); err != nil {
		return vals, err
	}
	if t.hook != nil && t.hook.Run != nil {
		return vals, t.hook.Run(vals)
	}
	return vals, nil
}

// rewrite makes a new storage with the converted rows. They carry the CSN that is visible now: nobody sees the storage before the
// DDL's own commit, and older snapshots are refused (since).
func (d *Definer) rewrite(t *Table, def *schema.Table, convert Convert) (*Table, error) {
	var err error
	if def.Storage, err = d.takeStorage(def); err != nil {
		return nil, err
	}
	st, err := d.db.newStorage(def.Storage, def)
	if err != nil {
		return nil, err
	}
	n, err := d.db.newTable(def, t.state, st, nil, nil)
	if err != nil {
		return nil, err
	}
	w := rewriter{d: d, n: n, csn: heap.CSN(d.db.visible.Load()), out: make([]value.Value, len(def.Columns))}
	c := d.tx.Scan(t, ScanOptions{Current: true})
	defer c.Close()
	var done int64
	for {
		rows, err := c.NextBatch(d.ctx, 256)
		if err != nil {
			return nil, err
		}
		if len(rows) == 0 {
			return n, nil
		}
		for i := range rows {
			clear(w.out)
			if err := convert(&rows[i].Row, w.out); err != nil {
				return nil, err
			}
			if err := w.add(); err != nil {
				return nil, err
			}
		}
		done += int64(len(rows))
		d.progress(n, done)
	}
}

// rewriter adds rows to a storage that nobody sees yet.
type rewriter struct {
	d       *Definer
	n       *Table
	csn     heap.CSN
	out     []value.Value
	payload []byte
	key     []byte
	vals    []value.Value
}

// add writes w.out as a row.
func (w *rewriter) add() error {
	n, sp := w.n, w.n.store.space
	if n.hook != nil && n.hook.Run != nil {
		if err := n.hook.Run(w.out); err != nil {
			return err
		}
	}
	if err := n.checkNotNull(n.all, w.out); err != nil {
		return err
	}
	ws := writeSet{payload: w.payload}
	var err error
	w.payload, err = n.layout.AppendWithOverflow(w.payload[:0], w.out, sp.MaxPayload(), ws.spillTo(sp))
	if err != nil {
		ws.releaseSpilled(sp)
		return err
	}
	id, err := sp.NewSlot()
	if err != nil {
		ws.releaseSpilled(sp)
		return err
	}
	r := row.Row{Layout: n.layout, Data: w.payload, Overflow: sp}
	var flags uint8
	if r.HasOverflow() {
		flags = heap.FlagOverflow
	}
	g := w.d.db.epochs.Pin()
	defer g.Unpin()
	l, err := sp.Append(id, n.def.Version, flags, w.payload, false)
	ws.releaseSpilled(sp)
	if err != nil {
		return err
	}
	sp.Publish(id, l, w.csn, ^uint64(0))
	for _, ix := range n.indexes {
		k, b, err := ix.keyOfRow(w.key, &r)
		w.key = b
		if err != nil {
			return err
		}
		if err := w.d.putBuilt(ix, id, k, &r, true); err != nil {
			return err
		}
	}
	return w.log(id)
}

// log adds the row to the change record.
func (w *rewriter) log(id heap.RowID) error {
	n := w.n
	if n.store.temporary || !w.d.db.captures() {
		return nil
	}
	op := cdc.Op{Kind: cdc.Insert, Table: n.def.ID, SchemaVersion: n.def.Version, Storage: n.store.id, Row: id, Mask: n.all}
	var err error
	if op.After, err = n.layout.AppendDelta(nil, n.all, w.out); err != nil {
		return err
	}
	if !n.keyCols.Empty() {
		w.vals = w.vals[:0]
		for c := n.keyCols.Next(0); c >= 0; c = n.keyCols.Next(c + 1) {
			w.vals = append(w.vals, w.out[c])
		}
		if op.Key, err = n.layout.AppendDelta(nil, n.keyCols, w.vals); err != nil {
			return err
		}
	}
	w.d.ops = append(w.d.ops, op)
	return nil
}

// releaseSpilled drops the writer's hold on spilled values.
func (ws *writeSet) releaseSpilled(sp *heap.Space) {
	for _, ref := range ws.refs {
		sp.ReleaseOverflow(ref)
	}
	ws.refs = ws.refs[:0]
}

// progress reports how far a long DDL is.
func (d *Definer) progress(t *Table, done int64) {
	if d.opts.Progress != nil {
		d.opts.Progress(t.def.Name, done)
	}
}

// alterAuto sets the counter after a change of the autoincrement column.
func (d *Definer) alterAuto(n, t *Table) error {
	largest, err := d.largestAuto(n)
	if err != nil {
		return err
	}
	next := largest + 1
	if n.def.AutoStart != t.def.AutoStart {
		next = max(next, n.def.AutoStart)
	} else if t.autoCol >= 0 {
		next = max(next, t.state.auto.Load())
	}
	d.setAuto(n, max(next, 1))
	return nil
}

// renamedColumns maps the former names of columns to their new ones.
func renamedColumns(old, def *schema.Table) map[string]string {
	renamed := map[string]string{}
	for i := range old.Columns {
		o := &old.Columns[i]
		if j := def.ColumnByID(o.ID); j >= 0 && def.Columns[j].Name != o.Name {
			renamed[o.Name] = def.Columns[j].Name
		}
	}
	return renamed
}

// followers returns the tables whose foreign keys follow the columns that def renames.
func (d *Definer) followers(t *Table, def *schema.Table) []*Table {
	if len(renamedColumns(t.def, def)) == 0 {
		return nil
	}
	return d.children(t)
}

// followColumns renames the columns in foreign keys that refer to n.
func (d *Definer) followColumns(t, n *Table) error {
	renamed := renamedColumns(t.def, n.def)
	if len(renamed) == 0 || n.store.temporary {
		return nil
	}
	for _, ref := range d.catalog.ForeignKeysTo(n) {
		err := d.redirect(ref.Child, n.def, func(fk *schema.ForeignKey) {
			for i, c := range fk.RefColumns {
				for from, to := range renamed {
					if equalName(c, from) {
						fk.RefColumns[i] = to
						break
					}
				}
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}
