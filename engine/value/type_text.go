package value

import (
	"slices"
	"strconv"
	"strings"
)

// typeInfo is what is fixed about a TypeID.
type typeInfo struct {
	name  string
	kind  Kind
	class typeClass
	bytes uint64 // fixed size, or the limit of a TEXT or BLOB
	width uint32 // display width of an integer: unsigned; the signed one has a sign more, except BIGINT
}

type typeClass uint16

const (
	classInteger typeClass = 1 << iota
	classFloat
	classDecimal
	classChar // character strings
	classBinary
	classLOB
	classTemporal
	classLabel // ENUM, SET
	classFsp   // takes fractional digits
)

const maxLongBytes = 1<<32 - 1

var typeInfos = [...]typeInfo{
	TypeNull:       {name: "null", kind: KindNull},
	TypeTinyInt:    {name: "tinyint", kind: KindInt, class: classInteger, bytes: 1, width: 3},
	TypeSmallInt:   {name: "smallint", kind: KindInt, class: classInteger, bytes: 2, width: 5},
	TypeMediumInt:  {name: "mediumint", kind: KindInt, class: classInteger, bytes: 3, width: 8},
	TypeInt:        {name: "int", kind: KindInt, class: classInteger, bytes: 4, width: 10},
	TypeBigInt:     {name: "bigint", kind: KindInt, class: classInteger, bytes: 8, width: 20},
	TypeFloat:      {name: "float", kind: KindFloat, class: classFloat, bytes: 4, width: 12},
	TypeDouble:     {name: "double", kind: KindFloat, class: classFloat, bytes: 8, width: 22},
	TypeDecimal:    {name: "decimal", kind: KindDecimal, class: classDecimal},
	TypeChar:       {name: "char", kind: KindString, class: classChar},
	TypeVarChar:    {name: "varchar", kind: KindString, class: classChar},
	TypeTinyText:   {name: "tinytext", kind: KindString, class: classChar | classLOB, bytes: 255},
	TypeText:       {name: "text", kind: KindString, class: classChar | classLOB, bytes: 65535},
	TypeMediumText: {name: "mediumtext", kind: KindString, class: classChar | classLOB, bytes: 1<<24 - 1},
	TypeLongText:   {name: "longtext", kind: KindString, class: classChar | classLOB, bytes: maxLongBytes},
	TypeBinary:     {name: "binary", kind: KindBytes, class: classBinary},
	TypeVarBinary:  {name: "varbinary", kind: KindBytes, class: classBinary},
	TypeTinyBlob:   {name: "tinyblob", kind: KindBytes, class: classBinary | classLOB, bytes: 255},
	TypeBlob:       {name: "blob", kind: KindBytes, class: classBinary | classLOB, bytes: 65535},
	TypeMediumBlob: {name: "mediumblob", kind: KindBytes, class: classBinary | classLOB, bytes: 1<<24 - 1},
	TypeLongBlob:   {name: "longblob", kind: KindBytes, class: classBinary | classLOB, bytes: maxLongBytes},
	TypeDate:       {name: "date", kind: KindDate, class: classTemporal, bytes: 4},
	TypeTime:       {name: "time", kind: KindTime, class: classTemporal | classFsp, bytes: 8},
	TypeDateTime:   {name: "datetime", kind: KindDateTime, class: classTemporal | classFsp, bytes: 8},
	TypeTimestamp:  {name: "timestamp", kind: KindDateTime, class: classTemporal | classFsp, bytes: 8},
	TypeYear:       {name: "year", kind: KindInt, class: classTemporal, bytes: 1, width: 4},
	TypeEnum:       {name: "enum", kind: KindEnum, class: classLabel, bytes: 2},
	TypeSet:        {name: "set", kind: KindSet, class: classLabel, bytes: 8},
	TypeBit:        {name: "bit", kind: KindBit, bytes: 8},
	TypeJSON:       {name: "json", kind: KindJSON, class: classLOB, bytes: maxLongBytes},
}

func (t *Type) info() *typeInfo {
	if int(t.ID) < len(typeInfos) {
		return &typeInfos[t.ID]
	}
	return &typeInfos[TypeNull]
}

// Name returns DATA_TYPE: "int", "varchar", …
func (t *Type) Name() string { return t.info().name }

// Kind returns the kind of the values a column of this type yields.
func (t *Type) Kind() Kind {
	if t.Unsigned && t.IsInteger() {
		return KindUint
	}
	return t.info().kind
}

// IsCharacter reports CHAR, VARCHAR and the TEXTs.
func (t *Type) IsCharacter() bool { return t.info().class&classChar != 0 }

// IsBinary reports BINARY, VARBINARY and the BLOBs.
func (t *Type) IsBinary() bool { return t.info().class&classBinary != 0 }

// IsLOB reports the TEXTs, BLOBs and JSON.
func (t *Type) IsLOB() bool { return t.info().class&classLOB != 0 }

// IsInteger reports TINYINT to BIGINT.
func (t *Type) IsInteger() bool { return t.info().class&classInteger != 0 }

