"""Partitioned tables: names from values of every allowed type, routing, and partitions that are missing."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, time, timedelta, timezone

import pyarrow as pa
import pytest

import fluss
from fluss import EARLIEST_OFFSET, ErrorCode
from support import EVENTS, create, fails, partition_ids, poll_count, records_of, rows_of, seen

DYNAMIC = {"bootstrap.servers": "memory:", "writer.dynamic-create-partition.enabled": "true"}

VALUES = [
    (pa.string(), "US", "US"), (pa.string(), "a-b_c9", "a-b_c9"), (pa.string(), "x" * 200, "x" * 200),
    (pa.bool_(), True, "true"), (pa.bool_(), False, "false"),
    (pa.int8(), -128, "-128"), (pa.int16(), 7, "7"), (pa.int32(), 0, "0"), (pa.int64(), -(2**63), "-9223372036854775808"),
    (pa.float32(), 1.5, "1_5"), (pa.float32(), 0.1, "0_1"), (pa.float64(), -2.25, "-2_25"),
    (pa.float64(), float("nan"), "NaN"), (pa.float64(), float("inf"), "Inf"), (pa.float64(), float("-inf"), "-Inf"),
    (pa.float64(), 1e10, "1_0E10"), (pa.float64(), 3.0, "3_0"),
    (pa.binary(), b"\x00\xab", "00ab"), (pa.binary(2), b"\x01\xff", "01ff"),
    (pa.date32(), date(2024, 1, 5), "2024-01-05"), (pa.date32(), date(1969, 12, 31), "1969-12-31"),
    (pa.time32("ms"), time(1, 2, 3, 4000), "01-02-03_004"), (pa.time32("s"), time(23, 59, 59), "23-59-59_000"),
    (pa.timestamp("us"), datetime(2024, 1, 2, 3, 4, 5), "2024-01-02-03-04-05_"),
    (pa.timestamp("us"), datetime(2024, 1, 2, 3, 4, 5, 123000), "2024-01-02-03-04-05_123"),
    (pa.timestamp("us"), datetime(2024, 1, 2, 3, 4, 5, 123456), "2024-01-02-03-04-05_123456"),
    (pa.timestamp("ms"), datetime(1969, 12, 31, 23, 59, 59, 1000), "1969-12-31-23-59-59_001"),
    (pa.timestamp("us", "UTC"), datetime(2024, 1, 2, 3, tzinfo=timezone(timedelta(hours=1))), "2024-01-02-02-00-00_"),
]
IDS = [f"{kind}-{text[:12]}" for kind, _, text in VALUES]


def sales(kind):
    return {"id": pa.int32(), "part": kind}


@pytest.mark.parametrize("kind, value, text", VALUES, ids=IDS)
async def test_value_text(kind, value, text):
    async with await fluss.FlussConnection.create(fluss.Config(DYNAMIC)) as conn:
        table = await create(conn, "t", sales(kind), partition_keys=["part"])
        await table.new_append().append([1, value]).wait()
        assert list(await partition_ids(conn, table)) == [text]
        await table.new_append().write_arrow(table.to_arrow().result()).wait()
        assert list(await partition_ids(conn, table)) == [text]
        assert [row["id"] for row in await rows_of(conn, table)] == [1, 1]


@pytest.mark.parametrize("kind, value, text", VALUES, ids=IDS)
async def test_partitions_made_by_hand_are_those_that_rows_go_to(conn, kind, value, text):
    table = await create(conn, "t", sales(kind), partition_keys=["part"])
    admin, path = conn.get_admin(), table.get_table_path()
    await admin.create_partition(path, {"part": text})
    await table.new_append().append([1, value]).wait()
    assert await admin.list_partition_offsets(path, text, [0], "latest") == {0: 1}
    await admin.drop_partition(path, {"part": text})
    await admin.create_partition(path, {"part": value})
    await table.new_append().append([2, value]).wait()
    assert list(await partition_ids(conn, table)) == [text]


@pytest.mark.parametrize("value", ["", "a b", "a$b", "ü", "..", "__x", "x" * 201, "a/b", "a.b"])
async def test_values_that_make_no_name(value):
    async with await fluss.FlussConnection.create(fluss.Config(DYNAMIC)) as conn:
        table = await create(conn, "t", sales(pa.string()), partition_keys=["part"])
        with pytest.raises(fluss.FlussError, match="part"):
            await table.new_append().append([1, value]).wait()
        await seen(conn)
        assert await partition_ids(conn, table) == {}


async def test_rows_go_to_their_partitions(conn):
    table = await create(conn, "t", EVENTS, partition_keys=["region"], bucket_count=2,
                         partitions=[{"region": "US"}, {"region": "EU"}])
    ids = await partition_ids(conn, table)
    writer = table.new_append().create_writer()
    for number in range(20):
        writer.append([number, "US" if number % 2 else "EU", number])
    await writer.flush()
    for region, odd in (("US", 1), ("EU", 0)):
        scanner = await table.new_scan().create_log_scanner()
        for bucket in range(2):
            scanner.subscribe_partition(ids[region], bucket, EARLIEST_OFFSET)
        records = await poll_count(scanner, 10)
        assert sorted(record.row["id"] for record in records) == list(range(odd, 20, 2))
        assert {record.bucket.partition_id for record in records} == {ids[region]}
        assert {record.bucket.table_id for record in records} == {table.get_table_info().table_id}


async def test_an_arrow_batch_is_split_by_partition(conn):
    table = await create(conn, "t", EVENTS, partition_keys=["region"], partitions=[{"region": r} for r in "abc"])
    regions = ["a", "b", "c"] * 100
    batch = pa.record_batch([pa.array(range(300), pa.int32()), pa.array(regions), pa.array(range(300), pa.int64())],
                            schema=table.arrow_schema)
    await table.new_append().write_arrow_batch(batch).wait()
    for offset, region in enumerate("abc"):
        scanner = await table.new_scan().create_batch_scanner()
        scanner.subscribe_partition((await partition_ids(conn, table))[region], 0, EARLIEST_OFFSET)
        rows = (await scanner.to_arrow()).to_pylist()
        assert [row["id"] for row in rows] == list(range(offset, 300, 3))
        assert {row["region"] for row in rows} == {region}


async def test_two_partition_columns_of_different_types():
    async with await fluss.FlussConnection.create(fluss.Config(DYNAMIC)) as conn:
        fields = {"id": pa.int32(), "day": pa.date32(), "hour": pa.int8()}
        table = await create(conn, "t", fields, partition_keys=["day", "hour"])
        writer = table.new_append().create_writer()
        writer.append([1, date(2024, 1, 5), 9])
        writer.append([2, date(2024, 1, 6), 10])
        await writer.flush()
        assert sorted(await partition_ids(conn, table)) == ["2024-01-05$9", "2024-01-06$10"]


@pytest.mark.parametrize("keys", [None, ["id", "region"]])
async def test_a_missing_partition_fails_the_write(conn, keys):
    table = await create(conn, "t", EVENTS, keys, partition_keys=["region"], partitions=[{"region": "EU"}])
    writer = table.new_append_writer() if keys is None else table.new_upsert().create_writer()
    write = writer.append if keys is None else writer.upsert
    good = write([1, "EU", 1])
    with fails(ErrorCode.PARTITION_NOT_EXISTS, "US", "t", "writer.dynamic-create-partition.enabled"):
        await write([2, "US", 2]).wait()
    await seen(conn)
    await good.wait()
    with pytest.raises(fluss.PartitionNotExistError):
        write([3, "US", 3])
        await writer.flush()
    await conn.get_admin().create_partition(table.get_table_path(), {"region": "US"})
    await write([4, "US", 4]).wait()
    assert sorted(record.row["id"] for record in await records_of(conn, table, 2)) == [1, 4]


async def test_a_flush_tells_of_its_own_tables_errors(conn):
    days = await create(conn, "days", EVENTS, partition_keys=["region"])
    other = await create(conn, "other", EVENTS)
    missing, fine = days.new_append().create_writer(), other.new_append().create_writer()
    missing.append([1, "US", 1])
    fine.append([2, "US", 2])
    await fine.flush()
    assert [record.row["id"] for record in await records_of(conn, other, 1)] == [2]
    with pytest.raises(fluss.PartitionNotExistError):
        await missing.flush()
    await conn.flush()


async def test_a_missing_partition_in_an_arrow_batch(conn):
    table = await create(conn, "t", EVENTS, partition_keys=["region"], partitions=[{"region": "EU"}])
    batch = pa.table({"id": [1, 2], "region": ["EU", "US"], "value": [1, 2]}, schema=table.arrow_schema)
    with fails(ErrorCode.PARTITION_NOT_EXISTS, "US"):
        await table.new_append().write_arrow(batch).wait()
    await seen(conn)


async def test_partitions_are_created_on_write_when_asked(directory):
    config = fluss.Config({**DYNAMIC, "bootstrap.servers": directory})
    async with await fluss.FlussConnection.create(config) as conn:
        table = await create(conn, "log", EVENTS, partition_keys=["region"])
        keyed = await create(conn, "keyed", EVENTS, ["id", "region"], partition_keys=["region"])
        handles = [table.new_append().append([number, f"r{number % 7}", 0]) for number in range(70)]
        handles += [keyed.new_upsert().upsert([number, f"r{number % 7}", 0]) for number in range(70)]
        await asyncio.gather(*(handle.wait() for handle in handles))
        for each in (table, keyed):
            assert sorted(await partition_ids(conn, each)) == [f"r{number}" for number in range(7)]
        assert [row["id"] for row in await rows_of(conn, table)] == list(range(70))
    async with await fluss.FlussConnection.open(directory) as conn:
        keyed = await conn.get_table(keyed.get_table_path())
        assert await keyed.new_lookup().lookup([8, "r1"]) == {"id": 8, "region": "r1", "value": 0}


async def test_dropping_a_partition_drops_its_rows(conn):
    table = await create(conn, "t", EVENTS, ["id", "region"], partition_keys=["region"],
                         partitions=[{"region": "a"}, {"region": "b"}])
    for region in "ab":
        await table.new_upsert().upsert([1, region, 1]).wait()
    await conn.get_admin().drop_partition(table.get_table_path(), {"region": "a"})
    lookuper = table.new_lookup().create_lookuper()
    assert await lookuper.lookup([1, "a"]) is None
    assert (await lookuper.lookup([1, "b"]))["value"] == 1
    assert (await table.to_arrow()).num_rows == 1
    await conn.get_admin().create_partition(table.get_table_path(), {"region": "a"})
    assert await lookuper.lookup([1, "a"]) is None
    await table.new_upsert().upsert([1, "a", 9]).wait()
    assert (await lookuper.lookup([1, "a"]))["value"] == 9


async def test_automatic_partitions(conn, admin):
    properties = {"table.auto-partition.enabled": "true", "table.auto-partition.time-unit": "YEAR",
                  "table.auto-partition.num-precreate": "2", "table.auto-partition.time-zone": "UTC"}
    before = datetime.now(timezone.utc).year
    table = await create(conn, "t", {"id": pa.int32(), "year": pa.string()}, partition_keys=["year"], properties=properties)
    names: dict[str, int] = {}
    for _ in range(1200):
        names = await partition_ids(conn, table)
        if names:
            break
        await asyncio.sleep(0.05)
    assert str(before) in names or str(before + 1) in names
