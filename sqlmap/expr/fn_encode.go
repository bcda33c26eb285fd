package expr

import (
	"crypto/md5"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

func init() {
	register(map[string]*function{
		"hex":          {min: 1, max: 1, bind: bindHex, f1: evalHex},
		"unhex":        {min: 1, max: 1, bind: bindUnhex, f1: evalUnhex},
		"to_base64":    {min: 1, max: 1, bind: bindOfText(returnsText(-1)), f1: evalToBase64},
		"from_base64":  {min: 1, max: 1, bind: returnsBytes(-1), f1: evalFromBase64},
		"md5":          {min: 1, max: 1, bind: bindOfText(returnsText(32)), f1: evalMD5},
		"sha|sha1":     {min: 1, max: 1, bind: bindOfText(returnsText(40)), f1: evalSHA1},
		"sha2":         {min: 2, max: 2, bind: returnsText(128), f2: evalSHA2},
		"uuid":         {min: 0, max: 0, flags: NonDeterministic, bind: returnsText(36), eval: evalUUID},
		"uuid_short":   {min: 0, max: 0, flags: NonDeterministic, bind: returnsUint, eval: evalUUIDShort},
		"is_uuid":      {min: 1, max: 1, bind: returnsInt, f1: evalIsUUID},
		"uuid_to_bin":  {min: 1, max: 2, bind: returnsBytes(16), f2: evalUUIDToBin},
		"bin_to_uuid":  {min: 1, max: 2, bind: returnsText(36), f2: evalBinToUUID},
		"inet_aton":    {min: 1, max: 1, bind: returnsNullable(returnsUint), f1: evalInetAton},
		"inet_ntoa":    {numeric: true, min: 1, max: 1, bind: returnsText(15), f1: evalInetNtoa},
		"inet6_aton":   {min: 1, max: 1, bind: returnsBytes(16), f1: evalInet6Aton},
		"inet6_ntoa":   {min: 1, max: 1, bind: returnsText(39), f1: evalInet6Ntoa},
		"is_ipv4":      {min: 1, max: 1, bind: returnsInt, f1: isIP(netip.Addr.Is4)},
		"is_ipv6":      {min: 1, max: 1, bind: returnsInt, f1: isIP(netip.Addr.Is6)},
		"random_bytes": {min: 1, max: 1, flags: NonDeterministic, bind: returnsBytes(1024), f1: evalRandomBytes},
	})
}

func bindHex(b *binder, c *Call) error {
	t := c.Args[0].Type()
	n := 16
	if !classOf(t).isNumber() {
		n = 8 * textLength(t)
		if isBinaryString(t) {
			n = 2 * textLength(t)
		}
	}
	return returnsText(n)(b, c)
}

func evalHex(env *Env, c *Call, x value.Value) (value.Value, error) {
	switch x.Kind() {
	case value.KindInt, value.KindUint, value.KindFloat, value.KindDecimal, value.KindBit:
		n, err := toBits(env, x)
		if err != nil {
			return value.Null, err
		}
		return c.str(env, strings.ToUpper(strconv.FormatUint(n, 16)))
	}
	s := textOf(x)
	if ok, err := c.room(env, 2*int64(len(s))); !ok {
		return value.Null, err
	}
	out := make([]byte, 0, 2*len(s))
	for i := 0; i < len(s); i++ {
		out = append(out, hexDigits[s[i]>>4], hexDigits[s[i]&15])
	}
	return c.str(env, string(out))
}

func bindUnhex(b *binder, c *Call) error {
	return returnsBytes((textLength(c.Args[0].Type())+1)/2)(b, c)
}

func evalUnhex(env *Env, c *Call, x value.Value) (value.Value, error) {
	v, ok := hexLiteral(textOf(x))
	if !ok {
		return value.Null, env.Warn(sqlerr.New(errWrongForType, "string", shown(textOf(x)), "unhex"))
	}
	return v, nil
}

// base64Line is the length at which TO_BASE64 breaks lines.
const base64Line = 76

func base64Text(s string) string {
	enc := base64.StdEncoding.EncodeToString([]byte(s))
	if len(enc) <= base64Line {
		return enc
	}
	var b strings.Builder
	for ; len(enc) > base64Line; enc = enc[base64Line:] {
		b.WriteString(enc[:base64Line])
		b.WriteByte('\n')
	}
	return b.String() + enc
}

func evalToBase64(env *Env, c *Call, x value.Value) (value.Value, error) {
	s := textOf(x)
	if ok, err := c.room(env, int64(len(s))*4/3); !ok {
		return value.Null, err
	}
	return c.str(env, base64Text(s))
}

func evalFromBase64(env *Env, c *Call, x value.Value) (value.Value, error) {
	clean := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\n\v\f\r", r) {
			return -1
		}
		return r
	}, textOf(x))
	raw, err := base64.StdEncoding.DecodeString(clean)
	if err != nil {
		return value.Null, nil
	}
	return c.str(env, string(raw))
}

