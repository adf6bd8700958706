"""Scanning logs: polls, projections, subscriptions, bounded reads, iteration, limit scans."""

from __future__ import annotations

import asyncio

import pyarrow as pa
import pytest

import fluss
from fluss import EARLIEST_OFFSET, LATEST_OFFSET
from support import EVENTS, POLL_MS, USERS, create, fails, partition_ids, poll_count, subscribe_all


async def filled(conn, count=10, name="t", **options):
    """A log table with rows 0 … count - 1, one batch each."""
    table = await create(conn, name, USERS, **options)
    await fill(table, range(count))
    return table


async def fill(table, numbers):
    writer = table.new_append_writer()
    for number in numbers:
        await writer.append([number, f"n{number}", number * 10]).wait()


async def record_scanner(table, offset=EARLIEST_OFFSET):
    scanner = await table.new_scan().create_log_scanner()
    scanner.subscribe(0, offset)
    return scanner


async def batch_scanner(table, offset=EARLIEST_OFFSET):
    scanner = await table.new_scan().create_record_batch_log_scanner()
    scanner.subscribe(0, offset)
    return scanner


def ids(records):
    return [record.row["id"] for record in records]


# --- Polls ---


async def test_poll_brings_what_is_there_then_nothing(conn):
    scanner = await record_scanner(await filled(conn))
    assert ids(await poll_count(scanner, 10)) == list(range(10))
    nothing = await scanner.poll(0)
    assert len(nothing) == 0 and nothing.is_empty() and not nothing and nothing.buckets() == []
    assert list(nothing) == []


async def test_poll_waits_for_data(conn):
    table = await create(conn, "t", USERS)
    scanner = await record_scanner(table)
    polling = asyncio.ensure_future(scanner.poll(POLL_MS))
    await table.new_append().append([1, "a", 2]).wait()
    assert ids(await polling) == [1]


async def test_poll_gives_at_most_so_many_records():
    config = fluss.Config({"bootstrap.servers": "memory:", "scanner.log.max-poll-records": "7"})
    async with await fluss.FlussConnection.create(config) as conn:
        table = await create(conn, "t", USERS)
        writer = table.new_append_writer()
        for number in range(20):
            writer.append([number, None, None])
        await writer.flush()
        scanner = await record_scanner(table)
        sizes, seen = [], []
        while len(seen) < 20:
            records = await scanner.poll(POLL_MS)
            sizes.append(len(records))
            seen += ids(records)
        assert seen == list(range(20)) and max(sizes) == 7


async def test_records_know_their_bucket_and_keep_their_row(conn):
    table = await filled(conn, 3)
    records = await (await record_scanner(table)).poll(POLL_MS)
    record = records[0]
    assert record.bucket == fluss.TableBucket(table.get_table_info().table_id, 0)
    assert record.row is record.row
    record.row["id"] = 99
    assert records[0].row["id"] == 99


async def test_all_slices_of_scan_records(conn):
    records = await (await record_scanner(await filled(conn, 1))).poll(POLL_MS)
    table = await create(conn, "u", USERS)
    await table.new_append().write_arrow(pa.table({"id": pa.array(range(9), pa.int32()), "name": [None] * 9, "age": [1] * 9},
                                                  schema=table.arrow_schema)).wait()
    records = await (await record_scanner(table)).poll(POLL_MS)
    flat = list(records)
    assert len(flat) == 9
    for part in (slice(None), slice(1, 5), slice(-3, None), slice(None, None, 2), slice(None, None, -1), slice(7, 2, -2),
                 slice(20, 30)):
        assert records[part] == flat[part]
    assert [records[i] for i in range(-9, 9)] == [flat[i] for i in range(-9, 9)]
    for index in (9, -10):
        with pytest.raises(IndexError):
            records[index]
    for wrong in ("x", 1.5, None):
        with pytest.raises(TypeError, match="index must be int, slice, or TableBucket"):
            records[wrong]
    with pytest.raises(TypeError):
        5 in records
    assert records.to_arrow().column("id").to_pylist() == list(range(9))
    assert iter(records.items()) is not records.items()


