package value

import "github.com/worktable-go/worktable/engine/collate"

// TypeID is a declared column type. The numbers are stored in the catalogue: append only.
type TypeID uint8

// The column types.
const (
	TypeNull TypeID = iota // the type of a bare NULL; never a column's
	TypeTinyInt
	TypeSmallInt
	TypeMediumInt
	TypeInt
	TypeBigInt
	TypeFloat
	TypeDouble
	TypeDecimal
	TypeChar
	TypeVarChar
	TypeTinyText
	TypeText
	TypeMediumText
	TypeLongText
	TypeBinary
	TypeVarBinary
	TypeTinyBlob
	TypeBlob
	TypeMediumBlob
	TypeLongBlob
	TypeDate
	TypeTime
	TypeDateTime
	TypeTimestamp
	TypeYear
	TypeEnum
	TypeSet
	TypeBit
	TypeJSON
)

// Type is a declared type with its attributes. It is compared with Equal; it is immutable once in use.
type Type struct {
	ID        TypeID     `json:"id"`
	Unsigned  bool       `json:"unsigned,omitempty"`
	Zerofill  bool       `json:"zerofill,omitempty"`
	Length    uint32     `json:"length,omitempty"`    // CHAR/VARCHAR: characters; BINARY/VARBINARY, TEXT, BLOB: bytes; BIT: bits; integers: display width (1 for BOOL), 0 none
	Precision uint8      `json:"precision,omitempty"` // DECIMAL: digits in all
	Scale     uint8      `json:"scale,omitempty"`     // DECIMAL: digits after the point; TIME, DATETIME, TIMESTAMP: fractional digits
	Collation collate.ID `json:"collation,omitempty"` // character types, ENUM, SET
	Elements  []string   `json:"elements,omitempty"`  // ENUM, SET
}
