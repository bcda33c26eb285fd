package expr

import (
	"sort"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

// partition is one partition during EvalPartition.
type partition struct {
	w    *Window
	env  *Env
	rows [][]value.Value
	keys []value.Value // sort keys, row by row
	peer []int         // index of the first row that is equal to this one in the sort keys
}

// pollRows is how many rows are computed between two looks at the context.
const pollRows = 1024

func (p *partition) poll(i int) error {
	if i%pollRows != pollRows-1 {
		return nil
	}
	if err := p.env.Run.Context().Err(); err != nil {
		return sqlerr.Wrap(err, sqlerr.QueryInterrupted)
	}
	return nil
}

func (p *partition) prepare() error {
	n := len(p.w.OrderBy)
	p.peer = make([]int, len(p.rows))
	p.keys = make([]value.Value, 0, n*len(p.rows))
	for i, row := range p.rows {
		p.env.Row = row
		for _, o := range p.w.OrderBy {
			v, err := o.Expr.Eval(p.env)
			if err != nil {
				return err
			}
			p.keys = append(p.keys, v)
		}
		p.peer[i] = i
		if i > 0 && p.same(i-1, i) {
			p.peer[i] = p.peer[i-1]
		}
	}
	return nil
}

func (p *partition) same(i, j int) bool {
	n := len(p.w.OrderBy)
	for k, o := range p.w.OrderBy {
		if CompareSort(p.keys[i*n+k], p.keys[j*n+k], o.Expr.Type()) != 0 {
			return false
		}
	}
	return true
}

// peerEnd returns the index behind the last peer of row i.
func (p *partition) peerEnd(i int) int {
	first := p.peer[i]
	return i + sort.Search(len(p.rows)-i, func(k int) bool { return p.peer[i+k] != first })
}

func (p *partition) ranks(out []value.Value) {
	dense := uint64(0)
	total := float64(len(p.rows))
	end := 0
	for i := range out {
		if p.peer[i] == i {
			dense++
			end = p.peerEnd(i)
		}
		switch p.w.Name {
		case "row_number":
			out[i] = value.Uint(uint64(i + 1))
		case "rank":
			out[i] = value.Uint(uint64(p.peer[i] + 1))
		case "dense_rank":
			out[i] = value.Uint(dense)
		case "percent_rank":
			out[i] = value.Float(0)
			if total > 1 {
				out[i] = value.Float(float64(p.peer[i]) / (total - 1))
			}
		case "cume_dist":
			out[i] = value.Float(float64(end) / total)
		}
	}
}

func (p *partition) ntile(out []value.Value) error {
	v, err := p.w.Args[0].Eval(p.env)
	if err != nil {
		return err
	}
	n, err := toIndex(p.env, v)
	if err != nil {
		return err
	}
	if v.IsNull() {
		for i := range out {
			out[i] = value.Null
		}
		return nil
	}
	if n < 1 {
		return wrongArguments("ntile")
	}
	size, extra := int64(len(out))/n, int64(len(out))%n
	for i := range out {
		k := int64(i)
		bucket := k / (size + 1)
		if k >= extra*(size+1) {
			bucket = extra + (k-extra*(size+1))/max(size, 1)
		}
		out[i] = value.Uint(uint64(bucket + 1))
	}
	return nil
}

// at evaluates e on row i.
func (p *partition) at(i int, e Expr) (value.Value, error) {
	p.env.Row = p.rows[i]
	return e.Eval(p.env)
}

func (p *partition) offsets(out []value.Value) error {
	n := int64(1)
	if len(p.w.Args) > 1 {
		v, err := p.w.Args[1].Eval(p.env)
		if err != nil {
			return err
		}
		if n, err = toIndex(p.env, v); err != nil {
			return err
		}
		if v.IsNull() || n < 0 {
			return wrongArguments(p.w.Name)
		}
	}
	n = min(n, int64(len(p.rows)))
	if p.w.Name == "lag" {
		n = -n
	}
	for i := range out {
		if err := p.poll(i); err != nil {
			return err
		}
		var err error
		switch j := i + int(n); {
		case j >= 0 && j < len(p.rows):
			out[i], err = p.at(j, p.w.Args[0])
		case len(p.w.Args) == 3:
			out[i], err = p.at(i, p.w.Args[2])
		default:
			out[i] = value.Null
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// frame returns the rows [start, end) of row i's frame.
func (p *partition) frame(i int) (start, end int, err error) {
	f := p.w.Frame
	if f == nil {
		if len(p.w.OrderBy) == 0 {
			return 0, len(p.rows), nil
		}
		return 0, p.peerEnd(i), nil
	}
	if start, err = p.boundary(i, &f.Start, false); err != nil {
		return 0, 0, err
	}
	end, err = p.boundary(i, &f.End, true)
	return start, max(end, start), err
}

// boundary returns the first row of the frame, or the row behind the last (end).
func (p *partition) boundary(i int, b *WindowBound, end bool) (int, error) {
	n := len(p.rows)
	switch b.Kind {
	case ast.UnboundedPreceding:
		return 0, nil
	case ast.UnboundedFollowing:
		return n, nil
	case ast.CurrentRow:
		switch {
		case p.w.Frame.Unit == ast.FrameRows && end:
			return i + 1, nil
		case p.w.Frame.Unit == ast.FrameRows:
			return i, nil
		case end:
			return p.peerEnd(i), nil
		}
		return p.peer[i], nil
	}
	if b.edge != nil {
		return p.rangeBoundary(i, b, end)
	}
	v, err := p.at(i, b.Offset)
	if err != nil {
		return 0, err
	}
	k, err := toIndex(p.env, v)
	if err != nil {
		return 0, err
	}
	if v.IsNull() || k < 0 {
		return 0, sqlerr.New(errFrameOffset, "<unnamed window>")
	}
	j := i + int(min(k, int64(n)))
	if b.Kind == ast.Preceding {
		j = i - int(min(k, int64(n)))
	}
	if end {
		j++
	}
	return min(max(j, 0), n), nil
}

// rangeBoundary finds the edge of a RANGE frame by binary search in the sort keys. A NULL key frames its peers.
func (p *partition) rangeBoundary(i int, b *WindowBound, end bool) (int, error) {
	edge, err := p.at(i, b.edge)
	if err != nil {
		return 0, err
	}
	if edge.IsNull() {
		if end {
			return p.peerEnd(i), nil
		}
		return p.peer[i], nil
	}
	desc := p.w.OrderBy[0].Desc
	var failed error
	at := sort.Search(len(p.keys), func(j int) bool {
		if p.keys[j].IsNull() {
			return desc // NULLs come first in ascending order, last in descending
		}
		cmp, _, err := b.cmp.Compare(p.env, p.keys[j], edge)
		if err != nil {
			failed = err
		}
		if desc {
			cmp = -cmp
		}
		if end {
			return cmp > 0
		}
		return cmp >= 0
	})
	return at, failed
}

// nth computes FIRST_VALUE, LAST_VALUE and NTH_VALUE.
func (p *partition) nth(out []value.Value) error {
	for i := range out {
		if err := p.poll(i); err != nil {
			return err
		}
		start, end, err := p.frame(i)
		if err != nil {
			return err
		}
		j := start
		switch p.w.Name {
		case "last_value":
			j = end - 1
		case "nth_value":
			v, err := p.at(i, p.w.Args[1])
			if err != nil {
				return err
			}
			k, err := toIndex(p.env, v)
			if err != nil {
				return err
			}
			if k < 1 {
				return wrongArguments("nth_value")
			}
			j = start + int(min(k-1, int64(len(p.rows))))
		}
		out[i] = value.Null
		if j >= start && j < end {
			if out[i], err = p.at(j, p.w.Args[0]); err != nil {
				return err
			}
		}
	}
	return nil
}

// aggregate computes an aggregate over frames. Rows are added one by one while the frame only grows at its end; when
// its start moves it is computed anew.
func (p *partition) aggregate(out []value.Value) error {
	acc := p.w.Agg.NewAccumulator()
	from, to := 0, 0
	for i := range out {
		if err := p.poll(i); err != nil {
			return err
		}
		start, end, err := p.frame(i)
		if err != nil {
			return err
		}
		if start == from && end == to && i > 0 {
			out[i] = out[i-1]
			continue
		}
		if start != from || end < to {
			acc.Reset()
			from, to = start, start
		}
		for ; to < end; to++ {
			p.env.Row = p.rows[to]
			if err := acc.Add(p.env); err != nil {
				return err
			}
		}
		v, err := acc.Result(p.env)
		if err != nil {
			return err
		}
		out[i] = v.Clone()
	}
	return nil
}
