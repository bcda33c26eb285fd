package jsondoc

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// PathError says where a path expression is wrong.
type PathError struct{ Pos int }

func (e *PathError) Error() string { return "invalid JSON path" }

type legKind uint8

const (
	legMember   legKind = iota // .key
	legMembers                 // .*
	legIndex                   // [3], [last-1]
	legElements                // [*]
	legRange                   // [1 to 3]
	legEllipsis                // **
)

type index struct {
	n    int
	last bool // counted from the last element
}

// at returns the position in an array of the given length; it may lie outside.
func (x index) at(length int) int {
	if x.last {
		return length - 1 - x.n
	}
	return x.n
}

type leg struct {
	kind     legKind
	key      string
	from, to index
}

// Path is a parsed path expression. It is immutable.
type Path struct {
	legs []leg
	many bool
}

// Wildcard reports whether the path may select several values.
func (p *Path) Wildcard() bool { return p.many }

// IsRoot reports the path $.
func (p *Path) IsRoot() bool { return len(p.legs) == 0 }

// Parent returns the path without its last leg.
func (p *Path) parent() *Path { return &Path{legs: p.legs[:len(p.legs)-1]} }

func (p *Path) lastLeg() leg { return p.legs[len(p.legs)-1] }

// EndsInCell reports whether the last leg selects an array element.
func (p *Path) EndsInCell() bool { return len(p.legs) > 0 && p.lastLeg().kind == legIndex }

type pathParser struct {
	s   string
	pos int
}

// ParsePath parses a path expression.
func ParsePath(text string) (*Path, error) {
	p := &pathParser{s: text}
	p.space()
	if !p.take('$') {
		return nil, &PathError{Pos: p.pos}
	}
	out := &Path{}
	for {
		p.space()
		if p.pos >= len(p.s) {
			break
		}
		if len(out.legs) >= MaxDepth {
			return nil, &PathError{Pos: p.pos}
		}
		l, ok := p.leg()
		if !ok {
			return nil, &PathError{Pos: p.pos}
		}
		out.legs = append(out.legs, l)
		out.many = out.many || l.kind != legMember && l.kind != legIndex
	}
	if n := len(out.legs); n > 0 && out.legs[n-1].kind == legEllipsis {
		return nil, &PathError{Pos: p.pos}
	}
	return out, nil
}

func (p *pathParser) space() {
	for p.pos < len(p.s) && strings.IndexByte(" \t\n\r", p.s[p.pos]) >= 0 {
		p.pos++
	}
}

