package expr

import (
	"math"
	"strings"
	"unicode/utf8"

	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

func init() {
	register(map[string]*function{
		"concat":    {min: 1, max: -1, bind: returnsString(sumLength), eval: evalConcat},
		"concat_ws": {min: 2, max: -1, bind: returnsString(sumLength), eval: evalConcatWS},
		"length|octet_length": {min: 1, max: 1, bind: bindOfText(returnsInt), f1: func(_ *Env, _ *Call, x value.Value) (value.Value, error) {
			return value.Int(int64(len(textOf(x)))), nil
		}},
		"bit_length": {min: 1, max: 1, bind: bindOfText(returnsInt), f1: func(_ *Env, _ *Call, x value.Value) (value.Value, error) {
			return value.Int(int64(len(textOf(x))) * 8), nil
		}},
		"char_length|character_length": {min: 1, max: 1, bind: bindOfText(returnsInt), f1: evalCharLength},
		"lower|lcase":                  {min: 1, max: 1, bind: returnsString(nil), f1: evalLower},
		"upper|ucase":                  {min: 1, max: 1, bind: returnsString(nil), f1: evalUpper},
		"left":                         {min: 2, max: 2, bind: returnsString(lengthArg(1), 0), f2: evalLeft},
		"right":                        {min: 2, max: 2, bind: returnsString(lengthArg(1), 0), f2: evalRight},
		"substr|substring|mid":         {min: 2, max: 3, bind: bindSubstr, f3: evalSubstr},
		"substring_index":              {min: 3, max: 3, bind: returnsString(nil, 0, 1), f3: evalSubstringIndex},
		"ltrim":                        {min: 1, max: 1, bind: returnsString(nil), f1: trimFunc(true, false)},
		"rtrim":                        {min: 1, max: 1, bind: returnsString(nil), f1: trimFunc(false, true)},
		"trim":                         {min: 1, max: 2, bind: returnsString(nil), f2: evalTrim},
		"lpad":                         {min: 2, max: 3, bind: bindPad, f3: evalPad},
		"rpad":                         {min: 2, max: 3, bind: bindPad, f3: evalPad},
		"repeat":                       {min: 2, max: 2, bind: returnsString(repeatLength, 0), f2: evalRepeat},
		"space":                        {numeric: true, min: 1, max: 1, bind: returnsText(maxVarChar), f1: evalSpace},
		"replace":                      {min: 3, max: 3, bind: returnsString(replaceLength), f3: evalReplace},
		"reverse":                      {min: 1, max: 1, bind: returnsString(nil), f1: evalReverse},
		"insert":                       {min: 4, max: 4, bind: returnsString(insertLength, 0, 3), fn: evalInsert},
		"elt":                          {min: 2, max: -1, bind: bindElt, eval: evalElt},
		"make_set":                     {min: 2, max: -1, bind: bindElt, eval: evalMakeSet},
		"export_set":                   {min: 3, max: 5, bind: returnsString(exportSetLength, 1, 2, 3), fn: evalExportSet},
		"quote":                        {min: 1, max: 1, bind: returnsString(quoteLength), eval: evalQuote},
		"soundex":                      {min: 1, max: 1, bind: returnsString(nil), f1: evalSoundex},
		"char":                         {numeric: true, min: 1, max: -1, bind: bindChar, eval: evalChar},
	})
}

// bindOfText is for functions of text whose result is no string: ZEROFILL columns are padded.
func bindOfText(rule func(*binder, *Call) error) func(*binder, *Call) error {
	return func(b *binder, c *Call) error {
		for i, a := range c.Args {
			if a.Type().Zerofill {
				c.Args[i] = Convert(a, stringType(textLength(a.Type()), b.conn, CoerceCoercible, false))
			}
		}
		return rule(b, c)
	}
}

func sumLength(c *Call) int {
	n := 0
	for _, a := range c.Args {
		n += textLength(a.Type())
	}
	return n
}

// lengthArg limits the first argument's length by a constant argument.
func lengthArg(i int) func(c *Call) int {
	return func(c *Call) int {
		n := textLength(c.Args[0].Type())
		if k, ok := c.constInt(i); ok {
			return int(min(int64(n), max(k, 0)))
		}
		return n
	}
}

func repeatLength(c *Call) int {
	if k, ok := c.constInt(1); ok && k >= 0 && k < 1<<24 {
		return textLength(c.Args[0].Type()) * int(k)
	}
	return -1
}

func replaceLength(c *Call) int {
	n := textLength(c.Args[0].Type())
	if grow := textLength(c.Args[2].Type()) - textLength(c.Args[1].Type()); grow > 0 {
		return n * (grow + 1)
	}
	return n
}

func insertLength(c *Call) int { return textLength(c.Args[0].Type()) + textLength(c.Args[3].Type()) }
func quoteLength(c *Call) int  { return 2*textLength(c.Args[0].Type()) + 2 }

func exportSetLength(c *Call) int {
	n := max(textLength(c.Args[1].Type()), textLength(c.Args[2].Type())) + 1
	return 64 * n
}

func evalConcat(env *Env, c *Call) (value.Value, error) {
	var buf [256]byte
	out := buf[:0]
	for _, a := range c.Args {
		v, err := a.Eval(env)
		if err != nil || v.IsNull() {
			return value.Null, err
		}
		out = appendText(out, v)
		if ok, err := c.room(env, int64(len(out))); !ok {
			return value.Null, err
		}
	}
	return c.str(env, string(out))
}

// appendText appends v's text; JSON strings lose their quotes.
func appendText(dst []byte, v value.Value) []byte {
	if v.Kind() == value.KindJSON {
		return append(dst, v.Str()...)
	}
	return v.AppendText(dst)
}

func evalConcatWS(env *Env, c *Call) (value.Value, error) {
	sep, err := c.Args[0].Eval(env)
	if err != nil || sep.IsNull() {
		return value.Null, err
	}
	var out []byte
	first := true
	for _, a := range c.Args[1:] {
		v, err := a.Eval(env)
		if err != nil {
			return value.Null, err
		}
		if v.IsNull() {
			continue
		}
		if !first {
			out = sep.AppendText(out)
		}
		first = false
		out = appendText(out, v)
		if ok, err := c.room(env, int64(len(out))); !ok {
			return value.Null, err
		}
	}
	return c.str(env, string(out))
}

// charCount returns the number of characters of v: bytes of binary strings.
func charCount(v value.Value, s string) int {
	if v.Kind() == value.KindBytes || v.Kind() == value.KindBit {
		return len(s)
	}
	return utf8.RuneCountInString(s)
}

func evalCharLength(_ *Env, _ *Call, x value.Value) (value.Value, error) {
	return value.Int(int64(charCount(x, textOf(x)))), nil
}

func evalLower(env *Env, c *Call, x value.Value) (value.Value, error) {
	if x.Kind() == value.KindBytes {
		return x, nil
	}
	return c.str(env, strings.ToLower(textOf(x)))
}

func evalUpper(env *Env, c *Call, x value.Value) (value.Value, error) {
	if x.Kind() == value.KindBytes {
		return x, nil
	}
	return c.str(env, strings.ToUpper(textOf(x)))
}

// offset returns the byte offset of character n of s (from 0), len(s) when there are fewer.
func offset(s string, n int64, binary bool) int {
	if n <= 0 {
		return 0
	}
	if n >= int64(len(s)) {
		return len(s)
	}
	if binary {
		return int(n)
	}
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}

// offsetFromEnd returns the byte offset of the n-th character from the end; 0 when there are fewer.
func offsetFromEnd(s string, n int64, binary bool) int {
	if n >= int64(len(s)) {
		return 0
	}
	if binary {
		return len(s) - int(n)
	}
	i := len(s)
	for ; n > 0 && i > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(s[:i])
		i -= size
	}
	return i
}

