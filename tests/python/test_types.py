"""Every data type: its text, the Python values it takes and refuses, and the round trip on every path."""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
import math
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import fluss
from support import POLL_MS, create_now, fails

UTC = timezone.utc
PLUS2 = timezone(timedelta(hours=2))


class Case(NamedTuple):
    given: pa.DataType          # what the schema is made of
    text: str                   # Fluss type text
    out: pa.DataType            # what scans give
    values: list[Any]           # values, or (value given, value read)
    can_be_key: bool = True


class Same:
    """Compares as itself, so that NaN equals NaN."""

    @staticmethod
    def of(value: Any) -> Any:
        if isinstance(value, float) and math.isnan(value):
            return "NaN"
        if isinstance(value, list):
            return [Same.of(item) for item in value]
        if isinstance(value, dict):
            return {key: Same.of(item) for key, item in value.items()}
        return (type(value).__name__, value)


F32 = float(np.float32(0.1))
INT8, INT16, INT32, INT64 = ([-(2**bits), -1, 0, 2**bits - 1] for bits in (7, 15, 31, 63))

SCALARS = {
    "bool": Case(pa.bool_(), "boolean", pa.bool_(), [True, False, (np.bool_(True), True)]),
    "int8": Case(pa.int8(), "tinyint", pa.int8(), [*INT8, (np.int8(5), 5)]),
    "uint8": Case(pa.uint8(), "tinyint", pa.int8(), INT8),
    "int16": Case(pa.int16(), "smallint", pa.int16(), [*INT16, (np.uint8(200), 200)]),
    "uint16": Case(pa.uint16(), "smallint", pa.int16(), INT16),
    "int32": Case(pa.int32(), "int", pa.int32(), [*INT32, (np.int64(5), 5)]),
    "uint32": Case(pa.uint32(), "int", pa.int32(), INT32),
    "int64": Case(pa.int64(), "bigint", pa.int64(), [*INT64, (np.uint64(5), 5)]),
    "uint64": Case(pa.uint64(), "bigint", pa.int64(), INT64),
    "float32": Case(pa.float32(), "float", pa.float32(), [
        0.0, -1.5, (0.1, F32), (3, 3.0), (True, 1.0), (Decimal("2.5"), 2.5), (np.float64(0.5), 0.5), float("nan"),
        float("inf"), float("-inf"), (3.4028234663852886e38, 3.4028234663852886e38)]),
    "float64": Case(pa.float64(), "double", pa.float64(), [
        0.1, -0.0, 1e308, 5e-324, (7, 7.0), (np.float32(0.1), F32), float("nan"), float("inf"), float("-inf")]),
    "string": Case(pa.string(), "string", pa.string(), ["", "a", "grüße 🎉", "x" * 5000, (np.str_("n"), "n"), "a\0b"]),
    "large_string": Case(pa.large_string(), "string", pa.string(), ["a"]),
    "string_view": Case(pa.string_view(), "string", pa.string(), ["a"]),
    "binary": Case(pa.binary(), "bytes", pa.binary(), [
        b"", b"\x00\xff", (bytearray(b"ab"), b"ab"), (memoryview(b"cd"), b"cd")]),
    "large_binary": Case(pa.large_binary(), "bytes", pa.binary(), [b"a"]),
    "binary_view": Case(pa.binary_view(), "bytes", pa.binary(), [b"a"]),
    "binary4": Case(pa.binary(4), "binary(4)", pa.binary(4), [b"abcd", (bytearray(4), b"\0\0\0\0")]),
    "date32": Case(pa.date32(), "date", pa.date32(), [
        date(2024, 2, 29), date(1969, 12, 31), date(1, 1, 1), date(9999, 12, 31),
        (np.datetime64("2024-01-02"), date(2024, 1, 2))]),
    "date64": Case(pa.date64(), "date", pa.date32(), [date(2024, 2, 29)]),
    "time_s": Case(pa.time32("s"), "time", pa.time32("s"), [time(0), time(23, 59, 59)]),
    "time_ms": Case(pa.time32("ms"), "time(3)", pa.time32("ms"), [time(0), time(1, 2, 3, 4000), time(23, 59, 59, 999000)]),
    "time_us": Case(pa.time64("us"), "time(6)", pa.time64("us"), [time(1, 2, 3, 4000)]),
    "time_ns": Case(pa.time64("ns"), "time(9)", pa.time64("ns"), [time(1, 2, 3, 4000)]),
    "timestamp_s": Case(pa.timestamp("s"), "timestamp(0)", pa.timestamp("s"), [
        datetime(2024, 1, 2, 3, 4, 5), datetime(1969, 12, 31, 23, 59, 59)]),
    "timestamp_ms": Case(pa.timestamp("ms"), "timestamp(3)", pa.timestamp("ms"), [
        datetime(2024, 1, 2, 3, 4, 5, 6000), datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999000)]),
    "timestamp_us": Case(pa.timestamp("us"), "timestamp", pa.timestamp("us"), [
        datetime(2024, 1, 2, 3, 4, 5, 678901), datetime(1969, 12, 31, 23, 59, 59, 999999),
        (pd.Timestamp("2024-01-02 03:04:05.678901"), datetime(2024, 1, 2, 3, 4, 5, 678901)),
        (np.datetime64("2024-01-02T03:04:05.678901"), datetime(2024, 1, 2, 3, 4, 5, 678901))]),
    "timestamp_ns": Case(pa.timestamp("ns"), "timestamp(9)", pa.timestamp("ns"), [
        datetime(2024, 1, 2, 3, 4, 5, 678901)]),
    "ltz_s": Case(pa.timestamp("s", "UTC"), "timestamp_ltz(0)", pa.timestamp("s", "UTC"), [
        datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)]),
    "ltz_ms": Case(pa.timestamp("ms", "Europe/Berlin"), "timestamp_ltz(3)", pa.timestamp("ms", "UTC"), [
        datetime(2024, 1, 2, 3, 4, 5, 6000, tzinfo=UTC)]),
    "ltz_us": Case(pa.timestamp("us", "UTC"), "timestamp_ltz", pa.timestamp("us", "UTC"), [
        datetime(2024, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
        (datetime(2024, 1, 2, 3, 4, 5, tzinfo=PLUS2), datetime(2024, 1, 2, 1, 4, 5, tzinfo=UTC)),
        (datetime(2024, 1, 2, 3, 4, 5), datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)),
        (pd.Timestamp("2024-01-02 03:04:05", tz="Asia/Tokyo"), datetime(2024, 1, 1, 18, 4, 5, tzinfo=UTC)),
        (pd.Timestamp("2024-01-02 03:04:05"), datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)),
        (np.datetime64("2024-01-02T03:04:05"), datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC))]),
    "ltz_ns": Case(pa.timestamp("ns", "UTC"), "timestamp_ltz(9)", pa.timestamp("ns", "UTC"), [
        datetime(2024, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)]),
    "decimal": Case(pa.decimal128(10, 2), "decimal(10,2)", pa.decimal128(10, 2), [
        Decimal("12345678.90"), Decimal("-0.01"), Decimal("0.00"), (Decimal("1.005"), Decimal("1.01")),
        (Decimal("-1.005"), Decimal("-1.01")), (Decimal("1.004"), Decimal("1.00")), (3, Decimal("3.00")),
        (Decimal("1E+3"), Decimal("1000.00"))]),
    "wide_decimal": Case(pa.decimal128(38, 10), "decimal(38,10)", pa.decimal128(38, 10), [
        Decimal("1234567890123456789012345678.0123456789"), Decimal("-1.0000000001")]),
    "whole_decimal": Case(pa.decimal128(5, 0), "decimal(5,0)", pa.decimal128(5, 0), [Decimal(99999), Decimal(-1)]),
    "dictionary": Case(pa.dictionary(pa.int32(), pa.string()), "string", pa.string(), ["a"]),
}


