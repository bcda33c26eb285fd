package plan

import (
	"fmt"
	"strings"

	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// Explain returns the plan as an indented tree, one node per line, the top first. Subqueries and shared common table
// expressions follow the tree, under their names.
func (q *Query) Explain() string {
	x := &explainer{seenShared: map[*Shared]bool{}, seenSub: map[*Query]bool{}}
	if q.Point != nil {
		x.point(q.Point)
	} else {
		x.node(q.Root, 0)
	}
	for len(x.pending) > 0 {
		p := x.pending[0]
		x.pending = x.pending[1:]
		x.sb.WriteString(p.title)
		x.sb.WriteByte('\n')
		for _, n := range p.nodes {
			x.node(n, 1)
		}
	}
	return x.sb.String()
}

type explainer struct {
	sb         strings.Builder
	pending    []pendingExplain
	seenShared map[*Shared]bool
	seenSub    map[*Query]bool
}

type pendingExplain struct {
	title string
	nodes []Node
}

func (x *explainer) node(n Node, depth int) {
	x.sb.WriteString(strings.Repeat("  ", depth))
	x.sb.WriteString(n.describe(x))
	x.sb.WriteByte('\n')
	n.exprs(func(e *expr.Expr) { x.subqueries(*e) })
	for _, in := range n.Inputs() {
		x.node(in, depth+1)
	}
}

func (x *explainer) subqueries(e expr.Expr) {
	expr.Walk(e, func(n expr.Expr) bool {
		if s := asSubquery(n); s != nil && !x.seenSub[s.Query] {
			x.seenSub[s.Query] = true
			title := fmt.Sprintf("subquery #%d", s.ID)
			if len(s.Args) > 0 {
				title += " of " + exprList(s.Args)
			}
			x.pending = append(x.pending, pendingExplain{title: title + ":", nodes: []Node{s.Query.Root}})
		}
		return true
	})
}

// asSubquery returns the subquery that e is, or nil.
func asSubquery(e expr.Expr) *Subquery {
	switch s := e.(type) {
	case *Subquery:
		return s
	case *RowSubquery:
		return &s.Subquery
	}
	return nil
}

func (x *explainer) point(p *PointSelect) {
	def := p.Table.Def()
	fmt.Fprintf(&x.sb, "point %s by %s (%s)", def.Name, def.Indexes[p.Index].Name, exprList(p.Key))
	if p.Filter != nil {
		fmt.Fprintf(&x.sb, " where %s", expr.String(p.Filter))
	}
	x.sb.WriteByte('\n')
}

func exprList(list []expr.Expr) string {
	parts := make([]string, len(list))
	for i, e := range list {
		parts[i] = expr.String(e)
	}
	return strings.Join(parts, ", ")
}

func conjunction(list []expr.Expr) string {
	parts := make([]string, len(list))
	for i, e := range list {
		parts[i] = expr.String(e)
	}
	return strings.Join(parts, " and ")
}

func sortKeys(keys []SortKey) string {
	parts := make([]string, len(keys))
	for i, k := range keys {
		parts[i] = expr.String(k.Expr)
		if k.Desc {
			parts[i] += " desc"
		}
	}
	return strings.Join(parts, ", ")
}

func (s *Scan) describe(*explainer) string {
	var sb strings.Builder
	def := s.Table.Def()
	if s.Access.Kind == FullScan {
		sb.WriteString("scan ")
	} else {
		sb.WriteString("index ")
	}
	sb.WriteString(def.Name)
	if s.Name != def.Name {
		sb.WriteString(" as " + s.Name)
	}
	if s.Access.Kind == IndexScan {
		sb.WriteString(" using " + def.Indexes[s.Access.Index].Name)
		if len(s.Access.Parts) > 0 {
			sb.WriteString(" [" + s.Access.describe(def) + "]")
		}
		if s.Access.Reverse {
			sb.WriteString(" reverse")
		}
		if s.Ordered {
			sb.WriteString(" ordered")
		}
	}
	if len(s.Filter) > 0 {
		sb.WriteString(" where " + conjunction(s.Filter))
	}
	sb.WriteString(" (" + columnList(def, s.Need) + ")")
	return sb.String()
}

func columnList(def *schema.Table, set schema.ColSet) string {
	var names []string
	for o := set.Next(0); o >= 0; o = set.Next(o + 1) {
		names = append(names, def.Columns[o].Name)
	}
	return strings.Join(names, ", ")
}

func (a *Access) describe(def *schema.Table) string {
	parts := make([]string, len(a.Parts))
	for i := range a.Parts {
		o := def.ColumnByID(def.Indexes[a.Index].Parts[i].Column)
		parts[i] = a.Parts[i].describe(def.Columns[o].Name)
	}
	return strings.Join(parts, ", ")
}

func (d *Domain) describe(col string) string {
	switch d.Op {
	case DomainAll:
		return col
	case DomainAnd, DomainOr:
		parts := make([]string, len(d.Args))
		for i := range d.Args {
			parts[i] = d.Args[i].describe(col)
		}
		if d.Op == DomainOr {
			return "(" + strings.Join(parts, " or ") + ")"
		}
		return strings.Join(parts, " and ")
	case DomainIsNull:
		return col + " is null"
	case DomainNotNull:
		return col + " is not null"
	case DomainIn:
		return col + " in (" + exprList(d.Exprs) + ")"
	case DomainInQuery:
		return col + " in (subquery #" + itoa(d.Exprs[0].(*Subquery).ID) + ")"
	case DomainLike:
		return col + " like " + exprList(d.Exprs)
	}
	op := map[DomainOp]string{
		DomainEqual: "=", DomainNullSafe: "<=>", DomainLess: "<", DomainLessEqual: "<=", DomainGreater: ">",
		DomainGreaterEqual: ">=",
	}[d.Op]
	return col + " " + op + " " + exprList(d.Exprs)
}

func (v *Values) describe(*explainer) string {
	if len(v.Rows) == 0 {
		return "nothing: " + v.Why
	}
	if len(v.Cols) == 0 {
		return "one row"
	}
	return fmt.Sprintf("values %d rows", len(v.Rows))
}

func (f *Filter) describe(*explainer) string { return "filter " + conjunction(f.Conds) }

func (p *Project) describe(*explainer) string {
	parts := make([]string, len(p.Items))
	for i, it := range p.Items {
		parts[i] = expr.String(it.Expr)
	}
	return "compute " + strings.Join(parts, ", ")
}

func (j *Join) describe(*explainer) string {
	kind := [...]string{"inner", "left", "semi", "anti"}[j.Kind]
	method := [...]string{"loop", "lookup", "hash", "apply"}[j.Method]
	s := method + " " + kind + " join"
	if j.BuildLeft {
		s += " build left"
	}
	for i, k := range j.Keys {
		if i == 0 {
			s += " on "
		} else {
			s += " and "
		}
		op := " = "
		if k.NullSafe {
			op = " <=> "
		}
		s += expr.String(k.Left) + op + expr.String(k.Right)
	}
	if len(j.On) > 0 {
		s += " where " + conjunction(j.On)
	}
	return s
}

func (a *Aggregate) describe(*explainer) string {
	parts := make([]string, 0, len(a.Aggs))
	for i := range a.Aggs {
		if a.Aggs[i].Call != nil {
			parts = append(parts, expr.String(a.Aggs[i].Call))
		} else {
			parts = append(parts, "any "+expr.String(a.Aggs[i].Any))
		}
	}
	s := [...]string{"hash", "stream", "scalar"}[a.Method] + " aggregate"
	if a.CountOnly {
		s = "table count"
	}
	if len(parts) > 0 {
		s += " " + strings.Join(parts, ", ")
	}
	if len(a.Groups) > 0 {
		keys := make([]string, len(a.Groups))
		for i := range a.Groups {
			keys[i] = expr.String(a.Groups[i].Expr)
		}
		s += " by " + strings.Join(keys, ", ")
	}
	if a.Rollup {
		s += " with rollup"
	}
	return s
}

func (w *Window) describe(*explainer) string {
	parts := make([]string, len(w.Items))
	for i := range w.Items {
		parts[i] = expr.String(w.Items[i].Call)
	}
	return "window " + strings.Join(parts, ", ")
}

func (d *Distinct) describe(*explainer) string {
	if d.Sorted {
		return "distinct sorted " + exprList(d.Keys)
	}
	return "distinct " + exprList(d.Keys)
}

func (s *Sort) describe(*explainer) string {
	if s.Top != nil {
		return "top " + expr.String(s.Top.Count) + " by " + sortKeys(s.Keys)
	}
	return "sort by " + sortKeys(s.Keys)
}

func (l *Limit) describe(*explainer) string {
	s := "limit"
	if l.Count != nil {
		s += " " + expr.String(l.Count)
	}
	if l.Offset != nil {
		s += " offset " + expr.String(l.Offset)
	}
	if l.CountAll {
		s += " counting all"
	}
	return s
}

func (s *SetOp) describe(*explainer) string {
	name := [...]string{"union", "except", "intersect"}[s.Kind]
	if s.All {
		return name + " all"
	}
	return name
}

func (c *CTEScan) describe(x *explainer) string {
	if c.Working {
		return "previous rows of " + c.Shared.Name
	}
	if !x.seenShared[c.Shared] {
		x.seenShared[c.Shared] = true
		p := pendingExplain{title: "with " + c.Shared.Name + ":", nodes: []Node{c.Shared.Plan}}
		if c.Shared.Step != nil {
			p.title = "with recursive " + c.Shared.Name + ":"
			p.nodes = append(p.nodes, c.Shared.Step)
		}
		x.pending = append(x.pending, p)
	}
	if c.Name != c.Shared.Name {
		return "read " + c.Shared.Name + " as " + c.Name
	}
	return "read " + c.Shared.Name
}

func (l *Lock) describe(*explainer) string {
	parts := make([]string, len(l.Tables))
	for i := range l.Tables {
		t := &l.Tables[i]
		parts[i] = t.Scan.Name
		if t.Share {
			parts[i] += " shared"
		}
		if t.NoWait {
			parts[i] += " nowait"
		}
		if t.SkipLocked {
			parts[i] += " skip locked"
		}
	}
	return "lock " + strings.Join(parts, ", ")
}
