package jsondoc

// Contains reports whether candidate is contained in target as JSON_CONTAINS means it.
func Contains(target, candidate *Node) bool {
	switch {
	case target.Kind == Object && candidate.Kind == Object:
		for i, k := range candidate.Keys {
			v := target.Get(k)
			if v == nil || !Contains(v, candidate.Items[i]) {
				return false
			}
		}
		return true
	case target.Kind == Array && candidate.Kind == Array:
		for _, c := range candidate.Items {
			if !anyContains(target.Items, c) {
				return false
			}
		}
		return true
	case target.Kind == Array:
		return anyContains(target.Items, candidate)
	}
	return Compare(target, candidate) == 0
}

func anyContains(items []*Node, candidate *Node) bool {
	for _, it := range items {
		if candidate.Kind == Array && it.Kind != Array {
			continue
		}
		if Contains(it, candidate) {
			return true
		}
	}
	return false
}

// Overlaps reports whether a and b share an element or member, as JSON_OVERLAPS means it.
func Overlaps(a, b *Node) bool {
	if a.Kind == Object && b.Kind == Object {
		for i, k := range a.Keys {
			if v := b.Get(k); v != nil && Compare(a.Items[i], v) == 0 {
				return true
			}
		}
		return false
	}
	x, y := wrapped(a), wrapped(b)
	for _, p := range x.Items {
		for _, q := range y.Items {
			if Compare(p, q) == 0 {
				return true
			}
		}
	}
	return false
}

// wrapped returns n as an array.
func wrapped(n *Node) *Node {
	if n.Kind == Array {
		return n
	}
	return NewArray(n)
}

// MergePatch merges b into a by RFC 7396. It may change a.
func MergePatch(a, b *Node) *Node {
	if b.Kind != Object {
		return b
	}
	if a == nil || a.Kind != Object {
		a = NewObject()
	}
	for i, k := range b.Keys {
		v := b.Items[i]
		if v.Kind == Null {
			if at, ok := a.find(k); ok {
				a.remove(at)
			}
			continue
		}
		a.Put(k, MergePatch(a.Get(k), v))
	}
	return a
}

// MergePreserve merges b into a keeping all values: arrays are joined, objects merged member by member. It may change a.
func MergePreserve(a, b *Node) *Node {
	if a.Kind == Object && b.Kind == Object {
		for i, k := range b.Keys {
			if old := a.Get(k); old != nil {
				a.Put(k, MergePreserve(old, b.Items[i]))
			} else {
				a.Put(k, b.Items[i])
			}
		}
		return a
	}
	items := append([]*Node(nil), wrapped(a).Items...)
	return NewArray(append(items, wrapped(b).Items...)...)
}

// EditMode says what Edit does where the path leads somewhere or nowhere.
type EditMode uint8

// The edit modes.
const (
	Set     EditMode = iota // JSON_SET: replace or insert
	Insert                  // JSON_INSERT: insert only
	Replace                 // JSON_REPLACE: replace only
)

// Edit sets the value at a path without wildcards and returns the document, whose nodes it changes.
func Edit(root *Node, p *Path, v *Node, mode EditMode) *Node {
	if p.IsRoot() {
		if mode == Insert {
			return root
		}
		return v
	}
	found := p.parent().Find(root)
	if len(found) == 0 {
		return root
	}
	n, l := found[0], p.lastLeg()
	if l.kind == legMember {
		if n.Kind != Object {
			return root
		}
		if _, exists := n.find(l.key); exists == (mode == Insert) && mode != Set || !exists && mode == Replace {
			return root
		}
		n.Put(l.key, v)
		return root
	}
	editCell(n, l.from, v, mode)
	return root
}

