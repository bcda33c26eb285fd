package expr

import (
	"hash/crc32"
	"math"
	"math/bits"
	"strconv"
	"strings"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

func init() {
	register(map[string]*function{
		"abs":          {min: 1, max: 1, bind: bindNumeric(nil), f1: evalAbs},
		"ceil|ceiling": {min: 1, max: 1, bind: bindNumeric(wholeType), f1: evalCeil},
		"floor":        {min: 1, max: 1, bind: bindNumeric(wholeType), f1: evalFloor},
		"round":        {min: 1, max: 2, bind: bindRound, f2: evalRound},
		"truncate":     {min: 2, max: 2, bind: bindRound, f2: evalTruncate},
		"sign":         {numeric: true, min: 1, max: 1, bind: returnsInt, f1: evalSign},
		"mod":          {min: 2, max: 2, bind: bindMod, eval: evalInner},
		"pow|power":    {numeric: true, min: 2, max: 2, bind: returnsDouble, f2: evalPow},
		"sqrt":         mathFunc(func(x float64) (float64, bool) { return math.Sqrt(x), x >= 0 }),
		"exp":          {numeric: true, min: 1, max: 1, bind: returnsDouble, f1: evalExp},
		"ln":           {numeric: true, min: 1, max: 1, bind: returnsNullable(returnsDouble), f1: logFunc(math.Log)},
		"log2":         {numeric: true, min: 1, max: 1, bind: returnsNullable(returnsDouble), f1: logFunc(math.Log2)},
		"log10":        {numeric: true, min: 1, max: 1, bind: returnsNullable(returnsDouble), f1: logFunc(math.Log10)},
		"log":          {numeric: true, min: 1, max: 2, bind: returnsNullable(returnsDouble), f2: evalLog},
		"pi":           {min: 0, max: 0, bind: bindPi, eval: func(*Env, *Call) (value.Value, error) { return value.Float(math.Pi), nil }},
		"sin":          mathFunc(func(x float64) (float64, bool) { return math.Sin(x), true }),
		"cos":          mathFunc(func(x float64) (float64, bool) { return math.Cos(x), true }),
		"tan":          mathFunc(func(x float64) (float64, bool) { return math.Tan(x), true }),
		"cot":          {numeric: true, min: 1, max: 1, bind: returnsDouble, f1: evalCot},
		"asin":         mathFunc(func(x float64) (float64, bool) { return math.Asin(x), x >= -1 && x <= 1 }),
		"acos":         mathFunc(func(x float64) (float64, bool) { return math.Acos(x), x >= -1 && x <= 1 }),
		"atan|atan2":   {numeric: true, min: 1, max: 2, bind: returnsDouble, f2: evalAtan},
		"degrees":      mathFunc(func(x float64) (float64, bool) { return x * (180 / math.Pi), true }),
		"radians":      mathFunc(func(x float64) (float64, bool) { return x * (math.Pi / 180), true }),
		"rand":         {numeric: true, min: 0, max: 1, flags: NonDeterministic, bind: returnsDouble, eval: evalRand},
		"crc32":        {min: 1, max: 1, bind: returnsUint, f1: evalCRC32},
		"conv":         {min: 3, max: 3, bind: returnsText(64), f3: evalConv},
		"bin":          {min: 1, max: 1, bind: returnsText(64), f1: baseFunc(2)},
		"oct":          {min: 1, max: 1, bind: returnsText(22), f1: baseFunc(8)},
		"bit_count":    {min: 1, max: 1, bind: returnsInt, f1: evalBitCount},
		"format":       {numeric: true, min: 2, max: 3, bind: returnsText(100), f3: evalFormat},
	})
}

func mathFunc(f func(float64) (float64, bool)) *function {
	return &function{numeric: true, min: 1, max: 1, bind: returnsNullable(returnsDouble), f1: func(env *Env, c *Call, x value.Value) (value.Value, error) {
		v, err := toFloat(env, x)
		if err != nil {
			return value.Null, err
		}
		r, ok := f(v)
		if !ok {
			return value.Null, nil
		}
		return c.finite(r)
	}}
}

// finite is a double result; infinities are error 1690.
func (c *Call) finite(f float64) (value.Value, error) {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return value.Null, outOfRange("DOUBLE", c)
	}
	return value.Float(f), nil
}

