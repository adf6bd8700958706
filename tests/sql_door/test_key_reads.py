"""Rows that a whole primary key names: what reading them straight from their leaf gives is what a scan gives."""
from __future__ import annotations

import threading

import pytest
from psycopg import errors

COLUMNS = {
    "a": "boolean", "b": "smallint", "c": "int", "d": "bigint", "e": "real", "f": "double precision", "g": "numeric(10,2)",
    "h": "numeric", "i": "text", "j": "varchar(5)", "k": "char(4)", "l": "bytea", "m": "date", "n": "time", "o": "timestamp",
    "p": "timestamptz", "q": "uuid", "r": "jsonb", "s": "int[]", "t": "interval", "u": "inet",
}
ROWS = [
    "true, -1, 2, 3, 0.5, 1e300, 12.30, 1.500, 'ä', 'x', 'y', '\\x00ff', '2024-02-29', '01:02:03', '2024-01-01 00:00:00.5',"
    " '2024-01-01 12:00+02', '00000000-0000-0000-0000-000000000001', '{\"a\": 1}', '{1,null}', '1 mon', '10.0.0.1'",
    ", ".join(["NULL"] * len(COLUMNS)),
]


@pytest.fixture
def table(conn):
    conn.execute(f"CREATE TABLE t (id int PRIMARY KEY, {', '.join(f'{name} {type_}' for name, type_ in COLUMNS.items())})")
    for number, row in enumerate(ROWS):
        conn.execute(f"INSERT INTO t VALUES ({number}, {row})")
    return conn


@pytest.mark.parametrize("binary", [False, True])
def test_every_type_is_what_a_scan_gives(table, binary):
    with table.cursor(binary=binary) as cursor:
        scanned = cursor.execute("SELECT * FROM t ORDER BY id").fetchall()
        for row in scanned:
            assert cursor.execute("SELECT * FROM t WHERE id = %s", (row[0],), prepare=True).fetchone() == row
            for place, name in enumerate(COLUMNS, 1):
                assert cursor.execute(f"SELECT {name}, id FROM t WHERE id = %s", (row[0],)).fetchone() == (row[place], row[0])
        assert cursor.execute("SELECT * FROM t WHERE id = %s", (7,)).fetchone() is None
        assert cursor.execute("SELECT * FROM t WHERE id = NULL").fetchone() is None


def test_other_conditions_hold_too(table):
    assert table.execute("SELECT c FROM t WHERE id = 0 AND c = 2").fetchall() == [(2,)]
    assert table.execute("SELECT c FROM t WHERE id = 0 AND c = 3").fetchall() == []
    assert table.execute("SELECT c FROM t WHERE id = 0 AND id = 1").fetchall() == []
    assert table.execute("SELECT n FROM (SELECT id, c AS n FROM t WHERE id = 0) x WHERE n > 2").fetchall() == []
    assert table.execute("SELECT c, c, id, tableoid::regclass::text FROM t WHERE id = 0").fetchall() == [(2, 2, 0, "t")]


def test_rows_of_trees_whose_leaves_have_their_columns_elsewhere(conn):
    conn.execute("CREATE TABLE t (k int, name text, n int, PRIMARY KEY (k, n)) PARTITION BY RANGE (n)")
    conn.execute("CREATE TABLE low PARTITION OF t FOR VALUES FROM (0) TO (10)")
    conn.execute("CREATE TABLE high (n int NOT NULL, name text, k int NOT NULL, PRIMARY KEY (k, n))")
    conn.execute("ALTER TABLE t ATTACH PARTITION high FOR VALUES FROM (10) TO (20)")
    conn.execute("INSERT INTO t VALUES (1, 'a', 5), (2, 'b', 15)")
    for k, name, n in [(1, "a", 5), (2, "b", 15)]:
        assert conn.execute("SELECT name, k, n FROM t WHERE k = %s AND n = %s", (k, n), prepare=True).fetchall() == [(name, k, n)]
    assert conn.execute("SELECT name FROM t WHERE k = 1 AND n = 15").fetchall() == []
    assert conn.execute("SELECT name FROM t WHERE k = 1 AND n = 99").fetchall() == []


def test_a_transaction_reads_what_it_has_changed_and_its_snapshot(server, database, table):
    read = "SELECT c FROM t WHERE id = 0"
    with server.connect(database, autocommit=True) as other, table.transaction():
        table.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        assert table.execute(read).fetchone() == (2,)
        other.execute("UPDATE t SET c = 5 WHERE id = 0")
        other.execute("DELETE FROM t WHERE id = 1")
        assert table.execute(read).fetchone() == (2,)
        assert table.execute("SELECT id FROM t WHERE id = 1").fetchone() == (1,)
        table.execute("INSERT INTO t (id, c) VALUES (9, 9)")
        assert table.execute("SELECT c FROM t WHERE id = 9").fetchone() == (9,)
        table.execute("DELETE FROM t WHERE id = 9")
        assert table.execute("SELECT c FROM t WHERE id = 9").fetchone() is None
    assert table.execute(read).fetchone() == (5,)


def test_reads_by_key_are_part_of_what_serializable_holds(server, database, conn):
    conn.execute("CREATE TABLE d (id int PRIMARY KEY, on_call boolean)")
    conn.execute("INSERT INTO d VALUES (1, true), (2, true)")
    both = threading.Barrier(2)

    def leave(me: int, other: int) -> str:
        with server.connect(database) as session:
            session.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
            assert session.execute("SELECT on_call FROM d WHERE id = %s", (other,)).fetchone() == (True,)
            both.wait(30)
            try:
                session.execute("UPDATE d SET on_call = false WHERE id = %s", (me,))
                session.commit()
                return "left"
            except errors.SerializationFailure:
                return "stays"

    ends: list[str] = []
    threads = [threading.Thread(target=lambda pair=pair: ends.append(leave(*pair))) for pair in [(1, 2), (2, 1)]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) in (["left", "stays"], ["stays", "stays"])
    assert conn.execute("SELECT count(*) FROM d WHERE on_call").fetchone()[0] >= 1
