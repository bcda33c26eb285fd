package sqlmap

import (
	"context"

	"github.com/worktable-go/worktable/engine/value"
)

// querySolo runs a prepared point select that is a transaction of its own, the statement that programs run most, without
// what execute does for statements in general: nothing in it waits, so it needs no context that KILL could end. It reports
// false when it is another case or something is wrong: then execute runs it and finds out what.
func (st *Stmt) querySolo(ctx context.Context, r *Result, args []value.Value) bool {
	s := st.s
	if st.c.solo == nil || s.tx != nil || !s.autocommit || s.open != nil || s.closed || ctx.Err() != nil {
		return false
	}
	if done, err := s.readAlone(ctx, r, st.c.solo, args, st); !done || err != nil {
		return false
	}
	s.clearWarnings()
	r.cols, r.names = st.c.cols, st.c.names
	return true
}
