package exec_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/exec"
	"github.com/worktable-go/worktable/sqlmap/parse"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// FuzzQuery plans and runs any text that is a query: it ends with rows or with an error that MySQL knows, never with a
// panic or an internal error, with rules and without.
func FuzzQuery(f *testing.F) {
	for _, sql := range []string{
		"SELECT c.name, (SELECT count(*) FROM orders o WHERE o.customer = c.id) FROM customer c WHERE EXISTS (SELECT 1 FROM item) ORDER BY 2 DESC LIMIT 3",
		"SELECT city, count(*), group_concat(name) FROM customer GROUP BY city WITH ROLLUP HAVING count(*) > 1",
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT * FROM n JOIN customer ON id = i",
		"SELECT * FROM customer NATURAL LEFT JOIN orders JOIN item USING (orders) WHERE (line, qty) IN ((1, 2), (2, 1)) FOR UPDATE",
		"SELECT DISTINCT a.id FROM orders a, LATERAL (SELECT * FROM item i WHERE i.orders = a.id) d WHERE a.total BETWEEN 1 AND 5 OR a.day > '2024-01-01'",
		"SELECT id, sum(total) OVER (PARTITION BY customer ORDER BY day) FROM orders UNION SELECT 1, 'x' EXCEPT VALUES ROW(1, 2)",
		"SELECT name FROM customer WHERE id > ALL (SELECT customer FROM orders) AND name LIKE 'a%' AND id IN (1, 2, NULL)",
		"SELECT min(id), max(day) FROM orders FORCE INDEX (day) WHERE day IS NOT NULL AND customer <=> NULL",
	} {
		f.Add(sql)
	}
	w := shop(f)
	f.Fuzz(func(t *testing.T, sql string) {
		st, err := parse.One(sql, parse.Options{MaxDepth: 100})
		if err != nil {
			return
		}
		sel, ok := st.AST.(sqlparser.SelectStatement)
		if !ok {
			return
		}
		for _, o := range []plan.Options{{}, {DisableRules: true}} {
			v := *w
			v.t, v.options = t, o
			if err := v.try(sel); err != nil {
				var e *sqlerr.Error
				if !errors.As(err, &e) || e.Code == sqlerr.Internal {
					t.Fatalf("%q: %v", sql, err)
				}
			}
		}
	})
}

// try runs a query to its end within a little time and memory.
func (w *world) try(sel sqlparser.SelectStatement) error {
	p, err := exec.Compile(sel, w.context())
	if err != nil {
		return err
	}
	_ = p.Query().Explain()
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	tx := w.begin()
	defer func() { _ = tx.Rollback() }()
	if err := tx.BeginStatement(engine.StmtWrite); err != nil {
		return err
	}
	run := w.run(nil)
	run.Ctx = ctx
	rows, err := p.Open(&exec.Runtime{Tx: tx, Run: run, MemoryLimit: 1 << 22})
	if err != nil {
		return err
	}
	defer rows.Close()
	_, err = drainRows(rows)
	return err
}
