package vfs

import (
	"errors"
	"path/filepath"
	"sync"
	"syscall"
)

// ErrInjected is what an injected fault is, besides the errno it imitates: errors.Is finds both.
var ErrInjected = errors.New("injected fault")

// ErrPowerOff is what every operation returns after a simulated loss of power.
var ErrPowerOff = errors.New("power is off")

// injectedError imitates an errno.
type injectedError struct{ errno error }

func (e injectedError) Error() string   { return "injected: " + e.errno.Error() }
func (e injectedError) Unwrap() []error { return []error{ErrInjected, e.errno} }

// Injected returns an error that is ErrInjected and errno.
func Injected(errno error) error { return injectedError{errno} }

// EIO is the error of a failing device.
var EIO error = syscall.EIO

// Fault says which operations fail and how. The zero value of a filter lets everything through.
type Fault struct {
	Kinds   OpKind // which kinds; 0: all
	Pattern string // filepath.Match on the last element of the path; "": all
	Nth     int64  // the first operation (counted from 0 among those that pass the filter) that fails
	Forever bool   // all later ones fail too
	Err     error  // EIO when nil
	Short   bool   // a write is carried out by half before it fails
}

func (f *Fault) matches(op Op) bool {
	if f.Kinds != 0 && f.Kinds&op.Kind == 0 {
		return false
	}
	if f.Pattern == "" {
		return true
	}
	ok, _ := filepath.Match(f.Pattern, filepath.Base(op.Path))
	return ok
}

// Injector is an FS that fails chosen operations of another. Its zero fault fails nothing and counts everything.
type Injector struct {
	Hook
	mu     sync.Mutex
	fault  *Fault
	seen   int64
	fired  int64
	power  bool  // off
	offAt  int64 // power goes off after the operation of this index; -1: never
	onOff  func()
	record []string // names of the operations counted, when wanted
	want   bool
}

// NewInjector wraps base.
func NewInjector(base FS) *Injector {
	in := &Injector{offAt: -1}
	in.Base = base
	in.Before = in.before
	in.After = in.after
	return in
}

// Set installs a fault (nil: none) and restarts counting.
func (in *Injector) Set(f *Fault) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.fault, in.seen, in.fired, in.offAt, in.record = f, 0, 0, -1, nil
}

// PowerOffAfter makes power fail right after the operation with index n (counted from 0 over those that Fault's
// filter, if one is set with Set, lets through). off is called at that moment, before the operation returns: the place to
// take a crash image. From then on every operation fails with ErrPowerOff.
func (in *Injector) PowerOffAfter(n int64, off func()) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.fault, in.seen, in.fired, in.offAt, in.onOff = nil, 0, 0, n, off
}

// Record makes the injector remember the operations it counts, for Operations.
func (in *Injector) Record(on bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.want, in.record = on, nil
}

// Operations returns "kind path" of each operation counted since Record or Set.
func (in *Injector) Operations() []string {
	in.mu.Lock()
	defer in.mu.Unlock()
	return append([]string(nil), in.record...)
}

// Count returns how many operations passed the fault's filter (all, without a fault).
func (in *Injector) Count() int64 {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.seen
}

// Fired returns how many operations were made to fail.
func (in *Injector) Fired() int64 {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.fired
}

func (in *Injector) before(op Op) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.power {
		return ErrPowerOff
	}
	if in.want {
		in.record = append(in.record, op.Kind.String()+" "+filepath.Base(op.Path))
	}
	f := in.fault
	if f == nil {
		return nil
	}
	if !f.matches(op) {
		return nil
	}
	n := in.seen
	in.seen++
	if n < f.Nth || (n > f.Nth && !f.Forever) {
		return nil
	}
	in.fired++
	errno := f.Err
	if errno == nil {
		errno = EIO
	}
	err := Injected(errno)
	if f.Short && op.Kind == OpWrite && len(op.Data) > 1 {
		return &ShortWrite{N: len(op.Data) / 2, Err: err}
	}
	return err
}

// after tells an operation that was under way when the power went off that it failed: whether the crash image has
// its effect is unknown.
func (in *Injector) after(_ Op, err error) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.power {
		return ErrPowerOff
	}
	if in.fault != nil {
		return err
	}
	n := in.seen
	in.seen++
	if in.offAt >= 0 && n == in.offAt {
		in.power = true
		if in.onOff != nil {
			in.onOff()
		}
		return ErrPowerOff
	}
	return err
}
