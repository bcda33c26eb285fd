package infoschema

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/rowset"
)

// showCreateTable is SHOW CREATE TABLE; of a view it is SHOW CREATE VIEW.
func (env *Env) showCreateTable(ctx context.Context, st *ast.Show) (*rowset.Set, error) {
	t, v, err := env.find(st.Table)
	if err != nil {
		return nil, err
	}
	if v != nil {
		return viewSet(v), nil
	}
	var next uint64
	if a, ok := t.(interface{ AutoIncrement() uint64 }); ok {
		next = a.AutoIncrement()
	}
	set := newFixed("Table|name!", "Create Table|longtext!")
	set.add(t.Def().Name, createTable(t.Def(), next, env.Run.Session.Location()))
	return set.Set, nil
}

// showCreateView is SHOW CREATE VIEW. 1347 for a table.
func (env *Env) showCreateView(ctx context.Context, st *ast.Show) (*rowset.Set, error) {
	t, v, err := env.find(st.Table)
	if err != nil {
		return nil, err
	}
	if t != nil {
		return nil, sqlerr.New(sqlerr.NotAView, t.Def().Schema, t.Def().Name, "VIEW")
	}
	return viewSet(v), nil
}

func viewSet(v *schema.View) *rowset.Set {
	var b strings.Builder
	algorithm := v.Algorithm
	if algorithm == "" {
		algorithm = "UNDEFINED"
	}
	b.WriteString("CREATE ALGORITHM=" + algorithm + " DEFINER=`root`@`localhost` SQL SECURITY DEFINER VIEW ")
	b.WriteString(quoteName(v.Name))
	if len(v.Columns) > 0 {
		b.WriteString(" (" + quoteNames(v.Columns) + ")")
	}
	b.WriteString(" AS " + v.Select)
	if v.CheckOption != "" {
		b.WriteString(" WITH " + v.CheckOption + " CHECK OPTION")
	}
	set := newFixed("View|name!", "Create View|longtext!", "character_set_client|v64!", "collation_connection|v64!")
	set.add(v.Name, b.String(), "utf8mb4", collate.Default.Name())
	return set.Set
}

// showCreateDatabase is SHOW CREATE DATABASE. 1049.
func (env *Env) showCreateDatabase(_ context.Context, st *ast.Show) (*rowset.Set, error) {
	name, coll := st.DB, collate.GeneralCI
	if IsSchema(name) {
		name = Name
	} else {
		d := env.Catalog().Database(name)
		if d == nil {
			return nil, sqlerr.New(sqlerr.UnknownDatabase, name)
		}
		coll = databaseCollation(d)
	}
	exists := ""
	if st.IfNotExists {
		exists = "/*!32312 IF NOT EXISTS*/ "
	}
	set := newFixed("Database|name!", "Create Database|v1024!")
	set.add(name, "CREATE DATABASE "+exists+quoteName(name)+" /*!40100 DEFAULT CHARACTER SET "+coll.Charset()+" COLLATE "+
		coll.Name()+" */ /*!80016 DEFAULT ENCRYPTION='N' */")
	return set.Set, nil
}

// showCreateTrigger is SHOW CREATE TRIGGER. 1360.
func (env *Env) showCreateTrigger(_ context.Context, st *ast.Show) (*rowset.Set, error) {
	db := st.Table.Qualifier.String()
	if db == "" {
		db = env.Database
	}
	if db == "" {
		return nil, sqlerr.New(sqlerr.NoDatabase)
	}
	for _, t := range env.Catalog().Tables(db) {
		def := t.Def()
		for _, g := range def.Triggers {
			if !strings.EqualFold(g.Name, st.Table.Name.String()) {
				continue
			}
			set := newFixed("Trigger|v64!", "sql_mode|v512!", "SQL Original Statement|longtext!", "character_set_client|v64!",
				"collation_connection|v64!", "Database Collation|v64!", "Created|timestamp")
			set.add(g.Name, def.SQLMode, "CREATE DEFINER=`root`@`localhost` TRIGGER "+quoteName(g.Name)+" "+g.Timing+" "+g.Event+
				" ON "+quoteName(def.Name)+" FOR EACH ROW "+g.Body, "utf8mb4", collate.Default.Name(),
				databaseCollation(env.Catalog().Database(db)).Name(), time.Unix(def.CreatedAt, 0))
			return set.Set, nil
		}
	}
	return nil, sqlerr.New(sqlerr.NoTrigger)
}

// createTable prints a definition as MySQL 8 does. next is the AUTO_INCREMENT counter, loc the time zone of TIMESTAMP
// defaults.
func createTable(t *schema.Table, next uint64, loc *time.Location) string {
	var b strings.Builder
	b.WriteString("CREATE ")
	if t.Temporary {
		b.WriteString("TEMPORARY ")
	}
	b.WriteString("TABLE " + quoteName(t.Name) + " (\n")
	sep := "  "
	line := func(s string) {
		b.WriteString(sep + s)
		sep = ",\n  "
	}
	for i := range t.Columns {
		line(createColumn(t, &t.Columns[i], loc))
	}
	for i := range t.Indexes {
		line(createIndex(t, &t.Indexes[i]))
	}
	for i := range t.Foreign {
		line(createForeign(t, &t.Foreign[i]))
	}
	for i := range t.Checks {
		c := &t.Checks[i]
		s := "CONSTRAINT " + quoteName(c.Name) + " CHECK (" + c.Expr + ")"
		if c.NotEnforced {
			s += " /*!80016 NOT ENFORCED */"
		}
		line(s)
	}
	b.WriteString("\n) ENGINE=" + engineOf(t))
	if next > 1 {
		b.WriteString(" AUTO_INCREMENT=" + strconv.FormatUint(next, 10))
	}
	coll := tableCollation(t)
	b.WriteString(" DEFAULT CHARSET=" + coll.Charset() + " COLLATE=" + coll.Name())
	if t.Comment != "" {
		b.WriteString(" COMMENT=" + quoteText(t.Comment))
	}
	return b.String()
}

