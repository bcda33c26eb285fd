package sqlmap

import (
	"context"

	"github.com/worktable-go/worktable/engine/value"
)

// querySolo runs a prepared point select that is a transaction of its own, the statement that programs run most, without
// what execute does for statements in general: nothing in it waits, so it needs no context that KILL could end. It reports
// false, having changed nothing, when it is another case or something is wrong: then execute finds out what.
func (st *Stmt) querySolo(ctx context.Context, r *Result, args []value.Value) bool {
	s, p := st.s, st.c.solo
	if p == nil || s.tx != nil || !s.autocommit || s.open != nil || s.closed || ctx.Err() != nil {
		return false
	}
	row, ok, done, err := p.GetAlone(s.newRun(ctx, args, st), &st.point, st.row[:0])
	if !done || err != nil {
		return false
	}
	s.clearWarnings()
	s.next, s.state.RowCount = nil, -1
	r.cols, r.names = st.c.cols, st.c.names
	s.pointRow(r, st, row, ok)
	return true
}
