"""Appending: rows, Arrow, pandas; handles, flush, order and buckets."""

from __future__ import annotations

import asyncio
import collections
import json

import pandas as pd
import pyarrow as pa
import pytest

import fluss
from support import EVENTS, USERS, create, fails, poll_count, records_of, rows_of, seen, subscribe_all


def batch_of(table, start, count):
    return pa.record_batch(
        [pa.array(range(start, start + count), pa.int32()), pa.array([f"n{i}" for i in range(start, start + count)]),
         pa.array(range(start, start + count), pa.int64())], schema=table.arrow_schema)


async def test_writers_await_to_themselves(conn):
    table = await create(conn, "t", USERS)
    writer = table.new_append_writer()
    assert isinstance(writer, fluss.AppendWriter) and await writer is writer
    assert isinstance(await table.new_append_writer(), fluss.AppendWriter)
    assert isinstance(table.new_append(), fluss.TableAppend)


async def test_order_is_kept_over_all_kinds_of_writes(conn):
    table = await create(conn, "t", USERS)
    writer = table.new_append_writer()
    writer.append([0, "n0", 0])
    writer.write_arrow_batch(batch_of(table, 1, 3))
    writer.append({"id": 4, "name": "n4", "age": 4})
    writer.write_arrow(pa.Table.from_batches([batch_of(table, 5, 2), batch_of(table, 7, 2)]))
    writer.write_pandas(pd.DataFrame({"id": [9], "name": ["n9"], "age": [9]}))
    writer.append((10, "n10", 10))
    await writer.flush()
    records = await records_of(conn, table, 11)
    assert [record.row["id"] for record in records] == list(range(11))
    assert [record.offset for record in records] == list(range(11))
    assert {record.change_type for record in records} == {fluss.ChangeType.AppendOnly}


@pytest.mark.parametrize("primary_keys", [None, ["id"]])
async def test_names_of_fields_may_be_new_objects_in_each_row(conn, primary_keys):
    table = await create(conn, "t", USERS, primary_keys, bucket_count=1)
    writer = table.new_upsert().create_writer() if primary_keys else table.new_append_writer()
    write = writer.upsert if primary_keys else writer.append
    kept = json.loads('["id", "name", "age"]')

    def row(number):
        values = [number, f"n{number}", number * 10]
        if number % 7 == 1:
            return dict(zip(reversed(kept), reversed(values)))
        if number % 7 == 2:
            return collections.OrderedDict(zip(kept, values))
        if number % 7 == 3:
            return {kept[0]: number, kept[2]: number * 10}
        names = kept if number % 3 else json.loads('["id", "name", "age"]')
        return dict(zip(names, values))

    for number in range(1000):
        write(row(number))
        if number % 100 == 50:
            with fails(fluss.ErrorCode.CLIENT_ERROR, "Unknown field 'nome'"):
                write({kept[0]: 1, "nome": "x", kept[2]: 2})
            with fails(fluss.ErrorCode.CLIENT_ERROR, "Field 'age'"):
                write(dict(zip(kept, (1, "x", "y"))))
    await writer.flush()
    assert [record.row for record in await records_of(conn, table, 1000)] == [
        {"id": number, "name": None if number % 7 == 3 else f"n{number}", "age": number * 10} for number in range(1000)
    ]


async def test_handles(conn):
    table = await create(conn, "t", USERS)
    writer = table.new_append_writer()
    handle = writer.append([1, "a", 2])
    assert await handle.wait() is None
    assert handle.done()
    assert await handle.wait() is None and await handle is None  # as often as one likes
    assert await writer.append([2, "b", 3]) is None
    handles = [writer.append([number, None, None]) for number in range(100)]
    assert await asyncio.gather(*(handle.wait() for handle in handles)) == [None] * 100
    assert all(handle.done() for handle in handles)


async def test_waiting_for_one_write_does_not_wait_for_the_batch_timeout():
    config = fluss.Config({"bootstrap.servers": "memory:", "writer.batch-timeout-ms": "3600000"})
    async with await fluss.FlussConnection.create(config) as conn:
        table = await create(conn, "t", USERS)
        await asyncio.wait_for(table.new_append().append([1, "a", 2]).wait(), 30)
        keyed = await create(conn, "k", USERS, ["id"])
        await asyncio.wait_for(keyed.new_upsert().upsert([1, "a", 2]).wait(), 30)
        table.new_append().append([2, "b", 3])
        await asyncio.wait_for(table.new_append_writer().flush(), 30)
        assert len(await rows_of(conn, table)) == 2


async def test_flush_covers_the_whole_connection(conn):
    one, two = await create(conn, "one", USERS), await create(conn, "two", USERS)
    one.new_append().append([1, "a", 1])
    two.new_append().append([2, "b", 2])
    await one.new_append_writer().flush()
    assert [len(await rows_of(conn, table)) for table in (one, two)] == [1, 1]
    two.new_append().append([3, "c", 3])
    assert await conn.flush() is None
    assert len(await rows_of(conn, two)) == 2