@dataclasses.dataclass
class Point:
    x: int
    y: str


POINT = pa.struct([("x", pa.int32()), ("y", pa.string())])

NESTED = {
    "list": Case(pa.list_(pa.int32()), "array<int>", pa.list_(pa.int32()), [
        [], [1, None, 3], ((1, 2), [1, 2]), (range(3), [0, 1, 2]), (np.array([1, 2]), [1, 2]),
        (pd.Series([4, 5]), [4, 5]), (pa.array([6]), [6]), (collections.deque([7]), [7])], False),
    "large_list": Case(pa.large_list(pa.string()), "array<string>", pa.list_(pa.string()), [["a", None]], False),
    "list_of_lists": Case(pa.list_(pa.list_(pa.int64())), "array<array<bigint>>", pa.list_(pa.list_(pa.int64())), [
        [[1], None, [], [2, None]]], False),
    "required": Case(pa.list_(pa.field("item", pa.int32(), nullable=False)), "array<int NOT NULL>",
                     pa.list_(pa.field("item", pa.int32(), nullable=False)), [[1, 2]], False),
    "map": Case(pa.map_(pa.string(), pa.int32()), "map<string NOT NULL,int>", pa.map_(pa.string(), pa.int32()), [
        ({}, []), ({"a": 1, "b": None}, [("a", 1), ("b", None)]), ([("a", 1), ["b", 2]], [("a", 1), ("b", 2)]),
        (collections.OrderedDict(z=1), [("z", 1)])], False),
    "map_of_int": Case(pa.map_(pa.int64(), pa.list_(pa.float64())), "map<bigint NOT NULL,array<double>>",
                       pa.map_(pa.int64(), pa.list_(pa.float64())), [({1: [0.5], 2: None}, [(1, [0.5]), (2, None)])], False),
    "row": Case(POINT, "row<x: int, y: string>", POINT, [
        {"x": 1, "y": "a"}, ({"x": 1}, {"x": 1, "y": None}), ((1, "a"), {"x": 1, "y": "a"}),
        ([None, None], {"x": None, "y": None}), (Point(3, "p"), {"x": 3, "y": "p"}),
        (collections.OrderedDict(y="o"), {"x": None, "y": "o"})], False),
    "rows": Case(pa.list_(POINT), "array<row<x: int, y: string>>", pa.list_(POINT), [
        [{"x": 1, "y": "a"}, None, {"x": None, "y": None}]], False),
    "deep": Case(pa.struct([("m", pa.map_(pa.string(), POINT)), ("t", pa.timestamp("us", "UTC")), ("d", pa.decimal128(5, 2))]),
                 "row<m: map<string NOT NULL,row<x: int, y: string>>, t: timestamp_ltz, d: decimal(5,2)>",
                 pa.struct([("m", pa.map_(pa.string(), POINT)), ("t", pa.timestamp("us", "UTC")), ("d", pa.decimal128(5, 2))]),
                 [({"m": {"k": {"x": 1, "y": "a"}}, "t": datetime(2024, 1, 1), "d": Decimal("1.5")},
                   {"m": [("k", {"x": 1, "y": "a"})], "t": datetime(2024, 1, 1, tzinfo=UTC), "d": Decimal("1.50")})], False),
    "scalars": Case(
        pa.struct([("b", pa.bool_()), ("y", pa.binary()), ("f", pa.binary(2)), ("d", pa.date32()), ("t", pa.time32("ms")),
                   ("n", pa.timestamp("ns")), ("i", pa.int8()), ("r", pa.float32())]),
        "row<b: boolean, y: bytes, f: binary(2), d: date, t: time(3), n: timestamp(9), i: tinyint, r: float>",
        pa.struct([("b", pa.bool_()), ("y", pa.binary()), ("f", pa.binary(2)), ("d", pa.date32()), ("t", pa.time32("ms")),
                   ("n", pa.timestamp("ns")), ("i", pa.int8()), ("r", pa.float32())]),
        [{"b": True, "y": b"\0", "f": b"ab", "d": date(2024, 1, 1), "t": time(1), "n": datetime(2024, 1, 1), "i": -1,
          "r": float("inf")}], False),
}
CASES = {**SCALARS, **NESTED}


