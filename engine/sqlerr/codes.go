package sqlerr

// Statement and naming errors.
var (
	Parse               = &Code{1064, "42000", "You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use near '%s' at line %d"}
	NotSupported        = &Code{1235, "42000", "This version of WorkTable doesn't yet support '%s'"}
	EmptyQuery          = &Code{1065, "42000", "Query was empty"}
	NoSuchTable         = &Code{1146, "42S02", "Table '%s.%s' doesn't exist"}
	UnknownTable        = &Code{1051, "42S02", "Unknown table '%s'"}
	BadTable            = &Code{1109, "42S02", "Unknown table '%s' in %s"}
	TableExists         = &Code{1050, "42S01", "Table '%s' already exists"}
	NoDatabase          = &Code{1046, "3D000", "No database selected"}
	UnknownDatabase     = &Code{1049, "42000", "Unknown database '%s'"}
	DatabaseExists      = &Code{1007, "HY000", "Can't create database '%s'; database exists"}
	DropNoDatabase      = &Code{1008, "HY000", "Can't drop database '%s'; database doesn't exist"}
	UnknownColumn       = &Code{1054, "42S22", "Unknown column '%s' in '%s'"}
	AmbiguousColumn     = &Code{1052, "23000", "Column '%s' in %s is ambiguous"}
	DuplicateColumn     = &Code{1060, "42S21", "Duplicate column name '%s'"}
	DuplicateKeyName    = &Code{1061, "42000", "Duplicate key name '%s'"}
	NonUniqueTable      = &Code{1066, "42000", "Not unique table/alias: '%s'"}
	MultiplePrimaryKeys = &Code{1068, "42000", "Multiple primary key defined"}
	KeyColumnMissing    = &Code{1072, "42000", "Key column '%s' doesn't exist in table"}
	WrongAutoKey        = &Code{1075, "42000", "Incorrect table definition; there can be only one auto column and it must be defined as a key"}
	BlobKeyNoLength     = &Code{1170, "42000", "BLOB/TEXT column '%s' used in key specification without a key length"}
	WrongPrefixKey      = &Code{1089, "HY000", "Incorrect prefix key; the used key part isn't a string, the used length is longer than the key part, or the storage engine doesn't support unique prefix keys"}
	TooLongKey          = &Code{1071, "42000", "Specified key was too long; max key length is %d bytes"}
	TooLongName         = &Code{1059, "42000", "Identifier name '%s' is too long"}
	CantDrop            = &Code{1091, "42000", "Can't DROP '%s'; check that column/key exists"}
	CantRemoveAll       = &Code{1090, "42000", "You can't delete all columns with ALTER TABLE; use DROP TABLE instead"}
	KeyDoesNotExist     = &Code{1176, "42000", "Key '%s' doesn't exist in table '%s'"}
	InvalidDefault      = &Code{1067, "42000", "Invalid default value for '%s'"}
	WrongValueCount     = &Code{1136, "21S01", "Column count doesn't match value count at row %d"}
	FieldTwice          = &Code{1110, "42000", "Column '%s' specified twice"}
	OperandColumns      = &Code{1241, "21000", "Operand should contain %d column(s)"}
	SubqueryRows        = &Code{1242, "21000", "Subquery returns more than 1 row"}
	TooManyRows         = &Code{1172, "42000", "Result consisted of more than one row"}
	NoRows              = &Code{1329, "02000", "No data - zero rows fetched, selected, or processed"}
	SetOpColumns        = &Code{1222, "21000", "The used SELECT statements have a different number of columns"}
	DerivedNeedsAlias   = &Code{1248, "42000", "Every derived table must have its own alias"}
	InvalidGroupFunc    = &Code{1111, "HY000", "Invalid use of group function"}
	WrongGroupField     = &Code{1056, "42000", "Can't group on '%s'"}
	MixGroup            = &Code{1140, "42000", "In aggregated query without GROUP BY, expression #%d of %s contains nonaggregated column '%s'; this is incompatible with sql_mode=only_full_group_by"}
	NotInGroupBy        = &Code{1055, "42000", "Expression #%d of %s is not in GROUP BY clause and contains nonaggregated column '%s' which is not functionally dependent on columns in GROUP BY clause; this is incompatible with sql_mode=only_full_group_by"}
	UnknownFunction     = &Code{1305, "42000", "FUNCTION %s does not exist"}
	WrongParamCount     = &Code{1582, "42000", "Incorrect parameter count in the call to native function '%s'"}
	WrongUsage          = &Code{1221, "HY000", "Incorrect usage of %s and %s"}
	UpdateTableUsed     = &Code{1093, "HY000", "You can't specify target table '%s' for update in FROM clause"}
	NonUpdatableTable   = &Code{1288, "HY000", "The target table %s of the %s is not updatable"}
	NonUpdatableColumn  = &Code{1348, "HY000", "Column '%s' is not updatable"}
	ViewNoMerge         = &Code{1354, "HY000", "View merge algorithm can't be used here for now (assumed undefined algorithm)"}
	ViewNonUpdatable    = &Code{1368, "HY000", "CHECK OPTION on non-updatable view '%s.%s'"}
	ViewManyTables      = &Code{1393, "HY000", "Can not modify more than one base table through a join view '%s.%s'"}
	ViewNoFieldList     = &Code{1394, "HY000", "Can not insert into join view '%s.%s' without fields list"}
	ViewDeleteJoin      = &Code{1395, "HY000", "Can not delete from join view '%s.%s'"}
	ViewPreventsUpdate  = &Code{1443, "HY000", "The definition of table '%s' prevents operation %s on table '%s'."}
	GeneratedValue      = &Code{3105, "HY000", "The value specified for generated column '%s' in table '%s' is not allowed."}
	UnknownCollation    = &Code{1273, "HY000", "Unknown collation: '%s'"}
	UnknownCharset      = &Code{1115, "42000", "Unknown character set: '%s'"}
	CollationMismatch   = &Code{1253, "42000", "COLLATION '%s' is not valid for CHARACTER SET '%s'"}
	CollationMix        = &Code{1267, "HY000", "Illegal mix of collations (%s) and (%s) for operation '%s'"}
	UnknownVariable     = &Code{1193, "HY000", "Unknown system variable '%s'"}
	WrongVariableValue  = &Code{1231, "42000", "Variable '%s' can't be set to the value of '%s'"}
	WrongVariableType   = &Code{1232, "42000", "Incorrect argument type to variable '%s'"}
	ReadOnlyVariable    = &Code{1238, "HY000", "Variable '%s' is a %s variable"}
	GlobalVariable      = &Code{1229, "HY000", "Variable '%s' is a GLOBAL variable and should be set with SET GLOBAL"}
	UnknownTimeZone     = &Code{1298, "HY000", "Unknown or incorrect time zone: '%s'"}
	WrongArguments      = &Code{1210, "HY000", "Incorrect arguments to %s"}
	NotAView            = &Code{1347, "HY000", "'%s.%s' is not %s"}
	ViewColumnCount     = &Code{1353, "HY000", "In definition of view, derived table or common table expression, SELECT list and column names list have different column counts"}
	ViewSelectVariable  = &Code{1351, "HY000", "View's SELECT contains a variable or parameter"}
	ViewInvalid         = &Code{1356, "HY000", "View '%s.%s' references invalid table(s) or column(s) or function(s) or definer/invoker of view lack rights to use them"}
	NoSavepoint         = &Code{1305, "42000", "SAVEPOINT %s does not exist"}
	IllegalDouble       = &Code{1367, "22007", "Illegal double '%s' value found during parsing"}
	WrongNativeParams   = &Code{1583, "42000", "Incorrect parameters in the call to native function '%s'"}
	FuncNameNotFound    = &Code{1630, "42000", "FUNCTION %s does not exist. Check the 'Function Name Parsing and Resolution' section in the Reference Manual"}
	PacketTooBig        = &Code{1153, "08S01", "Got a packet bigger than 'max_allowed_packet' bytes"}
	WindowUndefined     = &Code{3579, "HY000", "Window name '%s' is not defined."}
	WindowCircular      = &Code{3580, "HY000", "There is a circularity in the window dependency graph."}
	WindowNoPartition   = &Code{3581, "HY000", "A window which depends on another cannot define partitioning."}
	WindowNoFrame       = &Code{3582, "HY000", "Window '%s' has a frame definition, so cannot be referenced by another window."}
	WindowNoOrder       = &Code{3583, "HY000", "Window '%s' cannot inherit '%s' since both contain an ORDER BY clause."}
	WindowDuplicate     = &Code{3591, "HY000", "Window '%s' is defined twice."}
	WindowFrameStart    = &Code{3584, "HY000", "Window '%s': frame start cannot be UNBOUNDED FOLLOWING."}
	WindowFrameEnd      = &Code{3585, "HY000", "Window '%s': frame end cannot be UNBOUNDED PRECEDING."}
	WindowFrameIllegal  = &Code{3586, "HY000", "Window '%s': frame start or end is negative, NULL or of non-integral type"}
	WrongRegexp         = &Code{1139, "42000", "Got error '%s' from regexp"}
)

