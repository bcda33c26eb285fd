package ddl

import (
	"context"
	"errors"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/exec"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
	"github.com/worktable-go/worktable/sqlmap/rowrule"
)

// selection is the SELECT of CREATE TABLE … SELECT.
type selection struct {
	plan *exec.Plan
	to   []uint32 // ids of the columns that its columns go to
}

// selection plans the SELECT before the table is there, which it must not see.
func (env *Env) selection(st *ast.CreateTable) (*selection, error) {
	if st.OnDuplicate != "" {
		return nil, sqlerr.New(sqlerr.NotSupported, "CREATE TABLE … "+st.OnDuplicate+" SELECT")
	}
	p, err := exec.Compile(st.Select, env.Plan())
	if err != nil {
		return nil, err
	}
	return &selection{plan: p}, nil
}

// addSelected adds the columns of a SELECT. One that is declared, too, keeps its declaration and moves to its place in
// the SELECT; other declared columns stand in front.
func (b *builder) addSelected(s *selection) error {
	var last []schema.Column
	s.to = nil
	for _, rc := range s.plan.Columns() {
		c := schema.Column{}
		if at := b.def.ColumnIndex(rc.Label); at >= 0 {
			c = b.def.Columns[at]
			b.def.Columns = append(b.def.Columns[:at:at], b.def.Columns[at+1:]...)
		} else {
			for i := range last {
				if equalFold(last[i].Name, rc.Label) {
					return sqlerr.New(sqlerr.DuplicateColumn, rc.Label)
				}
			}
			c = selectedColumn(&rc)
			c.ID = b.nextColumnID()
		}
		last = append(last, c)
		s.to = append(s.to, c.ID)
	}
	b.def.Columns = append(b.def.Columns, last...)
	return nil
}

// selectedColumn is the column that holds a column of a result.
func selectedColumn(rc *plan.ResultColumn) schema.Column {
	c := schema.Column{Name: rc.Label, Type: storedType(rc.Type), NotNull: rc.Type.NotNull}
	if of := rc.Column; of != nil && of.Generated == "" {
		c.Type, c.NotNull, c.Comment = of.Type, rc.Type.NotNull, of.Comment
		c.HasDefault, c.Default, c.DefaultExpr, c.OnUpdate = of.HasDefault, of.Default, of.DefaultExpr, of.OnUpdate
		if c.HasDefault && !isNowText(c.DefaultExpr) && c.DefaultExpr != "" {
			c.HasDefault, c.DefaultExpr = false, ""
		}
		switch {
		case of.AutoIncrement:
			c.HasDefault, c.Default = true, value.ZeroOf(&c.Type) // AUTO_INCREMENT itself is not copied
		case c.NotNull && c.HasDefault && c.DefaultExpr == "" && c.Default.IsNull():
			c.HasDefault = false
		}
	}
	if !c.NotNull && !c.HasDefault {
		c.HasDefault, c.Default = true, value.Null
	}
	return c
}

// storedType turns the type of an expression into one that a column can have.
func storedType(t *expr.Type) value.Type {
	c := t.Type
	const intDigits = 9 // of expressions that fit INT
	switch {
	case c.ID == value.TypeBigInt && t.Digits > 0 && t.Digits <= intDigits:
		c.ID = value.TypeInt
	case c.ID == value.TypeNull:
		return value.Type{ID: value.TypeBinary}
	case c.IsCharacter():
		c.Collation = max(c.Collation, 1)
		if !collate.Known(c.Collation) {
			c.Collation = collate.Default
		}
		switch {
		case c.ID == value.TypeChar && c.Length > value.MaxCharLength:
			c.ID = value.TypeVarChar
		case c.IsLOB():
			c.Length = 0
		}
		if c.ID == value.TypeVarChar && c.Length > value.MaxVarCharLength {
			c.ID, c.Length = value.TypeLongText, 0
		}
	case c.IsBinary():
		if c.ID == value.TypeBinary && c.Length > value.MaxCharLength {
			c.ID = value.TypeVarBinary
		}
		if c.IsLOB() {
			c.Length = 0
		}
		if c.ID == value.TypeVarBinary && c.Length > value.MaxVarCharBytes {
			c.ID, c.Length = value.TypeLongBlob, 0
		}
	case c.ID == value.TypeDecimal:
		c.Precision = min(max(c.Precision, c.Scale, 1), value.MaxDecimalDigits)
	case c.ID == value.TypeBit:
		c.Length = min(max(c.Length, 1), 64)
	case c.HasFsp():
		c.Scale = min(c.Scale, value.MaxFsp)
	}
	if !c.HasCollation() {
		c.Collation = 0
	}
	return c
}

