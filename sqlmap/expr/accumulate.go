package expr

import (
	"math"
	"strings"

	"github.com/worktable-go/worktable/engine/value"
)

// distinct passes each different tuple of arguments on once.
type distinct struct {
	agg   *Aggregate
	inner Accumulator
	seen  map[string]struct{}
	key   []byte
	bytes int
}

// entryCost is what a map entry takes beside its key.
const entryCost = 48

func (d *distinct) Add(env *Env) error {
	key := d.key[:0]
	for _, e := range d.agg.Args {
		v, err := e.Eval(env)
		if err != nil {
			return err
		}
		if v.IsNull() {
			return nil // every aggregate with DISTINCT skips rows with a NULL argument
		}
		key = AppendGroupKey(key, v, e.Type())
	}
	d.key = key
	if _, ok := d.seen[string(key)]; ok {
		return nil
	}
	if d.seen == nil {
		d.seen = map[string]struct{}{}
	}
	d.seen[string(key)] = struct{}{}
	d.bytes += len(key) + entryCost
	return d.inner.Add(env)
}

func (d *distinct) Result(env *Env) (value.Value, error) { return d.inner.Result(env) }
func (d *distinct) Memory() int                          { return d.bytes + d.inner.Memory() }

func (d *distinct) Reset() {
	d.seen, d.bytes = nil, 0
	d.inner.Reset()
}

// fixedCost is the memory of an accumulator without buffers.
const fixedCost = 96

// countAcc counts rows without a NULL argument.
type countAcc struct {
	args []Expr
	n    int64
}

func newCount(a *Aggregate) Accumulator {
	c := &countAcc{}
	for _, e := range a.Args {
		if !e.Type().NotNull {
			c.args = append(c.args, e)
		}
	}
	return c
}

func (c *countAcc) Add(env *Env) error {
	for _, e := range c.args {
		v, err := e.Eval(env)
		if err != nil || v.IsNull() {
			return err
		}
	}
	c.n++
	return nil
}

func (c *countAcc) Result(*Env) (value.Value, error) { return value.Int(c.n), nil }
func (c *countAcc) Reset()                           { c.n = 0 }
func (c *countAcc) Memory() int                      { return fixedCost }

// sumAcc computes SUM and AVG: exactly for integers and decimals, in doubles as soon as a value is a double.
type sumAcc struct {
	agg     *Aggregate
	arg     Expr
	avg     bool
	isFloat bool
	n       int64
	small   int64 // sum of integers, while it fits
	exact   value.Value
	float   float64
}

func newSum(a *Aggregate) Accumulator {
	return &sumAcc{agg: a, arg: a.Args[0], avg: a.Name == "avg", exact: value.Decimal(0, 0)}
}

// ResultOfSum returns what SUM or AVG is of n values that are not NULL and add up to sum, a decimal or, when they are doubles,
// a double.
func (a *Aggregate) ResultOfSum(env *Env, n int64, sum value.Value) (value.Value, error) {
	s := sumAcc{agg: a, avg: a.Name == "avg", n: n, exact: sum}
	if s.isFloat = sum.Kind() == value.KindFloat; s.isFloat {
		if s.float = sum.Float64(); math.IsInf(s.float, 0) || math.IsNaN(s.float) {
			return value.Null, outOfRange("DOUBLE", a)
		}
	}
	return s.Result(env)
}

func (s *sumAcc) Add(env *Env) error {
	v, err := s.arg.Eval(env)
	if err != nil || v.IsNull() {
		return err
	}
	s.n++
	if v.Kind() == value.KindInt && !s.isFloat {
		if sum, ok := addSubMul(OpAdd, s.small, v.Int64()); ok {
			s.small = sum
			return nil
		}
	}
	if v, err = toNumber(env, v); err != nil {
		return err
	}
	if v.Kind() == value.KindFloat && !s.isFloat {
		f, _ := s.total().AsFloat()
		s.float, s.isFloat = f, true
	}
	if s.isFloat {
		f, _ := v.AsFloat()
		if s.float += f; math.IsInf(s.float, 0) {
			return outOfRange("DOUBLE", s.agg)
		}
		return nil
	}
	return s.addExact(v)
}

func (s *sumAcc) addExact(v value.Value) error {
	d, _ := v.AsDecimal()
	sum, err := value.DecimalAdd(s.exact, d)
	if err != nil {
		return outOfRange("DECIMAL", s.agg)
	}
	s.exact = sum
	return nil
}

func (s *sumAcc) total() value.Value {
	d, err := value.DecimalAdd(s.exact, value.Decimal(s.small, 0))
	if err != nil {
		return s.exact
	}
	return d
}

func (s *sumAcc) Result(env *Env) (value.Value, error) {
	if s.n == 0 {
		return value.Null, nil
	}
	if s.isFloat {
		if s.avg {
			return value.Float(s.float / float64(s.n)), nil
		}
		return value.Float(s.float), nil
	}
	t := s.agg.Typ
	if t.ID == value.TypeDouble && !t.Dynamic {
		f, _ := s.total().AsFloat()
		if s.avg {
			f /= float64(s.n)
		}
		return value.Float(f), nil
	}
	sum := s.total()
	if s.avg {
		avg, err := value.DecimalQuotient(sum, value.Decimal(s.n, 0), uint8(env.Run.Session.divPrecision()))
		if err != nil {
			return value.Null, outOfRange("DECIMAL", s.agg)
		}
		sum = avg
	}
	if t.ID == value.TypeDecimal && !t.Guard {
		sum = value.Rescale(sum, t.Scale)
	}
	return sum, nil
}

