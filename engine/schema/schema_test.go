package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

func sample() *Table {
	return &Table{
		ID: 20, Schema: "shop", Name: "orders", Version: 3, Storage: 9, Charset: "utf8mb4", NextColID: 10, NextIdxID: 5,
		Columns: []Column{
			{ID: 1, Name: "id", Type: value.Type{ID: value.TypeBigInt, Unsigned: true}, NotNull: true, AutoIncrement: true},
			{ID: 2, Name: "note", Type: value.Type{ID: value.TypeVarChar, Length: 100}, HasDefault: true, Default: value.String("it's")},
			{ID: 3, Name: "amount", Type: value.Type{ID: value.TypeDecimal, Precision: 30, Scale: 2}, NotNull: true, HasDefault: true, Default: value.Decimal(150, 2)},
			{ID: 4, Name: "at", Type: value.Type{ID: value.TypeTimestamp}, DefaultExpr: "CURRENT_TIMESTAMP", OnUpdate: "CURRENT_TIMESTAMP"},
			{ID: 5, Name: "kind", Type: value.Type{ID: value.TypeEnum, Elements: []string{"a", "b"}}, HasDefault: true, Default: value.Enum(2, "b")},
			{ID: 6, Name: "raw", Type: value.Type{ID: value.TypeBlob}, HasDefault: true},
			{ID: 7, Name: "added", Type: value.Type{ID: value.TypeInt}, HasInitial: true, Initial: value.Int(7)},
		},
		Indexes: []Index{
			{ID: 1, Name: "PRIMARY", Primary: true, Unique: true, Parts: []KeyPart{{Column: 1}}},
			{ID: 2, Name: "note", Parts: []KeyPart{{Column: 2, Prefix: 10}, {Column: 3, Desc: true}}},
		},
		Foreign: []ForeignKey{{ID: 1, Name: "fk", Columns: []uint32{2}, RefSchema: "shop", RefTable: "notes", RefColumns: []string{"n"}, OnDelete: SetNull}},
		Checks:  []Check{{Name: "c", Expr: "amount > 0"}},
	}
}

func TestJSONRoundTrip(t *testing.T) {
	tab := sample()
	require.NoError(t, tab.Validate())
	b, err := json.Marshal(tab)
	require.NoError(t, err)
	var got Table
	require.NoError(t, json.Unmarshal(b, &got))
	require.Equal(t, tab, &got)
	require.NotContains(t, string(b), `"default":null`)
	require.Equal(t, tab, tab.Clone())
	c := tab.Clone()
	c.Columns[4].Type.Elements[0], c.Indexes[0].Parts[0].Column, c.Foreign[0].RefColumns[0] = "z", 9, "z"
	require.Equal(t, "a", tab.Columns[4].Type.Elements[0])
	require.Equal(t, uint32(1), tab.Indexes[0].Parts[0].Column)
	require.Equal(t, "n", tab.Foreign[0].RefColumns[0])
}

