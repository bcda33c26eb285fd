package expr

import (
	"context"
	"time"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// Env is what an expression is evaluated on: the current row, the rows of the enclosing queries, and the
// execution. An Env belongs to one operator; Row is replaced for every tuple.
type Env struct {
	Row   []value.Value
	Outer *Env // the enclosing query's row, for correlated subqueries; nil at the top
	Run   *Run
}

// Run is one execution of a statement; all Envs of the execution share it.
type Run struct {
	Ctx     context.Context // nil is context.Background()
	Params  []value.Value
	Session *SessionState // never nil
	Now     time.Time     // of the statement; the zero time is read from the clock when first needed, see Time
	// Strict makes lossy conversions errors: INSERT, UPDATE and DELETE under a strict sql_mode, without IGNORE.
	Strict bool
	// Proposed is the row that an INSERT proposes, for VALUES(col) in ON DUPLICATE KEY UPDATE (see NewProposed).
	Proposed []value.Value

	cache map[any]any // per-node state of this execution: compiled patterns, seeded generators
	muted int         // warnings that a quiet Env swallowed
}

// NewEnv returns an Env for one execution.
func NewEnv(run *Run) *Env { return &Env{Run: run} }

// Child returns an Env for a subquery whose outer row is env's.
func (env *Env) Child() *Env { return &Env{Outer: env, Run: env.Run} }

// Warn reports a lossy conversion: it returns err itself when the execution is strict and the error is one that
// strict mode raises; otherwise it passes it on as a warning and returns nil.
func (env *Env) Warn(err *sqlerr.Error) error { return env.Run.Warn(err) }

// Warn is Env.Warn.
func (r *Run) Warn(err *sqlerr.Error) error {
	if r.Strict && !onlyWarns[err.Number()] {
		return err
	}
	if r.Session.Warn != nil {
		r.Session.Warn(LevelWarning, err)
	}
	return nil
}

// Context returns the context of the execution.
func (r *Run) Context() context.Context {
	if r.Ctx == nil {
		return context.Background()
	}
	return r.Ctx
}

// localNow returns the statement's time in the session's time zone.
func (r *Run) localNow() time.Time { return r.Time().In(r.Session.Location()) }

// Time returns the statement's time, which NOW(), CURDATE() and their kin all show. Most statements never ask for it,
// and the clock costs as much as a look-up in an index.
func (r *Run) Time() time.Time {
	if r.Now.IsZero() {
		r.Now = time.Now()
	}
	return r.Now
}

// state returns the per-execution state kept under key, made by make on first use.
func state[T any](r *Run, key any, make func() T) T {
	if s, ok := r.cache[key]; ok {
		return s.(T)
	}
	if r.cache == nil {
		r.cache = map[any]any{}
	}
	s := make()
	r.cache[key] = s
	return s
}

// quiet returns an Env on the same row that counts warnings instead of passing them on.
func (env *Env) quiet() *Env {
	session := *env.Run.Session
	run := *env.Run
	e := &Env{Row: env.Row, Outer: env.Outer, Run: &run}
	run.Session, run.Strict = &session, false
	session.Warn = func(Level, *sqlerr.Error) { run.muted++ }
	return e
}

// Quietly calls f with an Env on the same row that passes no warnings on. It is false when f failed or something warned:
// then only an evaluation on env itself says what it should.
func Quietly(env *Env, f func(env *Env) error) bool {
	quiet := env.quiet()
	err := f(quiet)
	env.Run.Now, env.Run.cache = quiet.Run.Now, quiet.Run.cache
	return err == nil && !quiet.warned()
}

func (env *Env) warned() bool { return env.Run.muted > 0 }

// onlyWarns are the warnings that strict mode does not raise: a negative integer read as unsigned, an invalid character
// string, wrong parameters of a digest, an unknown locale.
var onlyWarns = map[uint16]bool{1105: true, 1300: true, 1583: true, 1649: true}
