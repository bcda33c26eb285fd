package expr

import (
	"strings"
	"unicode/utf8"

	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// likeShape is the form of a pattern that decides how it is matched.
type likeShape uint8

const (
	likeGeneral  likeShape = iota
	likeExact              // no wildcard
	likePrefix             // abc%
	likeSuffix             // %abc
	likeContains           // %abc%
	likeAny                // %
)

// likeToken is an element of a pattern: a character, or one of the wildcards below.
type likeToken int32

const (
	likeOne  likeToken = -1 // _
	likeMany likeToken = -2 // %
)

// likePattern is a compiled LIKE pattern.
type likePattern struct {
	shape  likeShape
	text   string // of the simple shapes
	toks   []likeToken
	coll   collate.ID
	exact  bool // characters match when their bytes do
	binary bool // the unit is the byte
}

// compileLike compiles a pattern; escape is -1 for none.
func compileLike(pattern string, escape rune, coll collate.ID) *likePattern {
	c := collate.Get(coll)
	p := &likePattern{coll: coll, exact: c.Bytewise, binary: coll == collate.Binary}
	for i := 0; i < len(pattern); {
		r, n := p.next(pattern[i:])
		i += n
		switch {
		case likeToken(r) == likeToken(escape) && escape >= 0 && i < len(pattern):
			r, n = p.next(pattern[i:])
			i += n
			p.toks = append(p.toks, likeToken(r))
		case r == '_':
			p.toks = append(p.toks, likeOne)
		case r == '%':
			if len(p.toks) == 0 || p.toks[len(p.toks)-1] != likeMany {
				p.toks = append(p.toks, likeMany)
			}
		default:
			p.toks = append(p.toks, likeToken(r))
		}
	}
	p.classify()
	return p
}

// next returns the character at the head of s; bytes that are no UTF-8 stand for themselves, above the code points.
func (p *likePattern) next(s string) (rune, int) {
	if c := s[0]; c < utf8.RuneSelf || p.binary {
		return rune(c), 1
	}
	r, n := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError && n == 1 {
		return utf8.MaxRune + 1 + rune(s[0]), 1
	}
	return r, n
}

func (p *likePattern) classify() {
	if !p.exact {
		return
	}
	inner := p.toks
	lead := len(inner) > 0 && inner[0] == likeMany
	if lead {
		inner = inner[1:]
	}
	trail := len(inner) > 0 && inner[len(inner)-1] == likeMany
	if trail {
		inner = inner[:len(inner)-1]
	}
	var b strings.Builder
	for _, t := range inner {
		switch {
		case t < 0:
			return
		case p.binary:
			b.WriteByte(byte(t))
		case t > utf8.MaxRune:
			b.WriteByte(byte(t - utf8.MaxRune - 1))
		default:
			b.WriteRune(rune(t))
		}
	}
	p.text = b.String()
	switch {
	case lead && len(inner) == 0:
		p.shape = likeAny
	case lead && trail:
		p.shape = likeContains
	case lead:
		p.shape = likeSuffix
	case trail:
		p.shape = likePrefix
	default:
		p.shape = likeExact
	}
}

// match reports whether all of s matches.
func (p *likePattern) match(s string) bool {
	switch p.shape {
	case likeExact:
		return s == p.text
	case likePrefix:
		return strings.HasPrefix(s, p.text)
	case likeSuffix:
		return strings.HasSuffix(s, p.text)
	case likeContains:
		return strings.Contains(s, p.text)
	case likeAny:
		return true
	}
	return p.scan(s)
}

// scan matches token by token; after a failure it goes back to the last % alone, which is enough because the earlier
// ones have matched as little as they could.
func (p *likePattern) scan(s string) bool {
	i, t := 0, 0
	backT, backI := -1, 0
	for i < len(s) {
		if t < len(p.toks) {
			tok := p.toks[t]
			if tok == likeMany {
				t++
				backT, backI = t, i
				continue
			}
			r, n := p.next(s[i:])
			if tok == likeOne || p.same(r, tok) {
				i += n
				t++
				continue
			}
		}
		if backT < 0 {
			return false
		}
		_, n := p.next(s[backI:])
		backI += n
		i, t = backI, backT
	}
	for t < len(p.toks) && p.toks[t] == likeMany {
		t++
	}
	return t == len(p.toks)
}

func (p *likePattern) same(r rune, t likeToken) bool {
	return likeToken(r) == t || !p.exact && r <= utf8.MaxRune && t <= utf8.MaxRune && collate.EqualRune(p.coll, r, rune(t))
}

// Prefix returns the text that every string matching the constant pattern starts with, "" when there is none, and
// whether the pattern is that text followed by % alone. ok is false when the pattern is NULL or an error. It is usable
// for index ranges on columns of the collation n.Cmp.Collation when that compares by bytes.
func (n *Like) Prefix(env *Env) (prefix string, whole, ok bool) {
	p, err := n.pattern(env.quiet())
	if err != nil || p == nil || n.Not {
		return "", false, false
	}
	var b strings.Builder
	i := 0
	for ; i < len(p.toks) && p.toks[i] >= 0 && p.toks[i] <= utf8.MaxRune; i++ {
		if p.binary {
			b.WriteByte(byte(p.toks[i]))
		} else {
			b.WriteRune(rune(p.toks[i]))
		}
	}
	return b.String(), i == len(p.toks)-1 && p.toks[i] == likeMany, true
}

// Eval implements Expr.
func (n *Like) Eval(env *Env) (value.Value, error) { return triValue(n.evalTri(env)) }

func (n *Like) evalTri(env *Env) (Tri, error) {
	v, err := n.Arg.Eval(env)
	if err != nil || v.IsNull() {
		return Null, err
	}
	p, err := n.pattern(env)
	if err != nil || p == nil {
		return Null, err
	}
	return triOf(p.match(textOf(v)) != n.Not), nil
}

// likeCache keeps the last pattern of a LIKE whose pattern is not a literal.
type likeCache struct {
	text   string
	escape rune
	pat    *likePattern
}

// pattern returns the compiled pattern, nil when it is NULL.
func (n *Like) pattern(env *Env) (*likePattern, error) {
	if n.static != nil {
		return n.static, nil
	}
	v, err := n.Pattern.Eval(env)
	if err != nil || v.IsNull() {
		return nil, err
	}
	esc, err := n.escapeRune(env)
	if err != nil {
		return nil, err
	}
	text := textOf(v)
	c := state(env.Run, n, func() *likeCache { return &likeCache{} })
	if c.pat == nil || c.text != text || c.escape != esc {
		text = strings.Clone(text)
		*c = likeCache{text, esc, compileLike(text, esc, n.Cmp.Collation)}
	}
	return c.pat, nil
}

// escapeRune returns the escape character, -1 for none.
func (n *Like) escapeRune(env *Env) (rune, error) {
	if n.Escape == nil {
		return n.escape, nil
	}
	v, err := n.Escape.Eval(env)
	if err != nil {
		return 0, err
	}
	s := v.Text()
	switch {
	case v.IsNull():
		return '\\', nil
	case s == "":
		return -1, nil
	}
	r, size := utf8.DecodeRuneInString(s)
	if size != len(s) {
		return 0, sqlerr.New(sqlerr.WrongArguments, "ESCAPE")
	}
	return r, nil
}

// prepare compiles a pattern that is a literal.
func (n *Like) prepare(env *Env) error {
	lit, ok := n.Pattern.(*Literal)
	if !ok || lit.Val.IsNull() {
		return nil
	}
	if n.Escape != nil {
		if _, ok := n.Escape.(*Literal); !ok {
			return nil
		}
	}
	esc, err := n.escapeRune(env)
	if err != nil {
		return err
	}
	n.static = compileLike(textOf(lit.Val), esc, n.Cmp.Collation)
	return nil
}
