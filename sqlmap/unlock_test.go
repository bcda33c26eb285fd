package sqlmap_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap"
)

func repeatableRead(*sqlmap.SessionOptions) {}

// TestPassedOverRows: a statement waits for a row, which then does not meet its condition. Under READ COMMITTED the row is free
// at once, under REPEATABLE READ it stays locked until the transaction ends.
func TestPassedOverRows(t *testing.T) {
	for _, text := range []string{
		"UPDATE account SET note = 'x' WHERE balance = 200",
		"DELETE FROM account WHERE balance = 200",
		"SELECT id FROM account WHERE balance = 200 FOR UPDATE",
		"SELECT id FROM account WHERE balance = 200 FOR SHARE",
		"UPDATE account SET note = 'x' WHERE id = 2 AND balance = 200", // by its key
		"DELETE FROM account WHERE id = 2 AND balance = 200",
		"UPDATE account p JOIN account q ON p.id = q.id + 1 SET p.note = 'x', q.note = 'y' WHERE p.balance + q.balance = 300",
		"SELECT p.id FROM account p JOIN account q ON p.id = q.id + 1 WHERE p.balance + q.balance = 300 FOR UPDATE",
	} {
		d, a, b := bank(t, readCommitted)
		c := newConn(t, d, readCommitted)
		b.exec("BEGIN")
		b.exec("UPDATE account SET balance = 0 WHERE id = 2")
		a.exec("BEGIN")
		st := a.blocked(d, text)
		b.exec("COMMIT")
		rows, err := st.wait(t)
		require.NoError(t, err, text)
		require.Empty(t, rows, text)
		c.rows("SELECT id FROM account FOR UPDATE NOWAIT", "1", "2", "3")
		c.exec("DELETE FROM account WHERE id = 2")
		a.rows("SELECT id FROM account", "1", "3")
		a.exec("COMMIT")

		d, a, b = bank(t, repeatableRead)
		c = newConn(t, d, repeatableRead)
		b.exec("BEGIN")
		b.exec("UPDATE account SET balance = 0 WHERE id = 2")
		a.exec("BEGIN")
		st = a.blocked(d, text)
		b.exec("COMMIT")
		_, err = st.wait(t)
		require.NoError(t, err, text)
		c.fails(3572, "SELECT id FROM account WHERE id = 2 FOR UPDATE NOWAIT")
		a.exec("COMMIT")
	}
}

// TestPassedOverRowKeepsFormerLock: only what the statement itself has locked is given back.
func TestPassedOverRowKeepsFormerLock(t *testing.T) {
	d, a, b := bank(t, readCommitted)
	pass := func() {
		t.Helper()
		a.exec("UPDATE account SET owner = 'x' WHERE id = 2 AND balance = 999")
		a.exec("DELETE FROM account WHERE id = 2 AND balance = 999")
	}
	const (
		share  = "SELECT id FROM account WHERE id = 2 FOR SHARE NOWAIT"
		update = "SELECT id FROM account WHERE id = 2 FOR UPDATE NOWAIT"
	)
	a.exec("BEGIN")
	a.rows("SELECT id FROM account WHERE id = 2 FOR SHARE", "2")
	pass()
	b.rows(share, "2")
	b.fails(3572, update)
	a.exec("COMMIT")
	b.rows(update, "2")

	a.exec("BEGIN")
	a.rows("SELECT id FROM account WHERE id = 2 FOR UPDATE", "2")
	pass()
	b.fails(3572, share)
	a.exec("COMMIT")

	// An own change stays locked, and stays; the other columns are free.
	a.exec("BEGIN")
	a.exec("UPDATE account SET balance = 5 WHERE id = 2")
	pass()
	b.exec("UPDATE account SET note = 'b' WHERE id = 2")
	b.fails(3572, share)
	st := b.blocked(d, "UPDATE account SET balance = balance + 1 WHERE id = 2")
	pass()
	a.exec("COMMIT")
	_, err := st.wait(t)
	require.NoError(t, err)
	b.rows("SELECT balance, note FROM account WHERE id = 2", "6 b")

	// A savepoint from before is as good as it was.
	a.exec("BEGIN")
	a.exec("SAVEPOINT s")
	a.exec("UPDATE account SET balance = 7 WHERE id = 2")
	pass()
	a.exec("ROLLBACK TO s")
	b.rows(update, "2")
	a.rows("SELECT balance FROM account WHERE id = 2", "6")
	a.exec("COMMIT")
}

