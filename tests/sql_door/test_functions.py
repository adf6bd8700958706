"""Functions and procedures that are written in SQL: what drivers, psql and pg_dump do with them, and who may."""
from __future__ import annotations

import psycopg
import pytest


def one(connection, query: str, *arguments):
    return connection.execute(query, arguments).fetchone()[0]


def test_prepared_statements_call_them(conn):
    conn.execute("CREATE TABLE t (a int PRIMARY KEY, b text)")
    conn.execute("INSERT INTO t SELECT i, 'b' || i FROM generate_series(1, 100) i")
    conn.execute("CREATE FUNCTION label(k int) RETURNS text STABLE RETURN (SELECT b FROM t WHERE a = k)")
    for k in range(1, 10):
        assert conn.execute("SELECT label(%s)", [k], prepare=True).fetchone() == (f"b{k}",)
    conn.execute("CREATE OR REPLACE FUNCTION label(k int) RETURNS text RETURN 'n' || k")
    assert conn.execute("SELECT label(%s)", [5], prepare=True).fetchone() == ("n5",)
    conn.execute("DROP FUNCTION label")
    with pytest.raises(psycopg.errors.UndefinedFunction):
        conn.execute("SELECT label(%s)", [5], prepare=True)


def test_a_function_cannot_call_itself(conn):
    with pytest.raises(psycopg.errors.StatementTooComplex, match="stack depth limit exceeded"):
        conn.execute("CREATE FUNCTION f(n int) RETURNS int LANGUAGE sql AS "
                     "'SELECT CASE WHEN n < 2 THEN 1 ELSE n * f(n - 1) END'")
    with pytest.raises(psycopg.errors.UndefinedFunction):
        conn.execute("SELECT f(3)")


def test_an_argument_is_computed_once(conn):
    conn.execute("CREATE FUNCTION twice(x float8) RETURNS float8 LANGUAGE sql AS 'SELECT x + x'")
    assert one(conn, "SELECT twice(2)") == 4
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="more than once"):
        conn.execute("SELECT twice(random())")
    assert one(conn, "SELECT twice(r) BETWEEN 0 AND 2 FROM (SELECT random() AS r) s") is True


@pytest.mark.parametrize("statement, message, hint", [
    ("CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'", 'language "plpgsql" is not supported',
     "LANGUAGE sql"),
    ("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'CREATE TABLE u (a int); SELECT 1'", "other than queries", ""),
    ("CREATE FUNCTION f() RETURNS int LANGUAGE sql SET work_mem = '1MB' AS 'SELECT 1'", "SET work_mem", "search_path"),
    ("CREATE FUNCTION f(VARIADIC a int[]) RETURNS int LANGUAGE sql AS 'SELECT 1'", "VARIADIC", ""),
    ("CREATE FUNCTION f(a anyelement) RETURNS int LANGUAGE sql AS 'SELECT 1'", "anyelement", ""),
    ("CREATE PROCEDURE f() LANGUAGE sql AS 'CREATE TABLE u (a int)'", "other than queries", ""),
])
def test_what_is_not_there_is_refused(conn, statement, message, hint):
    conn.execute("CREATE TABLE t (a int)")
    with pytest.raises(psycopg.errors.FeatureNotSupported) as info:
        conn.execute(statement)
    assert message in str(info.value)
    assert hint in (info.value.diag.message_hint or "")


def test_a_procedure_is_one_statement(conn):
    conn.execute("CREATE TABLE t (a int PRIMARY KEY)")
    conn.execute("CREATE PROCEDURE add(x int) LANGUAGE sql AS 'INSERT INTO t VALUES (x); INSERT INTO t VALUES (x + 1)'")
    assert conn.execute("CALL add(1)").statusmessage == "CALL"
    with pytest.raises(psycopg.errors.UniqueViolation):
        conn.execute("CALL add(0)")
    assert conn.execute("SELECT a FROM t ORDER BY a").fetchall() == [(1,), (2,)]


def test_void(conn):
    conn.execute("CREATE SEQUENCE s")
    conn.execute("CREATE FUNCTION later() RETURNS void LANGUAGE sql AS 'SELECT setval(''s'', 41)'")
    assert one(conn, "SELECT later()") == ""
    assert one(conn, "SELECT nextval('s')") == 42


