package heap

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// bank is a small transaction layer over a Space: row locks by compare-and-swap on lock words, a commit section, a
// registry of snapshots. Its rows carry balances whose sum never changes, so every snapshot must add up to it; each
// payload carries a checksum, so torn or reused memory is noticed.
type bank struct {
	t     *testing.T
	s     *Space
	total int64

	commit sync.Mutex
	csn    CSN

	registry sync.Mutex
	visible  CSN
	active   []CSN

	mu   sync.Mutex
	rows []RowID // the rows; some are deleted
}

func (b *bank) snapshot() CSN {
	b.registry.Lock()
	defer b.registry.Unlock()
	i, _ := slices.BinarySearch(b.active, b.visible)
	b.active = slices.Insert(b.active, i, b.visible)
	return b.visible
}

func (b *bank) release(s CSN) {
	b.registry.Lock()
	defer b.registry.Unlock()
	i, _ := slices.BinarySearch(b.active, s)
	b.active = slices.Delete(b.active, i, i+1)
}

func (b *bank) horizon() ([]CSN, CSN) {
	b.registry.Lock()
	defer b.registry.Unlock()
	return slices.Clone(b.active), b.visible
}

func (b *bank) pick(r *rand.Rand) (RowID, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.rows) == 0 {
		return 0, false
	}
	return b.rows[r.IntN(len(b.rows))], true
}

// lock locks a row that lives, or gives up.
func (b *bank) lock(id RowID) bool {
	w := b.s.LockWord(id)
	if !w.CompareAndSwap(0, 1) {
		return false
	}
	g := b.s.epochs.Pin()
	defer g.Unpin()
	if l, ok := b.s.Head(id); !ok || l == 0 || l.IsTombstone() {
		w.Store(0)
		b.forget(id)
		return false
	}
	return true
}

func (b *bank) forget(id RowID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if i := slices.Index(b.rows, id); i >= 0 {
		b.rows[i] = b.rows[len(b.rows)-1]
		b.rows = b.rows[:len(b.rows)-1]
	}
}

func (b *bank) unlock(id RowID) { b.s.LockWord(id).Store(0) }

func balance(p []byte) int64 {
	return int64(binary.LittleEndian.Uint64(p[5+8*int(p[4]):]))
}

// write appends a version with the balance; now and then with an overflow value, its own or carried over from base.
func (b *bank) write(r *rand.Rand, id RowID, bal int64, base []byte) (Link, error) {
	var refs []uint64
	if len(base) > 4 && base[4] > 0 && r.IntN(2) == 0 {
		refs = testRefs(0, base, nil)
	} else if r.IntN(8) == 0 {
		ref, err := b.s.WriteOverflow(bigValue(r.IntN(2000)))
		if err != nil {
			return 0, err
		}
		defer b.s.ReleaseOverflow(ref)
		refs = []uint64{ref}
	}
	p := testPayload(r, 8*len(refs)+8+r.IntN(60), refs...)
	binary.LittleEndian.PutUint64(p[5+8*len(refs):], uint64(bal))
	sum := payloadSum(p)
	binary.LittleEndian.PutUint32(p, sum)
	flags := uint8(0)
	if refs != nil {
		flags = FlagOverflow
	}
	return b.s.Append(id, 1, flags, p, base != nil)
}

// bigValue is told by its length: every byte is a function of both.
func bigValue(n int) []byte {
	v := make([]byte, n)
	for i := range v {
		v[i] = byte(n*31 + i*7)
	}
	return v
}

func (b *bank) newest(id RowID) (int64, []byte) {
	v, ok := b.s.Visible(id, MaxCSN)
	if !ok || !payloadIntact(v.Payload()) {
		b.t.Errorf("row %x: locked and gone or torn", uint64(id))
		return 0, nil
	}
	return balance(v.Payload()), v.Payload()
}

