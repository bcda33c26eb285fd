package expr

import (
	"sort"
	"unicode/utf8"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr/jsondoc"
)

// concatAcc computes GROUP_CONCAT. Without ORDER BY it appends as it goes; with it, it keeps the rows.
type concatAcc struct {
	agg    *Aggregate
	any    bool
	text   []byte
	full   bool
	rows   []concatRow
	bytes  int
	result []byte
}

type concatRow struct {
	text string
	keys []value.Value
}

func newGroupConcat(a *Aggregate) Accumulator { return &concatAcc{agg: a} }

func (c *concatAcc) Add(env *Env) error {
	if c.full {
		return nil
	}
	var buf [128]byte
	part := buf[:0]
	for _, e := range c.agg.Args {
		v, err := e.Eval(env)
		if err != nil || v.IsNull() {
			return err
		}
		part = v.AppendText(part)
	}
	if len(c.agg.OrderBy) == 0 {
		if c.any {
			c.text = append(c.text, c.agg.Separator...)
		}
		c.any = true
		c.text = append(c.text, part...)
		return c.limit(env, &c.text)
	}
	row := concatRow{text: string(part)}
	for _, o := range c.agg.OrderBy {
		v, err := o.Expr.Eval(env)
		if err != nil {
			return err
		}
		v = v.Clone()
		row.keys = append(row.keys, v)
		c.bytes += len(v.Str()) + 32
	}
	c.bytes += len(row.text) + 64
	c.rows = append(c.rows, row)
	return nil
}

// limit cuts the text at group_concat_max_len, with warning 1260.
func (c *concatAcc) limit(env *Env, text *[]byte) error {
	most := env.Run.Session.groupConcatMax()
	if len(*text) <= most {
		return nil
	}
	c.full = true
	cut := (*text)[:most]
	if c.agg.Typ.Collation != 0 {
		for len(cut) > 0 && !utf8.RuneStart((*text)[len(cut)]) {
			cut = cut[:len(cut)-1]
		}
	}
	*text = cut
	return env.Warn(sqlerr.New(errCutConcat, 1))
}

func (c *concatAcc) Result(env *Env) (value.Value, error) {
	if len(c.agg.OrderBy) == 0 {
		if !c.any {
			return value.Null, nil
		}
		return c.make(c.text), nil
	}
	if len(c.rows) == 0 {
		return value.Null, nil
	}
	sort.SliceStable(c.rows, func(i, j int) bool { return c.less(&c.rows[i], &c.rows[j]) })
	out := c.result[:0]
	for i := range c.rows {
		if i > 0 {
			out = append(out, c.agg.Separator...)
		}
		out = append(out, c.rows[i].text...)
		if err := c.limit(env, &out); err != nil {
			return value.Null, err
		}
		if c.full {
			c.full = false
			break
		}
	}
	c.result = out
	return c.make(out), nil
}

func (c *concatAcc) make(text []byte) value.Value {
	if c.agg.Typ.IsBinary() {
		return value.Bytes(string(text))
	}
	return value.String(string(text))
}

func (c *concatAcc) less(a, b *concatRow) bool {
	for i, o := range c.agg.OrderBy {
		cmp := CompareSort(a.keys[i], b.keys[i], o.Expr.Type())
		if cmp != 0 {
			return (cmp < 0) != o.Desc
		}
	}
	return false
}

func (c *concatAcc) Reset() {
	c.any, c.full, c.bytes = false, false, 0
	c.text, c.rows = c.text[:0], nil
}

func (c *concatAcc) Memory() int { return fixedCost + cap(c.text) + cap(c.result) + c.bytes }

// jsonAcc computes JSON_ARRAYAGG and JSON_OBJECTAGG.
type jsonAcc struct {
	agg   *Aggregate
	doc   *jsondoc.Node
	bytes int
}

func newJSONArrayAgg(a *Aggregate) Accumulator  { return &jsonAcc{agg: a} }
func newJSONObjectAgg(a *Aggregate) Accumulator { return &jsonAcc{agg: a} }

func (j *jsonAcc) Add(env *Env) error {
	last := j.agg.Args[len(j.agg.Args)-1]
	v, err := last.Eval(env)
	if err != nil {
		return err
	}
	n, err := jsonScalar(v.Clone(), isBooleanExpr(last))
	if err != nil {
		return err
	}
	j.bytes += len(v.Str()) + 96
	if j.bytes > env.Run.Session.maxPacket() {
		return sqlerr.New(sqlerr.PacketTooLarge, j.agg.Name, env.Run.Session.maxPacket())
	}
	if len(j.agg.Args) == 1 {
		if j.doc == nil {
			j.doc = jsondoc.NewArray()
		}
		j.doc.Items = append(j.doc.Items, n)
		return nil
	}
	key, err := j.agg.Args[0].Eval(env)
	if err != nil {
		return err
	}
	if key.IsNull() {
		return sqlerr.New(errJSONNullKey)
	}
	if j.doc == nil {
		j.doc = jsondoc.NewObject()
	}
	k := key.Clone().Text()
	j.bytes += len(k)
	j.doc.AddMember(k, n)
	return nil
}

func (j *jsonAcc) Result(*Env) (value.Value, error) {
	if j.doc == nil {
		return value.Null, nil
	}
	j.doc.Normalize()
	return jsonValue(j.doc), nil
}

func (j *jsonAcc) Reset()      { j.doc, j.bytes = nil, 0 }
func (j *jsonAcc) Memory() int { return fixedCost + j.bytes }
