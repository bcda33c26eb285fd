package expr

import (
	"encoding/hex"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

// NumberLiteral returns the value of an unsigned numeric literal as SQL has it: an integer, beyond 64 bits a decimal; a
// decimal with a point; a double with an exponent.
func NumberLiteral(text string) (value.Value, bool) {
	if strings.ContainsAny(text, "eE") {
		f, err := strconv.ParseFloat(text, 64)
		return value.Float(f), err == nil
	}
	if strings.IndexByte(text, '.') < 0 {
		if u, err := strconv.ParseUint(text, 10, 64); err == nil {
			if u <= math.MaxInt64 {
				return value.Int(int64(u)), true
			}
			return value.Uint(u), true
		}
	}
	d, err := value.ParseDecimal(text)
	return d, err == nil
}

func hexLiteral(digits string) (value.Value, bool) {
	if len(digits)%2 == 1 {
		digits = "0" + digits
	}
	raw, err := hex.DecodeString(digits)
	return value.Bytes(string(raw)), err == nil
}

func (b *binder) literal(l *ast.Literal) (Expr, error) {
	switch l.Kind {
	case ast.LitString:
		return b.stringLiteral(l)
	case ast.LitHex, ast.LitBit:
		t := ValueType(l.Value, b.conn)
		t.Hex = l.Introducer == ""
		if l.Introducer != "" && l.Introducer != "binary" {
			return b.stringLiteral(l)
		}
		return &Literal{Val: l.Value, Typ: t}, nil
	case ast.LitDate, ast.LitTime, ast.LitTimestamp:
		return b.temporalLiteral(l)
	}
	return &Literal{Val: l.Value, Typ: ValueType(l.Value, b.conn)}, nil
}

func (b *binder) stringLiteral(l *ast.Literal) (Expr, error) {
	coll := b.conn
	text := l.Value.Str()
	if l.Introducer != "" {
		id, ok := collate.CharsetDefault(l.Introducer)
		if !ok {
			return nil, sqlerr.New(sqlerr.UnknownCharset, l.Introducer)
		}
		if id == collate.Binary {
			v := value.Bytes(text)
			return &Literal{Val: v, Typ: ValueType(v, b.conn)}, nil
		}
		if id.Charset() != coll.Charset() {
			coll = id
		}
	}
	if l.Value.Kind() == value.KindBytes && l.Introducer == "" {
		return &Literal{Val: l.Value, Typ: ValueType(l.Value, b.conn)}, nil
	}
	v := value.String(text)
	return &Literal{Val: v, Typ: ValueType(v, coll)}, nil
}

func (b *binder) temporalLiteral(l *ast.Literal) (Expr, error) {
	text := l.Value.Str()
	flags := b.s.Mode.DateFlags()
	var v value.Value
	var cut, ok bool
	name := ""
	switch l.Kind {
	case ast.LitDate:
		name = "DATE"
		v, cut, ok = value.ParseDate(text, flags)
	case ast.LitTime:
		name = "TIME"
		v, cut, ok = value.ParseTime(text, 6)
		v = fitFsp(v, text)
	default:
		name = "DATETIME"
		v, cut, ok = value.ParseDateTime(text, 6, flags, b.s.Location())
		v = fitFsp(v, text)
	}
	if !ok || cut {
		return nil, sqlerr.New(errWrongLiteral, name, shown(text))
	}
	return &Literal{Val: v, Typ: ValueType(v, b.conn)}, nil
}

// numeric returns e as an operand of arithmetic: a hexadecimal literal is an integer there.
func numeric(e Expr) Expr {
	l, ok := e.(*Literal)
	if !ok || !l.Typ.Hex {
		return e
	}
	return uintLiteral(hexNumber(l.Val.Str()))
}

// condition returns e as an operand of AND, OR, NOT, IF and their like.
func condition(e Expr) Expr { return settled(numeric(e)) }

// beyondUint is what a hexadecimal literal of more than eight bytes is to a numeric column: out of range.
var beyondUint = value.DecimalBig(new(big.Int).Lsh(big.NewInt(1), 64), 0)

// AssignedTo returns e as the source of a column of type t: a hexadecimal or bit literal is a number when the column is
// one. To BIT, whose bytes it has, and to anything else it is a string.
func AssignedTo(e Expr, t *value.Type) Expr {
	l, ok := e.(*Literal)
	if !ok || !l.Typ.Hex || t.ID == value.TypeBit || !classOf(ColumnType(t, false)).isNumber() {
		return e
	}
	if len(l.Val.Str()) > 8 {
		return &Literal{Val: beyondUint, Typ: ValueType(beyondUint, 0)}
	}
	return numeric(e)
}

func hexNumber(s string) uint64 {
	var u uint64
	for i := 0; i < len(s); i++ {
		u = u<<8 | uint64(s[i])
	}
	return u
}

func uintLiteral(u uint64) *Literal {
	v := value.Uint(u)
	return &Literal{Val: v, Typ: ValueType(v, 0)}
}