func createColumn(t *schema.Table, c *schema.Column, loc *time.Location) string {
	var b strings.Builder
	b.WriteString(quoteName(c.Name) + " " + c.Type.String())
	if c.Type.HasCollation() {
		coll := c.Type.Collation
		if coll == 0 {
			coll = collate.Default
		}
		if of := tableCollation(t); coll != of {
			b.WriteString(" CHARACTER SET " + coll.Charset() + " COLLATE " + coll.Name())
		} else if !collate.Get(coll).IsDefault {
			b.WriteString(" COLLATE " + coll.Name())
		}
	}
	if c.Generated != "" {
		b.WriteString(" GENERATED ALWAYS AS (" + c.Generated + ")")
		if c.Stored {
			b.WriteString(" STORED")
		} else {
			b.WriteString(" VIRTUAL")
		}
	}
	switch {
	case c.NotNull:
		b.WriteString(" NOT NULL")
	case c.Type.ID == value.TypeTimestamp:
		b.WriteString(" NULL")
	}
	if c.Invisible {
		b.WriteString(" /*!80023 INVISIBLE */")
	}
	if d := createDefault(c, loc); d != "" {
		b.WriteString(" DEFAULT " + d)
	}
	if c.OnUpdate != "" {
		b.WriteString(" ON UPDATE " + c.OnUpdate)
	}
	if c.AutoIncrement {
		b.WriteString(" AUTO_INCREMENT")
	}
	if c.Comment != "" {
		b.WriteString(" COMMENT " + quoteText(c.Comment))
	}
	return b.String()
}

// createDefault is what follows DEFAULT; "" for none.
func createDefault(c *schema.Column, loc *time.Location) string {
	switch {
	case c.DefaultExpr != "" && isNow(c.DefaultExpr):
		return c.DefaultExpr
	case c.DefaultExpr != "":
		return "(" + bareExpression(c.DefaultExpr) + ")"
	case !c.HasDefault:
		return ""
	case c.Default.IsNull():
		// MySQL says nothing about the NULL that a TEXT or BLOB column has by default.
		if c.Type.IsLOB() && c.Type.ID != value.TypeJSON {
			return ""
		}
		return "NULL"
	}
	text, _ := defaultText(c, loc)
	switch {
	case c.Type.ID == value.TypeBit:
		return text
	case c.Type.IsBinary():
		return "_binary " + quoteText(text)
	}
	return quoteText(text)
}

func createIndex(t *schema.Table, ix *schema.Index) string {
	var b strings.Builder
	switch {
	case ix.Primary:
		b.WriteString("PRIMARY KEY (")
	case ix.Unique:
		b.WriteString("UNIQUE KEY " + quoteName(ix.Name) + " (")
	default:
		b.WriteString("KEY " + quoteName(ix.Name) + " (")
	}
	for i, p := range ix.Parts {
		if i > 0 {
			b.WriteByte(',')
		}
		if at := t.ColumnByID(p.Column); at >= 0 {
			b.WriteString(quoteName(t.Columns[at].Name))
		}
		if p.Prefix > 0 {
			b.WriteString("(" + strconv.FormatUint(uint64(p.Prefix), 10) + ")")
		}
		if p.Desc {
			b.WriteString(" DESC")
		}
	}
	b.WriteByte(')')
	if ix.Using != "" {
		b.WriteString(" USING " + strings.ToUpper(ix.Using))
	}
	if ix.Comment != "" {
		b.WriteString(" COMMENT " + quoteText(ix.Comment))
	}
	if ix.Hidden {
		b.WriteString(" /*!80000 INVISIBLE */")
	}
	return b.String()
}

func createForeign(t *schema.Table, fk *schema.ForeignKey) string {
	var b strings.Builder
	b.WriteString("CONSTRAINT " + quoteName(fk.Name) + " FOREIGN KEY (" + quoteNames(t.ColumnNames(fk.Columns)) + ") REFERENCES ")
	if fk.RefSchema != t.Schema {
		b.WriteString(quoteName(fk.RefSchema) + ".")
	}
	b.WriteString(quoteName(fk.RefTable) + " (" + quoteNames(fk.RefColumns) + ")")
	if fk.OnDelete != schema.NoAction {
		b.WriteString(" ON DELETE " + fk.OnDelete.String())
	}
	if fk.OnUpdate != schema.NoAction {
		b.WriteString(" ON UPDATE " + fk.OnUpdate.String())
	}
	return b.String()
}

// quoteName puts an identifier into backquotes.
func quoteName(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

func quoteNames(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = quoteName(n)
	}
	return strings.Join(quoted, ",")
}

// quoteText puts a string into quotes, as SHOW CREATE TABLE does.
func quoteText(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", "''", "\x00", `\0`, "\n", `\n`, "\r", `\r`).Replace(s) + "'"
}
