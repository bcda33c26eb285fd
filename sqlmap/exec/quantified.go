package exec

import (
	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// binaryType makes group keys tell all different strings apart.
var binaryType = &expr.Type{Type: value.Type{ID: value.TypeVarBinary, Collation: collate.UTF8MB40900Bin}}

// exactType is t with a collation under which only identical strings are equal.
func exactType(t *expr.Type) *expr.Type {
	if t.Collation == collate.UTF8MB40900Bin {
		return t
	}
	return binaryType
}

// quantified decides `left op ANY|ALL (rows)` and IN row by row. IN is = ANY, NOT IN its negation.
type quantified struct {
	s      *subquery
	result expr.Tri
}

// start is the result over no rows.
func (s *subquery) start() expr.Tri {
	if s.All {
		return expr.True
	}
	return expr.False
}

// row takes one more row; done reports that the others cannot change the result.
func (c *quantified) row(env *expr.Env, left []value.Value, col func(int) value.Value) (done bool, err error) {
	t, err := c.s.compareRow(env, left, col)
	if err != nil {
		return false, err
	}
	if c.s.All {
		if t == expr.False {
			c.result = expr.False
			return true, nil
		}
		if t == expr.Null {
			c.result = expr.Null
		}
		return false, nil
	}
	if t == expr.True {
		c.result = expr.True
		return true, nil
	}
	if t == expr.Null {
		c.result = expr.Null
	}
	return false, nil
}

func (c *quantified) end() expr.Tri {
	if c.s.Not {
		return c.result.Not()
	}
	return c.result
}

// compareRow compares left with a row: column by column, false as soon as one column decides.
func (s *subquery) compareRow(env *expr.Env, left []value.Value, col func(int) value.Value) (expr.Tri, error) {
	if len(left) == 1 {
		return s.Cmp[0].Apply(env, s.Op, left[0], col(0))
	}
	equal := expr.True
	for i := range left {
		t, err := s.Cmp[i].Apply(env, expr.CompareEqual, left[i], col(i))
		if err != nil {
			return expr.Null, err
		}
		if t == expr.False {
			equal = expr.False
			break
		}
		if t == expr.Null {
			equal = expr.Null
		}
	}
	if s.Op == expr.CompareNotEqual {
		return equal.Not(), nil
	}
	return equal, nil
}

// subqueryRows is the result of an IN or quantified subquery without arguments, kept for all rows of the outer query.
type subqueryRows struct {
	store *rowStore
	// keys finds rows without NULLs by equality; nil when the comparison cannot be hashed.
	keys  map[string]struct{}
	nulls []int // rows with a NULL
	buf   []byte
}

// collect computes the rows.
func (s *subquery) collect(x *execution, st *subqueryState, env *expr.Env) (*subqueryRows, error) {
	n := len(s.spec.in.at)
	r := &subqueryRows{store: newRowStore(x, n, "a subquery")}
	if s.hashable() {
		r.keys = map[string]struct{}{}
	}
	row := make([]value.Value, n)
	err := s.each(x, st, 0, func(src []value.Value) error {
		for i, p := range s.spec.in.at {
			row[i] = src[p]
		}
		return r.add(x, s, env, row)
	})
	return r, err
}

// hashable reports whether a hash table can answer: for equality in domains that have keys.
func (s *subquery) hashable() bool {
	if s.Op != expr.CompareEqual || s.All {
		return false
	}
	for _, c := range s.Cmp {
		if !c.Hashable() {
			return false
		}
	}
	return true
}

func (r *subqueryRows) add(x *execution, s *subquery, env *expr.Env, row []value.Value) error {
	null := false
	for _, v := range row {
		null = null || v.IsNull()
	}
	if r.keys != nil && !null {
		ok, err := r.encode(s, env, row)
		if err != nil {
			return err
		}
		if !ok {
			null = true // compared one by one
		} else {
			if _, have := r.keys[string(r.buf)]; have {
				return nil
			}
			r.keys[string(r.buf)] = struct{}{}
			if err := x.memory.take(entryBytes+int64(len(r.buf)), "a subquery"); err != nil {
				return err
			}
		}
	}
	at, err := r.store.add(row)
	if null {
		r.nulls = append(r.nulls, at)
	}
	return err
}

// encode writes the key of a row without NULLs to r.buf.
func (r *subqueryRows) encode(s *subquery, env *expr.Env, row []value.Value) (ok bool, err error) {
	r.buf = r.buf[:0]
	for i, v := range row {
		if r.buf, ok, err = s.Cmp[i].AppendKey(env, r.buf, v); err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

// compare decides the subquery for a left side.
func (r *subqueryRows) compare(s *subquery, env *expr.Env, left []value.Value) (expr.Tri, error) {
	c := quantified{s: s, result: s.start()}
	null := false
	for _, v := range left {
		null = null || v.IsNull()
	}
	if r.keys != nil && !null {
		ok, err := r.encode(s, env, left)
		if err != nil {
			return expr.Null, err
		}
		if ok {
			if _, have := r.keys[string(r.buf)]; have {
				c.result = expr.True
				return c.end(), nil
			}
			return r.scan(&c, env, left, r.nulls)
		}
	}
	for i := range r.store.rows {
		row := r.store.row(i)
		done, err := c.row(env, left, func(k int) value.Value { return row[k] })
		if err != nil || done {
			return c.end(), err
		}
	}
	return c.end(), nil
}

func (r *subqueryRows) scan(c *quantified, env *expr.Env, left []value.Value, rows []int) (expr.Tri, error) {
	for _, i := range rows {
		row := r.store.row(i)
		done, err := c.row(env, left, func(k int) value.Value { return row[k] })
		if err != nil || done {
			return c.end(), err
		}
	}
	return c.end(), nil
}
