// Package icu compiles regular expressions in the syntax of ICU, which MySQL 8 uses, by translating them to Go's
// regexp.
//
// What Go's engine cannot do (look-around, back references, possessive quantifiers, atomic groups, comments) is an
// Error with the Reason Unsupported: never a silently different match. Matching takes linear time. Compiled patterns
// are safe for concurrent use.
package icu

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxPattern is the longest pattern in bytes.
const MaxPattern = 32 << 10

// Reason says what is wrong with a pattern.
type Reason uint8

// The reasons.
const (
	Syntax Reason = iota
	BadEscape
	Unsupported
	Paren
	Interval
	MaxBelowMin
	Bracket
	Range
	TooBig
	Empty
)

// Error is a pattern that cannot be compiled.
type Error struct {
	Reason Reason
	Pos    int // byte offset in the pattern
}

func (e *Error) Error() string { return "icu: bad regular expression" }

// Options are the match options.
type Options struct {
	IgnoreCase bool
	MultiLine  bool // ^ and $ match at lines
	DotAll     bool // . matches line ends
	UnixLines  bool // only \n ends a line
}

// Compile translates and compiles a pattern.
func Compile(pattern string, opt Options) (*regexp.Regexp, error) {
	switch {
	case pattern == "":
		return nil, &Error{Reason: Empty}
	case len(pattern) > MaxPattern:
		return nil, &Error{Reason: TooBig}
	}
	t := &translator{s: pattern, opt: opt}
	flags := ""
	if opt.IgnoreCase {
		flags += "i"
	}
	if opt.MultiLine {
		flags += "m"
	}
	if opt.DotAll {
		flags += "s"
	}
	if flags != "" {
		t.out.WriteString("(?" + flags + ")")
	}
	if err := t.run(); err != nil {
		return nil, err
	}
	re, err := regexp.Compile(t.out.String())
	if err != nil {
		return nil, reasonOf(err)
	}
	return re, nil
}

// reasonOf maps an error of Go's parser.
func reasonOf(err error) error {
	var e *syntax.Error
	if !errors.As(err, &e) {
		return &Error{Reason: Syntax}
	}
	switch e.Code {
	case syntax.ErrMissingParen, syntax.ErrUnexpectedParen:
		return &Error{Reason: Paren}
	case syntax.ErrMissingBracket:
		return &Error{Reason: Bracket}
	case syntax.ErrInvalidCharRange:
		return &Error{Reason: Range}
	case syntax.ErrInvalidEscape, syntax.ErrTrailingBackslash:
		return &Error{Reason: BadEscape}
	case syntax.ErrLarge, syntax.ErrNestingDepth, syntax.ErrInvalidRepeatSize:
		return &Error{Reason: TooBig}
	case syntax.ErrInvalidRepeatOp:
		return &Error{Reason: Unsupported}
	}
	return &Error{Reason: Syntax}
}

type translator struct {
	s   string
	pos int
	opt Options
	out strings.Builder
}

func (t *translator) fail(r Reason) error { return &Error{Reason: r, Pos: t.pos} }

// Sets for the escapes whose meaning in ICU is that of Unicode; they stand within a bracket.
const (
	digits    = `\p{Nd}`
	wordChars = `\p{L}\p{M}\p{Nd}\p{Pc}\x{200c}\x{200d}`
	spaces    = `\t\n\v\f\r\p{Z}\x{85}`
	lineEnds  = `\n\v\f\r\x{85}\x{2028}\x{2029}`
)

