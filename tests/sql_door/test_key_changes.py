"""Changes of rows that a whole primary key names: what they do without DuckDB's scan is what they do with it."""
from __future__ import annotations

import threading

import pytest
from psycopg import errors

FAST = "id = %s"
SLOW = "id + 0 = %s"  # no key that is looked up
TABLE = """
CREATE TABLE {0} (id int PRIMARY KEY, n int CHECK (n < 100), s varchar(5), u int UNIQUE, o numeric(6,2) DEFAULT 1,
                  d int GENERATED ALWAYS AS (n * 2) STORED, e float8, b bytea, a int[], j jsonb, z timestamptz)
"""
ROW = "INSERT INTO {0} VALUES (%s, %s, %s, %s, 2.5, DEFAULT, 'NaN', '\\x00', '{{1,null}}', '{{}}', '2024-01-01 12:00+02')"


@pytest.fixture
def twins(conn):
    for name in ("fast", "slow"):
        conn.execute(TABLE.format(name))
        for i in range(4):
            conn.execute(ROW.format(name), (i, i * 10, f"r{i}", i))
    return conn


def outcome(conn, statement, values):
    try:
        with conn.transaction():
            cursor = conn.execute(statement, values)
            return cursor.statusmessage, cursor.fetchall() if cursor.description else None
    except errors.Error as error:
        diag = error.diag
        return error.sqlstate, diag.message_primary, diag.message_detail, diag.constraint_name, diag.column_name


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE {0} SET n = n + 1 WHERE {1}",
        "UPDATE {0} SET n = n + 1, s = s || 'x', e = e + 1 WHERE {1} RETURNING *",
        "UPDATE {0} SET n = 200 WHERE {1}",
        "UPDATE {0} SET s = 'too long' WHERE {1}",
        "UPDATE {0} SET u = 3 WHERE {1}",
        "UPDATE {0} SET u = u + 100 WHERE {1} RETURNING u, d, tableoid::regclass::text <> ''",
        "UPDATE {0} SET id = id + 10 WHERE {1} RETURNING id",
        "UPDATE {0} SET id = 3 WHERE {1}",
        "UPDATE {0} SET id = NULL WHERE {1}",
        "UPDATE {0} SET d = 5 WHERE {1}",
        "UPDATE {0} SET n = 1 / (n - 10) WHERE {1}",
        "UPDATE {0} SET n = DEFAULT, o = DEFAULT, a = a || 7, j = j || '{{\"k\": 1}}' WHERE {1} AND n < 20 RETURNING *",
        "UPDATE {0} SET n = 5 WHERE {1} AND s = 'r2'",
        "DELETE FROM {0} WHERE {1}",
        "DELETE FROM {0} WHERE {1} RETURNING id, d, b",
        "DELETE FROM {0} WHERE {1} AND n > 15",
    ],
)
def test_both_ways_do_the_same(twins, change):
    for key in (1, 2, 77, None):
        fast = outcome(twins, change.format("fast", FAST), (key,))
        slow = outcome(twins, change.format("slow", SLOW), (key,))
        assert str(fast).replace("fast", "slow") == str(slow)
        rows = [twins.execute(f"SELECT * FROM {name} ORDER BY id").fetchall() for name in ("fast", "slow")]
        assert str(rows[0]) == str(rows[1])


def test_a_transaction_changes_a_row_again(twins):
    with twins.transaction():
        for name, key in (("fast", FAST), ("slow", SLOW)):
            twins.execute(f"UPDATE {name} SET n = 1 WHERE {key}", (0,))
            twins.execute("SAVEPOINT s")
            twins.execute(f"UPDATE {name} SET n = n + 5 WHERE {key}", (0,))
            twins.execute(f"DELETE FROM {name} WHERE {key}", (1,))
            twins.execute("ROLLBACK TO s")
            twins.execute(f"UPDATE {name} SET n = n + 1 WHERE {key}", (0,))
            twins.execute(f"DELETE FROM {name} WHERE {key}", (2,))
            assert twins.execute(f"UPDATE {name} SET n = 0 WHERE {key}", (2,)).rowcount == 0
    rows = [twins.execute(f"SELECT id, n FROM {name} ORDER BY id").fetchall() for name in ("fast", "slow")]
    assert rows[0] == rows[1] == [(0, 2), (1, 10), (3, 30)]