def pairs(case: Case) -> list[tuple[Any, Any]]:
    """(given, read) of every value, and NULL."""
    both = [value if isinstance(value, tuple) and len(value) == 2 else (value, value) for value in case.values]
    return [*both, (None, None)]


@pytest.fixture(params=CASES)
def case(request) -> Case:
    return CASES[request.param]


def test_type_text_and_arrow_type(case):
    schema = fluss.Schema(pa.schema([pa.field("v", case.given), pa.field("n", case.given, nullable=False)]))
    assert schema.get_column_types() == [case.text, f"{case.text} NOT NULL"]
    assert [field.type for field in schema.to_arrow()] == [case.out, case.out]


def test_log_table_round_trip(shared, name, case):
    table = create_now(shared, name, {"id": pa.int32(), "v": case.given})
    assert table.arrow_schema.field("v").type == case.out
    writer = table.new_append().create_writer()
    expected = []
    for number, (given, read) in enumerate(pairs(case)):
        writer.append({"id": number, "v": given} if number % 2 else [number, given])
        expected.append(Same.of(read))
    writer.flush().wait_sync()

    records = table.new_scan().create_log_scanner().wait_sync()
    records.subscribe(0, fluss.EARLIEST_OFFSET)
    assert [Same.of(record.row["v"]) for record in records.poll(POLL_MS)] == expected
    batches = table.new_scan().create_record_batch_log_scanner().wait_sync()
    batches.subscribe(0, fluss.EARLIEST_OFFSET)
    arrow = batches.to_arrow().result()
    assert arrow.schema.field("v").type == case.out
    arrow.validate(full=True)

    again = create_now(shared, f"{name}_again", {"id": pa.int32(), "v": case.given})
    again.new_append().write_arrow(arrow).wait().wait_sync()
    copy = again.to_arrow().result()
    assert copy.combine_chunks().equals(arrow.combine_chunks()) or "nan" in str(arrow).lower()
    records = again.new_scan().create_log_scanner().wait_sync()
    records.subscribe(0, fluss.EARLIEST_OFFSET)
    assert [Same.of(record.row["v"]) for record in records.poll(POLL_MS)] == expected


