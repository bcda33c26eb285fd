package arch

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/worktable-go/worktable"

// layers lists what each top-level folder may import beyond the standard library and its own packages. Imports go
// downward only: driver → sqlmap → engine, driver → persistence → engine.
var layers = map[string][]string{
	"engine": {
		"github.com/google/btree",
		"golang.org/x/text/", // collation weights
	},
	"persistence": {
		module + "/engine",
		"github.com/gofrs/flock",
		"golang.org/x/sys/",
	},
	"sqlmap": {
		module + "/engine",
		"github.com/xwb1989/sqlparser",
		"golang.org/x/text/",
	},
	"driver": {
		module + "/engine", module + "/sqlmap", module + "/persistence",
		"github.com/go-sql-driver/mysql",
	},
	"internal": {},
}

// testOnly may be imported by any test.
var testOnly = []string{"github.com/stretchr/testify/", "github.com/jmoiron/sqlx", "github.com/go-sql-driver/mysql", module + "/"}

func TestImportsGoDownward(t *testing.T) {
	root := repositoryRoot(t)
	checked := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); rel != "." && (strings.HasPrefix(name, ".") || name == "testdata" || rel == "examples" || rel == "bench") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		layer, _, _ := strings.Cut(filepath.ToSlash(rel), "/")
		allowed, known := layers[layer]
		if !known {
			t.Errorf("%s: no layer named %q is declared", rel, layer)
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		checked++
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if !permitted(layer, imported, allowed, strings.HasSuffix(path, "_test.go")) {
				t.Errorf("%s imports %s: layer %q may not", rel, imported, layer)
			}
		}
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, checked, 20, "the walk found too few files to mean anything")
}

func permitted(layer, imported string, allowed []string, test bool) bool {
	first, _, _ := strings.Cut(imported, "/")
	if !strings.Contains(first, ".") { // standard library
		return true
	}
	if under(imported, module+"/"+layer) {
		return true
	}
	for _, a := range allowed {
		if under(imported, a) {
			return true
		}
	}
	if test {
		for _, a := range testOnly {
			if under(imported, a) {
				return true
			}
		}
	}
	return false
}

func under(path, prefix string) bool {
	prefix = strings.TrimSuffix(prefix, "/")
	return path == prefix || strings.HasPrefix(path, prefix+"/")
}

func repositoryRoot(t *testing.T) string {
	dir, err := os.Getwd()
	require.NoError(t, err)
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		require.NotEqual(t, up, dir, "go.mod not found")
		dir = up
	}
}
