package driver_test

import (
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"
)

// schemaCollation creates a schema without clauses and returns its collation.
func schemaCollation(t *testing.T, db *sql.DB, name string) (collation string) {
	t.Helper()
	exec(t, db, "CREATE SCHEMA "+name)
	require.NoError(t, db.QueryRow("SELECT default_collation_name FROM information_schema.schemata WHERE schema_name = ?", name).Scan(&collation))
	return collation
}

func TestCollation_ofLiteralsAndNewSchemas(t *testing.T) {
	onEach(t, "?collation=utf8mb4_general_ci&database=shop", func(t *testing.T, db *sql.DB) {
		db.SetMaxOpenConns(1)
		var same bool
		var server, inUse string
		require.NoError(t, db.QueryRow("SELECT 'a' = 'A', @@collation_server, @@collation_database").Scan(&same, &server, &inUse))
		require.True(t, same)
		require.Equal(t, []string{"utf8mb4_general_ci", "utf8mb4_general_ci"}, []string{server, inUse})
		require.Equal(t, "utf8mb4_general_ci", schemaCollation(t, db, "plain"))
		exec(t, db, "SET collation_server = utf8mb4_bin")
		require.Equal(t, "utf8mb4_bin", schemaCollation(t, db, "after_set"))
		exec(t, db, "SET collation_server = DEFAULT")
		require.Equal(t, "utf8mb4_0900_bin", schemaCollation(t, db, "after_default"))
		_, err := db.Exec("SET collation_server = nonsense")
		require.Equal(t, uint16(1273), number(t, err))
	})
	onEach(t, "", func(t *testing.T, db *sql.DB) {
		require.Equal(t, "utf8mb4_0900_bin", schemaCollation(t, db, "plain"))
		exec(t, db, "SET GLOBAL collation_server = utf8mb4_bin")
		later, err := db.Conn(t.Context()) // of the pool's one idle connection
		require.NoError(t, err)
		defer later.Close()
		require.Equal(t, "utf8mb4_bin", schemaCollation(t, db, "after_global")) // so this one is new
	})
}
