package plan

import (
	"math"

	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// Costs, in units of reading one row in a full scan.
const (
	costRow     = 1.0
	costSeek    = 5.0 // finding a place in an index
	costEntry   = 3.0 // following one entry to its row
	costBuild   = 3.0 // putting a tuple into a hash table
	costProbe   = 2.0 // looking one up
	costCompare = 0.5 // evaluating a join condition
	costSort    = 0.4 // one comparison of a sort
)

// Selectivities where nothing better is known.
const (
	selEqual   = 0.1
	selRange   = 1.0 / 3
	selBetween = 1.0 / 9
	selOther   = 0.5
	rowsPerKey = 10.0 // rows that share a value of an indexed column
)

const defaultVirtualRows = 200

// tableRows estimates the rows of a table.
func tableRows(t Table) float64 {
	if e, ok := t.(RowEstimator); ok {
		return math.Max(1, float64(e.RowEstimate()))
	}
	return defaultVirtualRows
}

// estimate returns about how many tuples a node yields.
func estimate(n Node) float64 {
	switch n := n.(type) {
	case *Scan:
		return scanRows(n)
	case *Values:
		return float64(len(n.Rows))
	case *CTEScan:
		if n.Working {
			return 10
		}
		return estimate(n.Shared.Plan)
	case *Filter:
		return estimate(n.Input) * selectivity(n.Conds)
	case *Join:
		return estimateJoin(n)
	case *Aggregate:
		if len(n.Groups) == 0 {
			return 1
		}
		in := estimate(n.Input)
		return math.Max(1, math.Min(in, math.Pow(in, 0.75)))
	case *Distinct:
		return math.Max(1, estimate(n.Input)*0.5)
	case *Limit:
		in := estimate(n.Input)
		if l, ok := literalCount(n.Count); ok {
			return math.Min(in, l)
		}
		return math.Min(in, 100)
	case *SetOp:
		sum := 0.0
		for _, in := range n.In {
			sum += estimate(in)
		}
		return sum
	}
	if in := n.Inputs(); len(in) > 0 {
		return estimate(in[0])
	}
	return 1
}

func literalCount(e expr.Expr) (float64, bool) {
	l, ok := e.(*expr.Literal)
	if !ok || l.Val.Kind() != value.KindInt {
		return 0, false
	}
	return float64(l.Val.Int64()), true
}

func estimateJoin(j *Join) float64 {
	l, r := estimate(j.Left), estimate(j.Right)
	switch j.Kind {
	case SemiJoin, AntiJoin:
		return math.Max(1, l/2)
	}
	if j.Method == LookupJoin {
		out := l * r * selectivity(j.On)
		if j.Kind == LeftJoin {
			out = math.Max(out, l)
		}
		return math.Max(out, 0.1)
	}
	out := l * r
	if len(j.Keys) > 0 {
		out = l * r / math.Max(1, math.Max(l, r))
		out *= math.Pow(0.3, float64(len(j.Keys)-1))
	}
	out *= joinSelectivity(j.On, l, r)
	if j.Kind == LeftJoin {
		out = math.Max(out, l)
	}
	return math.Max(out, 0.1)
}

// joinSelectivity is selectivity for conditions between two inputs of l and r tuples.
func joinSelectivity(conds []expr.Expr, l, r float64) float64 {
	s := 1.0
	for _, e := range conds {
		if c, ok := e.(*expr.Compare); ok && c.Op == expr.CompareEqual {
			s *= math.Min(selEqual, 1/math.Max(1, math.Max(l, r)))
		} else {
			s *= conditionSelectivity(e)
		}
	}
	return s
}

func selectivity(conds []expr.Expr) float64 {
	s := 1.0
	for _, e := range conds {
		s *= conditionSelectivity(e)
	}
	return s
}

func conditionSelectivity(e expr.Expr) float64 {
	switch n := e.(type) {
	case *expr.Compare:
		switch n.Op {
		case expr.CompareEqual, expr.CompareNullSafe:
			return selEqual
		case expr.CompareNotEqual:
			return 1 - selEqual
		}
		return selRange
	case *expr.Between:
		if n.Not {
			return 1 - selBetween
		}
		return selBetween
	case *expr.InList:
		s := math.Min(0.5, selEqual*float64(len(n.List)))
		if n.Not {
			return 1 - s
		}
		return s
	case *expr.IsNull:
		if n.Not {
			return 1 - selEqual
		}
		return selEqual
	case *expr.Like:
		if n.Not {
			return 1 - selBetween
		}
		return selBetween
	case *expr.Logic:
		if n.Op == expr.OpAnd {
			return selectivity(n.Args)
		}
		s := 0.0
		for _, a := range n.Args {
			s += conditionSelectivity(a)
		}
		return math.Min(0.9, s)
	}
	return selOther
}

// scanRows estimates what a scan yields after its filter.
func scanRows(s *Scan) float64 {
	rows := tableRows(s.Table)
	if s.Access.Kind == IndexScan && len(s.Access.Parts) > 0 {
		read := accessRows(s, &s.Access, rows)
		out := math.Max(read*residual(s), 0.1)
		return out
	}
	sel := 1.0
	for _, e := range s.Filter {
		sel *= conditionSelectivity(e)
	}
	return math.Max(rows*sel, 0.5)
}

// residual is the selectivity of the conditions that the bounds of the access do not stand for.
func residual(s *Scan) float64 {
	def := s.Table.Def()
	ix := &def.Indexes[s.Access.Index]
	sel := 1.0
	for _, e := range s.Filter {
		used := false
		for i := range s.Access.Parts {
			sg := sarg{scan: s, ord: def.ColumnByID(ix.Parts[i].Column)}
			if _, ok := sg.domain(e); ok {
				used = true
			}
		}
		if !used {
			sel *= conditionSelectivity(e)
		}
	}
	return sel
}

// accessRows estimates the index entries that an access reads.
func accessRows(s *Scan, a *Access, rows float64) float64 {
	def := s.Table.Def()
	ix := &def.Indexes[a.Index]
	out := rows
	for i := range a.Parts {
		n, points := a.Parts[i].fraction()
		if !points {
			out *= n
			break
		}
		switch {
		case ix.Unique && i == len(ix.Parts)-1:
			return math.Min(out, pointCombinations(a))
		default:
			out = math.Min(out*math.Min(0.5, selEqual*n), perKey(ix, i)*pointCombinations(a))
		}
	}
	return math.Max(out, 0.1)
}

// perKey guesses how many rows share the values of the first i + 1 parts.
func perKey(ix *schema.Index, i int) float64 {
	return math.Max(1, rowsPerKey/math.Pow(2, float64(i)))
}

func pointCombinations(a *Access) float64 {
	n := 1.0
	for i := range a.Parts {
		c, points := a.Parts[i].fraction()
		if !points {
			break
		}
		n *= c
	}
	return n
}

// fraction returns, for a domain of points, their number, and otherwise the part of the rows that it lets through.
func (d *Domain) fraction() (n float64, points bool) {
	switch d.Op {
	case DomainEqual, DomainNullSafe, DomainIsNull:
		return 1, true
	case DomainIn:
		return float64(len(d.Exprs)), true
	case DomainInQuery:
		return estimate(d.Exprs[0].(*Subquery).Query.Root), true
	case DomainAnd:
		best, pts := 1.0, false
		for i := range d.Args {
			f, p := d.Args[i].fraction()
			switch {
			case p && (!pts || f < best):
				best, pts = f, true
			case !p && !pts:
				best *= f
			}
		}
		return best, pts
	case DomainOr:
		sum, pts := 0.0, true
		for i := range d.Args {
			f, p := d.Args[i].fraction()
			if pts && !p {
				sum, pts = 0, false
			}
			if p == pts {
				sum += f
			}
		}
		if !pts {
			sum = math.Min(sum, 0.9)
		}
		return sum, pts
	case DomainLike:
		return selBetween, false
	case DomainNotNull:
		return 1 - selEqual, false
	case DomainAll:
		return 1, false
	}
	return selRange, false
}
