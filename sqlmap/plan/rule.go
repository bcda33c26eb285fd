package plan

import "github.com/worktable-go/worktable/sqlmap/expr"

// rule is one rewriting of a plan. Rules run in the order of the list, each once over the whole tree.
type rule struct {
	name string
	// required rules run even with Options.DisableRules: execution depends on them.
	required bool
	apply    func(o *optimizer, n Node) (Node, error)
}

// rules is the planner: what it does to a tree, in order.
var rules = []rule{
	{"inline_ctes", true, (*optimizer).inlineCTEs},
	{"merge_derived", false, (*optimizer).mergeDerived},
	{"join_subqueries", false, (*optimizer).joinSubqueries},
	{"simplify_outer_joins", false, (*optimizer).simplifyOuterJoins},
	{"push_filters", false, (*optimizer).pushFilters},
	{"propagate_equalities", false, (*optimizer).propagateEqualities},
	{"fold_conditions", false, (*optimizer).foldConditions},
	{"pull_semi_joins", false, (*optimizer).pullSemiJoins},
	{"order_joins", false, (*optimizer).orderJoins},
	{"choose_access", false, (*optimizer).chooseAccess},
	{"use_index_order", false, (*optimizer).useIndexOrder},
	{"min_max", false, (*optimizer).minMax},
	{"top_n", false, (*optimizer).topN},
	{"table_count", false, (*optimizer).tableCount},
	{"prune_columns", true, (*optimizer).pruneColumns},
	{"point_select", false, (*optimizer).pointSelect},
}

// Rules returns the names of the rules in order.
func Rules() []string {
	out := make([]string, len(rules))
	for i := range rules {
		out[i] = rules[i].name
	}
	return out
}

// optimizer applies the rules to one tree of a statement: the main one, a subquery's or a common table expression's.
type optimizer struct {
	b      *builder
	output []ColID // columns that the tree must produce
	query  *Query  // nil for common table expressions
}

// optimize applies the rules to all trees of the statement: outer ones first, as they may take inner ones over.
func (b *builder) optimize(q *Query) error {
	if err := b.optimizeQuery(q); err != nil {
		return err
	}
	// Subqueries were registered inner ones first.
	for i := len(b.plans) - 1; i >= 0; i-- {
		if sub := b.plans[i]; !sub.absorbed {
			if err := b.optimizeQuery(sub); err != nil {
				return err
			}
		}
	}
	for _, sh := range b.shared {
		if sh.inlined() {
			continue
		}
		n, err := (&optimizer{b: b, output: sh.From}).run(sh.Plan)
		if err != nil {
			return err
		}
		sh.Plan = n
		if sh.Step == nil {
			continue
		}
		if n, err = (&optimizer{b: b, output: sh.StepFrom}).run(sh.Step); err != nil {
			return err
		}
		sh.Step = n
	}
	return nil
}

func (b *builder) optimizeQuery(q *Query) error {
	n, err := (&optimizer{b: b, output: q.Output, query: q}).run(q.Root)
	q.Root = n
	return err
}

func (o *optimizer) run(n Node) (Node, error) {
	opt := &o.b.c.Options
	for i := range rules {
		r := &rules[i]
		if !r.required && (opt.DisableRules || opt.Disable[r.name]) {
			continue
		}
		var err error
		if n, err = r.apply(o, n); err != nil {
			return n, err
		}
	}
	return n, nil
}

// each replaces the inputs of every node below n by what f makes of them, then n itself: bottom-up.
func each(n Node, f func(Node) Node) Node {
	for i, in := range n.Inputs() {
		if r := each(in, f); r != in {
			n.SetInput(i, r)
		}
	}
	return f(n)
}

// read adds the columns of the tree's own tuples that e reads to set.
func read(e expr.Expr, set *colSet) {
	expr.Columns(e, func(depth, slot int) {
		if depth == 0 {
			set.add(ColID(slot))
		}
	})
}

func readAll(list []expr.Expr, set *colSet) {
	for _, e := range list {
		read(e, set)
	}
}

// reads returns the columns of depth 0 that e reads.
func reads(e expr.Expr) colSet {
	var s colSet
	read(e, &s)
	return s
}

// produced returns the columns that n could produce: all of a scan's, needed or not.
func produced(n Node) colSet {
	var s colSet
	addProduced(n, &s)
	return s
}

func addProduced(n Node, s *colSet) {
	switch n := n.(type) {
	case *Scan:
		for i := range n.Table.Def().Columns {
			s.add(n.Col(i))
		}
		if n.RowID != 0 {
			s.add(n.RowID)
		}
	case *CTEScan:
		s.addAll(n.Cols)
	case *Project:
		addProduced(n.Input, s)
		for i := range n.Items {
			s.add(n.Items[i].ID)
		}
	case *Aggregate, *SetOp, *Values:
		s.addAll(n.Produces())
	case *Window:
		addProduced(n.Input, s)
		for i := range n.Items {
			s.add(n.Items[i].ID)
		}
	case *Join:
		addProduced(n.Left, s)
		if n.Kind != SemiJoin && n.Kind != AntiJoin {
			addProduced(n.Right, s)
		}
	default:
		for _, in := range n.Inputs() {
			addProduced(in, s)
		}
	}
}

// ownExprs adds the columns that n's own expressions read.
func ownExprs(n Node, set *colSet) {
	n.exprs(func(e *expr.Expr) {
		if *e != nil {
			read(*e, set)
		}
	})
}
