package history

// Level is an isolation level.
type Level uint8

// The levels.
const (
	// ReadCommitted gives each statement a snapshot of its own.
	ReadCommitted Level = iota + 1
	// SnapshotIsolation gives a transaction one snapshot, and lets the first of two writers of a key win.
	SnapshotIsolation
)

func (l Level) String() string {
	if l == SnapshotIsolation {
		return "snapshot isolation"
	}
	return "read committed"
}

// Outcome is how a transaction ended.
type Outcome uint8

// The outcomes.
const (
	Unknown Outcome = iota
	Committed
	Aborted
)

func (o Outcome) String() string { return [...]string{"unknown", "committed", "aborted"}[o] }

// Access is how an operation gets at a key.
type Access uint8

// The ways.
const (
	// Plain reads come from the level's snapshot. A plain append under SnapshotIsolation is on the snapshot's version.
	Plain Access = iota
	// Current reads see the newest committed version at some moment of the statement.
	Current
	// Locked is Current with the key locked against others until the transaction ends or undoes the operation.
	Locked
)

// Kind is what an operation does.
type Kind uint8

// The kinds.
const (
	Append Kind = iota
	Read
	// Undo takes back the appends and locks of operations To and up: a savepoint, or a statement that failed.
	Undo
	// Touch stands for a statement that has no other operation: it may have taken the snapshot.
	Touch
)

// Op is one operation on one key.
type Op struct {
	Kind   Kind
	Access Access
	Key    int
	Value  int64   // Append: unique for its key
	List   []int64 // Read: the whole list
	To     int     // Undo
	Stmt   int     // the statement, from 0; the reads of a statement see one moment
	Start  int64   // when the statement began
	Failed bool    // the statement had no effect, an Undo follows
}

// Txn is one transaction. Times are of any clock that moves forward only.
type Txn struct {
	ID         int
	Session    int
	Level      Level
	Outcome    Outcome
	Start, End int64
	Ops        []Op
}

// History is what happened.
type History struct {
	Txns []*Txn
}

// live returns which appends are not undone at the end of t.
func (t *Txn) live() []bool {
	live := make([]bool, len(t.Ops))
	for i := range t.Ops {
		switch op := &t.Ops[i]; op.Kind {
		case Append:
			live[i] = !op.Failed
		case Undo:
			for j := max(op.To, 0); j < i; j++ {
				live[j] = false
			}
		}
	}
	return live
}

// undoneBy returns for each operation the index of the Undo that took it back, or len(t.Ops).
func (t *Txn) undoneBy() []int {
	by := make([]int, len(t.Ops))
	for i := range by {
		by[i] = len(t.Ops)
	}
	for i := range t.Ops {
		if t.Ops[i].Kind == Undo {
			for j := max(t.Ops[i].To, 0); j < i; j++ {
				by[j] = min(by[j], i)
			}
		}
	}
	return by
}
