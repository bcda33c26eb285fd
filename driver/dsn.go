package driver

import (
	"fmt"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/persistence"
)

// maxDSN bounds the length of a data source name.
const maxDSN = 64 << 10

// Config is a parsed data source name. The package comment describes every field's parameter.
type Config struct {
	Memory bool
	Dir    string

	Database         string
	Sync             persistence.SyncMode
	SyncInterval     time.Duration
	CheckpointBytes  int64
	CDCRetain        int64
	Mode             string
	LockTimeout      time.Duration
	LockWaitTimeout  time.Duration
	Isolation        engine.Isolation
	ParseTime        bool
	Loc              *time.Location
	TimeZone         string
	SQLMode          *string // nil: the default
	Collation        string
	ClientFoundRows  bool
	MaxAllowedPacket int64
}

// NewConfig returns the defaults.
func NewConfig() *Config {
	return &Config{
		Database:         "main",
		Sync:             persistence.SyncFull,
		SyncInterval:     100 * time.Millisecond,
		CheckpointBytes:  64 << 20,
		Mode:             "rwc",
		LockWaitTimeout:  10 * time.Second,
		Isolation:        engine.RepeatableRead,
		ParseTime:        true,
		Loc:              time.UTC,
		TimeZone:         "UTC",
		Collation:        "utf8mb4_0900_bin",
		MaxAllowedPacket: 64 << 20,
	}
}

// A param reads and prints one parameter. format returns "" where the field has its default.
type param struct {
	name     string
	fileOnly bool
	parse    func(c *Config, v string) error
	format   func(c *Config) string
}

var syncNames = map[string]persistence.SyncMode{
	"full": persistence.SyncFull, "normal": persistence.SyncNormal, "off": persistence.SyncOff,
}

var isolationNames = map[string]engine.Isolation{
	"read-committed": engine.ReadCommitted, "repeatable-read": engine.RepeatableRead,
	"serializable": engine.Serializable,
}

var params = []param{
	{"database", false, stringParam(func(c *Config) *string { return &c.Database }, checkSchemaName), stringFormat(func(c *Config) *string { return &c.Database })},
	{"sync", true, namedParam(syncNames, func(c *Config) *persistence.SyncMode { return &c.Sync }), namedFormat(syncNames, func(c *Config) *persistence.SyncMode { return &c.Sync })},
	{"sync_interval", true, durationParam(func(c *Config) *time.Duration { return &c.SyncInterval }, time.Millisecond), durationFormat(func(c *Config) *time.Duration { return &c.SyncInterval })},
	{"checkpoint_bytes", true, sizeParam(func(c *Config) *int64 { return &c.CheckpointBytes }, 64<<10), sizeFormat(func(c *Config) *int64 { return &c.CheckpointBytes })},
	{"cdc_retain", true, sizeParam(func(c *Config) *int64 { return &c.CDCRetain }, 0), sizeFormat(func(c *Config) *int64 { return &c.CDCRetain })},
	{"mode", true, stringParam(func(c *Config) *string { return &c.Mode }, oneOf("rw", "rwc", "ro")), stringFormat(func(c *Config) *string { return &c.Mode })},
	{"lock_timeout", true, durationParam(func(c *Config) *time.Duration { return &c.LockTimeout }, 0), durationFormat(func(c *Config) *time.Duration { return &c.LockTimeout })},
	{"lock_wait_timeout", false, durationParam(func(c *Config) *time.Duration { return &c.LockWaitTimeout }, time.Millisecond), durationFormat(func(c *Config) *time.Duration { return &c.LockWaitTimeout })},
	{"isolation", false, namedParam(isolationNames, func(c *Config) *engine.Isolation { return &c.Isolation }), namedFormat(isolationNames, func(c *Config) *engine.Isolation { return &c.Isolation })},
	{"parseTime", false, boolParam(func(c *Config) *bool { return &c.ParseTime }), boolFormat(func(c *Config) *bool { return &c.ParseTime })},
	{"loc", false, parseLoc, func(c *Config) string { return defaultEmpty(c.Loc.String(), "UTC") }},
	{"time_zone", false, stringParam(func(c *Config) *string { return &c.TimeZone }, checkTimeZone), stringFormat(func(c *Config) *string { return &c.TimeZone })},
	{"sql_mode", false, parseSQLMode, nil},
	{"collation", false, stringParam(func(c *Config) *string { return &c.Collation }, checkCollation), stringFormat(func(c *Config) *string { return &c.Collation })},
	{"clientFoundRows", false, boolParam(func(c *Config) *bool { return &c.ClientFoundRows }), boolFormat(func(c *Config) *bool { return &c.ClientFoundRows })},
	{"max_allowed_packet", false, sizeParam(func(c *Config) *int64 { return &c.MaxAllowedPacket }, 1024), sizeFormat(func(c *Config) *int64 { return &c.MaxAllowedPacket })},
}

