package persistence

import (
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"sort"
	"strings"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/persistence/vfs"
	"github.com/worktable-go/worktable/persistence/wal"
)

const (
	controlName    = "worktable.ctl"
	controlTemp    = controlName + tempSuffix
	controlMagic   = "WTCTRL\r\n"
	controlVersion = 1
	controlHeader  = 40
	maxControl     = 1 << 30
	tempSuffix     = ".tmp"
)

// control says what the table files hold: the last complete checkpoint. It is the only file that names the others, and
// it is replaced as a whole. Immutable once it is in place.
type control struct {
	id       [16]byte
	number   uint64   // of the checkpoint; 0: none yet
	at       heap.CSN // T: the pages hold exactly the commits up to it
	log      wal.LSN  // replay begins here
	logCSN   uint64   // the last commit before log
	durable  wal.LSN  // the log was synced up to here
	storages []storage
	auto     map[uint32]uint64
	kept     map[string]heap.CSN // named subscribers: the last commit that each has seen

	readOnly uint16 // unknown read-only-compatible features
}

// storage is the entry of one table file.
type storage struct {
	info   engine.StorageInfo
	path   string   // of the data file without ".wt.data", relative to the directory, with slashes
	at     heap.CSN // of the checkpoint that last changed the pages
	digest uint64   // of all pages but the first
}

// encode returns the file's content: the same image twice, so that one damaged half does no harm.
func (c *control) encode() []byte {
	var e encoder
	e.raw([]byte(controlMagic))
	e.u16(controlVersion)
	e.u16(0) // incompatible features
	e.u16(0) // read-only-compatible features
	e.u16(0) // compatible features
	e.raw(c.id[:])
	e.u32(0) // length of the body
	e.u32(0) // CRC
	c.encodeBody(&e)
	binary.LittleEndian.PutUint32(e.b[32:], uint32(len(e.b)-controlHeader))
	binary.LittleEndian.PutUint32(e.b[36:], controlCRC(e.b))
	e.align(512)
	return append(e.b, e.b...)
}

// controlCRC is over everything but itself.
func controlCRC(b []byte) uint32 {
	return crcOf(append(append([]byte(nil), b[:36]...), b[controlHeader:]...))
}

func (c *control) encodeBody(e *encoder) {
	e.u64(c.number)
	e.u64(uint64(c.at))
	e.u64(uint64(c.log))
	e.u64(c.logCSN)
	e.u64(uint64(c.durable))
	e.u32(uint32(len(c.storages)))
	for i := range c.storages {
		s := &c.storages[i]
		e.u32(s.info.ID)
		e.u32(s.info.Table)
		e.u32(uint32(s.info.PageSize))
		e.u32(s.info.Pages)
		e.u64(s.info.Slots)
		e.u32(s.info.Generation)
		e.u32(s.info.SchemaVersion)
		e.u8(boolByte(s.info.Catalogue))
		e.u64(uint64(s.at))
		e.u64(s.digest)
		e.str(s.info.Schema)
		e.str(s.info.Name)
		e.str(s.path)
	}
	tables := make([]uint32, 0, len(c.auto))
	for t := range c.auto {
		tables = append(tables, t)
	}
	sort.Slice(tables, func(i, j int) bool { return tables[i] < tables[j] })
	e.u32(uint32(len(tables)))
	for _, t := range tables {
		e.u32(t)
		e.u64(c.auto[t])
	}
	names := make([]string, 0, len(c.kept))
	for name := range c.kept {
		names = append(names, name)
	}
	sort.Strings(names)
	e.u32(uint32(len(names)))
	for _, name := range names {
		e.str(name)
		e.u64(uint64(c.kept[name]))
	}
}

func boolByte(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}

// decodeControl reads either half of a control file. The note tells of a damaged half.
func decodeControl(b []byte, file string) (c *control, note string, err error) {
	c, err = decodeControlImage(b, file, 0)
	if err == nil {
		half := len(b) / 2
		if len(b)%2 != 0 || string(b[:half]) != string(b[half:]) {
			note = file + ": the second copy is damaged"
		}
		return c, note, nil
	}
	if errors.Is(err, ErrNewerFormat) || len(b)%2 != 0 {
		return nil, "", err
	}
	c, second := decodeControlImage(b[len(b)/2:], file, int64(len(b)/2))
	if second != nil {
		return nil, "", err
	}
	return c, file + ": the first copy is damaged", nil
}

