package driver_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	worktable "github.com/worktable-go/worktable/driver"
	"github.com/worktable-go/worktable/internal/history"
)

// historyTime is how long each setting of a history test runs: WORKTABLE_HISTORY=60s is the campaign.
func historyTime(t *testing.T) time.Duration {
	text := os.Getenv("WORKTABLE_HISTORY")
	if text == "" {
		return 200 * time.Millisecond
	}
	d, err := time.ParseDuration(text)
	require.NoError(t, err, "WORKTABLE_HISTORY")
	return d
}

// historySeed is WORKTABLE_SEED, or a new seed, which is printed.
func historySeed(t *testing.T) uint64 {
	s := rand.Uint64()
	if n, err := strconv.ParseUint(os.Getenv("WORKTABLE_SEED"), 10, 64); err == nil {
		s = n
	}
	t.Logf("seed %d (WORKTABLE_SEED)", s)
	return s
}

// Lists are texts in two columns of a row, which transactions write independently of each other, or the rows of one list in
// a second table, in the order of a number that is unique within the list.
const (
	listRows  = 3
	elemLists = 2
	firstElem = 100 // key of the first list that is rows
)

var historyTables = []string{
	`CREATE TABLE lists (id INT PRIMARY KEY, run INT NOT NULL, a TEXT NOT NULL, b TEXT NOT NULL, place INT NOT NULL,
		one INT, UNIQUE (one), KEY (run), KEY (run, place))`,
	`CREATE TABLE elems (list INT NOT NULL, place INT NOT NULL, v INT NOT NULL, PRIMARY KEY (list, place))`,
	`CREATE TABLE pairs (id INT PRIMARY KEY, a INT NOT NULL DEFAULT 0, b INT NOT NULL DEFAULT 0)`,
}

// onHistory runs a test under several GOMAXPROCS on databases of both kinds with the tables.
func onHistory(t *testing.T, test func(t *testing.T, db *sql.DB)) {
	for _, procs := range []int{1, 2, 8} {
		t.Run(fmt.Sprintf("procs=%d", procs), func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
			onEach(t, "?lock_wait_timeout=20s", func(t *testing.T, db *sql.DB) {
				for _, text := range historyTables {
					exec(t, db, text)
				}
				test(t, db)
				conn, err := db.Conn(context.Background())
				require.NoError(t, err)
				defer conn.Close()
				require.NoError(t, conn.Raw(func(c any) error {
					e := c.(worktable.Conn).Engine()
					require.Empty(t, e.Check(context.Background()))
					require.Zero(t, e.Stats().ActiveTx)
					return nil
				}))
			})
		})
	}
}

// TestHistory_lists runs transactions over lists with all that SQL can do in a transaction, and checks what they saw against
// their isolation levels.
func TestHistory_lists(t *testing.T) {
	onHistory(t, func(t *testing.T, db *sql.DB) {
		s := historySeed(t)
		end := time.Now().Add(historyTime(t))
		var total history.Report
		runs := uint64(0)
		for ; runs < 1 || time.Now().Before(end) && !t.Failed(); runs++ {
			r := &listRun{t: t, db: db, rec: history.NewRecorder(), run: int(runs), seed: s + runs}
			report := r.check()
			total.Txns += report.Txns
			total.Committed += report.Committed
			total.Unknown += report.Unknown
		}
		t.Logf("%d runs, %d transactions, %d committed, %d unknown", runs, total.Txns, total.Committed, total.Unknown)
	})
}

// listRun is one history on rows of its own.
type listRun struct {
	t    *testing.T
	db   *sql.DB
	rec  *history.Recorder
	run  int
	seed uint64
}

func (r *listRun) check() *history.Report {
	for i := range listRows {
		exec(r.t, r.db, "INSERT INTO lists (id, run, a, b, place) VALUES (?, ?, '', '', ?)", r.id(i), r.run, i)
	}
	var wg sync.WaitGroup
	for w := range 6 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			c := &listClient{listRun: r, ses: r.rec.Session(), rnd: rand.New(rand.NewPCG(r.seed, uint64(w)))}
			for range 12 {
				if err := c.transaction(c.steps); err != nil {
					r.t.Errorf("seed %d: %v", r.seed, err)
					return
				}
			}
		}()
	}
	wg.Wait()
	c := &listClient{listRun: r, ses: r.rec.Session(), rnd: rand.New(rand.NewPCG(r.seed, 99)), calm: true}
	require.NoError(r.t, c.transaction(func() error {
		if err := c.scan(); err != nil {
			return err
		}
		return c.readElems()
	}))
	report := history.Check(r.rec.History())
	if !report.OK() {
		r.t.Errorf("seed %d: %s", r.seed, report)
	}
	return report
}

