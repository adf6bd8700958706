"""What one statement, one session or one client may take, and that everybody else goes on."""
from __future__ import annotations

import select
import signal
import threading

import psycopg
import pyarrow as pa
import pytest

LIMIT = "--memory-limit=256mb"
# More than that, in an order that takes all of it.
SORTED = """SELECT count(*) FROM (SELECT g, md5(g::text) || repeat('x', 150) AS m FROM generate_series(1, 3000000) g
            ORDER BY m OFFSET 1) s"""

MUCH = {
    "a large result": "SELECT repeat('x', 10000000) FROM generate_series(1, 1000)",
    "a function of large values": "SELECT max(length(repeat('x', 10000000 + g % 2))) FROM generate_series(1, 1000) g",
    "one aggregate": "SELECT length(string_agg(repeat('x', 1000) || g, '')) FROM generate_series(1, 1000000) g",
    "an aggregate of large values": "SELECT length(string_agg(repeat('x', 30000000), ',')) FROM generate_series(1, 300)",
    "texts of many groups": """SELECT count(t) FROM (SELECT string_agg(repeat('x', 2000), ',') AS t
                               FROM generate_series(1, 1000000) g GROUP BY g) s""",
    "extremes of many groups": """SELECT count(t) FROM (SELECT max(repeat('x', 500) || g) AS t
                                  FROM generate_series(1, 5000000) g GROUP BY g) s""",
    "counts of many groups": """SELECT count(m) FROM (SELECT mode() WITHIN GROUP (ORDER BY g) AS m
                                FROM generate_series(1, 10000000) g GROUP BY g) s""",
    "parts of a value": "SELECT cardinality(string_to_array(repeat('x,', 10000000), ','))",
    "arrays of many rows": "SELECT sum(cardinality(ARRAY(SELECT generate_series(1, 500000 + g)))) FROM generate_series(1, 2000) g",
    "changed rows": "INSERT INTO k SELECT g, repeat('x', 1000) FROM generate_series(1, 1000000) g",
    "a cursor": "DECLARE c CURSOR WITH HOLD FOR SELECT g, repeat('x', 1000) FROM generate_series(1, 1000000) g",
}


def fails(conn: psycopg.Connection, state: str, statement: str) -> psycopg.Error:
    with pytest.raises(psycopg.Error) as caught:
        conn.execute(statement)
    assert caught.value.sqlstate == state, caught.value
    return caught.value


# --- memory

@pytest.fixture
def small_server(start_server):
    """A server that may take little, and a session of it."""
    server = start_server(LIMIT)
    with server.connect(autocommit=True) as connection:
        connection.execute("CREATE TABLE h (a bigint, b text)")
        connection.execute("CREATE TABLE k (a bigint PRIMARY KEY, b text)")
        yield server, connection


@pytest.fixture
def small(small_server):
    return small_server[1]


def test_what_takes_too_much_fails_and_the_session_goes_on(small_server):
    server, small = small_server
    for name, statement in MUCH.items():
        error = fails(small, "53200", statement)
        assert error.diag.message_primary == "out of memory", name
        assert "--memory-limit" in error.diag.message_hint, name
        assert small.execute("SELECT count(*) FROM k").fetchall() == [(0,)], name
        assert server.most_memory() < 2 << 30, name
    small.execute("INSERT INTO h SELECT g, 'x' FROM generate_series(1, 1000) g")
    assert small.execute("SELECT count(*) FROM h").fetchall() == [(1000,)]


def test_a_value_that_many_rows_share_is_not_copied_for_all_of_them(start_server):
    server = start_server(LIMIT)
    with server.connect(autocommit=True) as conn:
        before = server.most_memory()
        fails(conn, "53200", "SELECT repeat('x', 20000000) FROM generate_series(1, 1000)")  # 20 GB, of one value
        assert server.most_memory() - before < 1 << 30
        assert len(conn.execute("SELECT repeat('x', 2000000) FROM generate_series(1, 20)").fetchall()) == 20


