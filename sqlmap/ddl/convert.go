package ddl

import (
	"errors"
	"slices"
	"time"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/rowrule"
)

// conversion decides whether rows have to be rewritten, and returns how. nil is an instant change: columns that are
// added get the value that existing rows have.
func (a *alteration) conversion() (engine.Convert, error) {
	for i := range a.def.Columns {
		c := &a.def.Columns[i]
		was := a.old.ColumnByID(c.ID)
		switch {
		case was < 0:
			if err := a.initial(c); err != nil {
				return nil, err
			}
		case a.mustRewrite(&a.old.Columns[was], c):
			a.rewrite = true
		}
		if was >= 0 {
			if err := a.keepsReferences(&a.old.Columns[was], c); err != nil {
				return nil, err
			}
		}
	}
	if !a.rewrite {
		return nil, nil
	}
	for i := range a.def.Columns {
		a.def.Columns[i].HasInitial, a.def.Columns[i].Initial = false, value.Null
	}
	v, err := a.newConverter()
	if err != nil {
		return nil, err
	}
	return v.convert, nil
}

// mustRewrite reports whether stored values cannot be read as the new type.
func (a *alteration) mustRewrite(was, c *schema.Column) bool {
	if !row.SameStored(&was.Type, &c.Type) || was.Type.Collation != c.Type.Collation {
		return true
	}
	if was.HasInitial && !was.Type.Equal(&c.Type) {
		v, err := value.Coerce(was.Initial, &c.Type, nil)
		if err != nil {
			return true
		}
		c.Initial = v.Clone()
	}
	return false
}

// keepsReferences refuses to change the type of a column that a foreign key compares: 1832, 1833.
func (a *alteration) keepsReferences(was, c *schema.Column) error {
	x, y := &was.Type, &c.Type
	if !a.env.ForeignKeyChecks || x.ID == y.ID && x.Unsigned == y.Unsigned && x.Precision == y.Precision && x.Scale == y.Scale &&
		x.Collation == y.Collation {
		return nil
	}
	for i := range a.def.Foreign {
		if fk := &a.def.Foreign[i]; fk.ID != 0 && slices.Contains(fk.Columns, c.ID) {
			return sqlerr.New(sqlerr.FKColumnChild, was.Name, fk.Name)
		}
	}
	for _, ref := range a.refs {
		if containsFold(ref.Key.RefColumns, was.Name) {
			child := ref.Child.Def()
			return sqlerr.New(sqlerr.FKColumnParent, was.Name, ref.Key.Name, child.Schema+"."+child.Name)
		}
	}
	return nil
}

// initial sets what existing rows read in an added column, or asks for a rewrite where that is not one constant.
func (a *alteration) initial(c *schema.Column) error {
	switch {
	case c.Generated != "" || c.AutoIncrement:
		a.rewrite = true
	case c.DefaultExpr != "":
		if !isNowText(c.DefaultExpr) {
			a.rewrite = true
			return nil
		}
		now := time.Now().In(a.env.State.Location())
		v, err := value.Coerce(value.DateTimeFromTime(now, c.Type.Scale), &c.Type, &value.CoerceOptions{TimeZone: a.env.State.Location()})
		if err != nil {
			return err
		}
		c.HasInitial, c.Initial = true, v
	case c.HasDefault:
		c.HasInitial, c.Initial = true, c.Default
	case c.NotNull && a.full && a.refusesZero(c):
		text := "0000-00-00"
		if c.Type.ID != value.TypeDate {
			text = value.ZeroOf(&c.Type).Text()
		}
		kind := c.Type.Name()
		if c.Type.ID == value.TypeTimestamp {
			kind = "datetime"
		}
		return sqlerr.New(sqlerr.WrongTemporal, kind, text, c.Name, 1)
	case c.NotNull:
		c.HasInitial, c.Initial = true, value.ZeroOf(&c.Type)
	default:
		c.HasInitial, c.Initial = true, value.Null
	}
	return nil
}

// refusesZero reports whether the implicit default of the column is a zero date that sql_mode forbids.
func (a *alteration) refusesZero(c *schema.Column) bool {
	switch c.Type.ID {
	case value.TypeDate, value.TypeDateTime, value.TypeTimestamp:
		mode := a.env.State.Mode
		return mode&expr.ModeNoZeroDate != 0 && mode&expr.ModeStrict != 0
	}
	return false
}

