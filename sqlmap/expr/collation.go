package expr

import (
	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

var coercibilityNames = [...]string{"EXPLICIT", "NONE", "IMPLICIT", "SYSCONST", "COERCIBLE", "NUMERIC", "IGNORABLE"}

// strength is a collation with its coercibility.
type strength struct {
	coll collate.ID
	c    Coercibility
}

// strengthOf returns t's collation as an operand of a string operation; numbers and temporal values have the
// connection's.
func strengthOf(t *Type, connection collate.ID) strength {
	switch {
	case t.ID == value.TypeNull:
		return strength{connection, CoerceIgnorable}
	case !isStringID(t.ID):
		return strength{connection, CoerceNumeric}
	}
	return strength{t.Collation, t.Coercibility}
}

// merge decides which of two collations an operation uses. ok is false for an illegal mix.
func (s strength) merge(o strength) (out strength, ok bool) {
	if s.coll == o.coll {
		return strength{s.coll, min(s.c, o.c)}, true
	}
	if s.coll == collate.Binary || o.coll == collate.Binary {
		// Between a binary and a character string the weaker gives way, and the binary one wins a tie.
		switch {
		case s.c < o.c:
			return s, true
		case o.c < s.c:
			return o, true
		case s.coll == collate.Binary:
			return s, true
		}
		return o, true
	}
	switch {
	case s.c < o.c:
		return s, true
	case o.c < s.c:
		return o, true
	case s.c == CoerceExplicit:
		return s, false
	case collate.Get(s.coll).Bytewise:
		return s, true
	case collate.Get(o.coll).Bytewise:
		return o, true
	}
	return strength{collate.UTF8MB4Bin, CoerceNone}, true
}

// mergeCollations decides the collation of an operation over args. needOrder refuses a mix that has no order of its
// own (comparisons); otherwise the result is CoerceNone (concatenation). Error 1267.
func mergeCollations(op string, connection collate.ID, needOrder bool, types ...*Type) (collate.ID, Coercibility, error) {
	var s strength
	for i, t := range types {
		o := strengthOf(t, connection)
		if i == 0 {
			s = o
			continue
		}
		m, ok := s.merge(o)
		if !ok || needOrder && m.c == CoerceNone {
			return 0, 0, illegalMix(op, s, o)
		}
		s = m
	}
	if len(types) == 0 || s.c >= CoerceNumeric {
		return connection, CoerceCoercible, nil
	}
	return s.coll, s.c, nil
}

func illegalMix(op string, a, b strength) error {
	name := func(s strength) string { return s.coll.Name() + "," + coercibilityNames[s.c] }
	return sqlerr.New(sqlerr.CollationMix, name(a), name(b), op)
}