// bindNumeric gives the result the numeric class of the argument; adjust changes the type of decimals and integers.
func bindNumeric(adjust func(t *Type) *Type) func(*binder, *Call) error {
	return func(b *binder, c *Call) error {
		c.Args = []Expr{numeric(c.Args[0])}
		t := c.Args[0].Type()
		whole, scale := numericShape(t)
		switch cl := arithClass(t); cl {
		case classInt, classNull:
			c.Typ = intType(t.NotNull)
			c.Typ.Unsigned, c.Typ.Digits = isUnsigned(t), t.Digits
		case classDecimal:
			c.Typ = decimalType(whole+scale, scale, t.NotNull)
			c.Typ.Unsigned = t.Unsigned
		default:
			c.Typ = doubleType(t.NotNull)
			c.Typ.Dynamic = cl == classDynamic
		}
		if adjust != nil {
			c.Typ = adjust(c.Typ)
		}
		return nil
	}
}

// wholeType is the type of CEIL and FLOOR: BIGINT for decimals that fit.
func wholeType(t *Type) *Type {
	if t.ID != value.TypeDecimal || t.Dynamic {
		return t
	}
	whole, scale := numericShape(t)
	if scale > 0 {
		whole++
	}
	if whole > 18 {
		return decimalType(whole, 0, t.NotNull)
	}
	return intType(t.NotNull)
}

func evalAbs(env *Env, c *Call, x value.Value) (value.Value, error) {
	n, err := toNumber(env, x)
	if err != nil {
		return value.Null, err
	}
	switch n.Kind() {
	case value.KindInt:
		if n.Int64() == math.MinInt64 {
			return value.Null, outOfRange("BIGINT", c)
		}
		if n.Int64() < 0 {
			return value.Int(-n.Int64()), nil
		}
		return n, nil
	case value.KindDecimal:
		n = value.DecimalAbs(n)
		if !c.Typ.Dynamic && c.Typ.ID == value.TypeDecimal {
			n = value.Rescale(n, c.Typ.Scale)
		}
	case value.KindFloat:
		return value.Float(math.Abs(n.Float64())), nil
	}
	return n, nil
}

func evalCeil(env *Env, c *Call, x value.Value) (value.Value, error) {
	return evalWhole(env, c, x, math.Ceil, value.DecimalCeil)
}

func evalFloor(env *Env, c *Call, x value.Value) (value.Value, error) {
	return evalWhole(env, c, x, math.Floor, value.DecimalFloor)
}

func evalWhole(env *Env, c *Call, x value.Value, f func(float64) float64, d func(value.Value) value.Value) (value.Value, error) {
	n, err := toNumber(env, x)
	if err != nil {
		return value.Null, err
	}
	switch n.Kind() {
	case value.KindFloat:
		return value.Float(f(n.Float64())), nil
	case value.KindDecimal:
		n = d(n)
		if i, cut := n.AsInt(); !cut && (c.Typ.Dynamic || c.Typ.ID != value.TypeDecimal) {
			return value.Int(i), nil
		}
	}
	return n, nil
}

// bindRound types ROUND and TRUNCATE.
func bindRound(b *binder, c *Call) error {
	args := append([]Expr(nil), c.Args...)
	args[0] = numeric(args[0])
	c.Args = args
	if err := bindNumeric(nil)(b, &Call{Args: args[:1], Typ: c.Typ}); err != nil {
		return err
	}
	t := args[0].Type()
	whole, scale := numericShape(t)
	places, constant := int64(0), true
	if len(args) == 2 {
		places, constant = c.constInt(1)
	}
	notNull := c.notNull()
	switch cl := arithClass(t); cl {
	case classInt, classNull:
		c.Typ = intType(notNull)
		c.Typ.Unsigned = isUnsigned(t)
	case classDecimal:
		out := scale
		if constant {
			out = int(min(max(places, 0), value.MaxDecimalScale))
		}
		if c.Name == "round" && out < scale {
			whole++
		}
		c.Typ = decimalType(whole+out, out, notNull)
	default:
		c.Typ = doubleType(notNull)
		c.Typ.Dynamic = cl == classDynamic
	}
	return nil
}

func evalRound(env *Env, c *Call, x, y value.Value) (value.Value, error) {
	return roundTo(env, c, x, y, false)
}

func evalTruncate(env *Env, c *Call, x, y value.Value) (value.Value, error) {
	return roundTo(env, c, x, y, true)
}