def test_psql_shows_them(server, database, conn):
    conn.execute("CREATE FUNCTION plus(a int, b int DEFAULT 1) RETURNS int LANGUAGE sql AS 'SELECT a + b'")
    conn.execute("CREATE PROCEDURE go(a int) LANGUAGE sql AS 'SELECT a'")
    listed = server.psql("-At", "-c", r"\df", database=database).splitlines()
    assert listed == ["public|go||IN a integer|proc", "public|plus|integer|a integer, b integer DEFAULT 1|func"]
    assert "SELECT a + b" in server.psql("-At", "-c", r"\sf plus", database=database)


def test_a_dump_is_loaded_again(server, database, conn):
    conn.execute("CREATE TABLE t (a int)")
    conn.execute("INSERT INTO t VALUES (1), (2)")
    conn.execute("CREATE FUNCTION plus(a int, b int DEFAULT 1) RETURNS int LANGUAGE sql AS 'SELECT a + b'")
    conn.execute("CREATE FUNCTION up(n int) RETURNS TABLE (a int) LANGUAGE sql AS 'SELECT a FROM t WHERE a <= n'")
    conn.execute("CREATE FUNCTION half(n int) RETURNS numeric RETURN n / 2.0")
    conn.execute("CREATE PROCEDURE add(x int) LANGUAGE sql AS 'INSERT INTO t VALUES (x)'")
    dumped = server.dump("-n", "public", database)
    conn.execute("DROP FUNCTION plus, up, half; DROP PROCEDURE add; DROP TABLE t")
    made_already = ("CREATE SCHEMA", "COMMENT ON SCHEMA")
    text = "\n".join(line for line in dumped.splitlines() if not line.startswith(made_already))
    server.psql("-v", "ON_ERROR_STOP=1", database=database, text=text)
    with server.connect(database, autocommit=True) as again:
        assert one(again, "SELECT plus(4)") == 5
        assert one(again, "SELECT half(5)") == 2.5
        assert again.execute("SELECT * FROM up(1)").fetchall() == [(1,)]
        again.execute("CALL add(7)")
        assert one(again, "SELECT max(a) FROM t") == 7


