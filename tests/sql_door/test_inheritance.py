"""Tables that inherit from others: what sessions see of each other, transactions, privileges, plans and drivers."""
from __future__ import annotations

import psycopg
import pytest
from psycopg import errors

CITIES = """
CREATE TABLE city (name text, people int CHECK (people > 0));
CREATE TABLE capital (state text) INHERITS (city);
INSERT INTO city VALUES ('Bonn', 3);
INSERT INTO capital VALUES ('Rome', 28, 'it'), ('Oslo', 7, 'no');
"""


@pytest.fixture
def cities(conn: psycopg.Connection) -> psycopg.Connection:
    conn.execute(CITIES)
    return conn


def names(conn: psycopg.Connection, table: str = "city") -> list[str]:
    return [name for (name,) in conn.execute(f"SELECT name FROM {table} ORDER BY name").fetchall()]


def plan(conn: psycopg.Connection, query: str) -> str:
    return "\n".join(line for (line,) in conn.execute("EXPLAIN (COSTS OFF) " + query).fetchall())


def test_what_is_rolled_back_leaves_nothing(cities):
    with pytest.raises(ZeroDivisionError), cities.transaction():
        cities.execute("CREATE TABLE port () INHERITS (city)")
        cities.execute("INSERT INTO port VALUES ('Genoa', 6)")
        with pytest.raises(ZeroDivisionError), cities.transaction():
            cities.execute("DROP TABLE capital")
            assert names(cities) == ["Bonn", "Genoa"]
            raise ZeroDivisionError
        assert names(cities) == ["Bonn", "Genoa", "Oslo", "Rome"]
        cities.execute("ALTER TABLE city ADD COLUMN founded int")
        cities.execute("UPDATE city SET founded = 1")
        assert cities.execute("SELECT * FROM capital WHERE name = 'Oslo'").fetchone() == ("Oslo", 7, "no", 1)
        cities.execute("ALTER TABLE capital NO INHERIT city")
        raise ZeroDivisionError
    assert names(cities) == ["Bonn", "Oslo", "Rome"]
    assert cities.execute("SELECT * FROM capital WHERE name = 'Oslo'").fetchone() == ("Oslo", 7, "no")


def test_sessions_make_children_at_once(server, database, cities):
    with server.connect(database) as one, server.connect(database) as other:
        one.execute("CREATE VIEW seen AS SELECT * FROM city")
        one.execute("INSERT INTO city VALUES ('Turin', 8)")
        other.execute("CREATE TABLE port () INHERITS (capital)")
        one.commit()
        other.execute("INSERT INTO port VALUES ('Genoa', 6, 'it')")
        other.commit()
    assert names(cities, "seen") == ["Bonn", "Genoa", "Oslo", "Rome", "Turin"]
    cities.execute("DROP TABLE port")
    assert names(cities) == ["Bonn", "Oslo", "Rome", "Turin"]


def test_temporary_children_are_their_session_s(server, database, cities):
    with server.connect(database, autocommit=True) as other:
        other.execute("CREATE TEMP TABLE dreamt () INHERITS (city)")
        other.execute("INSERT INTO dreamt VALUES ('Atlantis', 1)")
        assert names(other) == ["Atlantis", "Bonn", "Oslo", "Rome"]
        assert names(cities) == ["Bonn", "Oslo", "Rome"]
    cities.execute("ALTER TABLE city ADD COLUMN founded int")
    assert names(cities) == ["Bonn", "Oslo", "Rome"]


def test_who_may_read_the_parent_reads_its_children(start_server):
    with start_server().connect(user="weir", autocommit=True) as conn:
        conn.execute(CITIES)
        conn.execute("CREATE ROLE traveller; GRANT SELECT, UPDATE ON city TO traveller")
        conn.execute("CREATE SCHEMA own; GRANT ALL ON SCHEMA own TO traveller; SET ROLE traveller")
        assert names(conn) == ["Bonn", "Oslo", "Rome"]
        conn.execute("UPDATE city SET people = people + 1")
        for statement in ("SELECT * FROM capital", "CREATE TABLE own.mine () INHERITS (city)"):
            with pytest.raises(errors.InsufficientPrivilege):
                conn.execute(statement)
        conn.execute("RESET ROLE")
        assert conn.execute("SELECT * FROM capital ORDER BY 1").fetchall() == [("Oslo", 8, "no"), ("Rome", 29, "it")]