func evalLeft(env *Env, c *Call, x, y value.Value) (value.Value, error) {
	n, err := toIndex(env, y)
	if err != nil {
		return value.Null, err
	}
	s := textOf(x)
	return c.str(env, s[:offset(s, n, c.binaryResult())])
}

func evalRight(env *Env, c *Call, x, y value.Value) (value.Value, error) {
	n, err := toIndex(env, y)
	if err != nil {
		return value.Null, err
	}
	s := textOf(x)
	return c.str(env, s[offsetFromEnd(s, max(n, 0), c.binaryResult()):])
}

func bindSubstr(b *binder, c *Call) error {
	size := lengthArg(2)
	return returnsString(size, 0)(b, c)
}

func evalSubstr(env *Env, c *Call, x, y, z value.Value) (value.Value, error) {
	pos, err := toIndex(env, y)
	if err != nil {
		return value.Null, err
	}
	n := int64(math.MaxInt64)
	if len(c.Args) == 3 {
		if n, err = toIndex(env, z); err != nil {
			return value.Null, err
		}
	}
	s, binary := textOf(x), c.binaryResult()
	switch {
	case pos == 0 || n <= 0:
		return c.str(env, "")
	case pos > 0:
		s = s[offset(s, pos-1, binary):]
	default:
		if pos < -int64(len(s)) || -pos > int64(charCount(x, s)) {
			return c.str(env, "")
		}
		s = s[offsetFromEnd(s, -pos, binary):]
	}
	return c.str(env, s[:offset(s, n, binary)])
}

