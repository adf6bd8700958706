"""What is on disk: reopening, going on, and processes that are killed under load."""

from __future__ import annotations

import pathlib
import signal
import subprocess
import sys

import pyarrow as pa
import pytest

import fluss
from fluss import EARLIEST_OFFSET
from support import EVENTS, USERS, changes_of, child_environment, create, poll_count, rows_of


async def test_everything_is_there_after_reopening(directory):
    async with await fluss.FlussConnection.open(directory) as conn:
        admin = conn.get_admin()
        await admin.create_database("shop", fluss.DatabaseDescriptor("mine", {"a": "b"}))
        log = await create(conn, "log", EVENTS, partition_keys=["region"], comment="c", custom_properties={"x": "y"},
                           partitions=[{"region": r} for r in "ab"])
        keyed = await create(conn, "keyed", USERS, ["id"], bucket_count=3)
        for number in range(10):
            await log.new_append().append([number, "ab"[number % 2], number]).wait()
            await keyed.new_upsert().upsert([number % 5, f"n{number}", number]).wait()
        infos = {i.partition_name: i.partition_id for i in await admin.list_partition_infos(log.get_table_path())}
        before = (await admin.get_table_info(log.get_table_path()), await changes_of(conn, keyed, 15))

    async with await fluss.FlussConnection.open(directory) as conn:
        admin = conn.get_admin()
        assert (await admin.get_database_info("shop")).get_database_descriptor().comment == "mine"
        info = await admin.get_table_info(log.get_table_path())
        assert (info.table_id, info.comment, info.created_time) == (before[0].table_id, "c", before[0].created_time)
        assert info.get_custom_properties() == {"x": "y"} and info.get_schema() == before[0].get_schema()
        assert infos == {i.partition_name: i.partition_id for i in await admin.list_partition_infos(log.get_table_path())}
        log, keyed = await conn.get_table(log.get_table_path()), await conn.get_table(keyed.get_table_path())
        assert [row["id"] for row in await rows_of(conn, log)] == list(range(10))
        assert await keyed.new_lookup().lookup([3]) == {"id": 3, "name": "n8", "age": 8}
        assert (await keyed.to_arrow()).num_rows == 5
        assert sorted(map(str, await changes_of(conn, keyed, 15))) == sorted(map(str, before[1]))
        await keyed.new_upsert().upsert([3, "again", 99]).wait()
        await log.new_append().append([10, "a", 10]).wait()
        assert len(await rows_of(conn, log)) == 11
        assert len(await changes_of(conn, keyed, 17)) == 17


async def test_offsets_go_on_where_they_were(directory):
    for run in range(3):
        async with await fluss.FlussConnection.open(directory) as conn:
            if run == 0:
                table = await create(conn, "t", USERS)
            table = await conn.get_table(fluss.TablePath("fluss", "t"))
            scanner = await table.new_scan().create_log_scanner()
            scanner.subscribe(0, run * 5)
            for number in range(5):
                await table.new_append().append([run * 5 + number, None, None]).wait()
            records = await poll_count(scanner, 5)
            assert [(r.offset, r.row["id"]) for r in records] == [(run * 5 + n, run * 5 + n) for n in range(5)]


async def test_auto_increment_goes_on_where_it_was(directory):
    schema = fluss.Schema(pa.schema([pa.field("k", pa.string(), nullable=False), ("n", pa.int64())]),
                          primary_keys=["k"], auto_increment_column="n")
    one, three = fluss.TablePath("fluss", "one"), fluss.TablePath("fluss", "three")
    seen: list[int] = []
    for run in range(4):
        async with await fluss.FlussConnection.open(directory) as conn:
            if run == 0:
                for path, buckets in ((one, 1), (three, 3)):
                    await conn.get_admin().create_table(path, fluss.TableDescriptor(schema, bucket_count=buckets))
            for path, count in ((one, 1), (three, 30)):
                writer = (await conn.get_table(path)).new_upsert(columns=["k"]).create_writer()
                for number in range(count):
                    writer.upsert({"k": f"{run}-{number}"})
                await writer.flush()
            rows = (await (await conn.get_table(one)).to_arrow()).to_pylist()
            assert sorted((row["n"], row["k"]) for row in rows) == [(i + 1, f"{i}-0") for i in range(run + 1)]
            seen = (await (await conn.get_table(three)).to_arrow()).column("n").to_pylist()
    assert len(set(seen)) == len(seen) == 120
    assert max(seen) <= 3 * 100_000  # no more segments than buckets


async def test_dropped_tables_leave_no_files(directory):
    async with await fluss.FlussConnection.open(directory) as conn:
        keep = await create(conn, "keep", USERS)
        for number in range(3):
            table = await create(conn, f"t{number}", USERS)
            await table.new_append().append([1, "x" * 1000, 2]).wait()
            await conn.get_admin().drop_table(table.get_table_path())
        await keep.new_append().append([1, "a", 2]).wait()
    async with await fluss.FlussConnection.open(directory) as conn:
        assert await conn.get_admin().list_tables("fluss") == ["keep"]
    assert len(list((pathlib.Path(directory) / "log").rglob("*.log"))) == 1


