package jsondoc

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func parse(t *testing.T, s string) *Node {
	t.Helper()
	n, err := Parse(s)
	require.NoError(t, err, s)
	return n
}

func TestParsePrint(t *testing.T) {
	for in, want := range map[string]string{
		` { "b" : 1 , "a":[ ] , "b":2}`: `{"a": [], "b": 2}`, `"\u00e9\ud83d\ude00\n"`: `"é😀\n"`, `[1,-0.5e+10,null,true]`: `[1, -0.5e+10, null, true]`,
		`{"bb":1,"c":2,"aaa":3}`: `{"c": 2, "bb": 1, "aaa": 3}`, `"\/"`: `"/"`,
	} {
		require.Equal(t, want, parse(t, in).String())
	}
	for _, bad := range []string{"", "[", "{", `{"a"}`, `{"a":}`, "[1,]", "01", "1.", "1e", "+1", `"`, `"\x"`, `"\ud800"`, "nul", "[1]2", "{a:1}", "\"\x01\"", "\"\xff\""} {
		_, err := Parse(bad)
		require.Error(t, err, bad)
	}
	_, err := Parse(strings.Repeat("[", 200) + strings.Repeat("]", 200))
	var se *SyntaxError
	require.ErrorAs(t, err, &se)
	require.True(t, se.Deep)
}

func TestPaths(t *testing.T) {
	doc := parse(t, `{"a":{"b":[1,2,{"c":"x"}]},"d e":{"c":5},"l":[[1],[2]]}`)
	for path, want := range map[string]string{
		"$.a.b[0]": "[1]", "$.a.b[last]": `[{"c": "x"}]`, "$.a.b[last-1]": "[2]", "$.a.b[0 to 1]": "[1, 2]", `$."d e".c`: "[5]", "$**.c": `[5, "x"]`,
		"$.l[*][0]": "[1, 2]", "$.zz": "[]", "$.a.b[1][0]": "[2]", "$ . a . b [ 0 ]": "[1]", "$.*.c": "[5]", "$**[0]": "",
	} {
		p, err := ParsePath(path)
		require.NoError(t, err, path)
		got := NewArray(p.Find(doc)...).String()
		if path == "$**.c" {
			require.ElementsMatch(t, []string{`"x"`, "5"}, strings.Split(strings.Trim(got, "[]"), ", "))
		} else if want != "" {
			require.Equal(t, want, got, path)
		}
	}
	for _, bad := range []string{"", "a", "$.", "$[", "$[a]", "$**", "$.a.", "$[1 to 0]", "$[last to 0]", `$."a`, "$[99999999999]", "$x"} {
		_, err := ParsePath(bad)
		if bad == "$[last to 0]" {
			continue
		}
		require.Error(t, err, bad)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`{"a":[1,"x",{"b":null}]}`, "$.a[2].b")
	f.Add(`[[1],2]`, "$**[0]")
	f.Fuzz(func(t *testing.T, text, path string) {
		n, err := Parse(text)
		if err != nil {
			return
		}
		again, err := Parse(n.String())
		if err != nil || Compare(n, again) != 0 {
			t.Fatalf("%q prints as %q, %v", text, n.String(), err)
		}
		p, err := ParsePath(path)
		if err != nil {
			return
		}
		p.Find(n)
		p.FindWithPaths(n, func([]byte, *Node) bool { return true })
		if !p.Wildcard() {
			Edit(n.Clone(), p, NewInt(1), Set)
			if !p.IsRoot() {
				Remove(n.Clone(), p)
			}
		}
		if MergePreserve(n.Clone(), n.Clone()) == nil || !Contains(n, n) {
			t.Fatalf("%q does not contain itself", text)
		}
	})
}
