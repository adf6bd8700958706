"""Partition values as the text that partition names are made of."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Mapping
from typing import Any

from fluss._base import check_type, wrong_type


def partition_text(value: Any) -> str:
    """``datetime.date(2024, 1, 15)`` is ``"2024-01-15"``, and so on. Text is taken as it is."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, (bytes, bytearray)):
        return value.hex()
    if isinstance(value, datetime.datetime):
        return _timestamp_text(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, datetime.time):
        return f"{value:%H-%M-%S}_{value.microsecond // 1000:03d}"
    raise wrong_type("partition_spec", value, "str")


def _float_text(value: float) -> str:
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Inf" if value > 0 else "-Inf"
    sign, digits, exponent = decimal.Decimal(repr(value)).normalize().as_tuple()
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return f"{decimal.Decimal(repr(value)):f}".replace(".", "_")
    # Beyond those bounds as Java writes numbers: 1.0E10
    mantissa = "".join(map(str, digits))
    return f"{'-' if sign else ''}{mantissa[0]}_{mantissa[1:] or '0'}E{int(exponent) + len(digits) - 1}"


def _timestamp_text(value: datetime.datetime) -> str:
    if value.tzinfo is not None:
        value = value.astimezone(datetime.timezone.utc)
    fraction = f"{value.microsecond:06d}".rstrip("0")
    return f"{value.year:04d}-{value:%m-%d-%H-%M-%S}_{fraction}"


def partition_spec_of(spec: object) -> dict[str, str]:
    """``{column: value}``, values as text or as what the column holds."""
    if not isinstance(spec, Mapping):
        raise wrong_type("partition_spec", spec, "dict")
    return {check_type("partition_spec", column, str): partition_text(value) for column, value in spec.items()}
