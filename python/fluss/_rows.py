"""Rows and values of other libraries, as the plain Python ones that native code reads."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

_NANOS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}


def _is_from(value: object, package: str) -> bool:
    return package in sys.modules and type(value).__module__.split(".")[0] == package


def normalise_row(row: Any) -> Any:
    """A dict, list or tuple for mappings, dataclasses, pandas, pyarrow and numpy rows; None for others."""
    if _is_from(row, "pyarrow"):
        return row.as_py() if type(row).__name__ == "StructScalar" else None
    if isinstance(row, Mapping):
        return dict(row)
    fields = getattr(type(row), "__dataclass_fields__", None)
    if fields is not None:
        return {name: getattr(row, name) for name in fields}
    if _is_from(row, "pandas") and type(row).__name__ == "Series":
        return {key: None if _is_missing(value) else value for key, value in row.items()}
    if _is_from(row, "numpy") and getattr(getattr(row, "dtype", None), "names", None):
        return {name: row[name] for name in row.dtype.names}
    return None


def _is_missing(value: Any) -> bool:
    if value is None or (isinstance(value, float) and value != value):
        return True
    return type(value).__name__ in ("NaTType", "NAType")


def _numpy_datetime(kind: str, value: Any) -> Any:
    unit, step = __import__("numpy").datetime_data(value.dtype)
    if kind == "date":
        return int(value.astype("datetime64[D]").astype("int64")) if unit == "D" else None
    if unit in ("Y", "M", "W", "D", "h", "m"):
        value, unit, step = value.astype("datetime64[s]"), "s", 1
    if unit not in _NANOS:
        return None
    nanos = int(value.astype("int64")) * step * _NANOS[unit]
    millis, rest = divmod(nanos, 10**6)
    return millis, rest


def normalise_value(kind: str, value: Any) -> Any:
    """``kind``: date, timestamp, sequence, pairs or row. None when there is nothing to make of it."""
    if kind in ("date", "timestamp"):
        if _is_from(value, "numpy") and type(value).__name__ == "datetime64":
            return _numpy_datetime(kind, value)
        convert = getattr(value, "to_pydatetime", None) if kind == "timestamp" else None
        return convert() if convert is not None else None
    if kind == "sequence":
        if isinstance(value, (str, bytes, bytearray, memoryview)):
            return None
        if isinstance(value, Sequence):
            return list(value)
        if _is_from(value, "numpy") and type(value).__name__ == "ndarray":
            return value.tolist() if value.dtype.kind in "biufO" else list(value)
        if _is_from(value, "pandas") and type(value).__name__ in ("Series", "Index"):
            return value.tolist()
        if _is_from(value, "pyarrow") and hasattr(value, "as_py"):
            return value.as_py()
        if _is_from(value, "pyarrow") and hasattr(value, "to_pylist"):
            return value.to_pylist()
        return None
    if kind == "pairs":
        if isinstance(value, Mapping):
            return list(value.items())
        if isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray)):
            return list(value)
        as_py = getattr(value, "as_py", None)
        return as_py() if as_py is not None and _is_from(value, "pyarrow") else None
    return normalise_row(value)
