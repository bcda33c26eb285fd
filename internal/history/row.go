package history

// RowState is a row with two independent number columns, as RowModel sees it.
type RowState struct {
	Exists bool
	Cols   [2]int64
}

// RowVerb is what a RowCall does.
type RowVerb string

// The verbs, in the words of SQL.
const (
	Select RowVerb = "SELECT"
	Insert RowVerb = "INSERT" // Col and Val: one column, the other 0; fails when the row exists
	Set    RowVerb = "SET"    // UPDATE … SET col = val
	Add    RowVerb = "ADD"    // UPDATE … SET col = col + val
	Swap   RowVerb = "SWAP"   // UPDATE … SET col = val WHERE col = old
	Delete RowVerb = "DELETE"
)

// RowIn is a call on a row.
type RowIn struct {
	Verb     RowVerb
	Col      int
	Val, Old int64
}

// RowOut is its answer: whether a row was found, inserted or changed, and what Select saw.
type RowOut struct {
	Done bool
	Cols [2]int64
}

// RowModel is a row of a table under calls that are each a transaction of their own, such as statements in autocommit.
// With changed, an update that leaves the row as it was is not Done, as MySQL counts rows.
func RowModel(init RowState, changed bool) Model[RowState, RowIn, RowOut] {
	return Model[RowState, RowIn, RowOut]{Init: init, Step: func(s RowState, in RowIn, out RowOut, known bool) (RowState, bool) {
		next, want := stepRow(s, in)
		if changed && next == s && in.Verb != Select {
			want.Done = false
		}
		return next, !known || out == want
	}}
}

func stepRow(s RowState, in RowIn) (RowState, RowOut) {
	next, want := s, RowOut{Done: s.Exists}
	switch in.Verb {
	case Select:
		if s.Exists {
			want.Cols = s.Cols
		}
	case Insert:
		want.Done = !s.Exists
		if want.Done {
			next = RowState{Exists: true}
			next.Cols[in.Col] = in.Val
		}
	case Delete:
		next = RowState{}
	case Swap:
		want.Done = s.Exists && s.Cols[in.Col] == in.Old
		if want.Done {
			next.Cols[in.Col] = in.Val
		}
	case Set, Add:
		if s.Exists {
			next.Cols[in.Col] = in.Val
			if in.Verb == Add {
				next.Cols[in.Col] += s.Cols[in.Col]
			}
		}
	}
	return next, want
}
