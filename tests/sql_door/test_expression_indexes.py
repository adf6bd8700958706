"""Indexes on expressions and of some rows: as programs see them, and kept by every way in which rows are written."""
from __future__ import annotations

import psycopg
import pytest

SCHEMA = """
CREATE TABLE person (id int PRIMARY KEY, email text, name text, gone timestamp);
CREATE UNIQUE INDEX person_email ON person (lower(email)) WHERE gone IS NULL;
CREATE INDEX person_name ON person (upper(name), id DESC);
"""


def keys(conn) -> list:
    """The e-mails of whom the unique index must have, found by it."""
    found = []
    for (email,) in conn.execute("SELECT lower(email) FROM person WHERE gone IS NULL AND email IS NOT NULL").fetchall():
        query = "SELECT id FROM person WHERE lower(email) = %s AND gone IS NULL"
        assert len(conn.execute(query, (email,)).fetchall()) == 1, email
        found.append(email)
    return sorted(found)


def refuses(conn, statement: str) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation) as refused, conn.transaction():
        conn.execute(statement)
    assert refused.value.diag.constraint_name == "person_email"
    assert refused.value.diag.message_detail == "Key (lower(email))=(ann@x) already exists."


def test_every_way_of_writing_keeps_them(conn):
    conn.execute(SCHEMA)
    conn.execute("INSERT INTO person VALUES (1, 'Ann@x', 'Ann'), (2, 'Bob@x', 'Bob'), (3, NULL, 'Nobody')")
    refuses(conn, "INSERT INTO person VALUES (4, 'ANN@x', 'Another')")
    with pytest.raises(psycopg.errors.UniqueViolation) as refused:
        with conn.cursor().copy("COPY person (id, email) FROM STDIN") as copy:
            copy.write("4\tcarl@x\n5\taNN@x\n")
    assert refused.value.diag.context.startswith("COPY person, line 2")
    with conn.cursor().copy("COPY person FROM STDIN") as copy:
        copy.write("4\tCarl@x\tCarl\t\\N\n5\tANN@x\tOld Ann\t2020-01-01\n")
    assert keys(conn) == ["ann@x", "bob@x", "carl@x"]
    refuses(conn, "UPDATE person SET gone = NULL WHERE id = 5")
    refuses(conn, "UPDATE person SET email = 'ann@X' WHERE id = 2")
    conn.execute("UPDATE person SET gone = now() WHERE id = 1")
    conn.execute("UPDATE person SET gone = NULL WHERE id = 5")
    refuses(conn, "MERGE INTO person USING (VALUES (1), (6)) v (id) ON person.id = v.id "
                  "WHEN MATCHED THEN UPDATE SET gone = NULL WHEN NOT MATCHED THEN INSERT VALUES (v.id, 'z@x', 'Z', NULL)")
    conn.execute("MERGE INTO person USING (VALUES (4), (6)) v (id) ON person.id = v.id "
                 "WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (v.id, 'Zoe@x', 'Zoe', NULL)")
    assert keys(conn) == ["ann@x", "bob@x", "zoe@x"]
    conn.execute("DELETE FROM person WHERE lower(email) = 'bob@x'")
    conn.execute("INSERT INTO person VALUES (7, 'BOB@x', 'Bobby')")
    assert keys(conn) == ["ann@x", "bob@x", "zoe@x"]
    conn.execute("TRUNCATE person")
    conn.execute("INSERT INTO person VALUES (1, 'ann@x', 'Ann')")
    assert keys(conn) == ["ann@x"]


def test_upserts_go_by_them(conn):
    conn.execute(SCHEMA)
    upsert = ("INSERT INTO person VALUES (%s, %s, %s) ON CONFLICT (lower(email)) WHERE gone IS NULL "
              "DO UPDATE SET name = excluded.name RETURNING id")
    assert conn.execute(upsert, (1, "Ann@x", "Ann")).fetchone() == (1,)
    assert conn.execute(upsert, (2, "ANN@x", "Anna")).fetchone() == (1,)
    assert conn.execute("SELECT id, name FROM person").fetchall() == [(1, "Anna")]
    with pytest.raises(psycopg.errors.CardinalityViolation):
        conn.execute("INSERT INTO person VALUES (3, 'c@x', 'C'), (4, 'C@x', 'D') ON CONFLICT (lower(email)) "
                     "WHERE gone IS NULL DO UPDATE SET name = 'twice'")
    done = conn.execute("INSERT INTO person VALUES (3, 'c@x', 'C'), (4, 'C@x', 'D'), (5, 'ann@x', 'E') "
                        "ON CONFLICT DO NOTHING")
    assert done.rowcount == 1


def test_plans_use_them(conn):
    conn.execute(SCHEMA)

    def plan(where: str) -> str:
        return conn.execute(f"EXPLAIN (COSTS OFF) SELECT * FROM person WHERE {where}").fetchone()[0]

    assert plan("lower(email) = 'ann@x' AND gone IS NULL") == "Index Scan using person_email on person"
    assert plan("lower(email) = 'ann@x'") == "Seq Scan on person"
    assert plan("upper(name) = 'ANN'") == "Index Scan using person_name on person"
    assert plan("lower(name) = 'ann'") == "Seq Scan on person"


