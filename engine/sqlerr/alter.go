package sqlerr

// Errors of changes to definitions.
var (
	AccessDenied        = &Code{1044, "42000", "Access denied for user '%s' to database '%s'"}
	NoTableColumns      = &Code{1113, "42000", "A table must have at least 1 column"}
	InvalidUseOfNull    = &Code{1138, "22004", "Invalid use of NULL value"}
	UnknownEngine       = &Code{1286, "42000", "Unknown storage engine '%s'"}
	NoSuchEngineOption  = &Code{1031, "HY000", "Table storage engine for '%s' doesn't have this option"}
	TriggerExists       = &Code{1359, "HY000", "Trigger already exists"}
	NoTrigger           = &Code{1360, "HY000", "Trigger does not exist"}
	TriggerOnView       = &Code{1361, "HY000", "Trigger's '%s' is view or temporary table"}
	TriggerWrongSchema  = &Code{1435, "HY000", "Trigger in wrong schema"}
	TableCommentTooLong = &Code{1628, "HY000", "Comment for table '%s' is too long (max = %d)"}
	FieldCommentTooLong = &Code{1629, "HY000", "Comment for field '%s' is too long (max = %d)"}
	IndexCommentTooLong = &Code{1688, "HY000", "Comment for index '%s' is too long (max = %d)"}
	FKColumnOfParent    = &Code{1829, "HY000", "Cannot drop column '%s': needed in a foreign key constraint '%s' of table '%s'"}
	FKColumnChild       = &Code{1832, "HY000", "Cannot change column '%s': used in a foreign key constraint '%s'"}
	FKColumnParent      = &Code{1833, "HY000", "Cannot change column '%s': used in a foreign key constraint '%s' of table '%s'"}
	AlterAlgorithm      = &Code{1845, "0A000", "ALGORITHM=%s is not supported for this operation. Try ALGORITHM=%s."}
	GeneratedPrimary    = &Code{3106, "HY000", "'Defining a virtual generated column as primary key' is not supported for generated columns."}
	GeneratedNeeded     = &Code{3108, "HY000", "Column '%s' has a generated column dependency."}
	PrimaryInvisible    = &Code{3522, "HY000", "A primary key index cannot be invisible"}
	DefaultNeeded       = &Code{3774, "HY000", "'Changing column %s, which the default of another column reads,' is not supported for default value expressions."}
	AmbiguousConstraint = &Code{3939, "HY000", "Table has multiple constraints with the name '%s'. Please use constraint specific 'DROP' clause."}
	NoConstraint        = &Code{3940, "HY000", "Constraint '%s' does not exist."}
	OrderByIgnored      = &Code{1105, "HY000", "ORDER BY ignored as there is a user-defined clustered index in the table '%s'"}
)

// ViewTemporary refuses a view over a temporary table.
var ViewTemporary = &Code{1352, "HY000", "View's SELECT refers to a temporary table '%s'"}

// NoBinaryLogging is SHOW BINARY LOGS without a log.
var NoBinaryLogging = &Code{1381, "HY000", "You are not using binary logging"}