@pytest.mark.parametrize("kv_format", ["compacted", "indexed"])
def test_primary_key_table_round_trip(shared, name, case, kv_format):
    table = create_now(shared, name, {"id": pa.int32(), "v": case.given}, ["id"], kv_format=kv_format)
    writer = table.new_upsert().create_writer()
    for number, (given, _) in enumerate(pairs(case)):
        writer.upsert([number, given])
    writer.flush().wait_sync()
    lookuper = table.new_lookup().create_lookuper()
    for number, (_, read) in enumerate(pairs(case)):
        assert Same.of(lookuper.lookup([number]).wait_sync()["v"]) == Same.of(read)
    snapshot = table.to_arrow().result().sort_by("id")
    assert snapshot.schema.field("v").type == case.out
    assert snapshot.num_rows == len(pairs(case))
    bucket = fluss.TableBucket(table.get_table_info().table_id, 0)
    limited = table.new_scan().limit(1000).create_bucket_batch_scanner(bucket).to_arrow().result()
    assert limited.num_rows == len(pairs(case))
    changes = table.new_scan().create_log_scanner().wait_sync()
    changes.subscribe(0, fluss.EARLIEST_OFFSET)
    assert [Same.of(record.row["v"]) for record in changes.poll(POLL_MS)] == [Same.of(read) for _, read in pairs(case)]

    copy = create_now(shared, f"{name}_copy", {"id": pa.int32(), "v": case.given}, ["id"], kv_format=kv_format)
    copy.new_upsert().write_arrow(snapshot).wait().wait_sync()
    lookuper = copy.new_lookup().create_lookuper()
    for number, (_, read) in enumerate(pairs(case)):
        assert Same.of(lookuper.lookup([number]).wait_sync()["v"]) == Same.of(read)


@pytest.mark.parametrize("kind", [key for key, case in SCALARS.items() if case.can_be_key])
def test_as_primary_key(shared, name, kind):
    case = SCALARS[kind]
    table = create_now(shared, name, {"k": case.given, "v": pa.int32()}, ["k"], bucket_count=2)
    writer = table.new_upsert().create_writer()
    values = [(given, read) for given, read in pairs(case) if given is not None]
    distinct: dict[Any, int] = {}
    for number, (given, read) in enumerate(values):
        writer.upsert([given, number])
        distinct[str(Same.of(read))] = number
    writer.flush().wait_sync()
    lookuper = table.new_lookup().create_lookuper()
    for given, read in values:
        row = lookuper.lookup({"k": given}).wait_sync()
        assert Same.of(row["k"]) == Same.of(read)
        assert row["v"] == distinct[str(Same.of(read))]
    assert table.to_arrow().result().num_rows == len(distinct)
    writer.delete([values[0][0]])
    writer.flush().wait_sync()
    assert lookuper.lookup([values[0][0]]).wait_sync() is None


