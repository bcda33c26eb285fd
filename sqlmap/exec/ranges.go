package exec

import (
	"errors"
	"slices"
	"unicode/utf8"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// maxSpans bounds the ranges of one scan: beyond it the later key parts filter instead of multiplying ranges.
const maxSpans = 1 << 14

// rangeSpec is the immutable form of the bounds of an index scan. Bounds are converted to the columns' types when the
// scan opens; a constant that does not convert to its place in the order widens the range, and the filter decides.
type rangeSpec struct {
	parts   []partSpec
	reverse bool
	// equal is set when each part is compared with one value: the common case of look-ups.
	equal bool
	full  bool // equal over all key parts, whole columns
	// unique: at most one row per combination of points.
	unique bool
	// hash is set for a hash index: it answers points over all parts only.
	hash bool
}

// errWholeTable says that the bounds ask for more than the index can answer.
var errWholeTable = errors.New("exec: the index cannot answer the bounds")

// partSpec is the domain of one key part.
type partSpec struct {
	column
	domain domain
	prefix int // characters (bytes of binary types) that the index keeps; 0 for all
	desc   bool
	filled bool // NOT NULL: keys have no place for NULL
}

// domain is a plan.Domain with executable expressions.
type domain struct {
	op     plan.DomainOp
	args   []domain
	joint  bool // plan.Domain's Between
	cmp    expr.Comparison
	funcs  []expr.Func
	escape expr.Func
	query  *subquery // DomainInQuery
}

func (c *compiler) ranges(s *plan.Scan, at positions) rangeSpec {
	def := s.Table.Def()
	ix := &def.Indexes[s.Access.Index]
	r := rangeSpec{reverse: s.Access.Reverse, unique: s.Access.Unique, equal: true}
	whole := true
	for i := range s.Access.Parts {
		p := ix.Parts[i]
		ord := def.ColumnByID(p.Column)
		ps := partSpec{column: column{&def.Columns[ord].Type}, prefix: int(p.Prefix), desc: p.Desc}
		ps.filled = def.Columns[ord].NotNull
		ps.domain = c.domain(&s.Access.Parts[i], at)
		r.equal = r.equal && ps.domain.op == plan.DomainEqual && p.Prefix == 0
		whole = whole && p.Prefix == 0
		r.parts = append(r.parts, ps)
	}
	r.equal = r.equal && len(r.parts) > 0
	r.hash = ix.Kind == schema.Hash
	r.full = r.equal && len(r.parts) == len(ix.Parts) && whole
	return r
}

func (c *compiler) domain(d *plan.Domain, at positions) domain {
	out := domain{op: d.Op, cmp: d.Cmp, joint: d.Between}
	for i := range d.Args {
		out.args = append(out.args, c.domain(&d.Args[i], at))
	}
	if d.Op == plan.DomainInQuery {
		out.query = c.subquery(d.Exprs[0].(*plan.Subquery))
		return out
	}
	for _, e := range d.Exprs {
		out.funcs = append(out.funcs, c.function(e, at))
	}
	if d.Escape != nil {
		out.escape = c.function(d.Escape, at)
	}
	return out
}

var compareOps = map[plan.DomainOp]expr.CompareOp{
	plan.DomainEqual: expr.CompareEqual, plan.DomainNullSafe: expr.CompareNullSafe, plan.DomainLess: expr.CompareLess,
	plan.DomainLessEqual: expr.CompareLessEqual, plan.DomainGreater: expr.CompareGreater,
	plan.DomainGreaterEqual: expr.CompareGreaterEqual, plan.DomainIn: expr.CompareEqual,
	plan.DomainInQuery: expr.CompareEqual,
}

// intervals evaluates a domain to a sorted list of disjoint intervals.
func (p *partSpec) intervals(d *domain, env *expr.Env) ([]interval, error) {
	switch d.op {
	case plan.DomainAll:
		return []interval{everything}, nil
	case plan.DomainIsNull:
		return []interval{onlyNull}, nil
	case plan.DomainNotNull:
		return []interval{notNull}, nil
	case plan.DomainAnd:
		if d.joint {
			if ok, err := p.followsOrder(d, env); err != nil || !ok {
				return []interval{notNull}, err
			}
		}
		set := []interval{everything}
		for i := range d.args {
			next, err := p.intervals(&d.args[i], env)
			if err != nil {
				return nil, err
			}
			set = p.intersect(set, next)
		}
		return set, nil
	case plan.DomainOr:
		var set []interval
		for i := range d.args {
			next, err := p.intervals(&d.args[i], env)
			if err != nil {
				return nil, err
			}
			set = append(set, next...)
		}
		return p.union(set), nil
	case plan.DomainLike:
		return p.like(d, env)
	case plan.DomainInQuery:
		return p.rowsOf(d, env)
	}
	set := make([]interval, 0, len(d.funcs))
	for _, f := range d.funcs {
		v, err := f(env)
		if err != nil {
			return nil, err
		}
		if i, ok := p.compared(d, env, v); ok {
			set = append(set, i)
		}
	}
	if len(set) > 1 {
		set = p.union(set)
	}
	return set, nil
}

// followsOrder reports whether the bounds of a BETWEEN are a range of the column: of '1' and 2 at a text column they
// are not, as both compare as numbers.
func (p *partSpec) followsOrder(d *domain, env *expr.Env) (bool, error) {
	var bounds [2]value.Value
	for i := range bounds {
		v, err := d.args[i].funcs[0](env)
		if err != nil {
			return false, err
		}
		bounds[i] = v.Clone()
	}
	return expr.BetweenFollowsOrder(p.typ, bounds[0], bounds[1]), nil
}

// rowsOf returns the rows of a subquery as points.
func (p *partSpec) rowsOf(d *domain, env *expr.Env) ([]interval, error) {
	rows, err := d.query.rowsOnce(env)
	if err != nil {
		return nil, err
	}
	set := make([]interval, 0, rows.store.rows)
	for i := range rows.store.rows {
		if in, ok := p.compared(d, env, rows.store.row(i)[0]); ok {
			set = append(set, in)
		}
	}
	return p.union(set), nil
}

// compared returns the values of the column for which the comparison with v can hold; ok is false when there are none.
func (p *partSpec) compared(d *domain, env *expr.Env, v value.Value) (i interval, ok bool) {
	if v.IsNull() {
		if d.op == plan.DomainNullSafe {
			return onlyNull, true
		}
		return i, false
	}
	b, exact := d.cmp.IndexBound(env, compareOps[d.op], p.typ, v)
	if exact == value.Incomparable {
		return notNull, true
	}
	switch d.op {
	case plan.DomainLess, plan.DomainLessEqual:
		open := exact == value.RoundedUp || exact == value.Exact && d.op == plan.DomainLess
		return interval{hasLo: true, loOpen: true, hi: b, hasHi: true, hiOpen: open}, true
	case plan.DomainGreater, plan.DomainGreaterEqual:
		open := exact == value.RoundedDown || exact == value.Exact && d.op == plan.DomainGreater
		return interval{lo: b, hasLo: true, loOpen: open}, true
	}
	return pointAt(b), exact == value.Exact
}

// like returns the strings that start as the pattern does, under collations that compare bytes.
func (p *partSpec) like(d *domain, env *expr.Env) ([]interval, error) {
	v, err := d.funcs[0](env)
	if err != nil {
		return nil, err
	}
	if v.IsNull() {
		return nil, nil
	}
	escape := '\\'
	if env.Run.Session.Mode&expr.ModeNoBackslashEscapes != 0 {
		escape = -1
	}
	if d.escape != nil {
		e, err := d.escape(env)
		if err != nil {
			return nil, err
		}
		escape, _ = utf8.DecodeRuneInString(e.Text())
		if e.Text() == "" {
			escape = -1
		}
	}
	coll := collate.Get(p.typ.Collation)
	if coll == nil || !coll.Bytewise || coll.PadSpace || v.Kind() != value.KindString {
		return []interval{notNull}, nil
	}
	prefix, whole := likePrefix(v.Str(), escape)
	switch {
	case whole:
		return []interval{pointAt(value.String(prefix))}, nil
	case prefix == "":
		return []interval{notNull}, nil
	}
	i := interval{lo: value.String(prefix), hasLo: true}
	if next, ok := successor(prefix); ok {
		i.hi, i.hasHi, i.hiOpen = value.String(next), true, true
	}
	return []interval{i}, nil
}

// likePrefix returns what every match of the pattern starts with; whole when the pattern has no wildcards.
func likePrefix(pattern string, escape rune) (prefix string, whole bool) {
	var out []byte
	for i := 0; i < len(pattern); {
		r, n := utf8.DecodeRuneInString(pattern[i:])
		if r == escape && i+n < len(pattern) {
			i += n
			_, n = utf8.DecodeRuneInString(pattern[i:])
		} else if r == '%' || r == '_' {
			return string(out), false
		}
		out = append(out, pattern[i:i+n]...)
		i += n
	}
	return string(out), true
}

// successor returns the least string above all that start with s.
func successor(s string) (string, bool) {
	b := []byte(s)
	for len(b) > 0 {
		last := len(b) - 1
		if b[last] < 0xff {
			b[last]++
			return string(b), true
		}
		b = b[:last]
	}
	return "", false
}

// withoutNull drops NULL from the sets of a NOT NULL column.
func (p *partSpec) withoutNull(set []interval) []interval {
	if !p.filled {
		return set
	}
	out := set[:0]
	for _, i := range set {
		if i.hasLo && i.lo.IsNull() {
			if i.hasHi && i.hi.IsNull() {
				continue
			}
			i.hasLo, i.loOpen = false, false
		}
		out = append(out, i)
	}
	return out
}

// shorten cuts bounds to the prefix that the index keeps; what was excluded may share the prefix with what is not.
func (p *partSpec) shorten(set []interval) []interval {
	if p.prefix == 0 {
		return set
	}
	for k := range set {
		i := &set[k]
		if i.hasLo && !i.lo.IsNull() {
			i.lo, i.loOpen = cut(i.lo, p.prefix), false
		}
		if i.hasHi && !i.hi.IsNull() {
			i.hi, i.hiOpen = cut(i.hi, p.prefix), false
		}
	}
	return p.union(set)
}

func cut(v value.Value, n int) value.Value {
	s := v.Str()
	switch v.Kind() {
	case value.KindString:
		for i := range s {
			if n == 0 {
				return value.String(s[:i])
			}
			n--
		}
	case value.KindBytes:
		if len(s) > n {
			return value.Bytes(s[:n])
		}
	}
	return v
}

// build evaluates the bounds. The ranges come in the order of the scan and do not overlap. errWholeTable asks for a scan
// of the table instead.
func (r *rangeSpec) build(env *expr.Env) ([]engine.Range, error) {
	sets := make([][]interval, 0, len(r.parts))
	spans := 1
	for i := range r.parts {
		p := &r.parts[i]
		set, err := p.intervals(&p.domain, env)
		if err != nil {
			return nil, err
		}
		set = p.shorten(p.withoutNull(set))
		if len(set) == 0 {
			return nil, nil
		}
		if p.desc {
			slices.Reverse(set)
		}
		if spans *= len(set); spans > maxSpans && i > 0 {
			break
		}
		sets = append(sets, set)
		if !allPoints(p.column, set) {
			break
		}
	}
	if r.hash && (len(sets) < len(r.parts) || !allPoints(r.parts[len(sets)-1].column, sets[len(sets)-1])) {
		return nil, errWholeTable
	}
	out := r.combine(sets, 0, nil, make([]engine.Range, 0, min(spans, maxSpans)))
	if r.reverse {
		slices.Reverse(out)
		for i := range out {
			out[i].Reverse = true
		}
	}
	return out, nil
}

func allPoints(c column, set []interval) bool {
	for _, i := range set {
		if !c.point(i) {
			return false
		}
	}
	return true
}

// combine appends the ranges of all combinations of the parts' intervals behind a prefix of points.
func (r *rangeSpec) combine(sets [][]interval, k int, prefix []value.Value, out []engine.Range) []engine.Range {
	if len(sets) == 0 {
		return append(out, engine.Range{})
	}
	p := &r.parts[k]
	for _, i := range sets[k] {
		if k < len(sets)-1 {
			out = r.combine(sets, k+1, append(prefix[:k:k], i.lo), out)
			continue
		}
		lo := bound(prefix, i.lo, i.hasLo && !(i.lo.IsNull() && !i.loOpen && !p.point(i)), i.loOpen)
		hi := bound(prefix, i.hi, i.hasHi, i.hiOpen)
		if p.desc {
			lo, hi = hi, lo
		}
		out = append(out, engine.Range{Lo: lo, Hi: hi})
	}
	return out
}

// bound returns the end of a range behind a prefix.
func bound(prefix []value.Value, v value.Value, has, open bool) engine.Bound {
	if !has {
		return engine.Bound{Vals: prefix, Inclusive: true}
	}
	vals := make([]value.Value, len(prefix)+1)
	copy(vals, prefix)
	vals[len(prefix)] = v
	return engine.Bound{Vals: vals, Inclusive: !open}
}

// key evaluates the single values of an equal spec into dst. ok is false when no row can have the key; wide when a value has no
// place in the column's order, so that the key does not describe the rows.
func (r *rangeSpec) key(env *expr.Env, dst []value.Value) (key []value.Value, ok, wide bool, err error) {
	for i := range r.parts {
		p := &r.parts[i]
		v, err := p.domain.funcs[0](env)
		if err != nil {
			return dst, false, false, err
		}
		if v.IsNull() {
			return dst, false, false, nil
		}
		b, exact := p.domain.cmp.IndexBound(env, expr.CompareEqual, p.typ, v)
		switch exact {
		case value.Exact:
			dst = append(dst, b)
		case value.Incomparable:
			return dst, false, true, nil
		default:
			return dst, false, false, nil
		}
	}
	return dst, true, false, nil
}
