package exec_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/exec"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// squares is a virtual table of numbers and their squares; asked remembers what WHERE demanded.
type squares struct {
	def   *schema.Table
	asked []map[int]value.Value
}

func newSquares() *squares {
	return &squares{def: &schema.Table{Schema: "d", Name: "squares", Columns: []schema.Column{
		{ID: 1, Name: "n", NotNull: true, Type: value.Type{ID: value.TypeBigInt}},
		{ID: 2, Name: "square", NotNull: true, Type: value.Type{ID: value.TypeBigInt}},
		{ID: 3, Name: "word", Type: value.Type{ID: value.TypeVarChar, Length: 20, Collation: collate.Default}},
	}}}
}

func (s *squares) Def() *schema.Table { return s.def }

func (s *squares) Rows(_ context.Context, _ *expr.Run, eq map[int]value.Value) (plan.VirtualRows, error) {
	s.asked = append(s.asked, eq)
	return &squareRows{}, nil
}

type squareRows struct {
	n   int64
	row [3]value.Value
	buf []byte
}

func (r *squareRows) Next() ([]value.Value, error) {
	if r.n == 50 {
		return nil, nil
	}
	r.n++
	r.buf = fmt.Appendf(r.buf[:0], "word %d", r.n)
	r.row = [3]value.Value{value.Int(r.n), value.Int(r.n * r.n), value.String(string(r.buf))}
	return r.row[:], nil
}

func (r *squareRows) Close() {}

func TestVirtualTables(t *testing.T) {
	w := shop(t)
	sq := newSquares()
	w.virtual = map[string]plan.Table{"squares": sq}
	w.query("SELECT word FROM squares WHERE n = 7 AND square > 3", "word 7")
	require.Equal(t, value.Int(7), sq.asked[0][0])
	w.query("SELECT count(*), sum(square) FROM squares WHERE word LIKE 'word 1%'", "11|2186")
	w.query("SELECT c.name, s.square FROM customer c JOIN squares s ON s.n = c.id ORDER BY c.id LIMIT 2", "ann|1", "bob|4")
	w.query("SELECT n FROM squares ORDER BY n DESC LIMIT 2 FOR UPDATE", "50", "49")
	w.query("SELECT a.n FROM squares a LEFT JOIN squares b ON b.square = a.n WHERE b.n IS NULL ORDER BY a.n LIMIT 3", "2", "3", "5")
}

// TestPointAllocations bounds what a point select allocates: nothing of its own.
func TestPointAllocations(t *testing.T) {
	w := shop(t)
	p, err := w.compile("SELECT id, name, city FROM customer WHERE id = ?")
	require.NoError(t, err)
	require.NotNil(t, p.Point())
	tx := w.begin()
	defer func() { _ = tx.Rollback() }()
	require.NoError(t, tx.BeginStatement(engine.StmtRead))
	rt := &exec.Runtime{Tx: tx, Run: w.run([]value.Value{value.Int(2)})}
	var st exec.PointState
	var row []value.Value
	allocs := testing.AllocsPerRun(200, func() {
		var ok bool
		row, ok, err = p.Point().Get(rt, &st, row[:0])
		require.True(t, ok && err == nil)
	})
	require.LessOrEqual(t, allocs, 2.0)
	require.Equal(t, "2|bob|oslo", text(row))
}
