// Package jsondoc holds JSON documents in memory: parsing, printing, comparison, paths and the edits that MySQL's
// JSON functions make.
//
// A Node is a tree owned by its maker; nothing here keeps hidden references, and nothing is safe for concurrent change.
// Errors are *SyntaxError and *PathError with byte positions. Documents and paths nest at most MaxDepth levels.
package jsondoc

import (
	"math"
	"math/big"
	"sort"
	"strconv"
	"unicode/utf8"
)

// Limits of a document.
const (
	MaxDepth = 100     // levels of nesting, as in MySQL
	MaxNodes = 4 << 20 // values in all, about 400 MB as a tree
)

// Kind is the type of a node.
type Kind uint8

// The kinds.
const (
	Null Kind = iota
	Bool
	Int    // fits int64
	Uint   // fits uint64 only
	Double // any other number
	String
	Array
	Object
)

// Node is a JSON value.
type Node struct {
	Kind  Kind
	Bool  bool
	Text  string   // String: the content; numbers: as written
	Items []*Node  // Array: elements; Object: values
	Keys  []string // Object: sorted by length, then bytes; unique
}

// NewString returns a string node.
func NewString(s string) *Node { return &Node{Kind: String, Text: s} }

// NewBool returns true or false.
func NewBool(b bool) *Node { return &Node{Kind: Bool, Bool: b} }

// NewInt returns a number.
func NewInt(n int64) *Node { return &Node{Kind: Int, Text: strconv.FormatInt(n, 10)} }

// NewNumber returns the number with the given JSON text.
func NewNumber(text string) *Node { return &Node{Kind: numberKind(text), Text: text} }

func numberKind(text string) Kind {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '.', 'e', 'E':
			return Double
		}
	}
	if _, err := strconv.ParseInt(text, 10, 64); err == nil {
		return Int
	}
	if _, err := strconv.ParseUint(text, 10, 64); err == nil {
		return Uint
	}
	return Double
}

// NewArray returns an array of items.
func NewArray(items ...*Node) *Node { return &Node{Kind: Array, Items: items} }

// NewObject returns an empty object.
func NewObject() *Node { return &Node{Kind: Object} }

// IsNumber reports Int, Uint and Double.
func (n *Node) IsNumber() bool { return n.Kind >= Int && n.Kind <= Double }

// Float returns the number as a double.
func (n *Node) Float() float64 {
	f, _ := strconv.ParseFloat(n.Text, 64)
	if math.IsInf(f, 0) {
		return math.Copysign(math.MaxFloat64, f)
	}
	return f
}

// keyLess is MySQL's order of object keys.
func keyLess(a, b string) bool {
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return a < b
}

// find returns where key is, or would be.
func (n *Node) find(key string) (at int, ok bool) {
	at = sort.Search(len(n.Keys), func(i int) bool { return !keyLess(n.Keys[i], key) })
	return at, at < len(n.Keys) && n.Keys[at] == key
}

// Get returns the member with the key, nil when there is none.
func (n *Node) Get(key string) *Node {
	if n.Kind != Object {
		return nil
	}
	if i, ok := n.find(key); ok {
		return n.Items[i]
	}
	return nil
}

// Put sets the member with the key.
func (n *Node) Put(key string, v *Node) {
	i, ok := n.find(key)
	if ok {
		n.Items[i] = v
		return
	}
	n.Keys = append(n.Keys, "")
	n.Items = append(n.Items, nil)
	copy(n.Keys[i+1:], n.Keys[i:])
	copy(n.Items[i+1:], n.Items[i:])
	n.Keys[i], n.Items[i] = key, v
}

// AddMember appends a member without keeping the keys in order; Normalize must be called before anything else.
func (n *Node) AddMember(key string, v *Node) {
	n.Keys = append(n.Keys, key)
	n.Items = append(n.Items, v)
}

// Normalize sorts the members that AddMember added; of equal keys the last counts.
func (n *Node) Normalize() {
	sorted := true
	for i := 1; i < len(n.Keys) && sorted; i++ {
		sorted = keyLess(n.Keys[i-1], n.Keys[i])
	}
	if sorted {
		return
	}
	order := make([]int, len(n.Keys))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool { return keyLess(n.Keys[order[i]], n.Keys[order[j]]) })
	keys, items := make([]string, 0, len(order)), make([]*Node, 0, len(order))
	for i, o := range order {
		if i+1 < len(order) && n.Keys[order[i+1]] == n.Keys[o] {
			continue
		}
		keys, items = append(keys, n.Keys[o]), append(items, n.Items[o])
	}
	n.Keys, n.Items = keys, items
}

// remove deletes the member or element at i.
func (n *Node) remove(i int) {
	n.Items = append(n.Items[:i:i], n.Items[i+1:]...)
	if n.Kind == Object {
		n.Keys = append(n.Keys[:i:i], n.Keys[i+1:]...)
	}
}

