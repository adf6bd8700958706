"""Materialized views: what sessions see while one is refreshed, what programs show of them, and who writes them."""
from __future__ import annotations

import psycopg
import pytest

fluss = pytest.importorskip("fluss")

NOT_ALLOWED = 48


@pytest.fixture
def view(conn):
    conn.execute("CREATE TABLE t (a int, b text)")
    conn.execute("INSERT INTO t SELECT i, 'x' || i FROM generate_series(1, 100) i")
    conn.execute("CREATE MATERIALIZED VIEW m AS SELECT a, b FROM t WHERE a > 10")
    return "m"


def count(conn) -> int:
    return conn.execute("SELECT count(*) FROM m").fetchone()[0]


def test_readers_see_the_old_rows_or_the_new_ones(server, database, conn, view):
    conn.execute("CREATE UNIQUE INDEX ON m (a)")
    assert conn.execute("REFRESH MATERIALIZED VIEW m").statusmessage == "REFRESH MATERIALIZED VIEW"
    with server.connect(database) as writer:
        writer.execute("INSERT INTO t VALUES (101, 'new')")
        writer.execute("REFRESH MATERIALIZED VIEW CONCURRENTLY m")
        assert count(writer) == 91
        assert count(conn) == 90  # who waits for nobody
        writer.rollback()
        assert count(writer) == 90
        writer.execute("INSERT INTO t VALUES (101, 'new')")
        writer.execute("REFRESH MATERIALIZED VIEW CONCURRENTLY m")
        writer.commit()
    assert count(conn) == 91
    assert conn.execute("SELECT b FROM m WHERE a = 101").fetchone() == ("new",)


def test_a_refresh_that_fails_leaves_the_old_rows(conn, view):
    conn.execute("CREATE UNIQUE INDEX ON m (a)")
    conn.execute("INSERT INTO t VALUES (50, 'again')")
    with pytest.raises(psycopg.errors.UniqueViolation):
        conn.execute("REFRESH MATERIALIZED VIEW m")
    assert count(conn) == 90


def test_prepared_statements_follow_them(conn, view):
    query = "SELECT count(*) FROM m WHERE a > %s"
    for _ in range(8):
        assert conn.execute(query, [10], prepare=True).fetchone() == (90,)
    conn.execute("REFRESH MATERIALIZED VIEW m WITH NO DATA")
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
        conn.execute(query, [10], prepare=True)
    conn.execute("INSERT INTO t VALUES (200, 'y')")
    conn.execute("REFRESH MATERIALIZED VIEW m")
    assert conn.execute(query, [10], prepare=True).fetchone() == (91,)


def test_it_belongs_to_its_owner(start_server):
    server = start_server()
    with server.connect(user="weir", autocommit=True) as conn:
        conn.execute("CREATE ROLE reader; CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
        conn.execute("CREATE MATERIALIZED VIEW m AS SELECT a FROM t")
        conn.execute("GRANT SELECT ON m TO reader; SET ROLE reader")
        assert count(conn) == 1  # without a privilege on what it was made of
        for statement in ("SELECT * FROM t", "REFRESH MATERIALIZED VIEW m", "DROP MATERIALIZED VIEW m"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(statement)


def test_psql_and_copy(server, database, conn, view):
    listed = server.psql("-At", "-c", r"\dm", database=database)
    assert listed.split("|")[1:3] == ["m", "materialized view"]
    assert 'Materialized view "public.m"' in server.psql("-c", r"\d m", database=database)
    assert "View definition:" in server.psql("-c", r"\d+ m", database=database)
    with conn.cursor().copy("COPY (SELECT a FROM m WHERE a = 11) TO STDOUT") as copy:
        assert b"".join(copy) == b"11\n"
    for statement in ("COPY m TO STDOUT", "COPY m FROM STDIN"):
        with pytest.raises(psycopg.errors.WrongObjectType), conn.cursor().copy(statement) as copy:
            list(copy)


def test_a_dump_is_loaded_again(server, database, conn, view):
    conn.execute("CREATE INDEX m_b ON m (b)")
    conn.execute("CREATE MATERIALIZED VIEW n AS SELECT max(a) AS most FROM m WITH NO DATA")
    dumped = server.dump("-t", "public.*", database)
    assert "REFRESH MATERIALIZED VIEW public.m;" in dumped
    conn.execute("DROP TABLE t CASCADE")
    server.psql("-v", "ON_ERROR_STOP=1", database=database, text=dumped)
    assert count(conn) == 90
    shown = "SELECT matviewname, ispopulated, hasindexes FROM pg_matviews WHERE schemaname = 'public' ORDER BY 1"
    assert conn.execute(shown).fetchall() == [
        ("m", True, True), ("n", False, False)]


def test_only_refresh_writes_it(client, database, conn, view):
    with pytest.raises(fluss.FlussError) as info:
        with client.get_table(f"{database}.m").new_append().create_writer() as writer:
            writer.append({"a": 1, "b": "x"})
    assert info.value.error_code == NOT_ALLOWED
    assert "only REFRESH MATERIALIZED VIEW writes" in str(info.value)


def test_they_survive_a_restart(start_server):
    server = start_server()
    with server.connect(autocommit=True) as conn:
        conn.execute("CREATE TABLE t (a int)")
        conn.execute("INSERT INTO t VALUES (1), (2)")
        conn.execute("CREATE MATERIALIZED VIEW m AS SELECT a FROM t")
        conn.execute("CREATE MATERIALIZED VIEW n AS SELECT a FROM t WITH NO DATA")
    server.stop()
    server = start_server()
    with server.connect(autocommit=True) as conn:
        assert count(conn) == 2
        with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
            conn.execute("SELECT * FROM n")
        conn.execute("INSERT INTO t VALUES (3)")
        conn.execute("REFRESH MATERIALIZED VIEW m")
        assert count(conn) == 3
        with pytest.raises(psycopg.errors.DependentObjectsStillExist):
            conn.execute("DROP TABLE t")
