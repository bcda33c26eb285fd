package exec

import (
	"math"

	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// groupOp keeps a table of groups. Groups come out in the order in which they were first seen.
type groupOp struct {
	spec  *aggregateSpec
	x     *execution
	env   *expr.Env
	input operator

	ints   map[int64]int32 // groups by a single integer key
	bytes  map[string]int32
	groups []*group
	keys   *rowStore
	key    []byte
	row    []value.Value
	held   int64
	at     int
	filled bool
	sums   *kernel // set when the kernel computes the only group
}

func (o *groupOp) open() error {
	o.at, o.filled, o.sums = 0, false, nil
	return nil
}

func (o *groupOp) close() {
	o.input.close()
	if o.keys != nil {
		o.keys.free()
		o.keys = nil
	}
	o.x.memory.give(o.held)
	o.groups, o.ints, o.bytes, o.held = nil, nil, nil, 0
}

func (o *groupOp) next(b *Batch) error {
	s := o.spec
	b.reset(s.width)
	if !o.filled {
		o.filled = true
		if err := o.fill(); err != nil {
			return err
		}
	}
	if o.sums != nil {
		if o.at == 0 {
			o.at = 1
			return o.sums.results(o.env, b.grow())
		}
		return nil
	}
	for n := b.room(maxBatchRows); n > 0 && o.at < len(o.groups); n-- {
		row := b.grow()
		copy(row, o.keys.row(o.at))
		if err := s.results(o.groups[o.at], o.env, row[len(s.groups):]); err != nil {
			return err
		}
		o.at++
	}
	return o.x.poll()
}

func (o *groupOp) fill() error {
	s := o.spec
	o.keys = newRowStore(o.x, len(s.groups), "grouping")
	o.row = make([]value.Value, len(s.groups))
	o.ints, o.bytes = map[int64]int32{}, map[string]int32{}
	if len(s.groups) == 0 {
		return o.fillScalar()
	}
	if s.scan != nil {
		return o.x.scanRows(o.input.(*scanOp), o.env, o.add)
	}
	return eachRow(o.x, o.input, o.env, o.add)
}

// fillScalar computes the only group, which is there even without rows.
func (o *groupOp) fillScalar() error {
	s := o.spec
	if s.kernel != nil {
		var err error
		o.sums, err = s.kernel.run(o.input.(*scanOp))
		return err
	}
	var g *group
	add := func() error {
		if g == nil {
			var err error
			if g, err = s.newGroup(o.x, o.env, true); err != nil {
				return err
			}
		}
		return s.add(o.x, g, o.env)
	}
	var err error
	if s.scan != nil {
		err = o.x.scanRows(o.input.(*scanOp), o.env, add)
	} else {
		err = eachRow(o.x, o.input, o.env, add)
	}
	if err != nil {
		return err
	}
	if g == nil {
		if g, err = s.newGroup(o.x, o.env, false); err != nil {
			return err
		}
	}
	o.groups = append(o.groups, g)
	_, err = o.keys.add(o.row)
	return err
}

// eachRow calls f for each tuple of the operator, with env on it.
func eachRow(x *execution, op operator, env *expr.Env, f func() error) error {
	if err := op.open(); err != nil {
		return err
	}
	defer op.close()
	var b Batch
	for {
		if err := op.next(&b); err != nil || b.n == 0 {
			return err
		}
		for i := range b.n {
			env.Row = b.Row(i)
			if err := f(); err != nil {
				return err
			}
		}
		if err := x.poll(); err != nil {
			return err
		}
	}
}

// add puts env's row into its group.
func (o *groupOp) add() error {
	s := o.spec
	for i, f := range s.groups {
		v, err := f(o.env)
		if err != nil {
			return err
		}
		o.row[i] = v
	}
	at, err := o.find()
	if err != nil {
		return err
	}
	return s.add(o.x, o.groups[at], o.env)
}

// find returns the group of the keys in o.row, a new one if need be.
func (o *groupOp) find() (int32, error) {
	if n, ok := o.intKey(); ok {
		if at, ok := o.ints[n]; ok {
			return at, nil
		}
		at, err := o.create(entryBytes)
		if err == nil {
			o.ints[n] = at
		}
		return at, err
	}
	o.key = o.key[:0]
	for i, v := range o.row {
		o.key = expr.AppendGroupKey(o.key, v, o.spec.types[i])
	}
	if at, ok := o.bytes[string(o.key)]; ok {
		return at, nil
	}
	at, err := o.create(entryBytes + int64(len(o.key)))
	if err == nil {
		o.bytes[string(o.key)] = at
	}
	return at, err
}

// intKey returns the key of a single integer column. Every value of such a column that is equal to another one takes this
// way or none does.
func (o *groupOp) intKey() (int64, bool) {
	if len(o.row) != 1 || !o.spec.types[0].IsInteger() || o.spec.types[0].Dynamic {
		return 0, false
	}
	v := o.row[0]
	switch v.Kind() {
	case value.KindInt:
		return v.Int64(), true
	case value.KindUint:
		return int64(v.Uint64()), v.Uint64() <= math.MaxInt64
	}
	return 0, false
}

func (o *groupOp) create(extra int64) (int32, error) {
	o.held += extra
	if err := o.x.memory.take(extra, "grouping"); err != nil {
		return 0, err
	}
	g, err := o.spec.newGroup(o.x, o.env, true)
	if err != nil {
		return 0, err
	}
	at, err := o.keys.add(o.row)
	o.groups = append(o.groups, g)
	return int32(at), err
}
