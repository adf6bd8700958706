"""psycopg 3: simple and extended protocol, text and binary, transactions, errors, notices, COPY, cancelling."""
from __future__ import annotations

import datetime as dt
import decimal
import threading
import uuid

import psycopg
import pytest
from psycopg import errors, pq
from psycopg.types.multirange import Multirange
from psycopg.types.range import Range

from values import VALUES


@pytest.mark.parametrize("binary", [False, True], ids=["text", "binary"])
@pytest.mark.parametrize("type_name", VALUES)
def test_values_come_back_as_they_went(conn, type_name, binary):
    conn.execute(f"CREATE TABLE v (id int, value {type_name})")
    values = [*VALUES[type_name], None]
    placeholder = "%b" if binary and type_name not in ("text[]",) else "%s"
    with conn.cursor(binary=binary) as cursor:
        for number, value in enumerate(values):
            cursor.execute(f"INSERT INTO v VALUES (%s, {placeholder})", (number, value))
        rows = cursor.execute("SELECT value FROM v ORDER BY id").fetchall()
    assert [row[0] for row in rows] == values


@pytest.mark.parametrize("binary", [False, True], ids=["text", "binary"])
def test_multiranges_come_back_as_they_went(conn, binary):
    months = Multirange([Range(1, 5), Range(8, None)])
    prices = Multirange([Range(decimal.Decimal("1.50"), decimal.Decimal("2"), "[]")])
    conn.execute("CREATE TABLE t (m int4multirange PRIMARY KEY, n nummultirange)")
    with conn.cursor(binary=binary) as cursor:
        cursor.execute("INSERT INTO t VALUES (%s::int4multirange, %s)", (months, prices))
        with cursor.copy("COPY t FROM STDIN" + (" (FORMAT binary)" if binary else "")) as copy:
            copy.set_types(["int4multirange", "nummultirange"])
            copy.write_row((Multirange(), None))
        assert cursor.execute("SELECT * FROM t WHERE m @> %s::int", (9,)).fetchall() == [(months, prices)]
        assert cursor.execute("SELECT * FROM t ORDER BY m LIMIT 1").fetchall() == [(Multirange(), None)]
        assert cursor.execute("SELECT range_agg(m), unnest(m) FROM t WHERE m = %s::int4multirange GROUP BY m",
                              (months,)).fetchall() == [(months, Range(1, 5, "[)")), (months, Range(8, None, "[)"))]


def test_expressions_of_other_types(conn):
    row = conn.execute("SELECT 1::numeric, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid, interval '1 day 2 hours', NULL").fetchone()
    assert row == (1, uuid.UUID("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"), dt.timedelta(days=1, hours=2), None)


def test_descriptions_and_row_counts(conn):
    cursor = conn.execute("CREATE TABLE t (id int, name text)")
    assert (cursor.statusmessage, cursor.description) == ("CREATE TABLE", None)
    cursor = conn.execute("INSERT INTO t VALUES (1, 'a'), (2, 'b')")
    assert (cursor.statusmessage, cursor.rowcount) == ("INSERT 0 2", 2)
    cursor = conn.execute("SELECT id, name FROM t ORDER BY id")
    assert [(column.name, column.type_code) for column in cursor.description] == [("id", 23), ("name", 25)]
    assert (cursor.statusmessage, cursor.rowcount) == ("SELECT 2", 2)
    assert conn.execute("UPDATE t SET name = 'c' WHERE id = 2").statusmessage == "UPDATE 1"
    assert conn.execute("DELETE FROM t").statusmessage == "DELETE 2"


@pytest.mark.parametrize("query", ["SELECT", "SELECT UNION ALL SELECT", "SELECT FROM generate_series(1, 3)"])
def test_rows_without_columns_are_rows(conn, query):
    """The simple protocol and the extended one, which describes the statement before it runs."""
    counts = {"SELECT": 1, "SELECT UNION ALL SELECT": 2}
    for result in (conn.pgconn.exec_(query.encode()), conn.pgconn.exec_params(query.encode(), None)):
        assert (result.status, result.nfields) == (pq.ExecStatus.TUPLES_OK, 0)
        assert result.ntuples == counts.get(query, 3)
    described = conn.pgconn.prepare(b"", b"SELECT FROM generate_series(1, 3)")
    assert described.status == pq.ExecStatus.COMMAND_OK
    assert conn.execute("CREATE TABLE t (id int)").description is None
    assert conn.execute("INSERT INTO t VALUES (1)").description is None


