"""What goes wrong says what, with the code for it; and every code has its exception."""

from __future__ import annotations

import pathlib

import pyarrow as pa
import pytest

import fluss
from fluss import EARLIEST_OFFSET, ErrorCode
from support import EVENTS, USERS, create, fails, rows_of, seen


@pytest.mark.parametrize("code, name", [
    (1, "ConnectionFailedError"), (4, "DatabaseNotExistError"), (5, "DatabaseNotEmptyError"),
    (6, "DatabaseAlreadyExistError"), (7, "TableNotExistError"), (8, "TableAlreadyExistError"),
    (14, "CorruptRecordError"), (15, "InvalidTableError"), (16, "InvalidDatabaseError"),
    (19, "OffsetOutOfRangeError"), (36, "PartitionNotExistError"), (37, "TableNotPartitionedError"),
    (42, "PartitionAlreadyExistError"), (43, "InvalidPartitionSpecError"),
])
def test_exceptions_by_code(code, name):
    cls = getattr(fluss, name)
    assert issubclass(cls, fluss.FlussError) and cls.__mro__[1] is fluss.FlussError
    assert fluss.FlussError.__mro__[1] is Exception
    assert name in fluss.__all__


async def test_raised_errors_are_of_the_class_of_their_code(conn, admin):
    with pytest.raises(fluss.TableNotExistError) as info:
        await conn.get_table(fluss.TablePath("fluss", "nowhere"))
    assert info.value.error_code == ErrorCode.TABLE_NOT_EXIST and "nowhere" in info.value.message
    assert info.value.args == (info.value.message, 7) and not info.value.is_retriable
    assert str(info.value) == f"FlussError(code=7): {info.value.message}"
    with pytest.raises(fluss.DatabaseNotExistError):
        await admin.list_tables("nowhere")
    with pytest.raises(fluss.TableNotPartitionedError):
        await admin.list_partition_infos((await create(conn, "t", USERS)).get_table_path())


def test_fluss_error_takes_keywords_and_defaults():
    assert (fluss.FlussError("m").error_code, fluss.FlussError(message="m", error_code=3).error_code) == (-2, 3)


async def test_wrong_kind_of_table(conn):
    log, keyed = await create(conn, "log", USERS), await create(conn, "keyed", USERS, ["id"])
    with fails(-2, "Append is only supported for log tables (without primary key)"):
        keyed.new_append()
    with fails(-2, "Append is only supported"):
        await keyed.new_append_writer()
    with fails(-2, "Upsert is only supported for primary key tables"):
        log.new_upsert()
    with fails(-2, "Lookup is only supported for primary key tables"):
        log.new_lookup()
    with fails(-2):
        await keyed.new_scan().create_record_batch_log_scanner()
    with fails(-2):
        await keyed.new_scan().create_batch_scanner()


async def test_rows_of_the_wrong_shape(conn):
    table = await create(conn, "t", USERS)
    writer = table.new_append().create_writer()
    for row, text in (
        ([1, "a"], "Expected 3 elements, got 2"),
        ([1, "a", 2, 3], "Expected 3 elements, got 4"),
        ({"id": 1, "x": 2}, "Unknown field 'x'. Expected: id, name, age"),
        ({1: 2}, "str"),
        ("text", "Row must be a dict, list, or tuple; got str"),
        (5, "Row must be a dict, list, or tuple; got int"),
        (None, "Row must be a dict, list, or tuple; got NoneType"),
        ({"id": "x"}, "Field 'id': TypeError"),
    ):
        with fails(-2, text):
            writer.append(row)
    await writer.flush()
    assert await rows_of(conn, table) == []


async def test_nulls_where_there_must_be_a_value(conn, admin):
    path = fluss.TablePath("fluss", "t")
    schema = fluss.Schema(
        pa.schema([pa.field("id", pa.int32()), pa.field("req", pa.string(), nullable=False), ("opt", pa.int32())]), ["id"])
    await admin.create_table(path, fluss.TableDescriptor(schema))
    writer = (await conn.get_table(path)).new_upsert().create_writer()
    for row, text in (
        ({"id": 1}, "Missing value for non-nullable field 'req'"),
        ({"req": "a"}, "'id'"),
        ({"id": 1, "req": None}, "'req'"),
        ({"id": None, "req": "a"}, "'id'"),
        ([None, "a", 1], "'id'"),
    ):
        with fails(-2, text):
            writer.upsert(row)
    await writer.upsert({"id": 1, "req": "a"}).wait()
    assert await (await conn.get_table(path)).new_lookup().lookup([1]) == {"id": 1, "req": "a", "opt": None}
    for key, text in (({}, "'id'"), ({"id": 1, "req": "a"}, "Unknown field 'req'"), ([None], "'id'"), ([1, 2], "1")):
        with fails(-2, text):
            writer.delete(key)


