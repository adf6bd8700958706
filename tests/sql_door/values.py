"""Values of each type that every driver must bring back as they went."""
from __future__ import annotations

import datetime as dt
import decimal

VALUES = {
    "boolean": [True, False],
    "smallint": [-32768, 32767],
    "integer": [-(2**31), 2**31 - 1],
    "bigint": [-(2**63), 2**63 - 1],
    "real": [0.5, -1.25e6],
    "double precision": [0.1, -2.5e-300, float("inf")],
    "numeric(20,4)": [decimal.Decimal("0.0000"), decimal.Decimal("-1234567890123456.7891")],
    "text": ["", "naïve 😀", "two\nlines"],
    "bytea": [b"", b"\x00\xff\\"],
    "date": [dt.date(1, 1, 1), dt.date(2024, 2, 29), dt.date(9999, 12, 31)],
    "time": [dt.time(0, 0), dt.time(23, 59, 59, 999999)],
    "timestamp": [dt.datetime(1969, 12, 31, 23, 59, 59, 999999), dt.datetime(2024, 2, 29, 12, 30)],
    "timestamptz": [dt.datetime(2024, 7, 1, 12, tzinfo=dt.timezone.utc)],
    "integer[]": [[], [1, 2, 3]],
    "integer[][]": [[], [1, 2], [[1, 2], [3, 4]], [[[5]], [[6]]]],
    "text[]": [[], ["a", 'quo"te', "with,comma", "", "NULL"]],
}
