"""Tables, partitions and connections that go away, or change, while somebody uses them."""

from __future__ import annotations

import asyncio

import pyarrow as pa
import pytest

import fluss
from fluss import EARLIEST_OFFSET, ErrorCode
from support import EVENTS, POLL_MS, USERS, create, fails, partition_ids, poll_count, rows_of, seen

GONE = (ErrorCode.TABLE_NOT_EXIST, ErrorCode.UNKNOWN_TABLE_OR_BUCKET_EXCEPTION, ErrorCode.PARTITION_NOT_EXISTS)


async def expect_gone(call):
    with pytest.raises(fluss.FlussError) as info:
        await call()
    assert info.value.error_code in GONE, info.value


async def test_a_dropped_table(conn, admin):
    log, keyed = await create(conn, "log", USERS), await create(conn, "keyed", USERS, ["id"])
    append, upsert = log.new_append_writer(), keyed.new_upsert().create_writer()
    lookuper = keyed.new_lookup().create_lookuper()
    for _ in range(2):
        await append.append([1, "a", 2]).wait()
        await upsert.upsert([1, "a", 2]).wait()
    scanner = await log.new_scan().create_log_scanner()
    scanner.subscribe(0, EARLIEST_OFFSET)
    for table in (log, keyed):
        await admin.drop_table(table.get_table_path())
    await expect_gone(lambda: append.append([2, "a", 2]).wait())
    await expect_gone(lambda: upsert.upsert([2, "a", 2]).wait())
    await expect_gone(lambda: lookuper.lookup([1]))
    await expect_gone(lambda: scanner.poll(POLL_MS))
    await expect_gone(lambda: log.to_arrow())
    await seen(conn)


async def test_a_table_of_the_same_name_is_another_one(conn, admin):
    before = await create(conn, "t", USERS)
    writer = before.new_append_writer()
    await writer.append([1, "a", 2]).wait()
    await admin.drop_table(before.get_table_path())
    after = await create(conn, "t", USERS)
    await expect_gone(lambda: writer.append([2, "a", 2]).wait())
    await seen(conn)
    await after.new_append().append([3, "c", 3]).wait()
    assert [row["id"] for row in await rows_of(conn, after)] == [3]


async def test_a_dropped_partition(conn, admin):
    table = await create(conn, "t", EVENTS, partition_keys=["region"], partitions=[{"region": r} for r in "ab"])
    path, ids = table.get_table_path(), await partition_ids(conn, table)
    writer = table.new_append_writer()
    for region in "ab":
        await writer.append([1, region, 1]).wait()
    scanner = await table.new_scan().create_log_scanner()
    scanner.subscribe_partition(ids["b"], 0, EARLIEST_OFFSET)
    await poll_count(scanner, 1)
    await admin.drop_partition(path, {"region": "a"})
    with fails(ErrorCode.PARTITION_NOT_EXISTS, "a"):
        await writer.append([2, "a", 2]).wait()
    await seen(conn)
    await writer.append([3, "b", 3]).wait()
    assert [record.row["id"] for record in await poll_count(scanner, 1)] == [3]
    await admin.create_partition(path, {"region": "a"})
    await writer.append([4, "a", 4]).wait()
    assert [row["id"] for row in await rows_of(conn, table)] == [1, 3, 4]


async def test_closing_ends_polls_that_wait(memory):
    conn = await fluss.FlussConnection.create(memory)
    table = await create(conn, "t", USERS)
    scanner = await table.new_scan().create_log_scanner()
    scanner.subscribe(0, EARLIEST_OFFSET)
    polling = asyncio.ensure_future(scanner.poll(POLL_MS * 100))
    await asyncio.sleep(0)
    await conn.close()
    done, _ = await asyncio.wait([polling], timeout=30)
    assert done == {polling}, "the poll still waits"
    try:
        assert len(polling.result()) == 0
    except fluss.FlussError as error:
        assert "closed" in error.message


async def test_scanners_keep_the_columns_of_their_time(conn, admin):
    table = await create(conn, "t", {"id": pa.int32()})
    await table.new_append().append([1]).wait()
    before = await table.new_scan().create_record_batch_log_scanner()
    before.subscribe(0, EARLIEST_OFFSET)
    await admin.alter_table(table.get_table_path(), add_columns=pa.schema([("note", pa.string()), ("n", pa.int64())]))
    changed = await conn.get_table(table.get_table_path())
    await changed.new_append().append([2, "two", 2]).wait()
    for scan, names in ((before, ["id"]), (await changed.new_scan().with_fixed_schema(True).create_batch_scanner(),
                                          ["id", "note", "n"])):
        scan.subscribe(0, EARLIEST_OFFSET)
        result = await scan.to_arrow()
        assert result.schema.names == names and result.column("id").to_pylist() == [1, 2]
    projected = await changed.new_scan().project([1]).create_log_scanner()
    projected.subscribe(0, EARLIEST_OFFSET)
    assert [record.row for record in await poll_count(projected, 2)] == [{"note": None}, {"note": "two"}]
    with pytest.raises(TypeError):
        changed.new_scan().with_fixed_schema("yes")


async def test_partial_updates_after_a_column_was_added(conn, admin):
    table = await create(conn, "t", {"id": pa.int32(), "v": pa.int32()}, ["id"])
    await table.new_upsert().upsert([1, 10]).wait()
    await admin.alter_table(table.get_table_path(), add_columns=pa.schema([("note", pa.string())]))
    changed = await conn.get_table(table.get_table_path())
    await changed.new_upsert(["id", "note"]).upsert([1, "n"]).wait()
    assert await changed.new_lookup().lookup([1]) == {"id": 1, "v": 10, "note": "n"}
    assert (await changed.to_arrow()).to_pylist() == [{"id": 1, "v": 10, "note": "n"}]


async def test_a_thousand_partitions(conn, admin):
    table = await create(conn, "t", EVENTS, partition_keys=["region"])
    path = table.get_table_path()
    await asyncio.gather(*(admin.create_partition(path, {"region": f"r{number:04}"}) for number in range(1000)))
    await table.new_append().write_arrow(pa.table({
        "id": pa.array(range(2000), pa.int32()), "region": [f"r{number % 1000:04}" for number in range(2000)],
        "value": pa.array(range(2000), pa.int64())})).wait()
    assert (await table.to_arrow()).num_rows == 2000
    ids = await partition_ids(conn, table)
    assert len(ids) == 1000
    some = await table.new_scan().partitions([ids["r0007"], ids["r0999"]]).to_arrow()
    assert sorted(some.column("id").to_pylist()) == [7, 999, 1007, 1999]


async def test_writers_and_readers_at_once(conn):
    """Readers see every row once and in order while several writers append."""
    table = await create(conn, "t", USERS, bucket_count=2, bucket_keys=["id"])
    count, writers = 2000, 4

    async def write(start):
        writer = table.new_append_writer()
        for number in range(start, count, writers):
            writer.append([number, None, None])
            if number % 100 == start:
                await writer.flush()
        await writer.flush()

    async def read():
        scanner = await table.new_scan().create_log_scanner()
        scanner.subscribe_buckets({0: EARLIEST_OFFSET, 1: EARLIEST_OFFSET})
        records = await poll_count(scanner, count)
        for bucket in (0, 1):
            offsets = [record.offset for record in records if record.bucket.bucket_id == bucket]
            assert offsets == list(range(len(offsets)))
        return sorted(record.row["id"] for record in records)

    results = await asyncio.gather(read(), read(), *(write(start) for start in range(writers)))
    assert results[0] == results[1] == list(range(count))
