package exec

import (
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// virtualSpec reads a virtual table: information_schema and its kin.
type virtualSpec struct {
	shape
	table plan.VirtualTable
	ords  []int
	all   positions // every column of the table by ordinal, for the filter
	pred  expr.Predicate
	equal map[int]expr.Func // what WHERE demands of columns
}

func (c *compiler) virtual(n *plan.Scan) spec {
	s := &virtualSpec{shape: newShape(n.Produces()), table: n.Table.(plan.VirtualTable), all: positions{}}
	for _, id := range s.cols {
		s.ords = append(s.ords, n.Ord(id))
	}
	for i := range n.Table.Def().Columns {
		s.all[n.Col(i)] = i
	}
	s.pred = c.predicate(n.Filter, s.all)
	s.equal = map[int]expr.Func{}
	for _, e := range n.Filter {
		cmp, ok := e.(*expr.Compare)
		if !ok || cmp.Op != expr.CompareEqual {
			continue
		}
		col, konst := cmp.Left, cmp.Right
		if _, ok := col.(*expr.Column); !ok {
			col, konst = konst, col
		}
		k, ok := col.(*expr.Column)
		if ok && k.Depth == 0 && expr.AllFlags(konst)&(expr.IsColumn|expr.IsSubquery) == 0 {
			s.equal[n.Ord(plan.ColID(k.Slot))] = c.function(konst, nil)
		}
	}
	return s
}

func (s *virtualSpec) start(x *execution, outer *expr.Env) operator {
	return &virtualOp{spec: s, x: x, env: x.env(outer)}
}

type virtualOp struct {
	spec *virtualSpec
	x    *execution
	env  *expr.Env
	rows plan.VirtualRows
}

func (o *virtualOp) open() error {
	eq := map[int]value.Value{}
	for ord, f := range o.spec.equal {
		v, err := f(o.env)
		if err != nil {
			return err
		}
		eq[ord] = v
	}
	rows, err := o.spec.table.Rows(o.x.ctx, o.x.run, eq)
	o.rows = rows
	return err
}

func (o *virtualOp) close() {
	if o.rows != nil {
		o.rows.Close()
		o.rows = nil
	}
}

func (o *virtualOp) next(b *Batch) error {
	b.reset(o.spec.width)
	if o.rows == nil {
		return nil
	}
	if err := o.x.poll(); err != nil {
		return err
	}
	for n := b.room(maxBatchRows); b.n < n; {
		row, err := o.rows.Next()
		if err != nil || row == nil {
			return err
		}
		if o.spec.pred != nil {
			o.env.Row = row
			ok, err := o.spec.pred(o.env)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
		}
		dst := b.grow()
		for i, ord := range o.spec.ords {
			dst[i] = b.arena.detach(row[ord])
		}
	}
	return nil
}