func roundTo(env *Env, c *Call, x, y value.Value, cut bool) (value.Value, error) {
	places := int64(0)
	if len(c.Args) == 2 {
		p, err := toIndex(env, y)
		if err != nil {
			return value.Null, err
		}
		places = min(max(p, -400), 400)
	}
	n, err := toNumber(env, x)
	if err != nil {
		return value.Null, err
	}
	switch n.Kind() {
	case value.KindFloat:
		return value.Float(roundFloat(n.Float64(), int(places), cut)), nil
	case value.KindDecimal:
		how := value.DecimalRound
		if cut {
			how = value.DecimalCut
		}
		places = min(max(places, -100), value.MaxDecimalScale)
		n = how(n, int(min(places, int64(n.Scale()))))
		if c.Typ.ID == value.TypeDecimal && !c.Typ.Dynamic {
			n = value.Rescale(n, c.Typ.Scale)
		}
		return n, nil
	}
	if places >= 0 {
		return n, nil
	}
	return c.roundInt(n, -places, cut)
}

// roundInt rounds an integer to a multiple of 10^digits.
func (c *Call) roundInt(n value.Value, digits int64, cut bool) (value.Value, error) {
	neg, m := magnitude(n)
	if digits > 20 {
		m = 0
	} else {
		p := uint64(1)
		for i := int64(0); i < digits && p != 0; i++ {
			hi, lo := bits.Mul64(p, 10)
			if p = lo; hi != 0 {
				p = 0
			}
		}
		switch {
		case p == 0:
			m = 0
		case cut || m%p < p-m%p:
			m -= m % p
		default:
			up := m - m%p + p
			if up < m {
				return value.Null, outOfRange("BIGINT", c)
			}
			m = up
		}
	}
	v, ok := signedMagnitude(neg && m != 0, m, n.Kind() == value.KindUint)
	if !ok {
		return value.Null, outOfRange("BIGINT", c)
	}
	return v, nil
}

// roundFloat rounds a double to places digits as MySQL does: by scaling with a power of ten, to even at the half.
func roundFloat(f float64, places int, cut bool) float64 {
	p := math.Pow10(min(max(places, -places), 308))
	var scaled float64
	switch {
	case places < 0 && (math.IsInf(p, 0) || places < -308):
		return 0
	case places >= 0 && (math.IsInf(f*p, 0) || places > 308):
		return f
	case places < 0:
		scaled = f / p
	default:
		scaled = f * p
	}
	switch {
	case cut:
		scaled = math.Trunc(scaled)
	default:
		scaled = math.RoundToEven(scaled)
	}
	if places < 0 {
		return scaled * p
	}
	return scaled / p
}

func evalSign(env *Env, c *Call, x value.Value) (value.Value, error) {
	n, err := toNumber(env, x)
	if err != nil {
		return value.Null, err
	}
	return value.Int(int64(value.CompareNumeric(n, value.Int(0)))), nil
}

// bindMod makes MOD(a, b) the operator %.
func bindMod(b *binder, c *Call) error {
	a := newArith(OpMod, numeric(c.Args[0]), numeric(c.Args[1]), b.s)
	c.Args, c.Typ = []Expr{a}, a.Typ
	return nil
}

func evalInner(env *Env, c *Call) (value.Value, error) { return c.Args[0].Eval(env) }

func floats2(env *Env, x, y value.Value) (a, b float64, err error) {
	if a, err = toFloat(env, x); err != nil {
		return 0, 0, err
	}
	b, err = toFloat(env, y)
	return a, b, err
}

func evalPow(env *Env, c *Call, x, y value.Value) (value.Value, error) {
	a, b, err := floats2(env, x, y)
	if err != nil {
		return value.Null, err
	}
	return c.finite(math.Pow(a, b))
}

func evalExp(env *Env, c *Call, x value.Value) (value.Value, error) {
	f, err := toFloat(env, x)
	if err != nil {
		return value.Null, err
	}
	return c.finite(math.Exp(f))
}

func evalCot(env *Env, c *Call, x value.Value) (value.Value, error) {
	f, err := toFloat(env, x)
	if err != nil {
		return value.Null, err
	}
	return c.finite(1 / math.Tan(f))
}

func evalAtan(env *Env, c *Call, x, y value.Value) (value.Value, error) {
	a, err := toFloat(env, x)
	if err != nil {
		return value.Null, err
	}
	if len(c.Args) == 1 {
		return value.Float(math.Atan(a)), nil
	}
	b, err := toFloat(env, y)
	return value.Float(math.Atan2(a, b)), err
}