func (r *listRun) id(i int) int { return r.run*100 + i }

// hold is what a transaction has of a row.
type hold struct {
	locked  bool    // by FOR UPDATE
	touched bool    // some column written
	own     [2]bool // lists written
}

// listClient runs transactions one after the other.
type listClient struct {
	*listRun
	ses  *history.Session
	rnd  *rand.Rand
	calm bool // no contexts that end

	tx   *sql.Tx
	x    *history.Tx
	rows map[int]hold
}

// numberOf is the number of a MySQL error, 0 of none.
func numberOf(err error) uint16 {
	var e *mysql.MySQLError
	if errors.As(err, &e) {
		return e.Number
	}
	return 0
}

// expectedError reports what a program must expect: deadlock, duplicate key, interrupted, lock wait, the end of a context.
func expectedError(err error) bool {
	switch numberOf(err) {
	case 1213, 1062, 1317, 1205:
		return true
	}
	// database/sql closes the rows of a transaction whose context has ended.
	return err == nil || err == errGone || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || err.Error() == "sql: Rows are closed"
}

// transaction runs one. It returns only errors that must not be.
func (c *listClient) transaction(body func() error) error {
	level, iso := history.SnapshotIsolation, sql.LevelRepeatableRead
	if c.rnd.IntN(2) == 0 {
		level, iso = history.ReadCommitted, sql.LevelReadCommitted
	}
	ctx, cancel := c.limited(20)
	defer cancel()
	c.rows = map[int]hold{}
	c.x = c.ses.Begin(level)
	tx, err := c.db.BeginTx(ctx, &sql.TxOptions{Isolation: iso})
	if err != nil {
		c.x.End(history.Aborted)
		return unexpected(err)
	}
	c.tx = tx
	if err = body(); err == nil && c.rnd.IntN(10) > 0 {
		if err = tx.Commit(); err == nil {
			c.x.End(history.Committed)
			return nil
		}
	}
	rerr := tx.Rollback()
	if errors.Is(rerr, sql.ErrTxDone) {
		// database/sql rolls back by itself when the context ends, now or soon.
		return unexpected(err)
	}
	c.x.End(history.Aborted)
	if rerr != nil {
		return rerr
	}
	return unexpected(err)
}

func unexpected(err error) error {
	if expectedError(err) || errors.Is(err, sql.ErrTxDone) || err == errOneRow {
		return nil
	}
	return err
}

// limited returns a context that ends soon in one of n cases.
func (c *listClient) limited(n int) (context.Context, context.CancelFunc) {
	if c.calm || c.rnd.IntN(n) > 0 {
		return context.Background(), func() {}
	}
	return context.WithTimeout(context.Background(), time.Duration(c.rnd.IntN(1000))*time.Microsecond)
}

// steps runs some statements. Only what ends the transaction is returned.
func (c *listClient) steps() error {
	for range 1 + c.rnd.IntN(5) {
		if err := c.step(c.rnd.IntN(15)); numberOf(err) == 1213 || !expectedError(err) {
			return err
		}
		if c.rnd.IntN(3) == 0 {
			runtime.Gosched()
		}
	}
	return nil
}

func (c *listClient) step(what int) error {
	row := c.rnd.IntN(listRows)
	switch what {
	case 14:
		return c.replace(row)
	case 0, 1:
		return c.read("SELECT id, a, b FROM lists WHERE id = ?", c.id(row))
	case 2, 3:
		return c.scan()
	case 4, 5:
		return c.appendTo(row, c.rnd.IntN(2))
	case 6:
		return c.appendBoth(row)
	case 7:
		return c.forUpdate(row)
	case 8:
		return c.savepoint()
	case 9:
		return c.statement([]int{row}, false, func(ctx context.Context, st *history.Stmt) error {
			st.Touch()
			return c.exec(ctx, "UPDATE lists SET place = place + ? WHERE id = ?", 2*c.rnd.IntN(2)-1, c.id(row))
		})
	case 10:
		return c.failing()
	case 11:
		return c.readElems()
	default:
		return c.appendElem(c.rnd.IntN(elemLists))
	}
}

