package exec

import (
	"bytes"

	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// streamOp groups tuples that arrive group by group. With ROLLUP it also keeps a group for each shorter list of keys:
// level n has all n keys, level 0 none.
type streamOp struct {
	spec  *aggregateSpec
	x     *execution
	env   *expr.Env
	input operator

	batch  Batch
	at     int
	levels []*group // by number of keys; only the last without ROLLUP
	keys   []value.Value
	key    [][]byte // encoded, per group key
	fresh  []byte
	some   bool // a group is open
	ended  bool
}

func newStreamOp(s *aggregateSpec, x *execution, outer *expr.Env) *streamOp {
	n := len(s.groups)
	return &streamOp{
		spec: s, x: x, env: x.env(outer), input: s.input.start(x, outer),
		levels: make([]*group, n+1), keys: make([]value.Value, n), key: make([][]byte, n),
	}
}

func (o *streamOp) open() error {
	o.at, o.batch.n, o.some, o.ended = 0, 0, false, false
	return o.input.open()
}

func (o *streamOp) close() { o.input.close() }

// lowest is the lowest level in use.
func (o *streamOp) lowest() int {
	if o.spec.rollup {
		return 0
	}
	return len(o.keys)
}

func (o *streamOp) next(b *Batch) error {
	b.reset(o.spec.width)
	full := b.room(maxBatchRows)
	for !o.ended {
		if o.at >= o.batch.n {
			o.at = 0
			if err := o.input.next(&o.batch); err != nil {
				return err
			}
			if o.batch.n == 0 {
				o.ended = true
				return o.flush(b, o.lowest())
			}
			if err := o.x.poll(); err != nil {
				return err
			}
		}
		for o.at < o.batch.n {
			o.env.Row = o.batch.Row(o.at)
			changed, err := o.differs()
			if err != nil {
				return err
			}
			if changed >= 0 && o.some {
				// The tuple stays for the next call when the batch is full.
				if err := o.flush(b, max(o.lowest(), changed+1)); err != nil {
					return err
				}
				o.env.Row = o.batch.Row(o.at)
			}
			if err := o.take(changed); err != nil {
				return err
			}
			o.at++
			if b.n >= full {
				return nil
			}
		}
	}
	return nil
}

// differs returns the first key in which env's row differs from the open group, or -1; 0 when none is open.
func (o *streamOp) differs() (int, error) {
	for i, f := range o.spec.groups {
		v, err := f(o.env)
		if err != nil {
			return 0, err
		}
		o.fresh = expr.AppendGroupKey(o.fresh[:0], v, o.spec.types[i])
		if !o.some || !bytes.Equal(o.fresh, o.key[i]) {
			return i, nil
		}
	}
	return -1, nil
}

// take adds env's row; from is the first key that changed, or -1.
func (o *streamOp) take(from int) error {
	if from >= 0 {
		for i, f := range o.spec.groups {
			v, err := f(o.env)
			if err != nil {
				return err
			}
			o.keys[i] = v.Clone()
			o.key[i] = expr.AppendGroupKey(o.key[i][:0], v, o.spec.types[i])
		}
	}
	o.some = true
	for l := o.lowest(); l < len(o.levels); l++ {
		if o.levels[l] == nil {
			g, err := o.spec.newGroup(o.x, o.env, true)
			if err != nil {
				return err
			}
			o.levels[l] = g
		}
		if err := o.spec.add(o.x, o.levels[l], o.env); err != nil {
			return err
		}
	}
	return nil
}

// flush emits the open groups from the longest list of keys down to the given level and forgets them.
func (o *streamOp) flush(b *Batch, down int) error {
	if !o.some {
		return nil
	}
	s := o.spec
	n := len(o.keys)
	for l := n; l >= down; l-- {
		row := b.grow()
		for i, v := range o.keys {
			row[i] = value.Null
			if i < l {
				row[i] = b.arena.detach(v)
			}
		}
		aggs := row[n : n+len(s.aggs)]
		if err := s.results(o.levels[l], o.env, aggs); err != nil {
			return err
		}
		for i, m := range s.masks {
			row[n+len(s.aggs)+i] = value.Int(mask(m.Keys, l))
		}
		o.levels[l] = nil
		o.x.memory.give(groupBytes * int64(1+len(s.aggs)))
	}
	return nil
}

// mask is what GROUPING() of the keys is at a level: a bit per key, the last one lowest, set when it is rolled up.
func mask(keys []int, level int) int64 {
	var m int64
	for _, k := range keys {
		m <<= 1
		if k >= level {
			m |= 1
		}
	}
	return m
}
