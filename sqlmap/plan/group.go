package plan

import (
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// group adds the Aggregate node and rewrites the expressions above it in terms of its columns.
func (a *assembly) group() error {
	blk := a.blk
	g := &grouper{blk: blk, input: a.node, any: map[ColID]*expr.Column{}}
	for i := range blk.groups {
		if _, ok := blk.groups[i].expr.(*expr.Column); !ok {
			g.exprKeys = true
		}
	}
	for _, it := range blk.items {
		g.where, g.number = "SELECT list", it.number
		plain := it.column() == it.expr
		it.expr = g.rewrite(it.expr)
		if c, ok := it.expr.(*expr.Column); ok && c.Depth == 0 && plain {
			it.id = ColID(c.Slot)
		}
		if it.meta.Type != it.expr.Type() {
			it.meta.Type = it.expr.Type()
		}
	}
	for i := range a.having {
		g.where, g.number = "HAVING clause", 1
		a.having[i] = g.rewrite(a.having[i])
	}
	for i := range a.order {
		g.where, g.number = "ORDER BY clause", i+1
		a.order[i].Expr = g.rewrite(a.order[i].Expr)
	}
	for i := range blk.wins {
		g.where, g.number = "SELECT list", 1
		blk.wins[i].Call = g.rewriteKids(blk.wins[i].Call).(*expr.Window)
	}
	if g.err != nil {
		return g.err
	}
	agg := &Aggregate{unary: unary{a.node}, Aggs: append(blk.aggs, g.items...), Rollup: blk.rollup && len(blk.groups) > 0}
	for i := range blk.groups {
		agg.Groups = append(agg.Groups, Item{ID: blk.groups[i].id, Expr: blk.groups[i].expr})
	}
	if len(agg.Groups) == 0 {
		agg.Method = ScalarAggregate
	}
	if err := blk.placeGroupings(agg); err != nil {
		return err
	}
	if agg.Rollup {
		keys := make([]SortKey, len(agg.Groups))
		for i := range agg.Groups {
			keys[i] = SortKey{Expr: agg.Groups[i].Expr}
		}
		agg.Input = &Sort{unary: unary{agg.Input}, Keys: keys}
		agg.Method = StreamAggregate
	}
	a.node = agg
	return nil
}

// grouper rewrites expressions above an Aggregate.
type grouper struct {
	blk      *block
	input    Node
	exprKeys bool // a group key is more than a column
	any      map[ColID]*expr.Column
	items    []AggItem
	anyRow   bool    // within ANY_VALUE, where every column may be read
	fixed    *colSet // columns that depend on the group keys; found when first needed
	where    string  // clause, for messages
	number   int
	err      error
}

func (g *grouper) rewrite(e expr.Expr) expr.Expr {
	return expr.Rewrite(e, g.replace)
}

func (g *grouper) rewriteKids(e expr.Expr) expr.Expr {
	kids := e.Children()
	out := make([]expr.Expr, len(kids))
	for i := range kids {
		out[i] = g.rewrite(kids[i])
	}
	if len(out) == 0 {
		return e
	}
	return e.WithChildren(out)
}

func (g *grouper) replace(e expr.Expr) (expr.Expr, bool) {
	c, isCol := e.(*expr.Column)
	if isCol && (c.Depth != 0 || g.blk.later.has(ColID(c.Slot))) {
		return e, true
	}
	if isCol || g.exprKeys && expr.AllFlags(e)&expr.IsColumn != 0 {
		if k := g.find(e); k != nil {
			return k, true
		}
	}
	if isCol {
		return g.ungrouped(c), true
	}
	if call, ok := e.(*expr.Call); ok && call.Name == anyValue && !g.anyRow {
		g.anyRow = true
		e = g.rewriteKids(e)
		g.anyRow = false
		return e, true
	}
	return nil, false
}

func (g *grouper) find(e expr.Expr) expr.Expr {
	key := expr.Key(e)
	for i := range g.blk.groups {
		if g.blk.groups[i].key == key {
			return g.blk.groups[i].col
		}
	}
	return nil
}

// ungrouped returns the column that holds c of some row of the group, if sql_mode allows.
func (g *grouper) ungrouped(c *expr.Column) expr.Expr {
	mode := g.blk.b.session().Mode
	if mode&expr.ModeOnlyFullGroupBy != 0 && !g.anyRow && g.err == nil && !g.depends(ColID(c.Slot)) {
		name := fullName(c)
		if len(g.blk.groups) == 0 {
			g.err = sqlerr.New(sqlerr.MixGroup, g.number, g.where, name)
		} else {
			g.err = sqlerr.New(sqlerr.NotInGroupBy, g.number, g.where, name)
		}
	}
	if have, ok := g.any[ColID(c.Slot)]; ok {
		return have
	}
	col := *c
	col.Slot = int(g.blk.b.newCol())
	if g.blk.rollup || len(g.blk.groups) == 0 {
		typ := *c.Typ
		typ.NotNull = false
		col.Typ = &typ
	}
	g.any[ColID(c.Slot)] = &col
	g.items = append(g.items, AggItem{ID: ColID(col.Slot), Any: c})
	return &col
}

func fullName(c *expr.Column) string {
	s := c.Name
	if c.Table != "" {
		s = c.Table + "." + s
	}
	if c.Schema != "" {
		s = c.Schema + "." + s
	}
	return s
}

// depends reports whether a column has one value per group.
func (g *grouper) depends(id ColID) bool {
	if g.fixed == nil {
		set := setOf()
		for i := range g.blk.groups {
			if c, ok := g.blk.groups[i].expr.(*expr.Column); ok && c.Depth == 0 {
				set.add(ColID(c.Slot))
			}
		}
		set = determined(g.input, set)
		g.fixed = &set
	}
	return g.fixed.has(id)
}

// placeGroupings finds the group keys that GROUPING() calls name.
func (blk *block) placeGroupings(agg *Aggregate) error {
	for _, p := range blk.groupings {
		it := GroupingItem{ID: p.id}
		for n, a := range p.args {
			k := expr.Key(a)
			at := -1
			for i := range blk.groups {
				if blk.groups[i].key == k {
					at = i
				}
			}
			if at < 0 {
				return sqlerr.New(sqlerr.GroupingArgument, n)
			}
			it.Keys = append(it.Keys, at)
		}
		agg.Grouping = append(agg.Grouping, it)
	}
	return nil
}

// checkDistinctOrder refuses ORDER BY columns that DISTINCT has dropped.
func (a *assembly) checkDistinctOrder() error {
	if a.blk.b.session().Mode&expr.ModeOnlyFullGroupBy == 0 {
		return nil
	}
	have := setOf()
	for _, it := range a.blk.items {
		have.add(it.id)
	}
	have = determined(a.node, have)
	for i, k := range a.order {
		bad := ""
		expr.Walk(k.Expr, func(e expr.Expr) bool {
			for _, it := range a.blk.items {
				if expr.Equal(it.expr, e) {
					return false
				}
			}
			if c, ok := e.(*expr.Column); ok && c.Depth == 0 && !have.has(ColID(c.Slot)) {
				bad = fullName(c)
			}
			return true
		})
		if bad != "" {
			return sqlerr.New(sqlerr.OrderNotSelected, i+1, bad)
		}
	}
	return nil
}