// Errors of data.
var (
	DupEntry           = &Code{1062, "23000", "Duplicate entry '%s' for key '%s'"}
	BadNull            = &Code{1048, "23000", "Column '%s' cannot be null"}
	NoDefault          = &Code{1364, "HY000", "Field '%s' doesn't have a default value"}
	OutOfRange         = &Code{1264, "22003", "Out of range value for column '%s' at row %d"}
	NumericOutOfRange  = &Code{1690, "22003", "%s value is out of range in '%s'"}
	DataTooLong        = &Code{1406, "22001", "Data too long for column '%s' at row %d"}
	DataTruncated      = &Code{1265, "01000", "Data truncated for column '%s' at row %d"}
	IncorrectValue     = &Code{1366, "HY000", "Incorrect %s value: '%s' for column '%s' at row %d"}
	TruncatedWrong     = &Code{1292, "22007", "Truncated incorrect %s value: '%s'"}
	WrongTemporal      = &Code{1292, "22007", "Incorrect %s value: '%s' for column '%s' at row %d"}
	DivisionByZero     = &Code{1365, "22012", "Division by 0"}
	InvalidJSON        = &Code{3140, "22032", "Invalid JSON text: \"%s\" at position %d in value for column '%s'."}
	InvalidJSONArg     = &Code{3141, "22032", "Invalid JSON text in argument %d to function %s: \"%s\" at position %d."}
	InvalidJSONPath    = &Code{3143, "42000", "Invalid JSON path expression. The error is around character position %d."}
	ViewCheckFailed    = &Code{1369, "44000", "CHECK OPTION failed '%s.%s'"}
	ViewNoDefault      = &Code{1423, "HY000", "Field of view '%s.%s' underlying table doesn't have a default value"}
	CheckViolated      = &Code{3819, "HY000", "Check constraint '%s' is violated."}
	NoReferencedRow    = &Code{1452, "23000", "Cannot add or update a child row: a foreign key constraint fails (%s)"}
	RowIsReferenced    = &Code{1451, "23000", "Cannot delete or update a parent row: a foreign key constraint fails (%s)"}
	FKCannotDrop       = &Code{3730, "HY000", "Cannot drop table '%s' referenced by a foreign key constraint '%s' on table '%s'."}
	FKTruncate         = &Code{1701, "42000", "Cannot truncate a table referenced in a foreign key constraint (%s)"}
	FKCannotOpenParent = &Code{1824, "HY000", "Failed to open the referenced table '%s'"}
	FKNoIndexParent    = &Code{1822, "HY000", "Failed to add the foreign key constraint. Missing index for constraint '%s' in the referenced table '%s'"}
	FKIncompatible     = &Code{3780, "HY000", "Referencing column '%s' and referenced column '%s' in foreign key constraint '%s' are incompatible."}
	FKMissingColumn    = &Code{3734, "HY000", "Failed to add the foreign key constraint. Missing column '%s' for constraint '%s' in the referenced table '%s'"}
	FKDuplicateName    = &Code{1826, "HY000", "Duplicate foreign key constraint name '%s'"}
	FKNeedsIndex       = &Code{1553, "HY000", "Cannot drop index '%s': needed in a foreign key constraint"}
	FKColumnNeeded     = &Code{1828, "HY000", "Cannot drop column '%s': needed in a foreign key constraint '%s'"}
	CheckDuplicateName = &Code{3822, "HY000", "Duplicate check constraint name '%s'."}
	CheckMissing       = &Code{3821, "HY000", "Check constraint '%s' is not found in the table."}
	CheckColumnNeeded  = &Code{3959, "HY000", "Check constraint '%s' uses column '%s', hence column cannot be dropped or renamed."}
	AutoExhausted      = &Code{1467, "HY000", "Failed to read auto-increment value from storage engine"}
	RowTooLarge        = &Code{1118, "42000", "Row size too large. The maximum row size for the used table type, not counting BLOBs, is %d."}
	PacketTooLarge     = &Code{1301, "HY000", "Result of %s() was larger than max_allowed_packet (%d) - truncated"}
)

