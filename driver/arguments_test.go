package driver_test

import (
	"database/sql"
	"strings"
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

// max_allowed_packet bounds what arrives, in the text or beside it.
func TestArguments_longerThanAPacket(t *testing.T) {
	onEach(t, "?max_allowed_packet=2048", func(t *testing.T, db *sql.DB) {
		exec(t, db, "CREATE TABLE long_value (id INT PRIMARY KEY, s TEXT)")
		st, err := db.Prepare("INSERT INTO long_value VALUES (?, ?)")
		require.NoError(t, err)
		defer st.Close()
		for id, arg := range []any{strings.Repeat("x", 2049), make([]byte, 2049)} {
			_, err = st.Exec(id, arg)
			require.Equal(t, uint16(1153), number(t, err))
			_, err = db.Exec("INSERT INTO long_value VALUES (?, ?)", id, arg)
			require.Equal(t, uint16(1153), number(t, err))
			_, err = db.Exec("INSERT INTO long_value VALUES (:id, :s)", sql.Named("id", id), sql.Named("s", arg))
			require.Equal(t, uint16(1153), number(t, err))
		}
		_, err = st.Exec(1, strings.Repeat("x", 2048))
		require.NoError(t, err)
		var n int
		require.NoError(t, db.QueryRow("SELECT COUNT(*) FROM long_value").Scan(&n))
		require.Equal(t, 1, n)
	})
}
