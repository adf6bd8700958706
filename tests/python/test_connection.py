"""Opening and closing: directories, memory, context managers, and what stands in the way."""

from __future__ import annotations

import asyncio
import os
import pathlib

import pyarrow as pa
import pytest

import fluss
from support import USERS, child_environment, create, fails, rows_of, run_child


@pytest.mark.parametrize("form", ["{}", "file:{}"])
async def test_directories(directory, form):
    for address in (form.format(directory), form.format(directory)):
        async with await fluss.FlussConnection.create(fluss.Config({"bootstrap.servers": address})) as conn:
            assert await conn.get_admin().list_databases() == ["fluss"]
    assert pathlib.Path(directory).is_dir()


async def test_relative_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    async with await fluss.FlussConnection.create(fluss.Config({"bootstrap.servers": "./db"})):
        assert (tmp_path / "db").is_dir()


async def test_open_takes_a_path_or_nothing(tmp_path):
    async with await fluss.FlussConnection.open(tmp_path / "db") as conn:
        await create(conn, "t", USERS)
    async with await fluss.FlussConnection.open(str(tmp_path / "db")) as conn:
        assert await conn.get_admin().list_tables("fluss") == ["t"]
    async with await fluss.FlussConnection.open() as conn:
        assert await conn.get_admin().list_tables("fluss") == []


async def test_memory_is_private_unless_it_has_a_name():
    def memory(address):
        return fluss.FlussConnection.create(fluss.Config({"bootstrap.servers": address}))

    async with await memory("memory:") as one, await memory("memory:") as two:
        await create(one, "t", USERS)
        assert await two.get_admin().list_tables("fluss") == []
    async with await memory("memory:shared") as one, await memory("memory:shared") as two:
        await create(one, "t", USERS)
        assert await two.get_admin().list_tables("fluss") == ["t"]
    async with await memory("memory:shared") as three:
        assert await three.get_admin().list_tables("fluss") == []


async def test_two_connections_of_a_process_share_a_directory(directory):
    async with await fluss.FlussConnection.open(directory) as one:
        table = await create(one, "t", USERS)
        async with await fluss.FlussConnection.open(directory) as two:
            await table.new_append().append([1, "a", 2]).wait()
            assert len(await rows_of(two, await two.get_table(table.get_table_path()))) == 1
        assert len(await rows_of(one, table)) == 1


async def test_connect_is_create_and_both_are_context_managers(memory):
    async with fluss.FlussConnection.create(memory) as conn:
        assert isinstance(conn, fluss.FlussConnection)
    async with await fluss.FlussConnection.connect(memory) as conn:
        assert isinstance(conn, fluss.FlussConnection)
    with await fluss.FlussConnection.connect(memory) as conn:
        admin = conn.get_admin()
        assert await admin.list_databases() == ["fluss"]
    with fails(-2, "closed"):
        await admin.list_databases()


async def test_get_admin_gives_one_object_with_and_without_await(conn):
    admin = conn.get_admin()
    assert admin is conn.get_admin()
    assert await admin is admin
    assert await asyncio.wait_for(admin, 5) is admin
    assert await asyncio.gather(conn.get_admin(), admin) == [admin, admin]


async def test_the_bodys_error_passes_through_and_the_connection_closes(memory):
    with pytest.raises(ZeroDivisionError):
        async with await fluss.FlussConnection.create(memory) as conn:
            1 / 0
    with fails(-2, "closed"):
        await conn.get_admin().list_databases()
    with pytest.raises(ZeroDivisionError):
        with await fluss.FlussConnection.create(memory) as conn:
            1 / 0


async def test_close_is_idempotent_and_drains(directory):
    conn = await fluss.FlussConnection.open(directory)
    table = await create(conn, "t", USERS)
    writer = table.new_append().create_writer()
    for number in range(100):
        writer.append([number, None, None])
    assert await conn.close() is None
    assert await conn.close() is None
    async with await fluss.FlussConnection.open(directory) as again:
        table = await again.get_table(table.get_table_path())
        assert [row["id"] for row in await rows_of(again, table)] == list(range(100))


