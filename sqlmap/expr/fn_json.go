package expr

import (
	"errors"
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr/jsondoc"
)

func init() {
	register(map[string]*function{
		"json_extract":                   {min: 2, max: -1, bind: returnsJSON, eval: evalJSONExtract},
		"json_unquote":                   {min: 1, max: 1, bind: returnsText(-1), f1: evalJSONUnquote},
		"json_quote":                     {min: 1, max: 1, bind: returnsText(-1), f1: evalJSONQuote},
		"json_object":                    {min: 0, max: -1, bind: bindJSONObject, eval: evalJSONObject},
		"json_array":                     {min: 0, max: -1, bind: bindJSONValue, eval: evalJSONArray},
		"json_set":                       jsonEdit(jsondoc.Set),
		"json_insert":                    jsonEdit(jsondoc.Insert),
		"json_replace":                   jsonEdit(jsondoc.Replace),
		"json_remove":                    {min: 2, max: -1, bind: returnsJSON, fn: evalJSONRemove},
		"json_array_append|json_append":  {min: 3, max: -1, bind: bindJSONPairs, eval: evalJSONArrayEdit},
		"json_array_insert":              {min: 3, max: -1, bind: bindJSONPairs, eval: evalJSONArrayEdit},
		"json_contains":                  {min: 2, max: 3, bind: returnsNullable(returnsInt), f3: evalJSONContains},
		"json_contains_path":             {min: 3, max: -1, bind: returnsNullable(returnsInt), fn: evalJSONContainsPath},
		"json_overlaps":                  {min: 2, max: 2, bind: returnsNullable(returnsInt), f2: evalJSONOverlaps},
		"json_keys":                      {min: 1, max: 2, bind: returnsJSON, f2: evalJSONKeys},
		"json_length":                    {min: 1, max: 2, bind: returnsNullable(returnsInt), f2: evalJSONLength},
		"json_depth":                     {min: 1, max: 1, bind: returnsNullable(returnsInt), f1: evalJSONDepth},
		"json_type":                      {min: 1, max: 1, bind: returnsText(51), f1: evalJSONType},
		"json_valid":                     {min: 1, max: 1, bind: returnsNullable(returnsInt), f1: evalJSONValid},
		"json_pretty":                    {min: 1, max: 1, bind: returnsText(-1), f1: evalJSONPretty},
		"json_merge_patch":               {min: 2, max: -1, bind: returnsJSON, eval: evalJSONMergePatch},
		"json_merge_preserve|json_merge": {min: 2, max: -1, bind: returnsJSON, fn: evalJSONMergePreserve},
		"json_search":                    {min: 3, max: -1, bind: returnsJSON, eval: evalJSONSearch},
		"json_value":                     {min: 2, max: 2, bind: returnsText(512), f2: evalJSONValue},
		"json_storage_size":              {min: 1, max: 1, bind: returnsNullable(returnsInt), f1: evalJSONSize},
		"member of":                      {min: 2, max: 2, bind: returnsNullable(returnsInt), f2: evalMemberOf},
	})
}

// pathCache keeps the parsed paths of a call.
type pathCache struct{ paths map[string]*jsondoc.Path }

// path returns the parsed path expression v.
func (c *Call) path(env *Env, v value.Value) (*jsondoc.Path, error) {
	text := textOf(v)
	cache := state(env.Run, c, func() *pathCache { return &pathCache{map[string]*jsondoc.Path{}} })
	if p, ok := cache.paths[text]; ok {
		return p, nil
	}
	p, err := jsondoc.ParsePath(text)
	if err != nil {
		var pe *jsondoc.PathError
		pos := 0
		if errors.As(err, &pe) {
			pos = pe.Pos
		}
		return nil, sqlerr.New(sqlerr.InvalidJSONPath, pos)
	}
	if len(cache.paths) < 64 {
		cache.paths[strings.Clone(text)] = p
	}
	return p, nil
}