async def test_batches_have_offsets_and_start_where_asked(conn):
    table = await create(conn, "t", USERS)
    writer = table.new_append_writer()
    for start in (0, 5):
        await writer.write_arrow_batch(pa.record_batch(
            [pa.array(range(start, start + 5), pa.int32()), pa.nulls(5, pa.string()), pa.nulls(5, pa.int64())],
            schema=table.arrow_schema)).wait()
    batches = await (await batch_scanner(table, 3)).poll_record_batch(POLL_MS)
    assert type(batches) is list
    assert [n for batch in batches for n in batch.batch.column(0).to_pylist()] == list(range(3, 3 + sum(len(b) for b in batches)))
    first = batches[0]
    assert (first.base_offset, first.last_offset, first.batch.num_rows) == (3, 4, 2)
    assert first.bucket.bucket_id == 0 and first.timestamp > 0
    assert first.batch is not first.batch and first.batch.equals(first.batch)
    assert ids(await poll_count(await record_scanner(table, 7), 3)) == [7, 8, 9]


async def test_poll_arrow_continues_without_duplicates(conn):
    table = await filled(conn)
    scanner = await batch_scanner(table)
    seen: list[int] = []
    while len(seen) < 10:
        polled = await scanner.poll_arrow(POLL_MS)
        assert isinstance(polled, pa.Table) and polled.num_rows > 0
        seen += polled.column("id").to_pylist()
    assert seen == list(range(10))
    empty = await scanner.poll_arrow(0)
    assert empty.num_rows == 0 and empty.schema == table.arrow_schema
    assert await scanner.poll_record_batch(0) == []
    await fill(table, [10])
    assert (await scanner.poll_batches(POLL_MS))[0].batch.column(0).to_pylist() == [10]


async def test_a_result_that_nobody_looked_at_comes_again(conn):
    table = await filled(conn, 3)
    scanner = await record_scanner(table)
    scanner.poll(POLL_MS)
    assert ids(await poll_count(scanner, 3)) == [0, 1, 2]
    scanner = await batch_scanner(table)
    for drop in (scanner.poll_arrow, scanner.poll_record_batch):
        drop(POLL_MS)
    seen: list[int] = []
    while len(seen) < 3:
        seen += (await scanner.poll_arrow(POLL_MS)).column("id").to_pylist()
    assert seen == [0, 1, 2]


async def test_a_poll_that_is_kept_and_never_looked_at_leaves_the_records(conn):
    table = await filled(conn, 3)
    scanner = await record_scanner(table)
    kept: list[object] = [scanner.poll(POLL_MS), scanner.poll(POLL_MS)]
    await asyncio.sleep(0)
    assert ids(await poll_count(scanner, 3)) == [0, 1, 2]
    scanner = await batch_scanner(table)
    kept += [scanner.poll_arrow(POLL_MS), scanner.poll_record_batch(POLL_MS)]
    assert (await scanner.poll_arrow(POLL_MS)).column("id").to_pylist() == [0, 1, 2]


async def test_polls_take_records_in_the_order_of_their_looks(conn):
    table = await filled(conn, 2)
    scanner = await record_scanner(table)
    first, second = scanner.poll(POLL_MS), scanner.poll(0)
    assert ids(await second) == [0, 1]
    await fill(table, [2])
    assert ids(await first) == [2]


async def test_a_cancelled_poll_loses_nothing(conn):
    table = await create(conn, "t", USERS)
    scanner = await record_scanner(table)
    for number in range(5):
        polling = asyncio.ensure_future(scanner.poll(POLL_MS))
        await asyncio.sleep(0)
        polling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await polling
        await fill(table, [number])
        assert ids(await poll_count(scanner, 1)) == [number]


