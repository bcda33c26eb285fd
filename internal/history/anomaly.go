package history

import (
	"fmt"
	"slices"
	"strings"
)

// Name is the name of an anomaly. A name with the suffix "-realtime" is one that exists only because of the order in
// time: the transactions could have run so, but not then.
type Name string

// The anomalies.
const (
	Garbage           Name = "garbage"            // a value that nobody wrote
	Duplicate         Name = "duplicate"          // a value twice in a list
	IncompatibleOrder Name = "incompatible-order" // two reads that are not prefixes of one list: a lost append
	Internal          Name = "internal"           // a transaction does not agree with itself
	G0                Name = "G0"                 // dirty write: a cycle of ww
	G1a               Name = "G1a"                // aborted read
	G1b               Name = "G1b"                // intermediate read
	G1c               Name = "G1c"                // circular information flow: a cycle of ww and wr
	LostUpdate        Name = "lost-update"        // a transaction read a version and overwrote a later one
	GSingle           Name = "G-single"           // read skew: a cycle with one rw
	LongFork          Name = "long-fork"          // two readers see two writers in different orders
	GNonadjacent      Name = "G-nonadjacent"      // a cycle with several rw, no two of them in a row
	G2Item            Name = "G2-item"            // write skew: a cycle with two rw in a row, or through a locked read behind a snapshot; allowed
	LogGap            Name = "log-gap"            // a committed transaction is missing in the log
	LogDuplicate      Name = "log-duplicate"      // a transaction is in the log twice
	LogPhantom        Name = "log-phantom"        // the log has what was not committed
	LogTorn           Name = "log-torn"           // a transaction is in the log in part, or in several parts
	LogOrder          Name = "log-order"          // the order of the log is not that of the versions
	realtime               = "-realtime"
)

// Anomaly is one violation.
type Anomaly struct {
	Name Name
	Text string // the evidence, in words
	Txns []int  // the transactions concerned, by ID
}

func (a Anomaly) String() string { return string(a.Name) + ": " + a.Text }

// Report is the result of Check.
type Report struct {
	Anomalies []Anomaly
	Allowed   map[Name]int // cycles that the levels allow, by name
	Txns      int
	Committed int
	Aborted   int
	Unknown   int
	Reads     int
	Appends   int
	Edges     int
}

// OK reports whether nothing was found.
func (r *Report) OK() bool { return len(r.Anomalies) == 0 }

// Has reports whether an anomaly of that name was found, with or without the help of time.
func (r *Report) Has(n Name) bool {
	return slices.ContainsFunc(r.Anomalies, func(a Anomaly) bool { return a.Name == n || a.Name == n+realtime })
}

// maxShown bounds how many anomalies String spells out.
const maxShown = 5

func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d transactions (%d committed, %d aborted, %d unknown), %d reads, %d appends, %d dependencies",
		r.Txns, r.Committed, r.Aborted, r.Unknown, r.Reads, r.Appends, r.Edges)
	if n := r.Allowed[G2Item]; n > 0 {
		fmt.Fprintf(&b, ", %d groups with write skew (allowed)", n)
	}
	for i, a := range r.Anomalies {
		if i == maxShown {
			fmt.Fprintf(&b, "\n… and %d more", len(r.Anomalies)-i)
			break
		}
		b.WriteString("\n" + a.String())
	}
	return b.String()
}

// Err returns the report as an error when something was found.
func (r *Report) Err() error {
	if r.OK() {
		return nil
	}
	return fmt.Errorf("history: %s", r)
}
