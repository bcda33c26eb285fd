package persistence

import (
	"context"
	"fmt"
	"sync"

	"github.com/worktable-go/worktable/persistence/vfs"
)

// registry knows the directories that this process has open, so that a second Open shares the first one's engine.
var registry = struct {
	mu   sync.Mutex
	open map[registryKey]*share
}{open: map[registryKey]*share{}}

type registryKey struct {
	fs   vfs.FS
	path string
}

// share is one open directory. refs and closing are guarded by registry.mu; d and err are written before ready is closed.
type share struct {
	key     registryKey
	o       Options
	refs    int
	closing bool
	ready   chan struct{} // opening is over
	gone    chan struct{} // closing is over, or opening failed
	d       *database
	err     error
}

// acquire opens a directory or joins who has it open.
func acquire(ctx context.Context, o Options) (*share, error) {
	path, err := o.FS.Canonical(o.Dir)
	if err != nil {
		return nil, err
	}
	o.Dir = path
	key := registryKey{o.FS, path}
	for {
		registry.mu.Lock()
		s := registry.open[key]
		if s == nil {
			s = &share{key: key, o: o, refs: 1, ready: make(chan struct{}), gone: make(chan struct{})}
			registry.open[key] = s
			registry.mu.Unlock()
			return s, s.open(ctx)
		}
		if s.closing {
			registry.mu.Unlock()
			if err := await(ctx, s.gone); err != nil {
				return nil, err
			}
			continue
		}
		if what := s.o.conflict(o); what != "" {
			registry.mu.Unlock()
			return nil, fmt.Errorf("%w: %s of %s", ErrOptionsDiffer, what, o.Dir)
		}
		s.refs++
		registry.mu.Unlock()
		if err := await(ctx, s.ready); err != nil {
			_ = s.release(context.Background())
			return nil, err
		}
		if s.err == nil {
			return s, nil
		}
		// The one who opened failed, perhaps only because his context ended: try on one's own.
	}
}

func await(ctx context.Context, c <-chan struct{}) error {
	select {
	case <-c:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *share) open(ctx context.Context) error {
	s.d, s.err = openDatabase(ctx, s.o)
	if s.err != nil {
		s.forget()
	}
	close(s.ready)
	return s.err
}

// forget takes the directory out of the registry.
func (s *share) forget() {
	registry.mu.Lock()
	delete(registry.open, s.key)
	registry.mu.Unlock()
	close(s.gone)
}

// release gives one reference back; the last closes the database.
func (s *share) release(ctx context.Context) error {
	<-s.ready
	registry.mu.Lock()
	s.refs--
	last := s.refs == 0 && s.err == nil && !s.closing
	if last {
		s.closing = true
	}
	registry.mu.Unlock()
	if !last {
		return nil
	}
	err := s.d.close(ctx)
	s.forget()
	return err
}