def test_rows_move_between_leaves(conn):
    conn.execute("CREATE TABLE t (id int, k int, v text, PRIMARY KEY (id, k)) PARTITION BY LIST (k)")
    conn.execute("CREATE TABLE one PARTITION OF t FOR VALUES IN (1)")
    conn.execute("CREATE TABLE two (v text, k int NOT NULL, id int NOT NULL, PRIMARY KEY (id, k))")
    conn.execute("ALTER TABLE t ATTACH PARTITION two FOR VALUES IN (2)")
    conn.execute("INSERT INTO t VALUES (1, 1, 'a'), (2, 2, 'b')")
    assert conn.execute("UPDATE t SET k = 2 WHERE id = 1 AND k = 1 RETURNING *").fetchall() == [(1, 2, "a")]
    assert conn.execute("UPDATE t SET v = v || 'x' WHERE id = 1 AND k = 2").rowcount == 1
    assert conn.execute("UPDATE t SET v = '' WHERE id = 1 AND k = 1").rowcount == 0
    assert conn.execute("SELECT id, k, v FROM two ORDER BY id").fetchall() == [(1, 2, "ax"), (2, 2, "b")]
    with pytest.raises(errors.CheckViolation):
        conn.execute("UPDATE t SET k = 9 WHERE id = 1 AND k = 2")
    assert conn.execute("DELETE FROM t WHERE id = 2 AND k = 2").rowcount == 1


def test_rows_that_move_back_and_forth_are_waited_for(conn, server, database):
    """Who has waited for a row that has moved still locks where it was, and is in the way of who moves it back."""
    conn.execute("CREATE TABLE t (id int, k int, n int, PRIMARY KEY (id, k)) PARTITION BY LIST (k)")
    conn.execute("CREATE TABLE one PARTITION OF t FOR VALUES IN (0)")
    conn.execute("CREATE TABLE two PARTITION OF t FOR VALUES IN (1)")
    conn.execute("INSERT INTO t VALUES (1, 0, 0), (2, 0, 0)")
    failed = []

    def move() -> None:
        with server.connect(database, autocommit=True) as own:
            for count in range(8):
                try:
                    own.execute("UPDATE t SET n = n + 1, k = 1 - k WHERE id = %s", (1 + count % 2,))
                except errors.Error as error:
                    failed.append(error)

    threads = [threading.Thread(target=move) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert conn.execute("SELECT id, n FROM t ORDER BY id").fetchall() == [(1, 16), (2, 16)]


@pytest.mark.parametrize("key", [FAST, SLOW])
@pytest.mark.parametrize(
    "level, first, message",
    [
        ("READ COMMITTED", "UPDATE fast SET n = n + 5 WHERE id = 1", None),
        ("READ COMMITTED", "DELETE FROM fast WHERE id = 1", None),
        ("REPEATABLE READ", "UPDATE fast SET n = n + 5 WHERE id = 1", "concurrent update"),
        ("REPEATABLE READ", "DELETE FROM fast WHERE id = 1", "concurrent delete"),
        ("SERIALIZABLE", "UPDATE fast SET n = n + 5 WHERE id = 1", "concurrent update"),
    ],
)
def test_who_comes_second_waits(twins, server, database, key, level, first, message):
    second = server.connect(database, autocommit=True)
    second.execute(f"BEGIN ISOLATION LEVEL {level}")
    second.execute("SELECT count(*) FROM slow")
    twins.execute("BEGIN")
    twins.execute(first)
    failed = []

    def change():
        try:
            second.execute(f"UPDATE fast SET n = n + 1 WHERE {key}", (1,))
        except errors.SerializationFailure as error:
            failed.append(str(error))

    waiting = threading.Thread(target=change)
    waiting.start()
    pid = second.info.backend_pid
    while twins.execute("SELECT wait_event_type FROM pg_stat_activity WHERE pid = %s", (pid,)).fetchone() != ("Lock",):
        pass
    twins.execute("COMMIT")
    waiting.join()
    second.execute("COMMIT")
    second.close()
    assert [message in text for text in failed] == ([True] if message else [])
    changed = 0 if message else 1
    there = [] if first.startswith("DELETE") else [(15 + changed,)]
    assert twins.execute("SELECT n FROM fast WHERE id = 1").fetchall() == there