// isNowText reports whether the text of a default is DEFAULT CURRENT_TIMESTAMP.
func isNowText(text string) bool {
	return len(text) >= len("CURRENT_TIMESTAMP") && text[:len("CURRENT_TIMESTAMP")] == "CURRENT_TIMESTAMP"
}

// converter makes new rows of old ones.
type converter struct {
	a     *alteration
	from  []int  // per new column: the old ordinal, -1 for none
	same  []bool // the value stays as it is
	rules *rowrule.Rules
	env   expr.Env
	auto  uint64 // the last value given to an AUTO_INCREMENT column that is new as such
	opt   value.CoerceOptions
}

func (a *alteration) newConverter() (*converter, error) {
	state := a.env.State
	v := &converter{
		a:    a,
		from: make([]int, len(a.def.Columns)),
		same: make([]bool, len(a.def.Columns)),
		env:  expr.Env{Run: &expr.Run{Session: state, Strict: true, Now: time.Now().In(state.Location())}},
		opt: value.CoerceOptions{
			Table:     a.def.Name,
			Dates:     state.Mode.DateFlags(),
			TimeZone:  state.Location(),
			NonStrict: state.Mode&expr.ModeStrict == 0,
			Warn:      func(e *sqlerr.Error) { a.env.warn(expr.LevelWarning, e) },
		},
	}
	for i := range a.def.Columns {
		c := &a.def.Columns[i]
		v.from[i] = a.old.ColumnByID(c.ID)
		if v.from[i] >= 0 {
			v.same[i] = a.old.Columns[v.from[i]].Type.Equal(&c.Type)
		}
	}
	var err error
	v.rules, err = rowrule.Compile(a.def)
	return v, err
}

// convert is the engine's Convert. Generated columns are filled in by the table's hook.
func (v *converter) convert(old *row.Row, out []value.Value) error {
	v.a.rows++
	v.opt.Row = v.a.rows
	for i := range out {
		var err error
		if out[i], err = v.column(i, old, out); err != nil {
			return err
		}
	}
	return old.Err()
}

func (v *converter) column(i int, old *row.Row, out []value.Value) (value.Value, error) {
	c := &v.a.def.Columns[i]
	from := v.from[i]
	switch {
	case c.Generated != "":
		return value.Null, nil
	case from < 0:
		return v.fresh(i, out)
	}
	x := old.Col(from)
	was := &v.a.old.Columns[from]
	switch {
	case c.AutoIncrement && !was.AutoIncrement:
		return v.number(x, c)
	case x.IsNull() && c.NotNull:
		return value.Null, sqlerr.New(sqlerr.DataTruncated, c.Name, v.a.rows)
	case v.same[i] || x.IsNull():
		return x, nil
	}
	if was.Type.ID == value.TypeTimestamp {
		if t, ok := x.ToTime(time.UTC); ok {
			x = value.DateTimeFromTime(t.In(v.a.env.State.Location()), x.Scale())
		}
	}
	v.opt.Column = c.Name
	y, err := value.Coerce(x, &c.Type, &v.opt)
	if errors.Is(err, sqlerr.DataTooLong) && !was.Type.IsLOB() && !c.Type.IsLOB() && (was.Type.IsCharacter() || was.Type.IsBinary()) {
		err = sqlerr.Wrap(err, sqlerr.DataTruncated, c.Name, v.a.rows) // MySQL cuts strings here where INSERT would refuse them
	}
	return y, err
}

// fresh is the value of a column that old rows have not.
func (v *converter) fresh(i int, out []value.Value) (value.Value, error) {
	c := &v.a.def.Columns[i]
	if c.AutoIncrement {
		return v.number(value.Null, c)
	}
	v.env.Row = out
	x, err := v.rules.Default(i, &v.env)
	if rowrule.IsNoDefault(err) {
		return value.ZeroOf(&c.Type), nil
	}
	return x, err
}

// number gives AUTO_INCREMENT values to rows without one, as MySQL does when a column becomes so.
func (v *converter) number(x value.Value, c *schema.Column) (value.Value, error) {
	v.opt.Column = c.Name
	if !x.IsNull() {
		x, err := value.Coerce(x, &c.Type, &v.opt)
		if n, _ := x.AsUint(); err != nil || n != 0 {
			if i, _ := x.AsInt(); i > 0 || n > 1<<63 {
				v.auto = max(v.auto, n)
			}
			return x, err
		}
	}
	v.auto++
	return value.Coerce(value.Uint(v.auto), &c.Type, &v.opt)
}
