package lock

// Mode is a row lock: columns shared and columns exclusive. X on a column includes S on it.
type Mode struct{ S, X uint64 }

// Shared and Exclusive cover the whole row.
var (
	Shared    = Mode{S: ^uint64(0)}
	Exclusive = Mode{X: ^uint64(0)}
)

// Conflicts reports whether two owners may not hold m and n together.
func (m Mode) Conflicts(n Mode) bool { return m.X&(n.S|n.X)|m.S&n.X != 0 }

// Covers reports whether holding m is holding n.
func (m Mode) Covers(n Mode) bool { return n.X&^m.X|n.S&^(m.S|m.X) == 0 }

// Union is the mode that covers both.
func (m Mode) Union(n Mode) Mode { return Mode{m.S | n.S, m.X | n.X} }

// Empty reports whether m locks nothing.
func (m Mode) Empty() bool { return m.S|m.X == 0 }

// one is the mode of things without columns: definitions and names.
var (
	oneShared    = Mode{S: 1}
	oneExclusive = Mode{X: 1}
)