// Clone returns a deep copy.
func (n *Node) Clone() *Node {
	c := *n
	if n.Items != nil {
		c.Items = make([]*Node, len(n.Items))
		for i, it := range n.Items {
			c.Items[i] = it.Clone()
		}
	}
	c.Keys = append([]string(nil), n.Keys...)
	return &c
}

// Depth returns the depth as JSON_DEPTH counts it: 1 for scalars and empty containers.
func (n *Node) Depth() int {
	d := 0
	for _, it := range n.Items {
		d = max(d, it.Depth())
	}
	return d + 1
}

// Length returns the number of elements or members, 1 for scalars.
func (n *Node) Length() int {
	if n.Kind == Array || n.Kind == Object {
		return len(n.Items)
	}
	return 1
}

// TypeName returns what JSON_TYPE says.
func (n *Node) TypeName() string {
	return [...]string{"NULL", "BOOLEAN", "INTEGER", "UNSIGNED INTEGER", "DOUBLE", "STRING", "ARRAY", "OBJECT"}[n.Kind]
}

// Append appends the text as MySQL prints it: ", " and ": " between, keys sorted.
func (n *Node) Append(dst []byte) []byte {
	switch n.Kind {
	case Null:
		return append(dst, "null"...)
	case Bool:
		return strconv.AppendBool(dst, n.Bool)
	case Int, Uint, Double:
		return append(dst, n.Text...)
	case String:
		return AppendQuoted(dst, n.Text)
	}
	open, end := byte('['), byte(']')
	if n.Kind == Object {
		open, end = '{', '}'
	}
	dst = append(dst, open)
	for i, it := range n.Items {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		if n.Kind == Object {
			dst = append(AppendQuoted(dst, n.Keys[i]), ": "...)
		}
		dst = it.Append(dst)
	}
	return append(dst, end)
}

// String returns Append's text.
func (n *Node) String() string { return string(n.Append(nil)) }

// AppendPretty appends the text as JSON_PRETTY prints it. It stops early once dst is longer than most: the caller sees
// that by its length.
func (n *Node) AppendPretty(dst []byte, indent, most int) []byte {
	if len(n.Items) == 0 || len(dst) > most {
		return n.Append(dst)
	}
	open, end := byte('['), byte(']')
	if n.Kind == Object {
		open, end = '{', '}'
	}
	newline := func(depth int) {
		dst = append(dst, '\n')
		for ; depth > 0; depth-- {
			dst = append(dst, "  "...)
		}
	}
	dst = append(dst, open)
	for i, it := range n.Items {
		if i > 0 {
			dst = append(dst, ',')
		}
		newline(indent + 1)
		if n.Kind == Object {
			dst = append(AppendQuoted(dst, n.Keys[i]), ": "...)
		}
		dst = it.AppendPretty(dst, indent+1, most)
	}
	newline(indent)
	return append(dst, end)
}

const hexDigits = "0123456789abcdef"

// AppendQuoted appends s as a JSON string.
func AppendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= utf8.RuneSelf {
			dst = append(dst, c)
			continue
		}
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, '\\', 'b')
		case '\f':
			dst = append(dst, '\\', 'f')
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			if c < 0x20 {
				dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
			} else {
				dst = append(dst, c)
			}
		}
	}
	return append(dst, '"')
}

// precedence is MySQL's order of JSON types.
var precedence = [...]int{Null: 0, Int: 1, Uint: 1, Double: 1, String: 2, Object: 3, Array: 4, Bool: 5}

// Compare orders two values as MySQL does: types by precedence, arrays element by element, objects by size, keys and
// values.
func Compare(a, b *Node) int {
	if pa, pb := precedence[a.Kind], precedence[b.Kind]; pa != pb {
		return compareInt(pa, pb)
	}
	switch a.Kind {
	case Bool:
		return compareInt(boolInt(a.Bool), boolInt(b.Bool))
	case Int, Uint, Double:
		return compareNumbers(a, b)
	case String:
		return compareText(a.Text, b.Text)
	case Array:
		for i := 0; i < len(a.Items) && i < len(b.Items); i++ {
			if c := Compare(a.Items[i], b.Items[i]); c != 0 {
				return c
			}
		}
		return compareInt(len(a.Items), len(b.Items))
	case Object:
		return compareObjects(a, b)
	}
	return 0
}

func compareObjects(a, b *Node) int {
	if c := compareInt(len(a.Keys), len(b.Keys)); c != 0 {
		return c
	}
	for i := range a.Keys {
		if a.Keys[i] != b.Keys[i] {
			if keyLess(a.Keys[i], b.Keys[i]) {
				return -1
			}
			return 1
		}
		if c := Compare(a.Items[i], b.Items[i]); c != 0 {
			return c
		}
	}
	return 0
}

func compareNumbers(a, b *Node) int {
	if a.Kind != Double && b.Kind != Double {
		x, _ := new(big.Int).SetString(a.Text, 10)
		y, _ := new(big.Int).SetString(b.Text, 10)
		if x != nil && y != nil {
			return x.Cmp(y)
		}
	}
	x, y := a.Float(), b.Float()
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

func compareInt(a, b int) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
