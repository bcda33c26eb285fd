package plan

import (
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// assembly puts the operators of a block on top of its FROM and WHERE, in the order of SQL: grouping, HAVING, windows,
// select list, DISTINCT, ORDER BY, locks, LIMIT. Expressions of the select list are computed as late as possible: below
// what refers to them, otherwise above LIMIT.
type assembly struct {
	blk       *block
	node      Node
	having    []expr.Expr
	order     []SortKey
	limit     *limitSpec
	distinct  bool
	calcFound bool
}

func (a *assembly) assemble() (*result, error) {
	blk := a.blk
	early := blk.grouped || a.distinct || len(blk.wins) > 0
	where := a.node
	if early {
		a.lock(where, nil, nil)
	}
	if !blk.grouped && len(blk.aggs) > 0 {
		a.dropAnyValue()
	}
	if blk.grouped {
		if err := a.group(); err != nil {
			return nil, err
		}
	}
	if len(a.having) > 0 {
		a.compute(func(it *item) bool { return readsItem(a.having, it) })
		a.node = &Filter{unary: unary{a.node}, Conds: a.having}
	}
	a.windows()
	if a.distinct {
		a.compute(func(*item) bool { return true })
		if err := a.checkDistinctOrder(); err != nil {
			return nil, err
		}
		a.node = &Distinct{unary: unary{a.node}, Keys: a.itemColumns()}
	}
	computed := a.compute(func(it *item) bool { return it.used })
	a.sort()
	if !early {
		a.lock(where, a.order, computed)
	}
	a.limitNode()
	a.compute(func(*item) bool { return true })
	res := &result{node: a.node, calcFound: a.calcFound}
	for _, it := range blk.items {
		res.cols = append(res.cols, resultCol{id: it.id, col: it.column(), meta: it.meta})
	}
	return res, nil
}

// dropAnyValue replaces ANY_VALUE(x) by x in a query without groups.
func (a *assembly) dropAnyValue() {
	by := map[ColID]expr.Expr{}
	for i := range a.blk.aggs {
		by[a.blk.aggs[i].ID] = a.blk.aggs[i].Call.Args[0]
	}
	for _, it := range a.blk.items {
		plain := it.column() == it.expr
		it.expr = substitute(it.expr, by)
		if plain {
			if c, ok := localColumn(it.expr); ok {
				it.id = c
			} else {
				it.id = a.blk.b.newCol()
			}
		}
	}
	for i := range a.having {
		a.having[i] = substitute(a.having[i], by)
	}
	for i := range a.order {
		a.order[i].Expr = substitute(a.order[i].Expr, by)
	}
}

// readsItem reports whether one of the conditions reads the item's column.
func readsItem(list []expr.Expr, it *item) bool {
	found := false
	for _, e := range list {
		expr.Columns(e, func(depth, slot int) {
			if depth == 0 && ColID(slot) == it.id {
				found = true
			}
		})
	}
	return found && it.used
}

// compute adds a Project for the items that want selects and that are not computed yet.
func (a *assembly) compute(want func(*item) bool) []Item {
	var items []Item
	for _, it := range a.blk.items {
		if it.done || !want(it) {
			continue
		}
		it.done = true
		if c := it.column(); c != it.expr {
			items = append(items, Item{ID: it.id, Expr: it.expr})
		}
	}
	if len(items) > 0 {
		a.node = &Project{unary: unary{a.node}, Items: items}
	}
	return items
}

func (a *assembly) itemColumns() []expr.Expr {
	seen := setOf()
	var out []expr.Expr
	for _, it := range a.blk.items {
		if !seen.has(it.id) {
			seen.add(it.id)
			out = append(out, it.column())
		}
	}
	return out
}

func (a *assembly) sort() {
	var keys []SortKey
	for _, k := range a.order {
		if expr.IsConst(k.Expr) && expr.Deterministic(k.Expr) {
			continue
		}
		keys = append(keys, k)
	}
	a.order = keys
	if len(keys) == 0 || a.blk.grouped && len(a.blk.groups) == 0 {
		return
	}
	a.node = &Sort{unary: unary{a.node}, Keys: keys}
}

func (a *assembly) limitNode() {
	if a.limit == nil {
		return
	}
	a.node = &Limit{unary: unary{a.node}, Count: a.limit.count, Offset: a.limit.offset, CountAll: a.calcFound}
}

// windows adds a Sort and a Window for each group of functions that share partitioning and order.
func (a *assembly) windows() {
	type group struct {
		key   string
		sort  []SortKey
		items []WindowItem
	}
	var groups []*group
	for _, w := range a.blk.wins {
		var sort []SortKey
		key := ""
		for _, p := range w.Call.PartitionBy {
			sort = append(sort, SortKey{Expr: p})
			key += expr.Key(p) + "\x00"
		}
		key += "\x01"
		for _, o := range w.Call.OrderBy {
			sort = append(sort, SortKey{Expr: o.Expr, Desc: o.Desc})
			key += expr.Key(o.Expr) + "\x00"
			if o.Desc {
				key += "\x02"
			}
		}
		var g *group
		for _, o := range groups {
			if o.key == key {
				g = o
			}
		}
		if g == nil {
			g = &group{key: key, sort: sort}
			groups = append(groups, g)
		}
		g.items = append(g.items, w)
	}
	for _, g := range groups {
		if len(g.sort) > 0 {
			a.node = &Sort{unary: unary{a.node}, Keys: g.sort}
		}
		a.node = &Window{unary: unary{a.node}, Items: g.items}
	}
}

// lock adds the Lock node for the block's locking clauses. where is the tree of FROM and WHERE.
func (a *assembly) lock(where Node, keys []SortKey, computed []Item) {
	blk := a.blk
	if len(blk.locks) == 0 {
		return
	}
	var tables []LockTable
	for _, t := range blk.rel.tables {
		for _, lc := range blk.locks {
			if !lc.all && !names(lc, t) {
				continue
			}
			for _, s := range t.under {
				if lockable(s.Table) {
					tables = append(tables, blk.lockTable(s, lc))
				}
			}
			break
		}
	}
	if len(tables) == 0 {
		return
	}
	blk.b.locking = true
	a.node = &Lock{
		unary: unary{a.node}, Tables: tables, Conds: conditions(where, nil), Keys: keys,
		Compute: append(computedBelow(where, nil), computed...), Explicit: true,
	}
}

// computedBelow collects the columns that views and derived tables compute from those of tables, the lowest first.
func computedBelow(n Node, out []Item) []Item {
	for _, in := range n.Inputs() {
		out = computedBelow(in, out)
	}
	if p, ok := n.(*Project); ok {
		out = append(out, p.Items...)
	}
	return out
}

func (blk *block) lockTable(s *Scan, lc lockClause) LockTable {
	s.RowID = blk.b.newCol()
	lt := LockTable{Scan: s, Share: lc.Share, NoWait: lc.NoWait, SkipLocked: lc.SkipLocked}
	if lc.Share {
		lt.S = allCols(s)
	} else {
		lt.X = allCols(s)
	}
	return lt
}

func names(lc lockClause, t *scopeTable) bool {
	for _, of := range lc.Of {
		if t.answersTo(of) {
			return true
		}
	}
	return false
}

// conditions collects the conditions under which tuples of n qualify, for evaluating them again after locking. The
// condition of an outer join counts where the row that it found is locked.
func conditions(n Node, out []expr.Expr) []expr.Expr {
	switch n := n.(type) {
	case *Filter:
		return conditions(n.Input, append(out, n.Conds...))
	case *Project:
		return conditions(n.Input, out)
	case *Join:
		switch n.Kind {
		case InnerJoin:
			out = append(out, n.On...)
		case LeftJoin:
			if s, ok := n.Right.(*Scan); ok && s.RowID != 0 && len(n.On) > 0 {
				id := &expr.Column{Slot: int(s.RowID), Table: s.Name, Name: "row id", Typ: rowIDType}
				or := []expr.Expr{expr.JoinAnd(n.On), &expr.IsNull{Arg: id}}
				out = append(out, &expr.Logic{Op: expr.OpOr, Args: or})
			}
		}
		return conditions(n.Right, conditions(n.Left, out))
	}
	return out
}

// rowIDType is the type of the hidden column that identifies a row.
var rowIDType = &expr.Type{Type: value.Type{ID: value.TypeBigInt, Unsigned: true}, Coercibility: expr.CoerceNumeric}
