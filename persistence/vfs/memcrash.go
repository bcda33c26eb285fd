package vfs

import (
	"math/rand/v2"
	"sort"
	"strings"
)

// sectorSize is the unit that a disk writes whole.
const sectorSize = 512

// CrashOptions says how much of what was not synced survives.
type CrashOptions struct {
	Seed uint64
	// Keep is the chance in percent that an unsynced sector, size change or directory entry survives. Below 0 each
	// file and directory draws its own.
	Keep int
	// Garbage fills sectors by which a file grew without their data arriving with noise instead of zeros, half of
	// the time.
	Garbage bool
}

// Crash returns the file system that might be found after the power failed now: everything synced, and of the rest
// what chance keeps. Unsynced writes survive by sector, independently of their order; a directory keeps or loses each
// unsynced name change on its own. The receiver stays as it is.
func (m *Mem) Crash(o CrashOptions) *Mem {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := crasher{rng: rand.New(rand.NewPCG(o.Seed, 0x9e3779b97f4a7c15)), o: o, done: map[*memNode]*memNode{}}
	after := NewMem()
	after.root = c.node(m.root)
	after.used = after.root.contentSize()
	return after
}

// Clone returns a copy of everything as it is, with nothing unsynced: what a reader sees after the process died
// while the machine went on.
func (m *Mem) Clone() *Mem {
	m.mu.Lock()
	defer m.mu.Unlock()
	after := NewMem()
	after.root = m.root.clone(map[*memNode]*memNode{})
	after.used = after.root.contentSize()
	return after
}

// Kill ends the process that uses the file system, not the machine: its files are closed, its locks are gone, and what
// was not synced stays so. Open files of before fail from now on.
func (m *Mem) Kill() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.life++
	m.locks = map[string]*memLock{}
	m.root.forget(map[*memNode]bool{})
}

func (n *memNode) forget(done map[*memNode]bool) {
	if done[n] {
		return
	}
	done[n] = true
	n.handles = 0
	for _, child := range n.entries {
		child.forget(done)
	}
}

type crasher struct {
	rng  *rand.Rand
	o    CrashOptions
	done map[*memNode]*memNode // a file may have two names after a lost change
}

func (c *crasher) percent() int {
	if c.o.Keep >= 0 {
		return c.o.Keep
	}
	switch c.rng.IntN(4) {
	case 0:
		return 0
	case 1:
		return 100
	}
	return c.rng.IntN(101)
}

func (c *crasher) keep(percent int) bool { return c.rng.IntN(100) < percent }

func (c *crasher) node(n *memNode) *memNode {
	if out := c.done[n]; out != nil {
		return out
	}
	var out *memNode
	if n.dir {
		out = newMemDir()
		c.done[n] = out
		c.names(n, out)
	} else {
		content := c.content(n)
		out = &memNode{data: content, synced: append([]byte(nil), content...)}
		c.done[n] = out
	}
	return out
}

func (c *crasher) names(n, out *memNode) {
	names := make(map[string]*memNode, len(n.durable))
	for base, child := range n.durable {
		names[base] = child
	}
	percent := c.percent()
	for _, ch := range n.changes {
		if !c.keep(percent) {
			continue
		}
		if ch.unbind != "" && (ch.node == nil || names[ch.unbind] == ch.node) {
			delete(names, ch.unbind)
		}
		if ch.bind != "" {
			names[ch.bind] = ch.node
		}
	}
	sorted := make([]string, 0, len(names)) // the order of drawing must not depend on the map
	for base := range names {
		sorted = append(sorted, base)
	}
	sort.Strings(sorted)
	for _, base := range sorted {
		child := c.node(names[base])
		out.entries[base], out.durable[base] = child, child
	}
}

func (c *crasher) content(n *memNode) []byte {
	content := append([]byte(nil), n.synced...)
	percent := c.percent()
	for _, w := range n.writes {
		if w.data == nil {
			if c.keep(percent) {
				content = w.apply(content)
			}
			continue
		}
		end := w.off + int64(len(w.data))
		if old := int64(len(content)); end > old && c.keep(percent) {
			content = resize(content, end) // the size arrived; the data may not
			if c.o.Garbage && c.rng.IntN(2) == 0 {
				c.noise(content[max(old, w.off):])
			}
		}
		for at := w.off; at < end; {
			next := min(end, (at/sectorSize+1)*sectorSize)
			if c.keep(percent) {
				content = contentChange{off: at, data: w.data[at-w.off : next-w.off]}.apply(content)
			}
			at = next
		}
	}
	return content
}

func (c *crasher) noise(p []byte) {
	for i := range p {
		p[i] = byte(c.rng.Uint32())
	}
}

func (n *memNode) clone(done map[*memNode]*memNode) *memNode {
	if out := done[n]; out != nil {
		return out
	}
	if !n.dir {
		out := &memNode{data: append([]byte(nil), n.data...), synced: append([]byte(nil), n.data...)}
		done[n] = out
		return out
	}
	out := newMemDir()
	done[n] = out
	for base, child := range n.entries {
		c := child.clone(done)
		out.entries[base], out.durable[base] = c, c
	}
	return out
}

func (n *memNode) contentSize() int64 {
	total := int64(len(n.data))
	for _, child := range n.entries {
		total += child.contentSize()
	}
	return total
}

// Files returns the paths of all files, sorted, for tests that damage them.
func (m *Mem) Files() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []string
	var walk func(prefix string, n *memNode)
	walk = func(prefix string, n *memNode) {
		for base, child := range n.entries {
			if child.dir {
				walk(prefix+"/"+base, child)
			} else {
				out = append(out, prefix+"/"+base)
			}
		}
	}
	walk("", m.root)
	sort.Strings(out)
	return out
}

// Content returns a copy of a file's content.
func (m *Mem) Content(name string) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	n, err := m.lookup(name)
	if err != nil || n.dir {
		return nil
	}
	return append([]byte(nil), n.data...)
}

// SetContent replaces a file's content, durably, making the file if need be in an existing directory.
func (m *Mem) SetContent(name string, data []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	dir, base, err := m.parent(name)
	if err != nil {
		panic("vfs: SetContent into no directory: " + strings.Join(split(name), "/"))
	}
	n := dir.entries[base]
	if n == nil {
		n = &memNode{}
		dir.entries[base], dir.durable[base] = n, n
	}
	m.used += int64(len(data) - len(n.data))
	n.data = append([]byte(nil), data...)
	n.synced = append([]byte(nil), data...)
	n.writes = nil
}
