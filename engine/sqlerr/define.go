package sqlerr

// Errors of definitions.
var (
	TooLongColumn      = &Code{1074, "42000", "Column length too big for column '%s' (max = %d); use BLOB or TEXT instead"}
	TooBigScale        = &Code{1425, "42000", "Too big scale %d specified for column '%s'. Maximum is %d."}
	TooBigPrecision    = &Code{1426, "42000", "Too-big precision %d specified for '%s'. Maximum is %d."}
	ScaleOverPrecision = &Code{1427, "42000", "For float(M,D), double(M,D) or decimal(M,D), M must be >= D (column '%s')."}
	TooBigDisplayWidth = &Code{1439, "42000", "Display width out of range for column '%s' (max = %d)"}
	InvalidFieldSize   = &Code{3013, "HY000", "Invalid size for column '%s'."}
	DuplicateElement   = &Code{1291, "HY000", "Column '%s' has duplicated value '%s' in %s"}
	TooManySetMembers  = &Code{1097, "HY000", "Too many strings for column %s and SET"}
	TooManyEnumMembers = &Code{3505, "HY000", "Too many enumeration values for column %s."}
	IllegalSetValue    = &Code{1367, "22007", "Illegal %s '%s' value found during parsing"}
	LOBDefault         = &Code{1101, "42000", "BLOB, TEXT, GEOMETRY or JSON column '%s' can't have a default value"}
	PrimaryNull        = &Code{1171, "42000", "All parts of a PRIMARY KEY must be NOT NULL; if you need NULL in a key, use UNIQUE instead"}
	TooManyKeys        = &Code{1069, "42000", "Too many keys specified; max %d keys allowed"}
	TooManyKeyParts    = &Code{1070, "42000", "Too many key parts specified; max %d parts allowed"}
	TooManyColumns     = &Code{1117, "HY000", "Too many columns"}
	WrongColumnSpec    = &Code{1063, "42000", "Incorrect column specifier for column '%s'"}
	WrongColumnName    = &Code{1166, "42000", "Incorrect column name '%s'"}
	WrongTableName     = &Code{1103, "42000", "Incorrect table name '%s'"}
	WrongDatabaseName  = &Code{1102, "42000", "Incorrect database name '%s'"}
	WrongIndexName     = &Code{1280, "42000", "Incorrect index name '%s'"}
	NoColumns          = &Code{4028, "HY000", "A table must have at least one visible column."}
	JSONKey            = &Code{3152, "42000", "JSON column '%s' supports indexing only via generated columns on a specified JSON path."}
	InvalidOnUpdate    = &Code{1294, "HY000", "Invalid ON UPDATE clause for '%s' column"}
	GeneratedAuto      = &Code{3109, "HY000", "Generated column '%s' cannot refer to auto-increment column."}
	FKSetNullNotNull   = &Code{1830, "HY000", "Column '%s' cannot be NOT NULL: needed in a foreign key constraint '%s' SET NULL"}
	FKWrongDefinition  = &Code{1239, "42000", "Incorrect foreign key definition for '%s': %s"}
	InvalidCharacter   = &Code{1300, "HY000", "Invalid %s character string: '%s'"}
	JSONTooDeep        = &Code{3157, "22032", "The JSON document exceeds the maximum depth."}
	JSONCharset        = &Code{3144, "22032", "Cannot create a JSON value from a string with CHARACTER SET '%s'."}
	UnsupportedGoType  = &Code{1210, "HY000", "Incorrect arguments to EXECUTE: Go type %s"}
)

// Errors of the expressions that definitions keep.
var (
	CheckFunction     = &Code{3814, "HY000", "An expression of a check constraint '%s' contains disallowed function: %s."}
	GeneratedFunction = &Code{3763, "HY000", "Expression of generated column '%s' contains a disallowed function: %s."}
	GeneratedOrder    = &Code{3107, "HY000", "Generated column can refer only to generated columns defined prior to it."}
)

// NonInsertableTable refuses an INSERT into a view.
var NonInsertableTable = &Code{1471, "HY000", "The target table %s of the %s is not insertable-into"}

// Errors that the parser raises beside 1064.
var (
	TableNeedsColumns  = &Code{1113, "42000", "A table must have at least 1 column"}
	UndeclaredVariable = &Code{1327, "42000", "Undeclared variable: %s"}
)
