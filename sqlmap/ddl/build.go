package ddl

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// builder makes a table definition out of clauses, for CREATE TABLE from nothing and for ALTER TABLE from what there is.
type builder struct {
	env     *Env
	catalog *engine.Catalog // for names that are unique in a schema; nil for a temporary table
	def     *schema.Table
	table   charset           // default of new columns
	null    map[uint32]bool   // columns that are declared NULL, which a primary key must not be
	foreign map[string]string // index names of the foreign keys that this statement adds
	dropped []string          // indexes that this statement drops
}

func newBuilder(env *Env, catalog *engine.Catalog, def *schema.Table) *builder {
	return &builder{
		env: env, catalog: catalog, def: def, table: defaultCharset(def.Collation),
		null: map[uint32]bool{}, foreign: map[string]string{},
	}
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
	if o.Engine == "" {
		return nil
	}
	name, ok := engineName(o.Engine)
	if !ok {
		unknown := sqlerr.New(sqlerr.UnknownEngine, o.Engine)
		if b.env.State.Mode&expr.ModeNoEngineSubstitution != 0 {
			return unknown
		}
		b.env.warn(expr.LevelWarning, unknown)
	}
	b.def.Engine = name
	return nil
}

// engineName returns the spelling of a storage engine whose tables behave here as they do in MySQL, apart from being
// transactional; ok is false for others.
func engineName(name string) (spelling string, ok bool) {
	for _, known := range []string{"InnoDB", "MyISAM", "MEMORY", "Aria"} {
		if equalFold(known, name) {
			return known, true
		}
	}
	if equalFold(name, "HEAP") {
		return "MEMORY", true
	}
	return "InnoDB", false
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
	b.null[c.ID] = d.Null == ast.NullAllowed
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
		c.OnUpdate = nowText(d.OnUpdate.Expr)
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
	if d.Constraint != "" && ix.Unique && name == "" {
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
	if ix.Hidden {
		return sqlerr.New(sqlerr.PrimaryInvisible)
	}
	ix.Name, ix.Primary = schema.PrimaryName, true
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
		name = generatedName(b.def.Name+"_chk_", len(b.def.Checks), func(i int) string { return b.def.Checks[i].Name })
	}
	if b.def.CheckByName(name) >= 0 || b.elsewhere(func(t *schema.Table) bool { return t.CheckByName(name) >= 0 }) {
		return sqlerr.New(sqlerr.CheckDuplicateName, name)
	}
	b.def.Checks = append(b.def.Checks, schema.Check{Name: name, Expr: d.Text, NotEnforced: d.NotEnforced})
	return nil
}

// generatedName returns prefix with a number above those that are in use.
func generatedName(prefix string, n int, name func(i int) string) string {
	last := 0
	for i := range n {
		if rest, ok := strings.CutPrefix(name(i), prefix); ok {
			if k, err := strconv.Atoi(rest); err == nil {
				last = max(last, k)
			}
		}
	}
	return prefix + strconv.Itoa(last+1)
}

// elsewhere reports whether another table of the schema is as has says: names of constraints are unique in a schema.
func (b *builder) elsewhere(has func(t *schema.Table) bool) bool {
	if b.catalog == nil {
		return false
	}
	for _, t := range b.catalog.Tables(b.def.Schema) {
		if t.Def().Name != b.def.Name && has(t.Def()) {
			return true
		}
	}
	return false
}

