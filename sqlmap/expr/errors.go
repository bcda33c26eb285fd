package expr

import "github.com/worktable-go/worktable/engine/sqlerr"

// Errors that only expressions raise.
var (
	errWindowMisplaced = &sqlerr.Code{Number: 3593, State: "HY000", Format: "You cannot use the window function '%s' in this context.'"}

	errNegativeToUnsigned = &sqlerr.Code{Number: 1105, State: "HY000", Format: "Cast to unsigned converted negative integer to its positive complement"}
	errInvalidString      = &sqlerr.Code{Number: 1300, State: "HY000", Format: "Invalid %s character string: '%s'"}
	errJSONCast           = &sqlerr.Code{Number: 3156, State: "22018", Format: "Invalid JSON value for CAST to %s from column json at row %d"}
	errJSONDeep           = &sqlerr.Code{Number: 3157, State: "22032", Format: "The JSON document exceeds the maximum depth."}
	errJSONCharset        = &sqlerr.Code{Number: 3144, State: "22032", Format: "Cannot create a JSON value from a string with CHARACTER SET '%s'."}
	errJSONType           = &sqlerr.Code{Number: 3146, State: "22032", Format: "Invalid data type for JSON data in argument %d to function %s; a JSON string or JSON type is required."}
	errJSONNullKey        = &sqlerr.Code{Number: 3158, State: "22032", Format: "JSON documents may not contain NULL member names."}
	errJSONPathMany       = &sqlerr.Code{Number: 3149, State: "42000", Format: "In this situation, path expressions may not contain the * and ** tokens or an array range."}
	errJSONVacuous        = &sqlerr.Code{Number: 3153, State: "42000", Format: "The path expression '$' is not allowed in this context."}
	errJSONOneAll         = &sqlerr.Code{Number: 3154, State: "42000", Format: "The oneOrAll argument to %s may take these values: 'one' or 'all'."}
	errJSONNotCell        = &sqlerr.Code{Number: 3165, State: "42000", Format: "A path expression is not a path to a cell in an array."}
	errTooBigFsp          = &sqlerr.Code{Number: 1426, State: "42000", Format: "Too-big precision %d specified for '%s'. Maximum is %d."}
	errTooBigPrecision    = &sqlerr.Code{Number: 1426, State: "42000", Format: "Too-big precision %d specified for '%s'. Maximum is %d."}
	errTooBigScale        = &sqlerr.Code{Number: 1425, State: "42000", Format: "Too big scale %d specified for column '%s'. Maximum is %d."}
	errScaleOverPrecision = &sqlerr.Code{Number: 1427, State: "42000", Format: "For float(M,D), double(M,D) or decimal(M,D), M must be >= D (column '%s')."}
	errCutConcat          = &sqlerr.Code{Number: 1260, State: "HY000", Format: "Row %d was cut by GROUP_CONCAT()"}
	errLogarithm          = &sqlerr.Code{Number: 3020, State: "2201E", Format: "Invalid argument for logarithm"}
	errUnknownLocale      = &sqlerr.Code{Number: 1649, State: "HY000", Format: "Unknown locale: '%s'"}
	errWrongForType       = &sqlerr.Code{Number: 1411, State: "HY000", Format: "Incorrect %s value: '%s' for function %s"}
	errWrongParameters    = &sqlerr.Code{Number: 1583, State: "42000", Format: "Incorrect parameters in the call to native function '%s'"}
	errRegexpSyntax       = &sqlerr.Code{Number: 3688, State: "HY000", Format: "Syntax error in regular expression on line %d, character %d."}
	errRegexpEscape       = &sqlerr.Code{Number: 3689, State: "HY000", Format: "Unrecognized escape sequence in regular expression."}
	errRegexpUnsupported  = &sqlerr.Code{Number: 3690, State: "HY000", Format: "The regular expression contains a feature that is not implemented in this library version."}
	errRegexpParen        = &sqlerr.Code{Number: 3691, State: "HY000", Format: "Mismatched parenthesis in regular expression."}
	errRegexpInterval     = &sqlerr.Code{Number: 3692, State: "HY000", Format: "Incorrect description of a {min,max} interval."}
	errRegexpMaxMin       = &sqlerr.Code{Number: 3693, State: "HY000", Format: "The maximum is less than the minimum in a {min,max} interval."}
	errRegexpBracket      = &sqlerr.Code{Number: 3696, State: "HY000", Format: "The regular expression contains an unclosed bracket expression."}
	errRegexpRange        = &sqlerr.Code{Number: 3697, State: "HY000", Format: "The regular expression contains an [x-y] character range where x comes after y."}
	errRegexpTooBig       = &sqlerr.Code{Number: 3700, State: "HY000", Format: "The regular expression pattern exceeds limits on size or complexity."}
	errRegexpIndex        = &sqlerr.Code{Number: 3686, State: "HY000", Format: "Index out of bounds in regular expression search."}
	errRegexpEmpty        = &sqlerr.Code{Number: 3685, State: "HY000", Format: "Illegal argument to a regular expression."}
	errDateOverflow       = &sqlerr.Code{Number: 1441, State: "22008", Format: "Datetime function: %s field overflow"}
	errLockName           = &sqlerr.Code{Number: 3057, State: "42000", Format: "Incorrect user-level lock name '%s'."}
	errWrongTypeArg       = &sqlerr.Code{Number: 3064, State: "HY000", Format: "Incorrect type for argument %d in function %s."}
	errFrameBounds        = &sqlerr.Code{Number: 3586, State: "HY000", Format: "Window '%s': frame start or end is negative, NULL or of non-integral type"}
	errFrameOffset        = &sqlerr.Code{Number: 3586, State: "HY000", Format: "Window '%s': frame start or end is negative, NULL or of non-integral type"}
	errFrameRange         = &sqlerr.Code{Number: 3587, State: "HY000", Format: "Window '%s' with RANGE N PRECEDING/FOLLOWING frame requires exactly one ORDER BY expression, of numeric or temporal type"}
	errBitLength          = &sqlerr.Code{Number: 3513, State: "HY000", Format: "Binary operands of bitwise operators must be of equal length"}
	errIncorrectValue     = &sqlerr.Code{Number: 1292, State: "22007", Format: "Incorrect %s value: '%s'"}
	errWrongLiteral       = &sqlerr.Code{Number: 1525, State: "HY000", Format: "Incorrect %s value: '%s'"}
)
