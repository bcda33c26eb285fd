package expr

import (
	"errors"
	"math"
	"strconv"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr/jsondoc"
)

// jsonText returns the text of a JSON value as a string has it: strings lose their quotes.
func jsonText(doc string) string {
	if doc == "" || doc[0] != '"' {
		return doc
	}
	n, err := jsondoc.Parse(doc)
	if err != nil {
		return doc
	}
	return n.Text
}

// jsonToInt returns a JSON scalar as an integer.
func jsonToInt(env *Env, v value.Value) (int64, bool, error) {
	n, err := jsondoc.Parse(v.Str())
	if err != nil {
		return 0, false, jsonSyntax(err, 1, "cast_as_integer")
	}
	switch n.Kind {
	case jsondoc.Bool:
		if n.Bool {
			return 1, false, nil
		}
		return 0, false, nil
	case jsondoc.Int:
		i, _ := strconv.ParseInt(n.Text, 10, 64)
		return i, false, nil
	case jsondoc.Uint:
		u, _ := strconv.ParseUint(n.Text, 10, 64)
		return int64(u), u > math.MaxInt64, nil
	case jsondoc.Double:
		return floatToInt(env, n.Float())
	case jsondoc.String:
		i, unsigned, ok := parseInt(n.Text)
		if !ok {
			return i, unsigned, env.truncated("INTEGER", n.Text)
		}
		return i, unsigned, nil
	}
	return 0, false, env.Warn(sqlerr.New(errJSONCast, "INTEGER", 1))
}

// jsonSyntax makes error 3141 of a text that is no JSON.
func jsonSyntax(err error, arg int, function string) error {
	var s *jsondoc.SyntaxError
	if !errors.As(err, &s) {
		return err
	}
	switch {
	case s.Deep:
		return sqlerr.New(errJSONDeep)
	case s.Large:
		return sqlerr.New(sqlerr.OutOfMemory, function, jsondoc.MaxNodes)
	}
	return sqlerr.New(sqlerr.InvalidJSONArg, arg, function, s.Reason, s.Pos)
}

// jsonDoc parses an argument that is a JSON document: a JSON value or a string. arg counts from 1.
func jsonDoc(v value.Value, arg int, function string) (*jsondoc.Node, error) {
	switch v.Kind() {
	case value.KindJSON, value.KindString, value.KindEnum, value.KindSet:
		n, err := jsondoc.Parse(v.Str())
		if err != nil {
			return nil, jsonSyntax(err, arg, function)
		}
		return n, nil
	case value.KindBytes:
		return nil, sqlerr.New(errJSONCharset, "binary")
	}
	return nil, sqlerr.New(errJSONType, arg, function)
}

// jsonScalar returns v as it is stored in a document: JSON as the document it is, strings as JSON strings, booleans
// (isBool) as such.
func jsonScalar(v value.Value, isBool bool) (*jsondoc.Node, error) {
	switch v.Kind() {
	case value.KindNull:
		return &jsondoc.Node{}, nil
	case value.KindInt:
		if isBool {
			return jsondoc.NewBool(v.Int64() != 0), nil
		}
		return jsondoc.NewInt(v.Int64()), nil
	case value.KindUint:
		return jsondoc.NewNumber(v.Text()), nil
	case value.KindFloat:
		return jsondoc.NewNumber(floatJSON(v.Float64())), nil
	case value.KindDecimal:
		return jsondoc.NewNumber(v.DecimalString()), nil
	case value.KindJSON:
		n, err := jsondoc.Parse(v.Str())
		if err != nil {
			return nil, jsonSyntax(err, 1, "cast_as_json")
		}
		return n, nil
	case value.KindBytes, value.KindBit:
		return jsondoc.NewString("base64:type253:" + base64Text(v.Text())), nil
	case value.KindDateTime:
		return jsondoc.NewString(value.DateTime(int64(v.Raw64()), 6).Text()), nil
	case value.KindTime:
		return jsondoc.NewString(value.Time(int64(v.Raw64()), 6).Text()), nil
	}
	return jsondoc.NewString(v.Text()), nil
}

// floatJSON prints a double so that it stays one: 3.0, not 3.
func floatJSON(f float64) string {
	s := value.Float(f).Text()
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '.', 'e', 'E':
			return s
		}
	}
	return s + ".0"
}

// isBooleanExpr reports expressions that JSON functions store as true and false.
func isBooleanExpr(e Expr) bool {
	switch n := e.(type) {
	case *Literal:
		return n.boolean
	case conditional:
		return true
	}
	return false
}

// jsonValue returns a document as a value.
func jsonValue(n *jsondoc.Node) value.Value { return value.JSON(n.String()) }

// compareJSON compares two values, at least one of which is JSON, as JSON.
func compareJSON(a, b value.Value) (int, error) {
	x, err := jsonScalar(a, false)
	if err != nil {
		return 0, err
	}
	y, err := jsonScalar(b, false)
	if err != nil {
		return 0, err
	}
	return jsondoc.Compare(x, y), nil
}

// appendJSONGroupKey appends a key that is equal for equal documents: 1 and 1.0 are one.
func appendJSONGroupKey(dst []byte, v value.Value) []byte {
	n, err := jsondoc.Parse(v.Str())
	if err != nil {
		return append(append(dst, v.Str()...), 0)
	}
	return append(appendNodeKey(dst, n), 0)
}

func appendNodeKey(dst []byte, n *jsondoc.Node) []byte {
	if n.Kind == jsondoc.Double {
		return value.AppendFloat(dst, n.Float(), false)
	}
	if n.Kind < jsondoc.Array {
		return n.Append(dst)
	}
	dst = append(dst, '[')
	for i, it := range n.Items {
		if n.Kind == jsondoc.Object {
			dst = append(jsondoc.AppendQuoted(dst, n.Keys[i]), ':')
		}
		dst = append(appendNodeKey(dst, it), ',')
	}
	return append(dst, ']')
}

// castJSON is CAST(x AS JSON): strings are parsed, everything else becomes a scalar.
func castJSON(c *Cast, v value.Value) (value.Value, error) {
	switch v.Kind() {
	case value.KindJSON:
		return v, nil
	case value.KindString, value.KindEnum, value.KindSet:
		if c.implicit {
			break
		}
		n, err := jsondoc.Parse(v.Str())
		if err != nil {
			return value.Null, jsonSyntax(err, 1, "cast_as_json")
		}
		return jsonValue(n), nil
	}
	n, err := jsonScalar(v, isBooleanExpr(c.Arg))
	if err != nil {
		return value.Null, err
	}
	return jsonValue(n), nil
}