// Errors of transactions, locks and resources.
var (
	LockWaitTimeout   = &Code{1205, "HY000", "Lock wait timeout exceeded; try restarting transaction"}
	Deadlock          = &Code{1213, "40001", "Deadlock found when trying to get lock; try restarting transaction"}
	LockNowait        = &Code{3572, "HY000", "Statement aborted because lock(s) could not be acquired immediately and NOWAIT is set."}
	UserLockDeadlock  = &Code{3058, "HY000", "Deadlock found when trying to get user-level lock; try rolling back transaction/releasing locks and restarting lock acquisition."}
	TableDefChanged   = &Code{1412, "HY000", "Table definition has changed, please retry transaction"}
	ReadOnlyTx        = &Code{1792, "25006", "Cannot execute statement in a READ ONLY transaction."}
	TxInProgress      = &Code{1568, "25001", "Transaction characteristics can't be changed while a transaction is in progress"}
	QueryInterrupted  = &Code{1317, "70100", "Query execution was interrupted"}
	QueryTimeout      = &Code{3024, "HY000", "Query execution was interrupted, maximum statement execution time exceeded"}
	DiskFull          = &Code{1021, "HY000", "Disk full (%s); waiting for someone to free some space..."}
	OutOfMemory       = &Code{1038, "HY001", "Out of memory: %s needs more than its limit of %d bytes"}
	StackTooDeep      = &Code{1436, "HY000", "Nesting of the statement exceeds the limit of %d"}
	TableFull         = &Code{1114, "HY000", "The table '%s' is full"}
	ReadOnlyStore     = &Code{1836, "HY000", "Running in read-only mode: %s"}
	Internal          = &Code{1815, "HY000", "Internal error: %s"}
	Closed            = &Code{1053, "08S01", "Server shutdown in progress"}
	CorruptTable      = &Code{1712, "HY000", "Corruption: %s"}
	MaxPreparedParams = &Code{1390, "HY000", "Prepared statement contains too many placeholders"}
)

