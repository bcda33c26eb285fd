package persistence

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/persistence/vfs"
)

// TestOnlyVfsTouchesFiles: everything here goes through vfs, or tests could not make it fail.
func TestOnlyVfsTouchesFiles(t *testing.T) {
	banned := regexp.MustCompile(`\b(os\.(Open|OpenFile|Create|CreateTemp|Remove|RemoveAll|Rename|Mkdir|MkdirAll|MkdirTemp|ReadFile|WriteFile|ReadDir|Stat|Lstat|Truncate|Chmod|Link|Symlink|File|DirFS)|ioutil\.|syscall\.(Open|Read|Write|Fsync)|filepath\.(Walk|WalkDir|Glob|EvalSymlinks))\b`)
	for _, dir := range []string{".", "wal"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			text, err := os.ReadFile(name)
			require.NoError(t, err)
			require.Empty(t, banned.FindAllString(string(text), -1), name)
		}
	}
}

func TestFileNames(t *testing.T) {
	seen := map[string]string{}
	for _, name := range []string{"", "a", "A", "orders", "Orders", "con", "CON", "nul", "com1", "lpt9", "com10", "aux.x", "-dash", "a-b", "a b", "a/b", "a\\b",
		"..", ".", "a.b", "ä", "日本語", "%41", "~", "a~1", "tab\x00le", strings.Repeat("x", 64), strings.Repeat("Ü", 64), strings.Repeat("y", 300), strings.Repeat("y", 301)} {
		dir := schemaDir(name)
		require.True(t, validFileName(dir), "%q → %q", name, dir)
		require.Equal(t, strings.ToLower(dir), dir)
		require.Less(t, len(dir), 200)
		require.NotContains(t, dir, ".")
		other, taken := seen[dir]
		require.False(t, taken, "%q and %q share %q", name, other, dir)
		seen[dir] = name
		if back, ok := unescapeName(escapeName(name)); ok && len(name) < 60 {
			require.Equal(t, name, back)
		}
		path := dataPath("s", name, 7)
		require.True(t, validPath(path, 7), path)
		require.False(t, validPath(path, 8))
		for _, suffix := range []string{dataSuffix, idxSuffix, dataSuffix + newSuffix, idxSuffix + tempSuffix} {
			storage, got, ok := parseTableFile(path[2:] + suffix)
			require.True(t, ok)
			require.EqualValues(t, 7, storage)
			require.Equal(t, suffix, got)
		}
	}
	for _, bad := range []string{"a/../b~7", "../x~7", "/x~7", "x~7", "a/b", "a/b~07", "A/b~7", "a/b~7/c", "con/b~7", "a\\b/c~7"} {
		require.False(t, validPath(bad, 7), bad)
	}
	for _, base := range []string{"a.wt.data", "a~x.wt.data", "a~7.txt", "~7.wt.data", "a~99999999999.wt.data", ".wt.data"} {
		_, _, ok := parseTableFile(base)
		require.False(t, ok, base)
	}
}

func testControl() *control {
	return &control{
		id: [16]byte{1, 2, 3}, number: 7, at: 99, log: 4096, logCSN: 90, durable: 5000,
		storages: []storage{
			{info: engine.StorageInfo{ID: 1, Table: 1, Schema: "", Name: "objects", PageSize: 4096, Pages: 3, Slots: 10, Generation: 2, SchemaVersion: 1, Catalogue: true}, path: "%/objects~1", at: 50, digest: 12},
			{info: engine.StorageInfo{ID: 20, Table: 17, Schema: "Shop", Name: "orders", PageSize: 512, Pages: 9}, path: "%53hop/orders~20", at: 99, digest: 1 << 63},
		},
		auto: map[uint32]uint64{17: 1000, 3: 4},
		kept: map[string]heap.CSN{"feed": 12},
	}
}

func TestControlRoundTrip(t *testing.T) {
	c := testControl()
	b := c.encode()
	got, note, err := decodeControl(b, "f")
	require.NoError(t, err)
	require.Empty(t, note)
	require.Equal(t, c, got)
	for bit := range len(b) * 8 / 2 {
		b[bit/8] ^= 1 << (bit % 8)
		got, note, err := decodeControl(b, "f")
		require.NoError(t, err, bit)
		require.NotEmpty(t, note, bit)
		require.Equal(t, c, got)
		b[bit/8] ^= 1 << (bit % 8)
	}
}