async def test_a_partition_value_must_be_there(conn):
    table = await create(conn, "t", EVENTS, partition_keys=["region"], partitions=[{"region": "US"}])
    writer = table.new_append().create_writer()
    for row in ({"id": 1, "region": None}, {"id": 1}, [1, None, 2]):
        with pytest.raises(fluss.FlussError, match="region"):
            await writer.append(row).wait()
    await seen(conn)


@pytest.mark.parametrize("fields, keys, options, fragment", [
    (EVENTS, ["id"], {"partition_keys": ["region"]}, "region"),
    (EVENTS, None, {"partition_keys": ["region", "region"]}, "region"),
    (EVENTS, None, {"bucket_keys": ["id", "id"]}, "id"),
    ({"id": pa.int32(), "m": pa.map_(pa.string(), pa.int32())}, None, {"partition_keys": ["m"]}, "m"),
    ({"id": pa.int32(), "d": pa.decimal128(5, 2)}, None, {"partition_keys": ["d"]}, "d"),
    ({"id": pa.list_(pa.int32()), "v": pa.int32()}, ["id"], {}, "id"),
    ({"id": pa.int32(), "l": pa.list_(pa.int32())}, None, {"bucket_keys": ["l"]}, "l"),
])
async def test_keys_that_cannot_be(conn, admin, fields, keys, options, fragment):
    path = fluss.TablePath("fluss", "t")
    with pytest.raises(fluss.FlussError, match=f"'?{fragment}'?"):
        descriptor = fluss.TableDescriptor(fluss.Schema(pa.schema(list(fields.items())), keys), **options)
        await admin.create_table(path, descriptor)
    assert not await admin.table_exists(path)


async def test_wrong_buckets_partitions_and_offsets_of_subscriptions(conn):
    table = await create(conn, "t", USERS, bucket_count=2)
    parted = await create(conn, "p", EVENTS, partition_keys=["region"], partitions=[{"region": "US"}])
    (info,) = await conn.get_admin().list_partition_infos(parted.get_table_path())
    scanner = await table.new_scan().create_log_scanner()
    partitions = await parted.new_scan().create_log_scanner()
    for call, text in (
        (lambda: scanner.subscribe(2, EARLIEST_OFFSET), "2"),
        (lambda: scanner.subscribe(-1, EARLIEST_OFFSET), "-1"),
        (lambda: scanner.subscribe_buckets({0: 0, 7: 0}), "7"),
        (lambda: scanner.subscribe(0, -3), "-3"),
        (lambda: scanner.subscribe_buckets({}), "Bucket offsets are empty."),
        (lambda: scanner.subscribe_partition(info.partition_id, 0, 0), "subscribe"),
        (lambda: scanner.unsubscribe_partition(info.partition_id, 0), "unsubscribe"),
        (lambda: partitions.subscribe(0, 0), "subscribe_partition"),
        (lambda: partitions.subscribe_buckets({0: 0}), "subscribe_partition"),
        (lambda: partitions.unsubscribe(0), "unsubscribe_partition"),
        (lambda: partitions.subscribe_partition(info.partition_id, 5, 0), "5"),
        (lambda: partitions.subscribe_partition_buckets({}), "empty"),
    ):
        with fails(-2, text):
            call()
    with pytest.raises(fluss.FlussError, match="999"):
        partitions.subscribe_partition(999, 0, 0)
    with pytest.raises(TypeError):
        partitions.subscribe_partition_buckets({info.partition_id: 0})
    with pytest.raises(TypeError):
        scanner.subscribe("0", 0)


async def test_scanner_methods_of_the_other_mode(conn):
    table = await create(conn, "t", USERS)
    records = await table.new_scan().create_log_scanner()
    batches = await table.new_scan().create_record_batch_log_scanner()
    with fails(-2, "poll() requires a record-based scanner"):
        batches.poll(0)
    for call in (lambda: records.poll_arrow(0), lambda: records.poll_record_batch(0), lambda: records.to_arrow(),
                 lambda: records.to_pandas(), lambda: records.to_arrow_batch_reader()):
        with fails(-2, "This method requires a batch-based scanner"):
            call()
    with fails(-2, "-5"):
        records.poll(-5)
    with pytest.raises(TypeError):
        records.poll("5")
    with fails(-2, "No buckets subscribed"):
        await batches.to_arrow()
    with fails(-2, "No buckets subscribed"):
        batches.to_arrow_batch_reader()


