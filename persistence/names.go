package persistence

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	dataSuffix = ".wt.data"
	idxSuffix  = ".wt.idx"
	newSuffix  = ".new" // of a data file that is to replace another
)

// maxEscaped bounds the escaped part of a file name, so that with storage id and suffixes it stays below the 255 bytes
// that file systems allow.
const maxEscaped = 180

// escapeName turns a schema or table name into a part of a file name that is valid and distinct on every file system:
// lower-case letters, digits, '_' and '-' stand for themselves, everything else, upper-case letters among them, is %
// and two hexadecimal digits per byte of UTF-8. A leading '-' and names that Windows reserves get their first byte
// escaped. What is too long is cut; for tables the storage id still tells them apart.
func escapeName(name string) string {
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		c := name[i]
		plain := c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '-' && i > 0
		if i == 0 && reservedName(name) {
			plain = false
		}
		if b.Len()+3 > maxEscaped {
			break
		}
		if plain {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02x", c)
		}
	}
	if b.Len() == 0 {
		return "%"
	}
	return b.String()
}

// schemaDir is the directory of a schema. A name that had to be cut gets a checksum of the whole, for here nothing else
// tells two apart.
func schemaDir(schema string) string {
	escaped := escapeName(schema)
	if unescaped, ok := unescapeName(escaped); ok && unescaped == schema {
		return escaped
	}
	return fmt.Sprintf("%s~%08x", escaped, crcOf([]byte(schema)))
}

// reservedName reports whether Windows takes the name for a device, whatever follows a dot.
func reservedName(name string) bool {
	base, _, _ := strings.Cut(strings.ToLower(name), ".")
	switch base {
	case "con", "prn", "aux", "nul", "conin$", "conout$":
		return true
	}
	digits, ok := strings.CutPrefix(base, "com")
	if !ok {
		digits, ok = strings.CutPrefix(base, "lpt")
	}
	return ok && utf8.RuneCountInString(digits) == 1 && strings.ContainsAny(digits, "0123456789¹²³")
}

// unescapeName is the inverse of escapeName for names that were not cut.
func unescapeName(escaped string) (string, bool) {
	if escaped == "%" {
		return "", true
	}
	var b strings.Builder
	for i := 0; i < len(escaped); i++ {
		if escaped[i] != '%' {
			b.WriteByte(escaped[i])
			continue
		}
		if i+3 > len(escaped) {
			return "", false
		}
		n, err := strconv.ParseUint(escaped[i+1:i+3], 16, 8)
		if err != nil {
			return "", false
		}
		b.WriteByte(byte(n))
		i += 2
	}
	return b.String(), true
}

// dataPath is the path of a table's files, relative and without suffix, with slashes.
func dataPath(schema, table string, storage uint32) string {
	return schemaDir(schema) + "/" + fmt.Sprintf("%s~%d", escapeName(table), storage)
}

// validFileName reports whether a name consists of what escapeName and dataPath write.
func validFileName(name string) bool {
	if name == "" || len(name) > 255 || reservedName(name) {
		return false
	}
	for i := 0; i < len(name); i++ {
		c := name[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '-' && c != '%' && c != '~' {
			return false
		}
	}
	return name[0] != '-' && name[0] != '~'
}

// parseTableFile takes the name of a table's file apart. ok is false for files that are not ours.
func parseTableFile(base string) (storage uint32, suffix string, ok bool) {
	for _, suffix = range []string{dataSuffix + newSuffix, dataSuffix, idxSuffix + tempSuffix, idxSuffix} {
		stem, found := strings.CutSuffix(base, suffix)
		if !found {
			continue
		}
		at := strings.LastIndexByte(stem, '~')
		if at < 1 || !validFileName(stem) {
			return 0, "", false
		}
		n, err := strconv.ParseUint(stem[at+1:], 10, 32)
		if err != nil || strconv.FormatUint(n, 10) != stem[at+1:] {
			return 0, "", false
		}
		return uint32(n), suffix, true
	}
	return 0, "", false
}

// filePath joins the database directory with a relative path of the format.
func filePath(dir, path, suffix string) string {
	return filepath.Join(dir, filepath.FromSlash(path)) + suffix
}
