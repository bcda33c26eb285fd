package ddl

import (
	"slices"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/parse"
	"github.com/worktable-go/worktable/sqlmap/sqlmode"
)

// applyColumn is a clause about a column; ok is false when spec is none.
func (a *alteration) applyColumn(spec ast.AlterSpec) (ok bool, err error) {
	switch s := spec.(type) {
	case *ast.AlterAddColumn:
		return true, a.addColumnAt(s)
	case *ast.AlterModifyColumn:
		return true, a.modifyColumn(s)
	case *ast.AlterDropColumn:
		return true, a.dropColumn(s.Name)
	case *ast.AlterRenameColumn:
		return true, a.renameColumn(s.Old, s.New)
	case *ast.AlterColumnDefault:
		return true, a.columnDefault(s)
	case *ast.AlterColumnVisibility:
		at, err := a.column(s.Name)
		if err == nil {
			a.def.Columns[at].Invisible = s.Visibility == ast.Invisible
		}
		return true, err
	}
	return false, nil
}

// column finds a column by the name it has, or had when the statement began. Error 1054.
func (a *alteration) column(name string) (at int, err error) {
	if i := a.old.ColumnIndex(name); i >= 0 {
		if at := a.def.ColumnByID(a.old.Columns[i].ID); at >= 0 && !a.renamed[a.old.Columns[i].ID] {
			return at, nil
		}
	}
	for i := range a.def.Columns {
		if equalFold(a.def.Columns[i].Name, name) {
			return i, nil
		}
	}
	return -1, sqlerr.New(sqlerr.UnknownColumn, name, a.def.Name)
}

func (a *alteration) addColumnAt(s *ast.AlterAddColumn) error {
	if a.def.ColumnIndex(s.Def.Name.String()) >= 0 {
		return sqlerr.New(sqlerr.DuplicateColumn, s.Def.Name.String())
	}
	if err := a.addColumn(s.Def); err != nil {
		return err
	}
	last := len(a.def.Columns) - 1
	a.added[a.def.Columns[last].ID] = s.Def
	return a.place(last, s.Place)
}

// place moves the column at a position to where FIRST or AFTER says.
func (a *alteration) place(at int, p ast.ColumnPlace) error {
	if !p.First && p.After == "" {
		return nil
	}
	c := a.def.Columns[at]
	rest := slices.Delete(slices.Clone(a.def.Columns), at, at+1)
	to := 0
	if p.After != "" {
		after, err := a.column(p.After)
		if err != nil || after == at {
			return sqlerr.New(sqlerr.UnknownColumn, p.After, a.def.Name)
		}
		id := a.def.Columns[after].ID
		to = 1 + slices.IndexFunc(rest, func(c schema.Column) bool { return c.ID == id })
	}
	a.def.Columns = slices.Insert(rest, to, c)
	return nil
}

// modifyColumn is MODIFY and CHANGE: a new declaration over the old column.
func (a *alteration) modifyColumn(s *ast.AlterModifyColumn) error {
	name := s.Old
	if name == "" {
		name = s.Def.Name.String()
	}
	at, err := a.column(name)
	if err != nil {
		return err
	}
	c := &a.def.Columns[at]
	was := *c
	if err := a.fillColumn(c, s.Def); err != nil {
		return err
	}
	c.HasInitial, c.Initial = was.HasInitial, was.Initial
	if c.Name != was.Name {
		if err := a.mayRename(was.Name); err != nil {
			return err
		}
		a.renamed[c.ID] = true
	}
	if was.Generated != c.Generated {
		if (was.Generated == "") != (c.Generated == "") && (!was.Stored && was.Generated != "" || c.Generated != "" && !c.Stored) {
			return sqlerr.New(sqlerr.NotSupported, "changing a column into a virtual generated one, or back")
		}
		a.rewrite = true
	}
	a.rewrite = a.rewrite || c.AutoIncrement && !was.AutoIncrement
	if err := a.columnConstraints(c, s.Def); err != nil {
		return err
	}
	at, err = a.column(c.Name)
	if err != nil {
		return err
	}
	return a.place(at, s.Place)
}