@pytest.mark.parametrize("log_format", ["arrow", "indexed"])
def test_log_formats(shared, name, log_format):
    fields = {"id": pa.int32(), **{key: case.given for key, case in SCALARS.items()}}
    table = create_now(shared, name, fields, log_format=log_format)
    values = {key: pairs(case)[0] for key, case in SCALARS.items()}
    table.new_append().append({"id": 1, **{key: given for key, (given, _) in values.items()}}).wait().wait_sync()
    table.new_append().append({"id": 2}).wait().wait_sync()
    scanner = table.new_scan().create_log_scanner().wait_sync()
    scanner.subscribe(0, fluss.EARLIEST_OFFSET)
    first, second = [record.row for record in scanner.poll(POLL_MS)] if log_format == "arrow" else [
        record.row for record in (*scanner.poll(POLL_MS), *scanner.poll(0))]
    assert {key: Same.of(value) for key, value in first.items() if key != "id"} == {
        key: Same.of(read) for key, (_, read) in values.items()}
    assert second == {"id": 2, **dict.fromkeys(SCALARS)}


REFUSED = [
    ("int32", True, "Expected int for Int column, got bool. Use 0 or 1 explicitly."),
    ("int8", 128, "OverflowError"), ("int8", -129, "-128"), ("int16", 32768, "OverflowError"),
    ("int32", 2**31, "OverflowError"), ("int64", 2**63, "OverflowError"), ("uint64", 2**63, "OverflowError"),
    ("int32", 1.0, "TypeError"), ("int32", "1", "TypeError"), ("int32", Decimal(1), "TypeError"),
    ("bool", 1, "TypeError"), ("bool", "true", "TypeError"),
    ("float64", "1.0", "TypeError"), ("float32", 1e39, "Float"), ("float64", b"1", "TypeError"),
    ("string", b"a", "TypeError"), ("string", 1, "TypeError"), ("string", "\ud800", "UnicodeEncodeError"),
    ("binary", "a", "Expected bytes or bytearray, got str"), ("binary", [1], "Expected bytes or bytearray, got list"),
    ("binary4", b"abc", "4"), ("binary4", b"abcde", "4"),
    ("decimal", 1.5, "Expected decimal.Decimal, got float"), ("decimal", "1.5", "Expected decimal.Decimal, got str"),
    ("decimal", Decimal("NaN"), "Failed to parse decimal"), ("decimal", Decimal("Infinity"), "Failed to parse decimal"),
    ("decimal", Decimal("123456789.00"), "Decimal precision overflow: value has 11 digits but precision is 10"),
    ("decimal", Decimal("99999999.995"), "DECIMAL(10, 2)"), ("decimal", True, "TypeError"),
    ("date32", datetime(2024, 1, 1), "Use a TIMESTAMP column for datetime values."), ("date32", "2024-01-01", "TypeError"),
    ("date32", pd.Timestamp("2024-01-01"), "TIMESTAMP"),
    ("time_ms", time(1, 2, 3, 4), "TIME values with sub-millisecond precision are not supported"),
    ("time_ns", time(1, 2, 3, 4), "sub-millisecond"), ("time_ms", time(1, tzinfo=UTC), "tzinfo"),
    ("time_ms", "01:02", "TypeError"), ("time_ms", timedelta(hours=1), "TypeError"),
    ("timestamp_us", datetime(2024, 1, 1, tzinfo=UTC), "TIMESTAMP (without timezone) requires a naive datetime"),
    ("timestamp_us", pd.Timestamp("2024-01-01", tz="UTC"), "naive"),
    ("timestamp_us", date(2024, 1, 1), "TypeError"), ("timestamp_us", 0, "TypeError"), ("timestamp_us", "2024", "TypeError"),
    ("ltz_us", date(2024, 1, 1), "TypeError"), ("ltz_us", 0, "TypeError"), ("ltz_us", "2024", "TypeError"),
    ("list", "abc", "Expected sequence for Array column, got str"), ("list", {1}, "Expected sequence for Array column"),
    ("list", (n for n in [1]), "Expected sequence for Array column"), ("list", b"ab", "Expected sequence for Array column"),
    ("list", ["a"], "TypeError"), ("required", [1, None], "NOT NULL"),
    ("map", "abc", "Expected dict or sequence of (key, value) pairs for Map column"), ("map", 5, "Expected dict or sequence"),
    ("map", [("a", 1, 2)], "Map entries must be (key, value) pairs of length 2"), ("map", [5], "pairs of length 2"),
    ("map", {None: 1}, "FlussMap keys cannot be null"), ("map", {"a": "b"}, "TypeError"),
    ("row", {"x": 1, "z": 2}, "Unknown row field 'z'. Expected: x, y"), ("row", [1], "Expected 2 row fields, got 1"),
    ("row", 5, "TypeError"), ("row", {"x": "a"}, "TypeError"),
]


