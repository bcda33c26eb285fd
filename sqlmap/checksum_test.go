package sqlmap_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestChecksumTable(t *testing.T) {
	_, a, b := bank(t)
	sum := func(c *conn, table string) string {
		t.Helper()
		rows, err := c.query("CHECKSUM TABLE " + table)
		require.NoError(t, err)
		return rows[0]
	}
	before := sum(a, "account")
	require.NotContains(t, before, "NULL")
	require.Equal(t, before, sum(a, "account EXTENDED"))
	a.exec("UPDATE account SET note = NULL WHERE id = 2")
	changed := sum(a, "account")
	require.NotEqual(t, before, changed, "NULL is not the empty string")
	a.exec("DELETE FROM account WHERE id = 1")
	a.exec("INSERT INTO account VALUES (1, 'ann', 100, '')")
	require.Equal(t, changed, sum(a, "account"), "the order of the rows does not matter")

	// It is a read of the transaction, and ends none.
	a.exec("BEGIN")
	a.exec("UPDATE account SET owner = 'annie' WHERE id = 1")
	require.NotEqual(t, changed, sum(a, "account"))
	require.Equal(t, changed, sum(b, "account"))
	a.exec("ROLLBACK")
	require.Equal(t, changed, sum(a, "account"))

	a.exec("CREATE TABLE empty_one (a INT)")
	a.rows("CHECKSUM TABLE empty_one, nothing", "test.empty_one 0", "test.nothing NULL")
	a.rows("SHOW WARNINGS", "Error 1146 Table 'test.nothing' doesn't exist")
	a.rows("CHECKSUM TABLE account QUICK", "test.account NULL")
}
