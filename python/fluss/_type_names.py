"""Column types by the names that Fluss writes: "bigint", "decimal(10,2)", "array<int>", "row<a int, b string>"; and by
PostgreSQL's, where pyarrow does not mean another type by them ("int8")."""

from __future__ import annotations

import re
from collections.abc import Callable

import pyarrow as pa

_UNITS = ("s", "ms", "us", "ns")  # by precision, in steps of three digits

_PLAIN: dict[str, pa.DataType] = {
    "boolean": pa.bool_(),
    "tinyint": pa.int8(),
    "smallint": pa.int16(),
    "int": pa.int32(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "string": pa.string(),
    "bytes": pa.binary(),
    "date": pa.date32(),
    "text": pa.string(),
    "varchar": pa.string(),
    "bytea": pa.binary(),
    "real": pa.float32(),
}


def _unit(precision: int) -> str:
    if not 0 <= precision <= 9:
        raise ValueError(f"a precision is 0 to 9, not {precision}")
    return _UNITS[(precision + 2) // 3]


def _time(precision: int = 0) -> pa.DataType:
    unit = _unit(precision)
    return pa.time32(unit) if unit in ("s", "ms") else pa.time64(unit)


def _numeric(precision: int = 0, scale: int = 0) -> pa.DataType:
    if not precision:
        raise ValueError("numeric needs its number of digits here, as in numeric(10,2)")
    return pa.decimal128(precision, scale)


# Names that may have numbers in parentheses.
_SIZED: dict[str, Callable[..., pa.DataType]] = {
    "binary": lambda length=1: pa.binary(length),
    "decimal": lambda precision=10, scale=0: pa.decimal128(precision, scale),
    "numeric": _numeric,
    "time": _time,
    "timestamp": lambda precision=6: pa.timestamp(_unit(precision)),
    "timestamp_ltz": lambda precision=6: pa.timestamp(_unit(precision), tz="UTC"),
    "timestamptz": lambda precision=6: pa.timestamp(_unit(precision), tz="UTC"),
}


def _sized(name: str, numbers: list[int]) -> pa.DataType:
    most = 2 if name in ("decimal", "numeric") else 1
    if len(numbers) > most:
        raise ValueError(f"{name} takes {most} number{'s' if most > 1 else ''} at most, not {len(numbers)}")
    return _SIZED[name](*numbers)


_TOKEN = re.compile(r"\s*(\d+|\w+|`[^`]+`|[<>(),:])", re.ASCII)


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens = _TOKEN.findall(text)
        if "".join(self._tokens).replace(" ", "") != re.sub(r"\s", "", text):
            raise ValueError("there are characters that no type has")
        self._at = 0

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self, wanted: str = "") -> str:
        token = self._peek()
        if not token or (wanted and token.lower() != wanted):
            raise ValueError(f"expected {wanted or 'a type'} instead of {token or 'the end'}")
        self._at += 1
        return token

    def whole(self) -> pa.Field:
        field = self._field("")
        if self._peek():
            raise ValueError(f"'{self._peek()}' follows the type")
        return field

    def _field(self, name: str) -> pa.Field:
        kind = self._type()
        if self._peek().lower() != "not":
            return pa.field(name, kind)
        self._take()
        self._take("null")
        return pa.field(name, kind, nullable=False)

    def _type(self) -> pa.DataType:
        name = self._take().lower()
        if name == "array":
            return pa.list_(self._inside(lambda: self._field("element"))[0])
        if name == "map":
            key, value = self._inside(lambda: self._field("entry"), 2)
            return pa.map_(key.type, value.with_name("value"))
        if name == "row":
            return pa.struct(self._inside(self._named, 0))
        if name in _SIZED:
            return _sized(name, self._numbers())
        if name == "double" and self._peek().lower() == "precision":
            self._take()
        if name not in _PLAIN:
            raise ValueError(f"there is no type '{name}'")
        return _PLAIN[name]

    def _named(self) -> pa.Field:
        name = self._take().strip("`")
        if self._peek() == ":":
            self._take()
        return self._field(name)

    def _inside(self, one: Callable[[], pa.Field], count: int = 1) -> list[pa.Field]:
        """Fields between angle brackets; ``count`` 0: any number."""
        self._take("<")
        fields = [one()]
        while self._peek() == ",":
            self._take()
            fields.append(one())
        self._take(">")
        if count not in (0, len(fields)):
            raise ValueError(f"{len(fields)} types between the brackets, there must be {count}")
        return fields

    def _numbers(self) -> list[int]:
        if self._peek() != "(":
            return []
        self._take()
        numbers = [self._number()]
        while self._peek() == ",":
            self._take()
            numbers.append(self._number())
        self._take(")")
        return numbers

    def _number(self) -> int:
        token = self._take()
        if not token.isdigit():
            raise ValueError(f"expected a number instead of '{token}'")
        return int(token)


def field_of(name: str, text: str) -> pa.Field:
    """The column ``name`` of a type that Fluss or pyarrow ("int64", "timestamp[ms]") writes so; else a ValueError."""
    try:
        return pa.field(name, pa.type_for_alias(text))
    except ValueError:
        pass
    try:
        return _Reader(text).whole().with_name(name)
    except (ValueError, pa.ArrowException) as error:
        known = ", ".join([*_PLAIN, *_SIZED, "array<t>", "map<k,v>", "row<name t, ...>"])
        raise ValueError(f"'{text}' is no type ({error}); there are {known}, and the names of pyarrow") from None