def test_explain_of_what_execute_and_create_table_as_run(conn):
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, name text) PARTITION BY RANGE (id)")
    conn.execute("CREATE TABLE t_low PARTITION OF t FOR VALUES FROM (0) TO (10)")
    conn.execute("CREATE TABLE t_high PARTITION OF t FOR VALUES FROM (10) TO (20)")
    conn.execute("INSERT INTO t VALUES (1, 'a'), (12, 'b')")
    conn.execute("PREPARE by_id (int) AS SELECT * FROM t WHERE id = $1")
    for explain in ("EXPLAIN (COSTS OFF)", "EXPLAIN ANALYZE"):
        plan = "\n".join(line for line, in conn.execute(f"{explain} EXECUTE by_id (12)"))
        assert "t_high" in plan and "t_low" not in plan
    for statement in ("CREATE TABLE copied AS SELECT * FROM t WHERE id < 5", "SELECT * INTO copied FROM t WHERE id < 5",
                      "DECLARE c CURSOR FOR SELECT * FROM t WHERE id < 5"):
        plan = "\n".join(line for line, in conn.execute(f"EXPLAIN (COSTS OFF) {statement}"))
        assert "t_low" in plan and "t_high" not in plan
    with pytest.raises(errors.FeatureNotSupported):
        conn.execute("EXPLAIN ANALYZE CREATE TABLE copied AS SELECT * FROM t")
    with pytest.raises(errors.UndefinedTable):
        conn.execute("SELECT * FROM copied")
    with pytest.raises(errors.UndefinedParameter):
        conn.execute("EXPLAIN SELECT * FROM t WHERE id = $1")


def type_codes(conn, query: str) -> list[int]:
    return [column.type_code for column in conn.execute(query).description]


def test_types_of_the_catalogs(conn):
    """What PostgreSQL 15 announces for the same columns and expressions."""
    name, char, oid, regproc, regclass, regtype, regrole, regnamespace = 19, 18, 26, 24, 2205, 2206, 4096, 4089
    assert type_codes(conn, "SELECT relname, relkind, oid FROM pg_class") == [name, char, oid]
    assert type_codes(conn, "SELECT indkey, indclass FROM pg_index") == [22, 30]
    assert type_codes(conn, "SELECT proargtypes, proargmodes, proargnames, prosupport FROM pg_proc") == [30, 1002, 1009, regproc]
    assert type_codes(conn, "SELECT 'pg_class'::regclass, 'int4'::regtype") == [regclass, regtype]
    assert type_codes(conn, "SELECT 'pg_catalog'::regnamespace, 10::oid::regrole") == [regnamespace, regrole]
    assert type_codes(conn, "SELECT tablename, hasindexes FROM pg_tables") == [name, 16]
    assert type_codes(conn, "SELECT data_type FROM pg_sequences") == [regtype]
    assert type_codes(conn, "SELECT table_name, table_type FROM information_schema.tables") == [name, 1043]
    assert type_codes(conn, "SELECT relname || 'x', max(relname), array_agg(relname) FROM pg_class GROUP BY relname") == [25, 25, 1003]
    assert type_codes(conn, "SELECT pg_typeof(1), current_user, array['now'::regproc]") == [regtype, name, 1008]


def test_names_of_the_catalog_in_both_forms(conn):
    conn.execute("CREATE TABLE seen (a int PRIMARY KEY)")
    number = conn.execute("SELECT 'seen'::regclass::oid").fetchone()[0]
    query = "SELECT 'seen'::regclass, 'now'::regproc, NULL::regclass, 0::regclass"
    assert conn.execute(query).fetchone() == ("seen", "now", None, "-")
    with conn.cursor(binary=True) as cursor:
        row = cursor.execute(query).fetchone()
    assert row == (number.to_bytes(4, "big"), (1299).to_bytes(4, "big"), None, bytes(4))
    assert conn.execute("SELECT %s::regclass", ("seen",)).fetchone() == ("seen",)
    with pytest.raises(errors.UndefinedTable, match='relation "nowhere" does not exist'):
        conn.execute("SELECT %s::regclass", ("nowhere",))


