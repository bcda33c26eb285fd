package infoschema

import "github.com/worktable-go/worktable/engine/collate"

var collations = define("COLLATIONS", fillCollations,
	"COLLATION_NAME v64!", "CHARACTER_SET_NAME v64!", "ID ubigint!", "IS_DEFAULT v3!", "IS_COMPILED v3!", "SORTLEN uint!",
	"PAD_ATTRIBUTE enum PAD SPACE|NO PAD!",
)

func fillCollations(q *query) error {
	for _, c := range collate.All() {
		pad := "NO PAD"
		if c.PadSpace {
			pad = "PAD SPACE"
		}
		def := ""
		if c.IsDefault {
			def = "Yes"
		}
		q.add(c.Name, c.Charset, uint64(c.ID), def, "Yes", c.SortLen, pad)
	}
	return nil
}

var characterSets = define("CHARACTER_SETS", fillCharacterSets,
	"CHARACTER_SET_NAME v64!", "DEFAULT_COLLATE_NAME v64!", "DESCRIPTION v2048!", "MAXLEN uint!",
)

func fillCharacterSets(q *query) error {
	q.add("binary", collate.Binary.Name(), "Binary pseudo charset", 1)
	q.add("utf8mb4", collate.Default.Name(), "UTF-8 Unicode", 4)
	return nil
}

var applicability = define("COLLATION_CHARACTER_SET_APPLICABILITY", fillApplicability,
	"COLLATION_NAME v64!", "CHARACTER_SET_NAME v64!",
)

func fillApplicability(q *query) error {
	for _, c := range collate.All() {
		q.add(c.Name, c.Charset)
	}
	return nil
}
