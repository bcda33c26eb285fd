package infoschema

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/value"
)

// columnInfo is what catalogues say about a column. Fields of type any are nil for NULL.
type columnInfo struct {
	name, dataType, columnType string
	null                       bool
	key                        string // PRI, UNI, MUL or ""
	def                        any
	extra, comment, generated  string
	charset, collation         string
	chars, octets              any
	precision, scale, fsp      any
}

// describeColumn says it about the column at ordinal i; loc is the time zone of TIMESTAMP defaults.
func describeColumn(t *schema.Table, i int, loc *time.Location) columnInfo {
	c := &t.Columns[i]
	info := columnInfo{
		name:       c.Name,
		dataType:   c.Type.Name(),
		columnType: c.Type.String(),
		null:       !c.NotNull,
		key:        columnKey(t, c.ID),
		extra:      extraOf(c),
		comment:    c.Comment,
		generated:  c.Generated,
	}
	if text, ok := defaultText(c, loc); ok {
		info.def = text
	}
	if c.Type.HasCollation() {
		coll := c.Type.Collation
		if coll == 0 {
			coll = collate.Default
		}
		info.charset, info.collation = coll.Charset(), coll.Name()
	}
	info.lengths(&c.Type)
	info.numbers(&c.Type)
	return info
}

// lengths fills CHARACTER_MAXIMUM_LENGTH and CHARACTER_OCTET_LENGTH.
func (c *columnInfo) lengths(t *value.Type) {
	const bytesPerChar = 4
	switch {
	case t.ID == value.TypeChar || t.ID == value.TypeVarChar:
		c.chars, c.octets = int64(t.Length), int64(t.Length)*bytesPerChar
	case t.ID == value.TypeEnum:
		n := 0
		for _, e := range t.Elements {
			n = max(n, utf8.RuneCountInString(e))
		}
		c.chars, c.octets = n, n*bytesPerChar
	case t.ID == value.TypeSet:
		n := utf8.RuneCountInString(strings.Join(t.Elements, ","))
		c.chars, c.octets = n, n*bytesPerChar
	case t.ID == value.TypeJSON:
	case t.IsCharacter() || t.IsBinary():
		c.chars, c.octets = int64(t.MaxBytes()), int64(t.MaxBytes())
	}
}

// numbers fills NUMERIC_PRECISION, NUMERIC_SCALE and DATETIME_PRECISION.
func (c *columnInfo) numbers(t *value.Type) {
	switch t.ID {
	case value.TypeTinyInt:
		c.precision, c.scale = 3, 0
	case value.TypeSmallInt:
		c.precision, c.scale = 5, 0
	case value.TypeMediumInt:
		c.precision, c.scale = 7, 0
	case value.TypeInt:
		c.precision, c.scale = 10, 0
	case value.TypeBigInt:
		c.precision, c.scale = 19, 0
		if t.Unsigned {
			c.precision = 20
		}
	case value.TypeDecimal:
		c.precision, c.scale = int(t.Precision), int(t.Scale)
	case value.TypeFloat:
		c.precision = 12
	case value.TypeDouble:
		c.precision = 22
	case value.TypeBit:
		c.precision = int(t.Length)
	}
	if t.HasFsp() {
		c.fsp = int(t.Scale)
	}
}

// columnKey is COLUMN_KEY: PRI for the columns of the primary key, or without one of the first unique key that has no
// NULLs; UNI for the one column of a unique key; MUL for the first of another key.
func columnKey(t *schema.Table, id uint32) string {
	best := ""
	primary := keyShownAsPrimary(t)
	for i := range t.Indexes {
		ix := &t.Indexes[i]
		if i == primary {
			for _, p := range ix.Parts {
				if p.Column == id {
					return "PRI"
				}
			}
		}
		if ix.Parts[0].Column != id {
			continue
		}
		if ix.Unique && len(ix.Parts) == 1 {
			best = "UNI"
		} else if best == "" {
			best = "MUL"
		}
	}
	return best
}

// keyShownAsPrimary returns the position of the primary key, or of the unique key that stands for it, or -1.
func keyShownAsPrimary(t *schema.Table) int {
	found := -1
	for i := range t.Indexes {
		ix := &t.Indexes[i]
		if ix.Primary {
			return i
		}
		if found >= 0 || !ix.Unique {
			continue
		}
		found = i
		for _, p := range ix.Parts {
			if at := t.ColumnByID(p.Column); at < 0 || !t.Columns[at].NotNull || p.Prefix != 0 {
				found = -1
			}
		}
	}
	return found
}

// extraOf is EXTRA.
func extraOf(c *schema.Column) string {
	var words []string
	switch {
	case c.AutoIncrement:
		words = append(words, "auto_increment")
	case c.Generated != "" && c.Stored:
		words = append(words, "STORED GENERATED")
	case c.Generated != "":
		words = append(words, "VIRTUAL GENERATED")
	case c.DefaultExpr != "":
		words = append(words, "DEFAULT_GENERATED")
	}
	if c.OnUpdate != "" {
		words = append(words, "on update "+c.OnUpdate)
	}
	if c.Invisible {
		words = append(words, "INVISIBLE")
	}
	return strings.Join(words, " ")
}

// defaultText is COLUMN_DEFAULT; ok is false for none and for NULL.
func defaultText(c *schema.Column, loc *time.Location) (text string, ok bool) {
	if c.DefaultExpr != "" {
		return bareExpression(c.DefaultExpr), true
	}
	if !c.HasDefault || c.Default.IsNull() {
		return "", false
	}
	v := c.Default
	switch c.Type.ID {
	case value.TypeBit:
		return "b'" + strconv.FormatUint(v.Raw64(), 2) + "'", true
	case value.TypeTimestamp:
		if t, ok := v.ToTime(time.UTC); ok {
			v = value.DateTimeFromTime(t.In(loc), v.Scale())
		}
	}
	return string(c.Type.AppendText(nil, v)), true
}

// isNow reports whether an expression default is DEFAULT CURRENT_TIMESTAMP, without parentheses.
func isNow(text string) bool { return strings.HasPrefix(text, "CURRENT_TIMESTAMP") }

// bareExpression takes off the parentheses that tell DEFAULT (CURRENT_TIMESTAMP) from DEFAULT CURRENT_TIMESTAMP.
func bareExpression(text string) string {
	if inner, ok := strings.CutPrefix(text, "(CURRENT_TIMESTAMP"); ok {
		return "CURRENT_TIMESTAMP" + strings.TrimSuffix(inner, ")")
	}
	return text
}