func (t *translator) run() error {
	for t.pos < len(t.s) {
		c := t.s[t.pos]
		var err error
		switch {
		case c == '\\':
			err = t.escape(false)
		case c == '[':
			err = t.bracket(0)
		case c == '(':
			err = t.group()
		case c == '{':
			err = t.interval()
		case c == '.' && !t.opt.DotAll && !t.opt.UnixLines:
			t.out.WriteString(`[^` + lineEnds + `]`)
			t.pos++
		case c == '*' || c == '+' || c == '?':
			err = t.quantifier()
		default:
			_, n := utf8.DecodeRuneInString(t.s[t.pos:])
			t.out.WriteString(t.s[t.pos : t.pos+n])
			t.pos += n
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// quantifier copies * + ? and a following ?; a following + is possessive.
func (t *translator) quantifier() error {
	if t.out.Len() == 0 || t.pos == 0 {
		return t.fail(Syntax)
	}
	t.out.WriteByte(t.s[t.pos])
	t.pos++
	return t.afterQuantifier()
}

func (t *translator) afterQuantifier() error {
	if t.pos < len(t.s) {
		switch t.s[t.pos] {
		case '?':
			t.out.WriteByte('?')
			t.pos++
		case '+':
			return t.fail(Unsupported)
		}
	}
	return nil
}

func (t *translator) interval() error {
	end := strings.IndexByte(t.s[t.pos:], '}')
	if end < 0 || t.pos == 0 {
		return t.fail(Interval)
	}
	lo, hi, comma := strings.Cut(t.s[t.pos+1:t.pos+end], ",")
	n, err := strconv.Atoi(strings.TrimSpace(lo))
	if err != nil || n < 0 {
		return t.fail(Interval)
	}
	hi = strings.TrimSpace(hi)
	if comma && hi != "" {
		m, err := strconv.Atoi(hi)
		if err != nil {
			return t.fail(Interval)
		}
		if m < n {
			return t.fail(MaxBelowMin)
		}
	}
	t.out.WriteString(strings.ReplaceAll(t.s[t.pos:t.pos+end+1], " ", ""))
	t.pos += end + 1
	return t.afterQuantifier()
}

// group copies an opening parenthesis with its options.
func (t *translator) group() error {
	rest := t.s[t.pos:]
	if !strings.HasPrefix(rest, "(?") {
		t.out.WriteByte('(')
		t.pos++
		return nil
	}
	switch {
	case strings.HasPrefix(rest, "(?:"):
		t.out.WriteString("(?:")
		t.pos += 3
		return nil
	case strings.HasPrefix(rest, "(?="), strings.HasPrefix(rest, "(?!"), strings.HasPrefix(rest, "(?<="),
		strings.HasPrefix(rest, "(?<!"), strings.HasPrefix(rest, "(?>"), strings.HasPrefix(rest, "(?#"):
		return t.fail(Unsupported)
	case strings.HasPrefix(rest, "(?<"):
		end := strings.IndexByte(rest, '>')
		if end < 0 {
			return t.fail(Syntax)
		}
		t.out.WriteString("(?P<" + rest[3:end+1])
		t.pos += end + 1
		return nil
	}
	i := 2
	for i < len(rest) && strings.IndexByte("imsw-x", rest[i]) >= 0 {
		if rest[i] == 'x' || rest[i] == 'w' {
			return t.fail(Unsupported)
		}
		i++
	}
	if i >= len(rest) || rest[i] != ')' && rest[i] != ':' {
		return t.fail(Syntax)
	}
	if strings.Contains(rest[2:i], "s") {
		t.opt.DotAll = true // from here on . is left to Go
	}
	t.out.WriteString(rest[:i+1])
	t.pos += i + 1
	return nil
}

// escape translates a backslash sequence, inside a bracket or not.
func (t *translator) escape(inBracket bool) error {
	if t.pos+1 >= len(t.s) {
		return t.fail(BadEscape)
	}
	c := t.s[t.pos+1]
	set := func(members string, negated bool) error {
		t.pos += 2
		switch {
		case !inBracket && negated:
			t.out.WriteString("[^" + members + "]")
		case !inBracket:
			t.out.WriteString("[" + members + "]")
		case negated:
			return t.fail(Unsupported)
		default:
			t.out.WriteString(members)
		}
		return nil
	}
	switch c {
	case 'd':
		return set(digits, false)
	case 'D':
		if inBracket {
			t.pos += 2
			t.out.WriteString(`\P{Nd}`)
			return nil
		}
		return set(digits, true)
	case 'w', 'W':
		return set(wordChars, c == 'W')
	case 's', 'S':
		return set(spaces, c == 'S')
	case 'h', 'H':
		return set(`\t\p{Zs}`, c == 'H')
	case 'v', 'V':
		return set(lineEnds, c == 'V')
	case 'b', 'B', 'A', 'z', 'Z', 'R', 'X', 'G', 'Q', 'E', 'k':
		return t.assertion(c, inBracket)
	case 'p', 'P', 'x':
		return t.braced()
	case 'u', 'U':
		return t.codePoint(c)
	case 'a', 'f', 'n', 'r', 't':
		t.out.WriteString(t.s[t.pos : t.pos+2])
		t.pos += 2
		return nil
	case 'e':
		t.out.WriteString(`\x1b`)
		t.pos += 2
		return nil
	case '0':
		return t.octal()
	}
	return t.literalEscape(c)
}

func (t *translator) literalEscape(c byte) error {
	switch {
	case c >= '1' && c <= '9':
		return t.fail(Unsupported) // a back reference
	case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
		return t.fail(BadEscape)
	}
	r, n := utf8.DecodeRuneInString(t.s[t.pos+1:])
	t.out.WriteString(`\x{` + strconv.FormatInt(int64(r), 16) + `}`)
	t.pos += 1 + n
	return nil
}

// assertion translates the escapes that match a position, and the quoting \Q…\E.
func (t *translator) assertion(c byte, inBracket bool) error {
	if inBracket {
		return t.fail(BadEscape)
	}
	switch c {
	case 'b', 'B', 'A', 'z':
		t.out.WriteString(t.s[t.pos : t.pos+2])
	case 'Z':
		t.out.WriteString(`(?:\n?\z)`)
	case 'R':
		t.out.WriteString(`(?:\r\n|[` + lineEnds + `])`)
	case 'Q':
		text := t.s[t.pos+2:]
		end := strings.Index(text, `\E`)
		next := t.pos + 2 + end + 2
		if end < 0 {
			end, next = len(text), len(t.s)
		}
		t.out.WriteString(regexp.QuoteMeta(text[:end]))
		t.pos = next
		return nil
	default:
		return t.fail(Unsupported)
	}
	t.pos += 2
	return nil
}

// braced copies \p{…}, \P{…}, \x{…} and \xhh.
func (t *translator) braced() error {
	end := t.pos + 2
	if end < len(t.s) && t.s[end] == '{' {
		i := strings.IndexByte(t.s[end:], '}')
		if i < 0 {
			return t.fail(BadEscape)
		}
		end += i + 1
		text := t.s[t.pos:end]
		// ICU also writes \p{Script=Greek} and \p{Letter}.
		if i := strings.IndexByte(text, '='); i > 0 && text[1] != 'x' {
			text = text[:3] + text[i+1:]
		}
		t.out.WriteString(text)
		t.pos = end
		return nil
	}
	if t.s[t.pos+1] != 'x' {
		return t.fail(BadEscape)
	}
	for n := 0; n < 2 && end < len(t.s) && isHex(t.s[end]); n++ {
		end++
	}
	if end == t.pos+2 {
		return t.fail(BadEscape)
	}
	t.out.WriteString(`\x{` + t.s[t.pos+2:end] + `}`)
	t.pos = end
	return nil
}

// codePoint translates \uhhhh and \Uhhhhhhhh.
func (t *translator) codePoint(c byte) error {
	n := 4
	if c == 'U' {
		n = 8
	}
	end := t.pos + 2 + n
	if end > len(t.s) {
		return t.fail(BadEscape)
	}
	for i := t.pos + 2; i < end; i++ {
		if !isHex(t.s[i]) {
			return t.fail(BadEscape)
		}
	}
	t.out.WriteString(`\x{` + t.s[t.pos+2:end] + `}`)
	t.pos = end
	return nil
}

func (t *translator) octal() error {
	end := t.pos + 2
	for end < len(t.s) && end < t.pos+5 && t.s[end] >= '0' && t.s[end] <= '7' {
		end++
	}
	n, err := strconv.ParseUint(t.s[t.pos+2:end], 8, 16)
	if err != nil {
		return t.fail(BadEscape)
	}
	t.out.WriteString(`\x{` + strconv.FormatUint(n, 16) + `}`)
	t.pos = end
	return nil
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// bracket translates a set. Set operations (&&, --) are not supported.
func (t *translator) bracket(depth int) error {
	if depth > 0 {
		return t.fail(Unsupported)
	}
	start := t.pos
	t.out.WriteByte('[')
	t.pos++
	if t.pos < len(t.s) && t.s[t.pos] == '^' {
		t.out.WriteByte('^')
		t.pos++
	}
	for first := true; t.pos < len(t.s); first = false {
		c := t.s[t.pos]
		rest := t.s[t.pos:]
		switch {
		case c == ']' && !first:
			t.out.WriteByte(']')
			t.pos++
			return nil
		case c == ']':
			t.out.WriteString(`\]`)
			t.pos++
		case strings.HasPrefix(rest, "[:"):
			end := strings.Index(rest, ":]")
			if end < 0 {
				return t.fail(Bracket)
			}
			if err := t.posixClass(rest[2:end]); err != nil {
				return err
			}
			t.pos += end + 2
		case c == '[':
			return t.fail(Unsupported)
		case strings.HasPrefix(rest, "&&"), strings.HasPrefix(rest, "--"):
			return t.fail(Unsupported)
		case c == '\\':
			if err := t.escape(true); err != nil {
				return err
			}
		default:
			_, n := utf8.DecodeRuneInString(rest)
			t.out.WriteString(rest[:n])
			t.pos += n
		}
	}
	t.pos = start
	return t.fail(Bracket)
}

var posix = map[string]string{
	"alpha": `\p{L}\p{M}\p{Nl}`, "digit": digits, "alnum": `\p{L}\p{M}\p{Nl}` + digits, "upper": `\p{Lu}`, "lower": `\p{Ll}`,
	"space": spaces, "blank": `\t\p{Zs}`, "punct": `\p{P}\p{S}`, "cntrl": `\p{Cc}`, "word": wordChars,
	"xdigit": `0-9A-Fa-f`, "graph": `\p{L}\p{M}\p{N}\p{P}\p{S}`, "print": `\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}`,
}

func (t *translator) posixClass(name string) error {
	set, ok := posix[strings.TrimPrefix(name, "^")]
	if !ok {
		return t.fail(Syntax)
	}
	if strings.HasPrefix(name, "^") {
		return t.fail(Unsupported)
	}
	t.out.WriteString(set)
	return nil
}

// AppendReplacement appends repl, in which $1 to $99 and ${name} stand for groups of the match m (pairs of offsets in
// text) and a backslash makes the next character plain. ok is false when a group does not exist.
func AppendReplacement(dst []byte, repl, text string, m []int) (out []byte, ok bool) {
	groups := len(m)/2 - 1
	for i := 0; i < len(repl); i++ {
		c := repl[i]
		switch {
		case c == '\\' && i+1 < len(repl):
			i++
			dst = append(dst, repl[i])
		case c == '$':
			n, digits := 0, 0
			for digits < 2 && i+1 < len(repl) && repl[i+1]-'0' <= 9 {
				next := n*10 + int(repl[i+1]-'0')
				if digits > 0 && next > groups {
					break
				}
				n = next
				digits++
				i++
			}
			if digits == 0 || n > groups {
				return dst, false
			}
			if m[2*n] >= 0 {
				dst = append(dst, text[m[2*n]:m[2*n+1]]...)
			}
		default:
			dst = append(dst, c)
		}
	}
	return dst, true
}
