"""asyncio: many tasks, cancellation, several loops, and errors that nobody looks at."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import logging
import threading

import pyarrow as pa
import pytest

import fluss
from fluss import EARLIEST_OFFSET
from support import POLL_MS, USERS, create, create_now, poll_count


async def test_many_tasks_on_one_connection(conn):
    table = await create(conn, "t", USERS, ["id"], bucket_count=3)
    lookuper = table.new_lookup().create_lookuper()

    async def work(number):
        await table.new_upsert().upsert([number, f"n{number}", number]).wait()
        row = await lookuper.lookup([number])
        assert row == {"id": number, "name": f"n{number}", "age": number}
        return number

    assert await asyncio.gather(*(work(number) for number in range(500))) == list(range(500))
    assert (await table.to_arrow()).num_rows == 500


async def test_the_loop_runs_while_something_waits(conn):
    table = await create(conn, "t", USERS)
    scanner = await table.new_scan().create_log_scanner()
    scanner.subscribe(0, EARLIEST_OFFSET)
    polling = asyncio.ensure_future(scanner.poll(POLL_MS))
    for _ in range(100):
        await asyncio.sleep(0)
    assert not polling.done()
    await table.new_append().append([1, "a", 2]).wait()
    assert len(await polling) == 1


async def test_results_are_futures_of_the_running_loop(conn):
    pending = conn.get_admin().list_databases()
    assert isinstance(pending, asyncio.Future) and pending.get_loop() is asyncio.get_running_loop()
    done, _ = await asyncio.wait([pending])
    assert done == {pending} and pending.result() == ["fluss"]
    calls = []
    pending.add_done_callback(calls.append)
    await asyncio.sleep(0)
    assert calls == [pending]
    table = await create(conn, "t", USERS)
    scanner = await table.new_scan().create_batch_scanner()
    scanner.subscribe(0, 0)
    assert (await asyncio.gather(scanner.poll_arrow(0)))[0].num_rows == 0
    assert (await asyncio.wait_for(scanner.to_arrow(), POLL_MS)).num_rows == 0
    assert (await asyncio.ensure_future(scanner.to_pandas())).empty


async def test_cancellation_of_a_wait_can_be_repeated(conn):
    table = await create(conn, "t", USERS)
    handle = table.new_append().append([1, "a", 2])
    waiting = handle.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await handle.wait() is None
    assert (await table.to_arrow()).num_rows == 1


async def test_a_time_limit_on_a_poll_loses_nothing(conn):
    table = await create(conn, "t", USERS)
    scanner = await table.new_scan().create_log_scanner()
    scanner.subscribe(0, EARLIEST_OFFSET)
    for number in range(10):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(scanner.poll(POLL_MS), 0.01)
        await table.new_append().append([number, None, None]).wait()
        assert [record.row["id"] for record in await poll_count(scanner, 1)] == [number]


async def test_cancelled_calls_of_every_kind(conn):
    table = await create(conn, "t", USERS, ["id"])
    await table.new_upsert().upsert([1, "a", 2]).wait()
    lookuper = table.new_lookup().create_lookuper()
    for call in (lambda: conn.get_admin().list_databases(), lambda: lookuper.lookup([1]), lambda: conn.flush(),
                 lambda: conn.get_table(table.get_table_path()), lambda: table.to_arrow(), lambda: table.to_polars()):
        task = asyncio.ensure_future(call())
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert (await lookuper.lookup([1]))["age"] == 2


def test_two_loops_one_after_another():
    async def first():
        conn = await fluss.FlussConnection.open()
        table = await create(conn, "t", USERS)
        await table.new_append().append([1, "a", 2]).wait()
        scanner = await table.new_scan().create_log_scanner()
        scanner.subscribe(0, EARLIEST_OFFSET)
        return conn, table, scanner

    async def second(conn, table, scanner):
        await table.new_append().append([2, "b", 3]).wait()
        assert [record.row["id"] for record in await poll_count(scanner, 2)] == [1, 2]
        await conn.close()

    asyncio.run(second(*asyncio.run(first())))


def test_two_loops_at_once(shared, name):
    table = create_now(shared, name, USERS, ["id"])
    failures: list[BaseException] = []

    async def work(start):
        lookuper = table.new_lookup().create_lookuper()
        for number in range(start, start + 100):
            await table.new_upsert().upsert([number, None, number]).wait()
            assert (await lookuper.lookup([number]))["age"] == number

    def run(start):
        try:
            asyncio.run(work(start))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(start,)) for start in (0, 1000, 2000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert table.to_arrow().num_rows == 300


def test_a_loop_that_closes_before_the_result(shared, caplog):
    async def leave():
        return shared.get_admin().list_databases()

    for _ in range(50):
        asyncio.run(leave())
    assert shared.get_admin().list_databases().wait_sync() == ["fluss"]


async def test_context_variables_are_kept(conn):
    variable = contextvars.ContextVar("variable", default="outer")
    variable.set("inner")
    seen = []
    pending = conn.get_admin().list_databases()
    pending.add_done_callback(lambda _: seen.append(variable.get()))
    await pending
    await asyncio.sleep(0)
    assert seen == ["inner"] and variable.get() == "inner"


async def test_failures_that_nobody_looks_at_are_logged(conn, caplog):
    with caplog.at_level(logging.WARNING, logger="fluss"):
        pending = conn.get_table(fluss.TablePath("fluss", "nowhere"))
        await asyncio.wait([pending])
        del pending
        gc.collect()
    assert [record for record in caplog.records if record.name == "fluss" and "nowhere" in record.getMessage()]


async def test_errors_keep_their_class_through_gather(conn):
    results = await asyncio.gather(*(conn.get_table(f"fluss.no{n}") for n in range(5)), return_exceptions=True)
    assert [type(error) for error in results] == [fluss.TableNotExistError] * 5


async def test_async_iteration_by_many_consumers(conn):
    table = await create(conn, "t", USERS, bucket_count=4, bucket_keys=["id"])
    seen: list[int] = []

    async def consume(bucket):
        scanner = await table.new_scan().create_log_scanner()
        scanner.subscribe(bucket, EARLIEST_OFFSET)
        async for record in scanner:
            if record.row["name"] == "end":
                return
            seen.append(record.row["id"])

    consumers = [asyncio.ensure_future(consume(bucket)) for bucket in range(4)]
    writer = table.new_append_writer()
    for number in range(400):
        writer.append([number, None, None])
    await writer.flush()
    for number in range(400, 600):
        writer.append([number, "end", None])
    await writer.flush()
    await asyncio.gather(*consumers)
    assert sorted(seen) == list(range(400))
    assert pa.array(seen).null_count == 0
