"""conn.sql() with a server as the target: its session is on the server, among those of everybody else."""

from __future__ import annotations

import re
import signal
import subprocess
import threading

import pyarrow as pa
import pytest

import fluss
from fluss.sync import FlussConnection

VALUES = [
    "true, 1::smallint, 2, 3::bigint, 1.5::real, 2.5::float8, 'NaN'::float8",
    "1.25::numeric(10,2), 1.5::numeric, 1e50::numeric + 0.5, 'NaN'::numeric",
    "'text', 'c'::char(3), 'v'::varchar(5), '\\x00ff'::bytea, ''",
    "date '2024-02-29', time '01:02:03.004', timestamp '2024-02-29 01:02:03', timestamptz '2024-02-29 01:02:03+02'",
    "interval '1 month 2 days 3.5 seconds', '00000000-0000-0000-0000-000000000001'::uuid, '{\"a\": 1}'::jsonb",
    "ARRAY[1, NULL, 3], ARRAY['a', 'b c'], '{}'::int[], ROW(1, 'x'), B'101', inet '10.0.0.1', money '1.50', int4range(1, 5)",
    "NULL, NULL::int, 'pg_class'::regclass",
]


@pytest.fixture
def conn(server):
    with FlussConnection.open(server) as connection:
        yield connection
        connection.sql("ROLLBACK; DROP SCHEMA public CASCADE; CREATE SCHEMA public")


@pytest.mark.parametrize("values", VALUES)
def test_values_are_as_those_of_an_embedded_database(conn, values):
    with FlussConnection.open() as embedded:
        far, near = (connection.sql(f"SELECT {values}") for connection in (conn, embedded))
    assert far.to_arrow().schema == near.to_arrow().schema
    assert far.to_arrow().to_pylist() == near.to_arrow().to_pylist() or "NaN" in values
    assert repr(far) == repr(near)


def test_a_result_without_columns_has_rows(conn):
    assert conn.sql("SELECT FROM generate_series(1, 3)").rowcount == 3
    assert conn.sql("SELECT 1 WHERE false").to_arrow().num_rows == 0


def test_large_results_come_in_pieces(conn):
    query = "SELECT i, repeat('x', 100) AS t FROM generate_series(1, 200000) i"
    rows = conn.sql(query).to_arrow()
    assert rows.num_rows == 200000 and rows.column("i").to_pylist() == list(range(1, 200001))
    assert rows.nbytes > 20_000_000
    with pytest.raises(fluss.SqlError, match="division by zero"):  # after pieces have gone out
        conn.sql("SELECT 1 / (i - 190000), repeat('x', 100) FROM generate_series(1, 200000) i")
    assert conn.sql("SELECT 1").fetchone() == (1,)


def test_everything_can_be_done(conn, server):
    conn.sql("CREATE TABLE t (id int PRIMARY KEY, v text) PARTITION BY RANGE (id)")
    conn.sql("CREATE TABLE t0 PARTITION OF t FOR VALUES FROM (0) TO (10)")
    with FlussConnection.open(server) as other:
        conn.sql("BEGIN ISOLATION LEVEL SERIALIZABLE")
        assert conn.sql("INSERT INTO t VALUES ($1, $2) RETURNING id", [1, "a"]).fetchall() == [(1,)]
        conn.sql("SAVEPOINT s")
        conn.sql("UPDATE t SET v = 'b'")
        conn.sql("ROLLBACK TO s")
        conn.sql("CREATE TABLE made (i int)")
        assert other.sql("SELECT count(*) FROM t").fetchone() == (0,)
        conn.sql("COMMIT")
        assert other.sql("SELECT v FROM t, LATERAL (SELECT count(*) FROM made) m").fetchall() == [("a",)]
        other.sql("SET lock_timeout = '10ms'")
        conn.sql("BEGIN; LOCK TABLE made")
        with pytest.raises(fluss.SqlError) as info:
            other.sql("SELECT * FROM made")
        assert info.value.sqlstate == "55P03"
        conn.sql("COMMIT; SELECT pg_advisory_lock(1)")
        assert other.sql("SELECT pg_try_advisory_lock(1)").fetchone() == (False,)
    conn.sql("PREPARE p AS SELECT 7; DECLARE c CURSOR WITH HOLD FOR SELECT 8")
    assert conn.sql("EXECUTE p").fetchall() + conn.sql("FETCH c").fetchall() == [(7,), (8,)]
    assert conn.sql("EXPLAIN SELECT 1").rowcount > 0
    with pytest.raises(fluss.SqlError) as info:
        conn.sql("SELECT 1 FROM\n [SHOW TABLES] AS s WHERE nope")
    assert (info.value.sqlstate, info.value.position) == ("42703", 41)


