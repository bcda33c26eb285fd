package main

import (
	"context"
	"database/sql"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAnswers compares the answers with those of a MariaDB that loaded the same script (recorded by record.sh).
func TestAnswers(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	for _, c := range []struct {
		name, dsn string
		load      bool
	}{{"memory", ":memory:", true}, {"file", "file:" + dir, true}, {"reopened", "file:" + dir, false}} {
		t.Run(c.name, func(t *testing.T) {
			db, err := open(ctx, c.dsn)
			require.NoError(t, err)
			defer func() { require.NoError(t, db.Close()) }()
			if c.load {
				var shown strings.Builder
				require.NoError(t, load(ctx, db, defaultScript(), &shown))
				require.Contains(t, shown.String(), "15607 rows")
			}
			require.Equal(t, 15607, countRows(t, db))
			for _, q := range questions {
				want, err := os.ReadFile(filepath.Join("testdata", "answers", q.Name+".tsv"))
				require.NoError(t, err)
				got, err := ask(db, q)
				require.NoError(t, err)
				require.Equal(t, string(want), got.tsv(), q.Text)
			}
		})
	}
}

// countRows counts the rows of all tables of the script.
func countRows(t *testing.T, db *sql.DB) int {
	total := 0
	for _, table := range []string{"Album", "Artist", "Customer", "Employee", "Genre", "Invoice", "InvoiceLine", "MediaType",
		"Playlist", "PlaylistTrack", "Track"} {
		var n int
		require.NoError(t, db.QueryRow("SELECT COUNT(*) FROM "+table).Scan(&n))
		total += n
	}
	return total
}

// TestConstraints shows that the script's constraints are in force: 11 primary keys, 11 foreign keys, their indexes.
func TestConstraints(t *testing.T) {
	ctx := context.Background()
	db, err := open(ctx, ":memory:")
	require.NoError(t, err)
	defer db.Close()
	require.NoError(t, load(ctx, db, defaultScript(), io.Discard))
	for text, want := range map[string]int{
		"SELECT COUNT(*) FROM information_schema.TABLE_CONSTRAINTS WHERE TABLE_SCHEMA = 'Chinook' AND CONSTRAINT_TYPE = 'PRIMARY KEY'": 11,
		"SELECT COUNT(*) FROM information_schema.TABLE_CONSTRAINTS WHERE TABLE_SCHEMA = 'Chinook' AND CONSTRAINT_TYPE = 'FOREIGN KEY'": 11,
		"SELECT COUNT(*) FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = 'Chinook' AND INDEX_NAME LIKE 'IFK%'":                 11,
	} {
		var n int
		require.NoError(t, db.QueryRow(text).Scan(&n), text)
		require.Equal(t, want, n, text)
	}
	for _, text := range []string{
		"INSERT INTO Album VALUES (1, 'again', 1)",
		"INSERT INTO Album VALUES (100000, 'nobody''s', 99999)",
		"DELETE FROM Artist WHERE ArtistId = 1",
		"UPDATE Track SET Name = NULL WHERE TrackId = 1",
	} {
		_, err := db.Exec(text)
		require.Error(t, err, text)
	}
}
