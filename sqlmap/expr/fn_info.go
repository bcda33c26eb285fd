package expr

import (
	"strings"
	"time"

	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

func init() {
	register(map[string]*function{
		"version": {min: 0, max: 0, bind: bindSystemText, eval: func(*Env, *Call) (value.Value, error) {
			return value.String(Version), nil
		}},
		"database|schema":               {min: 0, max: 0, flags: PerStatement, bind: bindSystemText, eval: evalDatabase},
		"user|session_user|system_user": {min: 0, max: 0, flags: PerStatement, bind: bindSystemText, eval: evalUser},
		"current_user":                  {min: 0, max: 0, flags: PerStatement, bind: bindSystemText, eval: evalCurrentUser},
		"current_role":                  {min: 0, max: 0, flags: PerStatement, bind: bindSystemText, eval: func(*Env, *Call) (value.Value, error) { return value.String("NONE"), nil }},
		"connection_id":                 {min: 0, max: 0, flags: PerStatement, bind: returnsUint, eval: evalConnectionID},
		"last_insert_id":                {min: 0, max: 1, flags: PerStatement, bind: bindLastInsertID, eval: evalLastInsertID},
		"row_count":                     {min: 0, max: 0, flags: PerStatement, bind: returnsInt, eval: evalRowCount},
		"found_rows":                    {min: 0, max: 0, flags: PerStatement, bind: returnsInt, eval: evalFoundRows},
		"sleep":                         {min: 1, max: 1, flags: NonDeterministic | SideEffect, bind: returnsInt, eval: evalSleep},
		"benchmark":                     {min: 2, max: 2, flags: NonDeterministic | SideEffect, bind: returnsNullable(returnsInt), eval: evalBenchmark},
		"name_const":                    {min: 2, max: 2, bind: bindNameConst, eval: evalInner},
		"any_value":                     {min: 1, max: 1, bind: bindSame, eval: evalInner},
		"get_lock":                      {min: 2, max: 2, flags: NonDeterministic | SideEffect, bind: returnsNullable(returnsInt), f2: evalGetLock},
		"release_lock":                  {min: 1, max: 1, flags: NonDeterministic | SideEffect, bind: returnsNullable(returnsInt), f1: evalReleaseLock},
		"release_all_locks":             {min: 0, max: 0, flags: NonDeterministic | SideEffect, bind: returnsInt, eval: evalReleaseAllLocks},
		"is_free_lock":                  {min: 1, max: 1, flags: NonDeterministic, bind: returnsNullable(returnsInt), f1: evalLockOwner},
		"is_used_lock":                  {min: 1, max: 1, flags: NonDeterministic, bind: returnsNullable(returnsUint), f1: evalLockOwner},
	})
}

func bindSystemText(_ *binder, c *Call) error {
	c.Typ = stringType(64, collate.Default, CoerceSysConst, false)
	if c.Name == "version" {
		c.Typ.Length, c.Typ.NotNull = uint32(len(Version)), true
	}
	return nil
}

func evalDatabase(env *Env, _ *Call) (value.Value, error) {
	if env.Run.Session.Database == "" {
		return value.Null, nil
	}
	return value.String(env.Run.Session.Database), nil
}

func evalUser(env *Env, _ *Call) (value.Value, error) {
	return value.String(env.Run.Session.User), nil
}

func evalCurrentUser(env *Env, _ *Call) (value.Value, error) {
	if s := env.Run.Session; s.CurrentUser != "" {
		return value.String(s.CurrentUser), nil
	}
	return value.String(env.Run.Session.User), nil
}

func evalConnectionID(env *Env, _ *Call) (value.Value, error) {
	return value.Uint(env.Run.Session.ConnectionID), nil
}

// bindLastInsertID marks the form with an argument: it sets the session's id.
func bindLastInsertID(b *binder, c *Call) error {
	if len(c.Args) == 1 {
		c.fn = lastInsertIDSetter
	}
	return returnsUint(b, c)
}

var lastInsertIDSetter = &function{min: 1, max: 1, flags: NonDeterministic | SideEffect, eval: func(env *Env, c *Call) (value.Value, error) {
	v, err := c.Args[0].Eval(env)
	if err != nil {
		return value.Null, err
	}
	s := env.Run.Session
	if v.IsNull() {
		s.LastInsertID, s.LastInsertIDSet = 0, true
		return value.Null, nil
	}
	n, _, err := toInt(env, v)
	if err != nil {
		return value.Null, err
	}
	s.LastInsertID, s.LastInsertIDSet = uint64(n), true
	return value.Uint(uint64(n)), nil
}}

func evalLastInsertID(env *Env, _ *Call) (value.Value, error) {
	return value.Uint(env.Run.Session.LastInsertID), nil
}

func evalRowCount(env *Env, _ *Call) (value.Value, error) {
	return value.Int(env.Run.Session.RowCount), nil
}

func evalFoundRows(env *Env, _ *Call) (value.Value, error) {
	return value.Int(int64(env.Run.Session.FoundRows)), nil
}

// seconds reads a duration in seconds.
func seconds(env *Env, v value.Value) (time.Duration, error) {
	f, err := toFloat(env, v)
	if err != nil {
		return 0, err
	}
	const most = 1 << 33 // about 272 years, the longest Duration
	return time.Duration(min(max(f, -most), most) * float64(time.Second)), nil
}

func evalSleep(env *Env, c *Call) (value.Value, error) {
	v, err := c.Args[0].Eval(env)
	if err != nil {
		return value.Null, err
	}
	if v.IsNull() {
		return value.Null, wrongArguments("sleep.")
	}
	d, err := seconds(env, v)
	if err != nil {
		return value.Null, err
	}
	if d < 0 {
		return value.Null, wrongArguments("sleep.")
	}
	t := time.NewTimer(d)
	defer t.Stop()
	ctx := env.Run.Context()
	select {
	case <-t.C:
		return value.Int(0), nil
	case <-ctx.Done():
		return value.Null, sqlerr.Wrap(ctx.Err(), sqlerr.QueryInterrupted)
	}
}

func evalBenchmark(env *Env, c *Call) (value.Value, error) {
	v, err := c.Args[0].Eval(env)
	if err != nil || v.IsNull() {
		return value.Null, err
	}
	n, err := toIndex(env, v)
	if err != nil {
		return value.Null, err
	}
	if n < 0 {
		return value.Null, env.Warn(sqlerr.New(errWrongForType, "count", v.Text(), "benchmark"))
	}
	ctx := env.Run.Context()
	for i := int64(0); i < n; i++ {
		if _, err := c.Args[1].Eval(env); err != nil {
			return value.Null, err
		}
		if i%1024 == 1023 && ctx.Err() != nil {
			return value.Null, sqlerr.Wrap(ctx.Err(), sqlerr.QueryInterrupted)
		}
	}
	return value.Int(0), nil
}

func bindNameConst(_ *binder, c *Call) error {
	for _, a := range c.Args {
		if _, ok := a.(*Literal); !ok {
			return wrongArguments("NAME_CONST")
		}
	}
	c.Args = c.Args[1:]
	return bindSame(nil, c)
}

func bindSame(_ *binder, c *Call) error {
	t := *c.Args[0].Type()
	c.Typ = &t
	return nil
}

// maxLockName is the longest name of a user lock.
const maxLockName = 64

// lockName reads the name of a user lock; error 3057.
func lockName(env *Env, v value.Value) (string, NamedLocks, error) {
	locks := env.Run.Session.Locks
	if locks == nil {
		return "", nil, sqlerr.New(sqlerr.NotSupported, "user locks")
	}
	name := strings.ToLower(textOf(v))
	if name == "" || len(name) > 4*maxLockName {
		return "", nil, sqlerr.New(errLockName, name)
	}
	return name, locks, nil
}

func evalGetLock(env *Env, c *Call, x, y value.Value) (value.Value, error) {
	name, locks, err := lockName(env, x)
	if err != nil {
		return value.Null, err
	}
	d, err := seconds(env, y)
	if err != nil {
		return value.Null, err
	}
	ok, err := locks.GetLock(env.Run.Context(), name, d)
	return value.Bool(ok), err
}

func evalReleaseLock(env *Env, c *Call, x value.Value) (value.Value, error) {
	name, locks, err := lockName(env, x)
	if err != nil {
		return value.Null, err
	}
	held, exists := locks.ReleaseLock(name)
	if !exists {
		return value.Null, nil
	}
	return value.Bool(held), nil
}

func evalReleaseAllLocks(env *Env, _ *Call) (value.Value, error) {
	if env.Run.Session.Locks == nil {
		return value.Int(0), nil
	}
	return value.Int(int64(env.Run.Session.Locks.ReleaseAllLocks())), nil
}

// evalLockOwner is IS_FREE_LOCK and IS_USED_LOCK.
func evalLockOwner(env *Env, c *Call, x value.Value) (value.Value, error) {
	name, locks, err := lockName(env, x)
	if err != nil {
		return value.Null, err
	}
	id, used := locks.LockOwner(name)
	switch {
	case c.Name == "is_free_lock":
		return value.Bool(!used), nil
	case used:
		return value.Uint(id), nil
	}
	return value.Null, nil
}

var trimKinds = map[ast.TrimSide]trimSide{
	ast.TrimBoth: {true, true}, ast.TrimLeading: {true, false}, ast.TrimTrailing: {false, true},
}

func (b *binder) trim(n *ast.Trim) (Expr, error) {
	str, err := b.value(n.Str())
	if err != nil {
		return nil, err
	}
	list := []Expr{settled(str)}
	if rem := n.Rem(); rem != nil {
		r, err := b.value(rem)
		if err != nil {
			return nil, err
		}
		list = append(list, settled(r))
	}
	c := &Call{Name: "trim", Args: list, fn: functions["trim"], aux: trimKinds[n.Side]}
	return c, c.fn.bind(b, c)
}

// sysVar is @@name, read at execution through the session.
type sysVar struct {
	scope, name string
	typ         *Type
}

// SysVarExpr returns the node that reads a system variable at execution through SessionState.SysVar; sample is its
// present value, which gives the type.
func SysVarExpr(v *ast.SysVar, sample value.Value, conn collate.ID) Expr {
	t := ValueType(sample, conn)
	if sample.IsNull() {
		t = stringType(1024, conn, CoerceSysConst, false)
	}
	t.NotNull, t.Digits = false, 0
	if t.ID == value.TypeVarChar {
		t.Length = 1024
	}
	if t.Coercibility == CoerceCoercible {
		t.Coercibility = CoerceSysConst
	}
	return &sysVar{scope: v.Scope.String(), name: v.Name, typ: t}
}

func (s *sysVar) Type() *Type              { return s.typ }
func (s *sysVar) Children() []Expr         { return nil }
func (s *sysVar) WithChildren([]Expr) Expr { return s }
func (s *sysVar) Flags() Flags             { return PerStatement }

func (s *sysVar) Append(dst []byte, _ Format) []byte {
	dst = append(dst, "@@"...)
	if s.scope != "" {
		dst = append(append(dst, strings.ToLower(s.scope)...), '.')
	}
	return append(dst, s.name...)
}

func (s *sysVar) Eval(env *Env) (value.Value, error) {
	if env.Run.Session.SysVar == nil {
		return value.Null, sqlerr.New(sqlerr.UnknownVariable, s.name)
	}
	return env.Run.Session.SysVar(s.scope, s.name)
}
