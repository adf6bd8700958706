"""Filter expressions: building them, pruning by statistics, exact filtering, and what is refused."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import fluss
from fluss import EARLIEST_OFFSET, col
from support import USERS, create, fails

STATISTICS = {"table.statistics.columns": "*"}


async def batches_of(conn, name="t", statistics=True):
    """Ten stored batches of ten rows: id 0 … 99, name n00 … n99, age NULL in every fifth row."""
    table = await create(conn, name, USERS, properties=STATISTICS if statistics else {})
    for start in range(0, 100, 10):
        numbers = range(start, start + 10)
        await table.new_append().write_arrow(pa.table({
            "id": pa.array(numbers, pa.int32()), "name": [f"n{n:02}" for n in numbers],
            "age": pa.array([None if n % 5 == 0 else n for n in numbers], pa.int64())})).wait()
    return table


async def read(table, predicate, exact=False, project=None):
    scan = table.new_scan().filter(predicate, exact)
    if project is not None:
        scan.project_by_name(project)
    scanner = await scan.create_record_batch_log_scanner()
    scanner.subscribe(0, EARLIEST_OFFSET)
    return await scanner.to_arrow()


EXACT = [
    (col("id") == 42, [42]), (col("id") != 42, [n for n in range(100) if n != 42]), (col("id") < 3, [0, 1, 2]),
    (col("id") <= 2, [0, 1, 2]), (col("id") > 97, [98, 99]), (col("id") >= 98, [98, 99]), (97 < col("id"), [98, 99]),
    (col("id").between(10, 12), [10, 11, 12]), (col("id").is_in([5, 7, 500]), [5, 7]), (col("id").is_in([]), []),
    (col("id").is_in([5, None]), [5]), (col("id").not_in(list(range(98))), [98, 99]),
    (col("name") == "n07", [7]), (col("name").starts_with("n9"), list(range(90, 100))),
    (col("name").ends_with("3"), list(range(3, 100, 10))), (col("name").contains("44"), [44]),
    ((col("id") < 3) | (col("id") == 50), [0, 1, 2, 50]), ((col("id") > 3) & (col("id") < 6), [4, 5]),
    (~(col("id") >= 2), [0, 1]), (col("age").is_null() & (col("id") < 12), [0, 5, 10]),
    (col("age").is_not_null() & (col("id") < 4), [1, 2, 3]), (col("age") < 3, [1, 2]),
    (~(col("age") >= 3) & (col("id") < 6), [1, 2]), ((col("age") == 1).or_(col("age") == 2), [1, 2]),
    ((col("id") == 1).and_(col("age") == 1), [1]), (col("id") == np.int16(9), [9]), (col("age") == np.int64(8), [8]),
]


@pytest.mark.parametrize("statistics", [True, False])
async def test_exact_filters(conn, statistics):
    table = await batches_of(conn, statistics=statistics)
    for predicate, expected in EXACT:
        assert (await read(table, predicate, exact=True)).column("id").to_pylist() == expected, repr(predicate)


async def test_pruning_returns_whole_batches_that_may_match(conn):
    table = await batches_of(conn)
    for predicate, expected in (
        (col("id") == 42, range(40, 50)), (col("id") > 95, range(90, 100)), (col("id").is_in([5, 95]), [*range(10), *range(90, 100)]),
        (col("name") == "n42", range(40, 50)), (col("name").starts_with("n4"), range(40, 50)), (col("id") == 1000, []),
        (col("id").is_in([]), []), (col("age") > 98, range(90, 100)), ((col("id") == 5) | (col("id") == 15), range(20)),
        ((col("id") < 20) & (col("name") == "n11"), range(10, 20)), (col("name").ends_with("7"), range(100)),
    ):
        assert (await read(table, predicate)).column("id").to_pylist() == list(expected), repr(predicate)


async def test_without_statistics_nothing_is_pruned(conn):
    table = await batches_of(conn, statistics=False)
    assert (await read(table, col("id") == 42)).num_rows == 100


async def test_a_pruned_tail_does_not_keep_a_read_from_ending(conn):
    table = await batches_of(conn)
    assert (await read(table, col("id") < 10)).num_rows == 10
    scanner = await table.new_scan().filter(col("id") > 1000).create_log_scanner()
    scanner.subscribe(0, EARLIEST_OFFSET)
    assert len(await scanner.poll(0)) == 0


async def test_filter_columns_need_not_be_projected(conn):
    table = await batches_of(conn)
    for exact, count in ((False, 10), (True, 1)):
        result = await read(table, col("id") == 42, exact, ["name"])
        assert result.schema.names == ["name"] and result.num_rows == count


async def test_records_keep_their_offsets_through_a_filter(conn):
    table = await batches_of(conn)
    scanner = await table.new_scan().filter(col("id").is_in([7, 55]), exact=True).create_log_scanner()
    scanner.subscribe(0, EARLIEST_OFFSET)
    seen = []
    while len(seen) < 2:
        seen += [(record.offset, record.row["id"]) for record in await scanner.poll(20000)]
    assert seen == [(7, 7), (55, 55)]


async def test_rows_appended_one_by_one_have_statistics_too(conn):
    table = await create(conn, "t", USERS, properties=STATISTICS)
    for number in range(5):
        await table.new_append().append([number, None, None]).wait()
    assert (await read(table, col("id") == 3)).column("id").to_pylist() == [3]


async def test_a_later_filter_replaces_an_earlier_one(conn):
    table = await batches_of(conn)
    scan = table.new_scan()
    assert scan.filter(col("id") == 1).filter(col("id") == 99) is scan
    scanner = await scan.create_record_batch_log_scanner()
    scanner.subscribe(0, EARLIEST_OFFSET)
    assert (await scanner.to_arrow()).column("id").to_pylist() == list(range(90, 100))


async def test_whole_table_reads_filter_exactly(conn):
    table = await batches_of(conn)
    assert (await table.to_arrow(filter=col("id") == 42)).column("id").to_pylist() == [42]
    assert (await table.to_pandas(["name"], col("id") < 2))["name"].tolist() == ["n00", "n01"]
    keyed = await create(conn, "k", USERS, ["id"])
    await keyed.new_upsert().write_arrow(await table.to_arrow()).wait()
    assert (await keyed.to_arrow(filter=col("name") == "n42")).column("id").to_pylist() == [42]


UTC = timezone.utc
TYPED = [
    (pa.bool_(), [True, False], True), (pa.int8(), [1, 2], 2), (pa.float32(), [0.5, 1.5], 1.5), (pa.float64(), [0.1, 0.2], 0.2),
    (pa.binary(), [b"a", b"b"], b"b"), (pa.decimal128(5, 2), [Decimal("1.00"), Decimal("2.50")], Decimal("2.5")),
    (pa.decimal128(30, 3), [Decimal("1"), Decimal("12345678901234567890.125")], Decimal("12345678901234567890.125")),
    (pa.date32(), [date(2024, 1, 1), date(2024, 1, 2)], date(2024, 1, 2)), (pa.time32("s"), [time(1), time(2)], time(2)),
    (pa.time32("ms"), [time(1), time(2, 0, 0, 5000)], time(2, 0, 0, 5000)),
    (pa.timestamp("us"), [datetime(2024, 1, 1), datetime(2024, 1, 2, 3, 4, 5, 6)], datetime(2024, 1, 2, 3, 4, 5, 6)),
    (pa.timestamp("us"), [datetime(2024, 1, 1), datetime(2024, 1, 2)], pd.Timestamp("2024-01-02")),
    (pa.timestamp("us", "UTC"), [datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 2, tzinfo=UTC)],
     datetime(2024, 1, 2, 2, tzinfo=timezone(timedelta(hours=2)))),
]


@pytest.mark.parametrize("kind, values, wanted", TYPED, ids=[str(kind) for kind, _, _ in TYPED])
async def test_filters_on_every_type(conn, kind, values, wanted):
    table = await create(conn, "t", {"id": pa.int32(), "v": kind}, properties=STATISTICS)
    for number, value in enumerate(values):
        await table.new_append().append([number, value]).wait()
    found = values.index(wanted)
    assert (await read(table, col("v") == wanted, True)).column("id").to_pylist() == [found]
    pruned = [0, 1] if kind == pa.binary() else [found]  # BINARY has no statistics
    assert (await read(table, col("v") == wanted, False)).column("id").to_pylist() == pruned
    assert (await read(table, col("v").is_null(), True)).num_rows == 0
    assert (await read(table, (col("v") >= wanted) & (col("v") <= wanted), True)).column("id").to_pylist() == [found]


@pytest.mark.parametrize("predicate, text", [
    (col("nowhere") == 1, "nowhere"), (col("id") == "a", "does not match"), (col("name") == 5, "does not match"),
    (col("name") == b"a", "does not match"), (col("id") == 2**40, "out of range"), (col("id") == None, "is_null"),  # noqa: E711
    (col("dec") == Decimal("1.234"), "does not fit"), (col("flt") == 0.1, "cannot be represented exactly"),
    (col("id").starts_with("a"), "does not match"), (col("dec").contains("1"), "does not match"), (col("id") == 1.0, "does not match"), (col("lst") == 1, "lst"),
    (col("lst").is_null(), "lst"), (col("lst").is_in([1]), "lst"), ((col("id") == 1) & (col("nowhere") == 2), "nowhere"),
])
async def test_filters_that_do_not_fit_the_table(conn, predicate, text):
    fields = {"id": pa.int32(), "name": pa.string(), "dec": pa.decimal128(5, 2), "flt": pa.float32(), "lst": pa.list_(pa.int32())}
    table = await create(conn, "t", fields)
    with pytest.raises(fluss.FlussError) as info:
        await table.new_scan().filter(predicate).create_log_scanner()
    assert info.value.error_code == -2
    assert text.lower() in info.value.message.lower()


@pytest.mark.parametrize("literal", [bytearray(b"a"), [1], {"a": 1}, col("y"), object(), {1}])
def test_literals_that_are_refused(literal):
    with pytest.raises(TypeError, match="Unsupported filter literal"):
        col("x").equal(literal)
    with pytest.raises(TypeError, match="Unsupported filter literal"):
        col("x").is_in([literal])


def test_predicates_have_no_truth_value():
    one, two = col("x") == 1, col("y") == 2
    for use in (lambda: bool(one), lambda: one and two, lambda: one or two, lambda: not one, lambda: 1 < col("x") < 5):
        with pytest.raises(TypeError, match="no truth value"):
            use()
    with pytest.raises(TypeError):
        bool(col("x"))
    for use in (lambda: one & True, lambda: one | 5, lambda: one.and_(5), lambda: one.or_("a"), lambda: True & one):
        with pytest.raises(TypeError):
            use()


def test_predicates_and_columns_as_objects():
    one, same = col("x") == 1, col("x") == 1
    assert one != same and hash(one) != hash(None) and len({one, same}) == 2
    assert "Compound" in repr(one & same) and "Compound" in repr(one | same)
    assert repr(one) == 'Predicate(Leaf { field: "x", function: Equal, literals: [Int64(1)] })'
    assert repr(one & same).startswith("Predicate(Compound { function: And, children: [")
    with pytest.raises(TypeError):
        hash(col("x"))
    assert fluss.ColumnRef("x").name == col(name="x").name == "x"
    for call in (lambda: col("x").starts_with(1), lambda: col("x").contains(b"a"), lambda: col("x").is_in("abc"),
                 lambda: col("x").is_in(n for n in [1]), lambda: col(5)):
        with pytest.raises(TypeError):
            call()
    with pytest.raises(OverflowError):
        col("x") == 2**70
    with fails(-2):
        col("x") == Decimal("NaN")
    for literal in (True, 5, 1.5, "a", b"a", Decimal("1.5"), date(2024, 1, 1), time(1), datetime(2024, 1, 1), None,
                    np.int64(1), np.float32(1.5), pd.Timestamp("2024-01-01")):
        assert isinstance(col("x") == literal, fluss.Predicate)
