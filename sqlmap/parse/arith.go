package parse

import (
	"github.com/xwb1989/sqlparser"
)

// Precedence levels of bit expressions.
const (
	precOr     = 1 // |
	precAnd    = 2 // &
	precShift  = 3 // << >>
	precAdd    = 4 // + -
	precMul    = 5 // * / % DIV MOD
	precXor    = 6 // ^
	precConcat = 7 // || under PIPES_AS_CONCAT
)

// binaryOperator returns the arithmetic operator that the current token is and its precedence, or 0.
func (p *parser) binaryOperator() (op string, prec int) {
	switch p.tok.kind {
	case '|':
		return sqlparser.BitOrStr, precOr
	case '&':
		return sqlparser.BitAndStr, precAnd
	case tkShiftLeft:
		return sqlparser.ShiftLeftStr, precShift
	case tkShiftRight:
		return sqlparser.ShiftRightStr, precShift
	case '+':
		return sqlparser.PlusStr, precAdd
	case '-':
		return sqlparser.MinusStr, precAdd
	case '*':
		return sqlparser.MultStr, precMul
	case '/':
		return sqlparser.DivStr, precMul
	case '%':
		return sqlparser.ModStr, precMul
	case '^':
		return sqlparser.BitXorStr, precXor
	case tkOrOr:
		if p.lex.mode&PipesAsConcat != 0 {
			return "||", precConcat
		}
	case tkReserved:
		switch p.tok.kw {
		case kwDiv:
			return sqlparser.IntDivStr, precMul
		case kwMod:
			return sqlparser.ModStr, precMul
		}
	}
	return "", 0
}

// bitExpr parses operators of at least the precedence least.
func (p *parser) bitExpr(least int) sqlparser.Expr { return p.bitExprFrom(p.simpleExpr(), least) }

// bitExprFrom is bitExpr after its first operand.
func (p *parser) bitExprFrom(left sqlparser.Expr, least int) sqlparser.Expr {
	for {
		op, prec := p.binaryOperator()
		if prec < least || prec == 0 {
			return left
		}
		if prec == precConcat {
			left = p.concat(left)
			continue
		}
		h := p.height
		p.advance()
		var right sqlparser.Expr
		if prec == precAdd && p.at(kwInterval) {
			e, isInterval := p.interval()
			if right = e; !isInterval {
				right = p.bitExprFrom(p.suffixes(e), precAdd+1)
			}
		} else {
			right = p.bitExpr(prec + 1)
		}
		p.raise(h)
		left = &sqlparser.BinaryExpr{Operator: op, Left: left, Right: right}
	}
}

// concat parses `left || b || c` as CONCAT(left, b, c).
func (p *parser) concat(left sqlparser.Expr) sqlparser.Expr {
	args := []sqlparser.Expr{left}
	h := p.height
	for p.is(tkOrOr) {
		p.advance()
		args = append(args, p.simpleExpr())
		h = max(h, p.height)
	}
	p.raise(h)
	return funcCall("concat", args...)
}

// interval parses INTERVAL expr unit, or a call of the function INTERVAL(a, b, …), which is no interval.
func (p *parser) interval() (e sqlparser.Expr, isInterval bool) {
	p.advance()
	if p.is('(') {
		start := p.tok.start
		p.enter()
		q := p.parens()
		p.leave()
		if len(q.list) > 1 {
			return funcCall("interval", q.list...), false
		}
		p.give(q, start)
	}
	e = p.expr()
	unit := p.intervalUnit()
	p.raise(0)
	return &sqlparser.IntervalExpr{Expr: e, Unit: unit}, true
}

// intervalUnits are the units by keyword, in lower case.
var intervalUnits = map[keyword]string{
	kwMicrosecond: "microsecond", kwSecond: "second", kwMinute: "minute", kwHour: "hour", kwDay: "day", kwWeek: "week",
	kwMonth: "month", kwQuarter: "quarter", kwYear: "year", kwSecondMicrosecond: "second_microsecond",
	kwMinuteMicrosecond: "minute_microsecond", kwMinuteSecond: "minute_second", kwHourMicrosecond: "hour_microsecond",
	kwHourSecond: "hour_second", kwHourMinute: "hour_minute", kwDayMicrosecond: "day_microsecond", kwDaySecond: "day_second",
	kwDayMinute: "day_minute", kwDayHour: "day_hour", kwYearMonth: "year_month",
}

// intervalUnit consumes a unit and returns it in lower case.
func (p *parser) intervalUnit() string {
	u := intervalUnits[p.tok.kw]
	if u == "" {
		p.failHere()
		return ""
	}
	p.advance()
	return u
}

// simpleExpr parses an operand with the unary operators before it.
func (p *parser) simpleExpr() sqlparser.Expr {
	if p.given != nil {
		return p.operand()
	}
	op := ""
	switch p.tok.kind {
	case '-':
		op = sqlparser.UMinusStr
	case '+':
		op = sqlparser.UPlusStr
	case '~':
		op = sqlparser.TildaStr
	case '!':
		op = sqlparser.BangStr
	case tkReserved:
		switch p.tok.kw {
		case kwBinary:
			op = sqlparser.BinaryStr
		case kwNot:
			if p.lex.mode&HighNotPrecedence != 0 {
				op = "not"
			}
		}
	}
	if op == "" {
		return p.operand()
	}
	p.advance()
	p.enter()
	e := p.simpleExpr()
	p.leave()
	p.raise(0)
	if op == "not" {
		return &sqlparser.NotExpr{Expr: e}
	}
	return &sqlparser.UnaryExpr{Operator: op, Expr: e}
}

// operand parses a primary with COLLATE and -> behind it.
func (p *parser) operand() sqlparser.Expr { return p.suffixes(p.primary()) }

// suffixes parses what binds tightest behind an operand.
func (p *parser) suffixes(e sqlparser.Expr) sqlparser.Expr {
	for {
		switch {
		case p.at(kwCollate):
			p.advance()
			e = &sqlparser.CollateExpr{Expr: e, Charset: p.charsetName()}
		case p.is(tkArrow), p.is(tkArrowText):
			op := sqlparser.JSONExtractOp
			if p.is(tkArrowText) {
				op = sqlparser.JSONUnquoteExtractOp
			}
			h := p.height
			p.advance()
			if !p.is(tkString) {
				p.failHere()
				return nil
			}
			e = &sqlparser.BinaryExpr{Operator: op, Left: e, Right: p.stringLiteral()}
			p.height = max(p.height, h)
		default:
			return e
		}
		p.raise(0)
	}
}
