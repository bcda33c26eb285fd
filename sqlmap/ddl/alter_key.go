package ddl

import (
	"slices"

	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

// applyKey is a clause about an index or a constraint; ok is false when spec is none.
func (a *alteration) applyKey(spec ast.AlterSpec) (ok bool, err error) {
	switch s := spec.(type) {
	case *ast.AlterAddIndex:
		return true, a.addIndex(s.Def)
	case *ast.AlterAddForeignKey:
		return true, a.addForeign(s.Def)
	case *ast.AlterAddCheck:
		return true, a.addCheck(s.Def)
	case *ast.AlterDropIndex:
		if equalFold(s.Name, schema.PrimaryName) {
			return true, a.dropPrimary()
		}
		return true, a.dropIndexNamed(s.Name)
	case *ast.AlterDropPrimaryKey:
		return true, a.dropPrimary()
	case *ast.AlterDropForeignKey:
		return true, a.dropForeign(s.Name)
	case *ast.AlterDropCheck:
		return true, a.dropCheck(s.Name)
	case *ast.AlterDropConstraint:
		return true, a.dropConstraint(s.Name)
	case *ast.AlterCheckEnforced:
		at := a.def.CheckByName(s.Name)
		if at < 0 {
			return true, sqlerr.New(sqlerr.CheckMissing, s.Name)
		}
		a.def.Checks[at].NotEnforced = !s.Enforced
		return true, nil
	case *ast.AlterIndexVisibility:
		return true, a.showIndex(s)
	case *ast.AlterRenameIndex:
		return true, a.renameIndex(s.Old, s.New)
	}
	return false, nil
}

// dropIndexNamed is DROP INDEX. 1091; that a foreign key needs the index is found at the end.
func (a *alteration) dropIndexNamed(name string) error {
	at := a.def.IndexByName(name)
	if at < 0 || a.def.Indexes[at].Primary {
		return sqlerr.New(sqlerr.CantDrop, name)
	}
	a.dropped = append(a.dropped, a.def.Indexes[at].Name)
	a.def.Indexes = slices.Delete(a.def.Indexes, at, at+1)
	return nil
}

func (a *alteration) dropPrimary() error {
	at := a.def.IndexByName(schema.PrimaryName)
	if at < 0 {
		return sqlerr.New(sqlerr.CantDrop, schema.PrimaryName)
	}
	a.dropped = append(a.dropped, schema.PrimaryName)
	a.def.Indexes = slices.Delete(a.def.Indexes, at, at+1)
	return nil
}

// dropForeign is DROP FOREIGN KEY. Its index stays, as in MySQL.
func (a *alteration) dropForeign(name string) error {
	at := a.def.ForeignByName(name)
	if at < 0 {
		return sqlerr.New(sqlerr.CantDrop, name)
	}
	a.def.Foreign = slices.Delete(a.def.Foreign, at, at+1)
	return nil
}

func (a *alteration) dropCheck(name string) error {
	at := a.def.CheckByName(name)
	if at < 0 {
		return sqlerr.New(sqlerr.CheckMissing, name)
	}
	a.def.Checks = slices.Delete(a.def.Checks, at, at+1)
	return nil
}

// dropConstraint is DROP CONSTRAINT: whatever constraint has the name. Errors 3939, 3940.
func (a *alteration) dropConstraint(name string) error {
	index := a.def.IndexByName(name)
	if index >= 0 && !a.def.Indexes[index].Unique {
		index = -1
	}
	var drops []func(string) error
	if index >= 0 {
		drop := a.dropIndexNamed
		if a.def.Indexes[index].Primary {
			drop = func(string) error { return a.dropPrimary() }
		}
		drops = append(drops, drop)
	}
	if a.def.ForeignByName(name) >= 0 {
		drops = append(drops, a.dropForeign)
	}
	if a.def.CheckByName(name) >= 0 {
		drops = append(drops, a.dropCheck)
	}
	switch len(drops) {
	case 0:
		return sqlerr.New(sqlerr.NoConstraint, name)
	case 1:
		return drops[0](name)
	}
	return sqlerr.New(sqlerr.AmbiguousConstraint, name)
}

// showIndex is ALTER INDEX … VISIBLE|INVISIBLE. Errors 1176, 3522.
func (a *alteration) showIndex(s *ast.AlterIndexVisibility) error {
	at := a.def.IndexByName(s.Name)
	if at < 0 {
		return sqlerr.New(sqlerr.KeyDoesNotExist, s.Name, a.def.Name)
	}
	hidden := s.Visibility == ast.Invisible
	if hidden && a.def.Indexes[at].Primary {
		return sqlerr.New(sqlerr.PrimaryInvisible)
	}
	a.def.Indexes[at].Hidden = hidden
	return nil
}

// renameIndex is RENAME INDEX. Errors 1176, 1061, 1280.
func (a *alteration) renameIndex(from, to string) error {
	at := a.def.IndexByName(from)
	if at < 0 {
		return sqlerr.New(sqlerr.KeyDoesNotExist, from, a.def.Name)
	}
	if a.def.Indexes[at].Primary {
		return sqlerr.New(sqlerr.WrongIndexName, from)
	}
	if equalFold(to, schema.PrimaryName) {
		return sqlerr.New(sqlerr.WrongIndexName, to)
	}
	if other := a.def.IndexByName(to); other >= 0 && other != at {
		return sqlerr.New(sqlerr.DuplicateKeyName, to)
	}
	a.def.Indexes[at].Name = to
	return nil
}
