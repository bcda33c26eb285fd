package expr

import (
	"strings"
	"unicode/utf8"

	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/value"
)

func init() {
	register(map[string]*function{
		"instr":           {min: 2, max: 2, bind: bindSearch, f2: evalInstr},
		"locate|position": {min: 2, max: 3, bind: bindSearch, f3: evalLocate},
		"strcmp":          {min: 2, max: 2, bind: bindSearch, f2: evalStrcmp},
		"field":           {min: 2, max: -1, bind: bindField, eval: evalField},
		"find_in_set":     {min: 2, max: 2, bind: bindSearch, f2: evalFindInSet},
		"ascii":           {min: 1, max: 1, bind: returnsInt, f1: evalASCII},
		"ord":             {min: 1, max: 1, bind: returnsInt, f1: evalOrd},
		"charset":         {min: 1, max: 1, bind: bindCollationInfo, eval: evalInfoText},
		"collation":       {min: 1, max: 1, bind: bindCollationInfo, eval: evalInfoText},
		"coercibility":    {min: 1, max: 1, bind: bindCollationInfo, eval: evalInfoText},
		"weight_string":   {min: 1, max: 1, bind: bindWeightString, f1: evalWeightString},
	})
}

// collationOf is the aux of calls that compare strings.
type collationOf struct{ id collate.ID }

// bindSearch types functions that look for one string in another: the result is a position.
func bindSearch(b *binder, c *Call) error {
	coll, _, err := mergeCollations(c.Name, b.conn, true, c.Args[0].Type(), c.Args[1].Type())
	if err != nil {
		return err
	}
	c.aux = collationOf{coll}
	return returnsInt(b, c)
}

// indexFold returns the byte offset of needle in s under a collation, -1 when it is not there. Comparison is character
// by character.
func indexFold(coll collate.ID, s, needle string) int {
	if collate.Get(coll).Bytewise || needle == "" {
		return strings.Index(s, needle)
	}
	for i := range s {
		if prefixFold(coll, s[i:], needle) {
			return i
		}
	}
	return -1
}

func prefixFold(coll collate.ID, s, prefix string) bool {
	for _, r := range prefix {
		q, n := utf8.DecodeRuneInString(s)
		if n == 0 || q != r && !collate.EqualRune(coll, q, r) {
			return false
		}
		s = s[n:]
	}
	return true
}

func evalInstr(env *Env, c *Call, x, y value.Value) (value.Value, error) {
	return c.locate(textOf(x), textOf(y), 1)
}

func evalLocate(env *Env, c *Call, x, y, z value.Value) (value.Value, error) {
	pos := int64(1)
	if len(c.Args) == 3 {
		n, err := toIndex(env, z)
		if err != nil {
			return value.Null, err
		}
		pos = n
	}
	return c.locate(textOf(y), textOf(x), pos)
}

// locate returns the position (from 1) of needle in s at or behind pos, 0 when it is not there.
func (c *Call) locate(s, needle string, pos int64) (value.Value, error) {
	coll := c.aux.(collationOf).id
	binary := coll == collate.Binary
	count := int64(utf8.RuneCountInString(s))
	if binary {
		count = int64(len(s))
	}
	if pos < 1 || pos > count+1 {
		return value.Int(0), nil
	}
	from := offset(s, pos-1, binary)
	i := indexFold(coll, s[from:], needle)
	if i < 0 {
		return value.Int(0), nil
	}
	if binary {
		return value.Int(int64(from + i + 1)), nil
	}
	return value.Int(pos + int64(utf8.RuneCountInString(s[from:from+i]))), nil
}

func evalStrcmp(_ *Env, c *Call, x, y value.Value) (value.Value, error) {
	return value.Int(int64(collate.Compare(c.aux.(collationOf).id, textOf(x), textOf(y)))), nil
}

