package plan

import (
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// block is a query block while it is built: one SELECT, or a set operation for its ORDER BY.
type block struct {
	b     *builder
	outer *scope // where the block stands as a subquery or lateral table; nil at the top
	ctes  *cteEnv
	top   bool
	// keepOrder is set where ORDER BY without LIMIT still matters.
	keepOrder bool
	countAll  bool // a set operation with SQL_CALC_FOUND_ROWS

	args    []expr.Expr    // outer columns that the block reads, in the outer block's terms
	argKeys map[string]int // by expr.Key

	rel       *relation
	items     []*item
	aggs      []AggItem
	aggKeys   map[string]ColID
	groups    []groupKey
	grouped   bool // has GROUP BY or aggregates
	rollup    bool
	groupings []pendingGrouping
	wins      []WindowItem
	// later holds the columns that are made after grouping: they are never replaced by group keys.
	later colSet
	locks []lockClause
}

// item is one expression of the select list.
type item struct {
	id      ColID
	expr    expr.Expr
	label   string
	aliased bool
	meta    ResultColumn
	number  int // position as written, from 1
	used    bool
	done    bool // a Project below has computed it
}

// column returns the reference to the item's value.
func (it *item) column() *expr.Column {
	if c, ok := it.expr.(*expr.Column); ok && c.Depth == 0 && ColID(c.Slot) == it.id {
		return c
	}
	return &expr.Column{Slot: int(it.id), Name: it.label, Typ: it.expr.Type()}
}

// pendingGrouping is a GROUPING() call whose keys are found once the group keys are known.
type pendingGrouping struct {
	id   ColID
	args []expr.Expr
}

type groupKey struct {
	id   ColID
	expr expr.Expr
	key  string
	col  *expr.Column // reference to the grouped column
}

// arg makes e, an expression of the outer block, readable inside this one.
func (blk *block) arg(e expr.Expr) expr.Expr {
	if _, ok := e.(*expr.Literal); ok {
		return e
	}
	k := expr.Key(e)
	i, ok := blk.argKeys[k]
	if !ok {
		i = len(blk.args)
		blk.args = append(blk.args, e)
		if blk.argKeys == nil {
			blk.argKeys = map[string]int{}
		}
		blk.argKeys[k] = i
	}
	c := &expr.Column{Depth: 1, Slot: i, Typ: e.Type()}
	if o, ok := e.(*expr.Column); ok {
		c.Schema, c.Table, c.Name = o.Schema, o.Table, o.Name
	} else {
		c.Name = expr.String(e)
	}
	return c
}

// takeArgs adopts the arguments that a part of the same block collected.
func (blk *block) takeArgs(part *block) { blk.args, blk.argKeys = part.args, part.argKeys }

// scopeOf returns the scope of a clause over the block's tables.
func (blk *block) scopeOf(c clause) *scope {
	s := &scope{blk: blk, rel: blk.rel, clause: c}
	switch c {
	case inFieldList:
		s.aggs, s.windows = true, true
	case inHaving:
		s.aggs, s.aliases = true, havingAliases
	case inOrder:
		s.aggs, s.windows, s.aliases = true, true, aliasesAfter
	case inGroup:
		s.aliases = aliasesAfter
	}
	return s
}

// aliasRef resolves a label of the select list for GROUP BY and ORDER BY.
func (blk *block) aliasRef(s *scope, name string) (expr.Expr, error) {
	var found *item
	for _, it := range blk.items {
		if !strings.EqualFold(it.label, name) {
			continue
		}
		if found != nil && !expr.Equal(found.expr, it.expr) {
			return nil, sqlerr.New(sqlerr.AmbiguousColumn, name, clauseText[s.clause])
		}
		if found == nil {
			found = it
		}
	}
	if found == nil {
		return nil, nil
	}
	return blk.itemRef(s, found)
}

func (blk *block) itemRef(s *scope, it *item) (expr.Expr, error) {
	if s.clause == inGroup {
		if e := blk.expandWindows(it.expr); expr.HasWindow(e) {
			return nil, sqlerr.New(sqlerr.WrongGroupField, it.label)
		}
		if blk.readsAggregate(it.expr) {
			return nil, sqlerr.New(sqlerr.WrongGroupField, it.label)
		}
		return it.expr, nil
	}
	if c, ok := it.expr.(*expr.Column); ok {
		return c, nil
	}
	if _, ok := it.expr.(*expr.Literal); ok {
		return it.expr, nil
	}
	it.used = true
	blk.later.add(it.id)
	return it.column(), nil
}

// readsAggregate reports whether e reads the result of an aggregate of this block.
func (blk *block) readsAggregate(e expr.Expr) bool {
	found := false
	expr.Columns(e, func(depth, slot int) {
		if depth == 0 && blk.isAgg(ColID(slot)) {
			found = true
		}
	})
	return found
}

func (blk *block) isAgg(id ColID) bool {
	for i := range blk.aggs {
		if blk.aggs[i].ID == id {
			return true
		}
	}
	return false
}

// expandWindows puts the calls of window functions back in the place of their columns.
func (blk *block) expandWindows(e expr.Expr) expr.Expr {
	if len(blk.wins) == 0 {
		return e
	}
	return expr.Map(e, func(n expr.Expr) expr.Expr {
		if c, ok := n.(*expr.Column); ok && c.Depth == 0 {
			for i := range blk.wins {
				if blk.wins[i].ID == ColID(c.Slot) {
					return blk.wins[i].Call
				}
			}
		}
		return n
	})
}

// resolveHaving resolves a name in HAVING: group keys and the select list are in sight, the tables' other columns are
// not.
func (blk *block) resolveHaving(s *scope, n *sqlparser.ColName) (expr.Expr, error) {
	col, err := s.resolveLocal(n)
	if err != nil {
		col = nil
	}
	if col != nil {
		k := expr.Key(col)
		for i := range blk.groups {
			if blk.groups[i].key == k {
				return col, nil
			}
		}
	}
	if n.Qualifier.Name.IsEmpty() {
		e, aliasErr := blk.aliasRef(s, n.Name.String())
		if e != nil || aliasErr != nil {
			return e, aliasErr
		}
	}
	if col != nil {
		k := expr.Key(col)
		for _, it := range blk.items {
			if expr.Key(it.expr) == k {
				return col, nil
			}
		}
	}
	return nil, err
}

// BindAggregate registers an aggregate call with the block that it belongs to.
func (s *scope) BindAggregate(bind func(expr.Scope) (*expr.Aggregate, error)) (expr.Expr, error) {
	if s.inAgg {
		return nil, sqlerr.New(sqlerr.InvalidGroupFunc)
	}
	args := *s
	args.inAgg, args.windows = true, false
	call, err := bind(&args)
	if err != nil {
		return nil, err
	}
	return s.placeAggregate(call)
}

// placeAggregate gives the call to the innermost block that owns a column of its arguments.
func (s *scope) placeAggregate(call *expr.Aggregate) (expr.Expr, error) {
	local, outer := false, false
	expr.Columns(call, func(depth, _ int) {
		if depth == 0 {
			local = true
		} else {
			outer = true
		}
	})
	if outer && !local && s.blk.outer != nil && s.blk.outer.takesAggregates() {
		lifted := expr.Map(call, func(n expr.Expr) expr.Expr {
			if c, ok := n.(*expr.Column); ok && c.Depth == 1 {
				return s.blk.args[c.Slot]
			}
			return n
		}).(*expr.Aggregate)
		e, err := s.blk.outer.placeAggregate(lifted)
		if err != nil {
			return nil, err
		}
		return s.blk.arg(e), nil
	}
	if !s.aggs {
		return nil, sqlerr.New(sqlerr.InvalidGroupFunc)
	}
	return s.blk.addAggregate(call), nil
}

func (s *scope) takesAggregates() bool {
	if s.inAgg {
		return false
	}
	return s.aggs || s.blk.outer != nil && s.blk.outer.takesAggregates()
}

func (blk *block) addAggregate(call *expr.Aggregate) expr.Expr {
	if call.Name != anyValue {
		blk.grouped = true
	}
	k := expr.Key(call)
	if expr.Deterministic(call) {
		if id, ok := blk.aggKeys[k]; ok {
			return blk.aggColumn(id, call)
		}
	}
	id := blk.b.newCol()
	if blk.aggKeys == nil {
		blk.aggKeys = map[string]ColID{}
	}
	blk.aggKeys[k] = id
	blk.aggs = append(blk.aggs, AggItem{ID: id, Call: call})
	blk.later.add(id)
	return blk.aggColumn(id, call)
}

// anyValue is the function that picks a value of the group. By itself it does not make a query a grouped one.
const anyValue = "any_value"

func (blk *block) aggColumn(id ColID, call *expr.Aggregate) expr.Expr {
	return &expr.Column{Slot: int(id), Name: expr.String(call), Typ: call.Typ}
}

// BindWindow registers a window function.
func (s *scope) BindWindow(bind func(expr.Scope) (*expr.Window, error)) (expr.Expr, error) {
	if !s.windows || s.inAgg {
		return nil, sqlerr.New(sqlerr.WindowMisplaced, "")
	}
	args := *s
	args.windows = false
	call, err := bind(&args)
	if err != nil {
		return nil, err
	}
	id := s.blk.b.newCol()
	s.blk.wins = append(s.blk.wins, WindowItem{ID: id, Call: call})
	s.blk.later.add(id)
	return &expr.Column{Slot: int(id), Name: expr.String(call), Typ: call.Typ}, nil
}

// grouping returns the column of GROUPING(args).
func (blk *block) grouping(s *scope, args []expr.Expr) (expr.Expr, error) {
	if !blk.rollup || !s.aggs {
		return nil, sqlerr.New(sqlerr.InvalidGroupFunc)
	}
	p := pendingGrouping{id: blk.b.newCol(), args: args}
	blk.groupings = append(blk.groupings, p)
	blk.later.add(p.id)
	return &expr.Column{Slot: int(p.id), Name: "grouping", Typ: intType(true)}, nil
}

func intType(notNull bool) *expr.Type {
	return &expr.Type{Type: value.Type{ID: value.TypeBigInt}, NotNull: notNull, Coercibility: expr.CoerceNumeric}
}

func boolType(notNull bool) *expr.Type {
	return &expr.Type{Type: value.Type{ID: value.TypeBigInt, Length: 1}, NotNull: notNull, Coercibility: expr.CoerceNumeric}
}

// lockClause is a locking clause of a block.
type lockClause struct {
	ast.LockClause
	all bool // no OF
}
