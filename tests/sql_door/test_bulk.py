"""Statements of many rows on tables with a primary key, which do what they do on tables without one."""
from __future__ import annotations

import psycopg
import pytest
from psycopg import errors

ROWS = 20000  # enough for rows to be kept as columns once they were read twice
CHANGES = [
    "UPDATE {} SET n = n + 1 WHERE id % 100 = 3",
    "DELETE FROM {} WHERE id % 50 = 7",
    "INSERT INTO {} SELECT i, 'new', i, i FROM generate_series(30001, 30500) i",
    "UPDATE {} SET name = 'wide', n = NULL WHERE id BETWEEN 100 AND 300",
    "UPDATE {} SET n = n + 1",
    "INSERT INTO {} SELECT i, 'back', i, 0.5 FROM generate_series(7, 20000, 50) i",
    "ALTER TABLE {} ADD COLUMN more int DEFAULT 5",
    "UPDATE {} SET more = id WHERE id < 50",
    "DELETE FROM {} WHERE id > 10000",
    "DELETE FROM {}",
    "INSERT INTO {} SELECT i, 'again', i, i FROM generate_series(1, 500) i",
]
READ = "SELECT count(*), sum(id), sum(n), sum(x), min(name), max(name), count(DISTINCT name) FROM {}"


@pytest.fixture
def tables(conn):
    for name, key in (("keyed", " PRIMARY KEY"), ("plain", "")):
        conn.execute(f"CREATE TABLE {name} (id int{key}, name text, n int, x numeric)")
        conn.execute(f"INSERT INTO {name} SELECT i, 'name ' || i % 77, i % 1000, i * 0.5 FROM generate_series(1, {ROWS}) i")
    return conn


def both(conn, statement):
    return [conn.execute(statement.format(name)) for name in ("keyed", "plain")]


def check(conn):
    keyed, plain = (cursor.fetchall() for cursor in both(conn, READ))
    assert keyed == plain
    for some in ("id % 999 = 3", "id = 107", "id IN (3, 7, 150, 1000, 30001)"):
        keyed, plain = (cursor.fetchall() for cursor in both(conn, f"SELECT * FROM {{}} WHERE {some} ORDER BY id"))
        assert keyed == plain


@pytest.mark.parametrize("reads", [1, 3])
def test_rows_are_the_same_after_each_statement(tables, reads):
    for change in CHANGES:
        for _ in range(reads):
            check(tables)
        keyed, plain = both(tables, change)
        assert keyed.statusmessage == plain.statusmessage
        check(tables)


def test_a_transaction_sees_its_own_changes_and_no_others(tables, server, database):
    for _ in range(2):
        check(tables)
    with server.connect(database) as other:
        other.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        before = other.execute(READ.format("keyed")).fetchall()
        with tables.transaction():
            for change in CHANGES[:4]:
                both(tables, change)
                check(tables)
            with tables.transaction(force_rollback=True):
                both(tables, "DELETE FROM {} WHERE id % 3 = 0")
                check(tables)
            check(tables)
            assert other.execute(READ.format("keyed")).fetchall() == before
        assert other.execute(READ.format("keyed")).fetchall() == before
        assert other.execute("SELECT count(*) FROM keyed WHERE name = 'new'").fetchone() == (0,)
        with pytest.raises(errors.SerializationFailure):
            other.execute("UPDATE keyed SET n = n + 1")
        other.rollback()
        assert other.execute(READ.format("keyed")).fetchall() == tables.execute(READ.format("plain")).fetchall()


def test_a_key_that_is_there_is_named_with_its_line(conn):
    conn.execute("CREATE TABLE t (id int PRIMARY KEY)")
    conn.execute("INSERT INTO t VALUES (90000)")
    with pytest.raises(errors.UniqueViolation) as failure, conn.cursor().copy("COPY t FROM STDIN") as copy:
        copy.write("".join(f"{i}\n" for i in range(1, 100001)))
    assert failure.value.diag.message_detail == "Key (id)=(90000) already exists."
    assert failure.value.diag.context == "COPY t, line 90000"
    assert conn.execute("SELECT count(*) FROM t").fetchone() == (1,)


def test_any_number_of_sessions_read_a_table_at_once(conn, server, database):
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, filler text)")
    conn.execute("INSERT INTO t SELECT i, repeat('x', 500) FROM generate_series(1, 5000) i")
    readers = [server.connect(database) for _ in range(12)]
    try:
        cursors = [reader.cursor(name="some") for reader in readers]
        for cursor in cursors:
            cursor.execute("SELECT id FROM t")
            assert cursor.fetchone() is not None
        assert all(len(cursor.fetchall()) == 4999 for cursor in cursors)
    finally:
        for reader in readers:
            reader.close()


def test_rows_of_many_leaves_are_there_once(conn):
    """So many that some go to the transaction before the statement ends, and so few a leaf that they wait for others."""
    conn.execute("CREATE TABLE strewn (id int, leaf int, filler text) PARTITION BY LIST (leaf)")
    for leaf in range(60):
        conn.execute(f"CREATE TABLE strewn_{leaf} PARTITION OF strewn FOR VALUES IN ({leaf})")
    conn.execute("INSERT INTO strewn SELECT i, i % 60, repeat('x', 200) FROM generate_series(1, 114000) i")
    assert conn.execute("SELECT count(*), count(DISTINCT id) FROM strewn").fetchone() == (114000, 114000)
