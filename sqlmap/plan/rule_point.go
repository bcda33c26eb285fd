package plan

import (
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// pointSelect recognises a query that reads at most one row by a full unique key.
func (o *optimizer) pointSelect(n Node) (Node, error) {
	if o.query == nil || o.query.ArgCount > 0 || o.query.sub || o.b.locking || o.b.c.Options.DisableIndexes {
		return n, nil
	}
	var items []Item
	in := n
	for {
		switch x := in.(type) {
		case *Project:
			items = append(x.Items[:len(x.Items):len(x.Items)], items...)
			in = x.Input
			continue
		case *Sort:
			in = x.Input
			continue
		case *Limit:
			if l, ok := x.Count.(*expr.Literal); ok && x.Offset == nil && !x.CountAll && l.Val.Kind() == value.KindInt && l.Val.Int64() > 0 {
				in = x.Input
				continue
			}
		}
		break
	}
	s, ok := in.(*Scan)
	if !ok || s.RowID != 0 {
		return n, nil
	}
	if p := newPoint(s, itemsByID(items), o.output); p != nil {
		o.query.Point = p
	}
	return n, nil
}

// newPoint returns the direct form of a scan, nil when it has none.
func newPoint(s *Scan, items map[ColID]expr.Expr, output []ColID) *PointSelect {
	a := &s.Access
	if a.Kind != IndexScan || !a.Unique {
		return nil
	}
	p := &PointSelect{Table: s.Table, Index: a.Index}
	for i := range a.Parts {
		d := &a.Parts[i]
		if d.Op != DomainEqual || !expr.IsConst(d.Exprs[0]) {
			return nil
		}
		p.Key, p.Cmp = append(p.Key, d.Exprs[0]), append(p.Cmp, d.Cmp)
	}
	var need colSet
	conds := remaining(s)
	readAll(conds, &need)
	for _, id := range output {
		e, ok := items[id]
		if !ok {
			e = &expr.Column{Slot: int(id), Typ: s.typeOf(id)}
		}
		if expr.HasSubquery(e) || expr.MaxColumnDepth(e) > 0 {
			return nil
		}
		p.Exprs = append(p.Exprs, e)
		read(e, &need)
	}
	at := map[int]int{}
	for _, id := range need.list() {
		if s.Ord(id) < 0 {
			return nil
		}
		at[int(id)] = len(p.Need)
		p.Need = append(p.Need, s.Ord(id))
	}
	slot := func(id int) int { return at[id] }
	for _, e := range conds {
		if expr.HasSubquery(e) || expr.MaxColumnDepth(e) > 0 {
			return nil
		}
	}
	if len(conds) > 0 {
		p.Filter = expr.Shift(expr.JoinAnd(conds), slot)
	}
	p.AllDirect = p.Filter == nil
	for i, e := range p.Exprs {
		p.Exprs[i] = expr.Shift(e, slot)
		ord := -1
		if c, ok := e.(*expr.Column); ok {
			ord = s.Ord(ColID(c.Slot))
		}
		p.Direct = append(p.Direct, ord)
		p.AllDirect = p.AllDirect && ord >= 0
	}
	return p
}

func (s *Scan) typeOf(id ColID) *expr.Type {
	if o := s.Ord(id); o >= 0 {
		c := &s.Table.Def().Columns[o]
		return expr.ColumnType(&c.Type, c.NotNull)
	}
	return rowIDType
}

// remaining returns the conditions of a unique access that looking the key up does not prove.
func remaining(s *Scan) []expr.Expr {
	def := s.Table.Def()
	ix := &def.Indexes[s.Access.Index]
	taken := make([]bool, len(s.Access.Parts))
	var out []expr.Expr
	for _, e := range s.Filter {
		proved := false
		for i := range s.Access.Parts {
			sg := sarg{scan: s, ord: def.ColumnByID(ix.Parts[i].Column)}
			d, ok := sg.domain(e)
			if ok && !taken[i] && d.Op == DomainEqual && d.Exprs[0] == s.Access.Parts[i].Exprs[0] {
				taken[i], proved = true, true
				break
			}
		}
		if !proved {
			out = append(out, e)
		}
	}
	return out
}
