"""Connections for the tests: most live in memory, those about files in a temporary directory."""

from __future__ import annotations

import itertools
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import fluss
import fluss.sync

_numbers = itertools.count(1)
_LIMIT_S = 300  # of a slow machine, too


@pytest.fixture(autouse=True)
def no_test_hangs():
    """Ends a test that waits for what never comes."""

    def give_up(*_):
        raise TimeoutError(f"the test did not end within {_LIMIT_S} seconds")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, _LIMIT_S, _LIMIT_S)  # again and again: closing may hang as well
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def directory(tmp_path: Path) -> str:
    """A directory that does not exist yet."""
    return str(tmp_path / "db")


@pytest.fixture
def memory() -> fluss.Config:
    return fluss.Config({"bootstrap.servers": "memory:"})


@pytest.fixture
async def conn(memory):
    connection = await fluss.FlussConnection.create(memory)
    yield connection
    await connection.close()


@pytest.fixture(scope="session")
def weir() -> str:
    """The program."""
    packaged = Path(fluss.__file__).parent / "bin" / "weir"
    binary = os.environ.get("WEIR_BINARY") or (str(packaged) if packaged.exists() else None)
    if binary is None:
        pytest.skip("no weir program: set WEIR_BINARY")
    return binary


@pytest.fixture(scope="session")
def server(weir, tmp_path_factory):
    """A server's address."""
    command = [weir, "server", "--data", str(tmp_path_factory.mktemp("server") / "data"), "--listen", "127.0.0.1:0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    told = process.stdout.readline()
    address = re.search(r"127\.0\.0\.1:\d+", told)
    assert address, told
    yield address.group(0)
    process.terminate()
    process.communicate()
    assert process.returncode == 0


@pytest.fixture
def empty_server(server) -> str:
    """The address of a server without tables: what a page of a document does does not depend on where."""
    with fluss.sync.FlussConnection.create(fluss.Config({"bootstrap.servers": server})) as connection:
        admin = connection.get_admin()
        for database in set(admin.list_databases()) - {"weir"}:
            for table in admin.list_tables(database):
                admin.drop_table(fluss.TablePath(database, table))
            if database != "fluss":
                admin.drop_database(database)
    return server


@pytest.fixture(params=["embedded", "server"])
async def sql_conn(request, memory):
    """A connection to an empty database: what SQL means there does not depend on where it is."""
    if request.param == "embedded":
        async with await fluss.FlussConnection.create(memory) as connection:
            yield connection
        return
    config = fluss.Config({"bootstrap.servers": request.getfixturevalue("server")})
    async with await fluss.FlussConnection.create(config) as connection:
        yield connection
        await connection.sql("ROLLBACK; DROP SCHEMA public CASCADE; CREATE SCHEMA public")


@pytest.fixture
async def admin(conn):
    return conn.get_admin()


@pytest.fixture(scope="module")
def shared():
    """One connection for all tests of a module, used without an event loop."""
    connection = fluss.FlussConnection.create(fluss.Config({"bootstrap.servers": "memory:"})).wait_sync()
    yield connection
    connection.close().wait_sync()


@pytest.fixture
def name() -> str:
    """A table name that no other test has."""
    return f"t{next(_numbers)}"