func (p *pathParser) take(c byte) bool {
	if p.pos < len(p.s) && p.s[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

func (p *pathParser) leg() (leg, bool) {
	switch {
	case p.take('.'):
		p.space()
		if p.take('*') {
			return leg{kind: legMembers}, true
		}
		key, ok := p.key()
		return leg{kind: legMember, key: key}, ok
	case p.take('['):
		return p.cell()
	case strings.HasPrefix(p.s[p.pos:], "**"):
		p.pos += 2
		return leg{kind: legEllipsis}, true
	}
	return leg{}, false
}

func (p *pathParser) key() (string, bool) {
	if p.pos < len(p.s) && p.s[p.pos] == '"' {
		j := &parser{s: p.s, pos: p.pos}
		key, err := j.str()
		p.pos = j.pos
		return key, err == nil
	}
	start := p.pos
	for p.pos < len(p.s) {
		r, n := utf8.DecodeRuneInString(p.s[p.pos:])
		ok := r == '_' || r == '$' || unicode.IsLetter(r)
		if p.pos > start {
			ok = ok || unicode.IsDigit(r) || unicode.Is(unicode.M, r) || unicode.Is(unicode.Pc, r)
		}
		if !ok {
			break
		}
		p.pos += n
	}
	return p.s[start:p.pos], p.pos > start
}

func (p *pathParser) cell() (leg, bool) {
	p.space()
	if p.take('*') {
		p.space()
		return leg{kind: legElements}, p.take(']')
	}
	from, ok := p.index()
	if !ok {
		return leg{}, false
	}
	p.space()
	if p.take(']') {
		return leg{kind: legIndex, from: from}, true
	}
	if !strings.HasPrefix(p.s[p.pos:], "to") {
		return leg{}, false
	}
	p.pos += 2
	p.space()
	to, ok := p.index()
	p.space()
	if !ok || from.last == to.last && (from.n > to.n) != from.last && from.n != to.n {
		return leg{}, false
	}
	return leg{kind: legRange, from: from, to: to}, p.take(']')
}

func (p *pathParser) index() (index, bool) {
	if strings.HasPrefix(p.s[p.pos:], "last") {
		p.pos += 4
		p.space()
		if !p.take('-') {
			return index{last: true}, true
		}
		p.space()
		n, ok := p.number()
		return index{n: n, last: true}, ok
	}
	n, ok := p.number()
	return index{n: n}, ok
}

func (p *pathParser) number() (int, bool) {
	start := p.pos
	for p.pos < len(p.s) && p.s[p.pos]-'0' <= 9 {
		p.pos++
	}
	n, err := strconv.ParseUint(p.s[start:p.pos], 10, 32)
	return int(n), err == nil
}

// Find returns the values that the path selects, in document order, without duplicates. Nodes of the document are
// returned as they are.
func (p *Path) Find(root *Node) []*Node {
	cur := []*Node{root}
	for _, l := range p.legs {
		var next []*Node
		for _, n := range cur {
			next = l.apply(n, next)
		}
		if cur = next; len(cur) == 0 {
			return nil
		}
		if l.kind == legEllipsis {
			cur = unique(cur)
		}
	}
	return cur
}

func unique(list []*Node) []*Node {
	seen := make(map[*Node]bool, len(list))
	out := list[:0:0]
	for _, n := range list {
		if !seen[n] {
			seen[n] = true
			out = append(out, n)
		}
	}
	return out
}

func (l leg) apply(n *Node, out []*Node) []*Node {
	switch l.kind {
	case legMember:
		if v := n.Get(l.key); v != nil {
			out = append(out, v)
		}
	case legMembers:
		if n.Kind == Object {
			out = append(out, n.Items...)
		}
	case legElements:
		if n.Kind == Array {
			out = append(out, n.Items...)
		}
	case legIndex:
		if n.Kind != Array {
			if l.from.at(1) == 0 {
				out = append(out, n)
			}
		} else if i := l.from.at(len(n.Items)); i >= 0 && i < len(n.Items) {
			out = append(out, n.Items[i])
		}
	case legRange:
		out = l.rangeOf(n, out)
	case legEllipsis:
		out = descendants(n, out)
	}
	return out
}

func (l leg) rangeOf(n *Node, out []*Node) []*Node {
	if n.Kind != Array {
		if l.from.at(1) <= 0 && l.to.at(1) >= 0 {
			out = append(out, n)
		}
		return out
	}
	from, to := max(l.from.at(len(n.Items)), 0), min(l.to.at(len(n.Items)), len(n.Items)-1)
	for i := from; i <= to; i++ {
		out = append(out, n.Items[i])
	}
	return out
}

func descendants(n *Node, out []*Node) []*Node {
	out = append(out, n)
	for _, it := range n.Items {
		out = descendants(it, out)
	}
	return out
}

func appendCell(path []byte, i int) []byte {
	out := append(path[:len(path):len(path)], '[')
	return append(strconv.AppendInt(out, int64(i), 10), ']')
}

func appendMember(path []byte, key string) []byte {
	out := append(path[:len(path):len(path)], '.')
	p := &pathParser{s: key}
	if k, ok := p.key(); ok && len(k) == len(key) && key[0] != '"' {
		return append(out, key...)
	}
	return AppendQuoted(out, key)
}