def test_prepared_statements(conn):
    conn.execute("CREATE TABLE t (id int, name text)")
    conn.cursor().executemany("INSERT INTO t VALUES (%s, %s)", [(i, f"n{i}") for i in range(20)])
    for i in range(20):
        row = conn.execute("SELECT name FROM t WHERE id = %s", (i,), prepare=True).fetchone()
        assert row == (f"n{i}",)
    conn.execute("DEALLOCATE ALL")


def test_transactions(server, database):
    with server.connect(database) as writer, server.connect(database, autocommit=True) as reader:
        writer.execute("CREATE TABLE t (id int)")
        writer.commit()

        def count() -> int:
            return reader.execute("SELECT count(*) FROM t").fetchone()[0]

        writer.execute("INSERT INTO t VALUES (1), (2)")
        assert writer.info.transaction_status == pq.TransactionStatus.INTRANS
        assert writer.execute("SELECT count(*) FROM t").fetchone() == (2,)
        assert count() == 0
        writer.rollback()
        assert count() == 0
        writer.execute("INSERT INTO t VALUES (1)")
        writer.commit()
        assert count() == 1
        with writer.transaction():
            writer.execute("INSERT INTO t VALUES (2)")
            with pytest.raises(errors.UndefinedTable), writer.transaction():  # a savepoint
                writer.execute("INSERT INTO t VALUES (3)")
                writer.execute("SELECT * FROM nowhere")
        assert [row[0] for row in reader.execute("SELECT id FROM t ORDER BY id")] == [1, 2]


def test_a_failed_transaction_takes_only_rollback(server, database):
    with server.connect(database) as connection:
        with pytest.raises(errors.UndefinedTable):
            connection.execute("SELECT * FROM nowhere")
        assert connection.info.transaction_status == pq.TransactionStatus.INERROR
        with pytest.raises(errors.InFailedSqlTransaction):
            connection.execute("SELECT 1")
        connection.rollback()
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_script_is_one_transaction(conn):
    conn.execute("CREATE TABLE t (id int)")
    with pytest.raises(errors.UndefinedTable):
        conn.execute("INSERT INTO t VALUES (1); INSERT INTO nowhere VALUES (1)")
    assert conn.execute("SELECT count(*) FROM t").fetchone() == (0,)


def test_a_pipeline_is_one_transaction(conn):
    conn.execute("CREATE TABLE t (id int)")
    with pytest.raises(errors.UndefinedTable), conn.pipeline():
        conn.execute("INSERT INTO t VALUES (1)")
        conn.execute("INSERT INTO nowhere VALUES (1)")
    assert conn.execute("SELECT count(*) FROM t").fetchone() == (0,)
    with conn.pipeline():
        cursors = [conn.execute("INSERT INTO t VALUES (%s)", (i,)) for i in range(10)]
    assert [cursor.rowcount for cursor in cursors] == [1] * 10


def test_errors_have_their_fields(conn):
    conn.execute("CREATE TABLE r (k int, v text) PARTITION BY RANGE (k)")
    conn.execute("CREATE TABLE r0 PARTITION OF r FOR VALUES FROM (0) TO (10)")
    with pytest.raises(errors.CheckViolation) as info:
        conn.execute("INSERT INTO r VALUES (20, 'x')")
    diagnostics = info.value.diag
    assert diagnostics.sqlstate == "23514"
    assert diagnostics.severity == "ERROR"
    assert diagnostics.message_primary == 'no partition of relation "r" found for row'
    assert diagnostics.message_detail == "Partition key of the failing row contains (k) = (20)."
    assert diagnostics.table_name == "r"
    with pytest.raises(errors.SyntaxError) as info:
        conn.execute("SELECT 1; SELEKT 2")
    assert info.value.diag.statement_position == "11"
    with pytest.raises(errors.UndefinedColumn):
        conn.execute("SELECT nothing FROM r")


