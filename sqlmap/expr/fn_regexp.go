package expr

import (
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr/icu"
)

func init() {
	register(map[string]*function{
		"regexp_like":    {min: 2, max: 3, bind: bindRegexp(returnsNullable(returnsInt)), fn: evalRegexpLike},
		"regexp_instr":   {min: 2, max: 6, bind: bindRegexp(returnsNullable(returnsInt)), fn: evalRegexpInstr},
		"regexp_substr":  {min: 2, max: 5, bind: bindRegexp(returnsString(nil, 0)), fn: evalRegexpSubstr},
		"regexp_replace": {min: 3, max: 6, bind: bindRegexp(returnsString(func(*Call) int { return -1 }, 0, 2)), fn: evalRegexpReplace},
	})
}

func bindRegexp(rule func(*binder, *Call) error) func(*binder, *Call) error {
	return func(b *binder, c *Call) error {
		coll, _, err := mergeCollations(c.Name, b.conn, true, c.Args[0].Type(), c.Args[1].Type())
		if err != nil {
			return err
		}
		c.aux = collationOf{coll}
		return rule(b, c)
	}
}

// regexpCache keeps the last pattern of a call.
type regexpCache struct {
	pattern, flags string
	re             *regexp.Regexp
}

// regexp returns the compiled pattern; flags is the match_type argument.
func (c *Call) regexp(env *Env, pattern, flags string) (*regexp.Regexp, error) {
	cache := state(env.Run, c, func() *regexpCache { return &regexpCache{} })
	if cache.re != nil && cache.pattern == pattern && cache.flags == flags {
		return cache.re, nil
	}
	coll := collate.Get(c.aux.(collationOf).id)
	opt := icu.Options{IgnoreCase: !coll.Bytewise}
	for _, f := range flags {
		switch f {
		case 'i':
			opt.IgnoreCase = true
		case 'c':
			opt.IgnoreCase = false
		case 'm':
			opt.MultiLine = true
		case 'n':
			opt.DotAll = true
		case 'u':
			opt.UnixLines = true
		default:
			return nil, sqlerr.New(sqlerr.WrongArguments, c.Name)
		}
	}
	re, err := icu.Compile(pattern, opt)
	if err != nil {
		return nil, regexpError(err)
	}
	*cache = regexpCache{strings.Clone(pattern), strings.Clone(flags), re}
	return re, nil
}

// regexpError gives an error of package icu MySQL's number.
func regexpError(err error) error {
	var e *icu.Error
	if !errors.As(err, &e) {
		return err
	}
	codes := map[icu.Reason]*sqlerr.Code{
		icu.Syntax: errRegexpSyntax, icu.BadEscape: errRegexpEscape, icu.Unsupported: errRegexpUnsupported,
		icu.Paren: errRegexpParen, icu.Interval: errRegexpInterval, icu.MaxBelowMin: errRegexpMaxMin,
		icu.Bracket: errRegexpBracket, icu.Range: errRegexpRange, icu.TooBig: errRegexpTooBig, icu.Empty: errRegexpEmpty,
	}
	if e.Reason == icu.Syntax {
		return sqlerr.New(codes[e.Reason], 1, e.Pos+1)
	}
	return sqlerr.New(codes[e.Reason])
}

// regexpArgs are the optional arguments of the REGEXP_ functions.
type regexpArgs struct {
	text       string
	from       int // byte offset where the search starts
	occurrence int64
	re         *regexp.Regexp
}

// regexpSetup reads (subject, pattern, …, pos, occurrence, …, match_type); pos is the index of the position argument and
// flags that of match_type.
func (c *Call) regexpSetup(env *Env, a []value.Value, pos, flags int) (r regexpArgs, err error) {
	r.text, r.occurrence = textOf(a[0]), 1
	mode := ""
	if len(a) > flags {
		mode = textOf(a[flags])
	}
	if r.re, err = c.regexp(env, textOf(a[1]), mode); err != nil {
		return r, err
	}
	if pos > 0 && len(a) > pos {
		n, err := toIndex(env, a[pos])
		if err != nil {
			return r, err
		}
		if n < 1 || n > int64(utf8.RuneCountInString(r.text))+1 {
			return r, sqlerr.New(errRegexpIndex)
		}
		r.from = offset(r.text, n-1, false)
	}
	if pos > 0 && len(a) > pos+1 && flags > pos+1 {
		if r.occurrence, err = toIndex(env, a[pos+1]); err != nil {
			return r, err
		}
	}
	return r, nil
}

// find returns the occurrence asked for; nil when there are fewer.
func (r *regexpArgs) find() []int {
	n := max(r.occurrence, 1)
	if n > int64(len(r.text))+1 {
		return nil
	}
	all := r.re.FindAllStringIndex(r.text[r.from:], int(n))
	if int64(len(all)) < n {
		return nil
	}
	m := all[n-1]
	return []int{m[0] + r.from, m[1] + r.from}
}

func evalRegexpLike(env *Env, c *Call, a []value.Value) (value.Value, error) {
	r, err := c.regexpSetup(env, a, 0, 2)
	if err != nil {
		return value.Null, err
	}
	return value.Bool(r.re.MatchString(r.text)), nil
}

func evalRegexpInstr(env *Env, c *Call, a []value.Value) (value.Value, error) {
	r, err := c.regexpSetup(env, a, 2, 5)
	if err != nil {
		return value.Null, err
	}
	end := int64(0)
	if len(a) > 4 {
		if end, err = toIndex(env, a[4]); err != nil {
			return value.Null, err
		}
		if end != 0 && end != 1 {
			return value.Null, sqlerr.New(sqlerr.WrongArguments, "regexp_instr: return_option must be 1 or 0.")
		}
	}
	m := r.find()
	if m == nil {
		return value.Int(0), nil
	}
	return value.Int(int64(utf8.RuneCountInString(r.text[:m[end]])) + 1), nil
}

func evalRegexpSubstr(env *Env, c *Call, a []value.Value) (value.Value, error) {
	r, err := c.regexpSetup(env, a, 2, 4)
	if err != nil {
		return value.Null, err
	}
	m := r.find()
	if m == nil {
		return value.Null, nil
	}
	return c.str(env, r.text[m[0]:m[1]])
}

func evalRegexpReplace(env *Env, c *Call, a []value.Value) (value.Value, error) {
	r, err := c.regexpSetup(env, a, 3, 5)
	if err != nil {
		return value.Null, err
	}
	if len(a) < 5 {
		r.occurrence = 0
	}
	repl := textOf(a[2])
	limit := -1
	if r.occurrence > 0 {
		limit = int(min(r.occurrence, int64(len(r.text))+1))
	}
	var out []byte
	done := 0
	for i, m := range r.re.FindAllStringSubmatchIndex(r.text[r.from:], limit) {
		if r.occurrence > 0 && int64(i+1) != r.occurrence {
			continue
		}
		out = append(out, r.text[done:r.from+m[0]]...)
		var ok bool
		if out, ok = icu.AppendReplacement(out, repl, r.text[r.from:], m); !ok {
			return value.Null, sqlerr.New(errRegexpIndex)
		}
		done = r.from + m[1]
		if ok, err := c.room(env, int64(len(out))); !ok {
			return value.Null, err
		}
	}
	return c.str(env, string(append(out, r.text[done:]...)))
}
