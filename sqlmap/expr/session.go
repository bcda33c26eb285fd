package expr

import (
	"context"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// Version is what VERSION() says.
const Version = "8.0.36-worktable"

// SQLMode is a set of sql_mode flags.
type SQLMode uint32

// The modes.
const (
	ModeStrict                 SQLMode = 1 << iota // STRICT_TRANS_TABLES or STRICT_ALL_TABLES
	ModeErrorForDivision                           // ERROR_FOR_DIVISION_BY_ZERO
	ModeNoZeroDate                                 // NO_ZERO_DATE
	ModeNoZeroInDate                               // NO_ZERO_IN_DATE
	ModeAllowInvalidDates                          // ALLOW_INVALID_DATES
	ModeNoUnsignedSubtraction                      // NO_UNSIGNED_SUBTRACTION
	ModeOnlyFullGroupBy                            // ONLY_FULL_GROUP_BY
	ModePipesAsConcat                              // PIPES_AS_CONCAT
	ModeANSIQuotes                                 // ANSI_QUOTES
	ModeNoBackslashEscapes                         // NO_BACKSLASH_ESCAPES
	ModeHighNotPrecedence                          // HIGH_NOT_PRECEDENCE
	ModeIgnoreSpace                                // IGNORE_SPACE
	ModeNoAutoValueOnZero                          // NO_AUTO_VALUE_ON_ZERO
	ModePadCharToFullLength                        // PAD_CHAR_TO_FULL_LENGTH
	ModeTimeTruncateFractional                     // TIME_TRUNCATE_FRACTIONAL
	ModeRealAsFloat                                // REAL_AS_FLOAT
	ModeNoEngineSubstitution                       // NO_ENGINE_SUBSTITUTION
)

// DefaultSQLMode is MySQL 8's default.
const DefaultSQLMode = ModeOnlyFullGroupBy | ModeStrict | ModeNoZeroInDate | ModeNoZeroDate | ModeErrorForDivision |
	ModeNoEngineSubstitution

// DateFlags returns the date checks that the mode asks for.
func (m SQLMode) DateFlags() value.DateFlags {
	var f value.DateFlags
	if m&ModeNoZeroDate == 0 {
		f |= value.AllowZeroDate
	}
	if m&ModeNoZeroInDate == 0 {
		f |= value.AllowZeroInDate
	}
	if m&ModeAllowInvalidDates != 0 {
		f |= value.AllowInvalidDate
	}
	return f
}

// UserVar is the value of a user variable with its collation.
type UserVar struct {
	Value     value.Value
	Collation collate.ID
}

// Level is the severity of a warning.
type Level uint8

// The levels.
const (
	LevelNote Level = iota
	LevelWarning
	LevelError
)

// NamedLocks is the lock service behind GET_LOCK and its kin. Errors are returned to the statement.
type NamedLocks interface {
	// GetLock waits at most timeout (negative: for ever); false means that it timed out.
	GetLock(ctx context.Context, name string, timeout time.Duration) (bool, error)
	// ReleaseLock returns whether it was this session's (held), and whether anybody held it (exists).
	ReleaseLock(name string) (held, exists bool)
	// ReleaseAllLocks returns how many it released.
	ReleaseAllLocks() int
	// LockOwner returns the connection that holds it; ok is false when it is free.
	LockOwner(name string) (connection uint64, ok bool)
}

// SessionState is what expressions see and change of a session. It belongs to the session; one statement uses it at a
// time.
type SessionState struct {
	Mode         SQLMode
	TimeZone     *time.Location // nil is UTC
	TimeZoneName string         // as @@time_zone shows it
	Collation    collate.ID     // collation_connection; 0 is the default
	// ServerCollation is collation_server, which schemas without a clause get; 0 is the default.
	ServerCollation collate.ID

	Database     string
	User         string // "root@localhost", for USER()
	CurrentUser  string // for CURRENT_USER(); "" is User
	ConnectionID uint64

	LastInsertID uint64 // LAST_INSERT_ID(); the session sets it after an INSERT
	// LastInsertIDSet is set when a statement called LAST_INSERT_ID(expr): the statement's insert id is LastInsertID.
	LastInsertIDSet bool
	RowCount        int64
	FoundRows       uint64

	Vars map[string]UserVar // by lower-case name; made on first use

	MaxAllowedPacket  int // 0 is 64 MiB
	GroupConcatMaxLen int // 0 is 1024
	DivPrecision      int // div_precision_increment; -1 is 0, 0 is the default 4
	DefaultWeekFormat int

	Locks NamedLocks // may be nil: GET_LOCK fails with 1235

	// Warn receives warnings and notes; may be nil.
	Warn func(Level, *sqlerr.Error)

	// SysVar returns a system variable for @@name (scope "", "SESSION", "GLOBAL"); may be nil.
	SysVar func(scope, name string) (value.Value, error)

	rand *generator // of RAND(); made on first use
}

// Location returns the session's time zone.
func (s *SessionState) Location() *time.Location {
	if s.TimeZone == nil {
		return time.UTC
	}
	return s.TimeZone
}

// ConnectionCollation returns the collation of literals.
func (s *SessionState) ConnectionCollation() collate.ID {
	if s.Collation == 0 {
		return collate.Default
	}
	return s.Collation
}

func (s *SessionState) maxPacket() int {
	if s.MaxAllowedPacket <= 0 {
		return 64 << 20
	}
	return s.MaxAllowedPacket
}

// CheckPackets refuses arguments that are longer than max_allowed_packet: no packet would have brought them. Error 1153.
func (s *SessionState) CheckPackets(args []value.Value) error {
	for i := range args {
		if err := s.CheckPacket(len(args[i].Str())); err != nil {
			return err
		}
	}
	return nil
}

// CheckPacket refuses what is longer than max_allowed_packet. Error 1153.
func (s *SessionState) CheckPacket(bytes int) error {
	if bytes > s.maxPacket() {
		return sqlerr.New(sqlerr.PacketTooBig)
	}
	return nil
}

func (s *SessionState) divPrecision() int {
	switch {
	case s.DivPrecision < 0:
		return 0
	case s.DivPrecision == 0:
		return value.DivPrecisionIncrement
	}
	return s.DivPrecision
}

// SetVar sets the user variable name (any case) to v, an expression of type t. ENUM, SET and temporal values are kept
// as strings, as in MySQL.
func (s *SessionState) SetVar(name string, v value.Value, t *Type) error {
	u := UserVar{Value: v.Clone(), Collation: t.Collation}
	switch v.Kind() {
	case value.KindEnum, value.KindSet, value.KindDate, value.KindDateTime, value.KindTime, value.KindJSON:
		u.Value = value.String(strings.Clone(v.Text()))
		if !isStringID(t.ID) {
			u.Collation = s.ConnectionCollation()
		}
	case value.KindBit:
		u.Value = value.Uint(v.Raw64())
	}
	if len(v.Str()) > s.maxPacket() {
		return sqlerr.New(sqlerr.PacketTooLarge, "set", s.maxPacket())
	}
	if s.Vars == nil {
		s.Vars = map[string]UserVar{}
	}
	s.Vars[strings.ToLower(name)] = u
	return nil
}

// Var returns the user variable name (any case), NULL when it is not set.
func (s *SessionState) Var(name string) value.Value { return s.Vars[strings.ToLower(name)].Value }

// random returns the session's pseudo-random sequence.
func (s *SessionState) random() *generator {
	if s.rand == nil {
		s.rand = &generator{rand.Uint32() % randMax, rand.Uint32() % randMax}
	}
	return s.rand
}

// SeedRandom sets the state of RAND() (the variables rand_seed1 and rand_seed2).
func (s *SessionState) SeedRandom(seed1, seed2 uint32) {
	s.rand = &generator{seed1 % randMax, seed2 % randMax}
}