// fill runs the SELECT into the new table. When that fails, the table goes again.
func (env *Env) fill(ctx context.Context, st *ast.CreateTable, t *engine.Table, s *selection) (affected uint64, err error) {
	drop := func() error {
		return env.define(context.WithoutCancel(ctx), func(d *engine.Definer) error { return d.DropTable(t) })
	}
	panicking := true
	defer func() {
		// Somebody above may recover. A temporary table goes with the session, which a panic ends.
		if panicking && !st.Temporary {
			env.Abort() // the statement's locks, which the drop would wait for
			_ = drop()
		}
	}()
	err = env.Statement(ctx, func(rt *exec.Runtime) error {
		affected, err = s.insert(ctx, rt, t)
		return err
	})
	panicking = false
	if err == nil {
		return affected, nil
	}
	if st.Temporary {
		env.Temporary.remove(t.Def().Schema, t.Def().Name)
	}
	return 0, errors.Join(err, drop())
}

// insert reads the rows and inserts them.
func (s *selection) insert(ctx context.Context, rt *exec.Runtime, t *engine.Table) (n uint64, err error) {
	rules, err := rowrule.Compile(t.Def())
	if err != nil {
		return 0, err
	}
	rt.Run.Strict = rt.Run.Session.Mode&expr.ModeStrict != 0
	rows, err := s.plan.Open(rt)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	w := filler{rt: rt, t: t, rules: rules, to: t.Def().Ordinals(s.to), vals: make([]value.Value, len(t.Def().Columns))}
	var batch exec.Batch
	for {
		if err := rows.Next(&batch); err != nil {
			return n, err
		}
		if batch.Len() == 0 {
			return n, nil
		}
		for i := range batch.Len() {
			n++
			if err := w.row(ctx, batch.Row(i), int(n)); err != nil {
				return n, err
			}
		}
	}
}

// filler makes rows of a table of rows of a result.
type filler struct {
	rt    *exec.Runtime
	t     *engine.Table
	rules *rowrule.Rules
	to    []int
	vals  []value.Value
}

func (w *filler) row(ctx context.Context, from []value.Value, n int) error {
	def := w.t.Def()
	state := w.rt.Run.Session
	opt := value.CoerceOptions{
		Table: def.Name, Row: n, Dates: state.Mode.DateFlags(), TimeZone: state.Location(), Now: w.rt.Run.Now,
		NonStrict: !w.rt.Run.Strict,
		Warn: func(e *sqlerr.Error) {
			if state.Warn != nil {
				state.Warn(expr.LevelWarning, e)
			}
		},
	}
	given := map[int]bool{}
	for i, ord := range w.to {
		opt.Column = def.Columns[ord].Name
		v, err := value.Coerce(from[i], &def.Columns[ord].Type, &opt)
		if err != nil {
			return err
		}
		w.vals[ord], given[ord] = v, true
	}
	env := expr.Env{Row: w.vals, Run: w.rt.Run}
	for ord := range def.Columns {
		c := &def.Columns[ord]
		switch {
		case c.AutoIncrement && (!given[ord] || w.vals[ord].IsNull()):
			first, err := w.rt.Tx.NextAutoOrLast(w.t)
			if err != nil {
				return err
			}
			if w.vals[ord], err = value.Coerce(value.Uint(first), &c.Type, &opt); err != nil {
				return err
			}
		case given[ord]:
		default:
			v, err := w.rules.Default(ord, &env)
			if rowrule.IsNoDefault(err) {
				return sqlerr.New(sqlerr.NoDefault, c.Name)
			}
			if err != nil {
				return err
			}
			w.vals[ord] = v
		}
	}
	_, err := w.rt.Tx.Insert(ctx, w.t, w.vals)
	return err
}
