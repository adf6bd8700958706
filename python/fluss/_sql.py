"""SQL statements on a connection: their parameters and results."""

from __future__ import annotations

import datetime
import decimal
import json
import math
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, final

import pyarrow as pa

from fluss import _core as native
from fluss._base import Internal, check_unsigned, make, wrong_type

if TYPE_CHECKING:
    from pandas import DataFrame as _DataFrame
    from polars import DataFrame as _PolarsFrame

_SHOWN_ROWS = 20
_SHOWN_CHARACTERS = 60  # of a cell

# PostgreSQL's type OIDs. 0: the statement decides.
_OPEN, _BOOL, _BYTEA, _INT8, _INT4, _FLOAT8 = 0, 16, 17, 20, 23, 701
_DATE, _TIME, _TIMESTAMP, _TIMESTAMPTZ, _INTERVAL, _NUMERIC, _UUID = 1082, 1083, 1114, 1184, 1186, 1700, 2950
_ARRAY_OF = {
    _OPEN: 1009, _BOOL: 1000, _BYTEA: 1001, _INT8: 1016, _INT4: 1007, _FLOAT8: 1022, _DATE: 1182, _TIME: 1183,
    _TIMESTAMP: 1115, _TIMESTAMPTZ: 1185, _INTERVAL: 1187, _NUMERIC: 1231, _UUID: 2951,
}  # fmt: skip


def _integer(value: int) -> tuple[int, str]:
    if -(2**31) <= value < 2**31:
        return _INT4, str(value)
    return (_INT8 if -(2**63) <= value < 2**63 else _NUMERIC), str(value)


def _float(value: float) -> tuple[int, str]:
    if math.isfinite(value):
        return _FLOAT8, repr(float(value))
    return _FLOAT8, "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _interval(value: datetime.timedelta) -> tuple[int, str]:
    return _INTERVAL, f"{value.days} days {value.seconds}.{value.microseconds:06d} seconds"


def _element(value: Any) -> tuple[int, str]:
    if value is None:
        return _OPEN, "NULL"
    oid, text = _parameter(value)
    if isinstance(value, (list, tuple)):
        return oid, text or ""
    escaped = (text or "").replace("\\", "\\\\").replace('"', '\\"')
    return oid, f'"{escaped}"'


def _array(values: Sequence[Any]) -> tuple[int, str]:
    elements = [_element(value) for value in values]
    oids = [oid for oid, _ in elements if oid != _OPEN]
    oid = max(oids) if oids and max(oids) in (_INT8, _INT4) else (oids[0] if oids else _OPEN)
    if _INT8 in oids and _INT4 in oids:
        oid = _INT8
    nested = any(isinstance(value, (list, tuple)) for value in values)
    known = any(value is not None for value in values)
    return (oid if nested else _ARRAY_OF[oid] if known else _OPEN), "{" + ",".join(text for _, text in elements) + "}"


def _parameter(value: Any) -> tuple[int, str | None]:
    """The type OID and PostgreSQL's text form of a value."""
    if value is None:
        return _OPEN, None
    if isinstance(value, bool):
        return _BOOL, "t" if value else "f"
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, str):
        return _OPEN, str(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return _BYTEA, "\\x" + bytes(value).hex()
    if isinstance(value, decimal.Decimal):
        return _NUMERIC, format(value, "f") if value.is_finite() else str(value)
    if isinstance(value, datetime.datetime):
        return (_TIMESTAMP if value.tzinfo is None else _TIMESTAMPTZ), value.isoformat(" ")
    if isinstance(value, datetime.date):
        return _DATE, value.isoformat()
    if isinstance(value, datetime.time):
        return _TIME, value.isoformat()
    if isinstance(value, datetime.timedelta):
        return _interval(value)
    if isinstance(value, uuid.UUID):
        return _UUID, str(value)
    if isinstance(value, (list, tuple)):
        return _array(value)
    if isinstance(value, Mapping):
        return _OPEN, json.dumps(dict(value))
    if hasattr(value, "item"):  # a scalar of NumPy
        return _parameter(value.item())
    raise TypeError(f"a value of type '{type(value).__name__}' cannot be a parameter of a statement")


def parameters_of(values: object) -> tuple[list[int], list[str | None]]:
    if values is None:
        return [], []
    if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Sequence):
        raise wrong_type("parameters", values, "Sequence")
    converted = [_parameter(value) for value in values]
    return [oid for oid, _ in converted], [text for _, text in converted]


