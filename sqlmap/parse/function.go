package parse

import (
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

// call parses a function call; the current token is its name and a parenthesis follows.
func (p *parser) call() sqlparser.Expr {
	p.enter()
	e := p.callByName()
	p.leave()
	return e
}

func (p *parser) callByName() sqlparser.Expr {
	switch p.tok.kw {
	case noKeyword:
		return p.genericCall()
	case kwCount:
		return p.count()
	case kwSum, kwAvg, kwMin, kwMax:
		return p.aggregate(true)
	case kwBitAnd, kwBitOr, kwBitXor, kwStd, kwStddev, kwStddevPop, kwStddevSamp, kwVariance, kwVarPop, kwVarSamp:
		return p.aggregate(false)
	case kwJsonArrayagg, kwJsonObjectagg:
		return p.jsonAggregate()
	case kwGroupConcat:
		return p.groupConcat()
	case kwRowNumber, kwRank, kwDenseRank, kwCumeDist, kwPercentRank, kwNtile, kwLead, kwLag, kwFirstValue, kwLastValue, kwNthValue:
		return p.windowFunction()
	case kwCast:
		return p.cast()
	case kwConvert:
		return p.convert()
	case kwExtract:
		return p.extract()
	case kwTrim:
		return p.trim()
	case kwPosition:
		return p.locate()
	case kwSubstring, kwSubstr, kwMid:
		return p.substring()
	case kwDateAdd, kwDateSub, kwAdddate, kwSubdate:
		return p.dateArithmetic()
	case kwTimestampadd, kwTimestampdiff, kwGetFormat:
		return p.unitCall()
	case kwChar:
		return p.charCall()
	case kwWeightString:
		return p.weightString()
	case kwJsonValue:
		return p.jsonValue()
	}
	if p.tok.kind == tkReserved && !callable[p.tok.kw] {
		p.failHere()
		return nil
	}
	return p.nativeCall()
}

// callable are the other words of the grammar that name functions. No other keyword does, even if not reserved.
var callable = map[keyword]bool{
	// reserved
	kwIf: true, kwLeft: true, kwRight: true, kwReplace: true, kwRepeat: true, kwInsert: true, kwMod: true, kwDatabase: true,
	kwSchema: true, kwGrouping: true,
	// keywords only before a parenthesis
	kwCurdate: true, kwCurtime: true, kwNow: true, kwSessionUser: true, kwSysdate: true, kwSystemUser: true, kwStCollect: true,
	// never reserved
	kwAscii: true, kwCharset: true, kwCoalesce: true, kwCollation: true, kwDate: true, kwDay: true, kwFormat: true,
	kwGeometrycollection: true, kwGeomcollection: true, kwHour: true, kwLinestring: true, kwMicrosecond: true, kwMinute: true,
	kwMonth: true, kwMultilinestring: true, kwMultipoint: true, kwMultipolygon: true, kwPoint: true, kwPolygon: true,
	kwQuarter: true, kwSecond: true, kwTime: true, kwTimestamp: true, kwTruncate: true, kwUser: true, kwUuid: true,
	kwWeek: true, kwYear: true,
}

// otherwiseCallable are the words that callByName knows and that are not reserved.
var otherwiseCallable = map[keyword]bool{
	kwAvg: true, kwTimestampadd: true, kwTimestampdiff: true, kwGetFormat: true, kwWeightString: true, kwJsonValue: true,
}

// namesFunction reports whether the current token, an identifier before a parenthesis, is a function's name.
func (p *parser) namesFunction() bool {
	kw := p.tok.kw
	return kw == noKeyword || keywordAttr[kw]&attrFunction != 0 || callable[kw] || otherwiseCallable[kw]
}

// funcName consumes the function's name and the opening parenthesis.
func (p *parser) funcName() *sqlparser.FuncExpr {
	f := &sqlparser.FuncExpr{Name: sqlparser.NewColIdent(p.tokText(&p.tok))}
	p.advance()
	p.expect('(')
	return f
}

// nativeCall parses a call whose arguments are expressions and nothing else.
func (p *parser) nativeCall() sqlparser.Expr {
	f := p.funcName()
	p.args(f)
	return f
}

// args parses expressions up to the closing parenthesis, which it consumes.
func (p *parser) args(f *sqlparser.FuncExpr) {
	h := 0
	if !p.is(')') {
		for ok := true; ok; ok = p.accept(',') {
			f.Exprs = append(f.Exprs, &sqlparser.AliasedExpr{Expr: p.expr()})
			h = max(h, p.height)
		}
	}
	p.expect(')')
	p.height = h
	p.raise(0)
}

// genericCall parses a call of a function whose name is no keyword of the grammar.
func (p *parser) genericCall() sqlparser.Expr {
	at := p.tok.start
	quoted := p.is(tkQuoted)
	name := p.ident()
	// The parser's own functions are not found by a quoted name, nor with a blank before the parenthesis.
	kw := lookupKeyword(name)
	foreign := kw != noKeyword && (keywordAttr[kw]&attrFunction != 0 || quoted && (kw.reserved() || kw == kwAvg))
	e := p.storedArgs(&sqlparser.FuncExpr{Name: sqlparser.NewColIdent(name)})
	if foreign {
		code := sqlerr.FuncNameNotFound
		if quoted {
			code = sqlerr.UnknownFunction
		}
		p.failLater(sqlerr.New(code, name), at)
	}
	return e
}

// storedCall parses a call of db.function(…) after the dot.
func (p *parser) storedCall(db string) sqlparser.Expr {
	p.enter()
	e := p.storedArgs(&sqlparser.FuncExpr{Qualifier: sqlparser.NewTableIdent(db), Name: p.colIdent()})
	p.leave()
	return e
}

// storedArgs parses arguments that MySQL's grammar lets have aliases and its native functions then refuse.
func (p *parser) storedArgs(f *sqlparser.FuncExpr) sqlparser.Expr {
	p.expect('(')
	h := 0
	if !p.is(')') {
		for ok := true; ok; ok = p.accept(',') {
			f.Exprs = append(f.Exprs, &sqlparser.AliasedExpr{Expr: p.expr()})
			h = max(h, p.height)
			if at := p.tok.start; p.at(kwAs) || isIdent(&p.tok) || p.is(tkString) {
				p.alias()
				p.failLater(sqlerr.New(sqlerr.WrongNativeParams, f.Name.String()), at)
			}
		}
	}
	p.expect(')')
	p.height = h
	p.raise(0)
	return f
}

// extract parses EXTRACT(unit FROM expr).
func (p *parser) extract() sqlparser.Expr {
	start := p.tok.start
	p.funcName()
	unit := p.intervalUnit()
	p.expectWord(kwFrom)
	e := p.expr()
	p.expect(')')
	p.raise(0)
	return &ast.Extract{IntervalExpr: sqlparser.IntervalExpr{Expr: e, Unit: unit}, Pos: p.pos(start)}
}

// trim parses TRIM([[side] [rem] FROM] str).
func (p *parser) trim() sqlparser.Expr {
	start := p.tok.start
	f := p.funcName()
	side, sided := ast.TrimBoth, true
	switch p.tok.kw {
	case kwBoth:
	case kwLeading:
		side = ast.TrimLeading
	case kwTrailing:
		side = ast.TrimTrailing
	default:
		sided = false
	}
	if sided {
		p.advance()
	}
	var rem sqlparser.Expr
	h := 0
	if !sided || !p.at(kwFrom) {
		rem = p.expr()
		h = p.height
	}
	if !sided && p.accept(')') {
		p.raise(0)
		f.Exprs = sqlparser.SelectExprs{&sqlparser.AliasedExpr{Expr: rem}}
		return f
	}
	p.expectWord(kwFrom)
	t := &ast.Trim{ValTuple: sqlparser.ValTuple{p.expr()}, Side: side}
	if rem != nil {
		t.ValTuple = append(t.ValTuple, rem)
	}
	p.expect(')')
	p.raise(h)
	t.Pos = p.pos(start)
	return t
}

// locate parses POSITION(sub IN str) as LOCATE(sub, str).
func (p *parser) locate() sqlparser.Expr {
	p.funcName()
	sub := p.bitExpr(1)
	h := p.height
	p.expectWord(kwIn)
	str := p.expr()
	p.expect(')')
	p.raise(h)
	return funcCall("locate", sub, str)
}

// substring parses SUBSTRING(str, pos[, len]) and SUBSTRING(str FROM pos [FOR len]).
func (p *parser) substring() sqlparser.Expr {
	f := p.funcName()
	f.Exprs = sqlparser.SelectExprs{&sqlparser.AliasedExpr{Expr: p.expr()}}
	h := p.height
	arg := func() {
		f.Exprs = append(f.Exprs, &sqlparser.AliasedExpr{Expr: p.expr()})
		h = max(h, p.height)
	}
	if p.word(kwFrom) {
		arg()
		if p.word(kwFor) {
			arg()
		}
	} else {
		p.expect(',')
		arg()
		if p.accept(',') {
			arg()
		}
	}
	p.expect(')')
	p.raise(h)
	return f
}

// dateArithmetic parses DATE_ADD, DATE_SUB, ADDDATE and SUBDATE: the second argument is an interval, or for the
// latter two a number of days.
func (p *parser) dateArithmetic() sqlparser.Expr {
	days := p.at(kwAdddate) || p.at(kwSubdate)
	f := p.funcName()
	f.Exprs = sqlparser.SelectExprs{&sqlparser.AliasedExpr{Expr: p.expr()}}
	h := p.height
	p.expect(',')
	var second sqlparser.Expr
	if p.at(kwInterval) {
		e, isInterval := p.interval()
		if second = e; !isInterval {
			if !days {
				p.failHere()
			}
			p.given, p.givenStart = p.suffixes(e), p.tok.start
			second = p.expr()
		}
	} else {
		if !days {
			p.failHere()
		}
		second = p.expr()
	}
	f.Exprs = append(f.Exprs, &sqlparser.AliasedExpr{Expr: second})
	p.expect(')')
	p.raise(h)
	return f
}

// unitCall parses TIMESTAMPADD, TIMESTAMPDIFF and GET_FORMAT, whose first argument is a bare word.
func (p *parser) unitCall() sqlparser.Expr {
	format := p.at(kwGetFormat)
	f := p.funcName()
	word := &ast.Keyword{Word: p.tokText(&p.tok), Pos: ast.Pos{Start: p.tok.start, End: p.tok.end}}
	switch p.tok.kw {
	case kwDate, kwTime, kwDatetime, kwTimestamp:
		if !format {
			p.failHere()
		}
	case kwMicrosecond, kwSecond, kwMinute, kwHour, kwDay, kwWeek, kwMonth, kwQuarter, kwYear:
		if format {
			p.failHere()
		}
	default:
		if !format && p.tok.kind == tkIdent {
			if u, ok := sqlTSIUnits[lookupSQLTSI(word.Word)]; ok {
				word.Word = u
				break
			}
		}
		p.failHere()
	}
	p.advance()
	f.Exprs = sqlparser.SelectExprs{&sqlparser.AliasedExpr{Expr: word}}
	h := 0
	for p.accept(',') {
		f.Exprs = append(f.Exprs, &sqlparser.AliasedExpr{Expr: p.expr()})
		h = max(h, p.height)
	}
	want := 3
	if format {
		want = 2
	}
	if len(f.Exprs) != want {
		p.failHere()
	}
	p.expect(')')
	p.raise(h)
	return f
}

// sqlTSIUnits are the units that TIMESTAMPADD and TIMESTAMPDIFF know as SQL_TSI_….
var sqlTSIUnits = map[keyword]string{
	kwSecond: "SECOND", kwMinute: "MINUTE", kwHour: "HOUR", kwDay: "DAY", kwWeek: "WEEK", kwMonth: "MONTH",
	kwQuarter: "QUARTER", kwYear: "YEAR",
}

func lookupSQLTSI(word string) keyword {
	const prefix = "sql_tsi_"
	if len(word) <= len(prefix) || !equalFoldLower(word[:len(prefix)], prefix) {
		return noKeyword
	}
	return lookupKeyword(word[len(prefix):])
}

// charCall parses CHAR(n, … [USING charset]).
func (p *parser) charCall() sqlparser.Expr {
	f := p.funcName()
	h := 0
	for ok := true; ok; ok = p.accept(',') {
		f.Exprs = append(f.Exprs, &sqlparser.AliasedExpr{Expr: p.expr()})
		h = max(h, p.height)
	}
	charset := ""
	if p.word(kwUsing) {
		charset = p.charsetName()
	}
	p.expect(')')
	p.height = h
	p.raise(0)
	if charset == "" {
		return f
	}
	p.raise(0)
	return &sqlparser.ConvertUsingExpr{Expr: f, Type: charset}
}

// weightString parses WEIGHT_STRING(str [AS CHAR(n)|BINARY(n)]) as WEIGHT_STRING(CAST(str AS …)).
func (p *parser) weightString() sqlparser.Expr {
	f := p.funcName()
	e := p.expr()
	if p.word(kwAs) {
		if !p.at(kwChar) && !p.at(kwBinary) {
			p.failHere()
		}
		e = &sqlparser.ConvertExpr{Expr: e, Type: p.castType()}
		p.raise(0)
	}
	p.expect(')')
	p.raise(0)
	f.Exprs = sqlparser.SelectExprs{&sqlparser.AliasedExpr{Expr: e}}
	return f
}

// jsonValue parses JSON_VALUE(doc, path); RETURNING, ON EMPTY and ON ERROR are not supported.
func (p *parser) jsonValue() sqlparser.Expr {
	f := p.funcName()
	f.Exprs = sqlparser.SelectExprs{&sqlparser.AliasedExpr{Expr: p.expr()}}
	h := p.height
	p.expect(',')
	f.Exprs = append(f.Exprs, &sqlparser.AliasedExpr{Expr: p.expr()})
	if !p.is(')') && p.err == nil {
		p.failNotSupported("JSON_VALUE with RETURNING, ON EMPTY or ON ERROR", p.tok.start)
	}
	p.expect(')')
	p.raise(h)
	return f
}
