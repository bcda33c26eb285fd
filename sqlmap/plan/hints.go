package plan

import (
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

// indexHint is USE, FORCE or IGNORE INDEX with the positions of the indexes it names.
type indexHint struct {
	kind    string
	purpose string
	indexes []int
}

func resolveHints(def *schema.Table, alias string, hints []ast.IndexHint) ([]indexHint, error) {
	var out []indexHint
	for _, h := range hints {
		ih := indexHint{kind: h.Kind, purpose: h.For}
		for _, id := range h.Indexes {
			pos := findIndex(def, id.String())
			if pos < 0 {
				return nil, sqlerr.New(sqlerr.KeyDoesNotExist, id.String(), alias)
			}
			ih.indexes = append(ih.indexes, pos)
		}
		out = append(out, ih)
	}
	return out, nil
}

// findIndex finds an index by name or by an unambiguous start of its name, as MySQL does.
func findIndex(def *schema.Table, name string) int {
	if pos := def.IndexByName(name); pos >= 0 {
		return pos
	}
	found := -1
	for i := range def.Indexes {
		n := def.Indexes[i].Name
		if len(n) > len(name) && strings.EqualFold(n[:len(name)], name) {
			if found >= 0 {
				return -1
			}
			found = i
		}
	}
	return found
}

// mayUse reports whether hints allow an index for a purpose ("join" for finding rows, "order by", "group by"), and
// whether they demand one of those allowed rather than a full scan.
func (s *Scan) mayUse(pos int, purpose string) (allowed, forced bool) {
	allowed = !s.Table.Def().Indexes[pos].Hidden
	listed, anyUse := false, false
	for _, h := range s.hints {
		if h.purpose != "" && h.purpose != purpose {
			continue
		}
		in := false
		for _, i := range h.indexes {
			in = in || i == pos
		}
		switch h.kind {
		case sqlparser.IgnoreStr:
			if in {
				return false, false
			}
		default:
			anyUse = true
			listed = listed || in
			if h.kind == sqlparser.ForceStr && in {
				forced = true
			}
		}
	}
	if anyUse && !listed {
		return false, false
	}
	return allowed, forced
}
