"""Connections for the tests: most live in memory, those about files in a temporary directory."""

from __future__ import annotations

import itertools
import signal
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import fluss

_numbers = itertools.count(1)
_LIMIT_S = 60


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
