package dml

import (
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/exec"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/rowrule"
)

// begin makes vals a row of defaults.
func (in *inserter) begin() {
	in.rows++
	in.opt.Row = in.rows
	in.given = false
	in.deferred = in.computed
	copy(in.vals, in.template)
}

// buildListed fills vals from row i of VALUES. An expression may read the columns to its left, and sees the defaults of
// the others.
func (in *inserter) buildListed(i int) error {
	in.begin()
	constants, _ := in.insertPlan.rows.Row(i)
	var cells []cell
	if in.cells != nil {
		cells = in.cells[i]
	}
	for at, ord := range in.cols {
		v := constants[at]
		if len(cells) > 0 && cells[0].at == at {
			c := &cells[0]
			cells = cells[1:]
			if c.isDefault() {
				if err := in.setDefault(ord); err != nil {
					return err
				}
				continue
			}
			var err error
			if v, err = in.evaluate(c); err != nil {
				return err
			}
		}
		if err := in.set(ord, v); err != nil {
			return err
		}
	}
	return in.finishDefaults()
}

// buildGiven fills vals from a row of the SELECT.
func (in *inserter) buildGiven(row []value.Value) error {
	in.begin()
	for at, ord := range in.cols {
		if err := in.set(ord, row[at]); err != nil {
			return err
		}
	}
	return in.finishDefaults()
}

func (in *inserter) evaluate(c *cell) (value.Value, error) {
	if c.query != nil {
		return scalar(c.query, &exec.Runtime{Tx: in.rt.Tx, Run: in.run})
	}
	return c.value(&in.env)
}

// setDefault is DEFAULT for a column.
func (in *inserter) setDefault(ord int) error {
	in.vals[ord] = in.template[ord]
	switch {
	case in.noDefault.Has(ord):
		return in.missingValue(ord)
	case in.rules.DefaultExpr(ord) != nil:
		in.deferred = in.deferred.With(ord)
	}
	return nil
}

// finishDefaults computes the expression defaults, which may read all columns that have none.
func (in *inserter) finishDefaults() error {
	for ord := in.deferred.Next(0); ord >= 0; ord = in.deferred.Next(ord + 1) {
		v, err := in.rules.Default(ord, &in.env)
		if err != nil {
			return err
		}
		if err := in.setConverted(ord, v); err != nil {
			return err
		}
	}
	return nil
}

// set converts a value for a column and stores it.
func (in *inserter) set(ord int, v value.Value) error {
	if !v.IsNull() {
		col := &in.def.Columns[ord]
		in.opt.Column = col.Name
		var err error
		if v, err = value.Coerce(v, &col.Type, &in.opt); err != nil {
			return err
		}
	}
	return in.setConverted(ord, v)
}

func (in *inserter) setConverted(ord int, v value.Value) error {
	in.vals[ord] = v
	if ord == in.auto {
		in.given = !v.IsNull() && (v.Raw64() != 0 || in.run.Session.Mode&expr.ModeNoAutoValueOnZero != 0)
		return nil
	}
	if v.IsNull() {
		if col := &in.def.Columns[ord]; col.NotNull && col.Generated == "" {
			return in.nullGiven(ord)
		}
	}
	return nil
}

// nullGiven is NULL for a NOT NULL column: 1048, or with IGNORE (and in an INSERT of several rows in non-strict mode) the
// type's zero and a warning.
func (in *inserter) nullGiven(ord int) error {
	col := &in.def.Columns[ord]
	err := sqlerr.New(sqlerr.BadNull, col.Name)
	if !in.ignore && (in.run.Strict || in.source == nil && in.insertPlan.rows.Len() == 1) {
		return err
	}
	warn(in.run, err)
	in.vals[ord] = value.ZeroOf(&col.Type)
	return nil
}

// omitted is missingValue for a column that the statement does not give: 1423 when a view does not show it or hides that.
func (in *inserter) omitted(ord int) error {
	if in.view == nil {
		return in.missingValue(ord)
	}
	err := sqlerr.New(sqlerr.ViewNoDefault, in.schema, in.called)
	if in.run.Strict {
		return err
	}
	warn(in.run, err)
	return nil
}

// missingValue is a column without a value that has no default. When that is no error it keeps the type's zero, which the
// template has.
func (in *inserter) missingValue(ord int) error { return missingDefault(&in.def.Columns[ord], in.run) }

// defaultOf is DEFAULT in an assignment of ON DUPLICATE KEY UPDATE.
func (in *inserter) defaultOf(ord int, env *expr.Env) (value.Value, error) {
	v, err := in.rules.Default(ord, env)
	if rowrule.IsNoDefault(err) {
		return value.ZeroOf(&in.def.Columns[ord].Type), in.missingValue(ord)
	}
	return v, err
}