@pytest.mark.parametrize("kind, value, text", REFUSED)
def test_refused_values(shared, name, kind, value, text):
    case = CASES[kind]
    log = create_now(shared, name, {"id": pa.int32(), "v": case.given})
    keyed = create_now(shared, f"{name}k", {"id": pa.int32(), "v": case.given}, ["id"])
    for write in (log.new_append().append, keyed.new_upsert().upsert):
        with fails(-2, "Field 'v'", text):
            write([1, value])
    assert log.to_arrow().num_rows == keyed.to_arrow().num_rows == 0


def test_required_fields_of_rows(shared, name):
    row = pa.struct([pa.field("a", pa.int32()), pa.field("b", pa.string(), nullable=False)])
    table = create_now(shared, name, {"id": pa.int32(), "v": row})
    for value, text in (({"a": 1}, "Missing value for non-nullable row field 'b'"), ({"b": None}, "'b'"), ([1, None], "'b'")):
        with fails(-2, text):
            table.new_append().append([1, value])


@pytest.mark.parametrize("kind", [
    pa.null(), pa.float16(), pa.decimal256(40, 2), pa.decimal128(5, -2), pa.list_(pa.int32(), 3), pa.duration("s"),
    pa.month_day_nano_interval(), pa.run_end_encoded(pa.int32(), pa.string()),
    pa.dense_union([pa.field("a", pa.int32())]), pa.list_(pa.null()), pa.decimal32(5, 2), pa.decimal64(10, 2),
])
def test_arrow_types_that_are_refused(kind):
    with pytest.raises(fluss.FlussError) as info:
        fluss.Schema(pa.schema([pa.field("v", kind)]))
    assert info.value.error_code == -2
    assert "v" in info.value.message


def test_types_by_the_names_that_are_printed():
    names = ["boolean", "tinyint", "smallint", "int", "bigint", "float", "double", "string", "bytes", "binary(4)", "date",
             "decimal(10,2)", "time", "time(3)", "time(6)", "timestamp", "timestamp(3)", "timestamp_ltz",
             "timestamp_ltz(9)", "array<int>", "map<string NOT NULL,int>", "row<a: int, b: array<string>>", "int NOT NULL"]
    schema = fluss.Schema.from_dict({f"c{i}": name for i, name in enumerate(names)})
    assert schema.get_column_types() == names
    assert fluss.Schema.from_dict(dict(schema.get_columns())) == schema
    same = {"a": "BIGINT", "b": "decimal(5, 1)", "c": "row<x int, `y z` map<string, bigint>>", "d": "timestamp[ms]"}
    assert fluss.Schema.from_dict(same).get_column_types() == [
        "bigint", "decimal(5,1)", "row<x: int, y z: map<string NOT NULL,bigint>>", "timestamp(3)"]


def test_types_by_the_names_of_sql():
    names = {"a": "text", "b": "varchar", "c": "bytea", "d": "real", "e": "double precision", "f": "numeric(10,2)",
             "g": "timestamptz", "h": "timestamptz(3)", "i": "numeric(5)", "j": "integer"}
    assert fluss.Schema.from_dict(names).get_column_types() == [
        "string", "string", "bytes", "float", "double", "decimal(10,2)", "timestamp_ltz", "timestamp_ltz(3)",
        "decimal(5,0)", "int"]


@pytest.mark.parametrize("name, text", [
    ("numeric", "needs its number of digits"), ("varchar(10)", "follows the type"),
    ("bigit", "there is no type 'bigit'"), ("decimal(50,2)", "precision"), ("array<int", "expected > instead of the end"),
    ("map<int>", "there must be 2"), ("decimal(a)", "expected a number"), ("int int", "'int' follows the type"),
    ("timestamp(10)", "0 to 9"), ("", "expected a type"), ("row<>", "expected"), ("int$", "characters"),
    ("decimal(1,2,3)", "at most"), ("char(3)", "there is no type 'char'"),
])
def test_names_that_are_no_types(name, text):
    with pytest.raises(fluss.FlussError) as info:
        fluss.Schema.from_dict({"a": name})
    assert "column 'a'" in info.value.message and text in info.value.message and "bigint" in info.value.message


