package logictest

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap"
)

// sessionDB runs scripts on a session, by text or through prepared statements.
type sessionDB struct {
	s        *sqlmap.Session
	prepared bool
}

func newSessionDB(t *testing.T, prepared bool) *sessionDB {
	ctx := context.Background()
	db, err := engine.New(engine.Options{})
	require.NoError(t, err)
	d, err := sqlmap.Acquire(db)
	require.NoError(t, err)
	s, err := d.NewSession(ctx, sqlmap.SessionOptions{Schema: "test", CreateSchema: true})
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, s.Close())
		require.Empty(t, db.Check(ctx))
		d.Release()
		require.NoError(t, db.Close(ctx))
	})
	return &sessionDB{s: s, prepared: prepared}
}

func (d *sessionDB) Exec(ctx context.Context, sql string) error {
	_, err := d.s.Exec(ctx, sql, sqlmap.Args{})
	return err
}

func (d *sessionDB) open(ctx context.Context, sql string) (*sqlmap.Result, error) {
	if !d.prepared {
		return d.s.Query(ctx, sql, sqlmap.Args{})
	}
	st, err := d.s.Prepare(ctx, sql)
	if err != nil {
		return nil, err
	}
	return st.Query(ctx, nil)
}

func (d *sessionDB) Query(ctx context.Context, sql, types string) ([][]Value, error) {
	r, err := d.open(ctx, sql)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if n := len(r.Columns()); n != len(types) {
		return nil, fmt.Errorf("%d columns, want %d", n, len(types))
	}
	var out [][]Value
	row := make([]value.Value, len(types))
	for {
		ok, err := r.Next(ctx, row)
		if err != nil {
			return nil, err
		}
		if !ok {
			return out, nil
		}
		vals := make([]Value, len(row))
		for i, v := range row {
			vals[i] = format(v, types[i])
		}
		out = append(out, vals)
	}
}

// format renders a value as the corpus' recorder did.
func format(v value.Value, typ byte) Value {
	if v.IsNull() {
		return Value{Null: true}
	}
	switch typ {
	case 'R':
		f, _ := v.AsFloat()
		return Value{Text: strconv.FormatFloat(f, 'f', 3, 64)}
	case 'I':
		switch v.Kind() {
		case value.KindString, value.KindBytes:
			n, _ := v.AsInt()
			return Value{Text: strconv.FormatInt(n, 10)}
		case value.KindDecimal, value.KindFloat:
			f, _ := v.AsFloat()
			return Value{Text: strconv.FormatInt(int64(f), 10)}
		}
	}
	return Value{Text: strings.Clone(v.Text())} // the row is good until the next one only
}
