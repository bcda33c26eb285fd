package history

import "slices"

// components returns the strongly connected components with more than one node, by Tarjan's algorithm (Depth-First Search
// and Linear Graph Algorithms, 1972) with a stack of its own in place of recursion. Only edges that use accepts count.
func (g *graph) components(use func(edge) bool) [][]int32 {
	n := len(g.nodes)
	index, low := make([]int32, n), make([]int32, n)
	onStack := make([]bool, n)
	type frame struct {
		v    int32
		next int
	}
	var (
		counter int32
		stack   []int32
		calls   []frame
		out     [][]int32
	)
	open := func(v int32) {
		counter++
		index[v], low[v] = counter, counter
		stack, onStack[v] = append(stack, v), true
		calls = append(calls, frame{v: v})
	}
	for root := range int32(n) {
		if index[root] != 0 {
			continue
		}
		open(root)
		for len(calls) > 0 {
			f := &calls[len(calls)-1]
			if f.next < len(g.out[f.v]) {
				e := g.out[f.v][f.next]
				f.next++
				switch {
				case !use(e):
				case index[e.to] == 0:
					open(e.to)
				case onStack[e.to]:
					low[f.v] = min(low[f.v], index[e.to])
				}
				continue
			}
			v := f.v
			calls = calls[:len(calls)-1]
			if len(calls) > 0 {
				p := calls[len(calls)-1].v
				low[p] = min(low[p], low[v])
			}
			if low[v] != index[v] {
				continue
			}
			at := len(stack) - 1
			for stack[at] != v {
				at--
			}
			for _, w := range stack[at:] {
				onStack[w] = false
			}
			if len(stack)-at > 1 {
				out = append(out, slices.Clone(stack[at:]))
			}
			stack = stack[:at]
		}
	}
	return out
}

// step is an edge with its origin.
type step struct {
	from int32
	edge
}

// maxSearches bounds the searches for the shortest cycle of a component.
const maxSearches = 60

// shortest returns a cycle inside a component with few dependencies; edges of a transaction and of the clock cost nothing.
func (g *graph) shortest(comp []int32, use func(edge) bool) []step {
	in := make(map[int32]bool, len(comp))
	for _, v := range comp {
		in[v] = true
	}
	var best []step
	cost := func(c []step) int {
		n := 0
		for _, s := range c {
			if s.kind >= ww {
				n++
			}
		}
		return n
	}
	for i, v := range comp {
		if i == maxSearches {
			break
		}
		if c := g.cycleThrough(v, in, use); c != nil && (best == nil || cost(c) < cost(best) || cost(c) == cost(best) && len(c) < len(best)) {
			best = c
		}
	}
	return best
}

// cycleThrough finds a cheapest way from v back to v: a breadth-first search with two queues, for edges that cost nothing
// and edges that cost one.
func (g *graph) cycleThrough(v int32, in map[int32]bool, use func(edge) bool) []step {
	via := map[int32]step{}
	done := map[int32]bool{}
	now, later := []int32{v}, []int32(nil)
	for len(now) > 0 {
		u := now[0]
		now = now[1:]
		if !done[u] {
			done[u] = true
			for _, e := range g.out[u] {
				if !use(e) || !in[e.to] {
					continue
				}
				if e.to == v {
					return unwind(via, step{u, e}, v)
				}
				if done[e.to] {
					continue
				}
				if e.kind >= ww {
					if _, is := via[e.to]; !is {
						via[e.to] = step{u, e}
					}
					later = append(later, e.to)
				} else {
					via[e.to] = step{u, e}
					now = append(now, e.to)
				}
			}
		}
		if len(now) == 0 {
			now, later = later, nil
		}
	}
	return nil
}

// unwind follows the steps back from the last one.
func unwind(via map[int32]step, last step, v int32) []step {
	out := []step{last}
	for at := last.from; at != v; {
		s := via[at]
		out = append(out, s)
		at = s.from
	}
	slices.Reverse(out)
	return out
}
