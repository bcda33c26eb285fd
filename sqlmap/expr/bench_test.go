package expr

import (
	"testing"

	"github.com/worktable-go/worktable/engine/value"
)

// benchPredicate measures a compiled condition over the row of judgeColumns.
func benchPredicate(b *testing.B, text string, params ...value.Value) {
	scope, row := judgeScope()
	scope.params = params
	raw, err := parseExpr(text)
	if err != nil {
		b.Fatal(err)
	}
	e, err := Bind(raw, scope)
	if err != nil {
		b.Fatal(err)
	}
	p := CompilePredicate(e)
	env := NewEnv(&Run{Session: scope.session, Now: testNow, Params: params})
	env.Row = row
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p(env); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPredicate(b *testing.B) {
	for _, c := range []struct {
		name, text string
		params     []value.Value
	}{
		{"IntGreater", "i > 41", nil},
		{"IntLessEqual", "i <= 41", nil},
		{"IntParam", "i = ?", []value.Value{value.Int(42)}},
		{"FloatGreater", "f > 2.0e0", nil},
		{"DecimalGreater", "d > 12.25", nil},
		{"StringEqual", "s = 'abc'", nil},
		{"StringParam", "s = ?", []value.Value{value.String("abc")}},
		{"DateRange", "da >= '2024-01-01' and da < '2025-01-01'", nil},
		{"IntBetween", "i between 40 and 50", nil},
		{"IntIn", "i in (1,2,3,42,5,6,7,8)", nil},
		{"StringIn", "s in ('x','y','z','abc')", nil},
		{"LikePrefix", "s like 'ab%'", nil},
		{"LikeFold", "sci like '%cod%'", nil},
		{"IsNull", "n is null", nil},
		{"And3", "i > 41 and s = 'abc' and n is null", nil},
		{"Arithmetic", "i * 2 + 1 > 80", nil},
	} {
		b.Run(c.name, func(b *testing.B) { benchPredicate(b, c.text, c.params...) })
	}
}

func BenchmarkBind(b *testing.B) {
	scope, _ := judgeScope()
	raw, err := parseExpr("i > 41 and s = 'abc' and (d + 1) * 2 between 1 and 100")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Bind(raw, scope); err != nil {
			b.Fatal(err)
		}
	}
}
