// Package sqlmode reads and prints sql_mode values, and tells the parser what they mean for it.
package sqlmode

import (
	"strings"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/parse"
)

// A modeName is one word of sql_mode. Words with several flags are MySQL's combinations; words without are accepted
// because they concern what does not exist here.
type modeName struct {
	name string
	flag expr.SQLMode
}

// modeNames is in the order in which MySQL prints @@sql_mode.
var modeNames = []modeName{
	{"REAL_AS_FLOAT", expr.ModeRealAsFloat},
	{"PIPES_AS_CONCAT", expr.ModePipesAsConcat},
	{"ANSI_QUOTES", expr.ModeANSIQuotes},
	{"IGNORE_SPACE", expr.ModeIgnoreSpace},
	{"ONLY_FULL_GROUP_BY", expr.ModeOnlyFullGroupBy},
	{"NO_UNSIGNED_SUBTRACTION", expr.ModeNoUnsignedSubtraction},
	{"NO_DIR_IN_CREATE", modeNoDirInCreate},
	{"NO_AUTO_VALUE_ON_ZERO", expr.ModeNoAutoValueOnZero},
	{"NO_BACKSLASH_ESCAPES", expr.ModeNoBackslashEscapes},
	{"STRICT_TRANS_TABLES", expr.ModeStrict},
	{"STRICT_ALL_TABLES", modeStrictAll},
	{"NO_ZERO_IN_DATE", expr.ModeNoZeroInDate},
	{"NO_ZERO_DATE", expr.ModeNoZeroDate},
	{"ALLOW_INVALID_DATES", expr.ModeAllowInvalidDates},
	{"ERROR_FOR_DIVISION_BY_ZERO", expr.ModeErrorForDivision},
	{"HIGH_NOT_PRECEDENCE", expr.ModeHighNotPrecedence},
	{"NO_ENGINE_SUBSTITUTION", expr.ModeNoEngineSubstitution},
	{"PAD_CHAR_TO_FULL_LENGTH", expr.ModePadCharToFullLength},
	{"TIME_TRUNCATE_FRACTIONAL", expr.ModeTimeTruncateFractional},
}

// Flags that only this file knows: they are kept so that they print back.
const (
	modeNoDirInCreate expr.SQLMode = 1 << 30
	modeStrictAll     expr.SQLMode = 1 << 29
)

// modeGroups are words that stand for several.
var modeGroups = map[string]expr.SQLMode{
	"ANSI": expr.ModeRealAsFloat | expr.ModePipesAsConcat | expr.ModeANSIQuotes | expr.ModeIgnoreSpace |
		expr.ModeOnlyFullGroupBy,
	"TRADITIONAL": expr.ModeStrict | modeStrictAll | expr.ModeNoZeroInDate | expr.ModeNoZeroDate |
		expr.ModeErrorForDivision | expr.ModeNoEngineSubstitution,
}

// Parse reads a sql_mode value. Error 1231.
func Parse(text string) (expr.SQLMode, error) {
	var m expr.SQLMode
words:
	for _, word := range strings.Split(text, ",") {
		word = strings.ToUpper(strings.TrimSpace(word))
		if word == "" {
			continue
		}
		if word == "DEFAULT" {
			m |= expr.DefaultSQLMode
			continue
		}
		if g, ok := modeGroups[word]; ok {
			m |= g
			continue
		}
		for _, n := range modeNames {
			if n.name == word {
				m |= n.flag
				continue words
			}
		}
		return 0, sqlerr.New(sqlerr.WrongVariableValue, "sql_mode", word)
	}
	if m&modeStrictAll != 0 {
		m |= expr.ModeStrict
	}
	return m, nil
}

// Format prints a mode as @@sql_mode does.
func Format(m expr.SQLMode) string {
	var words []string
	for _, n := range modeNames {
		if m&n.flag != 0 {
			words = append(words, n.name)
		}
	}
	return strings.Join(words, ",")
}

// ParserOptions returns the parser's view of the mode; maxBytes bounds the statement, 0 for the parser's default.
func ParserOptions(m expr.SQLMode, maxBytes int) parse.Options {
	o := parse.Options{MaxBytes: maxBytes}
	for _, f := range []struct {
		mode expr.SQLMode
		flag parse.Mode
	}{
		{expr.ModeANSIQuotes, parse.ANSIQuotes},
		{expr.ModePipesAsConcat, parse.PipesAsConcat},
		{expr.ModeNoBackslashEscapes, parse.NoBackslashEscapes},
		{expr.ModeHighNotPrecedence, parse.HighNotPrecedence},
		{expr.ModeIgnoreSpace, parse.IgnoreSpace},
	} {
		if m&f.mode != 0 {
			o.SQLMode |= f.flag
		}
	}
	return o
}
