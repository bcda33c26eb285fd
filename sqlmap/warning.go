package sqlmap

import (
	"errors"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// maxWarnings is the default of max_error_count.
const maxWarnings = 1024

// Warning is a line of SHOW WARNINGS.
type Warning struct {
	Level   string // Note, Warning, Error
	Number  uint16
	Message string
}

// Warnings returns what the last statement warned of. The slice is good until the next statement.
func (s *Session) Warnings() []Warning { return s.warnings }

// warn is what expressions and conversions call.
func (s *Session) warn(level expr.Level, err *sqlerr.Error) {
	if level == expr.LevelNote && s.muteNotes {
		return
	}
	if len(s.warnings) >= s.maxWarnings {
		s.dropped++
		return
	}
	name := "Warning"
	switch level {
	case expr.LevelNote:
		name = "Note"
	case expr.LevelError:
		name = "Error"
	}
	s.warnings = append(s.warnings, Warning{Level: name, Number: err.Number(), Message: err.Message})
}

// diagnose adds the error that a statement failed with to what SHOW WARNINGS lists, and returns it.
func (s *Session) diagnose(err error) error {
	if err == nil {
		return nil
	}
	var e *sqlerr.Error
	if errors.As(err, &e) {
		s.warn(expr.LevelError, e)
	}
	return err
}

// refuse is diagnose for a statement that did not get as far as running.
func (s *Session) refuse(err error) error {
	s.clearWarnings()
	return s.diagnose(err)
}

// markWarnings remembers the warnings so far; back forgets those that came since.
func (s *Session) markWarnings() (back func()) {
	n, dropped := len(s.warnings), s.dropped
	return func() { s.warnings, s.dropped = s.warnings[:n], dropped }
}

// clearWarnings starts the diagnostics of a new statement. It may ask how many the one before had.
func (s *Session) clearWarnings() {
	s.counted = diagnostics{len(s.warnings) + s.dropped, s.countErrors()}
	s.warnings, s.dropped = s.warnings[:0], 0
}

// diagnostics are @@warning_count and @@error_count.
type diagnostics struct{ warnings, errors int }

func (s *Session) countErrors() (n int) {
	for i := range s.warnings {
		if s.warnings[i].Level == "Error" {
			n++
		}
	}
	return n
}