// IsNumeric reports integers, FLOAT, DOUBLE and DECIMAL.
func (t *Type) IsNumeric() bool { return t.info().class&(classInteger|classFloat|classDecimal) != 0 }

// IsTemporal reports DATE, TIME, DATETIME, TIMESTAMP and YEAR.
func (t *Type) IsTemporal() bool { return t.info().class&classTemporal != 0 }

// HasFsp reports the types that take fractional-second digits (in Scale).
func (t *Type) HasFsp() bool { return t.info().class&classFsp != 0 }

// HasCollation reports the types that compare under a collation.
func (t *Type) HasCollation() bool { return t.info().class&(classChar|classLabel) != 0 }

// HasPrefix reports the types that an index can take a prefix of.
func (t *Type) HasPrefix() bool { return t.info().class&(classChar|classBinary) != 0 }

// MaxBytes returns the most bytes a value's content takes in a row.
func (t *Type) MaxBytes() uint64 {
	switch t.ID {
	case TypeDecimal:
		return uint64(decimalBytes(int(t.Precision)))
	case TypeChar, TypeVarChar:
		return uint64(t.Length) * 4
	case TypeBinary, TypeVarBinary:
		return uint64(t.Length)
	}
	if t.IsLOB() && t.Length != 0 {
		return uint64(t.Length)
	}
	return t.info().bytes
}

// decimalBytes returns the bytes of the magnitude of a coefficient with the given number of digits.
func decimalBytes(digits int) int {
	if digits <= 18 {
		return 8
	}
	return (bigPow10[min(digits, MaxDecimalDigits)].BitLen() + 7) / 8
}

// MaxChars returns the length limit in characters of CHAR, VARCHAR, BINARY and VARBINARY; bytes for the others.
func (t *Type) MaxChars() uint64 {
	switch t.ID {
	case TypeChar, TypeVarChar, TypeBinary, TypeVarBinary:
		return uint64(t.Length)
	}
	return t.MaxBytes()
}

// Equal reports whether t and o declare the same.
func (t *Type) Equal(o *Type) bool {
	return t.ID == o.ID && t.Unsigned == o.Unsigned && t.Zerofill == o.Zerofill && t.Length == o.Length &&
		t.Precision == o.Precision && t.Scale == o.Scale && t.Collation == o.Collation &&
		slices.Equal(t.Elements, o.Elements)
}

// String returns the type as MySQL prints COLUMN_TYPE: "int unsigned", "decimal(10,2)", "enum('a','b')".
func (t *Type) String() string {
	var b strings.Builder
	info := t.info()
	b.WriteString(info.name)
	switch {
	case info.class&classInteger != 0:
		if t.Zerofill {
			paren(&b, t.displayWidth())
		} else if t.ID == TypeTinyInt && t.Length == 1 && !t.Unsigned {
			b.WriteString("(1)")
		}
	case t.ID == TypeDecimal:
		paren(&b, uint64(t.Precision), uint64(t.Scale))
	case info.class&classFloat != 0 && t.Precision != 0:
		paren(&b, uint64(t.Precision), uint64(t.Scale))
	case t.ID == TypeChar || t.ID == TypeVarChar || t.ID == TypeBinary || t.ID == TypeVarBinary || t.ID == TypeBit:
		paren(&b, uint64(t.Length))
	case info.class&classFsp != 0 && t.Scale > 0:
		paren(&b, uint64(t.Scale))
	case info.class&classLabel != 0:
		b.WriteByte('(')
		for i, e := range t.Elements {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteByte('\'')
			b.WriteString(strings.ReplaceAll(e, "'", "''"))
			b.WriteByte('\'')
		}
		b.WriteByte(')')
	}
	if t.Unsigned && t.IsNumeric() {
		b.WriteString(" unsigned")
	}
	if t.Zerofill && t.IsNumeric() {
		b.WriteString(" zerofill")
	}
	return b.String()
}

func paren(b *strings.Builder, ns ...uint64) {
	b.WriteByte('(')
	for i, n := range ns {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.FormatUint(n, 10))
	}
	b.WriteByte(')')
}

// displayWidth returns the width that ZEROFILL pads to.
func (t *Type) displayWidth() uint64 {
	switch {
	case t.ID == TypeDecimal || t.info().class&classFloat != 0 && t.Precision != 0:
		w := uint64(t.Precision)
		if t.Scale > 0 {
			w++
		}
		return w
	case t.Length != 0 && t.IsInteger():
		return uint64(t.Length)
	}
	return uint64(t.info().width)
}

// AppendText appends v as a column of this type prints it: padded when ZEROFILL.
func (t *Type) AppendText(dst []byte, v Value) []byte {
	if !t.Zerofill || v.kind == KindNull || !t.IsNumeric() {
		return v.AppendText(dst)
	}
	start := len(dst)
	dst = v.AppendText(dst)
	pad := int(t.displayWidth()) - (len(dst) - start)
	if pad <= 0 {
		return dst
	}
	dst = append(dst, strings.Repeat("0", pad)...)
	copy(dst[start+pad:], dst[start:len(dst)-pad])
	for i := range pad {
		dst[start+i] = '0'
	}
	return dst
}
