package plan

import (
	"math"

	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// chooseAccess decides for each scan that no join looks up whether an index finds its rows, and for each join that
// the join order left open how it finds its matches.
//
// An index qualifies by its leading parts: each part takes what the conditions demand of its column (a Domain); parts
// that are single values or lists of values let the next part take part, a range ends the list. The index that has to
// read the fewest rows wins. Whether a range is worth it when its bounds are known is decided again at execution, where
// the index can be asked how much lies between them. The conditions stay in the scan's filter all the same.
func (o *optimizer) chooseAccess(n Node) (Node, error) {
	o.access(n)
	return n, nil
}

func (o *optimizer) access(n Node) {
	switch n := n.(type) {
	case *Scan:
		if n.Access.Kind == FullScan {
			o.scanAccess(n)
		}
		return
	case *Join:
		o.access(n.Left)
		open := n.Method == LoopJoin && len(n.Keys) == 0
		if open && o.tryLookup(n) || n.Method == LookupJoin {
			return
		}
		o.access(n.Right)
		if open {
			o.joinMethod(n)
		}
		return
	}
	for _, in := range n.Inputs() {
		o.access(in)
	}
}

func (o *optimizer) scanAccess(s *Scan) {
	if o.b.c.Options.DisableIndexes {
		return
	}
	// However wide the bounds turn out to be, execution finds that out by asking the index. Only what excludes nothing
	// but NULLs is not worth asking.
	if a, _, ok := bestAccess(s, s.Filter, colSet{}); ok && a.Parts[0].narrows() {
		s.Access = a
	}
}

// narrows reports whether a domain may leave out more than NULLs.
func (d *Domain) narrows() bool {
	switch d.Op {
	case DomainAll, DomainNotNull:
		return false
	case DomainAnd:
		for i := range d.Args {
			if d.Args[i].narrows() {
				return true
			}
		}
		return false
	case DomainOr:
		for i := range d.Args {
			if !d.Args[i].narrows() {
				return false
			}
		}
	}
	return true
}

// bestAccess returns the index access that reads the fewest rows under the conditions, and its cost. given are the
// columns that operands may read.
func bestAccess(s *Scan, conds []expr.Expr, given colSet) (best Access, cost float64, ok bool) {
	def := s.Table.Def()
	if !lockable(s.Table) {
		return best, 0, false
	}
	cost = math.Inf(1)
	bestForced := false
	for i := range def.Indexes {
		allowed, forced := s.mayUse(i, "join")
		if !allowed || bestForced && !forced {
			continue
		}
		a, usable := indexAccess(s, i, conds, given)
		if !usable {
			continue
		}
		c := costSeek*pointCombinations(&a) + costEntry*accessRows(s, &a, tableRows(s.Table))
		if c < cost || forced && !bestForced {
			best, cost, ok, bestForced = a, c, true, forced
		}
	}
	return best, cost, ok
}

// indexAccess returns what the conditions let index i find.
func indexAccess(s *Scan, i int, conds []expr.Expr, given colSet) (a Access, ok bool) {
	def := s.Table.Def()
	ix := &def.Indexes[i]
	a = Access{Index: i, Kind: IndexScan}
	exact := true
	for _, p := range ix.Parts {
		ord := def.ColumnByID(p.Column)
		if ord < 0 {
			break
		}
		sg := sarg{scan: s, ord: ord, given: given}
		d, found := sg.ofColumn(conds)
		if !found {
			break
		}
		a.Parts = append(a.Parts, d)
		exact = exact && p.Prefix == 0
		if !d.Points() {
			break
		}
	}
	if len(a.Parts) == 0 {
		return a, false
	}
	points := len(a.Parts) == len(ix.Parts) && a.Parts[len(a.Parts)-1].Points()
	if ix.Kind == schema.Hash {
		if !points || !exact {
			return a, false
		}
		for k := range a.Parts {
			if !a.Parts[k].simple() {
				return a, false
			}
		}
	}
	a.Unique = points && exact && ix.Unique && !a.allowsNull()
	return a, true
}

// simple reports whether a domain is values that are given one by one, which is all that a hash index answers.
func (d *Domain) simple() bool {
	return d.Op == DomainEqual || d.Op == DomainIn || d.Op == DomainInQuery
}

// allowsNull reports whether a part may be NULL: unique keys repeat NULLs.
func (a *Access) allowsNull() bool {
	for i := range a.Parts {
		if !a.Parts[i].notNull() {
			return true
		}
	}
	return false
}

func (d *Domain) notNull() bool {
	switch d.Op {
	case DomainAll, DomainIsNull, DomainNullSafe:
		return false
	case DomainAnd:
		for i := range d.Args {
			if d.Args[i].notNull() {
				return true
			}
		}
		return false
	case DomainOr:
		for i := range d.Args {
			if !d.Args[i].notNull() {
				return false
			}
		}
	}
	return true
}

// joinMethod decides how a join that no index helps finds its matches. Comparing with one tuple needs no hash table.
func (o *optimizer) joinMethod(j *Join) {
	if atMostOne(j.Left) || atMostOne(j.Right) {
		return
	}
	o.hashKeys(j)
}

// atMostOne reports whether a node yields no more than one tuple.
func atMostOne(n Node) bool {
	switch n := n.(type) {
	case *Values:
		return len(n.Rows) <= 1
	case *Aggregate:
		return n.Method == ScalarAggregate
	case *Scan:
		return oneRow(n, &n.Access)
	case *Filter, *Project, *Sort, *Distinct:
		return atMostOne(n.Inputs()[0])
	case *Limit:
		c, ok := literalCount(n.Count)
		return ok && c <= 1 || atMostOne(n.Input)
	case *Join:
		if n.Kind == SemiJoin || n.Kind == AntiJoin {
			return atMostOne(n.Left)
		}
		return atMostOne(n.Left) && (n.Method == LookupJoin && n.Right.(*Scan).Access.one() || atMostOne(n.Right))
	}
	return false
}

// oneRow reports whether an access finds at most one row by constants alone.
func oneRow(s *Scan, a *Access) bool {
	return a.Kind == IndexScan && a.one() && !a.reads(produced(s))
}

// one reports whether an access looks up one key of a unique index.
func (a *Access) one() bool {
	if !a.Unique {
		return false
	}
	for i := range a.Parts {
		if !a.Parts[i].single() {
			return false
		}
	}
	return true
}

// tryLookup makes j look its right side up in an index where that costs less than hashing it.
func (o *optimizer) tryLookup(j *Join) bool {
	s, ok := j.Right.(*Scan)
	if !ok || o.b.c.Options.DisableIndexes || s.Access.Kind != FullScan {
		return false
	}
	left := produced(j.Left)
	conds := append(s.Filter[:len(s.Filter):len(s.Filter)], j.On...)
	a, cost, ok := bestAccess(s, conds, left)
	if !ok || !a.reads(left) {
		return false
	}
	l := estimate(j.Left)
	other := tableRows(s.Table)*(costRow+costBuild) + l*costProbe
	if !hasEquality(j.On, left, produced(s)) {
		other = tableRows(s.Table)*costRow + l*tableRows(s.Table)*costCompare
	}
	if _, forced := s.mayUse(a.Index, "join"); !forced && l*cost > other {
		return false
	}
	j.Method, s.Access = LookupJoin, a
	j.dropProven()
	return true
}

// dropProven removes from a lookup join's conditions the equalities that the look-up itself proves: between columns of
// types whose values always convert to each other exactly. Behind a part that might not convert nothing is proven, as
// then the index is read from there on.
func (j *Join) dropProven() {
	s := j.Right.(*Scan)
	def := s.Table.Def()
	ix := &def.Indexes[s.Access.Index]
	left := produced(j.Left)
	for i := range s.Access.Parts {
		p := &s.Access.Parts[i]
		sg := sarg{scan: s, ord: def.ColumnByID(ix.Parts[i].Column), given: left}
		if p.Op != DomainEqual || ix.Parts[i].Prefix != 0 || !alwaysExact(sg.typ(), p.Exprs[0]) {
			return
		}
		kept := j.On[:0:0]
		for _, e := range j.On {
			d, ok := sg.domain(e)
			if !ok || d.Op != DomainEqual || d.Exprs[0] != p.Exprs[0] {
				kept = append(kept, e)
			}
		}
		j.On = kept
	}
}

// alwaysExact reports whether each value of the column that e is has its place in the order of a column of type typ.
func alwaysExact(typ *value.Type, e expr.Expr) bool {
	c, ok := e.(*expr.Column)
	if !ok {
		return false
	}
	o := &c.Typ.Type
	if typ.IsInteger() && o.IsInteger() {
		return true
	}
	switch typ.ID {
	case value.TypeChar, value.TypeVarChar, value.TypeBinary, value.TypeVarBinary, value.TypeDecimal, value.TypeDate, value.TypeDateTime:
		return typ.Equal(o)
	}
	return false
}

// reads reports whether the bounds read a column of the set.
func (a *Access) reads(cols colSet) bool {
	var r colSet
	a.exprs(func(e *expr.Expr) { read(*e, &r) })
	return r.intersects(cols)
}

func hasEquality(conds []expr.Expr, left, right colSet) bool {
	for _, e := range conds {
		if _, ok := hashKey(e, left, right); ok {
			return true
		}
	}
	return false
}

// hashKey returns the equality e between the two sides as a key of a hash join.
func hashKey(e expr.Expr, left, right colSet) (HashKey, bool) {
	c, ok := e.(*expr.Compare)
	if !ok || c.Op != expr.CompareEqual && c.Op != expr.CompareNullSafe || !c.Cmp.Hashable() || !movable(e) {
		return HashKey{}, false
	}
	l, r := reads(c.Left), reads(c.Right)
	if l.empty() || r.empty() {
		return HashKey{}, false
	}
	k := HashKey{Left: c.Left, Right: c.Right, Cmp: c.Cmp, NullSafe: c.Op == expr.CompareNullSafe}
	switch {
	case l.subsetOf(left) && r.subsetOf(right):
		return k, true
	case l.subsetOf(right) && r.subsetOf(left):
		k.Left, k.Right = k.Right, k.Left
		return k, true
	}
	return HashKey{}, false
}

// hashKeys turns the equalities of a join into the keys of a hash join.
func (o *optimizer) hashKeys(j *Join) {
	left, right := produced(j.Left), produced(j.Right)
	var rest []expr.Expr
	for _, e := range j.On {
		if k, ok := hashKey(e, left, right); ok {
			j.Keys = append(j.Keys, k)
			continue
		}
		rest = append(rest, e)
	}
	if len(j.Keys) == 0 {
		return
	}
	j.On, j.Method = rest, HashJoin
	if j.Kind == InnerJoin && !j.Fixed {
		j.BuildLeft = estimate(j.Left)*2 < estimate(j.Right)
	}
}