def test_two_transactions_meet_in_one(server, conn, database):
    conn.execute(SCHEMA)
    with server.connect(database) as one:
        one.execute("INSERT INTO person VALUES (1, 'Ann@x')")
        with server.connect(database, autocommit=True) as other:
            other.execute("SET lock_timeout = '50ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                other.execute("INSERT INTO person VALUES (2, 'aNN@x')")
            other.execute("RESET lock_timeout")
            other.execute("INSERT INTO person VALUES (3, 'aNN@x', NULL, now())")
        one.rollback()
    conn.execute("INSERT INTO person VALUES (2, 'aNN@x')")


def test_rows_that_are_there_are_looked_at(conn):
    conn.execute("CREATE TABLE t (a text, n int)")
    conn.execute("INSERT INTO t SELECT 'V' || i, i FROM generate_series(1, 5000) AS g(i)")
    conn.execute("INSERT INTO t VALUES ('v7', -1)")
    with pytest.raises(psycopg.errors.UniqueViolation) as refused:
        conn.execute("CREATE UNIQUE INDEX ON t (lower(a))")
    assert refused.value.diag.message_detail == "Key (lower(a))=(v7) is duplicated."
    conn.execute("CREATE UNIQUE INDEX ON t (lower(a)) WHERE n > 0")
    with pytest.raises(psycopg.errors.UniqueViolation):
        conn.execute("INSERT INTO t VALUES ('v4999', 1)")


def test_psql_and_a_dump_have_them(server, conn, database):
    conn.execute(SCHEMA)
    shown = server.psql("-c", r"\d person", database=database)
    assert '"person_email" UNIQUE, btree (lower(email)) WHERE gone IS NULL' in shown
    assert '"person_name" btree (upper(name), id DESC)' in shown
    defined = [one for (one,) in conn.execute("SELECT indexdef FROM pg_indexes WHERE indexname LIKE 'person_%%' "
                                              "AND indexname <> 'person_pkey' AND schemaname = 'public' ORDER BY 1").fetchall()]
    assert defined == ["CREATE INDEX person_name ON public.person USING btree (upper(name), id DESC)",
                       "CREATE UNIQUE INDEX person_email ON public.person USING btree (lower(email)) "
                       "WHERE (gone IS NULL)"]
    conn.execute("DROP INDEX person_email, person_name")
    for one in defined:
        conn.execute(one)
    conn.execute("CREATE TABLE twin (LIKE person INCLUDING INDEXES)")
    of_twin = "SELECT count(*) FROM pg_indexes WHERE tablename = 'twin' AND schemaname = 'public'"
    assert conn.execute(of_twin).fetchone() == (3,)


def test_columns_that_they_use(conn):
    conn.execute(SCHEMA)
    conn.execute("INSERT INTO person VALUES (1, 'Ann@x', 'Ann')")
    with pytest.raises(psycopg.errors.UndefinedFunction, match=r"function lower\(integer\) does not exist"):
        conn.execute("ALTER TABLE person ALTER COLUMN email TYPE int USING 1")
    conn.execute("ALTER TABLE person RENAME COLUMN email TO mail")
    with pytest.raises(psycopg.errors.UniqueViolation, match="person_email"):
        conn.execute("INSERT INTO person VALUES (2, 'ANN@x')")
    conn.execute("ALTER TABLE person ADD COLUMN extra int DEFAULT 5, DROP COLUMN name")
    with pytest.raises(psycopg.errors.UniqueViolation, match="person_email"):
        conn.execute("INSERT INTO person VALUES (2, 'ANN@x')")
    names = conn.execute("SELECT indexname FROM pg_indexes WHERE tablename = 'person' AND schemaname = 'public' "
                         "ORDER BY 1").fetchall()
    assert names == [("person_email",), ("person_pkey",)]


def test_they_are_made_anew_for_another_type_of_their_column(conn):
    conn.execute("CREATE TABLE r (id int PRIMARY KEY, n int, s text); CREATE UNIQUE INDEX r_n ON r ((n * 2)) WHERE n > 0;"
                 "CREATE INDEX r_s ON r (lower(s)) WHERE n > 1; INSERT INTO r VALUES (1, 1, 'A'), (2, 2, 'B')")
    conn.execute("ALTER TABLE r ALTER n TYPE numeric(8,2)")
    conn.execute("INSERT INTO r VALUES (3, 1.25, 'C')")
    with pytest.raises(psycopg.errors.UniqueViolation, match="r_n"):
        conn.execute("INSERT INTO r VALUES (4, 1.25, 'D')")
    assert conn.execute("SELECT id FROM r WHERE n * 2 = 2.5 AND n > 0").fetchall() == [(3,)]
    assert conn.execute("SELECT pg_get_indexdef('r_n'::regclass)").fetchone() == (
        "CREATE UNIQUE INDEX r_n ON public.r USING btree (((n * (2)::numeric))) WHERE (n > (0)::numeric)",)


def test_partitions_have_their_parts(conn):
    conn.execute("CREATE TABLE p (k text, id int, v text) PARTITION BY LIST (k);"
                 "CREATE TABLE p_a PARTITION OF p FOR VALUES IN ('a'); CREATE UNIQUE INDEX p_v ON p (k, lower(v));"
                 "CREATE TABLE p_b (v text, k text, id int); INSERT INTO p_b VALUES ('X', 'b', 1)")
    conn.execute("ALTER TABLE p ATTACH PARTITION p_b FOR VALUES IN ('b')")
    conn.execute("INSERT INTO p VALUES ('a', 1, 'X')")
    for key in ("a", "b"):
        with pytest.raises(psycopg.errors.UniqueViolation) as refused:
            conn.execute("INSERT INTO p VALUES (%s, 2, 'x')", (key,))
        assert refused.value.diag.constraint_name == f"p_{key}_k_lower_idx"
    conn.execute("UPDATE p SET k = 'b', v = 'Y' WHERE k = 'a'")
    assert conn.execute("SELECT k, lower(v) FROM p ORDER BY 2").fetchall() == [("b", "x"), ("b", "y")]