async def test_polls_at_the_same_time_queue_up(conn):
    table = await filled(conn, 30)
    scanner = await record_scanner(table)
    results = await asyncio.gather(*(scanner.poll(100) for _ in range(10)))
    seen = [number for records in results for number in ids(records)]
    assert sorted(seen) == list(range(30)) and seen == sorted(seen)


# --- Projection ---


async def test_projections(conn):
    table = await filled(conn, 2)
    for scan, names in ((table.new_scan().project([2, 0]), ["age", "id"]),
                        (table.new_scan().project_by_name(["name"]), ["name"]),
                        (table.new_scan().project([1, 0, 2]), ["name", "id", "age"])):
        records = await scan.create_log_scanner()
        records.subscribe(0, EARLIEST_OFFSET)
        assert [list(record.row) for record in await poll_count(records, 2)] == [names] * 2
        batches = await scan.create_record_batch_log_scanner()
        batches.subscribe(0, EARLIEST_OFFSET)
        arrow = await batches.to_arrow()
        assert arrow.schema.names == names and arrow.num_rows == 2
    assert (await table.to_arrow(columns=["age"])).to_pydict() == {"age": [0, 10]}


async def test_projection_of_nested_columns(conn):
    fields = {"id": pa.int32(), "l": pa.list_(pa.int32()), "m": pa.map_(pa.string(), pa.int32()), "r": pa.struct([("a", pa.int32())])}
    table = await create(conn, "t", fields)
    await table.new_append().append([1, [1, 2], {"k": 3}, {"a": 4}]).wait()
    scanner = await table.new_scan().project_by_name(["r", "m", "l"]).create_log_scanner()
    scanner.subscribe(0, EARLIEST_OFFSET)
    (record,) = await poll_count(scanner, 1)
    assert record.row == {"r": {"a": 4}, "m": [("k", 3)], "l": [1, 2]} and list(record.row) == ["r", "m", "l"]


# --- Subscriptions ---


async def test_subscribing_again_moves_the_position(conn):
    scanner = await record_scanner(await filled(conn, 5))
    assert ids(await poll_count(scanner, 5)) == list(range(5))
    scanner.subscribe(0, 3)
    assert ids(await poll_count(scanner, 2)) == [3, 4]
    scanner.seek(scanner.assignment()[0], 4)
    assert ids(await poll_count(scanner, 1)) == [4]


async def test_subscribe_may_be_awaited(conn):
    table = await filled(conn, 2)
    scanner = await table.new_scan().create_log_scanner()
    assert await scanner.subscribe(0, EARLIEST_OFFSET) is None
    assert await scanner.subscribe_buckets({0: EARLIEST_OFFSET}) is None
    assert ids(await poll_count(scanner, 2)) == [0, 1]


async def test_latest_sees_exactly_what_is_written_afterwards(conn):
    table = await filled(conn, 5, bucket_count=2, bucket_keys=["id"])
    scanner = await table.new_scan().create_log_scanner()
    scanner.subscribe_buckets({0: LATEST_OFFSET, 1: LATEST_OFFSET})
    await fill(table, range(5, 15))
    assert sorted(ids(await poll_count(scanner, 10))) == list(range(5, 15))


async def test_latest_of_partitions(conn):
    table = await create(conn, "t", EVENTS, partition_keys=["region"], partitions=[{"region": r} for r in "ab"])
    writer = table.new_append_writer()
    for region in "ab":
        await writer.append([1, region, 0]).wait()
    scanner = await table.new_scan().create_log_scanner()
    await subscribe_all(conn, table, scanner, LATEST_OFFSET)
    await writer.append([2, "b", 0]).wait()
    assert ids(await poll_count(scanner, 1)) == [2]


async def test_unsubscribe(conn):
    table = await filled(conn, 20, bucket_count=2, bucket_keys=["id"])
    scanner = await table.new_scan().create_log_scanner()
    scanner.subscribe_buckets({0: EARLIEST_OFFSET, 1: EARLIEST_OFFSET})
    scanner.unsubscribe(0)
    scanner.unsubscribe(0)
    latest = await conn.get_admin().list_offsets(table.get_table_path(), [0, 1], "latest")
    assert {record.bucket.bucket_id for record in await poll_count(scanner, latest[1])} == {1}
    assert scanner.assignment() == [fluss.TableBucket(table.get_table_info().table_id, 1)]


