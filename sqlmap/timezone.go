package sqlmap

import (
	"fmt"
	"strings"
	"time"

	"github.com/worktable-go/worktable/engine/sqlerr"
)

// ParseTimeZone reads a time_zone value: "SYSTEM", "UTC", an offset from "-13:59" to "+14:00", or the name of a zone.
// Error 1298.
func ParseTimeZone(name string) (*time.Location, error) {
	switch {
	case strings.EqualFold(name, "SYSTEM"):
		return time.Local, nil
	case strings.EqualFold(name, "UTC"):
		return time.UTC, nil
	case len(name) > 0 && (name[0] == '+' || name[0] == '-'):
		if loc := offsetZone(name); loc != nil {
			return loc, nil
		}
	case name != "" && !strings.EqualFold(name, "Local"):
		// LoadLocation refuses names that leave the zone directory.
		if loc, err := time.LoadLocation(name); err == nil {
			return loc, nil
		}
	}
	return nil, sqlerr.New(sqlerr.UnknownTimeZone, name)
}

func offsetZone(name string) *time.Location {
	var h, m int
	if n, err := fmt.Sscanf(name[1:], "%d:%d", &h, &m); err != nil || n != 2 {
		return nil
	}
	// Sscanf takes signs and trailing text; only the canonical forms are legal.
	if name[1:] != fmt.Sprintf("%02d:%02d", h, m) && name[1:] != fmt.Sprintf("%d:%02d", h, m) {
		return nil
	}
	total := h*60 + m
	if h < 0 || m < 0 || m > 59 {
		return nil
	}
	if name[0] == '-' {
		total = -total
	}
	if total < -(13*60+59) || total > 14*60 {
		return nil
	}
	return time.FixedZone(name, total*60)
}