// transfer moves money between two rows, or all of it before the first is deleted.
func (b *bank) transfer(r *rand.Rand, del bool) {
	x, ok := b.pick(r)
	y, _ := b.pick(r)
	if !ok || x == y || !b.lock(x) {
		return
	}
	defer b.unlock(x)
	if !b.lock(y) {
		return
	}
	defer b.unlock(y)
	g := b.s.epochs.Pin()
	defer g.Unpin()
	bx, px := b.newest(x)
	by, py := b.newest(y)
	amount := int64(r.IntN(10))
	if del {
		amount = bx
	}
	var lx Link
	var err error
	if del {
		lx, err = b.s.AppendTombstone(x, 1)
	} else {
		lx, err = b.write(r, x, bx-amount, px)
	}
	if err != nil {
		b.t.Error(err)
		return
	}
	ly, err := b.write(r, y, by+amount, py)
	if err != nil || r.IntN(10) == 0 {
		b.s.Discard(lx)
		if err == nil {
			b.s.Discard(ly)
		}
		return
	}
	b.publish([]RowID{x, y}, []Link{lx, ly})
	b.prune(x)
	b.prune(y)
}

func (b *bank) publish(ids []RowID, links []Link) {
	b.commit.Lock()
	defer b.commit.Unlock()
	b.csn++
	for i, l := range links {
		b.s.Publish(ids[i], l, b.csn, 1<<i)
	}
	if b.csn%4 != 0 { // durability is late now and then
		b.registry.Lock()
		b.visible = b.csn
		b.registry.Unlock()
	}
}

// prune prunes a row and retires it when it is dead. The row is locked.
func (b *bank) prune(id RowID) {
	active, horizon := b.horizon()
	p := b.s.PruneChain(id, active, horizon, func(v Version) {
		if v.Row() != id || !v.IsTombstone() && !payloadIntact(v.Payload()) {
			b.t.Errorf("row %x: pruned version torn", uint64(id))
		}
	})
	if p.Dead && !b.s.RetireSlot(id) {
		b.t.Errorf("row %x: retired twice", uint64(id))
	}
}

func (b *bank) insert(r *rand.Rand, bal int64) {
	id, err := b.s.NewSlot()
	if err != nil {
		b.t.Error(err)
		return
	}
	for !b.s.LockWord(id).CompareAndSwap(0, 1) { // by somebody with an id from before, who will find out
		runtime.Gosched()
	}
	defer b.unlock(id)
	l, err := b.write(r, id, bal, nil)
	if err != nil {
		b.t.Error(err)
		return
	}
	if bal == 0 && r.IntN(5) == 0 {
		b.s.Discard(l)
		b.s.RetireSlot(id)
		return
	}
	b.publish([]RowID{id}, []Link{l})
	b.mu.Lock()
	b.rows = append(b.rows, id)
	b.mu.Unlock()
}

// sweep prunes and retires what older snapshots held back.
func (b *bank) sweep() {
	buf := make([]ScanHead, 64)
	for from, end := uint64(0), b.s.SlotCount(); from < end; {
		g := b.s.epochs.Pin()
		var n int
		n, from = b.s.ScanHeads(from, end, buf)
		for _, h := range buf[:n] {
			w := b.s.LockWord(h.ID)
			if !w.CompareAndSwap(0, 1) {
				continue
			}
			if l, ok := b.s.Head(h.ID); ok && l != 0 {
				b.prune(h.ID)
			}
			w.Store(0)
		}
		g.Unpin()
	}
}

// audit adds up a snapshot, batch by batch, in one of three ways.
func (b *bank) audit(r *rand.Rand) {
	snap := b.snapshot()
	defer b.release(snap)
	sum, rows := int64(0), int64(0)
	buf := make([]ScanRow, 1+r.IntN(40))
	for from, end := uint64(0), b.s.SlotCount(); from < end; {
		g := b.s.epochs.Pin()
		var n int
		n, from = b.s.ScanVisible(from, end, snap, buf)
		for _, row := range buf[:n] {
			sum += b.read(row.ID, row.V, snap)
			rows++
			if r.IntN(8) == 0 {
				if v, ok := b.s.Visible(row.ID, snap); !ok || v.CSN() != row.V.CSN() {
					b.t.Errorf("row %x: read differs from scan", uint64(row.ID))
				}
			}
		}
		g.Unpin()
		runtime.Gosched()
	}
	if sum != b.total {
		b.t.Errorf("snapshot %d adds up to %d instead of %d", snap, sum, b.total)
	}
	g := b.s.epochs.Pin()
	defer g.Unpin()
	if n := b.s.CountVisible(0, b.s.SlotCount(), snap); n != rows {
		b.t.Errorf("snapshot %d has %d rows and then %d", snap, rows, n)
	}
}

