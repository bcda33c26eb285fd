package driver_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	worktable "github.com/worktable-go/worktable/driver"
)

// stressTime is how long each stress run lasts: WORKTABLE_STRESS=60s is the campaign.
func stressTime(t *testing.T) time.Duration {
	text := os.Getenv("WORKTABLE_STRESS")
	if text == "" {
		return 2 * time.Second
	}
	d, err := time.ParseDuration(text)
	require.NoError(t, err, "WORKTABLE_STRESS")
	return d
}

// The bank: transfers keep the sum of the balances, every account counts its own changes in a second column that only
// autocommit statements write, and a ledger has a row per transfer.
const (
	accounts = 50
	opening  = 1000
)

// TestStress_bank lets eight goroutines read and write one pool: no error but deadlocks inside transactions, no lost
// update, the same sum in every snapshot, indexes that agree with their tables.
func TestStress_bank(t *testing.T) {
	for _, procs := range []int{1, 2, 8} {
		t.Run(fmt.Sprintf("procs=%d", procs), func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
			onEach(t, "?lock_wait_timeout=20s", func(t *testing.T, db *sql.DB) { stressBank(t, db) })
		})
	}
}

type bank struct {
	t         *testing.T
	db        *sql.DB
	deadline  time.Time
	transfers atomic.Int64
	bumps     atomic.Int64
	deadlocks atomic.Int64
	audits    atomic.Int64
}

func stressBank(t *testing.T, db *sql.DB) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	exec(t, db, "CREATE TABLE account (id INT PRIMARY KEY, balance BIGINT NOT NULL, bumps INT NOT NULL DEFAULT 0, note VARCHAR(40), KEY (balance), CHECK (balance >= 0))")
	exec(t, db, "CREATE TABLE ledger (id BIGINT AUTO_INCREMENT PRIMARY KEY, src INT NOT NULL, dst INT NOT NULL, amount INT NOT NULL, KEY (src), FOREIGN KEY (src) REFERENCES account (id))")
	for i := range accounts {
		exec(t, db, "INSERT INTO account (id, balance) VALUES (?, ?)", i, opening)
	}
	b := &bank{t: t, db: db, deadline: time.Now().Add(stressTime(t))}
	jobs := []func(*rand.Rand) error{b.transfer, b.transfer, b.transfer, b.bump, b.bump, b.audit, b.audit, b.rangeRead}
	errs := make(chan error, len(jobs))
	var wg sync.WaitGroup
	for i, job := range jobs {
		wg.Add(1)
		go func() {
			defer wg.Done()
			r := rand.New(rand.NewPCG(seed, uint64(i)))
			for time.Now().Before(b.deadline) {
				if err := job(r); err != nil {
					errs <- err
					return
				}
			}
		}()
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		t.Error(err)
	}
	b.verify()
}

// transfer moves money between two accounts in one transaction and rolls back now and then.
func (b *bank) transfer(r *rand.Rand) error {
	src, dst := r.IntN(accounts), r.IntN(accounts)
	if src == dst {
		return nil
	}
	err := b.tryTransfer(r, src, dst, 1+r.IntN(20))
	var e *mysql.MySQLError
	if errors.As(err, &e) && e.Number == 1213 {
		b.deadlocks.Add(1)
		return nil
	}
	return err
}

func (b *bank) tryTransfer(r *rand.Rand, src, dst, amount int) error {
	tx, err := b.db.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var balance int
	if err := tx.QueryRow("SELECT balance FROM account WHERE id = ? FOR UPDATE", src).Scan(&balance); err != nil {
		return err
	}
	if balance < amount {
		return nil
	}
	if err := tx.QueryRow("SELECT balance FROM account WHERE id = ? FOR UPDATE", dst).Scan(&balance); err != nil {
		return err
	}
	for _, s := range []struct{ id, delta int }{{src, -amount}, {dst, amount}} {
		if _, err := tx.Exec("UPDATE account SET balance = balance + ? WHERE id = ?", s.delta, s.id); err != nil {
			return err
		}
	}
	if _, err := tx.Exec("INSERT INTO ledger (src, dst, amount) VALUES (?, ?, ?)", src, dst, amount); err != nil {
		return err
	}
	if r.IntN(10) == 0 {
		return tx.Rollback()
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	b.transfers.Add(1)
	return nil
}

// bump changes a column that no transfer touches, on rows that transfers change at the same time.
func (b *bank) bump(r *rand.Rand) error {
	res, err := b.db.Exec("UPDATE account SET bumps = bumps + 1 WHERE id = ?", r.IntN(accounts))
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	b.bumps.Add(n)
	return err
}

// audit reads one snapshot twice: by the table and by the index.
func (b *bank) audit(*rand.Rand) error {
	tx, err := b.db.BeginTx(context.Background(), &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, text := range []string{
		"SELECT COUNT(*), SUM(balance) FROM account",
		"SELECT COUNT(*), SUM(balance) FROM account FORCE INDEX (balance) WHERE balance >= 0",
	} {
		var n, sum int
		if err := tx.QueryRow(text).Scan(&n, &sum); err != nil {
			return err
		}
		if n != accounts || sum != accounts*opening {
			return fmt.Errorf("%s: %d accounts, sum %d", text, n, sum)
		}
	}
	b.audits.Add(1)
	return nil
}

// rangeRead reads the ledger against the balances of one snapshot.
func (b *bank) rangeRead(r *rand.Rand) error {
	tx, err := b.db.BeginTx(context.Background(), &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer tx.Rollback()
	id := r.IntN(accounts)
	var balance, in, out int
	err = tx.QueryRow(`SELECT balance, (SELECT COALESCE(SUM(amount), 0) FROM ledger WHERE dst = a.id),
		(SELECT COALESCE(SUM(amount), 0) FROM ledger WHERE src = a.id) FROM account a WHERE id = ?`, id).Scan(&balance, &in, &out)
	if err != nil {
		return err
	}
	if balance != opening+in-out {
		return fmt.Errorf("account %d has %d, its ledger says %d", id, balance, opening+in-out)
	}
	return nil
}

func (b *bank) verify() {
	t := b.t
	var bumps, rows int64
	require.NoError(t, b.db.QueryRow("SELECT SUM(bumps) FROM account").Scan(&bumps))
	require.Equal(t, b.bumps.Load(), bumps, "lost updates")
	require.NoError(t, b.db.QueryRow("SELECT COUNT(*) FROM ledger").Scan(&rows))
	require.Equal(t, b.transfers.Load(), rows)
	require.NoError(t, b.audit(nil))
	require.Positive(t, rows)
	require.Positive(t, b.audits.Load())
	conn, err := b.db.Conn(context.Background())
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.Raw(func(c any) error {
		require.Empty(t, c.(worktable.Conn).Engine().Check(context.Background()))
		return nil
	}))
	t.Logf("%d transfers, %d bumps, %d audits, %d deadlocks", b.transfers.Load(), bumps, b.audits.Load(), b.deadlocks.Load())
}
