package ddl

import (
	"context"
	"errors"
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

// createTable is CREATE TABLE.
func (env *Env) createTable(ctx context.Context, st *ast.CreateTable) (affected uint64, err error) {
	db, name, err := env.tableName(st.Table)
	if err != nil {
		return 0, err
	}
	var source *selection
	if st.Select != nil {
		if source, err = env.selection(st); err != nil {
			return 0, err
		}
	}
	var made *engine.Table
	err = env.define(ctx, func(d *engine.Definer) error {
		if env.nameTaken(d, db, name, st.Temporary) {
			exists := sqlerr.New(sqlerr.TableExists, name)
			if !st.IfNotExists {
				return exists
			}
			env.note(exists)
			return nil
		}
		if d.Catalog().Database(db) == nil {
			return sqlerr.New(sqlerr.UnknownDatabase, db)
		}
		def, err := env.newDefinition(d, db, name, st, source)
		if err != nil {
			return err
		}
		made, err = d.CreateTable(def)
		return err
	})
	if err != nil || made == nil {
		return 0, err
	}
	if st.Temporary {
		env.Temporary.put(made)
	}
	if source == nil {
		return 0, nil
	}
	return env.fill(ctx, st, made, source)
}

// nameTaken reports whether CREATE TABLE meets a table or view of the name. A temporary table may hide a base table.
func (env *Env) nameTaken(d *engine.Definer, db, name string, temporary bool) bool {
	if temporary {
		return env.Temporary.Table(db, name) != nil
	}
	return d.Catalog().Table(db, name) != nil || d.Catalog().View(db, name) != nil
}

// newDefinition builds what CREATE TABLE declares, by itself, LIKE another table or beside a SELECT.
func (env *Env) newDefinition(d *engine.Definer, db, name string, st *ast.CreateTable, source *selection) (*schema.Table, error) {
	if st.Like != nil {
		return env.definitionLike(d, db, name, st)
	}
	def := &schema.Table{Schema: db, Name: name, SQLMode: env.SQLMode, Temporary: st.Temporary}
	if base := d.Catalog().Database(db); base != nil {
		def.Charset, def.Collation = base.Charset, base.Collation
	}
	catalog := d.Catalog()
	if st.Temporary {
		catalog = nil
	}
	b := newBuilder(env, catalog, def)
	if err := b.setOptions(&st.Options); err != nil {
		return nil, err
	}
	for _, c := range st.Columns {
		if err := b.addColumn(c); err != nil {
			return nil, err
		}
	}
	if source != nil {
		if err := b.addSelected(source); err != nil {
			return nil, err
		}
	}
	for _, ix := range st.Indexes {
		if err := b.addIndex(ix); err != nil {
			return nil, err
		}
	}
	for _, ck := range st.Checks {
		if err := b.addCheck(ck); err != nil {
			return nil, err
		}
	}
	for _, fk := range st.ForeignKeys {
		if err := b.addForeign(fk); err != nil {
			return nil, err
		}
	}
	return def, b.finish()
}

// definitionLike copies a definition: columns, indexes and checks, not the foreign keys, triggers and the counter.
func (env *Env) definitionLike(d *engine.Definer, db, name string, st *ast.CreateTable) (*schema.Table, error) {
	fromDB, from, err := env.tableName(*st.Like)
	if err != nil {
		return nil, err
	}
	t, err := env.baseTable(d, fromDB, from)
	if err != nil {
		return nil, err
	}
	old := t.Def()
	def := old.Clone()
	def.ID, def.Storage, def.Version, def.CreatedAt = 0, 0, 0, 0
	def.Schema, def.Name, def.Temporary = db, name, st.Temporary
	def.Foreign, def.Triggers, def.AutoStart = nil, nil, 0
	for i := range def.Columns {
		def.Columns[i].HasInitial = false
	}
	catalog := d.Catalog()
	if st.Temporary {
		catalog = nil
	}
	b := newBuilder(env, catalog, def)
	checks := def.Checks
	def.Checks = nil
	for _, c := range checks {
		if err := b.addCheck(&ast.CheckDef{Text: c.Expr, NotEnforced: c.NotEnforced}); err != nil {
			return nil, err
		}
	}
	return def, b.finish()
}

// dropTable is DROP TABLE: all of the tables or none. 1051 names those that are not there.
func (env *Env) dropTable(ctx context.Context, st *ast.DropTable) error {
	var gone []*engine.Table
	err := env.define(ctx, func(d *engine.Definer) error {
		var tables []*engine.Table
		var missing []string
		gone = nil
		seen := map[tableKey]bool{}
		for _, n := range st.Tables {
			db, name, err := env.tableName(n)
			if err != nil {
				return err
			}
			if seen[tableKey{db, name}] {
				return sqlerr.New(sqlerr.NonUniqueTable, name)
			}
			seen[tableKey{db, name}] = true
			switch temp, t := env.Temporary.Table(db, name), d.Catalog().Table(db, name); {
			case temp != nil:
				tables, gone = append(tables, temp), append(gone, temp)
			case t != nil && !st.Temporary:
				tables = append(tables, t)
			default:
				if !st.IfExists && d.Catalog().Database(db) == nil {
					return sqlerr.New(sqlerr.UnknownDatabase, db)
				}
				missing = append(missing, db+"."+name)
			}
		}
		if len(missing) > 0 && !st.IfExists {
			return sqlerr.New(sqlerr.UnknownTable, strings.Join(missing, ","))
		}
		for _, m := range missing {
			env.note(sqlerr.New(sqlerr.UnknownTable, m))
		}
		return d.DropTables(tables)
	})
	if err != nil {
		return err
	}
	for _, t := range gone {
		env.Temporary.remove(t.Def().Schema, t.Def().Name)
	}
	return nil
}

// truncateTable is TRUNCATE TABLE. 1146, 1701.
func (env *Env) truncateTable(ctx context.Context, st *ast.TruncateTable) error {
	db, name, err := env.tableName(st.Table)
	if err != nil {
		return err
	}
	err = env.change(ctx, db, name, func(d *engine.Definer, t *engine.Table) (*engine.Table, error) {
		return d.TruncateTable(t)
	})
	if errors.Is(err, sqlerr.NotAView) {
		return sqlerr.New(sqlerr.NoSuchTable, db, name)
	}
	return err
}

// change makes a new handle of a table; that of a temporary one becomes the session's.
func (env *Env) change(ctx context.Context, db, name string, fn func(d *engine.Definer, t *engine.Table) (*engine.Table, error)) error {
	var old, now *engine.Table
	err := env.define(ctx, func(d *engine.Definer) error {
		var err error
		if old, err = env.baseTable(d, db, name); err != nil {
			return err
		}
		now, err = fn(d, old)
		return err
	})
	if err != nil || !old.Def().Temporary || now == nil {
		return err
	}
	env.Temporary.remove(db, name)
	env.Temporary.put(now)
	return nil
}

// renameTables is RENAME TABLE: the pairs in order, all or none.
func (env *Env) renameTables(ctx context.Context, st *ast.RenameTable) error {
	type move struct{ from, to *engine.Table }
	var temporary []move
	err := env.define(ctx, func(d *engine.Definer) error {
		temporary = nil
		for _, p := range st.Pairs {
			old, now, err := env.rename(d, p.From, p.To)
			if err != nil {
				return err
			}
			if now != nil && now.Def().Temporary {
				temporary = append(temporary, move{old, now})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, m := range temporary {
		env.Temporary.remove(m.from.Def().Schema, m.from.Def().Name)
		env.Temporary.put(m.to)
	}
	return nil
}

// rename moves one table or view. Errors 1050, 1146; 1450 for a view that would change its schema.
func (env *Env) rename(d *engine.Definer, from, to sqlparser.TableName) (old, now *engine.Table, err error) {
	fromDB, fromName, err := env.tableName(from)
	if err != nil {
		return nil, nil, err
	}
	toDB, toName, err := env.tableName(to)
	if err != nil {
		return nil, nil, err
	}
	if env.Temporary.Table(fromDB, fromName) == nil && d.Catalog().Table(fromDB, fromName) == nil {
		if v := d.Catalog().View(fromDB, fromName); v != nil {
			return nil, nil, renameView(d, v, toDB, toName)
		}
	}
	t, err := env.baseTable(d, fromDB, fromName)
	if err != nil {
		return nil, nil, err
	}
	now, err = env.renameOne(d, t, toDB, toName)
	return t, now, err
}

func renameView(d *engine.Definer, v *schema.View, toDB, toName string) error {
	if toDB != v.Schema {
		return sqlerr.New(sqlerr.NotSupported, "RENAME of a view into another schema")
	}
	moved := *v
	moved.Name, moved.ID = toName, 0
	if err := d.CreateView(&moved, false); err != nil {
		return err
	}
	return d.DropView(v.Schema, v.Name)
}

// renameOne renames a table; constraints whose names were made of the table's get new ones.
func (env *Env) renameOne(d *engine.Definer, t *engine.Table, toDB, toName string) (*engine.Table, error) {
	old := t.Def()
	if old.Schema == toDB && old.Name == toName {
		return t, nil
	}
	if old.Temporary && env.Temporary.Table(toDB, toName) != nil {
		return nil, sqlerr.New(sqlerr.TableExists, toName)
	}
	if len(old.Triggers) > 0 && old.Schema != toDB {
		return nil, sqlerr.New(sqlerr.TriggerWrongSchema)
	}
	now, err := d.RenameTable(t, toDB, toName)
	if err != nil {
		return nil, err
	}
	def := now.Def().Clone()
	changed := false
	follow := func(name *string, middle string) {
		if rest, ok := strings.CutPrefix(*name, old.Name+middle); ok {
			*name, changed = toName+middle+rest, true
		}
	}
	for i := range def.Foreign {
		follow(&def.Foreign[i].Name, "_ibfk_")
	}
	for i := range def.Checks {
		follow(&def.Checks[i].Name, "_chk_")
	}
	if !old.Temporary {
		if err := uniqueConstraints(newBuilder(env, d.Catalog(), def)); err != nil {
			return nil, err
		}
	}
	if !changed {
		return now, nil
	}
	return d.AlterTable(now, def, nil)
}

// uniqueConstraints checks the names of a table's constraints in the schema that it has come to. Errors 1826, 3822.
func uniqueConstraints(b *builder) error {
	for i := range b.def.Foreign {
		name := b.def.Foreign[i].Name
		if b.elsewhere(func(t *schema.Table) bool { return t.ForeignByName(name) >= 0 }) {
			return sqlerr.New(sqlerr.FKDuplicateName, name)
		}
	}
	for i := range b.def.Checks {
		name := b.def.Checks[i].Name
		if b.elsewhere(func(t *schema.Table) bool { return t.CheckByName(name) >= 0 }) {
			return sqlerr.New(sqlerr.CheckDuplicateName, name)
		}
	}
	return nil
}

// createIndex is CREATE INDEX.
func (env *Env) createIndex(ctx context.Context, st *ast.CreateIndex) (affected uint64, err error) {
	return env.alter(ctx, st.Table, &ast.AlterTable{Specs: []ast.AlterSpec{&ast.AlterAddIndex{Def: st.Index}}, Algorithm: st.Algorithm})
}

// dropIndex is DROP INDEX. 1091.
func (env *Env) dropIndex(ctx context.Context, st *ast.DropIndex) (affected uint64, err error) {
	var spec ast.AlterSpec = &ast.AlterDropIndex{Name: st.Name}
	if equalFold(st.Name, schema.PrimaryName) {
		spec = &ast.AlterDropPrimaryKey{}
	}
	return env.alter(ctx, st.Table, &ast.AlterTable{Specs: []ast.AlterSpec{spec}, Algorithm: st.Algorithm})
}
