package sqlmap

import (
	"fmt"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// Args are the arguments of one execution: positional, or named when Names has a name for each value.
type Args struct {
	Values []value.Value
	Names  []string
	used   []bool // which names a statement of the text had, see take
}

// Resolve returns one value per placeholder for a statement that has n of them, called names when they are named.
func (a Args) Resolve(n int, names []string) ([]value.Value, error) {
	switch {
	case len(a.Names) == 0 && len(names) == 0:
		if len(a.Values) != n {
			return nil, sqlerr.New(sqlerr.WrongArguments, fmt.Sprintf("statement: it has %d placeholders and got %d arguments", n, len(a.Values)))
		}
		return a.Values, nil
	case len(a.Names) == 0 && len(a.Values) > 0:
		return nil, sqlerr.New(sqlerr.WrongArguments, "statement: its placeholders are named and the arguments are not")
	case len(names) == 0:
		return nil, sqlerr.New(sqlerr.WrongArguments, "statement: its arguments are named and the placeholders are not")
	}
	out := make([]value.Value, len(names))
	used := make([]bool, len(a.Names))
	for i, name := range names {
		at := -1
		for j, n := range a.Names {
			if n == name {
				if at >= 0 {
					return nil, sqlerr.New(sqlerr.WrongArguments, "statement: argument :"+name+" is given twice")
				}
				at = j
			}
		}
		if at < 0 {
			return nil, sqlerr.New(sqlerr.WrongArguments, "statement: no argument for :"+name)
		}
		used[at] = true
		out[i] = a.Values[at]
	}
	for j, u := range used {
		if !u {
			return nil, sqlerr.New(sqlerr.WrongArguments, "statement: no placeholder for the argument "+a.Names[j])
		}
	}
	return out, nil
}

// take cuts the arguments of a statement with n placeholders called names off a text of several statements: positional
// arguments are used up from left to right, named ones serve every statement.
func (a *Args) take(n int, names []string) ([]value.Value, error) {
	if len(a.Names) > 0 {
		if n == 0 && len(names) == 0 {
			return nil, nil
		}
		if a.used == nil {
			a.used = make([]bool, len(a.Names))
		}
		var sub Args
		for i, name := range a.Names {
			for _, want := range names {
				if want == name {
					sub.Values = append(sub.Values, a.Values[i])
					sub.Names = append(sub.Names, name)
					a.used[i] = true
					break
				}
			}
		}
		if len(names) == 0 {
			return nil, sqlerr.New(sqlerr.WrongArguments, "statement: its arguments are named and the placeholders are not")
		}
		return sub.Resolve(n, names)
	}
	if n > len(a.Values) {
		return nil, sqlerr.New(sqlerr.WrongArguments, fmt.Sprintf("statement: it has %d placeholders and got %d arguments", n, len(a.Values)))
	}
	vals := a.Values[:n:n]
	a.Values = a.Values[n:]
	if len(names) > 0 {
		return nil, sqlerr.New(sqlerr.WrongArguments, "statement: its placeholders are named and the arguments are not")
	}
	return vals, nil
}

// left reports whether take has arguments left that no statement so far has had a placeholder for.
func (a *Args) left() bool {
	if len(a.Names) == 0 {
		return len(a.Values) > 0
	}
	return a.spare() != ""
}

// spare returns the first name that no statement so far has had.
func (a *Args) spare() string {
	for i, name := range a.Names {
		if i >= len(a.used) || !a.used[i] {
			return name
		}
	}
	return ""
}

// finish refuses what is left at the end of the text.
func (a *Args) finish() error {
	switch {
	case !a.left():
		return nil
	case len(a.Names) > 0:
		return sqlerr.New(sqlerr.WrongArguments, "statement: no placeholder for the argument "+a.spare())
	}
	return sqlerr.New(sqlerr.WrongArguments, "statement: there are more arguments than placeholders")
}