// onePath is path for functions that allow no wildcards.
func (c *Call) onePath(env *Env, v value.Value) (*jsondoc.Path, error) {
	p, err := c.path(env, v)
	if err == nil && p.Wildcard() {
		return nil, sqlerr.New(errJSONPathMany)
	}
	return p, err
}

// jsonResult is a document as the call's result, bounded like every string.
func (c *Call) jsonResult(env *Env, n *jsondoc.Node) (value.Value, error) {
	text := n.Append(nil)
	if ok, err := c.room(env, int64(len(text))); !ok {
		return value.Null, err
	}
	if n.Depth() > jsondoc.MaxDepth {
		return value.Null, sqlerr.New(errJSONDeep)
	}
	return value.JSON(string(text)), nil
}

// jsonArrow is col->path and col->>path.
func (b *binder) jsonArrow(left, right sqlparser.Expr, unquote bool) (Expr, error) {
	args, err := b.values(left, right)
	if err != nil {
		return nil, err
	}
	x, err := b.newCall("json_extract", args)
	if err != nil || !unquote {
		return x, err
	}
	return b.newCall("json_unquote", []Expr{b.fold(x)})
}

func evalJSONExtract(env *Env, c *Call) (value.Value, error) {
	v, err := c.Args[0].Eval(env)
	if err != nil || v.IsNull() {
		return value.Null, err
	}
	doc, err := jsonDoc(v, 1, c.Name)
	if err != nil {
		return value.Null, err
	}
	many := len(c.Args) > 2
	var found []*jsondoc.Node
	for _, a := range c.Args[1:] {
		w, err := a.Eval(env)
		if err != nil || w.IsNull() {
			return value.Null, err
		}
		p, err := c.path(env, w)
		if err != nil {
			return value.Null, err
		}
		many = many || p.Wildcard()
		found = append(found, p.Find(doc)...)
	}
	switch {
	case len(found) == 0:
		return value.Null, nil
	case many:
		return c.jsonResult(env, jsondoc.NewArray(found...))
	}
	return c.jsonResult(env, found[0])
}

func evalJSONUnquote(env *Env, c *Call, x value.Value) (value.Value, error) {
	s := x.Text()
	if x.Kind() != value.KindJSON {
		if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
			return c.str(env, s)
		}
		n, err := jsondoc.Parse(s)
		if err != nil {
			return value.Null, jsonSyntax(err, 1, c.Name)
		}
		return c.str(env, n.Text)
	}
	return c.str(env, jsonText(s))
}

func evalJSONQuote(env *Env, c *Call, x value.Value) (value.Value, error) {
	if x.Kind() != value.KindString {
		return value.Null, sqlerr.New(errWrongTypeArg, 1, c.Name)
	}
	return c.str(env, string(jsondoc.AppendQuoted(nil, x.Str())))
}

// bindJSONValue types a function that makes a document of any values: it is never NULL.
func bindJSONValue(_ *binder, c *Call) error {
	c.Typ = jsonType()
	c.Typ.NotNull = true
	return nil
}

func bindJSONObject(b *binder, c *Call) error {
	if len(c.Args)%2 != 0 {
		return wrongCount(c.Name)
	}
	return bindJSONValue(b, c)
}

func evalJSONObject(env *Env, c *Call) (value.Value, error) {
	out := jsondoc.NewObject()
	for i := 0; i < len(c.Args); i += 2 {
		k, err := c.Args[i].Eval(env)
		if err != nil {
			return value.Null, err
		}
		if k.IsNull() {
			return value.Null, sqlerr.New(errJSONNullKey)
		}
		n, err := c.scalarArg(env, i+1)
		if err != nil {
			return value.Null, err
		}
		out.Put(textOf(k), n)
	}
	return c.jsonResult(env, out)
}

// scalarArg evaluates argument i as a value to store in a document.
func (c *Call) scalarArg(env *Env, i int) (*jsondoc.Node, error) {
	v, err := c.Args[i].Eval(env)
	if err != nil {
		return nil, err
	}
	return jsonScalar(v, isBooleanExpr(c.Args[i]))
}

