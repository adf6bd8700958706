"""Both styles in one program: awaited and direct, older names and newer ones, give the same."""

from __future__ import annotations

import asyncio

import pandas as pd
import pyarrow as pa
import pytest

import fluss
from fluss import EARLIEST_OFFSET
from support import POLL_MS, USERS, create


async def filled(conn, count=4):
    table = await create(conn, "t", USERS)
    await table.new_append().write_arrow(pa.table(
        {"id": pa.array(range(count), pa.int32()), "name": [f"n{i}" for i in range(count)],
         "age": pa.array(range(count), pa.int64())})).wait()
    return table


async def scanner_of(table, batches=True):
    scan = table.new_scan()
    scanner = await (scan.create_batch_scanner() if batches else scan.create_log_scanner())
    scanner.subscribe(0, EARLIEST_OFFSET)
    return scanner


async def test_poll(conn):
    table = await filled(conn)
    awaited = await (await scanner_of(table, False)).poll(POLL_MS)
    direct = (await scanner_of(table, False)).poll(timeout_ms=POLL_MS)
    assert type(awaited) is type(direct) is fluss.ScanRecords
    assert [(r.offset, r.row) for r in awaited] == [(r.offset, r.row) for r in direct]
    assert (len(direct), direct.count(), bool(direct)) == (4, 4, True)
    assert await direct is direct


async def test_poll_arrow(conn):
    table = await filled(conn)
    awaited = await (await scanner_of(table)).poll_arrow(POLL_MS)
    direct = (await scanner_of(table)).poll_arrow(timeout_ms=POLL_MS)
    assert type(awaited) is pa.Table
    assert isinstance(direct, pa.Table)
    assert direct.num_rows == 4 and direct.to_pandas()["id"].tolist() == [0, 1, 2, 3]
    assert direct.equals(awaited) and direct == awaited and awaited == direct.result()
    assert len(direct) == 4 and direct["id"].to_pylist() == [0, 1, 2, 3]
    assert pa.table(direct).equals(awaited)
    assert pa.RecordBatchReader.from_stream(direct).read_all().equals(awaited)
    assert str(direct) == str(awaited) and repr(direct) == repr(awaited)
    assert pa.concat_tables([direct.result()]).equals(awaited)
    assert await direct is await direct


async def test_poll_record_batch(conn):
    table = await filled(conn)
    awaited = await (await scanner_of(table)).poll_record_batch(POLL_MS)
    direct = (await scanner_of(table)).poll_record_batch(timeout_ms=POLL_MS)
    assert type(awaited) is list and type(direct.result()) is list and isinstance(direct, list)
    assert len(direct) == len(awaited) == 1 and direct[0].batch.equals(awaited[0].batch)
    assert [1] + direct == [1, *direct] and direct + [1] == [*direct, 1]
    assert [batch.batch.num_rows for batch in direct] == [4] and direct[:1] == [direct[0]] and direct[0] in direct
    assert await direct == direct.result()


async def test_to_arrow_and_to_pandas(conn):
    table = await filled(conn)
    scanner = await scanner_of(table)
    awaited, direct = await scanner.to_arrow(), scanner.to_arrow()
    assert type(awaited) is pa.Table and direct.num_rows == 4 and direct.equals(awaited)
    awaited, direct = await scanner.to_pandas(), scanner.to_pandas()
    assert type(awaited) is pd.DataFrame and isinstance(direct, pd.DataFrame)
    pd.testing.assert_frame_equal(awaited, direct.result())
    assert str(direct) == str(awaited) and len(direct) == 4
    assert direct["id"].tolist() == [0, 1, 2, 3] and list(direct) == ["id", "name", "age"]
    assert direct.sort_values("id", ascending=False).iloc[0]["id"] == 3
    assert (direct[["age"]] + 1)["age"].tolist() == [1, 2, 3, 4]
    assert "id" in direct and direct.shape == (4, 3)
    assert pd.concat([direct.result(), awaited]).shape == (8, 3)
    keyed = await scanner.to_pandas(types_mapper=pd.ArrowDtype)
    assert str(keyed.dtypes["id"]) == "int32[pyarrow]"


