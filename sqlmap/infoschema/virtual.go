package infoschema

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// virtual is one table of information_schema.
type virtual struct {
	def  *schema.Table
	fill func(q *query) error // nil: no rows
}

// table is a virtual table over a source.
type table struct {
	*virtual
	src Source
}

// Def implements plan.Table.
func (t *table) Def() *schema.Table { return t.def }

// RowEstimate implements plan.RowEstimator.
func (t *table) RowEstimate() int64 { return 100 }

// Rows implements plan.VirtualTable. All rows are computed at once: a catalogue is small.
func (t *table) Rows(ctx context.Context, run *expr.Run, eq map[int]value.Value) (plan.VirtualRows, error) {
	rows, err := t.virtual.rows(ctx, t.src, run, eq)
	if err != nil {
		return nil, err
	}
	return &rowList{rows: rows}, nil
}

// rows computes the rows.
func (v *virtual) rows(ctx context.Context, src Source, run *expr.Run, eq map[int]value.Value) ([][]value.Value, error) {
	if v.fill == nil {
		return nil, nil
	}
	q := &query{ctx: ctx, src: src, run: run, def: v.def, eq: eq, catalog: src.Catalog()}
	if err := v.fill(q); err != nil {
		return nil, err
	}
	return q.out, q.err
}

// rowList iterates over computed rows.
type rowList struct {
	rows [][]value.Value
	at   int
}

func (l *rowList) Next() ([]value.Value, error) {
	if l.at >= len(l.rows) {
		return nil, nil
	}
	l.at++
	return l.rows[l.at-1], nil
}

func (l *rowList) Close() {}

// query is one reading of a virtual table.
type query struct {
	ctx     context.Context
	src     Source
	run     *expr.Run
	def     *schema.Table
	eq      map[int]value.Value
	catalog *engine.Catalog
	out     [][]value.Value
	err     error // the first of add
}

// add appends a row: one Go value per column; nil is NULL.
func (q *query) add(vals ...any) {
	row := make([]value.Value, len(q.def.Columns))
	if len(vals) != len(row) && q.err == nil {
		q.err = sqlerr.New(sqlerr.Internal, "a row of "+q.def.Name+" with "+strconv.Itoa(len(vals))+" values")
		return
	}
	for i, v := range vals {
		row[i] = cell(&q.def.Columns[i].Type, v)
	}
	q.out = append(q.out, row)
}

// cell makes a value of a column of type t.
func cell(t *value.Type, v any) value.Value {
	switch v := v.(type) {
	case nil:
		return value.Null
	case string:
		if t.ID == value.TypeEnum {
			if e, ok := value.EnumByLabel(t, v); ok {
				return e
			}
		}
		return value.String(v)
	case int:
		return number(t, int64(v))
	case int64:
		return number(t, v)
	case uint64:
		if !t.Unsigned {
			return value.Int(int64(v))
		}
		return value.Uint(v)
	case time.Time:
		return value.DateTimeFromTime(v.UTC(), t.Scale)
	case value.Value:
		return v
	}
	return value.Null
}

func number(t *value.Type, n int64) value.Value {
	if t.Unsigned {
		return value.Uint(uint64(n))
	}
	return value.Int(n)
}

// yesNo is YES or NO.
func yesNo(b bool) string {
	if b {
		return "YES"
	}
	return "NO"
}

// nullable is the string, or NULL when it is empty.
func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// wants reports whether WHERE lets a row with the name in column ord through. It errs on the side of yes: the rows are
// filtered again, under the collation that the statement asks for.
func (q *query) wants(column, name string) bool {
	v, ok := q.eq[q.def.ColumnIndex(column)]
	if !ok {
		return true
	}
	if v.IsNull() {
		return false
	}
	if k := v.Kind(); k != value.KindString && k != value.KindBytes {
		return true
	}
	want := strings.TrimRight(v.Str(), " ")
	return want == name || collate.Equal(collate.UnicodeCI, want, name)
}

// schemas calls f for the databases that WHERE lets through by the column.
func (q *query) schemas(column string, f func(d *schema.Database)) {
	for _, d := range q.catalog.Databases() {
		if q.wants(column, d.Name) {
			f(d)
		}
	}
}

// baseTables calls f for the tables that WHERE lets through by the columns that hold schema and name.
func (q *query) baseTables(schemaColumn, nameColumn string, f func(t *engine.Table)) {
	q.schemas(schemaColumn, func(d *schema.Database) {
		for _, t := range q.catalog.Tables(d.Name) {
			if q.wants(nameColumn, t.Def().Name) {
				f(t)
			}
		}
	})
}

// define makes a virtual table of column declarations "NAME type[!]", see columnType; ! is NOT NULL.
func define(name string, fill func(q *query) error, decls ...string) *virtual {
	def := &schema.Table{Schema: Name, Name: name, Engine: "", Charset: "utf8mb4", Collation: uint16(collate.GeneralCI)}
	for i, d := range decls {
		column, rest, _ := strings.Cut(d, " ")
		spec, notNull := strings.CutSuffix(rest, "!")
		def.Columns = append(def.Columns, schema.Column{
			ID: uint32(i + 1), Name: column, Type: columnType(spec), NotNull: notNull, HasDefault: !notNull,
		})
	}
	return &virtual{def: def, fill: fill}
}

// columnType reads a type: name (of a schema or table), vN (VARCHAR(N)), int, uint, bigint, ubigint, text, longtext, datetime,
// timestamp, null (a column that is always NULL) and enum a|b|c.
func columnType(spec string) value.Type {
	kind, rest, _ := strings.Cut(spec, " ")
	switch kind {
	case "name":
		return value.Type{ID: value.TypeVarChar, Length: schema.MaxNameLength, Collation: collate.UTF8MB4Bin}
	case "int":
		return value.Type{ID: value.TypeInt}
	case "uint":
		return value.Type{ID: value.TypeInt, Unsigned: true}
	case "bigint":
		return value.Type{ID: value.TypeBigInt}
	case "ubigint":
		return value.Type{ID: value.TypeBigInt, Unsigned: true}
	case "text":
		return value.Type{ID: value.TypeText, Collation: collate.GeneralCI}
	case "mediumtext":
		return value.Type{ID: value.TypeMediumText, Collation: collate.GeneralCI}
	case "longtext":
		return value.Type{ID: value.TypeLongText, Collation: collate.GeneralCI}
	case "datetime":
		return value.Type{ID: value.TypeDateTime}
	case "timestamp":
		return value.Type{ID: value.TypeTimestamp}
	case "null":
		return value.Type{ID: value.TypeBinary}
	case "enum":
		return value.Type{ID: value.TypeEnum, Elements: strings.Split(rest, "|"), Collation: collate.GeneralCI}
	}
	n, err := strconv.Atoi(kind[1:])
	if err != nil || kind[0] != 'v' {
		panic("infoschema: a column of type " + spec) // of a declaration in this package, at start-up
	}
	return value.Type{ID: value.TypeVarChar, Length: uint32(n), Collation: collate.GeneralCI}
}