func evalJSONArray(env *Env, c *Call) (value.Value, error) {
	out := jsondoc.NewArray()
	for i := range c.Args {
		n, err := c.scalarArg(env, i)
		if err != nil {
			return value.Null, err
		}
		out.Items = append(out.Items, n)
	}
	return c.jsonResult(env, out)
}

func bindJSONPairs(_ *binder, c *Call) error {
	if len(c.Args)%2 == 0 {
		return wrongCount(c.Name)
	}
	c.Typ = jsonType()
	return nil
}

func jsonEdit(mode jsondoc.EditMode) *function {
	return &function{min: 3, max: -1, bind: bindJSONPairs, eval: func(env *Env, c *Call) (value.Value, error) {
		return c.editPairs(env, func(doc *jsondoc.Node, p *jsondoc.Path, v *jsondoc.Node) (*jsondoc.Node, error) {
			return jsondoc.Edit(doc, p, v, mode), nil
		})
	}}
}

// editPairs applies edit to the document for each pair of path and value.
func (c *Call) editPairs(env *Env, edit func(doc *jsondoc.Node, p *jsondoc.Path, v *jsondoc.Node) (*jsondoc.Node, error)) (value.Value, error) {
	v, err := c.Args[0].Eval(env)
	if err != nil || v.IsNull() {
		return value.Null, err
	}
	doc, err := jsonDoc(v, 1, c.Name)
	if err != nil {
		return value.Null, err
	}
	for i := 1; i < len(c.Args); i += 2 {
		pv, err := c.Args[i].Eval(env)
		if err != nil || pv.IsNull() {
			return value.Null, err
		}
		p, err := c.onePath(env, pv)
		if err != nil {
			return value.Null, err
		}
		n, err := c.scalarArg(env, i+1)
		if err != nil {
			return value.Null, err
		}
		if doc, err = edit(doc, p, n); err != nil {
			return value.Null, err
		}
	}
	return c.jsonResult(env, doc)
}

func evalJSONArrayEdit(env *Env, c *Call) (value.Value, error) {
	return c.editPairs(env, func(doc *jsondoc.Node, p *jsondoc.Path, v *jsondoc.Node) (*jsondoc.Node, error) {
		if c.Name != "json_array_insert" {
			return jsondoc.ArrayAppend(doc, p, v), nil
		}
		if !p.EndsInCell() {
			return nil, sqlerr.New(errJSONNotCell)
		}
		return jsondoc.ArrayInsert(doc, p, v), nil
	})
}

func evalJSONRemove(env *Env, c *Call, a []value.Value) (value.Value, error) {
	doc, err := jsonDoc(a[0], 1, c.Name)
	if err != nil {
		return value.Null, err
	}
	for _, v := range a[1:] {
		p, err := c.onePath(env, v)
		if err != nil {
			return value.Null, err
		}
		if p.IsRoot() {
			return value.Null, sqlerr.New(errJSONVacuous)
		}
		jsondoc.Remove(doc, p)
	}
	return c.jsonResult(env, doc)
}

func evalJSONContains(env *Env, c *Call, x, y, z value.Value) (value.Value, error) {
	doc, err := jsonDoc(x, 1, c.Name)
	if err != nil {
		return value.Null, err
	}
	candidate, err := jsonDoc(y, 2, c.Name)
	if err != nil {
		return value.Null, err
	}
	if len(c.Args) == 3 {
		if doc, err = c.at(env, doc, z); err != nil || doc == nil {
			return value.Null, err
		}
	}
	return value.Bool(jsondoc.Contains(doc, candidate)), nil
}

// at returns what a path without wildcards selects, nil when there is nothing.
func (c *Call) at(env *Env, doc *jsondoc.Node, path value.Value) (*jsondoc.Node, error) {
	p, err := c.onePath(env, path)
	if err != nil {
		return nil, err
	}
	if found := p.Find(doc); len(found) > 0 {
		return found[0], nil
	}
	return nil, nil
}

// oneOrAll reads the argument 'one' or 'all'.
func (c *Call) oneOrAll(v value.Value) (all bool, err error) {
	switch strings.ToLower(textOf(v)) {
	case "one":
		return false, nil
	case "all":
		return true, nil
	}
	return false, sqlerr.New(errJSONOneAll, c.Name)
}