async def test_builders_are_what_they_build(conn):
    log, keyed = await create(conn, "log", USERS), await create(conn, "keyed", USERS, ["id"])
    for writer in (log.new_append(), log.new_append().create_writer(), await log.new_append_writer(), log.new_append_writer()):
        await writer.append([1, "a", 2]).wait()
        await writer.flush()
    for number, writer in enumerate((keyed.new_upsert(), keyed.new_upsert().create_writer(), keyed.new_upsert(None))):
        await writer.upsert([number, "a", 2]).wait()
        await writer.delete([99]).wait()
        await writer.flush()
    for lookuper in (keyed.new_lookup(), keyed.new_lookup().create_lookuper()):
        assert await lookuper.lookup([2]) == {"id": 2, "name": "a", "age": 2}
    assert (await log.to_arrow()).num_rows == 4


async def test_awaiting_is_harmless_where_nothing_is_to_wait_for(conn):
    log, keyed = await create(conn, "log", USERS), await create(conn, "keyed", USERS, ["id"])
    scanner = await log.new_scan().create_log_scanner()
    for each in (conn, conn.get_admin(), log, log.new_append_writer(), keyed.new_upsert().create_writer(),
                 keyed.new_lookup().create_lookuper(), scanner):
        assert await each is each
        (gathered,) = await asyncio.gather(each)
        assert gathered is each
        assert await asyncio.wait_for(each, 5) is each


async def test_older_names(conn, memory):
    table = await filled(conn)
    admin = await conn.get_admin()
    info = await admin.get_table(table.get_table_path())
    assert info.num_buckets == (await admin.get_table_info(table.get_table_path())).num_buckets
    assert isinstance(await fluss.FlussConnection.connect(memory), fluss.FlussConnection)
    scanner = await scanner_of(table)
    assert len(scanner.poll_batches(POLL_MS)) == 1
    records = await scanner_of(table, False)
    assert len(await records._async_poll(POLL_MS)) == 4
    assert len(await (await scanner_of(table))._async_poll_batches(POLL_MS)) == 1


async def test_calls_start_at_once(conn):
    """What was called is under way, awaited or not."""
    table = await create(conn, "t", USERS)
    pending = conn.get_admin().create_database("later")
    assert asyncio.isfuture(pending) and not asyncio.iscoroutine(pending)
    while not await conn.get_admin().database_exists("later"):
        pass
    assert await pending is None
    assert isinstance(conn.get_table(table.get_table_path()), fluss.Pending)


def test_the_same_calls_without_a_loop(memory):
    conn = fluss.FlussConnection.create(memory).result()
    admin = conn.get_admin()
    path = fluss.TablePath("fluss", "t")
    schema = fluss.Schema(pa.schema(list(USERS.items())))
    pending = admin.create_table(path, fluss.TableDescriptor(schema))
    assert pending.wait_sync() is None and pending.done() and pending.exception() is None
    table = conn.get_table(path).result()
    writer = table.new_append_writer()
    writer.append([1, "a", 2])
    writer.flush().wait_sync()
    scanner = table.new_scan().create_batch_scanner().wait_sync()
    scanner.subscribe(0, EARLIEST_OFFSET)
    assert scanner.to_pandas()["id"].tolist() == [1]
    missing = conn.get_table(fluss.TablePath("fluss", "no"))
    assert isinstance(missing.exception(), fluss.TableNotExistError)
    with pytest.raises(fluss.TableNotExistError):
        missing.wait_sync()

    async def later():
        return await admin.list_databases(), await pending

    listing = admin.list_databases()
    assert asyncio.run(later()) == (["fluss"], None)

    async def attach():
        return await listing

    assert asyncio.run(attach()) == ["fluss"]
    conn.close().wait_sync()


async def test_blocking_inside_a_running_loop(conn):
    table = await filled(conn)
    pending = conn.get_admin().list_databases()
    assert pending.wait_sync() == ["fluss"]
    assert await pending == ["fluss"]
    assert conn.get_table(table.get_table_path()).wait_sync(30).get_table_path() == table.get_table_path()


def test_a_wait_may_have_a_limit(shared, name):
    from support import create_now

    table = create_now(shared, name, USERS)
    scanner = table.new_scan().create_log_scanner().wait_sync()
    scanner.subscribe(0, EARLIEST_OFFSET)
    polling = scanner.poll(POLL_MS)
    with pytest.raises(TimeoutError):
        polling.result(0)
    table.new_append().append([1, "a", 2]).wait().wait_sync()
    assert len(polling.result()) == 1
