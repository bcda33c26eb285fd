package cdc

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine/schema"
)

func sample() *Txn {
	return &Txn{CSN: 77, Time: -5, Ops: []Op{
		{Kind: Insert, Table: 16, SchemaVersion: 1, Storage: 17, Row: 1<<63 + 5, Mask: schema.AllCols(3), After: []byte("abc"), Key: []byte{}},
		{Kind: Update, Table: 16, SchemaVersion: 2, Storage: 17, Row: 9, Mask: schema.ColSetOf(0, 63, 64, 200), After: []byte("x"), Before: []byte("y")},
		{Kind: Delete, Table: 1<<32 - 1, Storage: 1, Row: 3, Before: []byte("b"), Key: []byte("k")},
		{Kind: AutoIncrement, Table: 16, Value: 1<<64 - 1},
		{Kind: Truncate, Table: 16, Storage: 20},
	}}
}

func TestRoundTrip(t *testing.T) {
	for _, want := range []*Txn{{}, sample()} {
		got, err := DecodeTxn(AppendTxn(nil, want))
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

func TestEveryCutIsAnError(t *testing.T) {
	data := AppendTxn(nil, sample())
	for n := range data {
		_, err := DecodeTxn(data[:n:n])
		require.ErrorIs(t, err, ErrCorrupt, n)
	}
	_, err := DecodeTxn(append(data, 0))
	require.ErrorIs(t, err, ErrCorrupt)
}

func TestDDL(t *testing.T) {
	require.False(t, sample().DDL())
	require.True(t, (&Txn{Ops: []Op{{Table: 1}}}).DDL())
}

func FuzzDecodeTxn(f *testing.F) {
	f.Add(AppendTxn(nil, sample()))
	f.Add(AppendTxn(nil, &Txn{}))
	f.Fuzz(func(t *testing.T, data []byte) {
		txn, err := DecodeTxn(data)
		if err != nil {
			require.ErrorIs(t, err, ErrCorrupt)
			return
		}
		again, err := DecodeTxn(AppendTxn(nil, txn))
		require.NoError(t, err)
		require.Equal(t, txn.CSN, again.CSN)
		require.Len(t, again.Ops, len(txn.Ops))
	})
}
