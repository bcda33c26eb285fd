package lock

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// late is a context that is over from the n-th look on.
type late struct {
	context.Context
	n int
}

func (c *late) Err() error {
	if c.n--; c.n < 0 {
		return errors.New("over")
	}
	return nil
}

// TestCancelledExclusiveLeavesNoClaim: a claim that stays would send every later shared request through the record.
func TestCancelledExclusiveLeavesNoClaim(t *testing.T) {
	for n := range 3 {
		m := New(Options{})
		d := &Definition{Kind: "table", ID: 1}
		a, b := m.Begin(1), m.Begin(2)
		_, err := m.AcquireShared(context.Background(), a, d, Wait{})
		require.NoError(t, err)
		_, err = m.AcquireExclusive(&late{context.Background(), n}, b, d, Wait{Timeout: 1})
		require.Error(t, err)
		require.Zero(t, d.claimed.Load(), "look %d", n)
		m.End(a)
		m.End(b)
	}
}