async def test_positions_and_lag(conn):
    table = await filled(conn, 4)
    scanner = await record_scanner(table, 1)
    bucket = fluss.TableBucket(table.get_table_info().table_id, 0)
    assert scanner.positions() == {bucket: 1} and await scanner.lag() == {bucket: 3}
    await poll_count(scanner, 3)
    assert scanner.position(bucket) == 4 and await scanner.lag() == {bucket: 0}
    assert scanner.position(fluss.TableBucket(99, 0)) is None


async def test_subscribe_all(conn):
    table = await create(conn, "t", EVENTS, partition_keys=["region"], bucket_count=2,
                         partitions=[{"region": r} for r in "abc"])
    for number, region in enumerate("abcabc"):
        await table.new_append().append([number, region, 0]).wait()
    scanner = await table.new_scan().create_log_scanner()
    scanner.subscribe_all()
    assert sorted(ids(await poll_count(scanner, 6))) == list(range(6))
    assert len(scanner.assignment()) == 6


async def test_a_closed_scanner(conn):
    table = await filled(conn, 2)
    async with await table.new_scan().create_log_scanner() as scanner:
        scanner.subscribe(0, EARLIEST_OFFSET)
        assert len(await scanner.poll(POLL_MS)) > 0
    with fails(-2, "closed"):
        await scanner.poll(0)


async def test_partitions_of_a_scan(conn):
    table = await create(conn, "t", EVENTS, partition_keys=["region"], partitions=[{"region": r} for r in "ab"])
    for number, region in enumerate("abab"):
        await table.new_append().append([number, region, 0]).wait()
    ids_of = await partition_ids(conn, table)
    scanner = await table.new_scan().create_log_scanner()
    scanner.subscribe_partition(ids_of["a"], 0, 1)
    assert ids(await poll_count(scanner, 1)) == [2]
    scanner.unsubscribe_partition(ids_of["a"], 0)
    scanner.subscribe_partition_buckets({(ids_of["b"], 0): 0})
    records = await scanner.poll(POLL_MS)
    assert {bucket.partition_id for bucket in records.buckets()} == {ids_of["b"]}


# --- Bounded reads ---


async def test_to_arrow_then_to_pandas_read_the_same(conn):
    table = await filled(conn, 6)
    scanner = await batch_scanner(table)
    arrow = await scanner.to_arrow()
    assert type(arrow) is pa.Table and arrow.column("id").to_pylist() == list(range(6))
    frame = await scanner.to_pandas()
    assert frame["id"].tolist() == list(range(6)) and frame.index.tolist() == list(range(6))
    await fill(table, [6])
    assert (await scanner.to_arrow()).num_rows == 7
    scanner.subscribe(0, 5)
    assert (await scanner.to_arrow()).column("id").to_pylist() == [5, 6]


async def test_bounded_reads_of_nothing_keep_the_schema(conn):
    table = await create(conn, "t", USERS)
    scanner = await batch_scanner(table)
    arrow = await scanner.to_arrow()
    assert arrow.num_rows == 0 and arrow.schema == table.arrow_schema
    scanner = await table.new_scan().project([1]).create_record_batch_log_scanner()
    scanner.subscribe(0, LATEST_OFFSET)
    assert (await scanner.to_pandas()).columns.tolist() == ["name"]


async def test_reads_stop_at_the_latest_offset_of_their_start(conn):
    table = await filled(conn, 4)
    reader = (await batch_scanner(table)).to_arrow_batch_reader()
    await fill(table, [4, 5])
    assert isinstance(reader, pa.RecordBatchReader) and reader.schema == table.arrow_schema
    rows = await asyncio.to_thread(reader.read_all)
    assert rows.column("id").to_pylist() == [0, 1, 2, 3]