func TestValidate(t *testing.T) {
	for name, c := range map[string]struct {
		change func(t *Table)
		number uint16
	}{
		"empty name":              {func(t *Table) { t.Name = "" }, 1103},
		"name ends in a space":    {func(t *Table) { t.Name = "a " }, 1103},
		"long name":               {func(t *Table) { t.Name = strings.Repeat("é", 65) }, 1059},
		"no columns":              {func(t *Table) { t.Columns, t.Indexes, t.Foreign = nil, nil, nil }, 4028},
		"duplicate column":        {func(t *Table) { t.Columns[1].Name = "ID" }, 1060},
		"duplicate id":            {func(t *Table) { t.Columns[1].ID = 1 }, 1815},
		"column name":             {func(t *Table) { t.Columns[1].Name = "" }, 1166},
		"bad type":                {func(t *Table) { t.Columns[2].Type.Precision = 70 }, 1426},
		"auto of a string":        {func(t *Table) { t.Columns[1].AutoIncrement = true }, 1063},
		"two autos":               {func(t *Table) { t.Columns[6].AutoIncrement = true }, 1075},
		"auto without key":        {func(t *Table) { t.Indexes = t.Indexes[1:] }, 1075},
		"auto with default":       {func(t *Table) { t.Columns[0].HasDefault, t.Columns[0].Default = true, value.Uint(1) }, 1067},
		"default of another kind": {func(t *Table) { t.Columns[1].Default = value.Int(1) }, 1067},
		"NULL default, NOT NULL":  {func(t *Table) { t.Columns[1].NotNull, t.Columns[1].Default = true, value.Null }, 1067},
		"BLOB default":            {func(t *Table) { t.Columns[5].Default = value.Bytes("x") }, 1101},
		"on update":               {func(t *Table) { t.Columns[1].OnUpdate = "CURRENT_TIMESTAMP" }, 1294},
		"generated with default":  {func(t *Table) { t.Columns[1].Generated = "1" }, 1221},
		"two primary keys":        {func(t *Table) { t.Indexes[1].Primary, t.Indexes[1].Name = true, "PRIMARY" }, 1068},
		"key called PRIMARY":      {func(t *Table) { t.Indexes[1].Name = "primary" }, 1280},
		"duplicate key name":      {func(t *Table) { t.Indexes = append(t.Indexes, t.Indexes[1]) }, 1061},
		"nullable primary key":    {func(t *Table) { t.Columns[0].NotNull = false }, 1171},
		"no such key column":      {func(t *Table) { t.Indexes[1].Parts[0].Column = 99 }, 1072},
		"column twice in key":     {func(t *Table) { t.Indexes[1].Parts[1].Column = 2 }, 1060},
		"prefix of a number":      {func(t *Table) { t.Indexes[1].Parts[1].Prefix = 2 }, 1089},
		"long prefix":             {func(t *Table) { t.Indexes[1].Parts[0].Prefix = 101 }, 1089},
		"BLOB key":                {func(t *Table) { t.Indexes[1].Parts[1].Column = 6 }, 1170},
		"JSON key": {func(t *Table) {
			t.Columns[6].Type.ID, t.Columns[6].HasInitial = value.TypeJSON, false
			t.Indexes[1].Parts[0] = KeyPart{Column: 7}
		}, 3152},
		"long key":            {func(t *Table) { t.Columns[1].Type.Length = 1000; t.Indexes[1].Parts[0].Prefix = 0 }, 1071},
		"long row":            {func(t *Table) { t.Columns[1].Type.Length = 16383 }, 1118},
		"SET NULL, NOT NULL":  {func(t *Table) { t.Columns[1].NotNull = true }, 1830},
		"foreign key columns": {func(t *Table) { t.Foreign[0].RefColumns = nil }, 1239},
		"foreign key names":   {func(t *Table) { t.Foreign = append(t.Foreign, t.Foreign[0]) }, 1826},
		"check names":         {func(t *Table) { t.Checks = append(t.Checks, Check{Name: "C"}) }, 3822},
		"many keys": {func(t *Table) {
			for i := range 64 {
				t.Indexes = append(t.Indexes, Index{Name: fmt.Sprint("k", i), Parts: []KeyPart{{Column: 1}}})
			}
		}, 1069},
	} {
		t.Run(name, func(t *testing.T) {
			tab := sample()
			c.change(tab)
			var se *sqlerr.Error
			err := tab.Validate()
			require.True(t, errors.As(err, &se), "%v", err)
			require.Equal(t, c.number, se.Number(), se.Message)
		})
	}
}

func TestHelpers(t *testing.T) {
	tab := sample()
	require.Equal(t, 0, tab.AutoColumn())
	require.Equal(t, []int{2, 0}, tab.Ordinals([]uint32{3, 1}))
	require.Nil(t, tab.Ordinals([]uint32{99}))
	require.Equal(t, []string{"amount", "id"}, tab.ColumnNames([]uint32{3, 1}))
	require.Equal(t, ColSetOf(1, 2), tab.Indexes[1].ColumnSet(tab))
	require.Equal(t, []uint32{2, 3}, tab.Indexes[1].ColumnIDs())
	require.Equal(t, 0, tab.IndexFor([]uint32{1}, true))
	require.Equal(t, -1, tab.IndexFor([]uint32{2}, false), "a prefix does not serve a foreign key")
	tab.Indexes[1].Parts[0].Prefix = 0
	require.Equal(t, 1, tab.IndexFor([]uint32{2}, true))
	require.Equal(t, 0, tab.ForeignByName("FK"))
	require.Equal(t, 0, tab.CheckByName("C"))
	require.Equal(t, value.Int(7), tab.Columns[6].InitialValue())
	require.Equal(t, value.String("it's"), tab.Columns[1].InitialValue())
	require.Equal(t, value.Null, tab.Columns[5].InitialValue())
	require.Equal(t, value.Uint(0), tab.Columns[0].InitialValue())
	require.Equal(t, "SET NULL", SetNull.String())
	require.Equal(t, "HASH", Hash.String())
}

// TestColSet compares with a map.
func TestColSet(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	for range 300 {
		var s, u ColSet
		ms, mu := map[int]bool{}, map[int]bool{}
		for range rng.Intn(20) {
			c := rng.Intn(200)
			s, ms[c] = s.With(c), true
			c = rng.Intn(200)
			u, mu[c] = u.With(c), true
		}
		require.Equal(t, len(ms), s.Len())
		require.Equal(t, len(ms) == 0, s.Empty())
		var got []int
		for c := s.Next(0); c >= 0; c = s.Next(c + 1) {
			got = append(got, c)
			require.True(t, ms[c] && s.Has(c))
		}
		require.Len(t, got, len(ms))
		both, meets := s.Union(u), false
		for c := range 220 {
			require.Equal(t, ms[c] || mu[c], both.Has(c))
			meets = meets || ms[c] && mu[c]
			require.True(t, !ms[c] || s.Fold64()>>(c%64)&1 == 1)
		}
		require.Equal(t, meets, s.Intersects(u))
	}
	for _, n := range []int{0, 1, 63, 64, 65, 128, 129} {
		require.Equal(t, n, AllCols(n).Len())
		require.Equal(t, -1, AllCols(n).Next(n))
	}
}