func evalSubstringIndex(env *Env, c *Call, x, y, z value.Value) (value.Value, error) {
	count, err := toIndex(env, z)
	if err != nil {
		return value.Null, err
	}
	s, delim := textOf(x), textOf(y)
	if s == "" || delim == "" || count == 0 {
		return c.str(env, "")
	}
	if count > 0 {
		at := 0
		for ; count > 0; count-- {
			i := strings.Index(s[at:], delim)
			if i < 0 {
				return c.str(env, s)
			}
			if count == 1 {
				return c.str(env, s[:at+i])
			}
			at += i + len(delim)
		}
	}
	at := len(s)
	for ; count < 0; count++ {
		i := strings.LastIndex(s[:at], delim)
		if i < 0 {
			return c.str(env, s)
		}
		if count == -1 {
			return c.str(env, s[i+len(delim):])
		}
		at = i
	}
	return c.str(env, s)
}

func trimFunc(left, right bool) func(*Env, *Call, value.Value) (value.Value, error) {
	return func(env *Env, c *Call, x value.Value) (value.Value, error) {
		return c.str(env, trimText(textOf(x), " ", left, right))
	}
}

// trimText removes rem from the ends of s as often as it is there.
func trimText(s, rem string, left, right bool) string {
	if rem == "" {
		return s
	}
	for left && strings.HasPrefix(s, rem) {
		s = s[len(rem):]
	}
	for right && strings.HasSuffix(s, rem) {
		s = s[:len(s)-len(rem)]
	}
	return s
}

// trimSide is the aux of TRIM.
type trimSide struct{ left, right bool }

func (t trimSide) key() string { return string([]byte{'l' + b2b(t.left), 'r' + b2b(t.right)}) }

func b2b(b bool) byte {
	if b {
		return 1
	}
	return 0
}

func evalTrim(env *Env, c *Call, x, y value.Value) (value.Value, error) {
	side, ok := c.aux.(trimSide)
	if !ok {
		side = trimSide{true, true}
	}
	rem := " "
	if len(c.Args) == 2 {
		rem = textOf(y)
	}
	return c.str(env, trimText(textOf(x), rem, side.left, side.right))
}

func bindPad(b *binder, c *Call) error {
	size := func(c *Call) int {
		if k, ok := c.constInt(1); ok && k >= 0 && k < math.MaxInt32 {
			return int(k)
		}
		return -1
	}
	return returnsString(size, 0, 2)(b, c)
}

func evalPad(env *Env, c *Call, x, y, z value.Value) (value.Value, error) {
	n, err := toIndex(env, y)
	if err != nil || n < 0 {
		return value.Null, err
	}
	s, pad := textOf(x), " "
	if len(c.Args) == 3 {
		pad = textOf(z)
	}
	binary := c.binaryResult()
	have := int64(utf8.RuneCountInString(s))
	if binary {
		have = int64(len(s))
	}
	if have >= n {
		return c.str(env, s[:offset(s, n, binary)])
	}
	if ok, err := c.room(env, n); !ok {
		return value.Null, err
	}
	if pad == "" {
		return value.Null, nil
	}
	per := int64(utf8.RuneCountInString(pad))
	if binary {
		per = int64(len(pad))
	}
	missing := n - have
	if ok, err := c.room(env, (missing/per)*int64(len(pad))+int64(len(s))); !ok {
		return value.Null, err
	}
	fill := strings.Repeat(pad, int(missing/per)) + pad[:offset(pad, missing%per, binary)]
	if c.Name == "lpad" {
		return c.str(env, fill+s)
	}
	return c.str(env, s+fill)
}