def test_they_read_what_their_callers_may(start_server):
    server = start_server()
    with server.connect(user="weir", autocommit=True) as conn:
        conn.execute("CREATE ROLE reader; CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
        conn.execute("CREATE FUNCTION total() RETURNS bigint LANGUAGE sql AS 'SELECT sum(a) FROM t'")
        conn.execute("SET ROLE reader")
        for statement in ("SELECT total()", "DROP FUNCTION total"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(statement)
        conn.execute("RESET ROLE; GRANT SELECT ON t TO reader; SET ROLE reader")
        assert one(conn, "SELECT total()") == 1


def test_they_survive_a_restart(start_server):
    server = start_server()
    with server.connect(autocommit=True) as conn:
        conn.execute("CREATE FUNCTION plus(a int, b int DEFAULT 1) RETURNS int LANGUAGE sql AS 'SELECT a + b'")
    server.stop()
    server = start_server()
    with server.connect(autocommit=True) as conn:
        assert one(conn, "SELECT plus(4)") == 5
        conn.execute("DROP FUNCTION plus(int, int)")
        with pytest.raises(psycopg.errors.UndefinedFunction):
            conn.execute("SELECT plus(4)")


def test_statements_of_a_function_are_run(conn):
    conn.execute("CREATE TABLE orders (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, item text, n int)")
    conn.execute("CREATE TABLE log (what text)")
    conn.execute("CREATE FUNCTION place(item text, n int DEFAULT 1) RETURNS bigint LANGUAGE sql AS $$"
                 "  INSERT INTO log VALUES ('placed ' || item);"
                 "  INSERT INTO orders (item, n) VALUES (item, n) RETURNING id $$")
    assert one(conn, "SELECT place('pen')") == 1
    assert one(conn, "SELECT place('ink', n => 3)") == 2
    for k in range(3, 9):
        assert conn.execute("SELECT place(%s, %s)", ["pad", k], prepare=True).fetchone() == (k,)
    described = conn.execute("SELECT place('cup') AS made")
    assert (described.description[0].name, described.description[0].type_code) == ("made", 20)
    assert conn.execute("SELECT count(*), sum(n) FROM orders").fetchone() == (9, 38)
    assert one(conn, "SELECT count(*) FROM log") == 9


def test_rows_that_a_function_changes(conn):
    conn.execute("CREATE TABLE t (a int PRIMARY KEY, b text); INSERT INTO t VALUES (1, 'x'), (2, 'y'), (3, 'z')")
    conn.execute("CREATE FUNCTION take(low int) RETURNS SETOF t LANGUAGE sql AS "
                 "'DELETE FROM t WHERE a >= low RETURNING *'")
    conn.execute("CREATE FUNCTION clear() RETURNS void LANGUAGE sql AS 'DELETE FROM t'")
    conn.execute("CREATE FUNCTION none_left(k int) RETURNS text STRICT LANGUAGE sql AS "
                 "'UPDATE t SET b = ''n'' WHERE a = k RETURNING b'")
    assert sorted(conn.execute("SELECT * FROM take(2)").fetchall()) == [(2, "y"), (3, "z")]
    assert conn.execute("SELECT * FROM take(2)").fetchall() == []
    assert one(conn, "SELECT none_left(7)") is None
    assert one(conn, "SELECT none_left(NULL)") is None
    assert one(conn, "SELECT none_left(1)") == "n"
    assert one(conn, "SELECT clear()") == ""
    assert one(conn, "SELECT count(*) FROM t") == 0


def test_what_a_function_has_done_is_the_statements(conn):
    conn.execute("CREATE TABLE t (a int PRIMARY KEY)")
    conn.execute("CREATE FUNCTION f(k int) RETURNS int LANGUAGE sql AS "
                 "'INSERT INTO t VALUES (k); INSERT INTO t VALUES (k / 0); SELECT 1'")
    with pytest.raises(psycopg.errors.DivisionByZero) as failed:
        conn.execute("SELECT f(1)")
    assert failed.value.diag.context.startswith('SQL function "f"')
    assert one(conn, "SELECT count(*) FROM t") == 0
    conn.execute("CREATE FUNCTION g(k int) RETURNS int STABLE LANGUAGE sql AS 'INSERT INTO t VALUES (k) RETURNING a'")
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="INSERT is not allowed in a non-volatile function"):
        conn.execute("SELECT g(1)")
    conn.execute("ALTER FUNCTION g(int) VOLATILE")
    with conn.transaction():
        assert one(conn, "SELECT g(5)") == 5
        conn.execute("SET TRANSACTION READ ONLY")
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), conn.transaction():
            conn.execute("SELECT g(6)")
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="not supported within a query"):
        conn.execute("SELECT g(a) FROM t")
    with pytest.raises(psycopg.errors.InvalidFunctionDefinition, match="return type mismatch"):
        conn.execute("CREATE FUNCTION h() RETURNS int LANGUAGE sql AS 'SELECT 1; INSERT INTO t VALUES (2)'")


def test_functions_of_a_session(server, database, conn):
    conn.execute("CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 0'")
    conn.execute("CREATE FUNCTION pg_temp.f(a int) RETURNS int LANGUAGE sql AS 'SELECT a'")
    conn.execute("CREATE FUNCTION pg_temp.f(a text) RETURNS text LANGUAGE sql AS 'SELECT upper(a)'")
    with pytest.raises(psycopg.errors.DuplicateFunction):
        conn.execute("CREATE FUNCTION pg_temp.f(a int) RETURNS int LANGUAGE sql AS 'SELECT 2'")
    conn.execute("CREATE OR REPLACE FUNCTION pg_temp.f(a int) RETURNS int LANGUAGE sql AS 'SELECT a + 1'")
    assert conn.execute("SELECT pg_temp.f(1), pg_temp.f('x'::text), f(1)").fetchone() == (2, "X", 0)
    with server.connect(database, autocommit=True) as other, pytest.raises(psycopg.Error):
        other.execute("SELECT pg_temp.f(1)")
    conn.execute("DROP FUNCTION pg_temp.f(int)")
    with pytest.raises(psycopg.errors.UndefinedFunction):
        conn.execute("SELECT pg_temp.f(1)")
    conn.execute("DISCARD TEMP")
    with pytest.raises(psycopg.Error):
        conn.execute("SELECT pg_temp.f('x'::text)")
