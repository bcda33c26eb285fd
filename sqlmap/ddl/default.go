package ddl

import (
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/rowrule"
)

// setDefault is DEFAULT of a column: a constant is converted to the column's type now (1067), CURRENT_TIMESTAMP and
// expressions in parentheses are kept as text.
func (b *builder) setDefault(c *schema.Column, d *ast.DefaultDef) error {
	c.HasDefault, c.Default, c.DefaultExpr = false, value.Null, ""
	if d.Paren {
		c.HasDefault, c.DefaultExpr = true, d.Text
		if strings.HasPrefix(d.Text, "CURRENT_TIMESTAMP") {
			c.DefaultExpr = "(" + d.Text + ")" // not to be taken for DEFAULT CURRENT_TIMESTAMP
		}
		return nil
	}
	if isNow(d.Expr) {
		if err := checkNow(d.Expr, c); err != nil {
			return err
		}
		c.HasDefault, c.DefaultExpr = true, nowText(d.Expr)
		return nil
	}
	v, err := rowrule.Constant(d.Expr, &c.Type, b.env.State)
	if err != nil {
		return err
	}
	if v.IsNull() {
		if c.NotNull {
			return sqlerr.New(sqlerr.InvalidDefault, c.Name)
		}
		c.HasDefault = true
		return nil
	}
	if c.Type.IsLOB() || c.Type.ID == value.TypeJSON {
		return sqlerr.New(sqlerr.LOBDefault, c.Name)
	}
	c.Default, err = value.Coerce(v, &c.Type, &value.CoerceOptions{
		Table:    b.def.Name,
		Column:   c.Name,
		Dates:    b.env.State.Mode.DateFlags(),
		TimeZone: b.env.State.Location(),
	})
	if err != nil {
		return sqlerr.Wrap(err, sqlerr.InvalidDefault, c.Name)
	}
	c.Default, c.HasDefault = c.Default.Clone(), true
	return nil
}

// isNow reports whether e is CURRENT_TIMESTAMP or a synonym.
func isNow(e sqlparser.Expr) bool {
	_, ok := nowCall(e)
	return ok
}

func nowCall(e sqlparser.Expr) (fsp *ast.Literal, ok bool) {
	switch f := e.(type) {
	case *sqlparser.FuncExpr:
		switch strings.ToLower(f.Name.String()) {
		case "current_timestamp", "now", "localtime", "localtimestamp":
		default:
			return nil, false
		}
		if len(f.Exprs) == 1 {
			if a, isExpr := f.Exprs[0].(*sqlparser.AliasedExpr); isExpr {
				fsp, _ = a.Expr.(*ast.Literal)
			}
		}
		return fsp, true
	}
	return nil, false
}

// nowText is the text that is kept of CURRENT_TIMESTAMP(n) and its synonyms.
func nowText(e sqlparser.Expr) string {
	if fsp, ok := nowCall(e); ok && fsp != nil && fsp.Value.Int64() > 0 {
		return "CURRENT_TIMESTAMP(" + fsp.Value.Text() + ")"
	}
	return "CURRENT_TIMESTAMP"
}

// checkNow checks that CURRENT_TIMESTAMP(n) fits the column: DATETIME or TIMESTAMP with the same n. Error 1067.
func checkNow(e sqlparser.Expr, c *schema.Column) error {
	fsp, ok := nowCall(e)
	if !ok || (c.Type.ID != value.TypeDateTime && c.Type.ID != value.TypeTimestamp) {
		return sqlerr.New(sqlerr.InvalidDefault, c.Name)
	}
	n := int64(0)
	if fsp != nil {
		n = fsp.Value.Int64()
	}
	if n != int64(c.Type.Scale) {
		return sqlerr.New(sqlerr.InvalidDefault, c.Name)
	}
	return nil
}

// checkTexts compiles the expressions of a definition, so that what cannot run is refused when it is defined.
func checkTexts(def *schema.Table) error { return rowrule.Check(def) }