async def test_rows_without_flush_come_within_the_batch_timeout(conn):
    table = await create(conn, "t", USERS)
    scanner = await table.new_scan().create_log_scanner()
    scanner.subscribe(0, fluss.LATEST_OFFSET)
    table.new_append().append([1, "a", 2])
    assert [record.row["id"] for record in await poll_count(scanner, 1)] == [1]


async def test_writers_are_context_managers(conn):
    table, keyed = await create(conn, "t", USERS), await create(conn, "k", USERS, ["id"])
    async with table.new_append_writer() as writer:
        writer.append([1, "a", 2])
    assert len(await rows_of(conn, table)) == 1
    with pytest.raises(ZeroDivisionError):
        async with table.new_append().create_writer() as writer:
            writer.append([2, "b", 2])
            1 / 0
    assert len(await rows_of(conn, table)) == 2
    async with keyed.new_upsert().create_writer() as writer:
        writer.upsert([1, "a", 2])
    async with keyed.new_upsert() as builder:
        builder.upsert([2, "b", 2])
    assert await keyed.new_lookup().lookup_many([[1], [2]]) == [
        {"id": 1, "name": "a", "age": 2}, {"id": 2, "name": "b", "age": 2}]
    with table.new_append_writer() as writer:
        writer.append([3, "c", 3])
    assert len(await rows_of(conn, table)) == 3


async def test_flush_errors_at_the_end_of_a_block(conn):
    table = await create(conn, "t", EVENTS, partition_keys=["region"])
    with pytest.raises(fluss.PartitionNotExistError):
        async with table.new_append_writer() as writer:
            writer.append([1, "nowhere", 1])
    with pytest.raises(ZeroDivisionError):
        async with table.new_append_writer() as writer:
            writer.append([1, "nowhere", 1])
            1 / 0
    await seen(conn)


async def test_empty_arrow_batches(conn):
    table = await create(conn, "t", USERS)
    handle = table.new_append().write_arrow_batch(batch_of(table, 0, 0))
    assert handle.done()
    await handle.wait()
    await table.new_append().write_arrow(table.arrow_schema.empty_table()).wait()
    assert await conn.get_admin().list_offsets(table.get_table_path(), [0], "latest") == {0: 0}


@pytest.mark.parametrize("schema", [
    pa.schema([("id", pa.int64()), ("name", pa.string()), ("age", pa.int64())]),
    pa.schema([("id", pa.int32()), ("name", pa.large_string()), ("age", pa.int64())]),
    pa.schema([("id", pa.int32()), ("name", pa.string())]),
    pa.schema([("id", pa.int32()), ("name", pa.string()), ("age", pa.int64()), ("x", pa.int64())]),
])
async def test_arrow_types_must_be_those_of_the_table(conn, schema):
    table = await create(conn, "t", USERS)
    batch = pa.RecordBatch.from_pylist([dict.fromkeys(schema.names)], schema)
    text = "cast=True converts the columns" if len(schema) == 3 else "columns"
    with fails(-2, text):
        table.new_append().write_arrow_batch(batch)
    with fails(-2, text):
        await table.new_append().write_arrow(pa.Table.from_batches([batch])).wait()


async def test_arrow_columns_go_by_position(conn):
    table = await create(conn, "t", USERS)
    batch = batch_of(table, 1, 1).rename_columns(["a", "b", "c"])
    await table.new_append().write_arrow_batch(batch).wait()
    assert await rows_of(conn, table) == [{"id": 1, "name": "n1", "age": 1}]


async def test_arrow_cast_on_request(conn):
    table = await create(conn, "t", USERS)
    data = pa.table({"id": pa.array([1], pa.int64()), "name": pa.array(["a"], pa.large_string()), "age": pa.array([2], pa.int16())})
    await table.new_append().write_arrow(data, cast=True).wait()
    await table.new_append().write_arrow_batch(data.to_batches()[0], cast=True).wait()
    assert await rows_of(conn, table) == [{"id": 1, "name": "a", "age": 2}] * 2
    too_large = pa.table({"id": [2**40], "name": ["a"], "age": [1]})
    with pytest.raises((fluss.FlussError, pa.ArrowInvalid)):
        await table.new_append().write_arrow(too_large, cast=True).wait()


async def test_arrow_nulls_in_columns_that_have_none(conn, admin):
    path = fluss.TablePath("fluss", "t")
    schema = fluss.Schema(pa.schema([pa.field("id", pa.int32(), nullable=False)]))
    await admin.create_table(path, fluss.TableDescriptor(schema))
    table = await conn.get_table(path)
    with pytest.raises(fluss.FlussError, match="id"):
        await table.new_append().write_arrow(pa.table({"id": pa.array([1, None], pa.int32())})).wait()


