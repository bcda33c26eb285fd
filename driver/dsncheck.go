package driver

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/sqlmap"
	"github.com/worktable-go/worktable/sqlmap/sqlmode"
)

// parseLoc reads the loc parameter.
func parseLoc(c *Config, v string) error {
	if v == "" {
		return fmt.Errorf("it is empty")
	}
	l, err := time.LoadLocation(v)
	if err != nil {
		return fmt.Errorf("unknown location %q", v)
	}
	c.Loc = l
	return nil
}

// parseSQLMode reads the sql_mode parameter; the empty one is a mode too.
func parseSQLMode(c *Config, v string) error {
	if _, err := sqlmode.Parse(v); err != nil {
		return err
	}
	c.SQLMode = &v
	return nil
}

func defaultEmpty(v, def string) string {
	if v == "" {
		return def
	}
	return v
}

func oneOf(legal ...string) func(string) error {
	return func(v string) error {
		for _, l := range legal {
			if v == l {
				return nil
			}
		}
		return fmt.Errorf("%q is not one of %s", v, strings.Join(legal, ", "))
	}
}

func checkSchemaName(v string) error {
	if v == "" || utf8.RuneCountInString(v) > 64 || !utf8.ValidString(v) || strings.IndexByte(v, 0) >= 0 {
		return fmt.Errorf("%q is not a schema name of 1 to 64 characters", v)
	}
	return nil
}

func checkTimeZone(v string) error {
	if _, err := sqlmap.ParseTimeZone(v); err != nil {
		return err
	}
	return nil
}

func checkCollation(v string) error {
	if _, ok := collate.ByName(v); !ok {
		return fmt.Errorf("unknown collation %q", v)
	}
	return nil
}
