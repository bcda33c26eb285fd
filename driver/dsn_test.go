package driver

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/persistence"
)

// goodDSNs are data source names with what they change of the defaults.
var goodDSNs = map[string]func(c *Config){
	":memory:":                               func(c *Config) { c.Memory = true },
	":memory:?":                              func(c *Config) { c.Memory = true },
	"file:/var/lib/app":                      func(c *Config) { c.Dir = "/var/lib/app" },
	"file:data/with%3Fmark":                  func(c *Config) { c.Dir = "data/with?mark" },
	`file:C:\data`:                           func(c *Config) { c.Dir = `C:\data` },
	"file:d?sync=normal&sync_interval=250ms": func(c *Config) { c.Dir, c.Sync, c.SyncInterval = "d", persistence.SyncNormal, 250*time.Millisecond },
	"file:d?sync=off":                        func(c *Config) { c.Dir, c.Sync = "d", persistence.SyncOff },
	"file:d?mode=ro&lock_timeout=2s":         func(c *Config) { c.Dir, c.Mode, c.LockTimeout = "d", "ro", 2*time.Second },
	"file:d?checkpoint_bytes=1048576&cdc_retain=4096": func(c *Config) {
		c.Dir, c.CheckpointBytes, c.CDCRetain = "d", 1<<20, 4096
	},
	":memory:?database=shop&parseTime=false&clientFoundRows=true": func(c *Config) {
		c.Memory, c.Database, c.ParseTime, c.ClientFoundRows = true, "shop", false, true
	},
	":memory:?isolation=read-committed&lock_wait_timeout=50ms": func(c *Config) {
		c.Memory, c.Isolation, c.LockWaitTimeout = true, engine.ReadCommitted, 50*time.Millisecond
	},
	":memory:?isolation=serializable": func(c *Config) { c.Memory, c.Isolation = true, engine.Serializable },
	":memory:?time_zone=%2B02%3A00&collation=utf8mb4_general_ci": func(c *Config) {
		c.Memory, c.TimeZone, c.Collation = true, "+02:00", "utf8mb4_general_ci"
	},
	":memory:?sql_mode=": func(c *Config) { c.Memory = true; c.SQLMode = new(string) },
	":memory:?max_allowed_packet=2048": func(c *Config) {
		c.Memory, c.MaxAllowedPacket = true, 2048
	},
}

func TestParseDSN(t *testing.T) {
	for dsn, change := range goodDSNs {
		t.Run(dsn, func(t *testing.T) {
			want := NewConfig()
			change(want)
			got, err := ParseDSN(dsn)
			require.NoError(t, err)
			require.Equal(t, want, got)
			again, err := ParseDSN(got.FormatDSN())
			require.NoError(t, err, "formatted as %q", got.FormatDSN())
			require.Equal(t, want, again)
		})
	}
}

func TestParseDSN_refuses(t *testing.T) {
	for dsn, part := range map[string]string{
		"":                     "neither",
		"memory":               "neither",
		"file:":                "names no directory",
		"file:a%00b":           "names no directory",
		"file:%zz":             "invalid URL escape",
		":memory:?unknown=1":   `unknown data source name parameter "unknown"`,
		":memory:?parseTime":   "has no value",
		":memory:?parseTime=1": "neither true nor false",
		":memory:?parseTime=true&parseTime=false": "given twice",
		":memory:?sync=full":                      "needs file:DIR",
		"file:d?sync=sometimes":                   "not one of full, normal, off",
		"file:d?sync_interval=5":                  "not a duration",
		"file:d?sync_interval=1us":                "less than",
		"file:d?checkpoint_bytes=1":               "less than",
		"file:d?checkpoint_bytes=x":               "not a number",
		"file:d?mode=rx":                          "not one of",
		":memory:?loc=Nowhere/Town":               "unknown location",
		":memory:?time_zone=%2B25%3A00":           "1298",
		":memory:?collation=latin9_swedish":       "unknown collation",
		":memory:?sql_mode=STRICT":                "sql_mode",
		":memory:?isolation=linearizable":         "not one of",
		":memory:?database=":                      "schema name",
		":memory:?lock_wait_timeout=-1s":          "less than",
		":memory:?database=%zz":                   "invalid URL escape",
		":memory:?" + strings.Repeat("x", maxDSN): "longer than",
	} {
		_, err := ParseDSN(dsn)
		require.ErrorContains(t, err, part, "%.60q", dsn)
	}
}

func FuzzDSN(f *testing.F) {
	for dsn := range goodDSNs {
		f.Add(dsn)
	}
	f.Fuzz(func(t *testing.T, dsn string) {
		c, err := ParseDSN(dsn)
		if err != nil {
			return
		}
		again, err := ParseDSN(c.FormatDSN())
		require.NoError(t, err, "%q formats as %q", dsn, c.FormatDSN())
		require.Equal(t, c, again)
	})
}