async def test_pandas(conn):
    table = await create(conn, "t", USERS)
    frame = pd.DataFrame({"age": [1.0, float("nan")], "id": [1, 2], "name": ["a", None], "extra": [0, 0]}, index=[7, 8])
    await table.new_append().write_pandas(frame).wait()
    assert await rows_of(conn, table) == [{"id": 1, "name": "a", "age": 1}, {"id": 2, "name": None, "age": None}]
    with fails(-2, "extra"):
        table.new_append().write_pandas(frame, strict=True)
    with pytest.raises(KeyError, match="no columns .*name.*: add them"):
        table.new_append().write_pandas(frame[["id", "age"]])
    with pytest.raises((pa.ArrowInvalid, pa.ArrowTypeError)):
        table.new_append().write_pandas(pd.DataFrame({"id": ["x"], "name": ["a"], "age": [1]}))


async def test_slices_and_views_of_arrow_data(conn):
    table = await create(conn, "t", USERS)
    whole = pa.Table.from_batches([batch_of(table, 0, 100)])
    await table.new_append().write_arrow(whole.slice(10, 5)).wait()
    await table.new_append().write_arrow_batch(batch_of(table, 0, 100).slice(90)).wait()
    assert [row["id"] for row in await rows_of(conn, table)] == [*range(10, 15), *range(90, 100)]


async def test_bucket_keys_keep_rows_together(conn):
    table = await create(conn, "t", USERS, bucket_count=4, bucket_keys=["name"])
    writer = table.new_append_writer()
    for number in range(200):
        writer.append([number, f"n{number % 10}", number])
    names = pa.array([f"n{number % 10}" for number in range(200)])
    writer.write_arrow_batch(pa.record_batch(
        [pa.array(range(200, 400), pa.int32()), names, pa.array(range(200), pa.int64())], schema=table.arrow_schema))
    await writer.flush()
    where: dict[str, set[int]] = {}
    for record in await records_of(conn, table, 400):
        where.setdefault(record.row["name"], set()).add(record.bucket.bucket_id)
    assert all(len(buckets) == 1 for buckets in where.values())
    assert len(set.union(*where.values())) > 1


@pytest.mark.parametrize("assigner", ["round_robin", "sticky"])
async def test_keyless_rows_are_spread(assigner):
    config = fluss.Config({"bootstrap.servers": "memory:", "writer.bucket.no-key-assigner": assigner})
    async with await fluss.FlussConnection.create(config) as conn:
        table = await create(conn, "t", USERS, bucket_count=3)
        for number in range(30):
            await table.new_append().append([number, None, None]).wait()
        offsets = await conn.get_admin().list_offsets(table.get_table_path(), [0, 1, 2], "latest")
        assert sum(offsets.values()) == 30
        if assigner == "round_robin":
            assert list(offsets.values()) == [10, 10, 10]


async def test_many_rows_through_a_small_buffer():
    config = fluss.Config({
        "bootstrap.servers": "memory:", "writer.buffer.memory-size": "128kb", "writer.batch-size": "16kb",
        "writer.dynamic-batch-size-min": "8kb", "writer.request-max-size": "64kb"})
    async with await fluss.FlussConnection.create(config) as conn:
        table = await create(conn, "t", USERS)
        writer = table.new_append_writer()
        for number in range(20_000):
            writer.append([number, "some text that takes up room", number])
        await writer.flush()
        column = (await table.to_arrow()).column("id")
        assert column.to_pylist() == list(range(20_000))


async def test_rows_that_a_full_buffer_refused_are_not_there(directory):
    """Nobody waits for room here, so some rows may be refused; the others are all there, once and in order."""
    config = fluss.Config({
        "bootstrap.servers": directory, "writer.buffer.memory-size": "64kb", "writer.batch-size": "64kb",
        "writer.dynamic-batch-size-min": "64kb", "writer.buffer.wait-timeout-ms": "0", "writer.request-max-size": "64kb"})
    async with await fluss.FlussConnection.create(config) as conn:
        table = await create(conn, "t", USERS)
        writer, accepted = table.new_append_writer(), []
        for number in range(5_000):
            try:
                writer.append([number, "x" * 200, number])
                accepted.append(number)
            except fluss.FlussError as error:
                assert error.error_code == -2 and "buffer" in error.message.lower()
        await writer.flush()
        assert (await table.to_arrow(["id"])).column("id").to_pylist() == accepted
        assert len(accepted) > 100


async def test_a_row_that_is_larger_than_a_batch(conn):
    table = await create(conn, "t", USERS)
    await table.new_append().append([1, "x" * (5 << 20), 2]).wait()
    assert len((await rows_of(conn, table))[0]["name"]) == 5 << 20


async def test_a_log_that_was_read_grows(conn):
    table = await create(conn, "t", USERS)
    scanner = await table.new_scan().create_log_scanner()
    await subscribe_all(conn, table, scanner)
    for number in range(5):
        await table.new_append().append([number, None, None]).wait()
        assert [record.row["id"] for record in await poll_count(scanner, 1)] == [number]
