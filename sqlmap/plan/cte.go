package plan

import (
	"errors"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// cteDef is a common table expression in sight.
type cteDef struct {
	name  string
	cte   *ast.CTE
	env   *cteEnv // what its body sees
	outer *scope  // where the block that defines it stands
	state cteState
	// recursive allows it to refer to itself.
	recursive bool
	inline    bool // reads outer columns: every reference gets a plan of its own
	shared    *Shared
	cols      []resultCol
	hits      int // references to itself while its step is built
}

type cteState uint8

const (
	cteReady cteState = iota
	cteSeeding
	cteStepping
)

// errSeedRecurs says that a query block that should be the seed of a recursion refers to the recursive table.
var errSeedRecurs = errors.New("plan: recursive reference")

// with adds a WITH clause to what is in sight.
func (b *builder) with(w *ast.CTEs, env *cteEnv, blk *block) (*cteEnv, error) {
	for i, c := range w.List {
		name := c.As.String()
		for _, o := range w.List[:i] {
			if o.As.String() == name {
				return nil, sqlerr.New(sqlerr.NonUniqueTable, name)
			}
		}
		def := &cteDef{name: name, cte: c, outer: blk.outer}
		next := &cteEnv{def: def, next: env}
		def.env = env
		if w.Recursive {
			def.recursive, def.env = true, next
		}
		env = next
	}
	return env, nil
}

// cteRef builds a reference to a common table expression.
func (blk *block) cteRef(def *cteDef, alias string) (*relation, error) {
	switch def.state {
	case cteSeeding:
		return nil, errSeedRecurs
	case cteStepping:
		def.hits++
		return blk.cteScan(def, alias, true), nil
	}
	if def.inline {
		return blk.inlineCTE(def, alias)
	}
	if def.shared == nil {
		if err := blk.buildShared(def); err != nil {
			return nil, err
		}
		if def.inline {
			return blk.inlineCTE(def, alias)
		}
	}
	def.shared.refs++
	rel := blk.cteScan(def, alias, false)
	if blk.outer != def.outer {
		def.shared.refs++ // used in a subquery: computed once and kept
	}
	return rel, nil
}

func (blk *block) cteScan(def *cteDef, alias string, working bool) *relation {
	n := len(def.cols)
	first := blk.b.newCols(n)
	scan := &CTEScan{Shared: def.shared, Name: alias, Working: working}
	t := &scopeTable{name: alias, cols: make([]scopeCol, n)}
	for i := range def.cols {
		id := first + ColID(i)
		scan.Cols = append(scan.Cols, id)
		meta := def.cols[i].meta
		meta.Table, meta.Column = alias, nil
		t.cols[i] = scopeCol{
			col:  &expr.Column{Slot: int(id), Table: alias, Name: meta.Label, Typ: def.cols[i].col.Typ},
			meta: meta,
		}
	}
	return newRelation(scan, t)
}

// cteBlock returns the block for a body: it sees the outer columns only where the definition's own block would.
func (blk *block) cteBlock(def *cteDef) *block {
	if blk.outer != def.outer {
		return &block{b: blk.b, ctes: def.env}
	}
	in := blk.partBlock()
	in.ctes = def.env
	return in
}

func (blk *block) inlineCTE(def *cteDef, alias string) (*relation, error) {
	if err := blk.b.enter(); err != nil {
		return nil, err
	}
	defer blk.b.leave()
	in := blk.cteBlock(def)
	res, err := blk.b.queryIn(def.cte.Query(), in)
	if blk.outer == def.outer {
		blk.takeArgs(in)
	}
	if err != nil {
		return nil, err
	}
	return res.named(alias, columnNames(def.cte.Columns))
}

// buildShared builds the body once, for all references.
func (blk *block) buildShared(def *cteDef) error {
	b := blk.b
	if err := b.enter(); err != nil {
		return err
	}
	defer b.leave()
	b.derived++
	defer func() { b.derived-- }()
	before := len(blk.args)
	in := blk.cteBlock(def)
	in.args = in.args[:len(in.args):len(in.args)]
	var (
		res *result
		err error
	)
	if def.recursive {
		def.state = cteSeeding
		hits := def.hits
		res, err = b.queryIn(def.cte.Query(), in)
		def.state = cteReady
		if errors.Is(err, errSeedRecurs) {
			def.hits = hits
			return blk.buildRecursive(def)
		}
	} else {
		res, err = b.queryIn(def.cte.Query(), in)
	}
	if err != nil {
		return err
	}
	if len(in.args) > before || readsOuter(res.node) {
		def.inline = true
		return nil
	}
	return b.share(def, res)
}

// readsOuter reports whether a plan reads columns of an enclosing block.
func readsOuter(n Node) bool {
	found := false
	n.exprs(func(e *expr.Expr) {
		if *e != nil && expr.MaxColumnDepth(*e) > 0 {
			found = true
		}
	})
	for _, in := range n.Inputs() {
		found = found || readsOuter(in)
	}
	return found
}

func (b *builder) share(def *cteDef, res *result) error {
	rel, err := res.named(def.name, columnNames(def.cte.Columns))
	if err != nil {
		return err
	}
	def.shared = &Shared{Name: def.name, Plan: res.node, From: res.ids()}
	b.shared = append(b.shared, def.shared)
	for i := range res.cols {
		c := rel.tables[0].cols[i]
		def.shared.Typ = append(def.shared.Typ, c.col.Typ)
		def.shared.Names = append(def.shared.Names, c.meta.Label)
		def.cols = append(def.cols, resultCol{id: res.cols[i].id, col: c.col, meta: c.meta})
	}
	return nil
}

// buildRecursive builds a recursive common table expression: seeds, then the steps that read the rows before.
func (blk *block) buildRecursive(def *cteDef) error {
	body := def.cte.Query()
	for {
		p, ok := body.(*sqlparser.ParenSelect)
		if !ok {
			break
		}
		body = p.Select
	}
	un, ok := body.(*sqlparser.Union)
	if !ok {
		return sqlerr.New(sqlerr.RecursiveNeedsUnion, def.name)
	}
	if len(un.OrderBy) > 0 {
		return sqlerr.New(sqlerr.NotSupported, "ORDER BY over a recursive query")
	}
	blocks, distinct := unionBlocks(un)
	seed, steps, err := blk.seeds(def, blocks)
	if err != nil {
		return err
	}
	if err := blk.b.share(def, seed); err != nil {
		return err
	}
	def.shared.Distinct = distinct
	if un.Limit != nil {
		lim, err := blk.bindLimit(un.Limit)
		if err != nil {
			return err
		}
		def.shared.Limit, def.shared.Offset = lim.count, lim.offset
	}
	return blk.steps(def, steps)
}

// seeds builds the blocks that do not refer to the table itself, and returns the others.
func (blk *block) seeds(def *cteDef, blocks []sqlparser.SelectStatement) (seed *result, steps []sqlparser.SelectStatement, err error) {
	def.state = cteSeeding
	defer func() { def.state = cteReady }()
	for i, s := range blocks {
		res, err := blk.b.queryIn(s, blk.cteBlockNoArgs(def))
		if errors.Is(err, errSeedRecurs) {
			if i == 0 {
				return nil, nil, sqlerr.New(sqlerr.RecursiveNeedsSeed, def.name)
			}
			steps = append(steps, s)
			continue
		}
		if err == nil && seed != nil {
			res, err = blk.b.combine(Union, true, seed, res)
		}
		if err != nil {
			return nil, nil, err
		}
		seed = res
	}
	for i := range seed.cols {
		c := &seed.cols[i]
		typ := *c.col.Typ
		typ.NotNull = false
		c.col = &expr.Column{Slot: int(c.id), Name: c.meta.Label, Typ: &typ}
		c.meta.Type = &typ
	}
	return seed, steps, nil
}

// steps builds the blocks that read the rows of the previous round.
func (blk *block) steps(def *cteDef, blocks []sqlparser.SelectStatement) error {
	b, sh := blk.b, def.shared
	def.state = cteStepping
	defer func() { def.state = cteReady }()
	var step *result
	for _, s := range blocks {
		def.hits = 0
		in := blk.cteBlockNoArgs(def)
		res, err := b.queryIn(s, in)
		if err != nil {
			return err
		}
		if in.grouped || len(in.wins) > 0 {
			return sqlerr.New(sqlerr.RecursiveAggregation, def.name)
		}
		if def.hits != 1 {
			return sqlerr.New(sqlerr.RecursiveOneReference, def.name)
		}
		if len(res.cols) != len(sh.Typ) {
			return sqlerr.New(sqlerr.SetOpColumns)
		}
		conv := make([]expr.Expr, len(res.cols))
		for i := range res.cols {
			conv[i] = convertTo(res.cols[i].col, sh.Typ[i])
		}
		node, ids := b.converted(res, conv)
		res.node = node
		for i := range res.cols {
			res.cols[i].id = ids[i]
			res.cols[i].col = &expr.Column{Slot: int(ids[i]), Name: res.cols[i].meta.Label, Typ: sh.Typ[i]}
		}
		if step != nil {
			if res, err = b.combine(Union, true, step, res); err != nil {
				return err
			}
		}
		step = res
	}
	sh.Step, sh.StepFrom = step.node, step.ids()
	return nil
}

// cteBlockNoArgs is the block of a part of a recursive body, which may not read outer columns.
func (blk *block) cteBlockNoArgs(def *cteDef) *block {
	return &block{b: blk.b, ctes: def.env}
}

// unionBlocks returns the blocks of a left-deep chain of UNIONs and whether duplicates are dropped.
func unionBlocks(un *sqlparser.Union) (blocks []sqlparser.SelectStatement, distinct bool) {
	if l, ok := un.Left.(*sqlparser.Union); ok && len(l.OrderBy) == 0 && l.Limit == nil {
		blocks, distinct = unionBlocks(l)
	} else {
		blocks = []sqlparser.SelectStatement{un.Left}
	}
	return append(blocks, un.Right), distinct || un.Type != sqlparser.UnionAllStr
}