def test_rows_of_a_transaction_count(small):
    insert = "INSERT INTO k SELECT {} + g, repeat('x', 1000) FROM generate_series(1, 5000) g"
    with pytest.raises(psycopg.Error) as caught:
        with small.transaction():
            for i in range(100):  # 500 MB
                small.execute(insert.format(i * 5000))
    assert caught.value.sqlstate == "53200"
    small.execute(insert.format(0))
    assert small.execute("SELECT count(*) FROM k").fetchall() == [(5000,)]


def test_rows_without_a_key_are_spilled_until_they_are_committed(small_server):
    server, small = small_server
    small.execute("CREATE TABLE p (a bigint, b text) PARTITION BY LIST (a)")
    for leaf in range(4):
        small.execute(f"CREATE TABLE p{leaf} PARTITION OF p FOR VALUES IN ({leaf})")
    many = "INSERT INTO {} SELECT g % 4, repeat(chr(97 + g % 26), 1000) FROM generate_series(0, 99999) g"  # 100 MB
    rows = "SELECT count(*), sum(a), sum(length(b)), count(DISTINCT b) FROM {}"
    with small.transaction():
        small.execute("INSERT INTO h VALUES (7, 'first')")
        small.execute("SAVEPOINT s")
        small.execute(many.format("p"))
        small.execute("ROLLBACK TO s")
        small.execute(many.format("h"))
        assert small.execute("UPDATE h SET b = b || 'y' WHERE a = 3").rowcount == 25000
        small.execute("INSERT INTO p SELECT a, b FROM h WHERE a = 3")
        assert small.execute("DELETE FROM h WHERE a = 2").rowcount == 25000
        assert small.execute(rows.format("h")).fetchone() == (75001, 100007, 75025005, 40)
    assert small.execute(rows.format("h")).fetchone() == (75001, 100007, 75025005, 40)
    assert small.execute(rows.format("p")).fetchone() == (25000, 75000, 25025000, 13)
    assert server.most_memory() < 2 << 30
    assert not any(server.directory.joinpath("spill").glob("rows-*"))


def test_rows_that_are_rolled_back_count_no_more(small):
    with small.transaction():
        for _ in range(20):
            small.execute("SAVEPOINT s")
            small.execute("INSERT INTO h SELECT g, repeat('x', 1000) FROM generate_series(1, 10000) g")
            small.execute("ROLLBACK TO s")
        small.execute("INSERT INTO h VALUES (1, 'kept')")
    assert small.execute("SELECT * FROM h").fetchall() == [(1, "kept")]


def test_queries_spill(small):
    assert small.execute(SORTED).fetchall() == [(2999999,)]


def test_without_a_place_to_spill_to_they_fail(start_server):
    with start_server(LIMIT, "--spill-limit=0").connect(autocommit=True) as connection:
        fails(connection, "53200", SORTED)
        assert connection.execute("SELECT 1").fetchall() == [(1,)]


def test_no_statement_reads_what_is_spilled(start_server):
    server = start_server()
    spilled = server.directory / "spill"
    spilled.mkdir()
    (spilled / "duckdb_temp_block-1.block").write_text("somebody's rows")
    for function in ("read_text", "read_blob", "read_csv"):
        said = server.psql("-c", "SET weir.dialect = 'duckdb'",
                           "-c", f"SELECT * FROM {function}('{spilled / 'duckdb_temp_block-1.block'}')", code=1)
        assert "statements open no files" in said and "somebody" not in said
    server.kill()
    with start_server().connect() as connection:
        assert connection.execute("SELECT 1").fetchall() == [(1,)]
        assert not spilled.exists()


def test_a_value_has_a_largest_size(small):
    error = fails(small, "54000", "SELECT repeat('x', 2000000000)")
    assert error.diag.message_primary == "requested length too large"


# --- time