func evalMD5(env *Env, c *Call, x value.Value) (value.Value, error) {
	sum := md5.Sum([]byte(textOf(x)))
	return c.str(env, hex.EncodeToString(sum[:]))
}

func evalSHA1(env *Env, c *Call, x value.Value) (value.Value, error) {
	sum := sha1.Sum([]byte(textOf(x)))
	return c.str(env, hex.EncodeToString(sum[:]))
}

func evalSHA2(env *Env, c *Call, x, y value.Value) (value.Value, error) {
	n, err := toIndex(env, y)
	if err != nil {
		return value.Null, err
	}
	data := []byte(textOf(x))
	var sum []byte
	switch n {
	case 224:
		s := sha256.Sum224(data)
		sum = s[:]
	case 0, 256:
		s := sha256.Sum256(data)
		sum = s[:]
	case 384:
		s := sha512.Sum384(data)
		sum = s[:]
	case 512:
		s := sha512.Sum512(data)
		sum = s[:]
	default:
		return value.Null, env.Warn(sqlerr.New(errWrongParameters, "sha2"))
	}
	return c.str(env, hex.EncodeToString(sum))
}

// uuidClock makes version 1 UUIDs of one node: the timestamp never repeats.
var uuidClock struct {
	sync.Mutex
	last  uint64
	node  [8]byte // clock sequence and node
	ready bool
	short uint64
}

// gregorian is the number of 100 ns steps from 1582-10-15 to 1970-01-01.
const gregorian = 0x01B21DD213814000

func newUUID() string {
	uuidClock.Lock()
	defer uuidClock.Unlock()
	if !uuidClock.ready {
		_, _ = rand.Read(uuidClock.node[:])
		uuidClock.node[0] = uuidClock.node[0]&0x3F | 0x80
		uuidClock.node[2] |= 1 // multicast: no real network address
		uuidClock.ready = true
	}
	t := uint64(time.Now().UnixNano()/100) + gregorian
	if t <= uuidClock.last {
		t = uuidClock.last + 1
	}
	uuidClock.last = t
	var u [16]byte
	binary.BigEndian.PutUint32(u[0:], uint32(t))
	binary.BigEndian.PutUint16(u[4:], uint16(t>>32))
	binary.BigEndian.PutUint16(u[6:], uint16(t>>48)&0x0FFF|0x1000)
	copy(u[8:], uuidClock.node[:])
	return uuidText(u[:])
}

func uuidText(u []byte) string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[0:4], u[4:6], u[6:8], u[8:10], u[10:16])
}

func evalUUID(env *Env, c *Call) (value.Value, error) { return c.str(env, newUUID()) }

func evalUUIDShort(*Env, *Call) (value.Value, error) {
	uuidClock.Lock()
	defer uuidClock.Unlock()
	if uuidClock.short == 0 {
		uuidClock.short = 1<<56 | uint64(time.Now().Unix())<<24
	}
	uuidClock.short++
	return value.Uint(uuidClock.short), nil
}

// parseUUID reads the three forms that MySQL accepts: with dashes, without, and in braces.
func parseUUID(s string) (u [16]byte, ok bool) {
	if len(s) == 38 && s[0] == '{' && s[37] == '}' {
		s = s[1:37]
	}
	if len(s) == 36 {
		if s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
			return u, false
		}
		s = s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:]
	}
	if len(s) != 32 {
		return u, false
	}
	_, err := hex.Decode(u[:], []byte(s))
	return u, err == nil
}

func evalIsUUID(_ *Env, _ *Call, x value.Value) (value.Value, error) {
	_, ok := parseUUID(textOf(x))
	return value.Bool(ok), nil
}