// TestPassedOverRowsOfSkippedTuples: a tuple of which one row is skipped holds none of the others.
func TestPassedOverRowsOfSkippedTuples(t *testing.T) {
	d, a, b := bank(t, readCommitted)
	c := newConn(t, d, readCommitted)
	b.exec("BEGIN")
	b.exec("UPDATE account SET balance = 0 WHERE id = 2")
	a.exec("BEGIN")
	a.rows("SELECT p.id FROM account p JOIN account q ON p.id + 1 = q.id FOR UPDATE SKIP LOCKED")
	c.rows("SELECT id FROM account FOR UPDATE SKIP LOCKED", "1", "3")
	a.exec("COMMIT")
	b.exec("COMMIT")
}

// TestPassedOverRowsAtRandom has sessions take jobs by their state, all of the same rows at once: each job is taken once for each
// time that it was free, whatever is unlocked in between.
func TestPassedOverRowsAtRandom(t *testing.T) {
	const jobs, workers, rounds = 6, 4, 60
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	d, a, _ := bank(t, readCommitted)
	a.exec("CREATE TABLE job (id INT PRIMARY KEY, state INT, taken INT, KEY (state))")
	for i := range jobs {
		a.exec(fmt.Sprintf("INSERT INTO job VALUES (%d, 0, 0)", i))
	}
	var wg sync.WaitGroup
	total := make([]int64, workers)
	for w := range workers {
		s := newConn(t, d, readCommitted)
		r := rand.New(rand.NewPCG(seed, uint64(w)))
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range rounds {
				n, err := s.takeJobs(r, jobs)
				if err != nil {
					t.Error(err)
					return
				}
				total[w] += n
			}
		}()
	}
	wg.Wait()
	sum := int64(0)
	for _, n := range total {
		sum += n
	}
	a.rows("SELECT sum(taken) FROM job", fmt.Sprint(sum))
	require.Empty(t, d.Engine().Check(context.Background()))
}

// takeJobs runs a transaction and returns the number of jobs it took.
func (c *conn) takeJobs(r *rand.Rand, jobs int) (n int64, err error) {
	id := r.IntN(jobs)
	texts := []string{
		fmt.Sprintf("UPDATE job SET state = 1, taken = taken + 1 WHERE id = %d AND state = 0", id),
		fmt.Sprintf("UPDATE job SET state = 0 WHERE id = %d AND state = 1", r.IntN(jobs)),
		fmt.Sprintf("UPDATE job SET state = 1, taken = taken + 1 WHERE state = 0 AND id > %d", id),
		fmt.Sprintf("SELECT id FROM job WHERE state = 1 AND id < %d FOR UPDATE", id),
	}
	if _, err := c.try("BEGIN"); err != nil {
		return 0, err
	}
	for range 3 {
		k := r.IntN(len(texts))
		out, err := c.try(texts[k])
		if err != nil {
			_, _ = c.try("ROLLBACK")
			if errors.Is(err, sqlerr.Deadlock) {
				return 0, nil
			}
			return 0, err
		}
		if k != 1 && k != 3 {
			n += int64(out.Affected)
		}
	}
	if r.IntN(4) == 0 {
		_, err := c.try("ROLLBACK")
		return 0, err
	}
	_, err = c.try("COMMIT")
	return n, err
}
