package sqlmap

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/worktable-go/worktable/engine/sqlerr"
)

// cancellable is the context of the running statement: the caller's, which Interrupt can end besides. It costs nothing
// until somebody waits on it. A session has one, since it runs one statement at a time.
type cancellable struct {
	context.Context // the caller's; replaced only while no statement runs
	killed          atomic.Bool

	mu      sync.Mutex
	running bool
	derived context.Context // for Done, made by the first waiter of the statement
	cancel  context.CancelFunc
}

// begin makes c the context of a new statement.
func (c *cancellable) begin(parent context.Context) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Context, c.running = parent, true
	c.killed.Store(false)
}

// end ends the statement: what waited on it has returned.
func (c *cancellable) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running = false
	if c.cancel != nil {
		c.cancel()
		c.derived, c.cancel = nil, nil
	}
}

// isRunning reports whether a statement runs. It may be called from any goroutine.
func (c *cancellable) isRunning() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.running
}

// kill ends the running statement, if any.
func (c *cancellable) kill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.running {
		return
	}
	c.killed.Store(true)
	if c.cancel != nil {
		c.cancel()
	}
}

// Err implements context.Context.
func (c *cancellable) Err() error {
	if c.killed.Load() {
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
		if c.killed.Load() {
			c.cancel()
		}
	}
	return c.derived.Done()
}

// cause is the error of a statement whose context has ended.
func (c *cancellable) cause() error {
	if c.killed.Load() {
		return sqlerr.New(sqlerr.QueryInterrupted)
	}
	return interrupted(c.Context)
}

// Interrupt ends the running statement, as KILL QUERY does: it fails with 1317. It may be called from any goroutine.
func (s *Session) Interrupt() { s.current.kill() }
