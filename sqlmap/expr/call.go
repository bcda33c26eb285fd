package expr

import (
	"strings"

	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/value"
)

// function is an entry of the function table. Exactly one of the eval fields is set.
type function struct {
	min, max int   // arguments; max -1 is any number
	flags    Flags // of a call
	numeric  bool  // every argument is a number: hexadecimal literals are integers
	// bind types the call and may replace its arguments; nil keeps c.typ nil and is an error of the table.
	bind func(b *binder, c *Call) error
	// eval evaluates the arguments itself.
	eval func(env *Env, c *Call) (value.Value, error)
	// f1 to f3 and fn get the arguments, none of them NULL: a NULL argument makes the result NULL. f2 and f3 take calls
	// with fewer arguments too; the missing ones are NULL.
	f1 func(env *Env, c *Call, x value.Value) (value.Value, error)
	f2 func(env *Env, c *Call, x, y value.Value) (value.Value, error)
	f3 func(env *Env, c *Call, x, y, z value.Value) (value.Value, error)
	fn func(env *Env, c *Call, args []value.Value) (value.Value, error)
}

// Call is a function call.
type Call struct {
	Name string // lower case
	Args []Expr
	Typ  *Type
	fn   *function
	aux  any          // what bind prepared: units, formats, options
	cmp  []Comparison // NULLIF, FIELD, …
}

// Type implements Expr.
func (c *Call) Type() *Type { return c.Typ }

// Children implements Expr.
func (c *Call) Children() []Expr { return c.Args }

// WithChildren implements Expr.
func (c *Call) WithChildren(kids []Expr) Expr {
	n := *c
	n.Args = kids
	return &n
}

// Flags implements Expr.
func (c *Call) Flags() Flags { return c.fn.flags }

// Append implements Expr.
func (c *Call) Append(dst []byte, f Format) []byte {
	dst = append(dst, c.Name...)
	if k, ok := c.aux.(keyed); ok && f == KeyText {
		dst = append(append(dst, '/'), k.key()...)
	}
	return appendList(dst, c.Args, f)
}

// keyed is an aux value that distinguishes calls with equal arguments.
type keyed interface{ key() string }

// Eval implements Expr.
func (c *Call) Eval(env *Env) (value.Value, error) {
	f := c.fn
	if f.eval != nil {
		return f.eval(env, c)
	}
	if f.fn != nil {
		return c.evalMany(env)
	}
	var a [3]value.Value
	for i, e := range c.Args {
		v, err := e.Eval(env)
		if err != nil || v.IsNull() {
			return value.Null, err
		}
		a[i] = v
	}
	switch {
	case f.f1 != nil:
		return f.f1(env, c, a[0])
	case f.f2 != nil:
		return f.f2(env, c, a[0], a[1])
	}
	return f.f3(env, c, a[0], a[1], a[2])
}

func (c *Call) evalMany(env *Env) (value.Value, error) {
	args := make([]value.Value, len(c.Args))
	for i, e := range c.Args {
		v, err := e.Eval(env)
		if err != nil || v.IsNull() {
			return value.Null, err
		}
		args[i] = v
	}
	return c.fn.fn(env, c, args)
}

// str makes a string result of the call's type; it is NULL with warning 1301 when it is too long.
func (c *Call) str(env *Env, s string) (value.Value, error) {
	if len(s) > env.Run.Session.maxPacket() {
		return value.Null, env.packetTooLarge(c.Name)
	}
	if c.Typ.Collation == collate.Binary {
		return value.Bytes(s), nil
	}
	return value.String(s), nil
}

// room reports whether a result of n bytes is allowed; otherwise the result is NULL with warning 1301.
func (c *Call) room(env *Env, n int64) (ok bool, err error) {
	if n < 0 || n > int64(env.Run.Session.maxPacket()) {
		return false, env.packetTooLarge(c.Name)
	}
	return true, nil
}

// binaryResult reports that the call works on bytes and not on characters.
func (c *Call) binaryResult() bool { return c.Typ.Collation == collate.Binary }

func (c *Call) notNull() bool {
	for _, a := range c.Args {
		if !a.Type().NotNull {
			return false
		}
	}
	return true
}

// functions is the table of all functions by lower-case name, gathered from the families at start-up.
var functions = map[string]*function{}

// register adds a family of functions to the table. Aliases are written "a|b".
func register(family map[string]*function) {
	for names, f := range family {
		for _, n := range strings.Split(names, "|") {
			functions[n] = f
		}
	}
}

// Rules of result types.

func returnsInt(b *binder, c *Call) error {
	c.Typ = intType(c.notNull())
	return nil
}

func returnsUint(b *binder, c *Call) error {
	c.Typ = uintType(c.notNull())
	return nil
}

func returnsDouble(b *binder, c *Call) error {
	c.Typ = doubleType(c.notNull())
	return nil
}

// returnsNullable wraps a rule whose result may be NULL for other reasons than NULL arguments.
func returnsNullable(rule func(*binder, *Call) error) func(*binder, *Call) error {
	return func(b *binder, c *Call) error {
		if err := rule(b, c); err != nil {
			return err
		}
		c.Typ.NotNull = false
		return nil
	}
}

// returnsText is a string in the connection's collation, at most n characters.
func returnsText(n int) func(*binder, *Call) error {
	return func(b *binder, c *Call) error {
		c.Typ = stringType(n, b.conn, CoerceCoercible, false)
		return nil
	}
}

// returnsBytes is a binary string of at most n bytes.
func returnsBytes(n int) func(*binder, *Call) error {
	return func(b *binder, c *Call) error {
		c.Typ = stringType(n, collate.Binary, CoerceCoercible, false)
		return nil
	}
}

// returnsString is a string with the merged collation of the arguments at the given positions (all when none is
// given), whose length size computes; size nil takes the first argument's.
func returnsString(size func(c *Call) int, at ...int) func(*binder, *Call) error {
	return func(b *binder, c *Call) error {
		args := c.Args
		if len(at) > 0 {
			args = nil
			for _, i := range at {
				if i < len(c.Args) {
					args = append(args, c.Args[i])
				}
			}
		}
		types := make([]*Type, len(args))
		for i, a := range args {
			types[i] = a.Type()
		}
		coll, coerc, err := mergeCollations(c.Name, b.conn, false, types...)
		if err != nil {
			return err
		}
		n := 0
		if size != nil {
			n = size(c)
		} else if len(args) > 0 {
			n = textLength(args[0].Type())
		}
		c.Typ = stringType(n, coll, coerc, false)
		for i, a := range c.Args {
			if a.Type().Zerofill {
				c.Args[i] = Convert(a, c.Typ)
			}
		}
		return nil
	}
}

// constInt returns the value of argument i when it is an integer literal.
func (c *Call) constInt(i int) (int64, bool) {
	if i >= len(c.Args) {
		return 0, false
	}
	l, ok := c.Args[i].(*Literal)
	if !ok || l.Val.Kind() != value.KindInt {
		return 0, false
	}
	return l.Val.Int64(), true
}

func returnsTemporal(id value.TypeID, fsp func(c *Call) int) func(*binder, *Call) error {
	return func(b *binder, c *Call) error {
		n := 0
		if fsp != nil {
			n = fsp(c)
		}
		c.Typ = temporalType(id, n, false)
		return nil
	}
}

func returnsJSON(b *binder, c *Call) error {
	c.Typ = jsonType()
	return nil
}