func (b *bank) read(id RowID, v Version, snap CSN) int64 {
	p := v.Payload()
	if v.Row() != id || v.CSN() > snap || !payloadIntact(p) {
		b.t.Errorf("row %x: torn version", uint64(id))
		return 0
	}
	for _, ref := range testRefs(0, p, nil) {
		h := readOverflowPage(b.s.bytes(uint32(ref >> 32))[HeaderSize:])
		got, err := b.s.ReadOverflow(ref, h.total, nil)
		if err != nil || !slices.Equal(got, bigValue(len(got))) {
			b.t.Errorf("row %x: overflow value: %v", uint64(id), err)
		}
	}
	return balance(p)
}

// checkpoint images all pages as of a snapshot and loads them.
func (b *bank) checkpoint(r *rand.Rand, d *disk) {
	b.s.Freeze()
	snap := b.snapshot()
	d.checkpoint(b.s, snap, false, func() {
		if r.IntN(4) == 0 {
			runtime.Gosched()
		}
	})
	b.release(snap)
	b.s.Thaw()
	s := d.load(b.t, smallOptions())
	if err := s.FinishLoad(); err != nil {
		b.t.Error(err)
	}
	for _, err := range s.Check() {
		b.t.Error(err)
	}
	sum := int64(0)
	buf := make([]ScanRow, 100)
	for from, end := uint64(0), s.SlotCount(); from < end; {
		var n int
		n, from = s.ScanVisible(from, end, snap, buf)
		for _, row := range buf[:n] {
			sum += balance(row.V.Payload())
		}
	}
	if sum != b.total {
		b.t.Errorf("checkpoint at %d adds up to %d instead of %d", snap, sum, b.total)
	}
}

func TestStress(t *testing.T) {
	for _, procs := range []int{1, 2, 8} {
		t.Run(fmt.Sprint(procs), func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
			stress(t, testSize(2000))
		})
	}
}

func stress(t *testing.T, steps int) {
	r := testRand(t)
	b := &bank{t: t, s: newTestSpace(t, smallOptions())}
	for range 50 {
		b.total += 100
		b.insert(r, 100)
	}
	var workers, others sync.WaitGroup
	var stop atomic.Bool
	for range 4 {
		seed := r.Uint64()
		workers.Add(1)
		go func() {
			defer workers.Done()
			r := rand.New(rand.NewPCG(seed, 2))
			for range steps {
				switch n := r.IntN(10); {
				case n < 3 && b.s.Rows() < 200:
					b.insert(r, 0)
				case n < 5:
					b.transfer(r, true)
				default:
					b.transfer(r, false)
				}
			}
		}()
	}
	background := func(f func(r *rand.Rand)) {
		seed := r.Uint64()
		others.Add(1)
		go func() {
			defer others.Done()
			r := rand.New(rand.NewPCG(seed, 3))
			for !stop.Load() && !t.Failed() {
				f(r)
				runtime.Gosched()
			}
		}()
	}
	d := &disk{images: map[uint32][]byte{}}
	background(b.audit)
	background(b.audit)
	background(func(*rand.Rand) { b.sweep() })
	background(func(r *rand.Rand) {
		b.s.Vacuum(r.Float64(), 200)
		b.s.Reclaim()
	})
	background(func(r *rand.Rand) { b.checkpoint(r, d) })
	workers.Wait()
	stop.Store(true)
	others.Wait()

	require.Empty(t, b.s.Check())
	b.visible = b.csn
	b.sweep()
	b.audit(r)
	for range 3 {
		b.s.Reclaim()
	}
	st := b.s.Stats()
	require.Zero(t, st.Limbo)
	require.EqualValues(t, st.Slots, uint64(st.Rows)+st.FreeSlots+b.slotsInShards())
	require.Empty(t, b.s.Check())
	t.Logf("%+v", st)
}

func (b *bank) slotsInShards() (n uint64) {
	for i := range b.s.shards {
		if sh := b.s.shards[i].Load(); sh != nil {
			n += sh.slots.Load() & generationMask
		}
	}
	return n
}
