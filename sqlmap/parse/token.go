package parse

// tokenKind classifies a token. Single-byte operators and punctuation have their byte as kind.
type tokenKind uint8

// The token kinds above the bytes of operators.
const (
	tkEOF        tokenKind = iota + 128 // end of the text
	tkBad                               // no token: an unterminated string, a stray byte
	tkIdent                             // unquoted identifier; kw when it spells a keyword that is not reserved here
	tkReserved                          // reserved word
	tkQuoted                            // `x`, or "x" under ANSI_QUOTES
	tkString                            // 'x' or "x"
	tkNational                          // N'x'
	tkHex                               // x'4d', 0x4d
	tkBit                               // b'101', 0b101
	tkInt                               // 12
	tkDecimal                           // 1.5
	tkFloat                             // 1e5
	tkCharset                           // _utf8mb4
	tkParam                             // ?
	tkNamed                             // :name
	tkAt                                // @name, @'name', @`name`: a user variable
	tkAtAt                              // @@: the name is the next token
	tkHint                              // /*+ … */, where one may stand
	tkLessEq                            // <=
	tkGreaterEq                         // >=
	tkNotEq                             // <> and !=
	tkNullSafeEq                        // <=>
	tkShiftLeft                         // <<
	tkShiftRight                        // >>
	tkAndAnd                            // &&
	tkOrOr                              // ||
	tkAssign                            // :=
	tkArrow                             // ->
	tkArrowText                         // ->>
)

// token is a lexeme: the byte range [start, end) of the lexer's text.
type token struct {
	start, end int32
	kw         keyword
	kind       tokenKind
	escaped    bool // a string or quoted identifier whose content is not its bytes between the quotes
}

// Mode is the part of sql_mode that changes how text is read.
type Mode uint16

// The modes.
const (
	ANSIQuotes         Mode = 1 << iota // "x" is an identifier
	PipesAsConcat                       // a || b is CONCAT(a, b)
	NoBackslashEscapes                  // \ is an ordinary byte of strings
	HighNotPrecedence                   // NOT binds like !
	IgnoreSpace                         // blanks may stand between a built-in function's name and its parenthesis
)

// Byte classes.
const (
	classSpace = 1 << iota
	classDigit
	classIdent // may be part of an unquoted identifier
	classHex
)

var byteClass = makeByteClass()

func makeByteClass() (t [256]uint8) {
	for _, c := range " \t\n\v\f\r" {
		t[c] |= classSpace
	}
	for c := '0'; c <= '9'; c++ {
		t[c] |= classDigit | classIdent | classHex
	}
	for c := 'a'; c <= 'z'; c++ {
		t[c] |= classIdent
		t[c-'a'+'A'] |= classIdent
	}
	for c := 'a'; c <= 'f'; c++ {
		t[c] |= classHex
		t[c-'a'+'A'] |= classHex
	}
	t['_'] |= classIdent
	t['$'] |= classIdent
	for c := 0x80; c <= 0xff; c++ {
		t[c] |= classIdent
	}
	return t
}

func isSpace(c byte) bool     { return byteClass[c]&classSpace != 0 }
func isDigit(c byte) bool     { return byteClass[c]&classDigit != 0 }
func isIdentByte(c byte) bool { return byteClass[c]&classIdent != 0 }
func isHexDigit(c byte) bool  { return byteClass[c]&classHex != 0 }
