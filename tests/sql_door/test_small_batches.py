"""Log tables whose rows were written one by one, which are read together."""
from __future__ import annotations

FIRST, LAST = 8150, 8230  # rows are put together up to multiples of 8192 of their offsets


def check(conn, rows):
    columns = "id, name" if len(next(iter(rows.values()))) == 2 else "id, name, more"
    for _ in range(3):  # what was put together is kept
        assert conn.execute("SELECT count(*) FROM drops").fetchone() == (FIRST + len(rows),)
        assert conn.execute("SELECT sum(id) FROM drops").fetchone() == (FIRST * (FIRST + 1) // 2 + sum(rows),)
        assert conn.execute(f"SELECT {columns} FROM drops WHERE id > {FIRST} ORDER BY id").fetchall() == [
            rows[i] for i in sorted(rows)]
        some = max(rows)
        assert conn.execute(f"SELECT {columns} FROM drops WHERE id = {some}").fetchall() == [rows[some]]
        assert conn.execute("SELECT id FROM drops WHERE id = 0").fetchall() == []


def test_rows_written_one_by_one(conn):
    conn.execute("CREATE TABLE drops (id int, name text)")
    conn.execute(f"INSERT INTO drops SELECT i, 'many' FROM generate_series(1, {FIRST}) i")
    rows = {}
    for i in range(FIRST + 1, LAST + 1):
        rows[i] = (i, None if i % 3 == 0 else f"row {i}")
        conn.execute("INSERT INTO drops VALUES (%s, %s)", rows[i])
    check(conn, rows)
    conn.execute(f"DELETE FROM drops WHERE id > {FIRST} AND id % 7 = 0")
    rows = {i: row for i, row in rows.items() if i % 7 != 0}
    check(conn, rows)
    conn.execute("UPDATE drops SET name = 'new' WHERE id = 8200")
    rows[8200] = (8200, "new")
    check(conn, rows)
    conn.execute("ALTER TABLE drops ADD COLUMN more int DEFAULT 5")
    rows = {i: (*row, 5) for i, row in rows.items()}
    check(conn, rows)
    for i in range(9001, 9011):
        rows[i] = (i, "later", i if i % 2 else None)
        conn.execute("INSERT INTO drops VALUES (%s, %s, %s)", rows[i])
        if i % 5 == 0:
            check(conn, rows)


def test_a_snapshot_sees_none_of_what_comes_after_it(conn, server, database):
    conn.execute("CREATE TABLE drops (id int)")
    for i in range(10):
        conn.execute("INSERT INTO drops VALUES (%s)", [i])
    with server.connect(database) as other, other.transaction():
        other.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        assert other.execute("SELECT sum(id) FROM drops").fetchone() == (45,)
        for i in range(10, 20):
            conn.execute("INSERT INTO drops VALUES (%s)", [i])
        assert conn.execute("SELECT count(*), sum(id) FROM drops").fetchone() == (20, 190)
        assert other.execute("SELECT count(*), sum(id) FROM drops").fetchone() == (10, 45)
    assert conn.execute("SELECT count(*), sum(id) FROM drops").fetchone() == (20, 190)