def test_unsigned_types_and_strict():
    with fails(-2, "u", "uint32"):
        fluss.Schema(pa.schema([pa.field("u", pa.uint32())]), strict=True)
    fluss.Schema(pa.schema([pa.field("i", pa.int32())]), strict=True)


def test_nanoseconds_stay_in_arrow_and_are_cut_in_rows(shared, name):
    fields = {"id": pa.int32(), "n": pa.timestamp("ns"), "z": pa.timestamp("ns", "UTC")}
    for keys in (None, ["id"]):
        table = create_now(shared, f"{name}{keys is None}", fields, keys)
        value = pd.Timestamp("2024-01-02 03:04:05.123456789")
        write = table.new_append().append if keys is None else table.new_upsert().upsert
        write([1, value, value]).wait().wait_sync()
        arrow = table.to_arrow().result()
        assert arrow.column("n").cast(pa.int64()).to_pylist() == [value.value]
        assert arrow.column("z").cast(pa.int64()).to_pylist() == [value.value]
        scanner = table.new_scan().create_log_scanner().wait_sync()
        scanner.subscribe(0, 0)
        (record,) = scanner.poll(POLL_MS)
        assert record.row["n"] == datetime(2024, 1, 2, 3, 4, 5, 123456)


def test_values_that_datetime_cannot_hold_can_be_read_as_arrow(shared, name):
    table = create_now(shared, name, {"d": pa.date32()})
    far = pa.array([3_000_000], pa.int32()).cast(pa.date32())
    table.new_append().write_arrow(pa.table({"d": far})).wait().wait_sync()
    assert table.to_arrow().column("d").cast(pa.int32()).to_pylist() == [3_000_000]
    scanner = table.new_scan().create_log_scanner().wait_sync()
    scanner.subscribe(0, 0)
    (record,) = scanner.poll(POLL_MS)
    with fails(-2, "10183"):
        record.row


def test_rows_of_other_kinds(shared, name):
    @dataclasses.dataclass
    class User:
        id: int
        v: str

    Named = collections.namedtuple("Named", "id v")
    table = create_now(shared, name, {"id": pa.int32(), "v": pa.string()})
    writer = table.new_append().create_writer()
    for row in (User(1, "dataclass"), Named(2, "namedtuple"), collections.OrderedDict(id=3, v="mapping"),
                pd.Series({"id": 4, "v": "series"}), pa.scalar({"id": 5, "v": "struct"}),
                np.array([(6, "record")], dtype=[("id", "i4"), ("v", "U10")])[0]):
        writer.append(row)
    writer.flush().wait_sync()
    assert table.to_arrow().column("v").to_pylist() == ["dataclass", "namedtuple", "mapping", "series", "struct", "record"]


def test_pandas_missing_values_are_null(shared, name):
    fields = {"id": pa.int32(), "t": pa.timestamp("us"), "s": pa.string(), "d": pa.date32()}
    table = create_now(shared, name, fields)
    table.new_append().append([1, pd.NaT, None, pd.NaT]).wait().wait_sync()
    assert table.to_arrow().to_pylist() == [{"id": 1, "t": None, "s": None, "d": None}]


def test_large_rows(shared, name):
    table = create_now(shared, name, {"id": pa.int32(), "v": pa.string(), "l": pa.list_(pa.int64())}, ["id"])
    big, many = "ä" * 300_000, list(range(50_000))
    table.new_upsert().upsert([1, big, many]).wait().wait_sync()
    assert table.new_lookup().lookup([1]).wait_sync() == {"id": 1, "v": big, "l": many}


def test_the_sources_of_time_do_not_depend_on_the_zone_of_the_process(shared, name, monkeypatch):
    import time as clock

    monkeypatch.setenv("TZ", "America/New_York")
    clock.tzset()
    try:
        table = create_now(shared, name, {"n": pa.timestamp("us"), "z": pa.timestamp("us", "UTC")})
        table.new_append().append([datetime(2024, 7, 1, 12), datetime(2024, 7, 1, 12)]).wait().wait_sync()
        assert table.to_arrow().to_pylist() == [
            {"n": datetime(2024, 7, 1, 12), "z": datetime(2024, 7, 1, 12, tzinfo=UTC)}]
    finally:
        monkeypatch.undo()
        clock.tzset()
    assert dt.timezone.utc is UTC
