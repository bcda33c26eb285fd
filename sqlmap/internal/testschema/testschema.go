// Package testschema makes table definitions from CREATE TABLE for tests of the planner and the executor, which stand
// below the packages that run DDL. It knows columns, types and keys, and nothing else.
package testschema

import (
	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

// Table returns the definition that a CREATE TABLE declares, in the schema d.
func Table(n *ast.CreateTable) *schema.Table {
	def := &schema.Table{Schema: "d", Name: n.Table.Name.String()}
	ids := map[string]uint32{}
	add := func(name string, kind ast.IndexKind, using string, parts ...ast.IndexPart) {
		ix := schema.Index{ID: uint32(len(def.Indexes) + 1), Name: name}
		ix.Unique = kind == ast.IndexUnique || kind == ast.IndexPrimary
		if ix.Primary = kind == ast.IndexPrimary; ix.Primary {
			ix.Name = "PRIMARY"
		}
		if using == "HASH" {
			ix.Kind = schema.Hash
		}
		for _, p := range parts {
			id := ids[p.Column.Lowered()]
			if ix.Name == "" {
				ix.Name = p.Column.String()
			}
			ix.Parts = append(ix.Parts, schema.KeyPart{Column: id, Prefix: uint32(p.Length), Desc: p.Desc})
			if ix.Primary {
				def.Columns[id-1].NotNull = true
			}
		}
		def.Indexes = append(def.Indexes, ix)
	}
	for i, c := range n.Columns {
		ids[c.Name.Lowered()] = uint32(i + 1)
		def.Columns = append(def.Columns, schema.Column{
			ID: uint32(i + 1), Name: c.Name.String(), Type: typeOf(&c.Type), NotNull: c.Null == ast.NullForbidden,
		})
	}
	for _, c := range n.Columns {
		if c.PrimaryKey {
			add("PRIMARY", ast.IndexPrimary, "", ast.IndexPart{Column: c.Name})
		}
		if c.Unique {
			add("", ast.IndexUnique, "", ast.IndexPart{Column: c.Name})
		}
	}
	for _, ix := range n.Indexes {
		add(ix.Name, ix.Kind, ix.Using, ix.Parts...)
	}
	def.NextColID, def.NextIdxID = uint32(len(def.Columns)+1), uint32(len(def.Indexes)+1)
	return def
}

func typeOf(s *ast.TypeSpec) value.Type {
	t := value.Type{ID: s.ID, Unsigned: s.Unsigned, Elements: s.Elements}
	switch s.ID {
	case value.TypeDecimal:
		t.Precision, t.Scale = 10, 0
		if s.HasLength {
			t.Precision, t.Scale = uint8(s.Length), uint8(s.Scale)
		}
	case value.TypeTime, value.TypeDateTime, value.TypeTimestamp:
		t.Scale = uint8(s.Length)
	default:
		t.Length = uint32(s.Length)
	}
	if t.IsCharacter() || s.ID == value.TypeEnum || s.ID == value.TypeSet {
		t.Collation = collate.Default
		if s.Collate != "" {
			t.Collation, _ = collate.ByName(s.Collate)
		}
	}
	if t.IsBinary() {
		t.Collation = collate.Binary
	}
	return t
}
