// Package corpus finds the data of tests that is not part of the repository: other engines' test files and recordings
// of what tools send. Tests that need it skip, and say so, where it is missing.
package corpus

import (
	"os"
	"path/filepath"
	"testing"
)

// Dir returns the folder of the data called name: below WORKTABLE_DATA, or below shared/data in a folder above the
// package under test.
func Dir(t testing.TB, name string) string {
	t.Helper()
	if root := os.Getenv("WORKTABLE_DATA"); root != "" {
		return filepath.Join(root, name)
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		found := filepath.Join(dir, "shared", "data", name)
		if _, err := os.Stat(found); err == nil {
			return found
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Skipf("the data is not here: put it at shared/data/%s in a folder above, or set WORKTABLE_DATA", name)
		}
		dir = up
	}
}