func evalRepeat(env *Env, c *Call, x, y value.Value) (value.Value, error) {
	n, err := toIndex(env, y)
	if err != nil {
		return value.Null, err
	}
	s := textOf(x)
	if n <= 0 || s == "" {
		return c.str(env, "")
	}
	if n > int64(env.Run.Session.maxPacket()/len(s)) {
		return value.Null, env.packetTooLarge(c.Name)
	}
	return c.str(env, strings.Repeat(s, int(n)))
}

func evalSpace(env *Env, c *Call, x value.Value) (value.Value, error) {
	n, err := toIndex(env, x)
	if err != nil {
		return value.Null, err
	}
	if ok, err := c.room(env, max(n, 0)); !ok {
		return value.Null, err
	}
	return c.str(env, strings.Repeat(" ", int(max(n, 0))))
}

func evalReplace(env *Env, c *Call, x, y, z value.Value) (value.Value, error) {
	s, old, repl := textOf(x), textOf(y), textOf(z)
	if old == "" {
		return c.str(env, s)
	}
	if grow := int64(len(repl)) - int64(len(old)); grow > 0 {
		size := int64(len(s)) + int64(strings.Count(s, old))*grow
		if ok, err := c.room(env, size); !ok {
			return value.Null, err
		}
	}
	return c.str(env, strings.ReplaceAll(s, old, repl))
}

func evalReverse(env *Env, c *Call, x value.Value) (value.Value, error) {
	s := textOf(x)
	out := make([]byte, 0, len(s))
	for i := len(s); i > 0; {
		size := 1
		if !c.binaryResult() {
			_, size = utf8.DecodeLastRuneInString(s[:i])
		}
		out = append(out, s[i-size:i]...)
		i -= size
	}
	return c.str(env, string(out))
}

func evalInsert(env *Env, c *Call, a []value.Value) (value.Value, error) {
	pos, err := toIndex(env, a[1])
	if err != nil {
		return value.Null, err
	}
	n, err := toIndex(env, a[2])
	if err != nil {
		return value.Null, err
	}
	s, binary := textOf(a[0]), c.binaryResult()
	count := int64(utf8.RuneCountInString(s))
	if binary {
		count = int64(len(s))
	}
	if pos < 1 || pos > count {
		return c.str(env, s)
	}
	if n < 0 || n > count-pos+1 {
		n = count - pos + 1
	}
	from := offset(s, pos-1, binary)
	to := from + offset(s[from:], n, binary)
	return c.str(env, s[:from]+textOf(a[3])+s[to:])
}

// bindElt types ELT and MAKE_SET: a string of the arguments after the first.
func bindElt(b *binder, c *Call) error {
	types := make([]*Type, len(c.Args)-1)
	longest, total := 0, 0
	for i, a := range c.Args[1:] {
		types[i] = a.Type()
		n := textLength(a.Type())
		longest, total = max(longest, n), total+n+1
	}
	coll, coerc, err := mergeCollations(c.Name, b.conn, false, types...)
	if c.Name == "make_set" {
		longest = total
	}
	c.Typ = stringType(longest, coll, coerc, false)
	return err
}

func evalElt(env *Env, c *Call) (value.Value, error) {
	v, err := c.Args[0].Eval(env)
	if err != nil || v.IsNull() {
		return value.Null, err
	}
	n, err := toIndex(env, v)
	if err != nil || n < 1 || n >= int64(len(c.Args)) {
		return value.Null, err
	}
	if v, err = c.Args[n].Eval(env); err != nil || v.IsNull() {
		return value.Null, err
	}
	return c.str(env, textOf(v))
}

func evalMakeSet(env *Env, c *Call) (value.Value, error) {
	v, err := c.Args[0].Eval(env)
	if err != nil || v.IsNull() {
		return value.Null, err
	}
	mask, err := toBits(env, v)
	if err != nil {
		return value.Null, err
	}
	var parts []string
	for i, a := range c.Args[1:] {
		if i >= 64 || mask>>i&1 == 0 {
			continue
		}
		if v, err = a.Eval(env); err != nil {
			return value.Null, err
		}
		if !v.IsNull() {
			parts = append(parts, textOf(v))
		}
	}
	return c.str(env, strings.Join(parts, ","))
}