// reseal makes a changed control image valid again.
func reseal(b []byte) {
	if len(b) < controlHeader {
		return
	}
	n := int(binary.LittleEndian.Uint32(b[32:]))
	if n > len(b)-controlHeader {
		n = len(b) - controlHeader
		binary.LittleEndian.PutUint32(b[32:], uint32(n))
	}
	binary.LittleEndian.PutUint32(b[36:], controlCRC(b[:controlHeader+n]))
}

func TestNewerControlIsRefused(t *testing.T) {
	for _, off := range []int{8, 10} { // version, incompatible features
		b := testControl().encode()
		b = b[:len(b)/2]
		b[off]++
		reseal(b)
		_, _, err := decodeControl(append(b, b...), "f")
		require.ErrorIs(t, err, ErrNewerFormat)
	}
	b := testControl().encode()
	b = b[:len(b)/2]
	b[14] = 1 // a compatible feature
	reseal(b)
	_, _, err := decodeControl(append(b, b...), "f")
	require.NoError(t, err)
}

// FuzzControl gives arbitrary control files with a right checksum to the decoder.
func FuzzControl(f *testing.F) {
	b := testControl().encode()
	f.Add(b[:len(b)/2])
	f.Add([]byte(controlMagic))
	f.Fuzz(func(t *testing.T, b []byte) {
		b = append([]byte(nil), b...)
		reseal(b)
		c, _, err := decodeControl(b, "f")
		if err != nil {
			return
		}
		again, _, err := decodeControl(c.encode(), "f")
		require.NoError(t, err)
		require.Equal(t, c, again)
	})
}

// fuzzStore makes a database of three tables with a checkpoint, index files and a log.
func fuzzStore(t testing.TB) *vfs.Mem {
	m := vfs.NewMem()
	ctx := context.Background()
	o := Options{Dir: "/db", FS: m, SegmentBytes: 4096, CheckpointBytes: -1, CheckpointInterval: -1, Engine: engine.Options{PageSize: 512, NoBackground: true}}
	for range 2 {
		s, err := Open(ctx, o)
		require.NoError(t, err)
		db := s.DB()
		if db.Catalog().Table("d", "t") == nil {
			require.NoError(t, db.Define(ctx, engine.DefineOptions{}, func(d *engine.Definer) error {
				if err := d.CreateDatabase(&schema.Database{Name: "d"}); err != nil {
					return err
				}
				_, err := d.CreateTable(&schema.Table{Schema: "d", Name: "t", NextColID: 4, NextIdxID: 3, Columns: []schema.Column{
					{ID: 1, Name: "id", NotNull: true, AutoIncrement: true, Type: value.Type{ID: value.TypeBigInt}},
					{ID: 2, Name: "name", Type: value.Type{ID: value.TypeVarChar, Length: 50, Collation: collate.UTF8MB40900Bin}},
					{ID: 3, Name: "body", Type: value.Type{ID: value.TypeLongBlob, Collation: collate.Binary}},
				}, Indexes: []schema.Index{
					{ID: 1, Name: "PRIMARY", Unique: true, Primary: true, Parts: []schema.KeyPart{{Column: 1}}},
					{ID: 2, Name: "name", Parts: []schema.KeyPart{{Column: 2}}},
				}})
				return err
			}))
		}
		tab := db.Catalog().Table("d", "t")
		for i := range 20 {
			tx, err := db.Begin(ctx, engine.TxOptions{})
			require.NoError(t, err)
			n, err := tx.NextAuto(tab, 1)
			require.NoError(t, err)
			body := strings.Repeat("b", i*60)
			_, err = tx.Insert(ctx, tab, []value.Value{value.Int(int64(n)), value.String(fmt.Sprint("name", i)), value.Bytes(body)})
			require.NoError(t, err)
			require.NoError(t, tx.Commit(ctx))
		}
		if len(m.Files()) > 0 && db.Stats().VisibleCSN > 30 {
			image := m.Clone()
			require.NoError(t, s.Close(ctx))
			return image
		}
		require.NoError(t, s.Close(ctx))
	}
	t.Fatal("not reached")
	return nil
}

