package expr

import (
	"strings"

	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// Domain is the set of values in which two operands are compared: both are converted to it first.
//
// The rules, for the classes of the operands (the first line that fits decides):
//
//	NULL          anything             the result is NULL
//	JSON          anything             as JSON values
//	date          date                 DomainDateTime (DomainDate when both are DATE)
//	date          TIME                 DomainDateTime, the TIME on the current date
//	date          string               DomainDateTime; a constant that is no date is error 1525
//	date          numeric constant     DomainDateTime when it is a date as a number (20240131), else as numbers
//	TIME          TIME, string         DomainTime
//	TIME          numeric constant     DomainTime when it is a time as a number
//	YEAR column   integer constant     as integers, two digits being 1970 to 2069
//	integer col.  string constant      as integers when the string is an integer, else as doubles
//	string, label string, label        as strings under the merged collation, bytes when that is binary
//	integer       integer              as integers, exactly, whatever the signs
//	decimal       decimal, integer     as decimals, exactly
//	anything else                      as doubles
//
// Here date stands for DATE, DATETIME and TIMESTAMP, label for ENUM and SET, integer also for YEAR and BIT; a
// hexadecimal literal is an integer against a number. DomainDynamic applies the same rules to the kinds of the values.
type Domain uint8

// The domains.
const (
	DomainNull     Domain = iota // an operand is NULL: the result is NULL
	DomainInt                    // integers, signed and unsigned, exactly
	DomainDecimal                // exact decimals
	DomainFloat                  // doubles
	DomainString                 // character strings under a collation
	DomainBytes                  // binary strings
	DomainDateTime               // points in time; a DATE is its midnight, a TIME is on today's date
	DomainDate                   // dates against dates
	DomainTime                   // times of day
	DomainJSON                   // JSON values
	DomainDynamic                // decided by the values at execution
)

var domainNames = [...]string{"null", "int", "decimal", "double", "string", "binary", "datetime", "date", "time", "json", "dynamic"}

func (d Domain) String() string { return domainNames[d] }

// Comparison is how two operands are compared.
type Comparison struct {
	Domain    Domain
	Collation collate.ID // DomainString, DomainDynamic
	// Strict makes a string that is no date error 1525 instead of a warning: it is a constant against a date.
	Strict bool
	// Declared names the type of the date in that error.
	Declared value.TypeID
}

// ComparisonDomain decides how a and b are compared; error 1267 for an illegal mix of collations. conn is the collation
// of the connection. It looks at types and at whether an operand is constant; Bind has already replaced constants
// that a column's type asks for (see Domain), so for trees made by Bind it repeats Bind's decision.
func ComparisonDomain(op string, conn collate.ID, a, b Expr) (Comparison, error) {
	c, err := TypeComparison(op, conn, a.Type(), b.Type())
	if err != nil || c.Domain != DomainDateTime && c.Domain != DomainDynamic {
		return c, err
	}
	ca, cb := classOf(a.Type()), classOf(b.Type())
	switch {
	case ca.hasDate() && (cb == classString || cb == classDynamic) && IsConst(b):
		c.Strict, c.Declared = true, a.Type().ID
	case cb.hasDate() && (ca == classString || ca == classDynamic) && IsConst(a):
		c.Strict, c.Declared = true, b.Type().ID
	}
	return c, nil
}

// TypeComparison is ComparisonDomain for operands of which only the types are known.
func TypeComparison(op string, conn collate.ID, a, b *Type) (Comparison, error) {
	ca, cb := classOf(a), classOf(b)
	if ca == classDynamic || cb == classDynamic {
		coll, _, err := mergeCollations(op, conn, true, a, b)
		return Comparison{Domain: DomainDynamic, Collation: coll}, err
	}
	d := domainOf(ca, cb)
	c := Comparison{Domain: d}
	if d != DomainString {
		return c, nil
	}
	coll, _, err := mergeCollations(op, conn, true, a, b)
	if err != nil {
		return c, err
	}
	c.Collation = coll
	if coll == collate.Binary {
		c.Domain = DomainBytes
	}
	return c, nil
}

// domainOf applies the table in Domain's comment to classes.
func domainOf(a, b class) Domain {
	switch {
	case a == classNull || b == classNull:
		return DomainNull
	case a == classJSON || b == classJSON:
		return DomainJSON
	case a == classDate && b == classDate:
		return DomainDate
	case a.hasDate() && (b.isTemporal() || b == classString || b == classLabel):
		return DomainDateTime
	case b.hasDate() && (a.isTemporal() || a == classString || a == classLabel):
		return DomainDateTime
	case a == classTime && (b == classTime || b == classString || b == classLabel):
		return DomainTime
	case b == classTime && (a == classString || a == classLabel):
		return DomainTime
	}
	stringA, stringB := a == classString || a == classLabel, b == classString || b == classLabel
	switch {
	case stringA && stringB:
		return DomainString
	case a == classInt && b == classInt:
		return DomainInt
	case exactClass(a) && exactClass(b):
		return DomainDecimal
	}
	return DomainFloat
}

// exactClass reports the classes that compare exactly with decimals; temporal values count by their digits.
func exactClass(c class) bool { return c == classInt || c == classDecimal || c.isTemporal() }

// Compare compares two values that are not NULL, converting both to the domain. ok is false when an operand has no
// value in the domain (a string that is no date): the comparison is NULL.
func (c Comparison) Compare(env *Env, a, b value.Value) (cmp int, ok bool, err error) {
	d := c.Domain
	if d == DomainDynamic {
		d = domainOf(kindClass[a.Kind()], kindClass[b.Kind()])
	}
	switch d {
	case DomainInt:
		return value.CompareNumeric(bitAsUint(a), bitAsUint(b)), true, nil
	case DomainDecimal:
		cmp, err = compareNumbers(env, a, b)
		return cmp, true, err
	case DomainFloat:
		fa, err := toFloat(env, a)
		if err != nil {
			return 0, false, err
		}
		fb, err := toFloat(env, b)
		return value.CompareFloat(fa, fb), true, err
	case DomainString:
		return collate.Compare(c.Collation, a.Text(), b.Text()), true, nil
	case DomainBytes:
		return strings.Compare(a.Text(), b.Text()), true, nil
	case DomainDate, DomainDateTime:
		return c.compareDates(env, a, b)
	case DomainTime:
		return compareTimes(env, a, b)
	case DomainJSON:
		cmp, err = compareJSON(a, b)
		return cmp, true, err
	}
	return 0, false, nil
}

// of returns the comparison with its domain decided for values of these kinds.
func (c Comparison) of(a, b value.Value) Comparison {
	if c.Domain == DomainDynamic {
		c.Domain = domainOf(kindClass[a.Kind()], kindClass[b.Kind()])
	}
	return c
}

// BetweenFollowsOrder reports whether column BETWEEN lo AND hi, where the kinds of the bounds were not known before,
// is column >= lo AND column <= hi: each bound compared as it would be alone.
func BetweenFollowsOrder(column *value.Type, lo, hi value.Value) bool {
	if lo.IsNull() || hi.IsNull() {
		return true
	}
	c := classOf(&Type{Type: *column})
	a := Comparison{Domain: domainOf(c, kindClass[lo.Kind()])}
	b := Comparison{Domain: domainOf(c, kindClass[hi.Kind()])}
	x, y := joinDomains(a, b)
	return x.Domain == a.Domain && y.Domain == b.Domain || x.Domain == DomainDecimal
}

// bitAsUint makes BIT, ENUM and SET values unsigned integers.
func bitAsUint(v value.Value) value.Value {
	switch v.Kind() {
	case value.KindBit, value.KindEnum, value.KindSet:
		return value.Uint(v.Raw64())
	}
	return v
}

func compareNumbers(env *Env, a, b value.Value) (int, error) {
	na, err := toNumber(env, a)
	if err != nil {
		return 0, err
	}
	nb, err := toNumber(env, b)
	return value.CompareNumeric(na, nb), err
}

func (c Comparison) compareDates(env *Env, a, b value.Value) (int, bool, error) {
	da, ok, err := c.asDateTime(env, a)
	if !ok || err != nil {
		return 0, false, err
	}
	db, ok, err := c.asDateTime(env, b)
	if !ok || err != nil {
		return 0, false, err
	}
	return compareInt64(int64(da.Raw64()), int64(db.Raw64())), true, nil
}

func (c Comparison) asDateTime(env *Env, v value.Value) (value.Value, bool, error) {
	switch v.Kind() {
	case value.KindDate, value.KindDateTime:
		return v, true, nil
	case value.KindTime:
		return timeToDateTime(env, v), true, nil
	case value.KindString, value.KindBytes, value.KindEnum, value.KindSet:
		flags := env.Run.Session.Mode.DateFlags() | value.AllowZeroDate | value.AllowZeroInDate
		text := v.Text()
		d, cut, ok := value.ParseDateTime(text, 6, flags, env.Run.Session.Location())
		switch {
		case !ok && c.Strict:
			return d, false, wrongDate(c.Declared, text)
		case !ok:
			return d, false, env.incorrect("datetime", v)
		case cut:
			return d, true, env.truncated("datetime", text)
		}
		return d, true, nil
	}
	return toDateTime(env, v, value.AllowZeroDate|value.AllowZeroInDate)
}

func wrongDate(declared value.TypeID, text string) error {
	name := "DATETIME"
	switch declared {
	case value.TypeDate:
		name = "DATE"
	case value.TypeTimestamp:
		name = "TIMESTAMP"
	}
	return sqlerr.New(errWrongLiteral, name, shown(text))
}

func compareTimes(env *Env, a, b value.Value) (int, bool, error) {
	ta, ok, err := toTime(env, a)
	if !ok || err != nil {
		return 0, false, err
	}
	tb, ok, err := toTime(env, b)
	if !ok || err != nil {
		return 0, false, err
	}
	return compareInt64(int64(ta.Raw64()), int64(tb.Raw64())), true, nil
}

func compareInt64(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Apply evaluates a op b, three-valued.
func (c Comparison) Apply(env *Env, op CompareOp, a, b value.Value) (Tri, error) {
	if a.IsNull() || b.IsNull() {
		if op == CompareNullSafe {
			return triOf(a.IsNull() && b.IsNull()), nil
		}
		return Null, nil
	}
	cmp, ok, err := c.Compare(env, a, b)
	switch {
	case err != nil:
		return Null, err
	case !ok && op == CompareNullSafe:
		return False, nil
	case !ok:
		return Null, nil
	}
	return triOf(op.Holds(cmp)), nil
}
