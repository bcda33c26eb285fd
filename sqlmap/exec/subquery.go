package exec

import (
	"errors"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// errStop ends a walk early; it never leaves the package.
var errStop = errors.New("exec: stop")

// subquery is a plan.Subquery that can be evaluated. A subquery without arguments runs once per execution; one with
// arguments remembers its results by them. Neither holds for one that gives another result each time.
type subquery struct {
	plan.Subquery
	spec *subquerySpec
}

// rowSubquery is a subquery with several columns.
type rowSubquery struct{ subquery }

// subquerySpec is the compiled plan of a subquery.
type subquerySpec struct {
	in       setInput
	volatile bool
}

// subqueryState is a subquery in one execution.
type subqueryState struct {
	op   operator
	args *expr.Env // whose row the arguments are
	// known is set once the result of a subquery without arguments is there.
	known bool
	value value.Value
	row   []value.Value
	found bool
	rows  *subqueryRows
	memo  map[string]value.Value
	key   []byte
	batch Batch
}

// maxMemo bounds the results that a correlated subquery remembers.
const maxMemo = 4096

func (c *compiler) subquery(s *plan.Subquery) *subquery {
	out := &subquery{Subquery: *s}
	if spec, ok := c.subs[s.Query]; ok {
		out.spec = spec
		return out
	}
	out.spec = &subquerySpec{}
	c.subs[s.Query] = out.spec
	out.spec.in = c.picked(s.Query.Root, s.Query.Output)
	out.spec.volatile = plan.Volatile(s.Query.Root)
	return out
}

// WithChildren implements expr.Expr.
func (s *subquery) WithChildren(kids []expr.Expr) expr.Expr {
	c := s.Subquery.WithChildren(kids).(*plan.Subquery)
	return &subquery{Subquery: *c, spec: s.spec}
}

// WithChildren implements expr.Expr.
func (s *rowSubquery) WithChildren(kids []expr.Expr) expr.Expr {
	return &rowSubquery{*s.subquery.WithChildren(kids).(*subquery)}
}

// state returns the subquery's state in the execution that env belongs to.
func (s *subquery) state(env *expr.Env) (*execution, *subqueryState, error) {
	x := executionOf(env)
	if x == nil {
		return nil, nil, sqlerr.New(sqlerr.Internal, "a subquery outside of an execution")
	}
	st := x.subs[s.spec]
	if st == nil {
		if x.subs == nil {
			x.subs = map[*subquerySpec]*subqueryState{}
		}
		st = &subqueryState{args: x.env(nil)}
		st.args.Row = make([]value.Value, len(s.Args))
		st.op = s.spec.in.spec.start(x, st.args)
		x.subs[s.spec] = st
	}
	return x, st, nil
}

// Eval implements expr.Expr.
func (s *subquery) Eval(env *expr.Env) (value.Value, error) {
	x, st, err := s.state(env)
	if err != nil {
		return value.Null, err
	}
	left, err := s.left(env)
	if err != nil {
		return value.Null, err
	}
	if len(s.Args) == 0 && !s.spec.volatile {
		return s.constant(x, st, env, left)
	}
	if err := s.bindArgs(st, env); err != nil {
		return value.Null, err
	}
	if s.spec.volatile {
		return s.run(x, st, env, left)
	}
	st.key = st.key[:0]
	for i, v := range st.args.Row {
		st.key = expr.AppendGroupKey(append(st.key, byte(v.Kind())), v, exactType(s.Args[i].Type()))
	}
	for _, v := range left {
		st.key = expr.AppendGroupKey(append(st.key, byte(v.Kind())), v, binaryType)
	}
	key := string(st.key)
	if v, ok := st.memo[key]; ok {
		return v, nil
	}
	v, err := s.run(x, st, env, left)
	if err != nil {
		return value.Null, err
	}
	if st.memo == nil || len(st.memo) >= maxMemo {
		st.memo = map[string]value.Value{}
	}
	st.memo[key] = v
	return v, nil
}

// bindArgs sets the row that the plan sees as the enclosing one.
func (s *subquery) bindArgs(st *subqueryState, env *expr.Env) error {
	for i, a := range s.Args {
		v, err := a.Eval(env)
		if err != nil {
			return err
		}
		st.args.Row[i] = v
	}
	return nil
}

// left evaluates what the rows are compared with.
func (s *subquery) left(env *expr.Env) ([]value.Value, error) {
	switch l := s.Left.(type) {
	case nil:
		return nil, nil
	case expr.RowExpr:
		row, _, err := l.EvalRow(env, make([]value.Value, 0, len(s.Cmp)))
		return row, err
	default:
		v, err := l.Eval(env)
		return []value.Value{v}, err
	}
}

// constant evaluates a subquery without arguments: its rows are computed once.
func (s *subquery) constant(x *execution, st *subqueryState, env *expr.Env, left []value.Value) (value.Value, error) {
	if s.Left != nil {
		rows, err := s.rowsOnce(env)
		if err != nil {
			return value.Null, err
		}
		t, err := rows.compare(s, env, left)
		return t.Value(), err
	}
	if !st.known {
		v, err := s.run(x, st, env, nil)
		if err != nil {
			return value.Null, err
		}
		st.value, st.known = v, true
	}
	return st.value, nil
}

// rowsOnce returns the rows of a subquery without arguments, which are computed once per execution.
func (s *subquery) rowsOnce(env *expr.Env) (*subqueryRows, error) {
	x, st, err := s.state(env)
	if err != nil {
		return nil, err
	}
	if st.rows == nil {
		rows, err := s.collect(x, st, env)
		if err != nil {
			return nil, err
		}
		st.rows = rows
	}
	return st.rows, nil
}

// run executes the plan for the arguments that are bound.
func (s *subquery) run(x *execution, st *subqueryState, env *expr.Env, left []value.Value) (value.Value, error) {
	switch s.Kind {
	case expr.ExistsSubquery:
		found := false
		err := s.each(x, st, 1, func([]value.Value) error {
			found = true
			return errStop
		})
		return value.Bool(found), err
	case expr.ScalarSubquery:
		v, n := value.Null, 0
		err := s.each(x, st, 2, func(row []value.Value) error {
			if n++; n > 1 {
				return sqlerr.New(sqlerr.SubqueryRows)
			}
			v = row[s.spec.in.at[0]].Clone()
			return nil
		})
		return v, err
	}
	c := quantified{s: s, result: s.start()}
	err := s.each(x, st, 0, func(row []value.Value) error {
		done, err := c.row(env, left, func(i int) value.Value { return row[s.spec.in.at[i]] })
		if err == nil && done {
			err = errStop
		}
		return err
	})
	return c.end().Value(), err
}

// each runs the plan and calls f for each row.
func (s *subquery) each(x *execution, st *subqueryState, want int, f func(row []value.Value) error) error {
	if err := st.op.open(); err != nil {
		st.op.close()
		return err
	}
	defer st.op.close()
	st.batch.want = want
	for {
		if err := st.op.next(&st.batch); err != nil || st.batch.n == 0 {
			return err
		}
		for i := range st.batch.n {
			err := f(st.batch.Row(i))
			if err == errStop {
				return nil
			}
			if err != nil {
				return err
			}
		}
		if err := x.poll(); err != nil {
			return err
		}
	}
}

// Width implements expr.RowExpr.
func (s *rowSubquery) Width() int { return s.asRow().Width() }

// ColumnTypes implements expr.RowExpr.
func (s *rowSubquery) ColumnTypes() []*expr.Type { return s.asRow().ColumnTypes() }

func (s *rowSubquery) asRow() *plan.RowSubquery { return &plan.RowSubquery{Subquery: s.Subquery} }

// EvalRow implements expr.RowExpr.
func (s *rowSubquery) EvalRow(env *expr.Env, dst []value.Value) ([]value.Value, bool, error) {
	x, st, err := s.state(env)
	if err != nil {
		return dst, false, err
	}
	n := len(s.spec.in.at)
	once := len(s.Args) == 0 && !s.spec.volatile
	if !once || !st.known {
		if err := s.bindArgs(st, env); err != nil {
			return dst, false, err
		}
		st.row, st.found = make([]value.Value, n), false
		err := s.each(x, st, 2, func(row []value.Value) error {
			if st.found {
				return sqlerr.New(sqlerr.SubqueryRows)
			}
			st.found = true
			for i, p := range s.spec.in.at {
				st.row[i] = row[p].Clone()
			}
			return nil
		})
		if err != nil {
			return dst, false, err
		}
		st.known = once
	}
	return append(dst, st.row...), st.found, nil
}

// Eval implements expr.Expr: the first column.
func (s *rowSubquery) Eval(env *expr.Env) (value.Value, error) {
	row, _, err := s.EvalRow(env, nil)
	if err != nil || len(row) == 0 {
		return value.Null, err
	}
	return row[0], nil
}