func evalExportSet(env *Env, c *Call, a []value.Value) (value.Value, error) {
	mask, err := toBits(env, a[0])
	if err != nil {
		return value.Null, err
	}
	on, off, sep, n := textOf(a[1]), textOf(a[2]), ",", int64(64)
	if len(a) > 3 {
		sep = textOf(a[3])
	}
	if len(a) > 4 {
		if n, err = toIndex(env, a[4]); err != nil {
			return value.Null, err
		}
		if n < 0 || n > 64 {
			n = 64
		}
	}
	if ok, err := c.room(env, n*int64(max(len(on), len(off))+len(sep))); !ok {
		return value.Null, err
	}
	parts := make([]string, n)
	for i := range parts {
		parts[i] = off
		if mask>>i&1 == 1 {
			parts[i] = on
		}
	}
	return c.str(env, strings.Join(parts, sep))
}

func evalQuote(env *Env, c *Call) (value.Value, error) {
	v, err := c.Args[0].Eval(env)
	if err != nil {
		return value.Null, err
	}
	if v.IsNull() {
		return c.str(env, "NULL")
	}
	s := textOf(v)
	out := append(make([]byte, 0, len(s)+2), '\'')
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case 0:
			out = append(out, '\\', '0')
		case '\'', '\\':
			out = append(out, '\\', s[i])
		case 26:
			out = append(out, '\\', 'Z')
		default:
			out = append(out, s[i])
		}
	}
	return c.str(env, string(append(out, '\'')))
}

// soundexCodes are the codes of A to Z; 0 is skipped, '*' (H and W) does not separate equal codes in MySQL's variant.
const soundexCodes = "01230120022455012623010202"

func evalSoundex(env *Env, c *Call, x value.Value) (value.Value, error) {
	var out []byte
	last := byte('0')
	for _, r := range textOf(x) {
		up := r
		if r >= 'a' && r <= 'z' {
			up = r - 32
		}
		if (up < 'A' || up > 'Z') && r < 0xC0 {
			continue
		}
		code := byte('0')
		if up >= 'A' && up <= 'Z' {
			code = soundexCodes[up-'A']
		}
		if len(out) == 0 {
			out = utf8.AppendRune(out, up)
			last = code
			continue
		}
		if code != '0' && code != last {
			out = append(out, code)
		}
		if code != '0' || !isVowelLike(up) {
			last = code
		}
	}
	for len(out) > 0 && utf8.RuneCount(out) < 4 {
		out = append(out, '0')
	}
	return c.str(env, string(out))
}

// isVowelLike reports letters that MySQL's SOUNDEX skips without forgetting the code before them.
func isVowelLike(r rune) bool { return strings.ContainsRune("AEIOUYHW", r) }

// charsetOption is the aux of CHAR(… USING charset).
type charsetOption struct{ coll collate.ID }

func (o charsetOption) key() string { return o.coll.Name() }

func bindChar(b *binder, c *Call) error {
	coll := collate.Binary
	if o, ok := c.aux.(charsetOption); ok {
		coll = o.coll
	}
	c.Typ = stringType(4*len(c.Args), coll, CoerceCoercible, false)
	return nil
}

func evalChar(env *Env, c *Call) (value.Value, error) {
	var out []byte
	for _, a := range c.Args {
		v, err := a.Eval(env)
		if err != nil {
			return value.Null, err
		}
		if v.IsNull() {
			continue
		}
		n, _, err := toInt(env, v)
		if err != nil {
			return value.Null, err
		}
		u := uint32(n)
		for shift := 24; shift >= 0; shift -= 8 {
			if u>>shift != 0 || shift == 0 {
				out = append(out, byte(u>>shift))
			}
		}
	}
	if !c.binaryResult() && !utf8.Valid(out) {
		return value.Null, env.Warn(sqlerr.New(errInvalidString, "utf8mb4", hexOf(string(out))))
	}
	return c.str(env, string(out))
}
