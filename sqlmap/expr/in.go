package expr

import (
	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/value"
)

// setThreshold is the length of an IN list from which it is looked up in a hash set.
const setThreshold = 4

// constSet is an IN list of constants of one domain.
type constSet struct {
	ints    map[int64]struct{}  // DomainInt with all members within int64
	strs    map[string]struct{} // strings that are equal only when their bytes are
	keys    map[string]struct{} // other domains: by Comparison.AppendKey
	hasNull bool
}

// settable reports whether list, compared with cmps, can be a set: constants in one hashable domain.
func settable(list []Expr, cmps []Comparison) bool {
	if len(list) < setThreshold {
		return false
	}
	var first Comparison
	for _, c := range cmps {
		if c.Domain == DomainNull {
			continue
		}
		if first.Domain == DomainNull {
			first = c
		}
		if c.Domain != first.Domain || c.Collation != first.Collation || !c.Hashable() {
			return false
		}
	}
	for _, e := range list {
		if !IsConst(e) {
			return false
		}
	}
	return first.Domain != DomainNull
}

// buildSet evaluates the list. ok is false when a member has no value in the domain.
func buildSet(env *Env, list []Expr, cmps []Comparison) (set *constSet, ok bool, err error) {
	set = &constSet{}
	c := comparisonOfSet(cmps)
	var vals []value.Value
	for _, e := range list {
		v, err := e.Eval(env)
		if err != nil {
			return nil, false, err
		}
		if v.IsNull() {
			set.hasNull = true
			continue
		}
		vals = append(vals, v)
	}
	if c.Domain == DomainInt && set.addInts(vals) {
		return set, true, nil
	}
	if c.Domain == DomainBytes || c.Domain == DomainString && bytewiseNoPad(c.Collation) {
		set.strs = make(map[string]struct{}, len(vals))
		for _, v := range vals {
			set.strs[v.Clone().Text()] = struct{}{}
		}
		return set, true, nil
	}
	set.ints, set.keys = nil, make(map[string]struct{}, len(vals))
	for _, v := range vals {
		k, ok, err := c.AppendKey(env, nil, v)
		if err != nil || !ok {
			return nil, false, err
		}
		set.keys[string(k)] = struct{}{}
	}
	return set, true, nil
}

func (s *constSet) addInts(vals []value.Value) bool {
	s.ints = make(map[int64]struct{}, len(vals))
	for _, v := range vals {
		v = bitAsUint(v)
		if v.Kind() == value.KindUint && v.Uint64() > 1<<63-1 {
			return false
		}
		s.ints[int64(v.Raw64())] = struct{}{}
	}
	return true
}

func comparisonOfSet(cmps []Comparison) Comparison {
	for _, c := range cmps {
		if c.Domain != DomainNull {
			return c
		}
	}
	return Comparison{}
}

func bytewiseNoPad(id collate.ID) bool {
	c := collate.Get(id)
	return c.Bytewise && !c.PadSpace
}

// has says whether v, which is not NULL, is a member; Null when it is not and the list has a NULL.
func (s *constSet) has(env *Env, c Comparison, v value.Value) (Tri, error) {
	found := false
	switch {
	case s.ints != nil:
		u := bitAsUint(v)
		if u.Kind() != value.KindUint || u.Uint64() <= 1<<63-1 {
			_, found = s.ints[int64(u.Raw64())]
		}
	case s.strs != nil:
		_, found = s.strs[v.Text()]
	default:
		var buf [128]byte
		k, ok, err := c.AppendKey(env, buf[:0], v)
		if err != nil {
			return Null, err
		}
		if !ok {
			return Null, nil
		}
		_, found = s.keys[string(k)]
	}
	if !found && s.hasNull {
		return Null, nil
	}
	return triOf(found), nil
}

// newInList makes Arg [NOT] IN (list…). A list of literals is hashed now, one with parameters at execution.
func newInList(env *Env, arg Expr, list []Expr, not bool, cmps []Comparison) *InList {
	n := &InList{Arg: arg, List: list, Not: not, Cmp: cmps, hashed: settable(list, cmps)}
	if !n.hashed {
		return n
	}
	for _, e := range list {
		if _, ok := e.(*Literal); !ok {
			return n
		}
	}
	set, ok, err := buildSet(env, list, cmps)
	if err != nil || !ok {
		n.hashed = false // the error or warning is for the execution to report
		return n
	}
	n.set = set
	return n
}

// Eval implements Expr.
func (n *InList) Eval(env *Env) (value.Value, error) { return triValue(n.evalTri(env)) }

func (n *InList) evalTri(env *Env) (Tri, error) {
	v, err := n.Arg.Eval(env)
	if err != nil || v.IsNull() {
		return Null, err
	}
	return n.test(env, v)
}

// test says whether v, which is not NULL, is in the list.
func (n *InList) test(env *Env, v value.Value) (Tri, error) {
	t, err := n.member(env, v)
	if n.Not {
		t = t.Not()
	}
	return t, err
}

func (n *InList) member(env *Env, v value.Value) (Tri, error) {
	if set, err := n.currentSet(env); err != nil {
		return Null, err
	} else if set != nil {
		return set.has(env, comparisonOfSet(n.Cmp), v)
	}
	out := False
	for i, e := range n.List {
		w, err := e.Eval(env)
		if err != nil {
			return Null, err
		}
		t, err := n.Cmp[i].Apply(env, CompareEqual, v, w)
		if err != nil {
			return Null, err
		}
		switch t {
		case True:
			return True, nil
		case Null:
			out = Null
		}
	}
	return out, nil
}

// currentSet returns the hashed list, nil when the list is compared one by one.
func (n *InList) currentSet(env *Env) (*constSet, error) {
	if n.set != nil || !n.hashed {
		return n.set, nil
	}
	var failed error
	set := state(env.Run, n, func() *constSet {
		set, ok, err := buildSet(env, n.List, n.Cmp)
		if err != nil || !ok {
			failed = err
			return nil
		}
		return set
	})
	return set, failed
}

// Eval implements Expr.
func (n *InRows) Eval(env *Env) (value.Value, error) { return triValue(n.evalTri(env)) }

func (n *InRows) evalTri(env *Env) (Tri, error) {
	var buf, buf2 [8]value.Value
	l, ok, err := n.Arg.EvalRow(env, buf[:0])
	if err != nil || !ok {
		return Null, err
	}
	out := False
	for i, row := range n.List {
		r, ok, err := row.EvalRow(env, buf2[:0])
		if err != nil {
			return Null, err
		}
		t := Null
		if ok {
			if t, err = CompareRows(env, CompareEqual, n.cmp[i], l, r); err != nil {
				return Null, err
			}
		}
		if t == True {
			out = True
			break
		}
		if t == Null {
			out = Null
		}
	}
	if n.Not {
		out = out.Not()
	}
	return out, nil
}