def joined(tables: int, condition: str) -> str:
    """`condition` of each table and the next."""
    names = ", ".join(f"j j{i}" for i in range(tables))
    conditions = " AND ".join(condition.format(f"j{i}", f"j{i + 1}") for i in range(tables - 1))
    return f"SELECT count(*) FROM {names} WHERE {conditions}"


def test_many_tables_are_joined(conn):
    conn.execute("CREATE TABLE j (a int, b int)")
    conn.execute("INSERT INTO j SELECT g, (g + 1) % 10 FROM generate_series(0, 9) g")
    for tables in (8, 40, 41, 60):
        assert conn.execute(joined(tables, "{}.b = {}.a")).fetchall() == [(10,)]
    assert conn.execute("SELECT 1 + 1").fetchall() == [(2,)]


def test_planning_ends_in_time(conn):
    conn.execute("CREATE TABLE j (a int)")
    conn.execute("INSERT INTO j VALUES (1)")
    conn.execute("SET statement_timeout = '100ms'")
    error = fails(conn, "57014", joined(120, "{}.a = {}.a"))
    assert error.diag.message_primary == "canceling statement due to statement timeout"
    conn.execute("RESET statement_timeout")
    assert conn.execute(joined(3, "{}.a = {}.a")).fetchall() == [(1,)]


def test_many_conditions_are_planned(conn):
    conn.execute("CREATE TABLE w (a int, b text)")
    conn.execute("INSERT INTO w VALUES (1, 'x'), (19999, 'y'), (20000, 'z'), (NULL, 'n')")
    numbers = range(20_000)
    either = " OR ".join(f"a = {i}" for i in numbers)
    neither = " AND ".join(f"a <> {i}" for i in numbers)
    assert conn.execute(f"SELECT b FROM w WHERE {either} ORDER BY b").fetchall() == [("x",), ("y",)]
    assert conn.execute(f"SELECT b FROM w WHERE {either} OR b = 'n' ORDER BY b").fetchall() == [("n",), ("x",), ("y",)]
    assert conn.execute(f"SELECT b FROM w WHERE {neither}").fetchall() == [("z",)]
    few = " OR ".join(f"a = {i}" for i in [1, *range(50, 60)])
    rows = conn.execute(f"SELECT b, {few}, {few} OR a = NULL FROM w ORDER BY b").fetchall()
    assert rows == [("n", None, None), ("x", True, True), ("y", False, None), ("z", False, None)]


def test_an_error_amid_many_rows_is_no_cancel(conn):
    """Whichever of the query's threads meets it."""
    for _ in range(5):
        fails(conn, "22012", "SELECT repeat('x', 200), 1 / (g - 20000) FROM generate_series(1, 1000000) g")


# --- sessions and clients

ENDLESS = "SELECT count(*) FROM generate_series(1, 1000000000) a, generate_series(1, 1000000000) b"


def test_who_says_nothing_is_ended(server, database):
    for parameter, begin, state in (("idle_session_timeout", "", "57P05"),
                                    ("idle_in_transaction_session_timeout", "BEGIN", "25P03")):
        with server.connect(database, autocommit=True) as connection:
            connection.execute(f"SET {parameter} = '50ms'")
            if begin:
                connection.execute(begin)
            assert select.select([connection.pgconn.socket], [], [], 60)[0]
            assert fails(connection, state, "SELECT 1").diag.severity == "FATAL"
    with server.connect(database, autocommit=True) as connection:
        connection.execute("SET idle_session_timeout = '1h'")
        assert connection.execute("SHOW idle_session_timeout").fetchall() == [("1h",)]


def test_a_stopping_server_says_so_to_all(start_server):
    server = start_server()
    told = {}

    def run(name: str, connection: psycopg.Connection, statement: str) -> None:
        try:
            connection.execute(statement)
        except psycopg.Error as error:
            told[name] = error.sqlstate

    connections = {name: server.connect(autocommit=True) for name in ("idle", "busy")}
    busy = threading.Thread(target=run, args=("busy", connections["busy"], ENDLESS))
    busy.start()
    busy_ones = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query = %s"
    while connections["idle"].execute(busy_ones, (ENDLESS,)).fetchone() == (0,):
        assert busy.is_alive()
    server.signal(signal.SIGTERM)
    busy.join(60)
    assert not busy.is_alive()
    run("idle", connections["idle"], "SELECT 1")
    assert told == {"idle": "57P01", "busy": "57P01"}
    assert server.wait() == 0


