package driver_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/persistence"
)

// Who opens a damaged directory through database/sql is told which file is damaged and where.
func TestFile_damageIsNamed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "db")
	db, err := sql.Open("worktable", "file:"+dir)
	require.NoError(t, err)
	exec(t, db, "CREATE TABLE n (a INT); INSERT INTO n VALUES (1)")
	require.NoError(t, db.Close())

	names, err := filepath.Glob(filepath.Join(dir, "main", "*.wt.data"))
	require.NoError(t, err)
	require.Len(t, names, 1)
	data, err := os.ReadFile(names[0])
	require.NoError(t, err)
	data[len(data)-1] ^= 0xff
	require.NoError(t, os.WriteFile(names[0], data, 0o600))

	db = open(t, "file:"+dir)
	err = db.Ping()
	require.Equal(t, uint16(1712), number(t, err))
	require.ErrorIs(t, err, persistence.ErrCorrupt)
	require.ErrorContains(t, err, filepath.Base(names[0]))
	var damage *persistence.CorruptError
	require.ErrorAs(t, err, &damage)
	require.EqualValues(t, 1, damage.Page)
}