def test_checks_leave_children_out(conn):
    conn.execute("CREATE TABLE reading (day date, v int)")
    for month in range(1, 5):
        conn.execute(f"CREATE TABLE reading_{month} (CHECK (day >= '2024-0{month}-01' AND day < '2024-0{month + 1}-01'))"
                     " INHERITS (reading)")
        conn.execute(f"INSERT INTO reading_{month} VALUES ('2024-0{month}-15', {month}), (NULL, {month})")
    scanned = plan(conn, "SELECT * FROM reading WHERE day = '2024-02-15'")
    assert "Seq Scan on reading reading_1" in scanned and "on reading_2" in scanned and "on reading_3" not in scanned
    assert conn.execute("SELECT v FROM reading WHERE day BETWEEN '2024-02-01' AND '2024-03-31' ORDER BY v").fetchall() \
        == [(2,), (3,)]
    assert conn.execute("SELECT count(*) FROM reading WHERE day IS NULL").fetchone() == (4,)
    conn.execute("SET constraint_exclusion = off")
    assert "on reading_4" in plan(conn, "SELECT * FROM reading WHERE day = '2024-02-15'")
    conn.execute("CREATE TABLE odd (CHECK (v = 1 OR v = NULL)) INHERITS (reading)")
    conn.execute("RESET constraint_exclusion")
    conn.execute("INSERT INTO odd VALUES (NULL, 77)")
    assert conn.execute("SELECT count(*) FROM reading WHERE v = 77").fetchone() == (1,)


def test_many_rows_of_children_are_changed_through_the_parent(cities):
    cities.execute("INSERT INTO capital SELECT 'c' || g, g, 's' || g FROM generate_series(1, 10000) g")
    cities.execute("CREATE TABLE keyed (PRIMARY KEY (name)) INHERITS (capital)")
    cities.execute("INSERT INTO keyed SELECT 'k' || g, g, 's' || g FROM generate_series(1, 5000) g")
    assert cities.execute("UPDATE city SET people = people + 1 WHERE people % 2 = 0").rowcount == 5001 + 2500
    right = "name = left(name, 1) || substr(state, 2) AND people = substr(state, 2)::int + 1 - substr(state, 2)::int % 2"
    assert cities.execute(f"SELECT count(*) FROM capital WHERE length(state) > 2 AND NOT ({right})").fetchone() == (0,)
    assert cities.execute("SELECT count(*), count(DISTINCT name) FROM keyed").fetchone() == (5000, 5000)
    assert cities.execute("DELETE FROM city WHERE name LIKE 'k%'").rowcount == 5000
    assert cities.execute("SELECT count(*) FROM city").fetchone() == (10003,)


def test_prepared_statements_see_children_that_come_and_go(cities):
    def count() -> int:
        return cities.execute("SELECT count(*) FROM city WHERE people > %s", [0], prepare=True).fetchone()[0]

    cities.execute("CREATE TABLE lone (id int PRIMARY KEY, v int); INSERT INTO lone VALUES (1, 1)")
    assert count() == 3
    for _ in range(3):
        assert cities.execute("SELECT v FROM lone WHERE id = %s", [1], prepare=True).fetchall() == [(1,)]
    cities.execute("CREATE TABLE other () INHERITS (lone); INSERT INTO other VALUES (1, 2)")
    assert cities.execute("SELECT v FROM lone WHERE id = %s ORDER BY v", [1], prepare=True).fetchall() == [(1,), (2,)]
    assert sorted(cities.execute("SELECT v FROM lone WHERE id = %s", [1], prepare=True).fetchall()) == [(1,), (2,)]
    cities.execute("UPDATE lone SET v = v + 10 WHERE id = %s", [1], prepare=True)
    assert sorted(cities.execute("SELECT v FROM lone").fetchall()) == [(11,), (12,)]
    cities.execute("DROP TABLE capital")
    assert count() == 1


def test_copy_is_of_the_table_alone(cities):
    with cities.cursor().copy("COPY city TO STDOUT") as copy:
        assert b"".join(copy) == b"Bonn\t3\n"
    with cities.cursor().copy("COPY city FROM STDIN") as copy:
        copy.write_row(["Turin", 8])
    assert names(cities, "ONLY city") == ["Bonn", "Turin"]


def test_children_are_there_after_the_server_is_killed(start_server):
    server = start_server()
    with server.connect(autocommit=True) as conn:
        conn.execute("CREATE TABLE p (a int); CREATE TABLE c (b int) INHERITS (p)")
        conn.execute("INSERT INTO c VALUES (1, 2)")
        conn.execute("CREATE TEMP TABLE t () INHERITS (p)")
    server.kill()
    with start_server().connect(autocommit=True) as conn:
        assert conn.execute("SELECT tableoid::regclass::text, * FROM p").fetchall() == [("c", 1)]
        conn.execute("ALTER TABLE p RENAME COLUMN a TO z")
        assert conn.execute("SELECT z, b FROM c").fetchall() == [(1, 2)]
