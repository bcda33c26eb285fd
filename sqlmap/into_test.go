package sqlmap_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSelectInto(t *testing.T) {
	c := open(t, "CREATE TABLE n (a INT PRIMARY KEY, b VARCHAR(9), d DATE)", "INSERT INTO n VALUES (1, 'one', '2024-02-03'), (2, 'two', NULL), (3, 'three', NULL)")
	require.EqualValues(t, 1, c.exec("SELECT 7 INTO @x").Affected)
	c.rows("SELECT @x, ROW_COUNT()", "7 1")
	c.exec("SELECT a, b, d INTO @a, @B, @d FROM n WHERE a = 1") // by key
	c.rows("SELECT @a, @b, @d", "1 one 2024-02-03")
	c.exec("SELECT a, b FROM n WHERE b LIKE 'th%' INTO @a, @b") // by a scan
	c.rows("SELECT @a, @b", "3 three")
	c.exec("SELECT MAX(a) INTO @m FROM n WHERE a < ? FOR UPDATE", 3)
	c.rows("SELECT @m", "2")

	// No row leaves the variables and warns.
	for _, where := range []string{"a = 9", "b = 'nine'"} {
		require.Zero(t, c.exec("SELECT a INTO @a FROM n WHERE "+where).Affected)
		c.rows("SHOW WARNINGS", "Warning 1329 No data - zero rows fetched, selected, or processed")
		c.rows("SELECT @a", "3")
	}
	c.fails(1172, "SELECT a INTO @a FROM n")
	c.rows("SELECT @a", "3")
	c.fails(1222, "SELECT a, b INTO @a FROM n")
	c.fails(1054, "SELECT nosuch INTO @a FROM n")

	// Of a query with more around its last block.
	c.exec("WITH w AS (SELECT 5 AS a) SELECT a FROM w INTO @w")
	c.exec("(SELECT 6) INTO @p")
	c.exec("SELECT 7 UNION SELECT 7 INTO @u")
	c.exec("SELECT 8 EXCEPT SELECT 9 INTO @e")
	c.rows("SELECT @w, @p, @u, @e", "5 6 7 8")
	c.fails(1172, "SELECT 1 UNION SELECT 2 INTO @u")
	c.fails(1235, "SELECT 1 INTO @u UNION SELECT 1")
	c.fails(1235, "VALUES ROW(1) INTO @u")
	c.fails(1235, "TABLE n INTO @u")
	c.rows("SELECT @u", "7")

	// Within a transaction, of a prepared statement, and in a text of several.
	c.exec("BEGIN")
	c.exec("UPDATE n SET b = 'eins' WHERE a = 1")
	c.exec("SELECT b INTO @b FROM n WHERE a = 1; SELECT CONCAT(@b, '!') INTO @c")
	c.fails(1172, "SELECT b INTO @b FROM n")
	c.rows("SELECT @b, @c", "eins eins!")
	c.exec("COMMIT")
	c.exec("PREPARE p FROM 'SELECT b INTO @b FROM n WHERE a = ?'; SET @k = 2; EXECUTE p USING @k")
	c.rows("SELECT @b", "two")
	st, err := c.s.Prepare(t.Context(), "SELECT b INTO @b FROM n WHERE a = 3")
	require.NoError(t, err)
	defer st.Close()
	require.Empty(t, st.Columns())
	for range 2 {
		out, err := st.Exec(t.Context(), nil)
		require.NoError(t, err)
		require.EqualValues(t, 1, out.Affected)
	}
	c.rows("SELECT @b", "three")
}
