package sqlmap

import (
	"container/list"
	"sync"
)

// defaultPlanBytes bounds the plan cache by the estimated size of what it holds.
const defaultPlanBytes = 32 << 20

// largestCachedText keeps bulk loads from flushing the cache.
const largestCachedText = 64 << 10

// planCache keeps compiled statements, least recently used ones first to go. One text has one entry: that of the key
// it was last compiled for. It may be used concurrently.
type planCache struct {
	mu      sync.Mutex
	entries map[string]*list.Element
	order   list.List // of *compiled, most recent first
	bytes   int64
	limit   int64
}

// get returns the statement compiled from text under key, or nil.
func (p *planCache) get(text string, key planKey) *compiled {
	p.mu.Lock()
	defer p.mu.Unlock()
	el, ok := p.entries[text]
	if !ok {
		return nil
	}
	c := el.Value.(*compiled)
	if c.key != key {
		return nil
	}
	p.order.MoveToFront(el)
	return c
}

// put keeps c. Only statements that run from a plan are worth it.
func (p *planCache) put(c *compiled) {
	if c.class == classOther || len(c.text) > largestCachedText {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.entries == nil {
		p.entries = map[string]*list.Element{}
	}
	if el, ok := p.entries[c.text]; ok {
		p.drop(el)
	}
	p.entries[c.text] = p.order.PushFront(c)
	p.bytes += c.size
	for p.bytes > p.limit && p.order.Len() > 1 {
		p.drop(p.order.Back())
	}
}

func (p *planCache) drop(el *list.Element) {
	c := p.order.Remove(el).(*compiled)
	delete(p.entries, c.text)
	p.bytes -= c.size
}