// ParseDSN reads a data source name. Errors name the parameter.
func ParseDSN(dsn string) (*Config, error) {
	if len(dsn) > maxDSN {
		return nil, fmt.Errorf("worktable: data source name is longer than %d bytes", maxDSN)
	}
	c := NewConfig()
	source, query, hasQuery := strings.Cut(dsn, "?")
	switch {
	case source == ":memory:":
		c.Memory = true
	case strings.HasPrefix(source, "file:"):
		dir, err := url.PathUnescape(source[len("file:"):])
		if err != nil {
			return nil, fmt.Errorf("worktable: directory in the data source name: %w", err)
		}
		if dir == "" || strings.IndexByte(dir, 0) >= 0 {
			return nil, fmt.Errorf("worktable: data source name %q names no directory", dsn)
		}
		c.Dir = dir
	default:
		return nil, fmt.Errorf(`worktable: data source name %q is neither ":memory:" nor "file:DIR"`, dsn)
	}
	if hasQuery && query != "" {
		if err := c.parseParams(query); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *Config) parseParams(query string) error {
	seen := map[string]bool{}
	for _, pair := range strings.Split(query, "&") {
		name, raw, ok := strings.Cut(pair, "=")
		if !ok {
			return fmt.Errorf("worktable: data source name parameter %q has no value", name)
		}
		v, err := url.QueryUnescape(raw)
		if err != nil {
			return fmt.Errorf("worktable: data source name parameter %q: %w", name, err)
		}
		p := paramNamed(name)
		if p == nil {
			return fmt.Errorf("worktable: unknown data source name parameter %q", name)
		}
		if seen[name] {
			return fmt.Errorf("worktable: data source name parameter %q is given twice", name)
		}
		seen[name] = true
		if p.fileOnly && c.Memory {
			return fmt.Errorf("worktable: data source name parameter %q needs file:DIR", name)
		}
		if err := p.parse(c, v); err != nil {
			return fmt.Errorf("worktable: data source name parameter %q: %w", name, err)
		}
	}
	return nil
}

// FormatDSN prints c as a data source name that ParseDSN reads back to an equal Config.
func (c *Config) FormatDSN() string {
	var b strings.Builder
	if c.Memory {
		b.WriteString(":memory:")
	} else {
		b.WriteString("file:")
		b.WriteString(escapePath(c.Dir))
	}
	var pairs []string
	for i := range params {
		p := &params[i]
		if p.fileOnly && c.Memory {
			continue
		}
		if p.format == nil {
			if c.SQLMode != nil {
				pairs = append(pairs, p.name+"="+url.QueryEscape(*c.SQLMode))
			}
			continue
		}
		if v := p.format(c); v != p.format(NewConfig()) {
			pairs = append(pairs, p.name+"="+url.QueryEscape(v))
		}
	}
	sort.Strings(pairs)
	if len(pairs) > 0 {
		b.WriteByte('?')
		b.WriteString(strings.Join(pairs, "&"))
	}
	return b.String()
}

// escapePath escapes only what ParseDSN would read otherwise, so that paths stay legible.
func escapePath(p string) string {
	var b strings.Builder
	for i := 0; i < len(p); i++ {
		if c := p[i]; c == '%' || c == '?' {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

func paramNamed(name string) *param {
	for i := range params {
		if params[i].name == name {
			return &params[i]
		}
	}
	return nil
}

func stringParam(field func(*Config) *string, check func(string) error) func(*Config, string) error {
	return func(c *Config, v string) error {
		if err := check(v); err != nil {
			return err
		}
		*field(c) = v
		return nil
	}
}

func stringFormat(field func(*Config) *string) func(*Config) string {
	return func(c *Config) string { return *field(c) }
}

func namedParam[T any](names map[string]T, field func(*Config) *T) func(*Config, string) error {
	return func(c *Config, v string) error {
		m, ok := names[v]
		if !ok {
			legal := make([]string, 0, len(names))
			for n := range names {
				legal = append(legal, n)
			}
			sort.Strings(legal)
			return fmt.Errorf("%q is not one of %s", v, strings.Join(legal, ", "))
		}
		*field(c) = m
		return nil
	}
}

func namedFormat[T comparable](names map[string]T, field func(*Config) *T) func(*Config) string {
	return func(c *Config) string {
		for n, v := range names {
			if v == *field(c) {
				return n
			}
		}
		return ""
	}
}

func durationParam(field func(*Config) *time.Duration, least time.Duration) func(*Config, string) error {
	return func(c *Config, v string) error {
		d, err := time.ParseDuration(v)
		if err != nil {
			return fmt.Errorf(`%q is not a duration such as "250ms"`, v)
		}
		if d < least {
			return fmt.Errorf("%s is less than %s", d, least)
		}
		*field(c) = d
		return nil
	}
}

func durationFormat(field func(*Config) *time.Duration) func(*Config) string {
	return func(c *Config) string { return field(c).String() }
}

func sizeParam(field func(*Config) *int64, least int64) func(*Config, string) error {
	return func(c *Config, v string) error {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			return fmt.Errorf("%q is not a number of bytes", v)
		}
		if n < least {
			return fmt.Errorf("%d is less than %d", n, least)
		}
		*field(c) = n
		return nil
	}
}

func sizeFormat(field func(*Config) *int64) func(*Config) string {
	return func(c *Config) string { return strconv.FormatInt(*field(c), 10) }
}

func boolParam(field func(*Config) *bool) func(*Config, string) error {
	return func(c *Config, v string) error {
		switch v {
		case "true":
			*field(c) = true
		case "false":
			*field(c) = false
		default:
			return fmt.Errorf("%q is neither true nor false", v)
		}
		return nil
	}
}

func boolFormat(field func(*Config) *bool) func(*Config) string {
	return func(c *Config) string { return strconv.FormatBool(*field(c)) }
}
