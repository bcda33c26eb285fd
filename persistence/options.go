package persistence

import (
	"errors"
	"fmt"
	"time"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/persistence/vfs"
)

// SyncMode says when a commit is acknowledged.
type SyncMode uint8

// The modes.
const (
	SyncFull   SyncMode = iota // after fsync; concurrent commits share one
	SyncNormal                 // after the write; fsync follows on an interval
	SyncOff                    // after the write; fsync when the operating system likes
)

func (m SyncMode) String() string {
	switch m {
	case SyncFull:
		return "full"
	case SyncNormal:
		return "normal"
	case SyncOff:
		return "off"
	}
	return fmt.Sprintf("SyncMode(%d)", uint8(m))
}

// Options configure Open. Dir is required; other zero fields take their defaults.
type Options struct {
	Dir       string // made if it does not exist, but not its parents
	MustExist bool   // a directory without a database is an error instead of an empty one
	ReadOnly  bool   // nothing is written, several processes may read; commits give 1836

	Sync         SyncMode
	SyncInterval time.Duration // of SyncNormal; 0: 100 ms

	// A checkpoint runs when the log has grown by CheckpointBytes since the last one (0: 64 MiB; below 0: never), or
	// when CheckpointInterval has passed and there was a commit (0: 5 minutes; below 0: never).
	CheckpointBytes    int64
	CheckpointInterval time.Duration

	SegmentBytes int64 // size of a log segment; 0: 16 MiB; at least 4 KiB
	RetainBytes  int64 // log kept for subscribers in any case; 0: none
	RetainLimit  int64 // log kept at most for named subscribers (Store.Retain); 0: 1 GiB

	LockTimeout time.Duration // how long to wait for another process's lock; 0: 5 s; below 0: not at all

	Progress func(Progress)                   // told how far Open and Close are; called by one goroutine at a time
	Logf     func(format string, args ...any) // told what an operator would want to know; nil: nothing
	Engine   engine.Options                   // Journal is set by Open
	FS       vfs.FS                           // nil: the operating system's
}

// Progress tells how far an opening, closing or check is.
type Progress struct {
	Stage string // "pages", "log", "indexes", "checkpoint", …
	Done  int64  // of Total, in the unit of the stage: bytes, or rows for "indexes"
	Total int64
}

const (
	defaultSyncInterval       = 100 * time.Millisecond
	defaultCheckpointBytes    = 64 << 20
	defaultCheckpointInterval = 5 * time.Minute
	defaultSegmentBytes       = 16 << 20
	minSegmentBytes           = 4 << 10
	maxSegmentBytes           = 1 << 30
	defaultLockTimeout        = 5 * time.Second
	defaultRetainLimit        = 1 << 30
)

// withDefaults validates o and fills in defaults.
func (o Options) withDefaults() (Options, error) {
	if o.Dir == "" {
		return o, errors.New("persistence: Options.Dir is empty")
	}
	if o.Sync > SyncOff {
		return o, fmt.Errorf("persistence: unknown %v", o.Sync)
	}
	if o.SyncInterval <= 0 {
		o.SyncInterval = defaultSyncInterval
	}
	if o.CheckpointBytes == 0 {
		o.CheckpointBytes = defaultCheckpointBytes
	}
	if o.CheckpointInterval == 0 {
		o.CheckpointInterval = defaultCheckpointInterval
	}
	if o.SegmentBytes == 0 {
		o.SegmentBytes = defaultSegmentBytes
	}
	if o.SegmentBytes < minSegmentBytes || o.SegmentBytes > maxSegmentBytes {
		return o, fmt.Errorf("persistence: SegmentBytes %d is not between %d and %d", o.SegmentBytes, minSegmentBytes, maxSegmentBytes)
	}
	if o.RetainBytes < 0 {
		o.RetainBytes = 0
	}
	if o.RetainLimit == 0 {
		o.RetainLimit = defaultRetainLimit
	}
	o.RetainLimit = max(o.RetainLimit, 0)
	if o.LockTimeout == 0 {
		o.LockTimeout = defaultLockTimeout
	}
	if o.FS == nil {
		o.FS = vfs.OS
	}
	if o.Logf == nil {
		o.Logf = func(string, ...any) {}
	}
	if o.Progress == nil {
		o.Progress = func(Progress) {}
	}
	return o, nil
}

// conflict names the first option in which two Opens of one directory differ, or "".
func (o Options) conflict(other Options) string {
	switch {
	case o.ReadOnly != other.ReadOnly:
		return "ReadOnly"
	case o.Sync != other.Sync:
		return "Sync"
	case o.Sync == SyncNormal && o.SyncInterval != other.SyncInterval:
		return "SyncInterval"
	case o.CheckpointBytes != other.CheckpointBytes:
		return "CheckpointBytes"
	case o.CheckpointInterval != other.CheckpointInterval:
		return "CheckpointInterval"
	case o.SegmentBytes != other.SegmentBytes:
		return "SegmentBytes"
	case o.RetainBytes != other.RetainBytes:
		return "RetainBytes"
	case o.RetainLimit != other.RetainLimit:
		return "RetainLimit"
	case o.Engine.LockWaitTimeout != other.Engine.LockWaitTimeout:
		return "Engine.LockWaitTimeout"
	case o.Engine.PageSize != other.Engine.PageSize:
		return "Engine.PageSize"
	case o.Engine.MaxTxnMemory != other.Engine.MaxTxnMemory:
		return "Engine.MaxTxnMemory"
	case o.Engine.HistoryBytes != other.Engine.HistoryBytes:
		return "Engine.HistoryBytes"
	}
	return ""
}
