package logictest

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// scripted answers from a table.
type scripted map[string][][]Value

func (s scripted) Exec(_ context.Context, sql string) error {
	if _, ok := s[sql]; !ok {
		return errors.New("unknown statement")
	}
	return nil
}

func (s scripted) Query(_ context.Context, sql, _ string) ([][]Value, error) {
	rows, ok := s[sql]
	if !ok {
		return nil, errors.New("unknown query")
	}
	return rows, nil
}

const script = `
# a comment
statement ok
good

statement error
bad

skipif mysql # other dialect
statement ok
sqlite only

onlyif mysql
query IT rowsort
two
----
1
b
2
(empty)

query I valuesort x
hashed
----
2 values hashing to 0a88863510308751293f4b91afc07dd6

halt

statement ok
never
`

func TestRun_records(t *testing.T) {
	db := scripted{
		"good":   nil,
		"two":    {{{Text: "2"}, {}}, {{Text: "1"}, {Text: "b"}}},
		"hashed": {{{Text: "3"}}, {{Text: "1"}}},
	}
	rep, err := Run(context.Background(), db, strings.NewReader(script), "mysql", nil)
	require.NoError(t, err)
	require.Empty(t, rep.Failures)
	require.Equal(t, 4, rep.Passed)
	require.Equal(t, map[string]int{"skipif mysql # other dialect": 1}, rep.Skipped)
	require.NotZero(t, rep.Halted)
}

func TestRun_differencesAreFailures(t *testing.T) {
	for name, db := range map[string]scripted{
		"wrong value": {"good": nil, "two": {{{Text: "2"}, {}}, {{Text: "1"}, {Text: "c"}}}, "hashed": {{{Text: "3"}}, {{Text: "1"}}}},
		"wrong hash":  {"good": nil, "two": {{{Text: "2"}, {}}, {{Text: "1"}, {Text: "b"}}}, "hashed": {{{Text: "3"}}, {{Text: "2"}}}},
		"row missing": {"good": nil, "two": {{{Text: "2"}, {}}}, "hashed": {{{Text: "3"}}, {{Text: "1"}}}},
		"NULL":        {"good": nil, "two": {{{Text: "2"}, {Null: true}}, {{Text: "1"}, {Text: "b"}}}, "hashed": {{{Text: "3"}}, {{Text: "1"}}}},
		"no error":    {"good": nil, "bad": nil, "two": {{{Text: "2"}, {}}, {{Text: "1"}, {Text: "b"}}}, "hashed": {{{Text: "3"}}, {{Text: "1"}}}},
		"an error":    {"two": {{{Text: "2"}, {}}, {{Text: "1"}, {Text: "b"}}}, "hashed": {{{Text: "3"}}, {{Text: "1"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			rep, err := Run(context.Background(), db, strings.NewReader(script), "mysql", nil)
			require.NoError(t, err)
			require.Len(t, rep.Failures, 1)
		})
	}
}