// statement runs f as one statement that writes rows, or locks them.
func (c *listClient) statement(rows []int, lock bool, f func(context.Context, *history.Stmt) error) error {
	st := c.x.Statement()
	ctx, cancel := c.limited(20)
	defer cancel()
	if err := f(ctx, st); err != nil {
		st.Failed()
		return err
	}
	for _, i := range rows {
		h := c.rows[i]
		h.touched, h.locked = h.touched || !lock, h.locked || lock
		c.rows[i] = h
	}
	return nil
}

// errGone: the row was replaced after the snapshot. A statement acts on what is, and the new row is not in its snapshot.
var errGone = errors.New("the row is gone")

// errOneRow: the others were replaced after the snapshot, so that there was no duplicate. The transaction is rolled back.
var errOneRow = errors.New("no second row")

func (c *listClient) exec(ctx context.Context, text string, args ...any) error {
	res, err := c.tx.ExecContext(ctx, text, args...)
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err == nil && n == 0 {
		return errGone
	}
	return err
}

// seen is a list that a statement has read.
type seen struct {
	key  int
	list []int64
}

func parseList(s string) ([]int64, error) {
	list := []int64{}
	for _, f := range strings.Split(s, ",") {
		if f == "" {
			continue
		}
		v, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

// query reads rows of lists.
func (c *listClient) query(ctx context.Context, text string, args ...any) (out []seen, err error) {
	rows, err := c.tx.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int
		var cols [2]string
		if err := rows.Scan(&id, &cols[0], &cols[1]); err != nil {
			return nil, err
		}
		for col, text := range cols {
			list, err := parseList(text)
			if err != nil {
				return nil, err
			}
			out = append(out, seen{(id-c.id(0))*2 + col, list})
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return out, nil
}

// access says how a plain read gets at a list: rows that the transaction has locked or written are read as they are now.
func (c *listClient) access(key int) history.Access {
	if key >= firstElem {
		return history.Plain
	}
	switch h := c.rows[key/2]; {
	case h.locked:
		return history.Locked
	case h.own[key%2], !h.touched:
		return history.Plain
	}
	return history.Current
}

func (c *listClient) read(text string, args ...any) error {
	return c.statement(nil, false, func(ctx context.Context, st *history.Stmt) error {
		out, err := c.query(ctx, text, args...)
		if err != nil {
			return err
		}
		want := 2
		if !strings.Contains(text, "id = ?") {
			want = 2 * listRows
		}
		if len(out) != want {
			return fmt.Errorf("%s yields %v", text, out)
		}
		for _, s := range out {
			st.Read(s.key, s.list, c.access(s.key))
		}
		return nil
	})
}

// scan reads all rows of the run, in different ways.
func (c *listClient) scan() error {
	texts := []string{
		"SELECT id, a, b FROM lists WHERE run = ?",
		"SELECT id, a, b FROM lists WHERE run = ? ORDER BY place, id",
		"SELECT id, a, b FROM lists WHERE run = ? ORDER BY id DESC",
		"SELECT x.id, y.a, x.b FROM lists x JOIN lists y ON x.id = y.id WHERE x.run = ?",
		"SELECT id, a, b FROM lists WHERE run + 0 = ?",
		"SELECT id, a, (SELECT b FROM lists z WHERE z.id = x.id) FROM lists x WHERE run = ?",
	}
	return c.read(texts[c.rnd.IntN(len(texts))], c.run)
}

// appendTo appends to one column.
func (c *listClient) appendTo(row, col int) error {
	return c.appends([]int{row}, []int{col}, fmt.Sprintf("UPDATE lists SET %[1]s = CONCAT(%[1]s, ?, ',') WHERE id = ?", "ab"[col:col+1]), c.id(row))
}

// appendBoth appends to both columns.
func (c *listClient) appendBoth(row int) error {
	return c.appends([]int{row}, []int{0, 1}, "UPDATE lists SET a = CONCAT(a, ?, ','), b = CONCAT(b, ?, ',') WHERE id = ?", c.id(row))
}

// appends runs an UPDATE that appends a value to each of the columns of rows.
func (c *listClient) appends(rows, cols []int, text string, args ...any) error {
	return c.statement(rows, false, func(ctx context.Context, st *history.Stmt) error {
		var vals []any
		for _, col := range cols {
			v := c.rec.Value()
			vals = append(vals, v)
			for _, row := range rows {
				access := history.Plain
				if c.rows[row].locked {
					access = history.Locked
				}
				st.Append(row*2+col, v, access)
			}
		}
		if err := c.exec(ctx, text, append(vals, args...)...); err != nil {
			return err
		}
		for _, row := range rows {
			h := c.rows[row]
			for _, col := range cols {
				h.own[col] = true
			}
			c.rows[row] = h
		}
		return nil
	})
}

// forUpdate locks a row and reads it.
func (c *listClient) forUpdate(row int) error {
	var out []seen
	err := c.statement([]int{row}, true, func(ctx context.Context, st *history.Stmt) (err error) {
		out, err = c.query(ctx, "SELECT id, a, b FROM lists WHERE id = ? FOR UPDATE", c.id(row))
		if err == nil && len(out) != 2 {
			return errGone
		}
		for _, s := range out {
			st.Read(s.key, s.list, history.Locked)
		}
		return err
	})
	return err
}

// replace locks a row, deletes it and inserts it again: the same key, another row.
func (c *listClient) replace(row int) error {
	if err := c.forUpdate(row); err != nil {
		return err
	}
	var a, b string
	if err := c.tx.QueryRow("SELECT a, b FROM lists WHERE id = ?", c.id(row)).Scan(&a, &b); err != nil {
		return err
	}
	return c.statement([]int{row}, true, func(ctx context.Context, st *history.Stmt) error {
		st.Touch()
		if c.rnd.IntN(2) == 0 {
			return c.exec(ctx, "REPLACE INTO lists (id, run, a, b, place) VALUES (?, ?, ?, ?, ?)", c.id(row), c.run, a, b, row)
		}
		if err := c.exec(ctx, "DELETE FROM lists WHERE id = ?", c.id(row)); err != nil {
			return err
		}
		// Between the two the row is gone for this transaction: the second must not be left out.
		return c.exec(context.Background(), "INSERT INTO lists (id, run, a, b, place) VALUES (?, ?, ?, ?, ?)", c.id(row), c.run, a, b, row)
	})
}

// failing updates all rows of the run, and fails at the second one's unique key.
func (c *listClient) failing() error {
	rows := make([]int, listRows)
	for i := range rows {
		rows[i] = i
	}
	before := maps.Clone(c.rows)
	err := c.appends(rows, []int{0}, "UPDATE lists SET a = CONCAT(a, ?, ','), one = ? WHERE run = ?", c.run, c.run)
	c.rows = before
	if err == nil {
		return errOneRow
	}
	return err
}

// savepoint does something and takes it back.
func (c *listClient) savepoint() error {
	if _, err := c.tx.Exec("SAVEPOINT s"); err != nil {
		return err
	}
	mark, before := c.x.Mark(), maps.Clone(c.rows)
	for range 1 + c.rnd.IntN(2) {
		if err := c.step([]int{4, 5, 6, 7, 9, 12, 14}[c.rnd.IntN(7)]); numberOf(err) == 1213 || !expectedError(err) {
			return err
		}
	}
	if _, err := c.tx.Exec("ROLLBACK TO SAVEPOINT s"); err != nil {
		return err
	}
	c.x.UndoTo(mark)
	c.rows = before
	return nil
}

// elems reads lists that are rows.
func (c *listClient) elems(ctx context.Context, first, last int) ([]seen, error) {
	out := []seen{}
	for i := first; i <= last; i++ {
		out = append(out, seen{firstElem + i, []int64{}})
	}
	rows, err := c.tx.QueryContext(ctx, "SELECT list, place, v FROM elems WHERE list BETWEEN ? AND ? ORDER BY list, place", c.id(first), c.id(last))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var list, place int
		var v int64
		if err := rows.Scan(&list, &place, &v); err != nil {
			return nil, err
		}
		s := &out[list-c.id(first)]
		if place != len(s.list) {
			return nil, fmt.Errorf("list %d has place %d behind %v", list, place, s.list)
		}
		s.list = append(s.list, v)
	}
	return out, rows.Err()
}

func (c *listClient) readElems() error {
	return c.statement(nil, false, func(ctx context.Context, st *history.Stmt) error {
		out, err := c.elems(ctx, 0, elemLists-1)
		if err != nil {
			return err
		}
		for _, s := range out {
			st.Read(s.key, s.list, history.Plain)
		}
		return nil
	})
}

// appendElem reads a list and inserts a row behind its end; of two that do so one gets 1062.
func (c *listClient) appendElem(list int) error {
	place := 0
	err := c.statement(nil, false, func(ctx context.Context, st *history.Stmt) error {
		out, err := c.elems(ctx, list, list)
		if err == nil {
			place = len(out[0].list)
			st.Read(out[0].key, out[0].list, history.Plain)
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.statement(nil, false, func(ctx context.Context, st *history.Stmt) error {
		v := c.rec.Value()
		st.Append(firstElem+list, v, history.Plain)
		return c.exec(ctx, "INSERT INTO elems VALUES (?, ?, ?)", c.id(list), place, v)
	})
}

// TestHistory_rows runs single statements in autocommit on a few rows and looks for an order of them that a row alone could
// have had. Some are cancelled: they may have happened or not.
func TestHistory_rows(t *testing.T) {
	onHistory(t, func(t *testing.T, db *sql.DB) {
		s := historySeed(t)
		end := time.Now().Add(historyTime(t))
		runs, calls := 0, 0
		for ; runs < 1 || time.Now().Before(end) && !t.Failed(); runs++ {
			calls += runPairs(t, db, s+uint64(runs), runs*10)
		}
		t.Logf("%d runs, %d calls", runs, calls)
	})
}

type pairCall = history.Call[history.RowIn, history.RowOut]

// runPairs makes one history.
func runPairs(t *testing.T, db *sql.DB, seed uint64, base int) int {
	const sessions, rows, each = 5, 3, 25
	rec := history.NewRecorder()
	var mu sync.Mutex
	per := make([][]pairCall, rows)
	n := 0
	var wg sync.WaitGroup
	for w := range sessions {
		wg.Add(1)
		go func() {
			defer wg.Done()
			rnd := rand.New(rand.NewPCG(seed, uint64(w)))
			for range each {
				row := rnd.IntN(rows)
				verbs := []history.RowVerb{history.Select, history.Select, history.Insert, history.Set, history.Set, history.Add, history.Swap, history.Delete}
				c := pairCall{Session: w, In: history.RowIn{Verb: verbs[rnd.IntN(len(verbs))], Col: rnd.IntN(2), Val: int64(rnd.IntN(4)), Old: int64(rnd.IntN(4))}}
				if err := doPair(db, rec, rnd, base+row, &c); err != nil {
					t.Errorf("seed %d: %+v: %v", seed, c.In, err)
					return
				}
				mu.Lock()
				per[row] = append(per[row], c)
				n++
				mu.Unlock()
			}
		}()
	}
	wg.Wait()
	for row, calls := range per {
		if v, why := history.Linearizable(history.RowModel(history.RowState{}, true), calls, 1<<20); v == history.NotLinear {
			t.Errorf("seed %d, row %d: %s", seed, row, why)
		}
	}
	return n
}

// doPair runs one statement.
func doPair(db *sql.DB, rec *history.Recorder, rnd *rand.Rand, id int, c *pairCall) error {
	ctx, cancel := context.Background(), context.CancelFunc(func() {})
	if rnd.IntN(15) == 0 {
		ctx, cancel = context.WithTimeout(ctx, time.Duration(rnd.IntN(300))*time.Microsecond)
	}
	defer cancel()
	col := "ab"[c.In.Col : c.In.Col+1]
	c.Start = rec.Now()
	var res sql.Result
	var err error
	switch c.In.Verb {
	case history.Select:
		err = db.QueryRowContext(ctx, "SELECT a, b FROM pairs WHERE id = ?", id).Scan(&c.Out.Cols[0], &c.Out.Cols[1])
		c.Out.Done = err == nil
		if errors.Is(err, sql.ErrNoRows) {
			err = nil
		}
	case history.Insert:
		res, err = db.ExecContext(ctx, "INSERT INTO pairs (id, "+col+") VALUES (?, ?)", id, c.In.Val)
	case history.Set:
		res, err = db.ExecContext(ctx, "UPDATE pairs SET "+col+" = ? WHERE id = ?", c.In.Val, id)
	case history.Add:
		res, err = db.ExecContext(ctx, "UPDATE pairs SET "+col+" = "+col+" + ? WHERE id = ?", c.In.Val, id)
	case history.Swap:
		res, err = db.ExecContext(ctx, "UPDATE pairs SET "+col+" = ? WHERE id = ? AND "+col+" = ?", c.In.Val, id, c.In.Old)
	case history.Delete:
		res, err = db.ExecContext(ctx, "DELETE FROM pairs WHERE id = ?", id)
	}
	switch {
	case numberOf(err) == 1062:
		err = nil
	case err != nil && expectedError(err):
		c.Unknown, c.Out = true, history.RowOut{}
		return nil
	case res != nil:
		n, _ := res.RowsAffected()
		c.Out.Done = n == 1
	}
	c.End = rec.Now()
	return err
}
