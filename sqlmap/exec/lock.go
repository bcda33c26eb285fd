package exec

import (
	"slices"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// lockSpec locks the rows of which its input's tuples consist, reads their newest versions, and passes the tuples that
// still qualify. The input found them on the snapshot. Rows are locked one tuple at a time, in the order of the input,
// and only as many as are asked for. Under READ COMMITTED the rows of a tuple that does not qualify are unlocked again.
// A tuple whose sort keys have changed goes where its new keys belong among the tuples that are still to come.
type lockSpec struct {
	input   spec
	tables  []lockTable
	pred    expr.Predicate // all conditions on the tuple
	keys    []sortKey
	compute []computed
	width   int
}

// lockTable is a table whose rows are locked.
type lockTable struct {
	table *engine.Table
	rowID int // position of the id in the tuple
	spec  engine.LockSpec
	cols  []lockCol
}

// lockCol is a column of the table in the tuple.
type lockCol struct{ pos, ord int }

// computed is a column that is computed from others of the tuple.
type computed struct {
	pos int
	f   expr.Func
}

func (c *compiler) lock(n *plan.Lock) spec {
	in := c.node(n.Input)
	cols := in.layout()
	at := positionsOf(cols)
	s := &lockSpec{input: in, pred: c.predicate(n.Conds, at), width: len(cols)}
	for i := range n.Tables {
		t := &n.Tables[i]
		lt := lockTable{rowID: at[t.Scan.RowID]}
		lt.table, _ = t.Scan.Table.(*engine.Table)
		lt.spec = engine.LockSpec{S: t.S, X: t.X, Explicit: n.Explicit, NoWait: t.NoWait, Skip: t.SkipLocked}
		for ord := range t.Scan.Table.Def().Columns {
			if p, ok := at[t.Scan.Col(ord)]; ok {
				lt.cols = append(lt.cols, lockCol{pos: p, ord: ord})
			}
		}
		s.tables = append(s.tables, lt)
	}
	for _, it := range n.Compute {
		if p, ok := at[it.ID]; ok {
			s.compute = append(s.compute, computed{pos: p, f: c.function(it.Expr, at)})
		}
	}
	s.keys = c.sortKeys(n.Keys, cols)
	return s
}

func (s *lockSpec) layout() []plan.ColID { return s.input.layout() }
func (s *lockSpec) reserve(n int) int    { return s.input.reserve(n) }

func (s *lockSpec) start(x *execution, outer *expr.Env) operator {
	return &lockOp{spec: s, x: x, env: x.env(outer), input: leftSide{op: s.input.start(x, outer)}}
}

type lockOp struct {
	spec    *lockSpec
	x       *execution
	env     *expr.Env
	input   leftSide
	row     row.Row
	pending [][]value.Value // locked tuples that wait for their place, by their keys
	ended   bool
}

func (o *lockOp) open() error {
	o.input.reset()
	o.pending, o.ended = nil, false
	return o.input.op.open()
}

func (o *lockOp) close() { o.input.op.close() }

func (o *lockOp) next(b *Batch) error {
	width := len(o.spec.input.layout())
	b.reset(width)
	full := b.room(maxBatchRows)
	for !o.ended {
		o.input.batch.want = full
		ok, err := o.input.fetch()
		if err != nil {
			return err
		}
		o.ended = !ok
		for ok && o.input.at < o.input.batch.n {
			if b.n >= full {
				return nil
			}
			tuple := o.input.row()
			due, err := o.due(tuple)
			if err != nil {
				return err
			}
			if due {
				copy(b.grow(), o.pending[0])
				o.pending = o.pending[1:]
				continue
			}
			o.input.at++
			if err := o.take(tuple, b); err != nil {
				return err
			}
		}
		if b.n > 0 {
			return nil
		}
	}
	for ; len(o.pending) > 0 && b.n < full; o.pending = o.pending[1:] {
		copy(b.grow(), o.pending[0])
	}
	return nil
}

// due reports whether a waiting tuple comes before the next candidate.
func (o *lockOp) due(next []value.Value) (bool, error) {
	if len(o.pending) == 0 {
		return false, nil
	}
	c, err := o.completed(next)
	if err != nil {
		return false, err
	}
	return compareRows(o.spec.keys, o.pending[0], c) <= 0, nil
}

// completed returns the tuple with its computed sort keys behind it.
func (o *lockOp) completed(tuple []value.Value) ([]value.Value, error) {
	out := make([]value.Value, o.spec.width, o.spec.width+len(o.spec.keys))
	copy(out, tuple)
	o.env.Row = tuple
	for i := range o.spec.keys {
		k := &o.spec.keys[i]
		if k.f == nil {
			continue
		}
		v, err := k.f(o.env)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// take locks the rows of a tuple and emits it, now or later, if it still qualifies.
func (o *lockOp) take(tuple []value.Value, b *Batch) error {
	var before []value.Value
	if len(o.spec.keys) > 0 {
		var err error
		if before, err = o.completed(tuple); err != nil {
			return err
		}
	}
	dst := b.grow()
	copy(dst, tuple)
	keep, changed, err := o.lock(dst, &b.arena)
	if err != nil {
		return err
	}
	if !keep {
		b.drop()
		return nil
	}
	if len(o.spec.keys) == 0 || !changed && len(o.pending) == 0 {
		return nil
	}
	after, err := o.completed(dst)
	if err != nil {
		return err
	}
	if len(o.pending) == 0 && compareRows(o.spec.keys, before, after) == 0 {
		return nil
	}
	b.drop()
	for i := range after {
		after[i] = after[i].Clone()
	}
	at, _ := slices.BinarySearchFunc(o.pending, after, func(a, t []value.Value) int {
		if c := compareRows(o.spec.keys, a, t); c != 0 {
			return c
		}
		return -1 // behind its equals
	})
	o.pending = slices.Insert(o.pending, at, after)
	return nil
}

// lock locks and reads the newest version of each row of the tuple. changed: something differed, and the conditions have
// been evaluated again.
func (o *lockOp) lock(tuple []value.Value, a *arena) (keep, changed bool, err error) {
	tx := o.x.tx
	before := tx.Mark()
	keep, changed, err = o.lockRows(tuple, a)
	if err != nil {
		return false, changed, err
	}
	locked := tx.Mark() // the conditions may lock rows of their own, which their results rest on
	if keep && changed {
		keep, err = o.qualifies(tuple)
	}
	if err == nil && !keep {
		tx.Unlock(before, locked)
	}
	return keep, changed, err
}

// lockRows locks the rows of the tuple and puts the newest values into it. ok is false when one is gone or skipped.
func (o *lockOp) lockRows(tuple []value.Value, a *arena) (ok, changed bool, err error) {
	for i := range o.spec.tables {
		t := &o.spec.tables[i]
		idv := tuple[t.rowID]
		if idv.IsNull() {
			continue
		}
		id := heap.RowID(idv.Uint64())
		res, err := o.x.tx.LockRead(o.x.ctx, t.table, id, t.spec, &o.row)
		if err != nil || res != engine.Locked {
			return false, changed, err
		}
		for _, c := range t.cols {
			v := o.row.Col(c.ord)
			if v == tuple[c.pos] {
				continue
			}
			changed = true
			tuple[c.pos] = a.detach(v)
		}
		if err := o.row.Err(); err != nil {
			return false, false, err
		}
	}
	return true, changed, nil
}

// qualifies evaluates the computed columns and the conditions again.
func (o *lockOp) qualifies(tuple []value.Value) (keep bool, err error) {
	o.env.Row = tuple
	for _, c := range o.spec.compute {
		if tuple[c.pos], err = c.f(o.env); err != nil {
			return false, err
		}
	}
	if o.spec.pred == nil {
		return true, nil
	}
	return o.spec.pred(o.env)
}
