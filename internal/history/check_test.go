package history_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/internal/history"
)

// parse reads a history, one transaction per line:
//
//	<level> <outcome> [<start>-<end>] <op>…
//
// Level is si or rc, outcome is ok, fail or unknown. An op is a<key>=<value> or r<key>=<values with commas>, behind it c for
// current or l for locked; ! undoes the last op before it, ; ends a statement (the reads of one statement share it).
// Without times all transactions overlap.
func parse(t *testing.T, text string) *history.History {
	t.Helper()
	h := new(history.History)
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		f := strings.Fields(line)
		x := &history.Txn{ID: len(h.Txns), Session: len(h.Txns), Start: 1, End: 1000}
		x.Level = map[string]history.Level{"si": history.SnapshotIsolation, "rc": history.ReadCommitted}[f[0]]
		x.Outcome = map[string]history.Outcome{"ok": history.Committed, "fail": history.Aborted, "unknown": history.Unknown}[f[1]]
		require.NotZero(t, x.Level, line)
		stmt := 0
		for _, w := range f[2:] {
			var a, b int64
			if n, _ := fmt.Sscanf(w, "[%d-%d]", &a, &b); n == 2 {
				x.Start, x.End = a, b
				continue
			}
			if w == ";" {
				stmt++
				continue
			}
			if w == "!" {
				x.Ops = append(x.Ops, history.Op{Kind: history.Undo, To: len(x.Ops) - 1, Stmt: stmt})
				continue
			}
			x.Ops = append(x.Ops, parseOp(t, w, stmt))
		}
		h.Txns = append(h.Txns, x)
	}
	return h
}

func parseOp(t *testing.T, w string, stmt int) history.Op {
	op := history.Op{Stmt: stmt}
	if s, is := strings.CutSuffix(w, "c"); is {
		w, op.Access = s, history.Current
	} else if s, is := strings.CutSuffix(w, "l"); is {
		w, op.Access = s, history.Locked
	}
	key, val, _ := strings.Cut(w[1:], "=")
	var err error
	op.Key, err = strconv.Atoi(key)
	require.NoError(t, err, w)
	if w[0] == 'r' {
		op.Kind = history.Read
	}
	for _, v := range strings.FieldsFunc(val, func(r rune) bool { return r == ',' }) {
		n, err := strconv.ParseInt(v, 10, 64)
		require.NoError(t, err, w)
		op.List, op.Value = append(op.List, n), n
	}
	if w[0] != 'r' {
		op.List = nil
	}
	return op
}