// badLogarithm is NULL with warning 3020.
func badLogarithm(env *Env) (value.Value, error) {
	return value.Null, env.Warn(sqlerr.New(errLogarithm))
}

func logFunc(f func(float64) float64) func(*Env, *Call, value.Value) (value.Value, error) {
	return func(env *Env, c *Call, x value.Value) (value.Value, error) {
		v, err := toFloat(env, x)
		if err != nil {
			return value.Null, err
		}
		if v <= 0 {
			return badLogarithm(env)
		}
		return value.Float(f(v)), nil
	}
}

func evalLog(env *Env, c *Call, x, y value.Value) (value.Value, error) {
	if len(c.Args) == 1 {
		return logFunc(math.Log)(env, c, x)
	}
	base, v, err := floats2(env, x, y)
	if err != nil {
		return value.Null, err
	}
	if base <= 0 || base == 1 || v <= 0 {
		return badLogarithm(env)
	}
	return value.Float(math.Log(v) / math.Log(base)), nil
}

func bindPi(_ *binder, c *Call) error {
	c.Typ = doubleType(true)
	c.Typ.Scale = 6
	c.Typ.Precision = 8
	return nil
}

// generator is MySQL's pseudo-random sequence.
type generator struct{ seed1, seed2 uint32 }

const randMax = 0x3FFFFFFF

func seeded(seed uint32) *generator {
	return &generator{(seed*0x10001 + 55555555) % randMax, (seed * 0x10000001) % randMax}
}

func (g *generator) next() float64 {
	g.seed1 = uint32((uint64(g.seed1)*3 + uint64(g.seed2)) % randMax)
	g.seed2 = uint32((uint64(g.seed1) + uint64(g.seed2) + 33) % randMax)
	return float64(g.seed1) / randMax
}

// evalRand is RAND() of the session's sequence, and RAND(seed): with a constant seed one sequence per execution,
// otherwise the first number of each row's seed.
func evalRand(env *Env, c *Call) (value.Value, error) {
	if len(c.Args) == 0 {
		return value.Float(env.Run.Session.random().next()), nil
	}
	seed := func() (uint32, error) {
		v, err := c.Args[0].Eval(env)
		if err != nil || v.IsNull() {
			return 0, err
		}
		n, _, err := toInt(env, v)
		return uint32(n), err
	}
	if !IsConst(c.Args[0]) {
		n, err := seed()
		return value.Float(seeded(n).next()), err
	}
	var failed error
	g := state(env.Run, c, func() *generator {
		n, err := seed()
		failed = err
		return seeded(n)
	})
	return value.Float(g.next()), failed
}

func evalCRC32(_ *Env, _ *Call, x value.Value) (value.Value, error) {
	return value.Uint(uint64(crc32.ChecksumIEEE([]byte(textOf(x))))), nil
}

// evalConv is CONV(n, from, to); a negative base means signed.
func evalConv(env *Env, c *Call, x, y, z value.Value) (value.Value, error) {
	from, err := toIndex(env, y)
	if err != nil {
		return value.Null, err
	}
	to, err := toIndex(env, z)
	if err != nil {
		return value.Null, err
	}
	abs := func(n int64) int64 { return max(n, -n) }
	if abs(from) < 2 || abs(from) > 36 || abs(to) < 2 || abs(to) > 36 || from == math.MinInt64 || to == math.MinInt64 {
		return value.Null, nil
	}
	text := textOf(x)
	if text == "" {
		return value.Null, nil
	}
	if x.Kind() == value.KindBit {
		text, from = strconv.FormatUint(x.Raw64(), 10), 10
	}
	return c.str(env, formatBase(parseBase(text, int(abs(from)), from < 0), int(to)))
}

// parseBase reads the number at the head of s in a base, clamped to 64 bits.
func parseBase(s string, base int, signed bool) uint64 {
	s = strings.TrimLeft(s, " \t\n\v\f\r")
	neg := false
	if s != "" && (s[0] == '-' || s[0] == '+') {
		neg = s[0] == '-'
		s = s[1:]
	}
	var n uint64
	over := false
	for i := 0; i < len(s); i++ {
		d := digitOf(s[i])
		if d >= base {
			break
		}
		hi, lo := bits.Mul64(n, uint64(base))
		sum, carry := bits.Add64(lo, uint64(d), 0)
		over = over || hi != 0 || carry != 0
		n = sum
	}
	switch {
	case signed && neg && (over || n > 1<<63):
		return 1 << 63
	case signed && !neg && (over || n > math.MaxInt64):
		return math.MaxInt64
	case over:
		return math.MaxUint64
	case neg:
		return -n
	}
	return n
}

