package plan

import (
	"math"

	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// useIndexOrder drops an ORDER BY whose order an index of the first table of the join delivers anyway, or delivers at
// less cost than sorting: with a LIMIT that is nearly always the case. GROUP BY below such an ORDER BY, and GROUP BY and
// DISTINCT over a scan that is in the right order already, then need no table of groups.
func (o *optimizer) useIndexOrder(n Node) (Node, error) {
	return o.sorted(n, nil), nil
}

func (o *optimizer) sorted(n Node, limit *Limit) Node {
	switch x := n.(type) {
	case *Limit:
		if !x.CountAll {
			limit = x
		}
		x.Input = o.sorted(x.Input, limit)
		return x
	case *Project, *Lock:
		x.SetInput(0, o.sorted(x.Inputs()[0], limit))
		return x
	case *Sort:
		x.Input = o.sorted(x.Input, nil)
		if o.deliverOrder(x, limit) {
			return x.Input
		}
		return x
	case *Aggregate:
		x.Input = o.sorted(x.Input, nil)
		o.streamGroups(x)
		return x
	case *Distinct:
		x.Input = o.sorted(x.Input, nil)
		o.streamDistinct(x)
		return x
	}
	for i, in := range n.Inputs() {
		n.SetInput(i, o.sorted(in, nil))
	}
	return n
}

// orderKey is a sort key that is a column of the scan.
type orderKey struct {
	ord  int
	desc bool
}

// path is the way from a Sort down to the scan whose order would reach it.
type path struct {
	scan *Scan
	keys []orderKey
	agg  *Aggregate // passed on the way; it has to stream
	rest []orderKey // its other group keys, in any order
}

// follow finds the scan whose order n keeps, and translates the keys to its columns.
func follow(n Node, keys []SortKey) (*path, bool) {
	var agg *Aggregate
	for {
		switch x := n.(type) {
		case *Filter:
			n = x.Input
		case *Project:
			for _, k := range keys {
				r := reads(k.Expr)
				for _, it := range x.Items {
					if r.has(it.ID) {
						return nil, false
					}
				}
			}
			n = x.Input
		case *Lock:
			n = x.Input
		case *Join:
			if x.Method == HashJoin && x.BuildLeft {
				return nil, false
			}
			n = x.Left
		case *Aggregate:
			if agg != nil || x.Rollup || len(x.Groups) == 0 || x.Method != HashAggregate {
				return nil, false
			}
			agg = x
			n = x.Input
		case *Scan:
			p := &path{scan: x, agg: agg}
			return p, p.translate(keys)
		default:
			return nil, false
		}
	}
}

func (p *path) translate(keys []SortKey) bool {
	seen := map[int]bool{}
	for _, k := range keys {
		ord, ok := p.column(k.Expr)
		if !ok {
			return false
		}
		if !seen[ord] {
			p.keys = append(p.keys, orderKey{ord: ord, desc: k.Desc})
			seen[ord] = true
		}
	}
	if p.agg == nil {
		return true
	}
	for _, g := range p.agg.Groups {
		ord, ok := p.column(g.Expr)
		if !ok {
			return false
		}
		if !seen[ord] {
			p.rest = append(p.rest, orderKey{ord: ord})
			seen[ord] = true
		}
	}
	return true
}

func (p *path) column(e expr.Expr) (ord int, ok bool) {
	id, ok := localColumn(e)
	if !ok {
		return 0, false
	}
	ord = p.scan.Ord(id)
	return ord, ord >= 0 && p.scan.Table.Def().Columns[ord].Type.ID != value.TypeJSON
}

// deliverOrder makes the scan below s deliver its order, when that costs less than sorting.
func (o *optimizer) deliverOrder(s *Sort, limit *Limit) bool {
	p, ok := follow(s.Input, s.Keys)
	if !ok || o.b.c.Options.DisableIndexes || !lockable(p.scan.Table) {
		return false
	}
	scan := p.scan
	rows := tableRows(scan.Table)
	now := rows * costRow
	read := rows
	if scan.Access.Kind == IndexScan {
		read = accessRows(scan, &scan.Access, rows)
		now = read * costEntry
	}
	out := estimate(s.Input)
	now += out * math.Log2(out+2) * costSort
	best, bestCost := Access{}, math.Inf(1)
	for i := range scan.Table.Def().Indexes {
		a, ok := p.provide(i)
		if !ok {
			continue
		}
		if allowed, _ := scan.mayUse(i, "order by"); !allowed {
			continue
		}
		cost := accessRows(scan, &a, rows) * costEntry
		if n, ok := limitRows(limit); ok && p.agg == nil {
			cost *= math.Min(1, n/math.Max(out, 1))
		}
		if scan.Access.Kind == IndexScan && a.Index == scan.Access.Index {
			cost = math.Min(cost, read*costEntry)
		}
		if cost < bestCost {
			best, bestCost = a, cost
		}
	}
	if bestCost > now {
		return false
	}
	scan.Access, scan.Ordered = best, true
	if p.agg != nil {
		p.agg.Method = StreamAggregate
	}
	return true
}

// limitRows returns how many rows a LIMIT asks for; a parameter counts as few.
func limitRows(l *Limit) (float64, bool) {
	if l == nil || l.Count == nil {
		return 0, false
	}
	n, ok := literalCount(l.Count)
	if !ok {
		n = 20
	}
	if l.Offset != nil {
		off, ok := literalCount(l.Offset)
		if !ok {
			off = 100
		}
		n += off
	}
	return n, true
}

// provide returns the access to index i that delivers the keys in order.
func (p *path) provide(i int) (a Access, ok bool) {
	def := p.scan.Table.Def()
	ix := &def.Indexes[i]
	if ix.Kind == schema.Hash {
		return a, false
	}
	a, found := indexAccess(p.scan, i, p.scan.Filter, colSet{})
	if !found {
		a = Access{Index: i, Kind: IndexScan}
	}
	keys, rest := p.keys, p.rest
	reverse, decided := false, false
	for k, part := range ix.Parts {
		if len(keys) == 0 && len(rest) == 0 {
			break
		}
		if part.Prefix != 0 {
			return a, false
		}
		ord := def.ColumnByID(part.Column)
		fixed := k < len(a.Parts) && a.Parts[k].single()
		switch {
		case len(keys) > 0 && keys[0].ord == ord:
			if !fixed {
				r := keys[0].desc != part.Desc
				if decided && r != reverse {
					return a, false
				}
				reverse, decided = r, true
			}
			keys = keys[1:]
		case len(keys) == 0 && removeKey(&rest, ord):
		case fixed:
			continue
		default:
			return a, false
		}
	}
	// What follows a whole unique key cannot matter.
	if len(rest) > 0 || len(keys) > 0 && !uniqueNotNull(def, ix) {
		return a, false
	}
	a.Reverse = reverse
	return a, true
}

func removeKey(keys *[]orderKey, ord int) bool {
	for i, k := range *keys {
		if k.ord == ord {
			*keys = append((*keys)[:i:i], (*keys)[i+1:]...)
			return true
		}
	}
	return false
}

// single reports whether a domain is one value.
func (d *Domain) single() bool {
	return d.Op == DomainEqual || d.Op == DomainIsNull || d.Op == DomainNullSafe || d.Op == DomainIn && len(d.Exprs) == 1
}

func uniqueNotNull(def *schema.Table, ix *schema.Index) bool {
	if !ix.Unique {
		return false
	}
	for _, p := range ix.Parts {
		if o := def.ColumnByID(p.Column); o < 0 || p.Prefix != 0 || !def.Columns[o].NotNull {
			return false
		}
	}
	return true
}

// streamGroups makes an aggregate stream when its input's scan already reads an index in an order that keeps groups together.
func (o *optimizer) streamGroups(a *Aggregate) {
	if a.Method != HashAggregate || a.Rollup || len(a.Groups) == 0 {
		return
	}
	keys := make([]SortKey, len(a.Groups))
	for i := range a.Groups {
		keys[i] = SortKey{Expr: a.Groups[i].Expr}
	}
	if keepsTogether(a.Input, keys) {
		a.Method = StreamAggregate
	}
}

func (o *optimizer) streamDistinct(d *Distinct) {
	keys := make([]SortKey, len(d.Keys))
	for i := range d.Keys {
		keys[i] = SortKey{Expr: d.Keys[i]}
	}
	if keepsTogether(d.Input, keys) {
		d.Sorted = true
	}
}

// keepsTogether reports whether n's scan reads an index whose order keeps equal keys together, and makes the scan keep it.
func keepsTogether(n Node, keys []SortKey) bool {
	p, ok := follow(n, keys)
	if !ok || p.agg != nil || p.scan.Access.Kind != IndexScan {
		return false
	}
	p.keys, p.rest = nil, p.keys
	a, ok := p.provide(p.scan.Access.Index)
	if !ok || len(a.Parts) != len(p.scan.Access.Parts) {
		return false
	}
	p.scan.Ordered = true
	return true
}