async def test_after_close_everything_says_closed(memory):
    conn = await fluss.FlussConnection.create(memory)
    log, keyed = await create(conn, "log", USERS), await create(conn, "keyed", USERS, ["id"])
    append, upsert = log.new_append().create_writer(), keyed.new_upsert().create_writer()
    lookuper = keyed.new_lookup().create_lookuper()
    scanner = await log.new_scan().create_log_scanner()
    scanner.subscribe(0, 0)
    await conn.close()
    for call in (
        lambda: append.append([1, "a", 2]).wait(),
        lambda: upsert.upsert([1, "a", 2]).wait(),
        lambda: lookuper.lookup({"id": 1}),
        lambda: conn.get_table(fluss.TablePath("fluss", "log")),
        lambda: conn.get_admin().list_databases(),
        lambda: log.new_append().append([1, "a", 2]).wait(),
        lambda: scanner.poll(1000),
    ):
        with fails(-2, "closed"):
            await call()


async def test_closing_without_await_still_writes(directory):
    source = """
import asyncio, sys, pyarrow as pa, fluss
async def main():
    conn = await fluss.FlussConnection.open(sys.argv[1])
    path = fluss.TablePath("fluss", "t")
    await conn.get_admin().create_table(path, fluss.TableDescriptor(fluss.Schema(pa.schema([("id", pa.int32())]))))
    writer = (await conn.get_table(path)).new_append().create_writer()
    for number in range(50):
        writer.append([number])
    if sys.argv[2] == "close":
        conn.close()
asyncio.run(main())
"""
    for how in ("close", "exit"):
        target = f"{directory}-{how}"
        result = run_child(source, target, how)
        assert (result.returncode, result.stderr) == (0, "")
        async with await fluss.FlussConnection.open(target) as conn:
            table = await conn.get_table(fluss.TablePath("fluss", "t"))
            assert len(await rows_of(conn, table)) == 50


async def test_a_directory_serves_one_process(directory):
    source = "import sys, fluss; fluss.FlussConnection.open(sys.argv[1]).wait_sync()"
    async with await fluss.FlussConnection.open(directory):
        result = run_child(source, directory)
        assert result.returncode != 0
        assert "FlussError" in result.stderr and "in use" in result.stderr
        assert directory in result.stderr and str(os.getpid()) in result.stderr
    assert run_child(source, directory).returncode == 0


@pytest.mark.parametrize("place", ["below a file", "a file", "proc", "read-only"])
async def test_places_that_cannot_hold_a_database(tmp_path, place):
    (tmp_path / "file").write_text("x")
    read_only = tmp_path / "read-only"
    read_only.mkdir(mode=0o500)
    if place == "read-only" and os.geteuid() == 0:
        pytest.skip("nothing is read-only for root")
    path = {"below a file": tmp_path / "file" / "db", "a file": tmp_path / "file", "proc": "/proc/weir-db",
            "read-only": read_only / "db"}[place]
    with pytest.raises(fluss.FlussError) as info:
        await fluss.FlussConnection.open(str(path))
    assert str(path) in info.value.message
    assert (tmp_path / "file").read_text() == "x"


async def test_a_directory_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "a.txt").write_text("dear")
    try:
        async with await fluss.FlussConnection.open(tmp_path / "letters"):
            pass
    except fluss.FlussError as error:
        assert "letters" in error.message
    assert (tmp_path / "letters" / "a.txt").read_text() == "dear"


@pytest.mark.parametrize("address", ["no-port", "host:port", "host:99999", ":1", "a b:1", "", ","])
async def test_addresses_that_are_none(address):
    with pytest.raises(fluss.FlussError) as info:
        await fluss.FlussConnection.create(fluss.Config({"bootstrap.servers": address}))
    assert info.value.error_code == -2


async def test_a_server_that_is_not_there():
    config = fluss.Config({"bootstrap.servers": "127.0.0.1:1", "connect-timeout": "500ms"})
    with pytest.raises(fluss.FlussError, match="127.0.0.1:1"):
        await fluss.FlussConnection.create(config)


async def test_a_dropped_connection_keeps_its_tables_alive(memory):
    async def table_only():
        conn = await fluss.FlussConnection.create(memory)
        return await create(conn, "t", USERS)

    table = await table_only()
    await table.new_append().append([1, "a", 2]).wait()
    scanner = await table.new_scan().create_record_batch_log_scanner()
    scanner.subscribe(0, fluss.EARLIEST_OFFSET)
    assert (await scanner.to_arrow()).num_rows == 1


def test_the_child_environment_finds_the_package():
    assert child_environment()["PYTHONPATH"]
    assert run_child("import fluss; print(fluss.__file__)").stdout.strip() == fluss.__file__
    assert pa.__version__
