package parse

import (
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/sqlmap/ast"
)

// set parses SET ….
func (p *parser) set() sqlparser.Statement {
	start := p.tok.start
	p.advance()
	switch p.tok.kw {
	case kwRole, kwPassword, kwResource:
		if t := p.peek(); t.kind != '=' && t.kind != tkAssign || p.at(kwPassword) {
			p.failNotSupported("SET "+strings.ToUpper(p.tokText(&p.tok)), start)
		}
	case kwDefault:
		if p.peek().kw == kwRole {
			p.failNotSupported("SET DEFAULT ROLE", start)
		}
	}
	scope := p.scopeWord()
	if p.at(kwTransaction) {
		if t := p.peek(); t.kind != '=' && t.kind != tkAssign {
			return p.setTransaction(scope)
		}
	}
	n := &ast.Set{}
	current := ast.ScopeNone
	for ok := true; ok; ok = p.accept(',') {
		if len(n.Vars) > 0 {
			scope = p.scopeWord()
		}
		if scope != ast.ScopeNone {
			current = scope
		}
		p.setVar(n, scope, current)
	}
	return n
}

// scopeWord consumes GLOBAL, SESSION, LOCAL, PERSIST or PERSIST_ONLY before a variable.
func (p *parser) scopeWord() ast.Scope {
	s := ast.ScopeNone
	switch p.tok.kw {
	case kwGlobal:
		s = ast.ScopeGlobal
	case kwSession, kwLocal:
		s = ast.ScopeSession
	case kwPersist:
		s = ast.ScopePersist
	case kwPersistOnly:
		s = ast.ScopePersistOnly
	default:
		return s
	}
	if t := p.peek(); t.kind == '=' || t.kind == tkAssign || t.kind == '.' {
		return ast.ScopeNone // a variable of that name
	}
	p.advance()
	return s
}

// setVar parses one assignment. written is the scope in front of it, current the one that assignments without any get.
func (p *parser) setVar(n *ast.Set, written, current ast.Scope) {
	v := ast.SetVar{}
	start := p.tok.start
	var e sqlparser.Expr = &sqlparser.Default{}
	switch {
	case written == ast.ScopeNone && p.is(tkAt):
		v.Kind, v.Name = ast.SetUser, p.variableName()
		p.advance()
		p.assignSign()
		e = p.expr()
	case written == ast.ScopeNone && p.is(tkAtAt):
		v.Scope, v.Name = p.systemName()
		p.assignSign()
		e = p.setValue()
	case written == ast.ScopeNone && p.at(kwNames) && !p.assigns():
		v.Kind = ast.SetNames
		p.advance()
		if !p.word(kwDefault) {
			v.Charset = p.charsetName()
			if p.word(kwCollate) {
				v.Collate = p.charsetOrDefault()
			}
			e = charsetWord(v.Charset)
		}
	case written == ast.ScopeNone && (p.words(kwCharacter, kwSet) || p.words(kwChar, kwSet) || p.at(kwCharset) && !p.assigns()):
		p.word(kwCharset)
		v.Kind = ast.SetCharset
		if !p.word(kwDefault) {
			v.Charset = p.charsetName()
			e = charsetWord(v.Charset)
		}
	default:
		v.Scope, v.Name = current, p.systemVariableName()
		p.assignSign()
		e = p.setValue()
	}
	v.Pos = p.pos(start)
	name := v.Name
	switch v.Kind {
	case ast.SetNames:
		name = "names"
	case ast.SetCharset:
		name = "charset"
	}
	n.Vars = append(n.Vars, v)
	n.Exprs = append(n.Exprs, &sqlparser.SetExpr{Name: sqlparser.NewColIdent(name), Expr: e})
}

func charsetWord(name string) sqlparser.Expr { return &ast.Keyword{Word: name} }

// assigns reports whether the next token is the sign of an assignment.
func (p *parser) assigns() bool {
	t := p.peek()
	return t.kind == '=' || t.kind == tkAssign
}

// setValue parses the value of a system variable: an expression, DEFAULT, or a bare word.
func (p *parser) setValue() sqlparser.Expr {
	switch p.tok.kw {
	case kwDefault:
		if !p.beforeParen() {
			p.advance()
			return &sqlparser.Default{}
		}
	case kwOn, kwAll, kwBinary, kwRow, kwSystem:
		if t := p.peek(); t.kind == tkEOF || t.kind == ';' || t.kind == ',' {
			return p.keywordArg()
		}
	}
	if isIdent(&p.tok) {
		if t := p.peek(); t.kind == tkEOF || t.kind == ';' || t.kind == ',' {
			return p.keywordArg()
		}
	}
	return p.expr()
}

// keywordArg consumes a word and returns it as an expression.
func (p *parser) keywordArg() sqlparser.Expr {
	start := p.tok.start
	w := p.tokText(&p.tok)
	if p.is(tkQuoted) {
		w = p.content(&p.tok)
	}
	p.advance()
	return &ast.Keyword{Word: w, Pos: p.pos(start)}
}

// setTransaction parses SET [scope] TRANSACTION characteristic, ….
func (p *parser) setTransaction(scope ast.Scope) sqlparser.Statement {
	if scope == ast.ScopePersist || scope == ast.ScopePersistOnly {
		p.failHere()
	}
	p.advance()
	n := &ast.SetTransaction{Scope: scope}
	for ok := true; ok; ok = p.accept(',') {
		at := p.tok.start
		switch {
		case p.word(kwIsolation):
			p.expectWord(kwLevel)
			if n.Isolation != "" {
				p.failAt(at)
			}
			n.Isolation = p.isolationLevel()
		case p.word(kwRead):
			if n.ReadOnly || n.ReadWrite {
				p.failAt(at)
			}
			if n.ReadOnly = p.word(kwOnly); !n.ReadOnly {
				p.expectWord(kwWrite)
				n.ReadWrite = true
			}
		default:
			p.failHere()
		}
	}
	return n
}

func (p *parser) isolationLevel() string {
	switch {
	case p.words(kwRead, kwUncommitted):
		return "READ UNCOMMITTED"
	case p.words(kwRead, kwCommitted):
		return "READ COMMITTED"
	case p.words(kwRepeatable, kwRead):
		return "REPEATABLE READ"
	case p.word(kwSerializable):
		return "SERIALIZABLE"
	}
	p.failHere()
	return ""
}