func editCell(n *Node, x index, v *Node, mode EditMode) {
	if n.Kind != Array {
		switch i := x.at(1); {
		case i == 0 && mode != Insert:
			*n = *v.Clone()
		case i != 0 && mode != Replace:
			old := *n
			*n = Node{Kind: Array, Items: []*Node{&old, v}}
			if i < 0 {
				n.Items[0], n.Items[1] = n.Items[1], n.Items[0]
			}
		}
		return
	}
	i := x.at(len(n.Items))
	switch {
	case i >= 0 && i < len(n.Items):
		if mode != Insert {
			n.Items[i] = v
		}
	case mode == Replace:
	case i < 0:
		n.Items = append([]*Node{v}, n.Items...)
	default:
		n.Items = append(n.Items, v)
	}
}

// Remove deletes what a path without wildcards selects.
func Remove(root *Node, p *Path) {
	found := p.parent().Find(root)
	if len(found) == 0 {
		return
	}
	n, l := found[0], p.lastLeg()
	switch {
	case l.kind == legMember && n.Kind == Object:
		if at, ok := n.find(l.key); ok {
			n.remove(at)
		}
	case l.kind == legIndex && n.Kind == Array:
		if i := l.from.at(len(n.Items)); i >= 0 && i < len(n.Items) {
			n.remove(i)
		}
	}
}

// ArrayAppend appends v to the array that the path selects; another value becomes an array first.
func ArrayAppend(root *Node, p *Path, v *Node) *Node {
	found := p.Find(root)
	if len(found) == 0 {
		return root
	}
	n := found[0]
	if n.Kind == Array {
		n.Items = append(n.Items, v)
		return root
	}
	old := *n
	*n = Node{Kind: Array, Items: []*Node{&old, v}}
	return root
}

// ArrayInsert inserts v before the element that the path selects.
func ArrayInsert(root *Node, p *Path, v *Node) *Node {
	found := p.parent().Find(root)
	if len(found) == 0 || found[0].Kind != Array {
		return root
	}
	n := found[0]
	i := min(max(p.lastLeg().from.at(len(n.Items)), 0), len(n.Items))
	n.Items = append(n.Items, nil)
	copy(n.Items[i+1:], n.Items[i:])
	n.Items[i] = v
	return root
}

// Search calls visit for each string in n and below with its path, until it returns false.
func Search(n *Node, path []byte, visit func(path []byte, s string) bool) bool {
	switch n.Kind {
	case String:
		return visit(path, n.Text)
	case Array:
		for i, it := range n.Items {
			if !Search(it, appendCell(path, i), visit) {
				return false
			}
		}
	case Object:
		for i, it := range n.Items {
			if !Search(it, appendMember(path, n.Keys[i]), visit) {
				return false
			}
		}
	}
	return true
}

// FindWithPaths is Find that also gives the path of each value.
func (p *Path) FindWithPaths(root *Node, visit func(path []byte, n *Node) bool) {
	findPaths(p.legs, root, []byte{'$'}, visit)
}

func findPaths(legs []leg, n *Node, path []byte, visit func([]byte, *Node) bool) bool {
	if len(legs) == 0 {
		return visit(path, n)
	}
	l := legs[0]
	if l.kind == legEllipsis && !findPaths(legs[1:], n, path, visit) {
		return false
	}
	if n.Kind != Array && n.Kind != Object || l.kind == legIndex && n.Kind == Object {
		for _, m := range l.apply(n, nil) {
			if l.kind != legEllipsis && !findPaths(legs[1:], m, path, visit) {
				return false
			}
		}
		return true
	}
	hits := map[*Node]bool{}
	if l.kind != legEllipsis {
		for _, m := range l.apply(n, nil) {
			hits[m] = true
		}
	}
	for i, it := range n.Items {
		sub := appendCell(path, i)
		if n.Kind == Object {
			sub = appendMember(path, n.Keys[i])
		}
		rest := legs[1:]
		if l.kind == legEllipsis {
			rest = legs
		} else if !hits[it] {
			continue
		}
		if !findPaths(rest, it, sub, visit) {
			return false
		}
	}
	return true
}