def test_unique_violations_name_the_key(conn):
    conn.execute("CREATE TABLE k (id int PRIMARY KEY, v text)")
    conn.execute("INSERT INTO k VALUES (1, 'a')")
    with pytest.raises(errors.UniqueViolation) as info:
        conn.execute("INSERT INTO k VALUES (1, 'b')")
    assert info.value.diag.constraint_name == "k_pkey"
    assert info.value.diag.message_detail == "Key (id)=(1) already exists."


def test_notices(conn):
    heard = []
    conn.add_notice_handler(lambda diagnostics: heard.append((diagnostics.severity, diagnostics.message_primary)))
    conn.execute("DROP TABLE IF EXISTS never")
    assert heard == [("NOTICE", 'table "never" does not exist, skipping')]


def test_parameters(conn):
    assert conn.info.parameter_status("TimeZone") == "UTC"
    conn.execute("SET timezone = 'Asia/Tokyo'")
    assert conn.info.parameter_status("TimeZone") == "Asia/Tokyo"
    text = conn.execute("SELECT timestamptz '2024-01-01 00:00:00+00'").pgresult.get_value(0, 0)
    assert text == b"2024-01-01 09:00:00+09"
    assert conn.execute("SHOW application_name").fetchone() == ("",)


def test_start_up_options(server):
    with server.connect(application_name="door", options="-c extra_float_digits=0") as connection:
        assert connection.execute("SHOW application_name").fetchone() == ("door",)
        assert connection.execute("SHOW extra_float_digits").fetchone() == ("0",)
    with pytest.raises(psycopg.OperationalError, match='database "nowhere" does not exist'):
        server.connect("nowhere")


def test_cursors_fetch_in_parts(server, database):
    with server.connect(database) as connection:
        connection.execute("CREATE TABLE t (id int)")
        connection.execute("INSERT INTO t SELECT * FROM generate_series(1, 5000)")
        seen = 0
        for row in connection.cursor().stream("SELECT id FROM t"):
            seen += row[0]
        assert seen == 5000 * 5001 // 2


