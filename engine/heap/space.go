package heap

import (
	"fmt"
	"math/bits"
	"runtime"
	"sync"
	"sync/atomic"
)

// Options configures a Space. Zero fields take their defaults.
type Options struct {
	Name     string // of the table, for error 1114
	PageSize int    // 4096 (default) to 65536, a power of two; tests may use 512 and up
	MaxPages uint32 // highest page number; default 1<<32-2
	MaxSlots uint64 // default 1<<40-1
	// OverflowRefs appends the overflow references in a payload whose version has FlagOverflow. Needed as soon as
	// one is appended. It must not keep payload and is called concurrently.
	OverflowRefs func(schemaVersion uint32, payload []byte, dst []uint64) []uint64

	SlotChunkBits int // log2 of the largest slot chunk, default 13; tests set it small
	PageChunkBits int // log2 of the pages in the largest slab, default 1 MiB worth; tests set it small
}

// Space is the memory of one table: see the package comment for who may call what.
type Space struct {
	storage  uint32
	name     string
	epochs   *Epochs
	refsOf   func(schemaVersion uint32, payload []byte, dst []uint64) []uint64
	refBufs  sync.Pool // *[]uint64, for refsOf
	pageSize int

	pageUnits uint32 // units in a page
	bitWords  int    // words of published bits in a page
	maxPages  uint32
	maxSlots  uint64

	mem    directory[slab]
	metas  directory[pageMetas]
	slots  directory[slotChunk]
	shards []atomic.Pointer[shard]
	active atomic.Uint32 // shards in use
	load   *loading      // while loading

	_ [64]byte // what every read needs is above, what writers change is below

	pages     pageTable
	slotHigh  atomic.Uint64 // slots ever handed to a shard
	unused    slotRanges    // below slotHigh, without a chunk: left by a load
	baseGen   atomic.Uint32 // slots' generations are above it: what a load knows of free slots
	maxGen    atomic.Uint32
	collision atomic.Uint32
	free      freeLinks
	limbo     [limboShards]limbo
	chainMu   [chainStripes]sync.Mutex // by slot: excludes pruners, movers and retirers of a chain

	rows      atomic.Int64
	freeSlots atomic.Int64
	lastCSN   atomic.Uint64 // newest published
	slabBytes atomic.Int64
	overflow  atomic.Int64  // overflow pages in use
	released  atomic.Uint32 // pages released since the free links were swept

	moving  sync.Mutex // held for each move, and to freeze
	frozen  int
	vacuums sync.Mutex // one Vacuum at a time
	vacuum  shard      // where it moves to
}

const (
	chainStripes    = 16
	defaultPageSize = 4096
	maxShards       = 64
)

// shard is where some inserters take pages and slots from, without a lock: both words are bumped by compare-and-swap.
type shard struct {
	page  atomic.Uint64 // page 32 | next free unit 32; page 0: none
	slots atomic.Uint64 // next slot 40 | left 24
	_     [48]byte
}

// NewSpace returns an empty Space. It takes a few KiB.
func NewSpace(storage uint32, e *Epochs, o Options) (*Space, error) {
	if o.PageSize == 0 {
		o.PageSize = defaultPageSize
	}
	if o.PageSize < 512 || o.PageSize > 1<<16 || o.PageSize&(o.PageSize-1) != 0 {
		return nil, fmt.Errorf("heap: page size %d is not a power of two from 512 to 65536", o.PageSize)
	}
	if o.MaxPages == 0 || o.MaxPages > 1<<32-2 {
		o.MaxPages = 1<<32 - 2
	}
	if o.MaxSlots == 0 || o.MaxSlots > maxSlotNumber {
		o.MaxSlots = maxSlotNumber
	}
	if o.SlotChunkBits == 0 {
		o.SlotChunkBits = 13
	}
	if o.PageChunkBits == 0 {
		o.PageChunkBits = max(4, 20-bits.TrailingZeros(uint(o.PageSize)))
	}
	s := &Space{
		storage: storage, name: o.Name, epochs: e, refsOf: o.OverflowRefs,
		pageSize: o.PageSize, pageUnits: uint32(o.PageSize / unit), bitWords: (o.PageSize/unit + 63) / 64,
		maxPages: o.MaxPages, maxSlots: o.MaxSlots,
		shards: make([]atomic.Pointer[shard], min(maxShards, runtime.GOMAXPROCS(0)*2)),
	}
	s.refBufs.New = func() any { b := make([]uint64, 0, 16); return &b }
	s.mem.init(0, uint(o.PageChunkBits))
	s.metas.init(0, uint(o.PageChunkBits))
	s.slots.init(uint(min(4, o.SlotChunkBits)), uint(o.SlotChunkBits))
	s.free.init()
	s.pages.lowest = 1
	s.shards[0].Store(&shard{})
	s.active.Store(1)
	return s, nil
}

// Storage returns the storage id.
func (s *Space) Storage() uint32 { return s.storage }

// PageSize returns the page size.
func (s *Space) PageSize() int { return s.pageSize }

// MaxPayload returns the longest payload that fits into a page.
func (s *Space) MaxPayload() int {
	return min(int(s.pageUnits-firstUnit), 1<<13-1)*unit - VersionHeaderSize
}

// LastCSN returns the newest commit that published here.
func (s *Space) LastCSN() CSN { return CSN(s.lastCSN.Load()) }

// shard returns the shard of the calling goroutine. A table with one writer has one.
func (s *Space) shard() *shard {
	n := uint64(s.active.Load())
	if n == 1 {
		return s.shards[0].Load()
	}
	p := &s.shards[stackHint()%n]
	if sh := p.Load(); sh != nil {
		return sh
	}
	p.CompareAndSwap(nil, &shard{})
	return p.Load()
}

// collided notes that two goroutines met on a shard, and now and then opens one more.
func (s *Space) collided() {
	if s.collision.Add(1)%32 == 0 {
		if n := s.active.Load(); int(n) < len(s.shards) {
			s.active.CompareAndSwap(n, n+1)
		}
	}
}
