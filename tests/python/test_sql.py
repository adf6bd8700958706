"""SQL on a connection."""

from __future__ import annotations

import asyncio
import datetime as dt
import decimal
import pickle
import subprocess
import sys
import threading
import uuid

import pyarrow as pa
import pytest

import fluss
from fluss.sync import FlussConnection
from support import USERS, create


@pytest.fixture
def conn(sql_conn):
    return sql_conn


async def test_a_table_from_beginning_to_end(conn):
    made = await conn.sql("CREATE TABLE t (id int, name text)")
    assert (made.command, made.rowcount, made.columns, made.fetchall()) == ("CREATE TABLE", -1, [], [])
    inserted = await conn.sql("INSERT INTO t VALUES (1, 'a'), (2, NULL)")
    assert (inserted.command, inserted.rowcount) == ("INSERT 0 2", 2)
    result = await conn.sql("SELECT id, name FROM t ORDER BY id")
    assert (result.command, result.rowcount, len(result)) == ("SELECT 2", 2, 2)
    assert result.columns == ["id", "name"]
    assert result.fetchall() == list(result) == [(1, "a"), (2, None)]
    assert result.fetchone() == (1, "a")
    assert result.to_arrow() == pa.table({"id": pa.array([1, 2], pa.int32()), "name": ["a", None]})
    assert pa.table(result) == result.to_arrow()
    assert result.to_pylist() == [{"id": 1, "name": "a"}, {"id": 2, "name": None}]
    assert result.to_polars().rows() == [(1, "a"), (2, None)]
    assert repr(inserted) == "SqlResult('INSERT 0 2')"
    assert repr(result) == " id | name\n----+------\n 1  | a\n 2  |\n(2 rows)"


async def test_long_results_are_shown_in_part(conn):
    shown = repr(await conn.sql("SELECT n, repeat('x', 100) || E'\\ny' AS text FROM generate_series(1, 21) AS n")).splitlines()
    assert len(shown) == 2 + 20 + 1
    assert shown[2] == " 1  | " + "x" * 59 + "…"
    assert shown[-1] == "(21 rows, the first 20 are shown)"
    assert repr(await conn.sql("SELECT E'a\\nb' AS c")) == " c\n-----\n a↵b\n(1 row)"
    assert repr(await conn.sql("SELECT 1 AS c WHERE false")) == " c\n---\n(0 rows)"


async def test_without_await(conn):
    conn.sql("CREATE TABLE t (id int)")
    conn.sql("INSERT INTO t SELECT * FROM generate_series(0, 9)")
    assert conn.sql("SELECT sum(id)::int AS total FROM t").to_arrow().to_pydict() == {"total": [45]}
    assert [row[0] for row in conn.sql("SELECT id FROM t WHERE id < 3 ORDER BY id")] == [0, 1, 2]


def test_sync():
    with FlussConnection.open() as conn:
        conn.sql("CREATE TABLE t (id int)")
        assert conn.sql("INSERT INTO t VALUES ($1)", [7]).rowcount == 1
        assert conn.sql("SELECT id FROM t").fetchall() == [(7,)]


async def test_several_statements_give_the_last_result(conn):
    result = await conn.sql("CREATE TABLE t (id int); INSERT INTO t VALUES (1); SELECT id FROM t")
    assert result.fetchall() == [(1,)]
    assert (await conn.sql("")).rowcount == -1
    with pytest.raises(fluss.SqlError) as info:
        await conn.sql("SELECT $1; SELECT 2", [1])
    assert info.value.sqlstate == "42601"


@pytest.mark.parametrize("query", ["SELECT ?", "SELECT %s", "SELECT :name"])
async def test_parameters_that_are_written_otherwise_are_told_how(conn, query):
    with pytest.raises(fluss.SqlError) as info:
        await conn.sql(query, [1])
    assert info.value.sqlstate == "42601" and info.value.hint == "Parameters are written $1, $2 and so on."
    with pytest.raises(fluss.SqlError) as info:
        await conn.sql("SELEC $1", [1])
    assert info.value.hint is None


