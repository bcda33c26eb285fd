package wal_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/persistence/vfs"
	"github.com/worktable-go/worktable/persistence/wal"
)

// small makes a log of n commits in small segments and returns where each commit ends.
func small(t testing.TB, n uint64, maxLen int, closeIt bool) (*vfs.Mem, []wal.LSN) {
	m := newFS(t, 4096)
	l, _, err := open(m, maxLen, wal.Options{Segment: 4096})
	require.NoError(t, err)
	ends := []wal.LSN{0}
	for csn := uint64(1); csn <= n; csn++ {
		pos, err := appendOne(l, csn, maxLen)
		require.NoError(t, err)
		require.NoError(t, l.Sync(ctx, pos))
		ends = append(ends, pos)
	}
	image := m
	if closeIt {
		require.NoError(t, l.Close())
	} else {
		image = m.Clone()
		require.NoError(t, l.Close())
	}
	return image, ends
}

func TestEveryTruncationRecoversThePrefix(t *testing.T) {
	const n, maxLen = 25, 150
	m, ends := small(t, n, maxLen, false)
	files := m.Files()
	for _, name := range files {
		content := m.Content(name)
		var start uint64
		_, err := fmt.Sscanf(name, "/log/%x.wtlog", &start)
		require.NoError(t, err)
		for cut := 0; cut < len(content); cut += slower {
			c := m.Clone()
			c.SetContent(name, content[:cut])
			tail, err := readAll(c, 0, 0, maxLen)
			if err != nil {
				var d *wal.Damage
				require.ErrorAs(t, err, &d, "%s cut at %d", name, cut)
				continue // a segment that is not the last, or a header, was cut
			}
			want := uint64(0)
			for want < n && ends[want+1] <= wal.LSN(start)+wal.LSN(cut) {
				want++
			}
			if name != files[len(files)-1] && want < tail.LastCSN {
				want = tail.LastCSN // later segments hold nothing yet
			}
			require.Equal(t, want, tail.LastCSN, "%s cut at %d", name, cut)
		}
	}
}

func TestEveryBitFlipIsDetectedOrHarmless(t *testing.T) {
	const n, maxLen = 25, 150
	m, ends := small(t, n, maxLen, true)
	last := ends[n]
	detected, harmless := 0, 0
	for _, name := range m.Files() {
		content := m.Content(name)
		var start uint64
		_, err := fmt.Sscanf(name, "/log/%x.wtlog", &start)
		require.NoError(t, err)
		for bit := 0; bit < len(content)*8; bit += slower {
			if content[bit/8] == 0 && bit%8 > 0 && wal.LSN(start)+wal.LSN(bit/8) > last+64 {
				continue // the zeros behind the end, one bit of each byte is enough
			}
			flipped := append([]byte(nil), content...)
			flipped[bit/8] ^= 1 << (bit % 8)
			c := m.Clone()
			c.SetContent(name, flipped)
			tail, err := readAll(c, 0, 0, maxLen)
			if err == nil {
				harmless++
				require.EqualValues(t, n, tail.LastCSN, "%s, bit %d", name, bit)
				continue
			}
			detected++
			var d *wal.Damage
			require.True(t, errors.As(err, &d) || errors.Is(err, wal.ErrNewerFormat), "%s, bit %d: %v", name, bit, err)
		}
	}
	t.Logf("%d detected, %d harmless", detected, harmless)
	require.Greater(t, detected, int(last)*8/2/slower)
}

// TestDamageAndTornTail puts noise over single frames. In a frame that a later one calls durable it is damage; in the last
// one it is an end.
func TestDamageAndTornTail(t *testing.T) {
	const n, maxLen = 12, 100
	m, ends := small(t, n, maxLen, false)
	name := m.Files()[0]
	for i := range n {
		c := m.Clone()
		b := c.Content(name)
		at := int(ends[i+1]) - 20
		b[at] ^= 0xff
		c.SetContent(name, b)
		tail, err := readAll(c, 0, 0, maxLen)
		if i == n-1 {
			require.NoError(t, err)
			require.EqualValues(t, n-1, tail.LastCSN)
			require.True(t, tail.Torn)
			continue
		}
		var d *wal.Damage
		require.ErrorAs(t, err, &d)
		require.LessOrEqual(t, d.Offset, int64(at))
		require.Greater(t, d.Offset+200, int64(at))
	}
	// A caller that knows better turns the torn end into damage.
	c := m.Clone()
	b := c.Content(name)
	b[int(ends[n])-20] ^= 1
	c.SetContent(name, b)
	_, err := wal.Scan(ctx, wal.ScanOptions{FS: c, Dir: dir, ID: id, Durable: ends[n]}, func(wal.Commit) error { return nil })
	var d *wal.Damage
	require.ErrorAs(t, err, &d)
}

