package sqlmap

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/worktable-go/worktable/engine/sqlerr"
)

// cancellable is the context of the running statement: the caller's, which Interrupt can end besides. A session has one,
// since it runs one statement at a time. It costs two atomic operations a statement unless somebody waits on it.
//
// The session's goroutine begins and ends statements and is the only one to call Done and Err; any other may kill. A kill
// holds mu, which Done takes before it makes a context: so what a kill cancels is of the statement that it marked.
type cancellable struct {
	context.Context // the caller's; replaced only while no statement runs
	state           atomic.Uint32

	mu      sync.Mutex
	derived context.Context // for Done, made by the first waiter of the statement
	cancel  context.CancelFunc
}

// The bits of cancellable.state.
const (
	statementRuns   = 1 << iota
	statementKilled // by Interrupt
	statementWaits  // there is a derived context
)

// begin makes c the context of a new statement.
func (c *cancellable) begin(parent context.Context) {
	c.Context = parent
	if c.state.Swap(statementRuns)&statementWaits != 0 {
		c.drop() // of a statement that a panic ended
	}
}

// end ends the statement: what waited on it has returned.
func (c *cancellable) end() {
	if c.state.Swap(0)&statementWaits != 0 {
		c.drop()
	}
}

// drop ends the derived context.
func (c *cancellable) drop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cancel()
	c.derived, c.cancel = nil, nil
}

// isRunning reports whether a statement runs. It may be called from any goroutine.
func (c *cancellable) isRunning() bool { return c.state.Load()&statementRuns != 0 }

// kill ends the running statement, if any.
func (c *cancellable) kill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		s := c.state.Load()
		if s&statementRuns == 0 {
			return
		}
		if c.state.CompareAndSwap(s, s|statementKilled) {
			break
		}
	}
	if c.cancel != nil {
		c.cancel()
	}
}

func (c *cancellable) killed() bool { return c.state.Load()&statementKilled != 0 }

// Err implements context.Context.
func (c *cancellable) Err() error {
	if c.killed() {
		return context.Canceled
	}
	return c.Context.Err()
}

// Done implements context.Context.
func (c *cancellable) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.derived == nil {
		c.derived, c.cancel = context.WithCancel(c.Context)
		if c.state.Or(statementWaits)&statementKilled != 0 {
			c.cancel()
		}
	}
	return c.derived.Done()
}

// cause is the error of a statement whose context has ended.
func (c *cancellable) cause() error {
	if c.killed() {
		return sqlerr.New(sqlerr.QueryInterrupted)
	}
	return interrupted(c.Context)
}

// Interrupt ends the running statement, as KILL QUERY does: it fails with 1317. It may be called from any goroutine.
func (s *Session) Interrupt() { s.current.kill() }