// bindField types FIELD: all arguments are compared as strings when all are, as integers or decimals when all are
// numbers, else as doubles.
func bindField(b *binder, c *Call) error {
	types := make([]*Type, len(c.Args))
	strs, exact, ints := true, true, true
	for i, a := range c.Args {
		types[i] = a.Type()
		cl := classOf(types[i])
		strs = strs && (cl.isStringResult() || cl == classJSON || cl == classDynamic || cl == classNull)
		ints = ints && (cl == classInt || cl == classNull)
		exact = exact && (cl == classInt || cl == classDecimal || cl == classNull)
	}
	cmp := Comparison{Domain: DomainFloat}
	switch {
	case strs:
		coll, _, err := mergeCollations("field", b.conn, true, types...)
		if err != nil {
			return err
		}
		cmp = Comparison{Domain: DomainString, Collation: coll}
	case ints:
		cmp.Domain = DomainInt
	case exact:
		cmp.Domain = DomainDecimal
	}
	c.cmp = []Comparison{cmp}
	c.Typ = intType(true)
	return nil
}

func evalField(env *Env, c *Call) (value.Value, error) {
	v, err := c.Args[0].Eval(env)
	if err != nil || v.IsNull() {
		return value.Int(0), err
	}
	for i, a := range c.Args[1:] {
		w, err := a.Eval(env)
		if err != nil {
			return value.Null, err
		}
		t, err := c.cmp[0].Apply(env, CompareEqual, v, w)
		if err != nil {
			return value.Null, err
		}
		if t == True {
			return value.Int(int64(i + 1)), nil
		}
	}
	return value.Int(0), nil
}

func evalFindInSet(_ *Env, c *Call, x, y value.Value) (value.Value, error) {
	needle, list := textOf(x), textOf(y)
	coll := c.aux.(collationOf).id
	if y.Kind() == value.KindSet && IsConst(c.Args[0]) {
		// In a SET column a member's place is that in the declaration.
		for i, member := range c.Args[1].Type().Elements {
			if y.Raw64()>>i&1 == 1 && collate.Equal(coll, member, needle) {
				return value.Int(int64(i + 1)), nil
			}
		}
		return value.Int(0), nil
	}
	if list == "" || strings.IndexByte(needle, ',') >= 0 {
		return value.Int(0), nil
	}
	for n := int64(1); ; n++ {
		item, rest, more := strings.Cut(list, ",")
		if collate.Equal(coll, item, needle) {
			return value.Int(n), nil
		}
		if !more {
			return value.Int(0), nil
		}
		list = rest
	}
}

func evalASCII(_ *Env, _ *Call, x value.Value) (value.Value, error) {
	s := textOf(x)
	if s == "" {
		return value.Int(0), nil
	}
	return value.Int(int64(s[0])), nil
}

func evalOrd(_ *Env, _ *Call, x value.Value) (value.Value, error) {
	s := textOf(x)
	if s == "" {
		return value.Int(0), nil
	}
	_, n := utf8.DecodeRuneInString(s)
	if x.Kind() == value.KindBytes {
		n = 1
	}
	return value.Int(int64(hexNumber(s[:n]))), nil
}

// bindCollationInfo computes CHARSET, COLLATION and COERCIBILITY from the argument's type.
func bindCollationInfo(b *binder, c *Call) error {
	s := strengthOf(c.Args[0].Type(), b.conn)
	if s.c >= CoerceNumeric {
		s.coll = collate.Binary
	}
	var v value.Value
	switch c.Name {
	case "charset":
		v = value.String(s.coll.Charset())
	case "collation":
		v = value.String(s.coll.Name())
	default:
		v = value.Int(int64(s.c))
	}
	c.aux = v
	c.Typ = ValueType(v, b.conn)
	if c.Typ.Coercibility == CoerceCoercible {
		c.Typ.Coercibility = CoerceSysConst
		c.Typ.Length = 64
	}
	return nil
}

func evalInfoText(_ *Env, c *Call) (value.Value, error) { return c.aux.(value.Value), nil }

func bindWeightString(b *binder, c *Call) error {
	t := c.Args[0].Type()
	c.aux = collationOf{strengthOf(t, b.conn).coll}
	return returnsBytes(8*textLength(t))(b, c)
}

func evalWeightString(env *Env, c *Call, x value.Value) (value.Value, error) {
	if x.Kind() != value.KindString && x.Kind() != value.KindBytes {
		return value.Null, nil
	}
	return c.str(env, string(collate.AppendKey(nil, c.aux.(collationOf).id, x.Str())))
}