func (s *sumAcc) Reset() {
	s.n, s.small, s.float, s.isFloat, s.exact = 0, 0, 0, false, value.Decimal(0, 0)
}

func (s *sumAcc) Memory() int { return fixedCost }

// minMaxAcc keeps the least or greatest value.
type minMaxAcc struct {
	arg  Expr
	typ  *Type
	sign int
	best value.Value
}

func newMinMax(a *Aggregate) Accumulator {
	m := &minMaxAcc{arg: a.Args[0], typ: a.Args[0].Type(), sign: 1}
	if a.Name == "max" {
		m.sign = -1
	}
	return m
}

func (m *minMaxAcc) Add(env *Env) error {
	v, err := m.arg.Eval(env)
	if err != nil || v.IsNull() {
		return err
	}
	switch v.Kind() {
	case value.KindEnum, value.KindSet:
		v = value.String(v.Str()) // compared by label, as in MySQL
	}
	if m.best.IsNull() || CompareSort(v, m.best, m.typ)*m.sign < 0 {
		m.best = v.Clone()
	}
	return nil
}

func (m *minMaxAcc) Result(*Env) (value.Value, error) { return m.best, nil }
func (m *minMaxAcc) Reset()                           { m.best = value.Null }
func (m *minMaxAcc) Memory() int                      { return fixedCost + len(m.best.Str()) }

// anyAcc keeps the first value.
type anyAcc struct {
	arg  Expr
	seen bool
	val  value.Value
}

func newAnyValue(a *Aggregate) Accumulator { return &anyAcc{arg: a.Args[0]} }

func (a *anyAcc) Add(env *Env) error {
	if a.seen {
		return nil
	}
	v, err := a.arg.Eval(env)
	if err != nil {
		return err
	}
	a.seen, a.val = true, v.Clone()
	return nil
}

func (a *anyAcc) Result(*Env) (value.Value, error) { return a.val, nil }
func (a *anyAcc) Reset()                           { a.seen, a.val = false, value.Null }
func (a *anyAcc) Memory() int                      { return fixedCost + len(a.val.Str()) }

// bitAcc computes BIT_AND, BIT_OR and BIT_XOR.
type bitAcc struct {
	agg   *Aggregate
	arg   Expr
	op    BitOp
	acc   uint64
	bytes *string // of binary strings; nil without rows
}

func newBitAggregate(a *Aggregate) Accumulator {
	b := &bitAcc{agg: a, arg: a.Args[0], op: OpBitXor}
	switch a.Name {
	case "bit_and":
		b.op = OpBitAnd
	case "bit_or":
		b.op = OpBitOr
	}
	b.Reset()
	return b
}

func (b *bitAcc) Reset() {
	b.acc, b.bytes = 0, nil
	if b.op == OpBitAnd {
		b.acc = math.MaxUint64
	}
}

func (b *bitAcc) Add(env *Env) error {
	v, err := b.arg.Eval(env)
	if err != nil || v.IsNull() {
		return err
	}
	if b.agg.Typ.ID != value.TypeBigInt {
		return b.addBytes(env, v.Text())
	}
	x, err := toBits(env, v)
	b.acc = bitApply(b.op, b.acc, x)
	return err
}

func (b *bitAcc) addBytes(env *Env, s string) error {
	if b.bytes == nil {
		s = strings.Clone(s)
		b.bytes = &s
		return nil
	}
	node := &Bits{Op: b.op, binary: true}
	v, err := node.bytes(env, *b.bytes, value.Bytes(s))
	if err == nil {
		*b.bytes = v.Str()
	}
	return err
}

func (b *bitAcc) Result(*Env) (value.Value, error) {
	if b.agg.Typ.ID == value.TypeBigInt {
		return value.Uint(b.acc), nil
	}
	if b.bytes != nil {
		return value.Bytes(*b.bytes), nil
	}
	fill := "\x00"
	if b.op == OpBitAnd {
		fill = "\xff"
	}
	return value.Bytes(strings.Repeat(fill, min(int(b.agg.Typ.Length), 4096))), nil
}

func (b *bitAcc) Memory() int { return fixedCost }

// varianceAcc computes variances by Welford's recurrence, as MySQL does.
type varianceAcc struct {
	arg          Expr
	sample, root bool
	n            int64
	mean, m2     float64
}

func newVariance(a *Aggregate) Accumulator {
	return &varianceAcc{
		arg: a.Args[0], sample: a.Name == "stddev_samp" || a.Name == "var_samp",
		root: a.Name == "std" || a.Name == "stddev_samp",
	}
}

func (s *varianceAcc) Add(env *Env) error {
	v, err := s.arg.Eval(env)
	if err != nil || v.IsNull() {
		return err
	}
	f, err := toFloat(env, v)
	if err != nil {
		return err
	}
	s.n++
	d := f - s.mean
	s.mean += d / float64(s.n)
	s.m2 += d * (f - s.mean)
	return nil
}

func (s *varianceAcc) Result(*Env) (value.Value, error) {
	n := s.n
	if s.sample {
		n--
	}
	if n <= 0 {
		return value.Null, nil
	}
	f := s.m2 / float64(n)
	if s.root {
		f = math.Sqrt(f)
	}
	return value.Float(f), nil
}

func (s *varianceAcc) Reset()      { s.n, s.mean, s.m2 = 0, 0, 0 }
func (s *varianceAcc) Memory() int { return fixedCost }