def test_copy(conn):
    conn.execute("CREATE TABLE t (id int, name text, at date)")
    rows = [(i, f"n\t{i}" if i % 7 else None, dt.date(2024, 1, 1) + dt.timedelta(days=i)) for i in range(3000)]
    with conn.cursor() as cursor:
        with cursor.copy("COPY t FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        assert cursor.rowcount == 3000
        with cursor.copy("COPY (SELECT * FROM t ORDER BY id) TO STDOUT") as copy:
            copy.set_types(["int4", "text", "date"])
            assert list(copy.rows()) == rows
    with pytest.raises(errors.BadCopyFileFormat), conn.cursor().copy("COPY t FROM STDIN") as copy:
        copy.write("1\tonly two\n")
    assert conn.execute("SELECT count(*) FROM t").fetchone() == (3000,)


def test_cancel(conn):
    over = threading.Event()

    def cancel() -> None:
        while not over.wait(0.1):  # again and again: the statement may not have begun yet
            conn.cancel_safe()

    canceller = threading.Thread(target=cancel)
    canceller.start()
    try:
        with pytest.raises(errors.QueryCanceled):
            conn.execute("SELECT count(*) FROM generate_series(1, 100000000000) a, generate_series(1, 100000000000) b")
    finally:
        over.set()
        canceller.join()


def test_many_connections(server, database):
    connections = [server.connect(database, autocommit=True) for _ in range(30)]
    connections[0].execute("CREATE TABLE t (id int)")

    def write(connection: psycopg.Connection, number: int) -> None:
        for i in range(5):
            connection.execute("INSERT INTO t VALUES (%s)", (number * 100 + i,))

    threads = [threading.Thread(target=write, args=(connection, number)) for number, connection in enumerate(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert connections[0].execute("SELECT count(*), count(DISTINCT id) FROM t").fetchone() == (150, 150)
    for connection in connections:
        connection.close()


def test_a_statement_timeout(conn):
    conn.execute("SET statement_timeout = '50ms'")
    with pytest.raises(psycopg.errors.QueryCanceled, match="canceling statement due to statement timeout"):
        conn.execute("SELECT count(*) FROM generate_series(1, 1000000000) a, generate_series(1, 1000000000) b")
    conn.execute("RESET statement_timeout")
    assert conn.execute("SELECT 1").fetchone() == (1,)


def test_statements_of_one_message_are_one_transaction(conn):
    conn.execute("CREATE TABLE t (a int)")
    with pytest.raises(psycopg.errors.DivisionByZero):
        conn.execute("INSERT INTO t VALUES (1); INSERT INTO t VALUES (2); SELECT 1 / 0")
    assert conn.execute("SELECT count(*) FROM t").fetchone() == (0,)
    conn.execute("INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)")
    assert conn.execute("SELECT count(*) FROM t").fetchone() == (2,)
    conn.execute("INSERT INTO t VALUES (3); COMMIT; INSERT INTO t VALUES (4)")
    assert conn.execute("SELECT count(*) FROM t").fetchone() == (4,)


def test_show_of_the_catalog_through_the_extended_protocol(conn):
    conn.execute("CREATE TABLE t (a int PRIMARY KEY, b text)")
    assert conn.execute("SHOW TABLES", prepare=True).fetchall() == [("t", "BASE TABLE")]
    rows = conn.execute("SHOW COLUMNS FROM t", prepare=True).fetchall()
    assert [(row[0], row[1], row[2], row[5]) for row in rows] == [
        ("a", "INT4", False, ["primary"]), ("b", "STRING", True, [])]


def test_named_cursors(conn):
    conn.execute("CREATE TABLE n (i int)")
    conn.execute("INSERT INTO n SELECT g FROM generate_series(1, 100) AS g")
    with conn.transaction(), conn.cursor("named") as cursor:
        cursor.execute("SELECT i FROM n ORDER BY i")
        assert [column.name for column in cursor.description] == ["i"]
        assert cursor.fetchmany(3) == [(1,), (2,), (3,)]
        assert len(cursor.fetchall()) == 97


def test_queries_within_statements_take_parameters(conn):
    conn.execute("CREATE TABLE t (id int, name text)")
    conn.execute("INSERT INTO t SELECT i, 'n' || i FROM generate_series(1, 6) i")
    with conn.transaction(), conn.cursor("named") as cursor:
        cursor.execute("SELECT id, %s::text FROM t WHERE id > %s AND name <> %s ORDER BY id", ("x", 2, "n4"))
        assert cursor.fetchall() == [(3, "x"), (5, "x"), (6, "x")]
    with conn.transaction(), conn.cursor("held", scrollable=True, withhold=True) as cursor:
        cursor.execute("SELECT id FROM t WHERE id = ANY (%s)", ([2, 5],))
        assert cursor.fetchall() == [(2,), (5,)]
        cursor.scroll(0, mode="absolute")
        assert cursor.fetchone() == (2,)
    assert conn.execute("CREATE TABLE u AS SELECT id, %s::int AS n FROM t WHERE id < %s", (7, 3)).rowcount == 2
    assert conn.execute("SELECT %s::int AS n INTO w", (None,)).statusmessage == "SELECT 1"
    assert conn.execute("SELECT * FROM u, w ORDER BY 1").fetchall() == [(1, 7, None), (2, 7, None)]
    plan = conn.execute("EXPLAIN (COSTS off) SELECT * FROM t WHERE id = %s", (2,)).fetchall()
    assert any("t" in line for (line,) in plan)
    conn.execute("EXPLAIN ANALYZE INSERT INTO u VALUES (%s, %s)", (9, 9))
    assert conn.execute("SELECT n FROM u WHERE id = 9").fetchone() == (9,)
    with pytest.raises(errors.UndefinedColumn):
        conn.execute("EXPLAIN SELECT nothing FROM t WHERE id = %s", (2,))
    with pytest.raises(errors.InvalidTextRepresentation):
        conn.execute("CREATE TABLE v AS SELECT %s::int AS n", ("x",))


def test_calls_take_parameters(conn):
    conn.execute("CREATE TABLE t (id int, name text)")
    conn.execute("CREATE PROCEDURE add(a int, b text DEFAULT 'z') LANGUAGE sql AS 'INSERT INTO t VALUES (a, b)'")
    conn.execute("CALL add(%s, %s)", (20, "twenty"))
    conn.execute("CALL add(b => %s, a => %s + 1)", (None, 20))
    conn.execute("CALL add(%s)", (22,))
    rows = conn.execute("SELECT * FROM t ORDER BY id").fetchall()
    assert rows == [(20, "twenty"), (21, None), (22, "z")]
    with pytest.raises(errors.UndefinedFunction):
        conn.execute("CALL nothing(%s)", (1,))


def test_a_temporary_table_is_there_for_the_next_prepared_statement(server, database):
    with server.connect(database, autocommit=True, prepare_threshold=0) as conn:
        conn.execute("CREATE TEMP TABLE fresh (id serial PRIMARY KEY, v text)")
        assert conn.execute("INSERT INTO fresh (v) VALUES (%s) RETURNING id", ("a",)).fetchall() == [(1,)]
        conn.execute("DROP TABLE fresh")
        with pytest.raises(psycopg.errors.UndefinedTable):
            conn.execute("SELECT * FROM fresh")


def test_results_say_whose_columns_they_show(conn):
    conn.execute("CREATE TABLE shown (a int, b text, c int); ALTER TABLE shown DROP COLUMN a; CREATE VIEW shows AS SELECT c FROM shown")
    oids = dict(conn.execute("SELECT relname, oid::int8 FROM pg_class WHERE relname IN ('shown', 'shows')").fetchall())
    table, view = oids["shown"], oids["shows"]

    def origins(query: str) -> list[tuple[int, int]]:
        result = conn.execute(query).pgresult
        return [(result.ftable(i), result.ftablecol(i)) for i in range(result.nfields)]

    assert origins("SELECT c, b, c + 1, s.x FROM shown, (SELECT b AS x FROM shown) s") == [(table, 3), (table, 2), (0, 0), (table, 2)]
    assert origins("SELECT * FROM shows") == [(view, 1)]
    assert origins("WITH w AS (SELECT b FROM shown) SELECT b FROM w UNION SELECT 'x'") == [(0, 0)]
    assert origins("INSERT INTO shown VALUES ('x', 1) RETURNING c, upper(b)") == [(table, 3), (0, 0)]


def test_what_jdbc_asks_of_catalogs_and_calls(conn):
    conn.execute("CREATE TABLE keyed (a int, b int, c int, PRIMARY KEY (c, a)); CREATE FUNCTION added(x int, y int) RETURNS int "
                 "LANGUAGE sql AS 'SELECT x + y'")
    keys = """SELECT result.name, result.seq FROM (
        SELECT a.attname AS name, (information_schema._pg_expandarray(i.indkey)).n AS seq, a.attnum AS number,
               information_schema._pg_expandarray(i.indkey) AS keys
        FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid
        WHERE i.indrelid = 'keyed'::regclass AND i.indisprimary) AS result
        WHERE result.number = (result.keys).x ORDER BY 2"""
    assert conn.execute(keys).fetchall() == [("c", 1), ("a", 2)]
    assert conn.execute("SELECT (information_schema._pg_expandarray(ARRAY['x', 'y'])).*").fetchall() == [("x", 1), ("y", 2)]
    generated = "SELECT nullif(attidentity, '') IS NULL, attgenerated = '' FROM pg_attribute WHERE attrelid = 'keyed'::regclass AND attnum = 1"
    assert conn.execute(generated).fetchall() == [(True, True)]
    assert conn.execute(generated, binary=True).fetchall() == [(True, True)]
    # {? = call added(?, ?)}: the first parameter has no type, since a result comes out there.
    result = conn.pgconn.exec_params(b"SELECT * FROM added($1, $2, $3)", [None, b"3", b"4"], [2278, 23, 23])
    assert result.get_value(0, 0) == b"7"
