"""What many tests need: tables, and everything that was written to them."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import fluss

POLL_MS = 20_000  # how long a poll may take before a test fails; with data there it returns at once

USERS = {"id": pa.int32(), "name": pa.string(), "age": pa.int64()}
EVENTS = {"id": pa.int32(), "region": pa.string(), "value": pa.int64()}


def schema_of(fields: Mapping[str, pa.DataType], primary_keys: Sequence[str] | None = None) -> fluss.Schema:
    return fluss.Schema(pa.schema(list(fields.items())), primary_keys=primary_keys)


async def create(
    conn: fluss.FlussConnection,
    name: str,
    fields: Mapping[str, pa.DataType],
    primary_keys: Sequence[str] | None = None,
    partitions: Sequence[Mapping[str, str]] = (),
    **options: Any,
) -> fluss.FlussTable:
    """Creates a table of the database fluss, with partitions, and opens it."""
    path = fluss.TablePath("fluss", name)
    admin = conn.get_admin()
    await admin.create_table(path, fluss.TableDescriptor(schema_of(fields, primary_keys), **options))
    for spec in partitions:
        await admin.create_partition(path, dict(spec))
    return await conn.get_table(path)


def create_now(
    conn: fluss.FlussConnection,
    name: str,
    fields: Mapping[str, pa.DataType],
    primary_keys: Sequence[str] | None = None,
    **options: Any,
) -> fluss.FlussTable:
    """create() for tests without an event loop."""
    path = fluss.TablePath("fluss", name)
    conn.get_admin().create_table(path, fluss.TableDescriptor(schema_of(fields, primary_keys), **options)).wait_sync()
    return conn.get_table(path).wait_sync()


async def partition_ids(conn: fluss.FlussConnection, table: fluss.FlussTable) -> dict[str, int]:
    infos = await conn.get_admin().list_partition_infos(table.get_table_path())
    return {info.partition_name: info.partition_id for info in infos}


async def subscribe_all(
    conn: fluss.FlussConnection,
    table: fluss.FlussTable,
    scanner: fluss.LogScanner,
    offset: int = fluss.EARLIEST_OFFSET,
) -> None:
    buckets = range(table.get_table_info().num_buckets)
    if table.get_table_info().is_partitioned():
        ids = (await partition_ids(conn, table)).values()
        scanner.subscribe_partition_buckets({(p, b): offset for p in ids for b in buckets})
    else:
        scanner.subscribe_buckets(dict.fromkeys(buckets, offset))


async def poll_count(scanner: fluss.LogScanner, count: int) -> list[fluss.ScanRecord]:
    """Polls until `count` records came, and fails when a poll brings none."""
    records: list[fluss.ScanRecord] = []
    while len(records) < count:
        polled = await scanner.poll(POLL_MS)
        assert len(polled) > 0, f"{len(records)} of {count} records came"
        records.extend(polled)
    assert len(records) == count
    return records


async def records_of(conn: fluss.FlussConnection, table: fluss.FlussTable, count: int) -> list[fluss.ScanRecord]:
    """The first `count` records of a table's logs, all buckets and partitions."""
    scanner = await table.new_scan().create_log_scanner()
    await subscribe_all(conn, table, scanner)
    return await poll_count(scanner, count)


async def changes_of(conn: fluss.FlussConnection, table: fluss.FlussTable, count: int) -> list[tuple[str, dict[str, Any]]]:
    records = await records_of(conn, table, count)
    return [(record.change_type.short_string(), record.row) for record in records]


async def arrow_of(conn: fluss.FlussConnection, table: fluss.FlussTable) -> pa.Table:
    """All of a log table."""
    scanner = await table.new_scan().create_record_batch_log_scanner()
    await subscribe_all(conn, table, scanner)
    return await scanner.to_arrow()


async def rows_of(conn: fluss.FlussConnection, table: fluss.FlussTable, by: str = "id") -> list[dict[str, Any]]:
    """All rows of a log table, sorted."""
    return sorted((await arrow_of(conn, table)).to_pylist(), key=lambda row: row[by])


async def seen(conn: fluss.FlussConnection) -> None:
    """Takes the error of a write that failed before: the next flush may tell it once more."""
    with contextlib.suppress(fluss.FlussError):
        await conn.flush()


def fails(code: int, *fragments: str) -> Any:
    """Expects a FlussError of this code, whose message holds all the fragments."""
    return _Fails(code, fragments)


class _Fails:
    def __init__(self, code: int, fragments: Sequence[str]) -> None:
        self._code, self._fragments = code, fragments
        self._raises = pytest.raises(fluss.FlussError)

    def __enter__(self) -> Any:
        self._info = self._raises.__enter__()
        return self._info

    def __exit__(self, *exc: Any) -> Any:
        swallowed = self._raises.__exit__(*exc)
        error = self._info.value
        assert error.error_code == self._code, f"code {error.error_code}: {error.message}"
        for fragment in self._fragments:
            assert fragment in error.message, f"'{fragment}' is not in '{error.message}'"
        return swallowed


def child_environment() -> dict[str, str]:
    """The environment for a child process that imports the same package."""
    package = str(Path(fluss.__file__).parent.parent)
    return {**os.environ, "PYTHONPATH": os.pathsep.join([package, os.environ.get("PYTHONPATH", "")])}


def run_child(source: str, *arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """Runs Python source in a process of its own and gives what it printed."""
    return subprocess.run(
        [sys.executable, "-c", source, *arguments],
        env=child_environment(), capture_output=True, text=True, timeout=timeout, check=False,
    )