async def test_an_active_reader_guards_its_scanner(conn):
    table = await filled(conn, 4)
    scanner = await batch_scanner(table)
    reader = scanner.to_arrow_batch_reader()
    for call in (lambda: scanner.subscribe(0, 0), lambda: scanner.unsubscribe(0), lambda: scanner.subscribe_buckets({0: 0})):
        with fails(-2, "RecordBatchLogReader is active"):
            call()
    with fails(-2, "already active"):
        scanner.to_arrow_batch_reader()
    del reader
    with fails(-2, "No buckets subscribed"):
        scanner.to_arrow_batch_reader()
    scanner.subscribe(0, 2)
    assert scanner.to_arrow_batch_reader().read_all().column("id").to_pylist() == [2, 3]


async def test_batches_until_latest(conn):
    table = await filled(conn, 4)
    scanner = await batch_scanner(table)
    seen = [number async for batch in scanner.batches_until_latest() for number in batch.column(0).to_pylist()]
    assert seen == [0, 1, 2, 3]


async def test_reads_over_many_buckets_and_partitions(conn):
    table = await create(conn, "t", EVENTS, partition_keys=["region"], bucket_count=3,
                         partitions=[{"region": f"r{i}"} for i in range(10)])
    data = pa.table({"id": pa.array(range(5000), pa.int32()), "region": [f"r{i % 10}" for i in range(5000)],
                     "value": pa.array(range(5000), pa.int64())})
    await table.new_append().write_arrow(data).wait()
    scanner = await table.new_scan().create_record_batch_log_scanner()
    await subscribe_all(conn, table, scanner)
    assert sorted((await scanner.to_arrow()).column("id").to_pylist()) == list(range(5000))
    assert sorted((await table.to_arrow()).column("id").to_pylist()) == list(range(5000))
    assert table.head(7).num_rows == 7
    assert table.head(100_000).num_rows == 5000


async def test_progress_of_reads(conn):
    table = await create(conn, "t", USERS)
    await table.new_append().write_arrow(pa.table(
        {"id": pa.array(range(1000), pa.int32()), "name": pa.nulls(1000, pa.string()), "age": pa.nulls(1000, pa.int64())})).wait()

    class Bar:
        total = 0

        def update(self, n):
            self.total += n

    shown: list[int] = []
    bar = Bar()
    assert (await table.to_arrow(progress=shown.append)).num_rows == 1000
    assert shown[-1] == 1000 and shown == sorted(set(shown))
    assert len(await table.to_pandas(progress=bar)) == 1000
    assert bar.total == 1000
    assert (await (await batch_scanner(table)).to_arrow(progress=bar)).num_rows == 1000
    assert bar.total == 2000
    assert (await table.to_arrow(progress=True)).num_rows == 1000
    with pytest.raises(TypeError, match="progress"):
        table.to_arrow(progress=5)


# --- async for ---


async def test_async_for_over_records_and_batches(conn):
    table = await filled(conn, 5)
    seen = []
    async for record in await record_scanner(table):
        seen.append(record.row["id"])
        if len(seen) == 5:
            break
    assert seen == list(range(5))
    seen = []
    async for batch in await batch_scanner(table):
        assert isinstance(batch, fluss.RecordBatch)
        seen += batch.batch.column(0).to_pylist()
        if len(seen) == 5:
            break
    assert seen == list(range(5))


async def test_leaving_async_for_loses_and_repeats_nothing(conn):
    table = await filled(conn, 10)
    scanner = await record_scanner(table)
    bucket = fluss.TableBucket(table.get_table_info().table_id, 0)
    async for record in scanner:
        if record.row["id"] == 3:
            break
    assert scanner.position(bucket) == 4
    rest = await poll_count(scanner, 6)
    assert ids(rest) == list(range(4, 10))
    async for _ in await record_scanner(table):
        scanner.subscribe(0, 8)
        break
    assert ids(await poll_count(scanner, 2)) == [8, 9]


# --- Limit scans ---