var histories = []struct {
	what string
	want history.Name // none: possible
	text string
}{
	{"one after the other", "", "si ok [1-2] a1=1\nsi ok [3-4] r1=1 a1=2\nsi ok [5-6] r1=1,2"},
	{"own appends", "", "si ok [1-2] a1=1 a1=2 r1=1,2 a1=3 r1=1,2,3\nsi ok [3-4] r1=1,2,3"},
	{"a savepoint", "", "si ok [1-2] a1=1 a1=2 ! r1=1 a1=3\nsi ok [3-4] r1=1,3"},
	{"unknown and seen", "", "si unknown a1=1 a2=5\nsi ok r1=1 r2=5"},
	{"unknown and not seen", "", "si unknown a1=1\nsi ok r1= a1=2\nsi ok r1=2"},
	{"unknown takes effect later", "", "si unknown [1-2] a1=1\nsi ok [3-4] r1=\nsi ok [5-6] r1=1"},
	{"old snapshots", "", "si ok [1-9] r1= r2=\nsi ok [2-3] a1=1 a2=2\nsi ok [4-5] r1=1 r2=2"},

	{"aborted read", history.G1a, "si fail a1=1\nsi ok r1=1"},
	{"aborted read by one that is rolled back", history.G1a, "si fail a1=1\nsi fail r1=1"},
	{"undone statement read", history.G1a, "rc ok a1=1 ! a1=2\nrc ok r1=1,2"},
	{"intermediate read", history.G1b, "rc ok a1=1 a1=2\nrc ok r1=1\nrc ok r1=1,2"},
	{"nobody wrote it", history.Garbage, "si ok a1=1\nsi ok r1=1,7"},
	{"twice", history.Duplicate, "si ok a1=1\nsi ok r1=1,1"},
	{"two orders", history.IncompatibleOrder, "rc ok a1=1\nrc ok a1=2\nrc ok r1=1,2\nrc ok r1=2,1"},
	{"an append is overwritten", history.IncompatibleOrder, "rc ok a1=1\nrc ok a1=2\nrc ok r1=1\nrc ok r1=2"},

	{"own append not seen", history.Internal, "si ok a1=1 r1=\nsi ok r1=1"},
	{"own append still seen after undo", history.Internal, "si ok a1=1 ! r1=1"},
	{"own append seen before", history.Internal, "si ok r1=1 a1=1"},
	{"own appends in the wrong order", history.Internal, "si ok a1=1 a1=2 r1=2,1"},
	{"another append between own ones", history.Internal, "rc ok r1= ; a1=1 r1=1 ; a1=2 r1=9,1,2\nrc ok a1=9"},
	{"non-repeatable read", history.Internal, "si ok r1= r1=1\nsi ok a1=1"},
	{"non-repeatable read is allowed", "", "rc ok r1= ; r1=1\nrc ok a1=1"},
	{"repeatable until locked", "", "si ok r1= ; r1=1l ; a1=2l ; r1=1,2c\nsi ok a1=1"},
	{"changed while locked", history.Internal, "rc ok r1=l ; r1=1l\nrc ok a1=1"},
	{"a lock is given back at a savepoint", "", "rc ok r1=l ! ; r1=1c\nrc ok a1=1"},
	{"newest older than the snapshot", history.Internal, "si ok r1=1 ; r1=c\nsi ok a1=1"},

	{"dirty write", history.G0, "rc ok a1=1 a2=1\nrc ok a1=2 a2=2\nrc ok r1=1,2 r2=2,1"},
	{"dirty write in one key", history.G0, "rc ok a1=1 a1=3\nrc ok a1=2\nrc ok r1=1,2,3"},
	{"circular information flow", history.G1c, "rc ok a1=1 ; r2=2\nrc ok a2=2 ; r1=1"},
	{"circular through a write", history.G1c, "rc ok a1=1 ; r2=2\nrc ok a1=2 ; a2=2\nrc ok r1=1,2"},
	{"lost update", history.LostUpdate, "si ok r1= a1=1\nsi ok r1= a1=2\nsi ok r1=1,2"},
	{"lost update by the level", "", "rc ok r1= ; a1=1\nrc ok r1= ; a1=2\nrc ok r1=1,2"},
	{"lost update under a lock", history.LostUpdate, "rc ok r1=l ; a1=1l\nrc ok r1=l ; a1=2l\nrc ok r1=1,2"},
	{"update behind the snapshot under a lock", "", "si ok r2= ; r1=1l ; a1=2l\nsi ok a1=1 a2=1\nsi ok r1=1,2 r2=1"},
	{"update behind the snapshot without", history.GSingle, "si ok r2= ; a1=2\nsi ok a1=1 a2=1\nsi ok r1=1,2 r2=1"},
	{"read skew", history.GSingle, "si ok a1=1 a2=1\nsi ok r1=1 r2="},
	{"read skew by one that is rolled back", history.GSingle, "si ok a1=1 a2=1\nsi fail r1=1 r2="},
	{"read skew in a statement", history.GSingle, "rc ok a1=1 a2=1\nrc ok r1=1 r2="},
	{"read skew between statements", "", "rc ok a1=1 a2=1\nrc ok r2= ; r1=1"},
	{"statements going back", history.GSingle, "rc ok a1=1 a2=1\nrc ok r1=1 ; r2="},
	{"read skew through a third", history.GSingle, "si ok a1=1\nsi ok r1=1 a2=1\nsi ok r2=1 r1="},
	{"mixed levels", history.GSingle, "rc ok a1=1 a2=1\nsi ok r1=1 ; r2="},
	{"long fork", history.LongFork, "si ok a1=1\nsi ok a2=1\nsi ok r1=1 r2=\nsi ok r1= r2=1"},
	{"write skew", history.G2Item, "si ok r1= r2= a1=1\nsi ok r1= r2= a2=1\nsi ok r1=1 r2=1"},
	{"write skew with locked reads", history.GNonadjacent, "si ok r1= ; r2=l ; a1=1\nsi ok r2= ; r1=l ; a2=1\nsi ok r1=1 r2=1"},

	{"stale read", history.GSingle, "si ok [1-2] a1=1\nsi ok [3-4] r1=\nsi ok [5-6] r1=1"},
	{"stale read of a statement", history.GSingle, "rc ok [1-2] a1=1\nrc ok [3-4] r1="},
	{"append never seen", history.GSingle, "si ok [1-2] a1=1\nsi ok [3-4] r1="},
	{"from the future", history.G1c, "si ok [1-2] r1=1\nsi ok [3-4] a1=1"},
	{"overwritten in the past", history.G0, "si ok [1-2] a1=1\nsi ok [3-4] a1=2\nsi ok [5-6] r1=2,1"},
}

