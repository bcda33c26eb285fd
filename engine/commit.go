package engine

import (
	"context"
	"errors"

	"github.com/worktable-go/worktable/engine/cdc"
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
)

// Commit makes the writes durable and visible. After an error of Journal.Append (1021) the transaction is rolled back;
// after one of Journal.Sync its outcome is unknown and the database takes no more commits.
func (tx *Tx) Commit(ctx context.Context) error {
	if tx.done {
		return tx.check()
	}
	err := tx.failure
	if err == nil && tx.stmt.active {
		err = tx.EndStatement(nil)
	}
	if err == nil {
		err = interrupted(ctx)
	}
	if err != nil {
		_ = tx.Rollback()
		return err
	}
	if !tx.dirty() {
		err := tx.awaitBuiltOn()
		tx.finish()
		return err
	}
	tx.db.inFlight.Add(1)
	defer tx.db.inFlight.Add(-1)
	if err := tx.db.writable(); err != nil {
		_ = tx.Rollback()
		return err
	}
	pos, err := tx.install()
	if err != nil {
		_ = tx.Rollback()
		return err
	}
	return tx.acknowledge(pos)
}

// dirty reports whether there is anything to commit.
func (tx *Tx) dirty() bool {
	if tx.ddl != nil && tx.ddl.changed {
		return true
	}
	if tx.ws == nil {
		return false
	}
	for _, tt := range tx.ws.tabs {
		if tt.auto || len(tt.rows) > 0 {
			return true
		}
	}
	return false
}

// maxRetries is how often a commit leaves the section to merge rows again before it does so inside.
const maxRetries = 3

// install prepares and runs the commit section. On an error nothing is installed and no unpublished version is left.
func (tx *Tx) install() (pos uint64, err error) {
	db := tx.db
	g := db.epochs.Pin()
	defer g.Unpin()
	capture := db.captures()
	if err := tx.prepare(); err != nil {
		return 0, err
	}
	txn, rec, err := tx.record(capture)
	if err != nil {
		tx.discard()
		return 0, err
	}
	c := &db.commits
	c.mu.Lock()
	for try := 0; ; try++ {
		again := db.captures() && !capture
		moved := tx.moved()
		if !again && !moved {
			break
		}
		if try < maxRetries {
			c.mu.Unlock()
		}
		capture = capture || again
		if err = tx.prepareAgain(); err == nil {
			txn, rec, err = tx.record(capture)
		}
		if try < maxRetries {
			c.mu.Lock()
		} else if err == nil {
			break
		}
		if err != nil {
			c.mu.Unlock()
			tx.discard()
			return 0, err
		}
	}
	defer c.mu.Unlock()
	return tx.section(txn, rec)
}

// section is the commit section; the commit mutex is held.
func (tx *Tx) section(txn *cdc.Txn, rec Record) (pos uint64, err error) {
	db := tx.db
	c := &db.commits
	if err := db.writable(); err != nil {
		tx.discard()
		return 0, err
	}
	csn := heap.CSN(c.installed.Load()) + 1
	if txn != nil {
		txn.CSN, txn.Time = csn, db.opts.Clock().UnixMicro()
		if db.opts.Journal != nil {
			pos, err := db.opts.Journal.Append(rec, csn, txn.Time)
			if err != nil {
				tx.discard()
				var known *sqlerr.Error
				if !errors.As(err, &known) {
					err = sqlerr.Wrap(err, sqlerr.DiskFull, err.Error())
				}
				return 0, err
			}
			c.lastPos = pos
		}
	}
	if tx.ws != nil {
		for _, tt := range tx.ws.tabs {
			sp := tt.t.store.space
			for _, r := range tt.rows {
				if r.link != 0 {
					sp.Publish(r.id, r.link, csn, r.mask)
				}
			}
		}
	}
	if tx.ddl != nil {
		tx.ddl.installed(csn)
	}
	tx.csn = csn
	if txn != nil || db.opts.Journal == nil {
		c.recorded = csn
	}
	if txn != nil && db.stream.wanted() {
		db.stream.append(txn)
		if tx.ws != nil {
			// The record lives on in the stream: its memory is not the transaction's any more.
			tx.ws.ops, tx.ws.opBytes = nil, arena{}
		}
	}
	c.installed.Store(uint64(csn))
	if db.opts.Journal == nil && tx.ddl == nil {
		db.visible.Store(uint64(csn))
	}
	return c.lastPos, nil
}