func evalUUIDToBin(env *Env, c *Call, x, y value.Value) (value.Value, error) {
	u, ok := parseUUID(textOf(x))
	if !ok {
		return value.Null, sqlerr.New(errWrongForType, "string", shown(textOf(x)), "uuid_to_bin")
	}
	if swap, err := c.swapFlag(env, y); err != nil {
		return value.Null, err
	} else if swap {
		u = [16]byte{u[6], u[7], u[4], u[5], u[0], u[1], u[2], u[3], u[8], u[9], u[10], u[11], u[12], u[13], u[14], u[15]}
	}
	return c.str(env, string(u[:]))
}

func (c *Call) swapFlag(env *Env, y value.Value) (bool, error) {
	if len(c.Args) < 2 {
		return false, nil
	}
	n, err := toIndex(env, y)
	return n != 0, err
}

func evalBinToUUID(env *Env, c *Call, x, y value.Value) (value.Value, error) {
	s := textOf(x)
	if len(s) != 16 {
		return value.Null, sqlerr.New(errWrongForType, "string", shown(s), "bin_to_uuid")
	}
	u := []byte(s)
	if swap, err := c.swapFlag(env, y); err != nil {
		return value.Null, err
	} else if swap {
		u = []byte{s[4], s[5], s[6], s[7], s[2], s[3], s[0], s[1], s[8], s[9], s[10], s[11], s[12], s[13], s[14], s[15]}
	}
	return c.str(env, uuidText(u))
}

// evalInetAton reads dotted numbers; short forms as in MySQL: a.b is a.0.0.b.
func evalInetAton(env *Env, c *Call, x value.Value) (value.Value, error) {
	parts := strings.Split(textOf(x), ".")
	bad := func() (value.Value, error) {
		return value.Null, env.Warn(sqlerr.New(errWrongForType, "string", shown(textOf(x)), "inet_aton"))
	}
	var n uint64 // more than four numbers shift the first out, as in MySQL
	for i, p := range parts {
		d, err := strconv.ParseUint(p, 10, 32)
		if err != nil || d > 255 || strings.HasPrefix(p, "+") {
			return bad()
		}
		if i == len(parts)-1 && len(parts) < 4 {
			n <<= 8 * uint(4-len(parts))
		}
		n = n<<8 | d
	}
	return value.Uint(n), nil
}

func evalInetNtoa(env *Env, c *Call, x value.Value) (value.Value, error) {
	n, _, err := toInt(env, x)
	if err != nil {
		return value.Null, err
	}
	if uint64(n) > 0xFFFFFFFF {
		return value.Null, env.Warn(sqlerr.New(errWrongForType, "integer", x.Text(), "inet_ntoa"))
	}
	return c.str(env, fmt.Sprintf("%d.%d.%d.%d", byte(n>>24), byte(n>>16), byte(n>>8), byte(n)))
}

func evalInet6Aton(env *Env, c *Call, x value.Value) (value.Value, error) {
	a, err := netip.ParseAddr(textOf(x))
	if err != nil || a.Zone() != "" {
		return value.Null, env.Warn(sqlerr.New(errWrongForType, "string", shown(textOf(x)), "inet6_aton"))
	}
	return c.str(env, string(a.AsSlice()))
}

func evalInet6Ntoa(env *Env, c *Call, x value.Value) (value.Value, error) {
	a, ok := netip.AddrFromSlice([]byte(textOf(x)))
	if !ok || x.Kind() != value.KindBytes {
		return value.Null, env.Warn(sqlerr.New(errWrongForType, "string", shown(textOf(x)), "inet6_ntoa"))
	}
	return c.str(env, a.String())
}

func isIP(want func(netip.Addr) bool) func(*Env, *Call, value.Value) (value.Value, error) {
	return func(_ *Env, _ *Call, x value.Value) (value.Value, error) {
		a, err := netip.ParseAddr(textOf(x))
		return value.Bool(err == nil && a.Zone() == "" && want(a)), nil
	}
}

func evalRandomBytes(env *Env, c *Call, x value.Value) (value.Value, error) {
	n, err := toIndex(env, x)
	if err != nil {
		return value.Null, err
	}
	if n < 1 || n > 1024 {
		return value.Null, sqlerr.New(sqlerr.NumericOutOfRange, "length", "random_bytes")
	}
	buf := make([]byte, n)
	_, _ = rand.Read(buf)
	return c.str(env, string(buf))
}