PARAMETERS = {
    "boolean": [True, False, None],
    "integer": [0, -(2**31)],
    "bigint": [2**40],
    "numeric(30,3)": [decimal.Decimal("-12345678901234567890.125")],
    "double precision": [0.1, float("inf")],
    "text": ["", "it's", "ü\n"],
    "bytea": [b"\x00\xff"],
    "date": [dt.date(2024, 2, 29)],
    "time": [dt.time(1, 2, 3, 4000)],
    "timestamp": [dt.datetime(2024, 2, 29, 1, 2, 3, 4)],
    "timestamptz": [dt.datetime(2024, 2, 29, tzinfo=dt.timezone.utc)],
    "integer[]": [[1, None, 3], []],
    "text[]": [["a", 'q"\\', "", None]],
}


@pytest.mark.parametrize("type_name", PARAMETERS)
async def test_parameters(conn, type_name):
    await conn.sql(f"CREATE TABLE t (n int, value {type_name})")
    for number, value in enumerate(PARAMETERS[type_name]):
        await conn.sql("INSERT INTO t VALUES ($1, $2)", [number, value])
    rows = (await conn.sql("SELECT value FROM t ORDER BY n")).fetchall()
    assert [row[0] for row in rows] == PARAMETERS[type_name]


async def test_other_parameters(conn):
    row = (await conn.sql("SELECT $1::text, $2 + date '2024-01-01', $3::bigint", [
        uuid.UUID(int=1), dt.timedelta(days=1, hours=2), 5])).fetchone()
    assert row == ("00000000-0000-0000-0000-000000000001", dt.datetime(2024, 1, 2, 2), 5)


async def test_wrong_parameters(conn):
    for parameters in ("text", {"a": 1}, 5):
        with pytest.raises(TypeError, match="argument 'parameters'"):
            conn.sql("SELECT $1", parameters)
    with pytest.raises(TypeError, match="'object' cannot be a parameter"):
        conn.sql("SELECT $1", [object()])
    with pytest.raises(TypeError, match="argument 'query'"):
        conn.sql(1)
    with pytest.raises(fluss.SqlError) as info:
        await conn.sql("SELECT $1::int, $2::int", [1])
    assert info.value.sqlstate == "08P01"


async def test_transactions(conn):
    await conn.sql("CREATE TABLE t (id int)")
    await conn.sql("BEGIN")
    await conn.sql("INSERT INTO t VALUES (1)")
    assert (await conn.sql("SELECT count(*) FROM t")).fetchone() == (1,)
    await conn.sql("ROLLBACK")
    assert (await conn.sql("SELECT count(*) FROM t")).fetchone() == (0,)
    conn.sql("BEGIN")  # the statements run in their order, awaited or not
    for i in range(50):
        conn.sql("INSERT INTO t VALUES ($1)", [i])
    await conn.sql("COMMIT")
    assert (await conn.sql("SELECT count(*) FROM t")).fetchone() == (50,)


async def test_a_failed_transaction(conn):
    await conn.sql("BEGIN")
    with pytest.raises(fluss.SqlError) as info:
        await conn.sql("SELECT * FROM nowhere")
    assert info.value.sqlstate == "42P01"
    with pytest.raises(fluss.SqlError) as info:
        await conn.sql("SELECT 1")
    assert info.value.sqlstate == "25P02"
    assert (await conn.sql("ROLLBACK")).command == "ROLLBACK"
    assert (await conn.sql("SELECT 1")).fetchone() == (1,)


async def test_errors(conn):
    with pytest.raises(fluss.SqlError) as info:
        await conn.sql("SELECT 1;\nSELECT * FROM nowhere")
    error = info.value
    assert isinstance(error, fluss.FlussError)
    assert (error.sqlstate, error.message) == ("42P01", 'relation "nowhere" does not exist')
    assert error.position == 25
    assert "SQLSTATE 42P01" in str(error)
    await conn.sql("CREATE TABLE r (k int) PARTITION BY RANGE (k)")
    with pytest.raises(fluss.SqlError) as info:
        await conn.sql("INSERT INTO r VALUES (20)")
    error = info.value
    assert (error.sqlstate, error.table_name, error.hint) == ("23514", "r", None)
    assert error.detail == "Partition key of the failing row contains (k) = (20)."
    again = pickle.loads(pickle.dumps(error))
    assert (again.sqlstate, again.detail, again.message, str(again)) == (error.sqlstate, error.detail, error.message, str(error))


