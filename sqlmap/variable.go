package sqlmap

import (
	"maps"
	"strings"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/sqlmode"
)

// A variable is one system variable. Its session value is in Session.vars when a SET, the session's options or, at the
// session's start, the global value gave it one, else def. Its global value is in Database.globals, else def.
type variable struct {
	name  string
	def   value.Value
	kind  varKind
	scope varScope
	min   int64
	max   int64    // 0: no bound
	words []string // varEnum: legal words; the position is an integer's meaning
	// apply checks a session's new value, makes it take effect, and returns the value to keep. nil keeps it as it is.
	apply func(s *Session, v value.Value) (value.Value, error)
	// read computes the session's value. nil reads the kept one.
	read func(s *Session) value.Value
}

type varKind uint8

const (
	varString varKind = iota
	varInt
	varBool
	varEnum
)

type varScope uint8

const (
	scopeBoth    varScope = iota
	scopeSession          // no global value
	scopeGlobal           // no session value
	scopeFixed            // read-only
)

// lookupVariable finds a variable by its lower-case name; aliases that MySQL keeps are resolved. Error 1193.
func lookupVariable(name string) (*variable, error) {
	switch name {
	case "tx_isolation":
		name = "transaction_isolation"
	case "tx_read_only":
		name = "transaction_read_only"
	case "identity":
		name = "last_insert_id"
	case "storage_engine":
		name = "default_storage_engine"
	}
	if v, ok := variables[name]; ok {
		return v, nil
	}
	return nil, sqlerr.New(sqlerr.UnknownVariable, name)
}

// session returns the variable's value in a session.
func (v *variable) session(s *Session) value.Value {
	if v.read != nil {
		return v.read(s)
	}
	if v.scope == scopeGlobal {
		return v.global(s.db)
	}
	if kept, ok := s.vars[v.name]; ok {
		return kept
	}
	return v.def
}

// global returns the variable's global value.
func (v *variable) global(d *Database) value.Value {
	d.mu.Lock()
	defer d.mu.Unlock()
	if kept, ok := d.globals[v.name]; ok {
		return kept
	}
	return v.def
}

// check converts a value to what the variable takes. Errors 1231, 1232.
func (v *variable) check(x value.Value) (value.Value, error) {
	switch v.kind {
	case varBool:
		return v.checkBool(x)
	case varInt:
		return v.checkInt(x)
	case varEnum:
		return v.checkEnum(x)
	}
	switch x.Kind() {
	case value.KindNull:
		return value.Null, sqlerr.New(sqlerr.WrongVariableValue, v.name, "NULL")
	case value.KindString, value.KindBytes:
		return value.String(x.Str()).Clone(), nil
	}
	return value.Null, sqlerr.New(sqlerr.WrongVariableType, v.name)
}

func (v *variable) checkBool(x value.Value) (value.Value, error) {
	switch x.Kind() {
	case value.KindInt, value.KindUint:
		if x.Raw64() <= 1 {
			return value.Int(int64(x.Raw64())), nil
		}
	case value.KindString, value.KindBytes:
		switch strings.ToUpper(x.Str()) {
		case "ON", "TRUE", "1":
			return value.Int(1), nil
		case "OFF", "FALSE", "0":
			return value.Int(0), nil
		}
	}
	return value.Null, sqlerr.New(sqlerr.WrongVariableValue, v.name, text(x))
}

func (v *variable) checkInt(x value.Value) (value.Value, error) {
	if x.Kind() != value.KindInt && x.Kind() != value.KindUint {
		return value.Null, sqlerr.New(sqlerr.WrongVariableType, v.name)
	}
	n := x.Int64()
	if x.Kind() == value.KindUint && n < 0 {
		n = 1<<63 - 1
	}
	if n < v.min {
		n = v.min
	}
	if v.max > 0 && n > v.max {
		n = v.max
	}
	return value.Int(n), nil
}

