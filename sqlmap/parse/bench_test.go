package parse

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/sqlmap/internal/corpus"
)

var benchTexts = []struct{ name, sql string }{
	{"point", "select * from t where id=?"},
	{"insert", "insert into users (id, name, email, created_at) values (?, ?, ?, ?)"},
	{"join", "SELECT c.name, COUNT(o.id) AS n, COALESCE(SUM(o.total), 0) AS total FROM customers c LEFT JOIN orders o ON o.customer_id = c.id " +
		"WHERE (c.name IN (?,?) OR (c.email IS NOT NULL AND c.id > ?)) GROUP BY c.name HAVING COUNT(o.id) > ? ORDER BY total DESC LIMIT 5 OFFSET 0"},
	{"literals", "insert into t values " + strings.Repeat("(1, 'abc', 2.50, null), ", 999) + "(1, 'abc', 2.50, null)"},
}

func BenchmarkOne(b *testing.B) {
	for _, c := range benchTexts {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(c.sql)))
			for range b.N {
				if _, err := One(c.sql, Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSqlparser is what the same texts cost sqlparser.
func BenchmarkSqlparser(b *testing.B) {
	for _, c := range benchTexts {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(c.sql)))
			for range b.N {
				if _, err := sqlparser.Parse(c.sql); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkChinook(b *testing.B) {
	script, err := os.ReadFile(filepath.Join(corpus.Dir(b, "chinook"), "Chinook_MySql.sql"))
	require.NoError(b, err)
	b.ReportAllocs()
	b.SetBytes(int64(len(script)))
	for range b.N {
		for _, err := range Split(string(script), Options{}) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
