package engine_test

import (
	"reflect"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/schema"
)

// TestReuse: a transaction that takes over the memory of a finished one starts like any other.
func TestReuse(t *testing.T) {
	db := newDB(t, engine.Options{})
	tab := accounts(t, db)
	used, err := db.Begin(ctx, engine.TxOptions{LockWait: time.Second, ReadOnly: false})
	require.NoError(t, err)
	used.SetForeignKeyChecks(false)
	_, err = used.Insert(ctx, tab, vals(1, "ann", 1, "x"))
	require.NoError(t, err)
	var r row.Row
	_, _, err = used.GetLocked(ctx, tab.Index(0), vals(1), engine.LockSpec{X: schema.ColSetOf(2), Explicit: true}, &r)
	require.NoError(t, err)
	require.NoError(t, used.TakeSnapshot())
	require.NoError(t, used.BeginStatement(engine.StmtWrite))
	require.NoError(t, used.Commit(ctx))

	// What is no part of a transaction's state: scratch memory, and the owner that each has.
	others := map[string]bool{"key": true, "key2": true, "ids": true, "spareWS": true, "owner": true}
	for _, o := range []engine.TxOptions{{Autocommit: true}, {Isolation: engine.ReadCommitted}} {
		fresh, err := db.Begin(ctx, o)
		require.NoError(t, err)
		o.Reuse = used
		again, err := db.Begin(ctx, o)
		require.NoError(t, err)
		require.Same(t, used, again)
		a, b := reflect.ValueOf(fresh).Elem(), reflect.ValueOf(again).Elem()
		for i := range a.NumField() {
			if name := a.Type().Field(i).Name; !others[name] {
				require.Equal(t, field(a, i), field(b, i), name)
			}
		}
		require.NoError(t, fresh.Rollback())
		require.NoError(t, again.Rollback())
	}
}

// field returns an unexported field of an addressable struct.
func field(v reflect.Value, i int) any {
	f := v.Field(i)
	return reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem().Interface()
}
