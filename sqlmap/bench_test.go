package sqlmap_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap"
)

const benchRows = 20000

func benchTable(b testing.TB) *conn {
	c := newConn(b, newDatabase(b))
	c.exec("CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, k INT, name VARCHAR(40), n BIGINT NOT NULL DEFAULT 0, KEY (k))")
	st, err := c.s.Prepare(background, "INSERT INTO t (k, name) VALUES (?, ?)")
	require.NoError(b, err)
	for i := range benchRows {
		_, err := st.Exec(background, []value.Value{value.Int(int64(i % 1000)), value.String(fmt.Sprintf("name %d", i))})
		require.NoError(b, err)
	}
	return c
}

func benchStatement(b *testing.B, text string, args func(i int, dst []value.Value) []value.Value) {
	c := benchTable(b)
	st, err := c.s.Prepare(background, text)
	require.NoError(b, err)
	var buf []value.Value
	for i := range 1000 {
		buf = args(-1-i, buf[:0])
		_, err := st.Exec(background, buf)
		require.NoError(b, err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		buf = args(i, buf[:0])
		if _, err := st.Exec(background, buf); err != nil {
			b.Fatal(err)
		}
	}
}

func row(i int) value.Value { return value.Int(int64(uint32(i)*2654435761%benchRows) + 1) }

func BenchmarkPointUpdate(b *testing.B) {
	benchStatement(b, "UPDATE t SET n = n + 1 WHERE id = ?", func(i int, dst []value.Value) []value.Value {
		return append(dst, row(i))
	})
}

func BenchmarkKeyUpdate(b *testing.B) {
	benchStatement(b, "UPDATE t SET k = ? WHERE id = ?", func(i int, dst []value.Value) []value.Value {
		return append(dst, value.Int(int64(i&0xffff)), row(i))
	})
}

func BenchmarkInsert(b *testing.B) {
	name := value.String("a name like any other")
	benchStatement(b, "INSERT INTO t (k, name) VALUES (?, ?)", func(i int, dst []value.Value) []value.Value {
		return append(dst, value.Int(int64(i%1000)), name)
	})
}

func BenchmarkUpsert(b *testing.B) {
	benchStatement(b, "INSERT INTO t (id, k) VALUES (?, 1) ON DUPLICATE KEY UPDATE n = n + 1", func(i int, dst []value.Value) []value.Value {
		return append(dst, row(i))
	})
}

func BenchmarkInsertDelete(b *testing.B) {
	c := benchTable(b)
	ins, err := c.s.Prepare(background, "INSERT INTO t (id, k) VALUES (?, 1)")
	require.NoError(b, err)
	del, err := c.s.Prepare(background, "DELETE FROM t WHERE id = ?")
	require.NoError(b, err)
	args := []value.Value{value.Int(1 << 30)}
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		for _, st := range []*sqlmap.Stmt{ins, del} {
			if _, err := st.Exec(background, args); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkUpdateAll(b *testing.B) {
	c := benchTable(b)
	st, err := c.s.Prepare(background, "UPDATE t SET n = n + 1")
	require.NoError(b, err)
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		out, err := st.Exec(background, nil)
		require.NoError(b, err)
		require.Equal(b, uint64(benchRows), out.Affected)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
}

func BenchmarkInsertBulk(b *testing.B) {
	c := benchTable(b)
	text := []byte("INSERT INTO t (k, name) VALUES ")
	for i := range 1000 {
		if i > 0 {
			text = append(text, ',')
		}
		text = fmt.Appendf(text, "(%d, 'name %d')", i, i)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		_, err := c.s.Exec(background, string(text), sqlmap.Args{})
		require.NoError(b, err)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/row")
}

func BenchmarkPointSelect(b *testing.B) {
	benchStatement(b, "SELECT name, n FROM t WHERE id = ?", func(i int, dst []value.Value) []value.Value {
		return append(dst, row(i))
	})
}
