package value

import (
	"strings"

	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/sqlerr"
)

// Limits of declared types.
const (
	MaxCharLength    = 255
	MaxVarCharBytes  = 65535
	MaxVarCharLength = MaxVarCharBytes / 4 // characters of up to four bytes
	MaxFsp           = 6
	MaxEnumMembers   = 65535
	MaxSetMembers    = 64
	maxDisplayWidth  = 255
	maxElementLength = 255
)

// Validate checks that the attributes make sense together, with MySQL's errors.
func (t *Type) Validate(column string) error {
	if t.ID == TypeNull || int(t.ID) >= len(typeInfos) {
		return sqlerr.New(sqlerr.WrongColumnSpec, column)
	}
	if (t.Unsigned || t.Zerofill) && !t.IsNumeric() {
		return sqlerr.New(sqlerr.WrongColumnSpec, column)
	}
	if t.HasCollation() && t.Collation != 0 && !collate.Known(t.Collation) {
		return sqlerr.New(sqlerr.UnknownCollation, t.Collation.Name())
	}
	switch {
	case t.IsInteger():
		if t.Length > maxDisplayWidth {
			return sqlerr.New(sqlerr.TooBigDisplayWidth, column, maxDisplayWidth)
		}
	case t.ID == TypeDecimal:
		return t.validateDecimal(column)
	case t.HasFsp():
		if t.Scale > MaxFsp {
			return sqlerr.New(sqlerr.TooBigPrecision, t.Scale, column, MaxFsp)
		}
	case t.ID == TypeChar || t.ID == TypeBinary:
		if t.Length > MaxCharLength {
			return sqlerr.New(sqlerr.TooLongColumn, column, MaxCharLength)
		}
	case t.ID == TypeVarChar:
		if t.Length > MaxVarCharLength {
			return sqlerr.New(sqlerr.TooLongColumn, column, MaxVarCharLength)
		}
	case t.ID == TypeVarBinary:
		if t.Length > MaxVarCharBytes {
			return sqlerr.New(sqlerr.TooLongColumn, column, MaxVarCharBytes)
		}
	case t.ID == TypeBit:
		if t.Length == 0 {
			return sqlerr.New(sqlerr.InvalidFieldSize, column)
		}
		if t.Length > 64 {
			return sqlerr.New(sqlerr.TooBigDisplayWidth, column, 64)
		}
	case t.ID == TypeEnum || t.ID == TypeSet:
		return t.validateElements(column)
	}
	return nil
}

func (t *Type) validateDecimal(column string) error {
	switch {
	case t.Precision > MaxDecimalDigits:
		return sqlerr.New(sqlerr.TooBigPrecision, t.Precision, column, MaxDecimalDigits)
	case t.Scale > MaxDecimalScale:
		return sqlerr.New(sqlerr.TooBigScale, t.Scale, column, MaxDecimalScale)
	case t.Scale > t.Precision:
		return sqlerr.New(sqlerr.ScaleOverPrecision, column)
	case t.Precision == 0:
		return sqlerr.New(sqlerr.InvalidFieldSize, column)
	}
	return nil
}

func (t *Type) validateElements(column string) error {
	name := strings.ToUpper(t.Name())
	if len(t.Elements) == 0 {
		return sqlerr.New(sqlerr.WrongColumnSpec, column)
	}
	if t.ID == TypeSet && len(t.Elements) > MaxSetMembers {
		return sqlerr.New(sqlerr.TooManySetMembers, column)
	}
	if len(t.Elements) > MaxEnumMembers {
		return sqlerr.New(sqlerr.TooManyEnumMembers, column)
	}
	seen := make(map[string]struct{}, len(t.Elements))
	for _, e := range t.Elements {
		if t.ID == TypeSet && strings.Contains(e, ",") {
			return sqlerr.New(sqlerr.IllegalSetValue, "set", e)
		}
		if runeCount(e) > maxElementLength {
			return sqlerr.New(sqlerr.TooLongColumn, column, maxElementLength)
		}
		key := string(collate.AppendKey(nil, t.collation(), e))
		if _, dup := seen[key]; dup {
			return sqlerr.New(sqlerr.DuplicateElement, column, e, name)
		}
		seen[key] = struct{}{}
	}
	return nil
}

// collation returns the collation in force: Default when the type names none.
func (t *Type) collation() collate.ID {
	if t.Collation == 0 {
		return collate.Default
	}
	return t.Collation
}