def test_settings_are_the_sessions(conn):
    conn.sql("SET timezone = 'Europe/Berlin'; SET datestyle = 'German'")
    assert conn.sql("SELECT date '2024-01-02'::text, current_setting('timezone')").fetchone() == ("02.01.2024", "Europe/Berlin")
    conn.sql("SET weir.dialect = 'duckdb'")
    assert conn.sql("SELECT [1, 2][1] AS x").fetchone() == (1,)
    conn.sql("RESET weir.dialect")


def test_locks_are_free_when_a_connection_is_closed(conn, server):
    conn.sql("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)")
    with FlussConnection.open(server) as other:
        other.sql("BEGIN; UPDATE t SET id = 2")
    conn.sql("SET lock_timeout = '1ms'")
    assert conn.sql("UPDATE t SET id = 3").rowcount == 1


def test_cancel(conn):
    failed: list[fluss.SqlError] = []

    def run() -> None:
        try:
            conn.sql("SELECT count(*) FROM generate_series(1, 100000000000) a, generate_series(1, 100000000000) b")
        except fluss.SqlError as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    while thread.is_alive():
        conn.cancel_sql()
        thread.join(0.05)
    assert [error.sqlstate for error in failed] == ["57014"]
    assert conn.sql("SELECT 1").fetchone() == (1,)


def test_a_session_that_is_ended_is_told_and_made_anew(conn, server):
    conn.sql("SET application_name = 'victim'; BEGIN; CREATE TABLE lost (i int)")
    with FlussConnection.open(server) as other:
        assert other.sql("SELECT state, client_addr::text FROM pg_stat_activity WHERE application_name = 'victim'").fetchall() == [
            ("idle in transaction", "127.0.0.1/32")]
        other.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'victim'")
    with pytest.raises(fluss.SqlError) as info:
        conn.sql("SELECT 1")
    assert info.value.sqlstate == "57P01"
    assert conn.sql("SHOW application_name").fetchone() == ("",)
    assert conn.sql("SELECT to_regclass('lost')").fetchone() == (None,)
    conn.sql("SET idle_in_transaction_session_timeout = '1ms'; BEGIN")
    with pytest.raises(fluss.SqlError) as info:
        while True:
            conn.sql("SELECT pg_sleep(0.01)")
    assert info.value.sqlstate == "25P03"


def start(weir: str, data: str, listen: str) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen([weir, "server", "--data", data, "--listen", listen], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    address = re.search(r"127\.0\.0\.1:\d+", process.stdout.readline())
    assert address
    return process, address.group(0)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_server_that_comes_back(weir, tmp_path, how):
    process, address = start(weir, str(tmp_path / "data"), "127.0.0.1:0")
    with FlussConnection.open(address) as conn:
        conn.sql("CREATE TABLE t (id int); INSERT INTO t VALUES (1); BEGIN; INSERT INTO t VALUES (2)")
        process.send_signal(how)
        process.communicate()
        process, _ = start(weir, str(tmp_path / "data"), address)
        with pytest.raises(fluss.SqlError) as info:
            conn.sql("COMMIT")
        assert info.value.sqlstate in ("08003", "08006", "57P01"), info.value
        assert conn.sql("SELECT id FROM t").fetchall() == [(1,)]
    process.terminate()
    process.communicate()
    assert process.returncode == 0


def test_a_session_is_its_users(weir, tmp_path):
    process, address = start(weir, str(tmp_path / "data"), "127.0.0.1:0")
    with FlussConnection.open(address) as conn:
        assert conn.sql("SELECT current_user").fetchone() == ("weir",)
        conn.sql("CREATE TABLE secret (i int); CREATE TABLE open (i int)")
        conn.sql("CREATE ROLE ann LOGIN PASSWORD 'a'; GRANT SELECT ON open TO ann")
    login = {"bootstrap.servers": address, "security.protocol": "SASL", "security.sasl.username": "ann"}
    with FlussConnection.create(fluss.Config({**login, "security.sasl.password": "a"})) as conn:
        assert conn.sql("SELECT current_user, count(*) FROM open").fetchone() == ("ann", 0)
        for refused in ("SELECT * FROM secret", "INSERT INTO open VALUES (1)", "CREATE ROLE bob"):
            with pytest.raises(fluss.SqlError) as info:
                conn.sql(refused)
            assert info.value.sqlstate == "42501"
    with pytest.raises(fluss.FlussError):
        FlussConnection.create(fluss.Config({**login, "security.sasl.password": "b"}))
    process.terminate()
    process.communicate()


def test_arrow_types_of_a_table(conn):
    conn.sql("CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE t (m mood, n numeric(5,1), a int[])")
    conn.sql("INSERT INTO t VALUES ('ok', 1.5, '{1,2}')")
    rows = conn.sql("SELECT * FROM t").to_arrow()
    assert rows.schema.field("n").type == pa.decimal128(5, 1)
    assert rows.to_pylist()[0]["a"] == [1, 2] and rows.to_pylist()[0]["m"] == "ok"
