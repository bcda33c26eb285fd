package ast

import (
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/value"
)

// leaf makes a node an expression without children.
type leaf = sqlparser.NullVal

// LiteralKind says what a literal is.
type LiteralKind uint8

// The literal kinds.
const (
	LitString    LiteralKind = iota // 'x', "x", N'x', _utf8'x', 'a' 'b'
	LitInt                          // fits int64
	LitUint                         // fits uint64 but not int64
	LitDecimal                      // 1.5, and integers beyond uint64
	LitFloat                        // 1e5
	LitHex                          // x'4d', 0x4d: a binary string that acts as a number in a numeric context
	LitBit                          // b'101', 0b101: likewise
	LitDate                         // DATE '…'
	LitTime                         // TIME '…'
	LitTimestamp                    // TIMESTAMP '…' (a DATETIME)
)

// Literal is a constant. SQLVal.Type is the nearest of sqlparser's types and SQLVal.Val the text: the unescaped
// content of strings and temporal literals, the hexadecimal or binary digits, the digits as written of numbers.
// Val must not be written to.
type Literal struct {
	sqlparser.SQLVal
	// Value is the constant: Int, Uint, Decimal, Float, String; Bytes for LitHex, LitBit and for strings with the
	// introducer _binary. Temporal literals have the text as a String: the binder converts (error 1525).
	Value value.Value
	// Introducer is the character set of _utf8mb4'x' in lower case, "utf8mb3" for N'x', or "".
	Introducer string
	Kind       LiteralKind
	Pos
}

// Text returns the literal's content as a string (SQLVal.Val).
func (l *Literal) Text() string { return string(l.Val) }

// Param is a placeholder: `?`, or `:name`. One statement has only the one or only the other.
// SQLVal.Val is ":v1" and so on for positional ones, as sqlparser has it, and ":name" for named ones.
type Param struct {
	sqlparser.SQLVal
	Index int    // from 0: position among the `?`, or index into the statement's ParamNames
	Name  string // of `:name`, as written; "" for `?`
	Pos
}

// UserVar is @name.
type UserVar struct {
	leaf
	Name string // without the @, as written, unquoted
	Pos
}

// Scope is where a system variable lives.
type Scope uint8

// The scopes.
const (
	ScopeNone        Scope = iota // @@x: the session's value, else the global one
	ScopeSession                  // @@session.x, @@local.x
	ScopeGlobal                   // @@global.x
	ScopePersist                  // @@persist.x (SET only)
	ScopePersistOnly              // @@persist_only.x (SET only)
)

// String returns the scope's keyword in upper case, or "".
func (s Scope) String() string {
	switch s {
	case ScopeSession:
		return "SESSION"
	case ScopeGlobal:
		return "GLOBAL"
	case ScopePersist:
		return "PERSIST"
	case ScopePersistOnly:
		return "PERSIST_ONLY"
	}
	return ""
}

// SysVar is @@name or @@scope.name.
type SysVar struct {
	leaf
	Scope Scope
	Name  string // lower case; "component.name" for structured ones
	Pos
}

// Keyword is a bare word that is an argument and no column: the unit of TIMESTAMPADD and TIMESTAMPDIFF, the
// first argument of GET_FORMAT, ON, OFF and other words on the right of SET.
type Keyword struct {
	leaf
	Word string // as written
	Pos
}