func (v *variable) checkEnum(x value.Value) (value.Value, error) {
	switch x.Kind() {
	case value.KindInt, value.KindUint:
		if x.Raw64() < uint64(len(v.words)) {
			return value.String(v.words[x.Raw64()]), nil
		}
	case value.KindString, value.KindBytes:
		for _, w := range v.words {
			if strings.EqualFold(w, x.Str()) {
				return value.String(w), nil
			}
		}
	}
	return value.Null, sqlerr.New(sqlerr.WrongVariableValue, v.name, text(x))
}

// display is the value as SHOW VARIABLES prints it.
func (v *variable) display(x value.Value) string {
	if v.kind == varBool {
		if x.Int64() != 0 {
			return "ON"
		}
		return "OFF"
	}
	return text(x)
}

func text(x value.Value) string {
	if x.IsNull() {
		return "NULL"
	}
	return x.Text()
}

// assign is SET of a system variable; x is Null with isDefault for DEFAULT.
func (s *Session) assign(scope ast.Scope, name string, x value.Value, isDefault bool) error {
	v, err := lookupVariable(name)
	if err != nil {
		return err
	}
	switch {
	case v.scope == scopeFixed:
		return sqlerr.New(sqlerr.ReadOnlyVariable, name, "read only")
	case scope == ast.ScopePersist || scope == ast.ScopePersistOnly:
		return sqlerr.New(sqlerr.NotSupported, "SET "+scope.String())
	case scope == ast.ScopeGlobal && v.scope == scopeSession:
		return sqlerr.New(sqlerr.ReadOnlyVariable, name, "SESSION")
	case scope != ast.ScopeGlobal && v.scope == scopeGlobal:
		return sqlerr.New(sqlerr.GlobalVariable, name)
	}
	if isDefault {
		x = v.def
		if scope != ast.ScopeGlobal && v.scope == scopeBoth {
			x = v.global(s.db)
		}
	} else if x, err = v.check(x); err != nil {
		return err
	}
	if scope == ast.ScopeGlobal {
		return s.assignGlobal(v, x)
	}
	if v.apply != nil {
		if x, err = v.apply(s, x); err != nil {
			return err
		}
	}
	s.vars[v.name] = x
	s.settingsVersion++
	return nil
}

// assignGlobal sets the value that later sessions start with. What would be refused in a session is refused here.
func (s *Session) assignGlobal(v *variable, x value.Value) error {
	if v.apply != nil {
		probe := &Session{db: s.db, state: s.state, autocommit: true, vars: map[string]value.Value{}}
		var err error
		if x, err = v.apply(probe, x); err != nil {
			return err
		}
	}
	s.db.mu.Lock()
	defer s.db.mu.Unlock()
	s.db.globals[v.name] = x
	return nil
}

// inherit gives a new session the global values.
func (s *Session) inherit() error {
	s.db.mu.Lock()
	globals := maps.Clone(s.db.globals)
	s.db.mu.Unlock()
	for name, x := range globals {
		v := variables[name]
		if v.scope != scopeBoth {
			continue
		}
		if v.apply != nil {
			var err error
			if x, err = v.apply(s, x); err != nil {
				return err
			}
		}
		s.vars[name] = x
	}
	return nil
}

// systemVariable is @@name for expressions.
func (s *Session) systemVariable(scope, name string) (value.Value, error) {
	v, err := lookupVariable(name)
	if err != nil {
		return value.Null, err
	}
	switch scope {
	case ast.ScopeGlobal.String():
		if v.scope == scopeSession {
			return value.Null, sqlerr.New(sqlerr.ReadOnlyVariable, name, "SESSION")
		}
		return v.global(s.db), nil
	case ast.ScopeSession.String():
		if v.scope == scopeGlobal {
			return value.Null, sqlerr.New(sqlerr.ReadOnlyVariable, name, "GLOBAL")
		}
	}
	return v.session(s), nil
}

// setMode applies sql_mode.
func setMode(s *Session, v value.Value) (value.Value, error) {
	m, err := sqlmode.Parse(v.Str())
	if err != nil {
		return value.Null, err
	}
	s.state.Mode = m
	return value.String(sqlmode.Format(m)), nil
}

var _ = expr.Version