def test_a_query_whose_client_is_gone_ends(server, database):
    gone = server.connect(database, autocommit=True)
    gone.execute("CREATE TABLE t (a int)")
    gone.execute("SET client_connection_check_interval = '100ms'")
    gone.execute("BEGIN")
    gone.execute("LOCK TABLE t")
    gone.pgconn.send_query(ENDLESS.encode())
    gone.pgconn.finish()
    with server.connect(database, autocommit=True) as connection:
        connection.execute("SET lock_timeout = '60s'")
        with connection.transaction():
            connection.execute("LOCK TABLE t")


def test_psql_is_told_where_it_is(server):
    port = server.fluss.rsplit(":", 1)[1]
    for mode in ("prefer", "disable"):
        said = server.psql("-c", "SELECT 1", code=2, PGPORT=port, PGSSLMODE=mode)
        assert "FATAL:  this port serves Fluss clients, not SQL" in said


# --- names that only Fluss clients make

LONG = "c" * 70


@pytest.fixture
def odd(client, conn, database):
    fluss = pytest.importorskip("fluss")
    for table, names in (("cases", ["A", "a", "b"]), ("longs", [LONG, "d" + LONG])):
        schema = fluss.Schema(pa.schema([pa.field(name, pa.int64()) for name in names]))
        client.get_admin().create_table(f"{database}.{table}", fluss.TableDescriptor(schema))
        with client.get_table(f"{database}.{table}").new_append().create_writer() as writer:
            writer.append({name: i for i, name in enumerate(names)})
    return conn


def test_columns_that_differ_in_case_only(odd):
    assert odd.execute("SELECT * FROM cases").fetchall() == [(0, 1, 2)]
    assert odd.execute('SELECT a, "A" FROM cases WHERE "A" < a').fetchall() == [(1, 0)]
    odd.execute('INSERT INTO cases ("A", a) VALUES (7, 8)')
    odd.execute("INSERT INTO cases VALUES (4, 5, 6)")
    odd.execute('UPDATE cases SET a = "A" + 100 WHERE a = 8')
    odd.execute('DELETE FROM cases WHERE "A" = 0')
    assert odd.execute('SELECT * FROM cases ORDER BY "A"').fetchall() == [(4, 5, 6), (7, 107, None)]


def test_columns_with_long_names(odd):
    assert odd.execute("SELECT * FROM longs").fetchall() == [(0, 1)]
    assert odd.execute(f"SELECT d{LONG}, {LONG} FROM longs WHERE {LONG} = 0").fetchall() == [(1, 0)]
    odd.execute(f"INSERT INTO longs ({LONG[:63]}) VALUES (5)")
    assert odd.execute(f"SELECT {LONG[:63]} FROM longs ORDER BY 1").fetchall() == [(0,), (5,)]


def test_a_thousand_constants_are_computed(conn):
    assert conn.execute("SELECT " + "+".join(["1"] * 1000)).fetchall() == [(1000,)]
    assert conn.execute("SELECT " + "+".join(["1"] * 500) + " + a FROM generate_series(1, 2) t(a)").fetchall() == [(501,), (502,)]
    assert conn.execute("SELECT length(" + "||".join(["'ab'"] * 300) + ")").fetchall() == [(600,)]
    assert conn.execute("SELECT " + "+".join(["1"] * 100 + ["NULL"])).fetchall() == [(None,)]


def test_a_table_has_columns_that_a_row_can_have(conn):
    columns = ", ".join(f"c{number} int" for number in range(1601))
    error = fails(conn, "54011", f"CREATE TABLE wide ({columns})")
    assert error.diag.message_primary == "tables can have at most 1600 columns"
