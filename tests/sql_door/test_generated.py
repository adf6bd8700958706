"""Generated columns at every door: COPY, psql, pg_dump, drivers and Fluss clients."""
from __future__ import annotations

import psycopg
import pytest

fluss = pytest.importorskip("fluss")

NOT_ALLOWED = 48


@pytest.fixture
def table(conn):
    conn.execute("CREATE TABLE g (a int, b int GENERATED ALWAYS AS (a * 2) STORED, c text DEFAULT 'x')")
    return "g"


def refused(conn, statement: str, state: str, *words: str) -> None:
    with pytest.raises(psycopg.Error) as info:
        conn.execute(statement)
    conn.rollback()
    assert info.value.sqlstate == state, info.value
    for word in words:
        assert word in str(info.value)


def test_copy_leaves_them_out(conn, table):
    with conn.cursor().copy("COPY g FROM STDIN") as copy:
        for row in range(5000):
            copy.write_row([row, "c"])
    assert conn.execute("SELECT count(*), sum(b) - 2 * sum(a) FROM g").fetchone() == (5000, 0)
    with conn.cursor().copy("COPY (SELECT * FROM g WHERE a = 3) TO STDOUT") as copy:
        assert b"".join(copy) == b"3\t6\tc\n"
    conn.execute("DELETE FROM g WHERE a > 0")
    with conn.cursor().copy("COPY g TO STDOUT") as copy:
        assert b"".join(copy) == b"0\tc\n"
    conn.commit()
    refused(conn, "COPY g (a, b) TO STDOUT", "42P10", 'column "b" is a generated column',
            "Generated columns cannot be used in COPY.")
    for statement in ("COPY g (b) FROM STDIN", "COPY g FROM STDIN WHERE b > 3"):
        with pytest.raises(psycopg.Error) as info, conn.cursor().copy(statement) as copy:
            copy.write_row([1, "c"])
        conn.rollback()
        assert info.value.sqlstate == "42P10"


def test_prepared_statements_compute_them(conn, table):
    for a in range(20):
        assert conn.execute("INSERT INTO g VALUES (%s) RETURNING b", [a], prepare=True).fetchone() == (2 * a,)
    conn.execute("CREATE TABLE k (id int PRIMARY KEY, v text, n int GENERATED ALWAYS AS (length(v)) STORED)")
    for id in range(20):
        conn.execute("INSERT INTO k VALUES (%s, %s)", [id, "v" * id], prepare=True)
    for id in range(20):
        conn.execute("UPDATE k SET v = v || %s WHERE id = %s", ["xyz", id], prepare=True)
        row = conn.execute("SELECT n, length(v) FROM k WHERE id = %s", [id], prepare=True).fetchone()
        assert row == (id + 3, id + 3)
        got = conn.execute("UPDATE k SET v = %s WHERE id = %s RETURNING n", ["abcd", id], prepare=True).fetchone()
        assert got == (4,)


def test_a_value_that_changes_each_time_is_computed_once(conn):
    conn.execute("CREATE TABLE v (id int PRIMARY KEY, r double precision DEFAULT random(), "
                 "s double precision GENERATED ALWAYS AS (r + 1) STORED)")
    conn.execute("INSERT INTO v (id) SELECT i FROM generate_series(1, 100) i")
    conn.execute("UPDATE v SET r = random() WHERE id > 50")
    conn.execute("INSERT INTO v (id) VALUES (1), (200) ON CONFLICT (id) DO UPDATE SET r = random()")
    assert conn.execute("SELECT count(*) FROM v WHERE s <> r + 1").fetchone() == (0,)


def test_psql_and_the_catalogs_show_them(server, database, conn, table):
    conn.commit()
    assert "generated always as (a * 2) stored" in server.psql("-c", r"\d g", database=database)
    shown = conn.execute("SELECT column_name, column_default, is_generated, generation_expression "
                         "FROM information_schema.columns WHERE table_name = 'g' AND table_schema = 'public' ORDER BY 1").fetchall()
    assert shown[0] == ("a", None, "NEVER", None)
    assert shown[1][:3] == ("b", None, "ALWAYS") and "a * 2" in shown[1][3]
    assert shown[2] == ("c", "'x'::text", "NEVER", None)


def test_a_dump_is_loaded_again(server, database, conn, table):
    conn.execute("CREATE TABLE p (a int, b int GENERATED ALWAYS AS (a * 2) STORED) PARTITION BY RANGE (a)")
    conn.execute("CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10)")
    conn.execute("INSERT INTO g VALUES (1), (2)")
    conn.execute("INSERT INTO p VALUES (5)")
    conn.commit()
    dumped = server.dump("-t", "public.*", database)
    assert "GENERATED ALWAYS AS" in dumped
    conn.execute("DROP TABLE g, p")
    conn.commit()
    server.psql("-v", "ON_ERROR_STOP=1", database=database, text=dumped)
    assert conn.execute("SELECT a, b FROM g ORDER BY a").fetchall() == [(1, 2), (2, 4)]
    assert conn.execute("INSERT INTO p VALUES (6) RETURNING b").fetchone() == (12,)


def test_only_sql_computes_them(client, database, conn, table):
    conn.execute("CREATE TABLE k (id int PRIMARY KEY, n int GENERATED ALWAYS AS (id + 1) STORED)")
    conn.execute("INSERT INTO k VALUES (1), (2)")
    conn.commit()
    with pytest.raises(fluss.FlussError) as info:
        with client.get_table(f"{database}.g").new_append().create_writer() as writer:
            writer.append({"a": 1, "b": 5, "c": "x"})
    assert info.value.error_code == NOT_ALLOWED
    assert 'the generated column "b" is computed by SQL only' in str(info.value)
    with client.get_table(f"{database}.k").new_upsert().create_writer() as writer:
        writer.delete({"id": 1})
    assert conn.execute("SELECT id, n FROM k").fetchall() == [(2, 3)]


def test_they_survive_a_restart(start_server):
    server = start_server()
    with server.connect(autocommit=True) as conn:
        conn.execute("CREATE TABLE g (a int, b int GENERATED ALWAYS AS (a * 2) STORED)")
    server.stop()
    server = start_server()
    with server.connect(autocommit=True) as conn:
        assert conn.execute("INSERT INTO g VALUES (4) RETURNING b").fetchone() == (8,)