func digitOf(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'z':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'Z':
		return int(c-'A') + 10
	}
	return 99
}

func formatBase(n uint64, base int) string {
	if base < 0 {
		return strings.ToUpper(strconv.FormatInt(int64(n), -base))
	}
	return strings.ToUpper(strconv.FormatUint(n, base))
}

// baseFunc is BIN and OCT: CONV(n, 10, base).
func baseFunc(base int) func(*Env, *Call, value.Value) (value.Value, error) {
	return func(env *Env, c *Call, x value.Value) (value.Value, error) {
		switch x.Kind() {
		case value.KindInt, value.KindUint, value.KindBit:
			return c.str(env, formatBase(x.Raw64(), base))
		}
		text := textOf(x)
		if text == "" {
			return value.Null, nil
		}
		return c.str(env, formatBase(parseBase(text, 10, false), base))
	}
}

func evalBitCount(env *Env, c *Call, x value.Value) (value.Value, error) {
	if t := c.Args[0].Type(); x.Kind() == value.KindBytes && !t.Hex {
		n := 0
		for i := 0; i < len(x.Str()); i++ {
			n += bits.OnesCount8(x.Str()[i])
		}
		return value.Int(int64(n)), nil
	}
	if x.Kind() == value.KindBytes {
		return value.Int(int64(bits.OnesCount64(hexNumber(x.Str())))), nil
	}
	n, err := toBits(env, x)
	return value.Int(int64(bits.OnesCount64(n))), err
}

// evalFormat is FORMAT(x, d[, locale]): grouped by thousands.
func evalFormat(env *Env, c *Call, x, y, z value.Value) (value.Value, error) {
	places, err := toIndex(env, y)
	if err != nil {
		return value.Null, err
	}
	places = min(max(places, 0), value.MaxDecimalScale)
	n, err := toNumber(env, x)
	if err != nil {
		return value.Null, err
	}
	var text string
	if n.Kind() == value.KindFloat {
		f := roundFloat(n.Float64(), int(places), false)
		text = strconv.FormatFloat(f, 'f', int(places), 64)
	} else {
		d, _ := n.AsDecimal()
		text = value.Rescale(value.DecimalRound(d, int(places)), uint8(places)).DecimalString()
	}
	group, point := ",", "."
	if len(c.Args) == 3 {
		if group, point, err = numberLocale(env, z.Text()); err != nil {
			return value.Null, err
		}
	}
	return c.str(env, grouped(text, group, point))
}

func grouped(text, group, point string) string {
	var b strings.Builder
	if text[0] == '-' {
		b.WriteByte('-')
		text = text[1:]
	}
	whole, frac, has := strings.Cut(text, ".")
	for i := 0; i < len(whole); i++ {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(group)
		}
		b.WriteByte(whole[i])
	}
	if has {
		b.WriteString(point + frac)
	}
	return b.String()
}

// numberLocales are the separators of locales that differ from en_US.
var numberLocales = map[string][2]string{
	"de_de": {".", ","}, "da_dk": {".", ","}, "nl_nl": {"", ","}, "es_es": {"", ","}, "it_it": {"", ","},
	"fr_fr": {"", ","}, "pt_br": {"", ","}, "pl_pl": {"", ","}, "ru_ru": {".", ","}, "de_ch": {"'", "."},
	"de_at": {"", ","}, "sv_se": {"", ","}, "nb_no": {"", ","}, "fi_fi": {"", ","}, "tr_tr": {".", ","},
}

func numberLocale(env *Env, name string) (group, point string, err error) {
	key := strings.ToLower(name)
	if l, ok := numberLocales[key]; ok {
		return l[0], l[1], nil
	}
	if !strings.HasPrefix(key, "en_") && key != "ja_jp" && key != "zh_cn" && key != "zh_tw" && key != "ko_kr" {
		err = env.Warn(sqlerr.New(errUnknownLocale, name))
	}
	return ",", ".", err
}