async def test_memory_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    async with await fluss.FlussConnection.open() as conn:
        table = await create(conn, "t", USERS)
        await table.new_append().append([1, "a", 2]).wait()
    assert list(tmp_path.iterdir()) == []


CHILD = """
import asyncio, sys, pyarrow as pa, fluss

async def main(directory, start):
    conn = await fluss.FlussConnection.open(directory)
    log, keyed = await conn.get_table("fluss.log"), await conn.get_table("fluss.keyed")
    append, upsert = log.new_append_writer(), keyed.new_upsert().create_writer()
    number = start
    while True:
        batch = range(number, number + 10)
        handles = [append.append([n, "payload " * 20, n]) for n in batch]
        handles += [upsert.upsert([n % 200, str(n), n]) for n in batch]
        await asyncio.gather(*(handle.wait() for handle in handles))
        number += 10
        print(number, flush=True)

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


@pytest.mark.parametrize("acknowledged", [10, 300, 1000])
async def test_killed_under_load_every_acknowledged_row_is_there_once(directory, acknowledged):
    async with await fluss.FlussConnection.open(directory) as conn:
        await create(conn, "log", USERS)
        await create(conn, "keyed", USERS, ["id"], bucket_count=2)
    start, acknowledged_numbers = 0, set()
    for _ in range(2):
        child = subprocess.Popen([sys.executable, "-c", CHILD, directory, str(start)], env=child_environment(),
                                 stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        done = start
        for line in child.stdout:
            done = int(line)
            if done >= start + acknowledged:
                break
        child.send_signal(signal.SIGKILL)
        done = max([done, *(int(line) for line in child.stdout.read().split("\n")[:-1] if line)])
        child.wait()
        assert done >= start + acknowledged, "the child ended by itself"
        acknowledged_numbers.update(range(start, done))
        newest = {number % 200: number for number in sorted(acknowledged_numbers)}

        async with await fluss.FlussConnection.open(directory) as conn:
            log, keyed = await conn.get_table("fluss.log"), await conn.get_table("fluss.keyed")
            numbers = [row["id"] for row in await rows_of(conn, log)]
            assert len(numbers) == len(set(numbers)), "a row is there twice"
            assert acknowledged_numbers <= set(numbers), "an acknowledged row is missing"
            assert set(numbers) <= set(range(done + 10)), "a row that was never written"
            rows = {row["id"]: row["age"] for row in (await keyed.to_arrow()).to_pylist()}
            for key, number in newest.items():
                assert number <= rows[key] < done + 10 and rows[key] % 200 == key, f"key {key}"
            lookups = await keyed.new_lookup().lookup_many([[key] for key in newest])
            assert {row["id"]: row["age"] for row in lookups} == {key: rows[key] for key in newest}
            start = max(numbers) + 1


async def test_unsynced_databases_survive_the_process(directory):
    source = """
import os, signal, sys, pyarrow as pa, fluss
config = fluss.Config({"bootstrap.servers": sys.argv[1], "local.sync": "none"})
conn = fluss.FlussConnection.create(config).wait_sync()
schema = fluss.Schema(pa.schema([("id", pa.int32())]))
conn.get_admin().create_table("fluss.t", fluss.TableDescriptor(schema)).wait_sync()
conn.get_table("fluss.t").wait_sync().new_append().append([1]).wait().wait_sync()
os.kill(os.getpid(), signal.SIGKILL)
"""
    child = subprocess.run([sys.executable, "-c", source, directory], env=child_environment(), timeout=60)
    assert child.returncode == -signal.SIGKILL
    async with await fluss.FlussConnection.open(directory) as conn:
        assert await rows_of(conn, await conn.get_table("fluss.t")) == [{"id": 1}]


async def test_a_large_table(directory):
    config = fluss.Config({"bootstrap.servers": directory, "local.segment-bytes": "4mb"})
    count = 300_000
    async with await fluss.FlussConnection.create(config) as conn:
        table = await create(conn, "t", USERS)
        await table.new_append().write_arrow(pa.table({
            "id": pa.array(range(count), pa.int32()), "name": [f"name {n}" for n in range(count)],
            "age": pa.array(range(count), pa.int64())})).wait()
    async with await fluss.FlussConnection.create(config) as conn:
        table = await conn.get_table("fluss.t")
        column = (await table.to_arrow(["id"])).column("id")
        assert len(column) == count and column[0].as_py() == 0 and column[-1].as_py() == count - 1
        scanner = await table.new_scan().create_log_scanner()
        scanner.subscribe(0, count - 3)
        assert [record.row["id"] for record in await poll_count(scanner, 3)] == [count - 3, count - 2, count - 1]
    assert EARLIEST_OFFSET == -2