async def test_notices(conn):
    result = await conn.sql("DROP TABLE IF EXISTS never")
    assert result.notices == ['NOTICE: table "never" does not exist, skipping']


async def test_both_ways(conn, name):
    table = await create(conn, name, USERS)
    writer = table.new_append().create_writer()
    for i in range(100):
        writer.append({"id": i, "name": f"n{i}", "age": i})
    assert (await conn.sql(f"SELECT count(*), max(age) FROM {name}")).fetchone() == (100, 99)  # not flushed, and seen
    await conn.sql(f"INSERT INTO {name} VALUES (100, 'sql', 7)")
    rows = await table.new_scan().to_arrow()
    assert rows.num_rows == 101


async def test_html(conn):
    result = await conn.sql("SELECT '<b>' AS \"a&b\", NULL")
    assert "<th>a&amp;b</th>" in result._repr_html_()
    assert "<td>&lt;b&gt;</td><td></td>" in result._repr_html_()
    assert "first 20" in (await conn.sql("SELECT * FROM generate_series(1, 30)"))._repr_html_()
    assert (await conn.sql("CREATE TABLE t (a int)"))._repr_html_() == "<code>CREATE TABLE</code>"


async def test_pandas(conn):
    pytest.importorskip("pandas")
    frame = (await conn.sql("SELECT 1 AS a, 'x' AS b")).to_pandas()
    assert list(frame.columns) == ["a", "b"] and len(frame) == 1


async def test_the_event_loop_goes_on(conn):
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    ticker = asyncio.create_task(tick())
    await conn.sql("SELECT count(*) FROM generate_series(1, 3000000) n WHERE n % 7 = 3")
    ticker.cancel()
    assert ticks > 1


def test_cancel():
    with FlussConnection.open() as conn:
        conn.sql("SELECT 1")
        failed: list[fluss.SqlError] = []

        def run() -> None:
            try:
                conn.sql("SELECT count(*) FROM generate_series(1, 100000000000) a, generate_series(1, 100000000000) b")
            except fluss.SqlError as error:
                failed.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        while thread.is_alive():  # it may not have begun yet
            conn.cancel_sql()
            thread.join(0.05)
        assert [error.sqlstate for error in failed] == ["57014"]
        assert conn.sql("SELECT 1").fetchone() == (1,)


async def test_closing(memory):
    connection = await fluss.FlussConnection.create(memory)
    await connection.sql("CREATE TABLE t (id int)")
    await connection.sql("BEGIN")
    await connection.sql("INSERT INTO t VALUES (1)")
    await connection.close()
    with pytest.raises(fluss.SqlError, match="connection is closed"):
        await connection.sql("SELECT 1")


async def test_it_is_there_after_opening_again(directory):
    async with await fluss.FlussConnection.open(directory) as connection:
        await connection.sql("CREATE TABLE t (id int) PARTITION BY LIST (id)")
        await connection.sql("CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1)")
        await connection.sql("INSERT INTO t VALUES (1)")
    async with await fluss.FlussConnection.open(directory) as connection:
        assert (await connection.sql("SELECT id FROM t")).fetchall() == [(1,)]


@pytest.mark.parametrize("order", ["duckdb, fluss", "fluss, duckdb"])
def test_beside_the_duckdb_module(order):
    """Both bring a DuckDB of their own, of different versions."""
    pytest.importorskip("duckdb")
    first, second = order.split(", ")
    program = f"""
import {first}, {second}
from fluss.sync import FlussConnection
with FlussConnection.open() as conn:
    for round in range(3):
        assert duckdb.sql("SELECT count(*) FROM range(100000)").fetchall() == [(100000,)]
        assert conn.sql("SELECT count(*) FROM generate_series(1, 100000)").fetchone() == (100000,)
        answers = conn.sql("SELECT 42 AS answer").to_arrow()
        assert duckdb.sql("SELECT answer + 1 FROM answers").fetchall() == [(43,)]
    try:
        conn.sql("SELECT nonsense()")
    except fluss.SqlError:
        pass
    try:
        duckdb.sql("SELECT nonsense()")
    except duckdb.Error:
        print("fine")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, "fine\n"), done.stderr
