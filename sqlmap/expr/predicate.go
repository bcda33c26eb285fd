package expr

// Logic is AND, OR or XOR over two or more operands (XOR: two).
type Logic struct {
	Op   LogicOp
	Args []Expr
}

// Not is NOT x.
type Not struct{ Arg Expr }

// Compare is Left Op Right for operands of one column. Row comparisons are RowCompare.
type Compare struct {
	Op          CompareOp
	Left, Right Expr
	Cmp         Comparison
}

// RowCompare is Left Op Right for row expressions; Cmp has one entry per column.
type RowCompare struct {
	Op          CompareOp
	Left, Right RowExpr
	Cmp         []Comparison
}

// Between is Arg [NOT] BETWEEN Lo AND Hi.
type Between struct {
	Arg, Lo, Hi  Expr
	Not          bool
	CmpLo, CmpHi Comparison
}

// InList is Arg [NOT] IN (List…); Cmp has one comparison per list element. Rows are InRows.
type InList struct {
	Arg    Expr
	List   []Expr
	Not    bool
	Cmp    []Comparison
	hashed bool      // the list is one of constants and is looked up in a set
	set    *constSet // made by Bind when the constants are literals
}

// InRows is a row expression [NOT] IN a list of rows.
type InRows struct {
	Arg  RowExpr
	List []RowExpr
	Not  bool
	cmp  [][]Comparison
}

// IsNull is Arg IS [NOT] NULL.
type IsNull struct {
	Arg Expr
	Not bool
}

// IsTruth is Arg IS [NOT] TRUE or FALSE.
type IsTruth struct {
	Arg  Expr
	Want bool
	Not  bool
}

// Like is Arg [NOT] LIKE Pattern. Escape is nil for the default, a backslash.
type Like struct {
	Arg, Pattern, Escape Expr
	Not                  bool
	// Cmp is the comparison in which the pattern matches; its Collation matters.
	Cmp    Comparison
	escape rune // when noEscape and Escape do not say otherwise
	static *likePattern
}