@pytest.mark.parametrize("keys", [None, ["id"]])
async def test_limit_scans(conn, keys):
    table = await create(conn, "t", USERS, keys)
    write = table.new_append().append if keys is None else table.new_upsert().upsert
    for number in range(5):
        await write([number, f"n{number}", number]).wait()
    bucket = fluss.TableBucket(table.get_table_info().table_id, 0)
    scanner = table.new_scan().limit(3).create_bucket_batch_scanner(bucket)
    assert scanner.bucket == bucket
    batch = await scanner.next_batch()
    assert 0 < batch.batch.num_rows <= 3 and batch.bucket == bucket
    assert all(row["name"] == f"n{row['id']}" for row in batch.batch.to_pylist())
    assert await scanner.next_batch() is None and await scanner.next_batch() is None
    scan = table.new_scan().project([2, 0]).limit(100)
    arrow = await scan.create_bucket_batch_scanner(bucket).to_arrow()
    assert arrow.schema.names == ["age", "id"] and sorted(arrow.column("id").to_pylist()) == list(range(5))
    assert len(await scan.create_bucket_batch_scanner(bucket).to_pandas()) == 5
    assert sum(b.batch.num_rows for b in await scan.create_bucket_batch_scanner(bucket).collect_all_batches()) == 5


async def test_limit_scans_of_nothing_and_of_partitions(conn):
    table = await create(conn, "t", EVENTS, partition_keys=["region"], partitions=[{"region": r} for r in "ab"])
    ids_of = await partition_ids(conn, table)
    await table.new_append().append([1, "a", 2]).wait()
    table_id = table.get_table_info().table_id
    scan = table.new_scan().limit(5)
    a, b = (fluss.TableBucket.with_partition(table_id, ids_of[region], 0) for region in "ab")
    assert (await scan.create_bucket_batch_scanner(a).to_arrow()).to_pylist() == [{"id": 1, "region": "a", "value": 2}]
    empty = scan.create_bucket_batch_scanner(b)
    assert (await empty.to_arrow()).schema == table.arrow_schema
    assert await scan.create_bucket_batch_scanner(b).collect_all_batches() == []
    assert await scan.create_bucket_batch_scanner(b).next_batch() is None


async def test_limit_scans_that_cannot_be(conn):
    table = await filled(conn, 1)
    indexed = await create(conn, "indexed", USERS, log_format="indexed")
    table_id = table.get_table_info().table_id
    for limit in (0, -5):
        with fails(-2, "limit", str(limit)):
            table.new_scan().limit(limit)
    bucket = fluss.TableBucket(table_id, 0)
    with fails(-2, "limit"):
        table.new_scan().create_bucket_batch_scanner(bucket)
    with fails(-2):
        table.new_scan().limit(1).filter(fluss.col("id") == 1).create_bucket_batch_scanner(bucket)
    for wrong in (fluss.TableBucket(table_id + 7, 0), fluss.TableBucket(table_id, 99),
                  fluss.TableBucket.with_partition(table_id, 0, 0)):
        with fails(-2):
            await table.new_scan().limit(1).create_bucket_batch_scanner(wrong).next_batch()
    with fails(-2):
        indexed.new_scan().limit(1).create_bucket_batch_scanner(fluss.TableBucket(indexed.get_table_info().table_id, 0))
    with fails(-2):
        await indexed.new_scan().create_record_batch_log_scanner()


async def test_polling_without_subscriptions_gives_nothing(conn):
    table = await filled(conn, 2)
    records = await table.new_scan().create_log_scanner()
    batches = await table.new_scan().create_record_batch_log_scanner()
    for scanner in (records, batches):
        scanner.subscribe(0, EARLIEST_OFFSET)
        scanner.unsubscribe(0)
    assert (await records.poll(1)).count() == 0
    assert (await batches.poll_arrow(1)).num_rows == 0
    assert await batches.poll_record_batch(0) == []
    batches.subscribe(0, 1)
    assert (await batches.poll_arrow(POLL_MS)).num_rows == 1
