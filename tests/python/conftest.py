"""Connections for the tests: most live in memory, those about files in a temporary directory."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import fluss

_numbers = itertools.count(1)


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