func evalJSONContainsPath(env *Env, c *Call, a []value.Value) (value.Value, error) {
	doc, err := jsonDoc(a[0], 1, c.Name)
	if err != nil {
		return value.Null, err
	}
	all, err := c.oneOrAll(a[1])
	if err != nil {
		return value.Null, err
	}
	for _, v := range a[2:] {
		p, err := c.path(env, v)
		if err != nil {
			return value.Null, err
		}
		if found := len(p.Find(doc)) > 0; found != all {
			return value.Bool(found), nil
		}
	}
	return value.Bool(all), nil
}

func evalJSONOverlaps(_ *Env, c *Call, x, y value.Value) (value.Value, error) {
	a, err := jsonDoc(x, 1, c.Name)
	if err != nil {
		return value.Null, err
	}
	b, err := jsonDoc(y, 2, c.Name)
	if err != nil {
		return value.Null, err
	}
	return value.Bool(jsondoc.Overlaps(a, b)), nil
}

// docAt reads a document and an optional path.
func (c *Call) docAt(env *Env, x, y value.Value) (*jsondoc.Node, error) {
	doc, err := jsonDoc(x, 1, c.Name)
	if err != nil || len(c.Args) < 2 {
		return doc, err
	}
	return c.at(env, doc, y)
}

func evalJSONKeys(env *Env, c *Call, x, y value.Value) (value.Value, error) {
	doc, err := c.docAt(env, x, y)
	if err != nil || doc == nil || doc.Kind != jsondoc.Object {
		return value.Null, err
	}
	out := jsondoc.NewArray()
	for _, k := range doc.Keys {
		out.Items = append(out.Items, jsondoc.NewString(k))
	}
	return c.jsonResult(env, out)
}

func evalJSONLength(env *Env, c *Call, x, y value.Value) (value.Value, error) {
	doc, err := c.docAt(env, x, y)
	if err != nil || doc == nil {
		return value.Null, err
	}
	return value.Int(int64(doc.Length())), nil
}

func evalJSONDepth(_ *Env, c *Call, x value.Value) (value.Value, error) {
	doc, err := jsonDoc(x, 1, c.Name)
	if err != nil {
		return value.Null, err
	}
	return value.Int(int64(doc.Depth())), nil
}

func evalJSONType(env *Env, c *Call, x value.Value) (value.Value, error) {
	doc, err := jsonDoc(x, 1, c.Name)
	if err != nil {
		return value.Null, err
	}
	return c.str(env, doc.TypeName())
}

func evalJSONValid(_ *Env, _ *Call, x value.Value) (value.Value, error) {
	switch x.Kind() {
	case value.KindJSON:
		return value.Int(1), nil
	case value.KindString:
		_, err := jsondoc.Parse(x.Str())
		return value.Bool(err == nil), nil
	}
	return value.Int(0), nil
}

func evalJSONPretty(env *Env, c *Call, x value.Value) (value.Value, error) {
	doc, err := jsonDoc(x, 1, c.Name)
	if err != nil {
		return value.Null, err
	}
	return c.str(env, string(doc.AppendPretty(nil, 0, env.Run.Session.maxPacket())))
}

// evalJSONMergePatch merges from the left; a NULL argument makes the result NULL unless a later one replaces it.
func evalJSONMergePatch(env *Env, c *Call) (value.Value, error) {
	var acc *jsondoc.Node
	null := false
	for i, a := range c.Args {
		v, err := a.Eval(env)
		if err != nil {
			return value.Null, err
		}
		if v.IsNull() {
			null = true
			continue
		}
		n, err := jsonDoc(v, i+1, c.Name)
		if err != nil {
			return value.Null, err
		}
		if n.Kind != jsondoc.Object {
			acc, null = n, false
			continue
		}
		if null {
			continue
		}
		if acc == nil {
			acc = n
			if i == 0 {
				continue
			}
		}
		acc = jsondoc.MergePatch(acc, n)
	}
	if null || acc == nil {
		return value.Null, nil
	}
	return c.jsonResult(env, acc)
}