func TestCheck_namesEachAnomaly(t *testing.T) {
	for _, c := range histories {
		t.Run(c.what, func(t *testing.T) {
			r := history.Check(parse(t, c.text))
			switch c.want {
			case "":
				require.NoError(t, r.Err())
			case history.G2Item:
				require.NoError(t, r.Err())
				require.Equal(t, 1, r.Allowed[history.G2Item])
			default:
				require.True(t, r.Has(c.want), "want %s\n%s", c.want, r)
				require.ErrorContains(t, r.Err(), string(c.want))
			}
		})
	}
}

// TestCheck_tellsTheCycle shows what a finding looks like.
func TestCheck_tellsTheCycle(t *testing.T) {
	h := parse(t, "si ok a1=1 a2=1 a3=1\nsi ok r1=1 r2=\nsi ok r3=1\nsi ok r3=")
	r := history.Check(h)
	require.Len(t, r.Anomalies, 1)
	require.Equal(t, []int{0, 1}, r.Anomalies[0].Txns)
	require.Contains(t, r.String(), "T1 read key 1 as [1], as T0 left it")
	require.Contains(t, r.String(), "T1 read key 2 as [], before T0 appended to it")
	require.Contains(t, r.String(), "T1, session 1, snapshot isolation, committed, 1 to 1000: |@0 read(1) = [1] read(2) = []")

	r = history.Check(parse(t, "si ok [1-2] a1=1\nsi ok [3-4] a2=1\nsi ok [5-6] r1="))
	require.Contains(t, r.String(), "G-single-realtime")
	require.Contains(t, r.String(), "T0 had ended before T2, or its statement, began")
}

func TestCheckLog(t *testing.T) {
	h := parse(t, "si ok [1-5] a1=1 a2=2\nsi ok [2-6] a1=3\nsi fail a1=4\nsi unknown a2=6\nsi ok [7-8] a2=5 a2=9 !\nsi ok [9-10] r1=1,3 r2=2,5")
	type e = history.LogEntry
	t0, t1, t3, t4 := e{{Key: 2, Value: 2}, {Key: 1, Value: 1}}, e{{Key: 1, Value: 3}}, e{{Key: 2, Value: 6}}, e{{Key: 2, Value: 5}}
	for _, c := range []struct {
		what string
		want history.Name
		log  []e
	}{
		{"all", "", []e{t0, t1, t4}},
		{"with the unknown", "", []e{t0, t1, t4, t3}},
		{"gap", history.LogGap, []e{t0, t4}},
		{"twice", history.LogDuplicate, []e{t0, t1, t1, t4}},
		{"rolled back", history.LogPhantom, []e{t0, t1, {{Key: 1, Value: 4}}, t4}},
		{"invented", history.LogPhantom, []e{t0, t1, {{Key: 1, Value: 99}}, t4}},
		{"in part", history.LogTorn, []e{t0[1:], t1, t4}},
		{"with an undone append", history.LogTorn, []e{t0, t1, {{Key: 2, Value: 5}, {Key: 2, Value: 9}}}},
		{"versions swapped", history.LogOrder, []e{t1, t0, t4}},
		{"against time", history.LogOrder, []e{t0, t4, t1}},
	} {
		t.Run(c.what, func(t *testing.T) {
			found := history.CheckLog(h, c.log)
			if c.want == "" {
				require.Empty(t, found)
				return
			}
			names := make([]history.Name, 0, len(found))
			for _, a := range found {
				names = append(names, a.Name)
			}
			require.Contains(t, names, c.want, found)
		})
	}
}