func decodeControlImage(b []byte, file string, base int64) (*control, error) {
	if len(b) < controlHeader {
		return nil, corrupt(file, base+int64(len(b)), "the control file ends inside its header")
	}
	if string(b[:8]) != controlMagic {
		return nil, corrupt(file, base, "this is not a control file")
	}
	le := binary.LittleEndian
	n := int64(le.Uint32(b[32:]))
	if n > int64(len(b)-controlHeader) {
		return nil, corrupt(file, base+32, "the control file is shorter than it says")
	}
	b = b[:controlHeader+n]
	if controlCRC(b) != le.Uint32(b[36:]) {
		return nil, corrupt(file, base, "the checksum of the control file is wrong")
	}
	if v, features := le.Uint16(b[8:]), le.Uint16(b[10:]); v > controlVersion || features != 0 {
		return nil, fmt.Errorf("%w: %s has version %d, features %#x", ErrNewerFormat, file, v, features)
	}
	c := &control{id: [16]byte(b[16:32]), readOnly: le.Uint16(b[12:])}
	d := decoder{b: b[controlHeader:]}
	c.decodeBody(&d)
	if d.err == nil && len(d.b) != 0 {
		d.err = errors.New("bytes are left over")
	}
	if d.err == nil {
		d.err = c.validate()
	}
	if d.err != nil {
		return nil, corrupt(file, base+controlHeader, "the content of the control file is impossible: %v", d.err)
	}
	return c, nil
}

func (c *control) decodeBody(d *decoder) {
	c.number = d.u64()
	c.at = heap.CSN(d.u64())
	c.log = wal.LSN(d.u64())
	c.logCSN = d.u64()
	c.durable = wal.LSN(d.u64())
	c.storages = make([]storage, d.count(57))
	for i := range c.storages {
		s := &c.storages[i]
		s.info = engine.StorageInfo{ID: d.u32(), Table: d.u32(), PageSize: int(d.u32()), Pages: d.u32(), Slots: d.u64(),
			Generation: d.u32(), SchemaVersion: d.u32(), Catalogue: d.u8() != 0}
		s.at = heap.CSN(d.u64())
		s.digest = d.u64()
		s.info.Schema, s.info.Name, s.path = d.str(), d.str(), d.str()
	}
	c.auto = map[uint32]uint64{}
	for range d.count(12) {
		t := d.u32()
		c.auto[t] = d.u64()
	}
	c.kept = map[string]heap.CSN{}
	for range d.count(12) {
		name := d.str()
		c.kept[name] = heap.CSN(d.u64())
	}
}

// validate checks what later code relies on.
func (c *control) validate() error {
	seen := map[uint32]bool{}
	for i := range c.storages {
		s := &c.storages[i]
		switch {
		case seen[s.info.ID]:
			return fmt.Errorf("storage %d occurs twice", s.info.ID)
		case !validPageSize(s.info.PageSize):
			return fmt.Errorf("storage %d has pages of %d bytes", s.info.ID, s.info.PageSize)
		case s.info.Pages == 1<<32-1:
			return fmt.Errorf("storage %d has too many pages", s.info.ID)
		case !validPath(s.path, s.info.ID):
			return fmt.Errorf("storage %d is in the file %q", s.info.ID, s.path)
		}
		seen[s.info.ID] = true
	}
	if c.logCSN > uint64(c.at) {
		return fmt.Errorf("the log begins behind the checkpoint")
	}
	return nil
}

func validPageSize(n int) bool { return n >= 512 && n <= 64<<10 && n&(n-1) == 0 }

// find returns the entry of a storage, or nil.
func (c *control) find(id uint32) *storage {
	for i := range c.storages {
		if c.storages[i].info.ID == id {
			return &c.storages[i]
		}
	}
	return nil
}

// readControl reads the control file of a directory. The error is fs.ErrNotExist when there is none.
func readControl(fsys vfs.FS, dir string) (*control, string, error) {
	name := filepath.Join(dir, controlName)
	b, err := vfs.ReadFile(fsys, name, maxControl)
	if err != nil {
		return nil, "", err
	}
	return decodeControl(b, name)
}

// writeControl replaces the control file, durably.
func writeControl(fsys vfs.FS, dir string, c *control) error {
	return replaceFile(fsys, dir, controlName, c.encode())
}

// replaceFile puts content under a name, durably and at once: a reader, also one after a crash, finds the old or the new.
func replaceFile(fsys vfs.FS, dir, base string, content []byte) error {
	temp := filepath.Join(dir, base+tempSuffix)
	if err := removeIfThere(fsys, temp); err != nil {
		return err
	}
	f, err := fsys.Create(temp)
	if err != nil {
		return err
	}
	err = vfs.WriteFull(f, content, 0)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := fsys.Rename(temp, filepath.Join(dir, base)); err != nil {
		return err
	}
	return fsys.SyncDir(dir)
}

func removeIfThere(fsys vfs.FS, name string) error {
	if err := fsys.Remove(name); err != nil && !vfs.IsNotExist(err) {
		return err
	}
	return nil
}

// validPath accepts the paths that dataPath makes, and nothing that leads out of the directory.
func validPath(path string, id uint32) bool {
	dir, base, ok := strings.Cut(path, "/")
	return ok && validFileName(dir) && validFileName(base) && strings.HasSuffix(base, fmt.Sprintf("~%d", id))
}
