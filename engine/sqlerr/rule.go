package sqlerr

// Errors of the texts that definitions keep: generated columns, CHECKs, expression defaults.
var (
	GeneratedConstruct = &Code{3102, "HY000", "Expression of generated column '%s' contains a disallowed function."}
	GeneratedVariable  = &Code{3765, "HY000", "Expression of generated column '%s' cannot refer user or system variables."}
	DefaultOrder       = &Code{3767, "HY000", "Default value expression of column '%s' cannot refer to a column defined after it if that column is a generated column or has an expression as default value."}
	DefaultAuto        = &Code{3768, "HY000", "Default value expression of column '%s' cannot refer to an auto-increment column."}
	DefaultConstruct   = &Code{3769, "HY000", "Default value expression of column '%s' contains a disallowed function."}
	DefaultFunction    = &Code{3770, "HY000", "Default value expression of column '%s' contains a disallowed function: %s."}
	DefaultVariable    = &Code{3772, "HY000", "Default value expression of column '%s' cannot refer user or system variables."}
	DefaultOfExpr      = &Code{3773, "HY000", "DEFAULT function cannot be used with default value expressions"}
	CheckConstruct     = &Code{3815, "HY000", "An expression of a check constraint '%s' contains disallowed function."}
	CheckVariable      = &Code{3816, "HY000", "An expression of a check constraint '%s' cannot refer to a user or system variable."}
	CheckAuto          = &Code{3818, "HY000", "Check constraint '%s' cannot refer to an auto-increment column."}
	CheckUnknownColumn = &Code{3820, "HY000", "Check constraint '%s' refers to non-existing column '%s'."}
)