// FuzzFiles changes a file of a database, makes the checksum of a changed page right again when asked, and opens it: an error
// or a database, never a panic; and without a right checksum never other rows.
func FuzzFiles(f *testing.F) {
	m := fuzzStore(f)
	files := m.Files()
	for i := range files {
		f.Add(uint8(i), uint32(600), []byte{1, 2, 3, 4}, true)
		f.Add(uint8(i), uint32(64), []byte{0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0}, true)
		f.Add(uint8(i), uint32(100), []byte{}, false)
	}
	ctx := context.Background()
	f.Fuzz(func(t *testing.T, which uint8, at uint32, patch []byte, honest bool) {
		c := m.Clone()
		name := files[int(which)%len(files)]
		b := c.Content(name)
		off := int(at) % len(b)
		if len(patch) == 0 {
			b = b[:off]
		}
		n := copy(b[min(off, len(b)):], patch)
		if honest {
			sealChanged(b, name, off, n)
		}
		c.SetContent(name, b)
		o := Options{Dir: "/db", FS: c, SegmentBytes: 4096, CheckpointBytes: -1, CheckpointInterval: -1, LockTimeout: -1, Engine: engine.Options{PageSize: 512, NoBackground: true}}
		if _, err := Verify(ctx, o); err != nil {
			return
		}
		s, err := Open(ctx, o)
		if err != nil {
			return
		}
		if !honest {
			tab := s.DB().Catalog().Table("d", "t")
			require.NotNil(t, tab)
			require.GreaterOrEqual(t, tab.RowEstimate(), int64(39)) // the last commit may be a torn end
		}
		_ = s.Close(ctx)
	})
}

// sealChanged computes the checksums of the pages that were changed. (FuzzControl does so for control files; here the
// counters in one would only make the engine look through billions of empty row slots.)
func sealChanged(b []byte, name string, off, n int) {
	size := 512
	switch {
	case strings.HasSuffix(name, idxSuffix):
		size = idxPage
	case strings.HasSuffix(name, dataSuffix):
	default:
		return
	}
	for p := off / size; p*size < off+n && (p+1)*size <= len(b); p++ {
		page := b[p*size : (p+1)*size]
		var storage uint32
		if _, err := fmt.Sscanf(name[strings.LastIndexByte(name, '~')+1:], "%d", &storage); err == nil {
			binary.LittleEndian.PutUint32(page, pageCRC(page, storage, uint32(p)))
		}
	}
}

// TestFeatures sets unknown feature bits in every kind of file: incompatible ones refuse it, read-only-compatible ones refuse
// writing, compatible ones mean nothing.
func TestFeatures(t *testing.T) {
	m := fuzzStore(t)
	ctx := context.Background()
	o := Options{Dir: "/db", SegmentBytes: 4096, CheckpointBytes: -1, CheckpointInterval: -1, Engine: engine.Options{PageSize: 512, NoBackground: true}}
	for _, name := range m.Files() {
		for bit, word := range []string{"incompatible", "read-only-compatible", "compatible"} {
			b := m.Content(name)
			switch {
			case strings.HasSuffix(name, dataSuffix):
				b[72+2*bit] = 1
				// The digest does not cover page 0, so its own checksum is all.
				sealChanged(b, name, 72, 6)
			case strings.HasSuffix(name, controlName):
				b = b[:len(b)/2]
				b[10+2*bit] = 1
				reseal(b)
				b = append(b, b...)
			case strings.HasSuffix(name, ".wtlog"):
				b[10+2*bit] = 1
				binary.LittleEndian.PutUint32(b[60:], crcOf(b[:60]))
			default:
				continue
			}
			c := m.Clone()
			c.SetContent(name, b)
			o.FS = c
			for _, readOnly := range []bool{true, false} {
				o.ReadOnly = readOnly
				s, err := Open(ctx, o)
				if word == "incompatible" || word == "read-only-compatible" && !readOnly {
					require.ErrorIs(t, err, ErrNewerFormat, "%s: %s", name, word)
					require.Equal(t, b, c.Content(name))
					continue
				}
				require.NoError(t, err, "%s: %s", name, word)
				require.NoError(t, s.Close(ctx))
			}
		}
	}
}
