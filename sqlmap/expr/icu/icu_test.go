package icu

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCompile(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		opt           Options
		want          bool
	}{
		{`^a.c$`, "abc", Options{}, true}, {`a.c`, "a\nc", Options{}, false}, {`a.c`, "a\nc", Options{DotAll: true}, true},
		{`\d+`, "٣", Options{}, true}, {`^\w+$`, "é_1", Options{}, true}, {`[\d\s]+x`, "1 x", Options{}, true}, {`[[:alpha:]]`, "é", Options{}, true},
		{`ABC`, "abc", Options{IgnoreCase: true}, true}, {`^b`, "a\nb", Options{MultiLine: true}, true}, {`\bfoo\b`, "a foo b", Options{}, true},
		{`(?i)ABC`, "abc", Options{}, true}, {`a{2}`, "aa", Options{}, true}, {`\Qa.b\E`, "a.b", Options{}, true}, {`\Qa.b`, "axb", Options{}, false},
		{`\x41\u0042`, "AB", Options{}, true}, {`(?<n>a)`, "a", Options{}, true}, {`[^\]]`, "]", Options{}, false}, {`[]a]`, "]", Options{}, true},
		{`\p{Lu}`, "É", Options{}, true}, {`a|`, "", Options{}, true}, {`\.`, "x", Options{}, false}, {`\S+`, " ", Options{}, false},
	} {
		re, err := Compile(c.pattern, c.opt)
		require.NoError(t, err, c.pattern)
		require.Equal(t, c.want, re.MatchString(c.text), c.pattern)
	}
	for pattern, reason := range map[string]Reason{
		"(?=a)": Unsupported, `(a)\1`: Unsupported, "a++": Unsupported, "(?>a)": Unsupported, "(": Paren, "a)": Paren, "[a": Bracket, "a{3,2}": MaxBelowMin,
		"a{x}": Interval, `\q`: BadEscape, `\`: BadEscape, "*a": Syntax, "": Empty, "[b-a]": Range, "[a&&b]": Unsupported, "(?x)a": Unsupported,
	} {
		_, err := Compile(pattern, Options{})
		var e *Error
		require.ErrorAs(t, err, &e, pattern)
		require.Equal(t, reason, e.Reason, pattern)
	}
}

func FuzzCompile(f *testing.F) {
	for _, s := range []string{`a+?b`, `[[:alpha:]\d]`, `\Qa\E{2,}`, `(?i:x)`, `\u00e9|\x{41}`} {
		f.Add(s, "abc")
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if re, err := Compile(pattern, Options{IgnoreCase: true}); err == nil {
			re.MatchString(text)
			if m := re.FindStringSubmatchIndex(text); m != nil {
				AppendReplacement(nil, "$0$1x", text, m)
			}
		}
	})
}