def _text_table(names: list[str], rows: list[list[str]], count: int) -> str:
    """Rows as psql shows them; ``count``: of all there are."""
    lines = [[_one_line(cell) for cell in row] for row in [names, *rows]]
    widths = [max(map(len, column)) for column in zip(*lines)]
    text = [" " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines]
    text.insert(1, "-" + "-+-".join("-" * width for width in widths) + "-")
    shown = "" if count <= len(rows) else f", the first {len(rows)} are shown"
    return "\n".join([*text, f"({count} row{'' if count == 1 else 's'}{shown})"])


def _one_line(cell: str) -> str:
    line = cell.replace("\n", "↵")
    return line if len(line) <= _SHOWN_CHARACTERS else line[: _SHOWN_CHARACTERS - 1] + "…"


@final
class SqlResult(Internal):
    """What a statement gave: rows, or the count of those that it changed.

    >>> await conn.sql("SELECT region, sum(amount) AS amount FROM orders GROUP BY region ORDER BY region")
     region | amount
    --------+--------
     EU     | 10.0
     US     | 20.0
    (2 rows)
    """

    __slots__ = ("_core", "_tag", "_has_rows", "_notices", "_table")
    _core: native.ArrowTable
    _tag: str
    _has_rows: bool
    _notices: list[str]
    _table: pa.Table | None

    @staticmethod
    def _of(answer: tuple[native.ArrowTable, str, bool, list[str]]) -> SqlResult:
        result = make(SqlResult)
        result._core, result._tag, result._has_rows, result._notices = answer
        result._table = None
        return result

    @property
    def command(self) -> str:
        """PostgreSQL's command tag: "SELECT 3", "INSERT 0 1", "CREATE TABLE"."""
        return self._tag

    @property
    def rowcount(self) -> int:
        """Rows that it gave or changed; -1 for a statement that is about none."""
        if self._has_rows:
            return int(self._core.num_rows)
        last = self._tag.rpartition(" ")[2]
        return int(last) if last.isdigit() else -1

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return list(self.to_arrow().schema.names)

    @property
    def notices(self) -> list[str]:
        """What the statement had to say besides: "NOTICE: …", "WARNING: …"."""
        return list(self._notices)

    def to_arrow(self) -> pa.Table:
        """The rows as a ``pyarrow.Table``."""
        if self._table is None:
            self._table = pa.table(self._core)
        return self._table

    def to_pandas(self, **options: Any) -> _DataFrame:
        """A ``pandas.DataFrame``; the options are those of ``pyarrow.Table.to_pandas``."""
        return self.to_arrow().to_pandas(**options)

    def to_polars(self) -> _PolarsFrame:
        """The rows as a ``polars.DataFrame``."""
        import polars

        return polars.DataFrame(self.to_arrow())

    df = to_pandas
    pl = to_polars
    arrow = to_arrow

    def show(self, rows: int = _SHOWN_ROWS) -> None:
        """Prints the first rows as a table, or the tag of a statement that gives none."""
        print(self._text(check_unsigned("rows", rows)))

    def to_pylist(self) -> list[dict[str, Any]]:
        """All rows, as dicts."""
        return [dict(zip(self.columns, row)) for row in self]

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All rows."""
        return list(self)

    def fetchone(self) -> tuple[Any, ...] | None:
        """The first row."""
        return next(iter(self), None)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        for batch in self.to_arrow().to_batches():
            yield from zip(*(column.to_pylist() for column in batch.columns))

    def __len__(self) -> int:
        return int(self._core.num_rows)

    def __bool__(self) -> bool:
        return True

    def __arrow_c_schema__(self) -> object:
        return self._core.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._core.__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        return self._text(_SHOWN_ROWS) if self._has_rows else f"SqlResult({self._tag!r})"

    def _text(self, rows: int) -> str:
        return _text_table(self.columns, self._first_rows(rows), len(self)) if self._has_rows else self._tag

    def _first_rows(self, count: int = _SHOWN_ROWS) -> list[list[str]]:
        """The text of the cells that are shown, row by row."""
        columns = self.to_arrow().slice(0, count).columns
        rows = zip(*(column.to_pylist() for column in columns))
        return [["" if cell is None else str(cell) for cell in row] for row in rows]

    def _repr_html_(self) -> str:
        from html import escape

        if not self._has_rows:
            return f"<code>{escape(self._tag)}</code>"
        head = "".join(f"<th>{escape(name)}</th>" for name in self.columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in self._first_rows()
        )
        more = f"<p>{len(self)} rows, the first {_SHOWN_ROWS} are shown</p>" if len(self) > _SHOWN_ROWS else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"