// dropColumn is DROP COLUMN: the column leaves the indexes, too. Errors 1091, 1828, 1829, 3108, 3959.
func (a *alteration) dropColumn(name string) error {
	at, err := a.column(name)
	if err != nil {
		return sqlerr.New(sqlerr.CantDrop, name)
	}
	c := a.def.Columns[at]
	for i := range a.def.Foreign {
		if fk := &a.def.Foreign[i]; slices.Contains(fk.Columns, c.ID) {
			return sqlerr.New(sqlerr.FKColumnNeeded, c.Name, fk.Name)
		}
	}
	for _, ref := range a.refs {
		if child := ref.Child.Def(); a.env.ForeignKeyChecks && containsFold(ref.Key.RefColumns, c.Name) {
			return sqlerr.New(sqlerr.FKColumnOfParent, c.Name, ref.Key.Name, child.Schema+"."+child.Name)
		}
	}
	if err := a.leaveChecks(c.Name); err != nil {
		return err
	}
	if err := a.neededBy(c.Name); err != nil {
		return err
	}
	a.def.Columns = slices.Delete(a.def.Columns, at, at+1)
	kept := a.def.Indexes[:0]
	for _, ix := range a.def.Indexes {
		n := len(ix.Parts)
		ix.Parts = slices.DeleteFunc(ix.Parts, func(p schema.KeyPart) bool { return p.Column == c.ID })
		if len(ix.Parts) == 0 {
			continue
		}
		if len(ix.Parts) != n {
			ix.ID = 0 // another key: it is built anew
		}
		kept = append(kept, ix)
	}
	a.def.Indexes = kept
	return nil
}

// leaveChecks drops the CHECKs that read only the column; others keep it: 3959.
func (a *alteration) leaveChecks(name string) error {
	var kept []schema.Check
	for _, ck := range a.def.Checks {
		cols := a.columnsOf(ck.Expr)
		if !containsFold(cols, name) {
			kept = append(kept, ck)
			continue
		}
		for _, other := range cols {
			if !equalFold(other, name) {
				return sqlerr.New(sqlerr.CheckColumnNeeded, ck.Name, name)
			}
		}
	}
	a.def.Checks = kept
	return nil
}

// neededBy refuses to take a column away from generated columns and defaults: 3108, 3774.
func (a *alteration) neededBy(name string) error {
	for i := range a.def.Columns {
		c := &a.def.Columns[i]
		if c.Generated != "" && containsFold(a.columnsOf(c.Generated), name) && !equalFold(c.Name, name) {
			return sqlerr.New(sqlerr.GeneratedNeeded, name)
		}
		if c.DefaultExpr != "" && containsFold(a.columnsOf(c.DefaultExpr), name) && !equalFold(c.Name, name) {
			return sqlerr.New(sqlerr.DefaultNeeded, name)
		}
	}
	return nil
}

// mayRename refuses to rename a column that a text of the definition names.
func (a *alteration) mayRename(name string) error {
	for _, ck := range a.def.Checks {
		if containsFold(a.columnsOf(ck.Expr), name) {
			return sqlerr.New(sqlerr.CheckColumnNeeded, ck.Name, name)
		}
	}
	return a.neededBy(name)
}

// renameColumn is RENAME COLUMN. Several in one statement may swap names: each means the old name.
func (a *alteration) renameColumn(from, to string) error {
	at, err := a.column(from)
	if err != nil {
		return err
	}
	c := &a.def.Columns[at]
	if c.Name == to {
		return nil
	}
	if err := a.mayRename(c.Name); err != nil {
		return err
	}
	c.Name = to
	a.renamed[c.ID] = true
	return nil
}

// columnDefault is ALTER COLUMN … SET DEFAULT and DROP DEFAULT. Rows are left alone.
func (a *alteration) columnDefault(s *ast.AlterColumnDefault) error {
	at, err := a.column(s.Name)
	if err != nil {
		return err
	}
	c := &a.def.Columns[at]
	if s.Default != nil {
		return a.setDefault(c, s.Default)
	}
	c.HasDefault, c.DefaultExpr = false, ""
	c.Default = c.Default.Clone()
	return nil
}

// convertCharset is CONVERT TO CHARACTER SET: the table's default and all its character columns.
func (a *alteration) convertCharset(s *ast.AlterConvertCharset) error {
	base := a.table
	if s.Charset == "" && a.catalog != nil {
		if db := a.catalog.Database(a.def.Schema); db != nil {
			base = defaultCharset(db.Collation)
		}
	}
	cs, err := base.resolve(s.Charset, s.Collate)
	if err != nil {
		return err
	}
	a.table = cs
	a.def.Charset, a.def.Collation = cs.name, uint16(cs.collation)
	for i := range a.def.Columns {
		t := &a.def.Columns[i].Type
		switch {
		case !t.HasCollation():
		case cs.collation == collate.Binary && t.IsCharacter():
			*t = binaryOf(*t)
		default:
			t.Collation = cs.collation
		}
	}
	return nil
}

// columnsOf lists the columns that a text of the definition names.
func (a *alteration) columnsOf(text string) []string {
	mode, err := sqlmode.Parse(a.def.SQLMode)
	if err != nil {
		return nil
	}
	e, err := parse.Expr(text, sqlmode.ParserOptions(mode, 0))
	if err != nil {
		return nil
	}
	var names []string
	_ = sqlparser.Walk(func(n sqlparser.SQLNode) (bool, error) {
		if c, ok := n.(*sqlparser.ColName); ok {
			names = append(names, c.Name.String())
		}
		return true, nil
	}, e)
	return names
}

func containsFold(list []string, name string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return equalFold(s, name) })
}