// addForeign adds a foreign key; unnamed ones are called t_ibfk_1, t_ibfk_2 …. Its index is made by finish.
func (b *builder) addForeign(d *ast.ForeignKeyDef) error {
	name := d.Name
	if name == "" {
		name = generatedName(b.def.Name+"_ibfk_", len(b.def.Foreign), func(i int) string { return b.def.Foreign[i].Name })
		b.foreign[name] = d.IndexName
	} else {
		b.foreign[name] = name
	}
	if b.def.ForeignByName(name) >= 0 || b.elsewhere(func(t *schema.Table) bool { return t.ForeignByName(name) >= 0 }) {
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

// finish makes the indexes that foreign keys need, puts the indexes into MySQL's order, and checks the texts of the
// definition.
func (b *builder) finish() error {
	if len(b.def.Columns) == 0 {
		return sqlerr.New(sqlerr.NoTableColumns)
	}
	for i := range b.def.Foreign {
		if err := b.indexForeign(&b.def.Foreign[i]); err != nil {
			return err
		}
	}
	if err := b.finishPrimary(); err != nil {
		return err
	}
	slices.SortStableFunc(b.def.Indexes, func(x, y schema.Index) int { return cmp.Compare(b.rank(&x), b.rank(&y)) })
	if err := b.checkComments(); err != nil {
		return err
	}
	return checkTexts(b.def)
}

// finishPrimary makes the columns of the primary key NOT NULL. Errors 1171, 3106.
func (b *builder) finishPrimary() error {
	pk := b.def.PrimaryKey()
	if pk == nil {
		return nil
	}
	for _, p := range pk.Parts {
		at := b.def.ColumnByID(p.Column)
		if at < 0 {
			continue
		}
		c := &b.def.Columns[at]
		switch {
		case b.null[c.ID]:
			return sqlerr.New(sqlerr.PrimaryNull)
		case c.Generated != "" && !c.Stored:
			return sqlerr.New(sqlerr.GeneratedPrimary)
		}
		c.NotNull = true
		if c.HasDefault && c.Default.IsNull() && c.DefaultExpr == "" {
			c.HasDefault = false
		}
	}
	return nil
}

// indexForeign makes the index that a foreign key needs on its own columns. Dropping the one that an older key uses is
// 1553.
func (b *builder) indexForeign(fk *schema.ForeignKey) error {
	if b.def.IndexFor(fk.Columns, false) >= 0 {
		return nil
	}
	name, added := b.foreign[fk.Name]
	if !added {
		if len(b.dropped) > 0 {
			name = b.dropped[0]
		}
		return sqlerr.New(sqlerr.FKNeedsIndex, name)
	}
	ix := schema.Index{Name: name, ForForeign: true}
	for _, id := range fk.Columns {
		if b.def.ColumnByID(id) < 0 {
			return nil // the engine says which
		}
		ix.Parts = append(ix.Parts, schema.KeyPart{Column: id})
	}
	if ix.Name == "" || b.def.IndexByName(ix.Name) >= 0 {
		ix.Name = b.indexName(ix.Parts)
	}
	b.def.Indexes = append(b.def.Indexes, ix)
	return nil
}

// rank orders indexes as MySQL does: the primary key, unique keys without NULL, other unique keys, the rest.
func (b *builder) rank(ix *schema.Index) int {
	switch {
	case ix.Primary:
		return 0
	case !ix.Unique:
		return 3
	}
	for _, p := range ix.Parts {
		if at := b.def.ColumnByID(p.Column); at >= 0 && !b.def.Columns[at].NotNull {
			return 2
		}
	}
	return 1
}

// Limits of comments, in characters.
const (
	maxTableComment = 2048
	maxComment      = 1024
)

func (b *builder) checkComments() error {
	if utf8.RuneCountInString(b.def.Comment) > maxTableComment {
		return sqlerr.New(sqlerr.TableCommentTooLong, b.def.Name, maxTableComment)
	}
	for i := range b.def.Columns {
		if c := &b.def.Columns[i]; utf8.RuneCountInString(c.Comment) > maxComment {
			return sqlerr.New(sqlerr.FieldCommentTooLong, c.Name, maxComment)
		}
	}
	for i := range b.def.Indexes {
		if ix := &b.def.Indexes[i]; utf8.RuneCountInString(ix.Comment) > maxComment {
			return sqlerr.New(sqlerr.IndexCommentTooLong, ix.Name, maxComment)
		}
	}
	return nil
}