// TestOldTailNeverComesBack lets a torn tail be followed by new commits of other content at the same positions.
func TestOldTailNeverComesBack(t *testing.T) {
	const maxLen = 100
	m, ends := small(t, 10, maxLen, false)
	name := m.Files()[0]
	b := m.Content(name)
	b[int(ends[8])-20] ^= 1 // commit 8 is torn; 9 and 10 are whole behind it
	for i := range 2 {      // what they say of durability would make it damage
		zeroDurable(b, int(ends[8+i]))
	}
	m.SetContent(name, b)
	l, tail, err := open(m, maxLen, wal.Options{Segment: 4096})
	require.NoError(t, err)
	require.EqualValues(t, 7, tail.LastCSN)
	require.NoError(t, commit(l, 8, maxLen))
	require.NoError(t, l.Close())
	tail, err = readAll(m, 0, 0, maxLen)
	require.NoError(t, err)
	require.EqualValues(t, 8, tail.LastCSN)
}

// zeroDurable clears the durable-up-to of the frame at off and makes it valid again. It knows the salt of the segment.
func zeroDurable(b []byte, off int) {
	clear(b[off+24 : off+32])
	length := int(binary.LittleEndian.Uint32(b[off+4:]))
	var seed [16]byte
	copy(seed[:], b[48:56])
	binary.LittleEndian.PutUint64(seed[8:], binary.LittleEndian.Uint64(b[32:])+uint64(off))
	end := off + 40 + (length+7)&^7
	crc := wal.Checksum(append(append([]byte(nil), seed[:]...), b[off+4:end]...))
	old := binary.LittleEndian.Uint32(b[off:])
	binary.LittleEndian.PutUint32(b[off:], crc)
	if end+40 <= len(b) && binary.LittleEndian.Uint32(b[end+32:]) == old && old != 0 {
		binary.LittleEndian.PutUint32(b[end+32:], crc)
		next := int(binary.LittleEndian.Uint32(b[end+4:]))
		binary.LittleEndian.PutUint64(seed[8:], binary.LittleEndian.Uint64(b[32:])+uint64(end))
		stop := end + 40 + (next+7)&^7
		binary.LittleEndian.PutUint32(b[end:], wal.Checksum(append(append([]byte(nil), seed[:]...), b[end+4:stop]...)))
	}
}

// FuzzLogReader gives the reader a log with arbitrary changes. It must not panic, and what it yields must be a prefix of
// what was written.
func FuzzLogReader(f *testing.F) {
	const n, maxLen = 12, 600
	m, _ := small(f, n, maxLen, true)
	files := m.Files()
	f.Add([]byte{0, 0, 1, 2, 3}, uint16(0), uint8(0))
	f.Add(m.Content(files[0])[:200], uint16(0), uint8(0))
	f.Add(m.Content(files[0])[64:300], uint16(64), uint8(1))
	f.Add([]byte("WTF1"), uint16(100), uint8(1))
	f.Fuzz(func(t *testing.T, patch []byte, at uint16, which uint8) {
		c := m.Clone()
		name := files[int(which)%len(files)]
		b := c.Content(name)
		off := int(at) % (len(b) + 1)
		b = append(b[:off:off], append(append([]byte(nil), patch...), b[min(len(b), off+len(patch)):]...)...)
		c.SetContent(name, b)
		tail, err := readAll(c, 0, 0, maxLen)
		if err != nil {
			require.NotErrorIs(t, err, errWrong)
			return
		}
		l, err := wal.Open(wal.Options{FS: c, Dir: dir, ID: id, Segment: 4096, MarkDelay: -1}, tail)
		require.NoError(t, err)
		require.NoError(t, commit(l, tail.LastCSN+1, maxLen))
		require.NoError(t, l.Close())
		again, err := readAll(c, 0, 0, maxLen)
		require.NoError(t, err)
		require.Equal(t, tail.LastCSN+1, again.LastCSN)
	})
}