// since reports whether a commit was installed since installed was n. A section publishes its rows one by one before it counts
// itself, so one that is under way is awaited.
func (c *commits) since(n uint64) bool {
	if c.installed.Load() != n {
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.installed.Load() != n
}

// acknowledge ends an installed transaction: release locks, wait for durability, become visible, deliver.
func (tx *Tx) acknowledge(pos uint64) error {
	db, csn, ddl := tx.db, tx.csn, tx.ddl
	tx.dropSpent()
	var spent spent
	spent.note(tx)
	if ddl == nil {
		tx.finish()
	}
	db.committed.Add(1)
	if db.opts.Journal != nil && pos > 0 {
		if err := db.opts.Journal.Sync(background, pos); err != nil {
			err = db.poison(csn, err)
			if ddl != nil {
				tx.finish()
			}
			return err
		}
	}
	if ddl != nil {
		ddl.publish()
	}
	db.advance(csn)
	if ddl != nil {
		tx.finish()
	}
	if db.visible.Load() < uint64(csn) {
		// An earlier commit failed to become durable, and this one builds on it.
		return poisonError(db.poisoned.Load().err)
	}
	spent.prune(db)
	return nil
}

// prepare writes the unpublished version of each row.
func (tx *Tx) prepare() error {
	if tx.ws == nil {
		return nil
	}
	for _, tt := range tx.ws.tabs {
		for _, r := range tt.rows {
			if err := tx.prepareRow(r); err != nil {
				tx.discard()
				return err
			}
		}
	}
	return nil
}

// prepareAgain repeats prepare for rows whose head is not the one they were built on.
func (tx *Tx) prepareAgain() error {
	if tx.ws == nil {
		return nil
	}
	for _, r := range tx.ws.stale {
		if r.link != 0 {
			r.tab.t.store.space.Discard(r.link)
			r.link = 0
		}
		if err := tx.prepareRow(r); err != nil {
			return err
		}
	}
	return nil
}

// moved collects the rows whose head is not the one they were built on. Rows that were inserted or deleted are locked whole.
func (tx *Tx) moved() bool {
	if tx.ws == nil {
		return false
	}
	tx.ws.stale = tx.ws.stale[:0]
	for _, tt := range tx.ws.tabs {
		sp := tt.t.store.space
		for _, r := range tt.rows {
			if r.top.kind != opUpdate {
				continue
			}
			l, ok := sp.Head(r.id)
			if !ok || l == 0 || sp.Version(l).CSN() != r.built {
				tx.ws.stale = append(tx.ws.stale, r)
			}
		}
	}
	return len(tx.ws.stale) > 0
}

// discard forgets the unpublished versions.
func (tx *Tx) discard() {
	if tx.ws == nil {
		return
	}
	for _, tt := range tx.ws.tabs {
		for _, r := range tt.rows {
			if r.link != 0 {
				tt.t.store.space.Discard(r.link)
				r.link = 0
			}
		}
	}
}

// prepareRow writes the unpublished version of a row. Under a pin.
func (tx *Tx) prepareRow(r *txRow) (err error) {
	t, s, ws := r.tab.t, r.top, tx.ws
	sp := t.store.space
	r.mask = ^uint64(0)
	switch s.kind {
	case opNone:
		return nil
	case opDelete:
		r.link, err = sp.AppendTombstone(r.id, t.def.Version)
		return err
	case opInsert:
		if len(s.full) <= sp.MaxPayload() {
			r.link, err = sp.Append(r.id, t.def.Version, 0, s.full, false)
			return err
		}
		full := row.Row{Layout: t.layout, Data: s.full}
		if ws.vals, err = full.Columns(t.all, ws.vals[:0]); err != nil {
			return err
		}
		ws.refs = ws.refs[:0]
		ws.payload, err = t.layout.AppendWithOverflow(ws.payload[:0], ws.vals, sp.MaxPayload(), ws.spillTo(sp))
		return tx.appendSpilled(r, err, false)
	}
	ver, ok := sp.Visible(r.id, heap.MaxCSN)
	if !ok {
		return internalf("table %s: a locked row is gone at commit", t.def.Name)
	}
	r.built, r.mask = ver.CSN(), s.mask.Fold64()
	full := row.Row{Layout: t.layout, Data: s.full, Overflow: sp}
	if r.built == s.base && len(s.full) <= sp.MaxPayload() {
		var flags uint8
		if full.HasOverflow() {
			flags = heap.FlagOverflow
		}
		r.link, err = sp.Append(r.id, t.def.Version, flags, s.full, true)
		return err
	}
	var base row.Row
	if err = t.rowOf(ver, &base); err != nil {
		return err
	}
	if ws.vals, err = full.Columns(s.mask, ws.vals[:0]); err != nil {
		return err
	}
	ws.refs = ws.refs[:0]
	ws.payload, err = t.layout.AppendMerged(ws.payload[:0], &base, s.mask, ws.vals, sp.MaxPayload(), ws.spillTo(sp))
	return tx.appendSpilled(r, err, true)
}

// spillTo returns the function that stores large values in sp and notes the references.
func (ws *writeSet) spillTo(sp *heap.Space) row.Spill {
	return func(data []byte) (uint64, error) {
		ref, err := sp.WriteOverflow(data)
		if err == nil {
			ws.refs = append(ws.refs, ref)
		}
		return ref, err
	}
}

// appendSpilled writes ws.payload as the version of r and drops the writer's hold on what was spilled for it.
func (tx *Tx) appendSpilled(r *txRow, err error, chained bool) error {
	ws, t := tx.ws, r.tab.t
	sp := t.store.space
	if err == nil {
		var flags uint8
		if view := (row.Row{Layout: t.layout, Data: ws.payload}); view.HasOverflow() {
			flags = heap.FlagOverflow
		}
		r.link, err = sp.Append(r.id, t.def.Version, flags, ws.payload, chained)
	}
	for _, ref := range ws.refs {
		sp.ReleaseOverflow(ref)
	}
	ws.refs = ws.refs[:0]
	return err
}

// record builds the change record and has the journal encode it; nil when nobody wants it.
func (tx *Tx) record(capture bool) (*cdc.Txn, Record, error) {
	if !capture {
		return nil, nil, nil
	}
	txn, err := tx.changes()
	if err != nil || txn == nil {
		return nil, nil, err
	}
	if tx.db.opts.Journal == nil {
		return txn, nil, nil
	}
	rec, err := tx.db.opts.Journal.Encode(txn)
	return txn, rec, err
}

// changes builds the change record of the present deltas; nil when there is nothing to record. Under a pin.
func (tx *Tx) changes() (*cdc.Txn, error) {
	var ops []cdc.Op
	if ws := tx.ws; ws != nil {
		ws.ops = ws.ops[:0]
		ws.opBytes.reset()
		for _, tt := range ws.tabs {
			if tt.t.store.temporary {
				continue
			}
			for _, r := range tt.rows {
				if err := tx.changeOf(r); err != nil {
					return nil, err
				}
			}
			if tt.auto {
				ws.ops = append(ws.ops, cdc.Op{
					Kind: cdc.AutoIncrement, Table: tt.t.def.ID, SchemaVersion: tt.t.def.Version,
					Storage: tt.t.store.id, Value: tt.t.state.auto.Load(),
				})
			}
		}
		ops = ws.ops
	}
	if tx.ddl != nil {
		ops = append(ops, tx.ddl.ops...)
	}
	if len(ops) == 0 {
		return nil, nil
	}
	return &cdc.Txn{Ops: ops}, nil
}

// changeOf appends the op of one row.
func (tx *Tx) changeOf(r *txRow) (err error) {
	ws, t, s := tx.ws, r.tab.t, r.top
	op := cdc.Op{Table: t.def.ID, SchemaVersion: t.def.Version, Storage: t.store.id, Row: r.id, Mask: s.mask}
	full := row.Row{Layout: t.layout, Data: s.full, Overflow: t.store.space}
	var base row.Row
	if s.kind == opUpdate || s.kind == opDelete {
		ver, ok := t.store.space.Visible(r.id, heap.MaxCSN)
		if !ok {
			return internalf("table %s: a locked row is gone at commit", t.def.Name)
		}
		if err := t.rowOf(ver, &base); err != nil {
			return err
		}
	}
	keyed := &base
	switch s.kind {
	case opNone:
		return nil
	case opInsert:
		op.Kind, keyed = cdc.Insert, &full
		op.After, err = ws.image(t, &full, t.all)
	case opUpdate:
		op.Kind = cdc.Update
		if op.After, err = ws.image(t, &full, s.mask); err == nil {
			op.Before, err = ws.image(t, &base, s.mask.Union(t.before))
		}
	case opDelete:
		op.Kind, op.Mask = cdc.Delete, t.all
		op.Before, err = ws.image(t, &base, t.all)
	}
	if err == nil && !t.keyCols.Empty() {
		op.Key, err = ws.image(t, keyed, t.keyCols)
	}
	if err != nil {
		return err
	}
	ws.ops = append(ws.ops, op)
	return nil
}

// image encodes columns of a row for the change record.
func (ws *writeSet) image(t *Table, r *row.Row, set schema.ColSet) ([]byte, error) {
	var err error
	if ws.vals, err = r.Columns(set, ws.vals[:0]); err != nil {
		return nil, err
	}
	if ws.payload, err = t.layout.AppendDelta(ws.payload[:0], set, ws.vals); err != nil {
		return nil, err
	}
	return ws.opBytes.copy(ws.payload), nil
}

// dropSpent removes the index entries of own states that did not make it into the commit, and the rows that were inserted and deleted
// again. The row locks are still held.
func (tx *Tx) dropSpent() {
	ws := tx.ws
	if ws == nil {
		return
	}
	for _, tt := range ws.tabs {
		for _, r := range tt.rows {
			for s := r.top.prev; s != nil; s = s.prev {
				if s.kind == opInsert || s.kind == opUpdate {
					tx.removeKeys(r, s, nil)
				}
			}
			if r.top.kind == opNone {
				tt.t.store.space.RetireSlot(r.id)
			}
		}
	}
}
