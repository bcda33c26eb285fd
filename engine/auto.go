package engine

import (
	"errors"
	"math"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// NextAuto reserves n consecutive autoincrement values and returns the first. They are never given back. 1467 when
// the column's type has no such value.
func (tx *Tx) NextAuto(t *Table, n int) (uint64, error) {
	if err := tx.writable(background, t); err != nil {
		return 0, err
	}
	if t.autoCol < 0 || n <= 0 {
		return 0, internalf("table %s: NextAuto(%d) without an autoincrement column", t.def.Name, n)
	}
	limit := autoLimit(&t.def.Columns[t.autoCol].Type)
	for {
		first := t.state.auto.Load()
		if first > limit || uint64(n-1) > limit-first {
			return 0, sqlerr.New(sqlerr.AutoExhausted)
		}
		next := first + uint64(n)
		if next < first {
			next = math.MaxUint64
		}
		if t.state.auto.CompareAndSwap(first, next) {
			tx.ws.open(t).auto = true
			return first, nil
		}
	}
}

// NextAutoOrLast is NextAuto for one value, with the end of the values that INSERT shows in MySQL: where a type narrower
// than BIGINT has none left it returns the greatest again, which its unique key then refuses.
func (tx *Tx) NextAutoOrLast(t *Table) (uint64, error) {
	n, err := tx.NextAuto(t, 1)
	if err == nil || !errors.Is(err, sqlerr.AutoExhausted) {
		return n, err
	}
	col := &t.def.Columns[t.autoCol].Type
	if col.ID == value.TypeBigInt {
		return 0, err
	}
	return autoLimit(col), nil
}

// NoteAuto moves the counter beyond an explicitly given value. Insert does so itself.
func (tx *Tx) NoteAuto(t *Table, v uint64) {
	if t.autoCol < 0 || v == 0 || tx.writable(background, t) != nil {
		return
	}
	tx.note(t, tx.ws.open(t), v)
}

// noteAuto is NoteAuto for an inserted value.
func (tx *Tx) noteAuto(t *Table, tt *txTable, v value.Value) {
	if n := autoValue(v); n > 0 {
		tx.note(t, tt, n)
	}
}

func (tx *Tx) note(t *Table, tt *txTable, v uint64) {
	tt.auto = true
	next := v + 1
	if next == 0 {
		next = math.MaxUint64
	}
	for {
		now := t.state.auto.Load()
		if now >= next || t.state.auto.CompareAndSwap(now, next) {
			return
		}
	}
}

// autoValue returns a value of an autoincrement column, 0 when it is not above 0.
func autoValue(v value.Value) uint64 {
	switch v.Kind() {
	case value.KindInt:
		return uint64(max(v.Int64(), 0))
	case value.KindUint:
		return v.Uint64()
	case value.KindFloat:
		if f := v.Float64(); f >= 1 && f < 1<<63 {
			return uint64(f)
		}
	}
	return 0
}

// autoLimit is the greatest value that the column's type holds.
func autoLimit(t *value.Type) uint64 {
	bits := map[value.TypeID]uint{
		value.TypeTinyInt: 8, value.TypeSmallInt: 16, value.TypeMediumInt: 24, value.TypeInt: 32, value.TypeBigInt: 64,
	}[t.ID]
	switch {
	case t.ID == value.TypeFloat:
		return 1 << 24
	case t.ID == value.TypeDouble:
		return 1 << 53
	case bits == 0:
		return 0
	case t.Unsigned:
		return math.MaxUint64 >> (64 - bits)
	}
	return math.MaxUint64 >> (65 - bits)
}
