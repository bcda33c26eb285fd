package schema

import "strings"

// equalFold compares names as MySQL compares column and index names.
func equalFold(a, b string) bool { return a == b || strings.EqualFold(a, b) }
