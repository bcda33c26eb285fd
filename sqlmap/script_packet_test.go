package sqlmap_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/sqlmap"
)

// A dump is read from a file, statement by statement: only a statement has to fit into a packet.
func TestScript_mayBeLongerThanAPacket(t *testing.T) {
	c := newConn(t, newDatabase(t), func(o *sqlmap.SessionOptions) { o.MaxAllowedPacket = 1024 })
	c.exec("CREATE TABLE n (a VARCHAR(2000))")
	insert := "INSERT INTO n VALUES ('" + strings.Repeat("x", 900) + "');\n"
	var last sqlmap.ScriptProgress
	text := strings.Repeat(insert, 5)
	require.NoError(t, c.s.Script(t.Context(), text, func(p sqlmap.ScriptProgress) { last = p }))
	require.EqualValues(t, 5, last.Rows)
	require.Equal(t, last.Size, len(text))

	long := "INSERT INTO n VALUES ('" + strings.Repeat("x", 1100) + "');\n"
	requireError(t, 1153, c.s.Script(t.Context(), insert+long, nil), "")
	requireError(t, 1153, func() error { _, err := c.s.Exec(t.Context(), insert+insert, sqlmap.Args{}); return err }(), "")
	c.rows("SELECT COUNT(*) FROM n", "6")
}