async def test_offsets_beyond_the_end(conn):
    table = await create(conn, "t", USERS)
    await table.new_append().append([1, "a", 2]).wait()
    scanner = await table.new_scan().create_log_scanner()
    scanner.subscribe(0, 100)
    with fails(ErrorCode.LOG_OFFSET_OUT_OF_RANGE_EXCEPTION, "100"):
        await scanner.poll(20000)


async def test_projections_that_cannot_be(conn):
    table = await create(conn, "t", USERS)
    for scan, text in ((table.new_scan().project([3]), "3"), (table.new_scan().project([]), ""),
                       (table.new_scan().project_by_name(["x"]), "Column 'x' not found"),
                       (table.new_scan().project_by_name([]), "")):
        with fails(-2, text):
            await scan.create_log_scanner()
    with fails(-2, "limit"):
        await table.new_scan().limit(1).create_log_scanner()
    with fails(-2, "limit"):
        await table.new_scan().limit(1).create_record_batch_log_scanner()


async def damage(path: pathlib.Path, position: int) -> bytes:
    whole = path.read_bytes()
    path.write_bytes(whole[:position] + bytes([whole[position] ^ 0xFF]) + whole[position + 1:])
    return whole


def segments(directory: str) -> list[pathlib.Path]:
    return sorted((pathlib.Path(directory) / "log").rglob("*.log"))


def segment(directory: str) -> pathlib.Path:
    (found,) = segments(directory)
    return found


@pytest.mark.parametrize("where", ["first batch", "a middle batch", "last batch"])
async def test_a_damaged_segment_is_reported_and_nothing_is_lost(directory, where):
    async with await fluss.FlussConnection.open(directory) as conn:
        table = await create(conn, "t", USERS)
        writer = table.new_append().create_writer()
        for number in range(30):
            await writer.append([number, "some text to make the batch longer", number]).wait()
    path = segment(directory)
    size = path.stat().st_size
    position = {"first batch": 120, "a middle batch": size // 2, "last batch": size - 5}[where]
    whole = await damage(path, position)
    damaged = path.read_bytes()

    async with await fluss.FlussConnection.open(directory) as conn:
        with pytest.raises(fluss.FlussError) as info:
            await rows_of(conn, await conn.get_table(table.get_table_path()))
        assert info.value.error_code in (ErrorCode.CORRUPT_MESSAGE, ErrorCode.CORRUPT_RECORD_EXCEPTION)
        assert path.name in info.value.message
    assert path.read_bytes() == damaged, "the damaged file was changed"

    path.write_bytes(whole)
    async with await fluss.FlussConnection.open(directory) as conn:
        rows = await rows_of(conn, await conn.get_table(table.get_table_path()))
        assert [row["id"] for row in rows] == list(range(30))


async def test_a_torn_tail_is_cut_and_what_was_before_it_stays(directory):
    async with await fluss.FlussConnection.open(directory) as conn:
        table = await create(conn, "t", USERS)
        writer = table.new_append().create_writer()
        for number in range(10):
            await writer.append([number, None, None]).wait()
    path = segment(directory)
    size = path.stat().st_size
    with path.open("ab") as file:
        file.write(b"\x00" * 37)
    async with await fluss.FlussConnection.open(directory) as conn:
        table = await conn.get_table(table.get_table_path())
        assert [row["id"] for row in await rows_of(conn, table)] == list(range(10))
        await table.new_append().append([10, None, None]).wait()
        assert [row["id"] for row in await rows_of(conn, table)] == list(range(11))
    assert path.stat().st_size > size


async def test_other_tables_of_a_database_with_damage_are_fine(directory):
    async with await fluss.FlussConnection.open(directory) as conn:
        bad = await create(conn, "bad", USERS)
        good = await create(conn, "good", USERS)
        for table in (bad, good):
            for number in range(5):
                await table.new_append().append([number, "a", 1]).wait()
    logs = segments(directory)
    assert len(logs) == 2
    await damage(logs[0], 120)
    async with await fluss.FlussConnection.open(directory) as conn:
        assert len(await rows_of(conn, await conn.get_table(good.get_table_path()))) == 5
        with pytest.raises(fluss.FlussError):
            await rows_of(conn, await conn.get_table(bad.get_table_path()))
