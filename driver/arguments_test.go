package driver_test

import (
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"
)

// What fails for its arguments has had no effect, also at the first sight of a text, when no plan of it is cached.
func TestArguments_tooManyHaveNoEffect(t *testing.T) {
	onEach(t, "", func(t *testing.T, db *sql.DB) {
		exec(t, db, "CREATE TABLE n (a INT)")
		named := []any{sql.Named("a", 1), sql.Named("typo", 2)}
		for text, args := range map[string][]any{
			"INSERT INTO n VALUES (?)":                              {1, 2},
			"INSERT INTO n VALUES (?) -- one":                       {1, 2},
			"INSERT INTO n VALUES (?); ":                            {1, 2},
			"INSERT INTO n VALUES (1)":                              {1},
			"INSERT INTO n VALUES (:a)":                             named,
			"INSERT INTO n VALUES (1) /* no placeholder */":         named,
			"SET sql_mode = DEFAULT; INSERT INTO n VALUES (:a) # 2": named,
		} {
			for range 3 {
				_, err := db.Exec(text, args...)
				require.Equal(t, uint16(1210), number(t, err), "Exec %s", text)
				rows, err := db.Query("/* other text */ "+text, args...)
				if err == nil { // a statement before the last one has run
					require.False(t, rows.NextResultSet())
					err = rows.Err()
					rows.Close()
				}
				require.Equal(t, uint16(1210), number(t, err), "Query %s", text)
			}
		}
		var n int
		require.NoError(t, db.QueryRow("SELECT COUNT(*) FROM n").Scan(&n))
		require.Zero(t, n)

		exec(t, db, "INSERT INTO n VALUES (?); INSERT INTO n VALUES (?)", 1, 2)
		exec(t, db, "INSERT INTO n VALUES (:a); DELETE FROM n WHERE a = :b", sql.Named("a", 3), sql.Named("b", 1))
		require.NoError(t, db.QueryRow("SELECT SUM(a) FROM n").Scan(&n))
		require.Equal(t, 5, n)
		exec(t, db, "SET sql_mode = 'ANSI_QUOTES'; INSERT INTO n (\"a\") VALUES (?)", 5)
	})
}
