"""asyncpg: binary values of every type, prepared statements, cursors, COPY, transactions, errors."""
from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import uuid
from decimal import Decimal

import asyncpg
import pytest

from values import VALUES as COMMON_VALUES

VALUES = COMMON_VALUES | {
    "varchar(7)": ["seven"],
    "uuid": [uuid.UUID("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")],
    "jsonb": ['{"a": [1, null]}'],
    "inet": [ipaddress.ip_interface("10.0.0.1/24"), ipaddress.ip_address("::1")],
    "interval": [dt.timedelta(days=1, seconds=7)],
}


@pytest.fixture
def run(server, database):
    """Runs `work(connection)` and gives what it gives."""
    def run(work):
        async def connected():
            connection = await asyncpg.connect(host="127.0.0.1", port=server.port, user="tester", database=database)
            try:
                return await work(connection)
            finally:
                await connection.close()
        return asyncio.run(connected())
    return run


@pytest.mark.parametrize("type_name", VALUES)
def test_values_come_back_as_they_went(run, type_name):
    values = [*VALUES[type_name], None]

    async def work(connection):
        await connection.execute(f"CREATE TABLE v (id int, value {type_name})")
        await connection.executemany("INSERT INTO v VALUES ($1, $2)", list(enumerate(values)))
        return [row["value"] for row in await connection.fetch("SELECT value FROM v ORDER BY id")]
    assert run(work) == values


def test_statements_cursors_and_transactions(run):
    async def work(connection):
        await connection.execute("CREATE TABLE t (id int PRIMARY KEY, name text)")
        async with connection.transaction():
            await connection.executemany("INSERT INTO t VALUES ($1, $2)", [(i, f"n{i}") for i in range(100)])
        with pytest.raises(ZeroDivisionError):
            async with connection.transaction():
                await connection.execute("DELETE FROM t")
                raise ZeroDivisionError
        statement = await connection.prepare("SELECT name FROM t WHERE id = $1")
        assert [await statement.fetchval(i) for i in (7, 8)] == ["n7", "n8"]
        async with connection.transaction():
            seen = [row["id"] async for row in connection.cursor("SELECT id FROM t ORDER BY id", prefetch=7)]
        assert seen == list(range(100))
        with pytest.raises(asyncpg.UniqueViolationError) as caught:
            await connection.execute("INSERT INTO t VALUES (1, 'x')")
        assert (caught.value.table_name, caught.value.constraint_name) == ("t", "t_pkey")
        return await connection.fetchval("SELECT count(*) FROM t")
    assert run(work) == 100


def test_copy(run):
    async def work(connection):
        await connection.execute("CREATE TABLE t (id int, at timestamptz, name text)")
        moment = dt.datetime(2024, 7, 1, 12, tzinfo=dt.timezone.utc)
        records = [(i, moment, None if i % 2 else f"n{i}") for i in range(1000)]
        await connection.copy_records_to_table("t", records=records, columns=["id", "at", "name"])
        return [tuple(row) for row in await connection.fetch("SELECT * FROM t ORDER BY id")] == records
    assert run(work)


def test_rows_come_in_binary(run):
    async def work(connection):
        await connection.execute("CREATE TYPE point_of AS (x int, label text)")
        await connection.execute("CREATE TABLE t (a int, b numeric)")
        await connection.execute("INSERT INTO t VALUES (1, 1.50), (2, NULL)")
        plain = await connection.fetchval("SELECT row(7, 'a b'::text, NULL::int, 1.50, row(true, date '2024-02-29'))")
        rows = await connection.fetch("SELECT t FROM t ORDER BY a")
        named = await connection.fetch("SELECT row(3, 'c')::point_of AS one, array[row(4, NULL)::point_of] AS many")
        listed = await connection.fetchval("SELECT array_agg(t ORDER BY a) FROM t")
        return plain, rows, named, listed
    plain, rows, named, listed = run(work)
    assert tuple(plain[:4]) == (7, "a b", None, Decimal("1.50"))
    assert tuple(plain[4]) == (True, dt.date(2024, 2, 29))
    assert [tuple(row[0]) for row in rows] == [(1, Decimal("1.50")), (2, None)]
    assert tuple(named[0]["one"]) == (3, "c")
    assert [tuple(row) for row in named[0]["many"]] == [(4, None)]
    assert [tuple(row) for row in listed] == [(1, Decimal("1.50")), (2, None)]
