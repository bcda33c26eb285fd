package ddl

import (
	"fmt"
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

// builder makes a table definition out of clauses, for CREATE TABLE from nothing and for ALTER TABLE from what there is.
type builder struct {
	env   *Env
	def   *schema.Table
	table charset // default of new columns
}

func newBuilder(env *Env, def *schema.Table) *builder {
	b := &builder{env: env, def: def}
	id := collate.ID(def.Collation)
	if id == 0 {
		id = collate.Default
	}
	b.table = charset{id.Charset(), id}
	return b
}

// setOptions applies table options.
func (b *builder) setOptions(o *ast.TableOptions) error {
	cs, err := b.table.resolve(o.Charset, o.Collate)
	if err != nil {
		return err
	}
	b.table = cs
	b.def.Charset, b.def.Collation = cs.name, uint16(cs.collation)
	if o.AutoIncrement != nil {
		b.def.AutoStart = *o.AutoIncrement
	}
	if o.Comment != nil {
		b.def.Comment = *o.Comment
	}
	if o.Engine != "" {
		b.def.Engine = o.Engine
	}
	return nil
}

// addColumn appends a column, with the keys and checks that its definition declares.
func (b *builder) addColumn(d *ast.ColumnDef) error {
	c := schema.Column{ID: b.nextColumnID()}
	if err := b.fillColumn(&c, d); err != nil {
		return err
	}
	b.def.Columns = append(b.def.Columns, c)
	return b.columnConstraints(&c, d)
}

// fillColumn writes a declared column over c, which keeps its id.
func (b *builder) fillColumn(c *schema.Column, d *ast.ColumnDef) error {
	name := d.Name.String()
	t, err := columnType(&d.Type, name, b.table)
	if err != nil {
		return err
	}
	*c = schema.Column{
		ID:            c.ID,
		Name:          name,
		Type:          t,
		NotNull:       d.Null == ast.NullForbidden || d.PrimaryKey,
		AutoIncrement: d.AutoIncrement,
		Comment:       d.Comment,
		Invisible:     d.Visibility == ast.Invisible,
	}
	if d.PrimaryKey && d.Null == ast.NullAllowed {
		return sqlerr.New(sqlerr.PrimaryNull)
	}
	if d.AutoIncrement {
		c.NotNull = true
	}
	if d.Generated != nil {
		c.Generated, c.Stored = d.Generated.Text, d.Generated.Stored
	}
	if d.OnUpdate != nil {
		if err := checkNow(d.OnUpdate.Expr, c); err != nil {
			return sqlerr.New(sqlerr.InvalidOnUpdate, name)
		}
		c.OnUpdate = d.OnUpdate.Text
	}
	if d.Default != nil {
		return b.setDefault(c, d.Default)
	}
	if !c.NotNull && c.Generated == "" {
		c.HasDefault, c.Default = true, value.Null
	}
	return nil
}

// columnConstraints adds the keys and checks that stand in a column's definition.
func (b *builder) columnConstraints(c *schema.Column, d *ast.ColumnDef) error {
	if d.PrimaryKey {
		if err := b.addIndex(&ast.IndexDef{Kind: ast.IndexPrimary, Parts: []ast.IndexPart{{Column: d.Name}}}); err != nil {
			return err
		}
	}
	if d.Unique {
		if err := b.addIndex(&ast.IndexDef{Kind: ast.IndexUnique, Parts: []ast.IndexPart{{Column: d.Name}}}); err != nil {
			return err
		}
	}
	for _, ck := range d.Checks {
		if err := b.addCheck(ck); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) nextColumnID() uint32 {
	b.def.NextColID = max(b.def.NextColID, 1)
	b.def.NextColID++
	return b.def.NextColID - 1
}

// addIndex adds a key. Names are given as MySQL gives them: the first column's, with _2, _3 … where it is taken.
func (b *builder) addIndex(d *ast.IndexDef) error {
	switch d.Kind {
	case ast.IndexFulltext:
		return sqlerr.New(sqlerr.NotSupported, "FULLTEXT index")
	case ast.IndexSpatial:
		return sqlerr.New(sqlerr.NotSupported, "SPATIAL index")
	}
	ix := schema.Index{Unique: d.Kind != ast.IndexPlain, Comment: d.Comment, Using: d.Using, Hidden: d.Visibility == ast.Invisible}
	for i := range d.Parts {
		p, err := b.keyPart(&d.Parts[i])
		if err != nil {
			return err
		}
		ix.Parts = append(ix.Parts, p)
	}
	if strings.EqualFold(d.Using, "HASH") && ix.Unique && d.Kind != ast.IndexPrimary {
		ix.Kind = schema.Hash
	}
	if d.Kind == ast.IndexPrimary {
		return b.addPrimary(ix)
	}
	name := d.Name
	if name == "" && ix.Unique {
		name = d.Constraint
	}
	if name == "" {
		name = b.indexName(ix.Parts)
	}
	if strings.EqualFold(name, schema.PrimaryName) {
		return sqlerr.New(sqlerr.WrongIndexName, name)
	}
	if b.def.IndexByName(name) >= 0 {
		return sqlerr.New(sqlerr.DuplicateKeyName, name)
	}
	ix.Name = name
	// A declared index takes the place of one that only served a foreign key.
	for i := range b.def.Indexes {
		if old := &b.def.Indexes[i]; old.ForForeign && ix.StartsWith(old.ColumnIDs()) {
			b.def.Indexes = append(b.def.Indexes[:i], b.def.Indexes[i+1:]...)
			break
		}
	}
	b.def.Indexes = append(b.def.Indexes, ix)
	return nil
}

func (b *builder) addPrimary(ix schema.Index) error {
	if b.def.PrimaryKey() != nil {
		return sqlerr.New(sqlerr.MultiplePrimaryKeys)
	}
	ix.Name, ix.Primary = schema.PrimaryName, true
	for _, p := range ix.Parts {
		c := &b.def.Columns[b.def.ColumnByID(p.Column)]
		c.NotNull = true
		if c.HasDefault && c.Default.IsNull() {
			c.HasDefault = false
		}
	}
	b.def.Indexes = append([]schema.Index{ix}, b.def.Indexes...)
	return nil
}

func (b *builder) keyPart(p *ast.IndexPart) (schema.KeyPart, error) {
	if p.Expr != nil {
		return schema.KeyPart{}, sqlerr.New(sqlerr.NotSupported, "functional key part ("+p.Text+")")
	}
	at := b.def.ColumnIndex(p.Column.String())
	if at < 0 {
		return schema.KeyPart{}, sqlerr.New(sqlerr.KeyColumnMissing, p.Column.String())
	}
	part := schema.KeyPart{Column: b.def.Columns[at].ID, Desc: p.Desc}
	if p.Length > 0 {
		part.Prefix = uint32(min(p.Length, 1<<32-1))
		// A prefix as long as the column is the whole column.
		if t := &b.def.Columns[at].Type; !t.IsLOB() && part.Prefix == t.Length {
			part.Prefix = 0
		}
	}
	return part, nil
}

func (b *builder) indexName(parts []schema.KeyPart) string {
	base := b.def.Columns[b.def.ColumnByID(parts[0].Column)].Name
	name := base
	for n := 2; b.def.IndexByName(name) >= 0 || strings.EqualFold(name, schema.PrimaryName); n++ {
		name = fmt.Sprintf("%s_%d", base, n)
	}
	return name
}

// addCheck adds a CHECK constraint; unnamed ones are called t_chk_1, t_chk_2 ….
func (b *builder) addCheck(d *ast.CheckDef) error {
	name := d.Name
	if name == "" {
		for n := 1; ; n++ {
			if name = fmt.Sprintf("%s_chk_%d", b.def.Name, n); b.def.CheckByName(name) < 0 {
				break
			}
		}
	}
	if b.def.CheckByName(name) >= 0 {
		return sqlerr.New(sqlerr.CheckDuplicateName, name)
	}
	b.def.Checks = append(b.def.Checks, schema.Check{Name: name, Expr: d.Text, NotEnforced: d.NotEnforced})
	return nil
}

// addForeign adds a foreign key; unnamed ones are called t_ibfk_1, t_ibfk_2 …. Its index is made by finish.
func (b *builder) addForeign(d *ast.ForeignKeyDef) error {
	name := d.Name
	if name == "" {
		for n := 1; ; n++ {
			if name = fmt.Sprintf("%s_ibfk_%d", b.def.Name, n); b.def.ForeignByName(name) < 0 {
				break
			}
		}
	}
	if b.def.ForeignByName(name) >= 0 {
		return sqlerr.New(sqlerr.FKDuplicateName, name)
	}
	if m := strings.ToUpper(d.Ref.Match); m == "FULL" || m == "PARTIAL" {
		return sqlerr.New(sqlerr.NotSupported, "MATCH "+m)
	}
	fk := schema.ForeignKey{
		Name:      name,
		RefSchema: d.Ref.Table.Qualifier.String(),
		RefTable:  d.Ref.Table.Name.String(),
		OnDelete:  action(d.Ref.OnDelete),
		OnUpdate:  action(d.Ref.OnUpdate),
	}
	if fk.RefSchema == "" {
		fk.RefSchema = b.def.Schema
	}
	if fk.OnDelete == schema.SetDefault || fk.OnUpdate == schema.SetDefault {
		return sqlerr.New(sqlerr.NotSupported, "SET DEFAULT in a foreign key")
	}
	if len(d.Columns) != len(d.Ref.Columns) {
		return sqlerr.New(sqlerr.FKWrongDefinition, name, "Key reference and table reference don't match")
	}
	for i, col := range d.Columns {
		at := b.def.ColumnIndex(col.String())
		if at < 0 {
			return sqlerr.New(sqlerr.KeyColumnMissing, col.String())
		}
		fk.Columns = append(fk.Columns, b.def.Columns[at].ID)
		fk.RefColumns = append(fk.RefColumns, d.Ref.Columns[i].String())
	}
	b.def.Foreign = append(b.def.Foreign, fk)
	return nil
}

func action(a ast.RefAction) schema.Action {
	switch a {
	case ast.RefRestrict:
		return schema.Restrict
	case ast.RefCascade:
		return schema.Cascade
	case ast.RefSetNull:
		return schema.SetNull
	case ast.RefSetDefault:
		return schema.SetDefault
	}
	return schema.NoAction
}

// finish makes the indexes that foreign keys need and checks the texts of the definition.
func (b *builder) finish() error {
	for i := range b.def.Foreign {
		fk := &b.def.Foreign[i]
		if b.def.IndexFor(fk.Columns, false) >= 0 {
			continue
		}
		ix := schema.Index{Name: fk.Name, ForForeign: true}
		for _, id := range fk.Columns {
			ix.Parts = append(ix.Parts, schema.KeyPart{Column: id})
		}
		if b.def.IndexByName(ix.Name) >= 0 {
			ix.Name = b.indexName(ix.Parts)
		}
		b.def.Indexes = append(b.def.Indexes, ix)
	}
	return checkTexts(b.def)
}

// tableName returns the schema and name of a table name in a statement. Error 1046.
func (env *Env) tableName(n sqlparser.TableName) (db, name string, err error) {
	db = n.Qualifier.String()
	if db == "" {
		db = env.State.Database
	}
	if db == "" {
		return "", "", sqlerr.New(sqlerr.NoDatabase)
	}
	return db, n.Name.String(), nil
}
