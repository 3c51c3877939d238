"""Whether ClickHouse refused rows for what is in them: then to send them again, as they are, does not help."""

import struct
from typing import NamedTuple

from clickhouse_connect.driver.exceptions import DataError
from clickhouse_connect.driver.exceptions import Error as DriverError

from sql.clickhouse import DatabaseUnavailable

# ClickHouse's codes for values that a column, a constraint or a view does not take. Any other refusal may be about
# anything, and is none of one row's.
VALUES = {
    6: "CANNOT_PARSE_TEXT",
    26: "CANNOT_PARSE_QUOTED_STRING",
    27: "CANNOT_PARSE_INPUT_ASSERTION_FAILED",
    41: "CANNOT_PARSE_DATETIME",
    53: "TYPE_MISMATCH",
    69: "ARGUMENT_OUT_OF_BOUND",
    70: "CANNOT_CONVERT_TYPE",
    72: "CANNOT_PARSE_NUMBER",
    117: "INCORRECT_DATA",
    128: "TOO_LARGE_ARRAY_SIZE",
    131: "TOO_LARGE_STRING_SIZE",
    153: "ILLEGAL_DIVISION",
    190: "SIZES_OF_ARRAYS_DONT_MATCH",
    321: "VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE",
    349: "CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN",
    395: "FUNCTION_THROW_IF_VALUE_IS_NON_ZERO",
    407: "DECIMAL_OVERFLOW",
    469: "VIOLATED_CONSTRAINT",
}
# Codes for rows that are too many at once.
SIZES = {173: "CANNOT_ALLOCATE_MEMORY", 241: "MEMORY_LIMIT_EXCEEDED"}
# What the driver raises when it cannot write a value the way ClickHouse reads it.
UNWRITABLE = (DataError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError, struct.error)


class RowRefusal(NamedTuple):
    """Why rows were refused, without any value of theirs; `size` if fewer of them might be taken."""

    reason: str
    size: bool = False


def row_refusal(error: Exception) -> RowRefusal | None:
    """Return why rows were refused, None if that has nothing to do with them."""
    cause = error.__cause__ if isinstance(error, DatabaseUnavailable) else error
    code = getattr(cause, "code", None)
    if isinstance(cause, DriverError) and code:
        known = VALUES.get(code) or SIZES.get(code)
        return RowRefusal(f"ClickHouse says {code} {known}", code in SIZES) if known else None
    return RowRefusal(type(cause).__name__) if isinstance(cause, UNWRITABLE) else None