func evalJSONMergePreserve(env *Env, c *Call, a []value.Value) (value.Value, error) {
	acc, err := jsonDoc(a[0], 1, c.Name)
	if err != nil {
		return value.Null, err
	}
	for i, v := range a[1:] {
		n, err := jsonDoc(v, i+2, c.Name)
		if err != nil {
			return value.Null, err
		}
		acc = jsondoc.MergePreserve(acc, n)
	}
	return c.jsonResult(env, acc)
}

func evalJSONSearch(env *Env, c *Call) (value.Value, error) {
	var a []value.Value
	for i, e := range c.Args {
		v, err := e.Eval(env)
		if err != nil || v.IsNull() && i != 3 {
			return value.Null, err
		}
		a = append(a, v)
	}
	doc, err := jsonDoc(a[0], 1, c.Name)
	if err != nil {
		return value.Null, err
	}
	all, err := c.oneOrAll(a[1])
	if err != nil {
		return value.Null, err
	}
	escape := '\\'
	if len(a) > 3 && !a[3].IsNull() {
		r := []rune(textOf(a[3]))
		if len(r) > 1 {
			return value.Null, sqlerr.New(sqlerr.WrongArguments, "ESCAPE")
		}
		if len(r) == 1 {
			escape = r[0]
		}
	}
	pattern := compileLike(textOf(a[2]), escape, jsonType().Collation)
	seen := map[string]bool{}
	out := jsondoc.NewArray()
	visit := func(path []byte, s string) bool {
		if pattern.match(s) && !seen[string(path)] {
			seen[string(path)] = true
			out.Items = append(out.Items, jsondoc.NewString(string(path)))
		}
		return all || len(out.Items) == 0
	}
	if len(a) <= 4 {
		jsondoc.Search(doc, []byte{'$'}, visit)
	}
	for i := 4; i < len(a) && (all || len(out.Items) == 0); i++ {
		p, err := c.path(env, a[i])
		if err != nil {
			return value.Null, err
		}
		p.FindWithPaths(doc, func(path []byte, n *jsondoc.Node) bool { return jsondoc.Search(n, path, visit) })
	}
	switch len(out.Items) {
	case 0:
		return value.Null, nil
	case 1:
		return c.jsonResult(env, out.Items[0])
	}
	return c.jsonResult(env, out)
}

// evalJSONValue is JSON_VALUE(doc, path) RETURNING CHAR with NULL on empty and on error.
func evalJSONValue(env *Env, c *Call, x, y value.Value) (value.Value, error) {
	doc, err := jsonDoc(x, 1, c.Name)
	if err != nil {
		return value.Null, err
	}
	p, err := c.path(env, y)
	if err != nil {
		return value.Null, err
	}
	found := p.Find(doc)
	if len(found) != 1 || found[0].Kind >= jsondoc.Array || found[0].Kind == jsondoc.Null {
		return value.Null, nil
	}
	if found[0].Kind == jsondoc.String {
		return c.str(env, found[0].Text)
	}
	return c.str(env, found[0].String())
}

func evalJSONSize(_ *Env, c *Call, x value.Value) (value.Value, error) {
	doc, err := jsonDoc(x, 1, c.Name)
	if err != nil {
		return value.Null, err
	}
	return value.Int(int64(len(doc.Append(nil)))), nil
}

func evalMemberOf(_ *Env, c *Call, x, y value.Value) (value.Value, error) {
	v, err := jsonScalar(x, isBooleanExpr(c.Args[0]))
	if err != nil {
		return value.Null, err
	}
	doc, err := jsonDoc(y, 2, "member of")
	if err != nil {
		return value.Null, err
	}
	if doc.Kind != jsondoc.Array {
		return value.Bool(jsondoc.Compare(v, doc) == 0), nil
	}
	for _, it := range doc.Items {
		if jsondoc.Compare(v, it) == 0 {
			return value.Int(1), nil
		}
	}
	return value.Int(0), nil
}