// Errors of query blocks.
var (
	NoTablesUsed          = &Code{1096, "HY000", "No tables used"}
	TooManyTables         = &Code{1116, "HY000", "Too many tables; WorkTable can only use %d tables in a join"}
	TooManyFields         = &Code{1117, "HY000", "Too many columns"}
	TableNotAllowedHere   = &Code{1250, "42000", "Table '%s' from one of the SELECTs cannot be used in %s"}
	ViewRecursive         = &Code{1462, "HY000", "`%s`.`%s` contains view recursion"}
	NonGroupingField      = &Code{1463, "42000", "Non-grouping field '%s' is used in %s clause"}
	OrderNotSelected      = &Code{3065, "HY000", "Expression #%d of ORDER BY clause is not in SELECT list, references column '%s' which is not in SELECT list; this is incompatible with DISTINCT"}
	LockUnresolved        = &Code{3568, "HY000", "Unresolved table name %s in locking clause."}
	LockTableTwice        = &Code{3569, "HY000", "Table %s appears in multiple locking clauses."}
	RecursiveNeedsUnion   = &Code{3573, "HY000", "Recursive Common Table Expression '%s' should contain a UNION"}
	RecursiveNeedsSeed    = &Code{3574, "HY000", "Recursive Common Table Expression '%s' should have one or more non-recursive query blocks followed by one or more recursive ones"}
	RecursiveAggregation  = &Code{3575, "HY000", "Recursive Common Table Expression '%s' can contain neither aggregation nor window functions in recursive query block"}
	RecursiveOneReference = &Code{3577, "HY000", "In recursive query block of Recursive Common Table Expression '%s', the recursive table must be referenced only once, and not in any subquery"}
	WindowMisplaced       = &Code{3593, "HY000", "You cannot use the window function '%s' in this context.'"}
	GroupingArgument      = &Code{3602, "HY000", "Argument #%d of GROUPING function is not in GROUP BY"}
	RecursionLimit        = &Code{3636, "HY000", "Recursive query aborted after %d iterations. Try increasing @@cte_max_recursion_depth to a larger value."}
)

// Errors of sessions.
var (
	UnknownStatement = &Code{1243, "HY000", "Unknown prepared statement handler (%s) given to %s"}
	NoSuchThread     = &Code{1094, "HY000", "Unknown thread id: %d"}
)

// Errors of referential actions.
var (
	FKDepthExceeded = &Code{3008, "HY000", "Foreign key cascade delete/update exceeds max depth of %d."}
)
