package heap

import "sync"

// blockPool recycles blocks of prev words: an update of any row needs one for as long as the former version lives,
// mostly until right after the commit.
//
// A block whose last word was released stays in its table, listed as idle: rows that are updated again and again find it
// there. When enough others have become idle after it and it still is, it is dropped: its state goes from prevListed
// alone to prevDropped, after which no word of it can be reserved; then it leaves its table; then it waits for the epoch,
// as readers may still hold it. What is ripe serves the next page that needs a block.
//
// Who sets prevListed puts the block into a ring, once; who takes it out of the ring clears it or drops the block, so
// that a block is in one ring at most. Blocks beyond what the rings hold are left to the garbage collector.
type blockPool struct {
	mu        sync.Mutex
	idleRing  [idleBlocks]*prevBlock
	firstIdle uint32
	idles     uint32
	dropped   [droppedBlocks]droppedBlock
	firstDrop uint32
	drops     uint32
	_         [64]byte
}

// droppedBlock is a block that nobody finds any more, since epoch.
type droppedBlock struct {
	b     *prevBlock
	epoch uint64
}

const (
	blockPools    = 4
	idleBlocks    = 32  // powers of two
	droppedBlocks = 128 // about what the commits of two epochs drop
)

// blocks returns the goroutine's pool.
func (e *Epochs) blocks() *blockPool { return &e.pools[stackHint()%blockPools] }

// take returns an empty block, which is in no table.
func (p *blockPool) take(e *Epochs) *prevBlock {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drops == 0 || !e.ripe(p.dropped[p.firstDrop].epoch) {
		return new(prevBlock)
	}
	return p.popDropped()
}

func (p *blockPool) popDropped() *prevBlock {
	b := p.dropped[p.firstDrop].b
	p.dropped[p.firstDrop] = droppedBlock{}
	p.firstDrop = (p.firstDrop + 1) % droppedBlocks
	p.drops--
	return b
}

// idle takes over a block that the caller has marked as listed.
func (p *blockPool) idle(e *Epochs, b *prevBlock) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.idles == idleBlocks {
		p.dropOldest(e)
	}
	p.idleRing[(p.firstIdle+p.idles)%idleBlocks] = b
	p.idles++
}

// dropOldest takes the oldest block off the list of idle ones and drops it if it still is.
func (p *blockPool) dropOldest(e *Epochs) {
	b := p.idleRing[p.firstIdle]
	p.idleRing[p.firstIdle] = nil
	p.firstIdle = (p.firstIdle + 1) % idleBlocks
	p.idles--
	for !b.state.CompareAndSwap(prevListed, prevDropped) {
		if n := b.state.Load(); n > prevListed && b.state.CompareAndSwap(n, n&^prevListed) {
			return // in use again: whoever releases its last word lists it again
		}
	}
	b.leave()
	if p.drops == droppedBlocks {
		p.popDropped()
	}
	p.dropped[(p.firstDrop+p.drops)%droppedBlocks] = droppedBlock{b, e.now()}
	p.drops++
}

// dropIdle drops all idle blocks of the database.
func (e *Epochs) dropIdle() {
	for i := range e.pools {
		p := &e.pools[i]
		p.mu.Lock()
		for p.idles > 0 {
			p.dropOldest(e)
		}
		p.mu.Unlock()
	}
}
