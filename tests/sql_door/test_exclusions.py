"""EXCLUDE constraints, CHECK OPTION and what is kept of tables, as several sessions, psql and pg_dump see them."""
from __future__ import annotations

import psycopg
import pytest
from psycopg import errors

BOOKED = "CREATE TABLE booked (room int, during int4range, EXCLUDE USING gist (during WITH &&))"


def test_who_writes_to_such_a_table_waits_and_sees_what_was_committed(server, database, conn):
    conn.execute(BOOKED)
    with server.connect(database) as first, server.connect(database, autocommit=True) as second:
        second.execute("SET lock_timeout = '30ms'")
        first.execute("INSERT INTO booked VALUES (1, '[1,5)')")
        with pytest.raises(errors.LockNotAvailable):
            second.execute("INSERT INTO booked VALUES (2, '[4,6)')")
        second.execute("RESET lock_timeout")
        first.commit()
        with pytest.raises(errors.ExclusionViolation) as refused:
            second.execute("INSERT INTO booked VALUES (2, '[4,6)')")
        diagnostics = refused.value.diag
        assert diagnostics.message_detail == "Key (during)=([4,6)) conflicts with existing key (during)=([1,5))."
        assert (diagnostics.schema_name, diagnostics.table_name) == ("public", "booked")
        assert diagnostics.constraint_name == "booked_during_excl"
        second.execute("INSERT INTO booked VALUES (2, '[5,6)')")


def test_a_transaction_of_one_moment_does_not_write_past_what_it_cannot_see(server, database, conn):
    conn.execute(BOOKED)
    with server.connect(database) as first:
        first.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        assert first.execute("SELECT count(*) FROM booked").fetchone() == (0,)
        conn.execute("INSERT INTO booked VALUES (1, '[1,5)')")
        with pytest.raises((errors.SerializationFailure, errors.ExclusionViolation)):
            first.execute("INSERT INTO booked VALUES (2, '[4,6)')")
    assert conn.execute("SELECT count(*) FROM booked").fetchone() == (1,)


def test_copied_rows_are_held_too(conn):
    conn.execute(BOOKED)
    with pytest.raises(errors.ExclusionViolation), conn.cursor() as cursor:
        with cursor.copy("COPY booked FROM STDIN") as copy:
            for row in ((1, "[1,3)"), (2, "[3,5)"), (3, "[4,6)")):
                copy.write_row(row)
    assert conn.execute("SELECT count(*) FROM booked").fetchone() == (0,)


LATE = "CREATE TABLE late (place int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, name text UNIQUE DEFERRABLE)"


def test_deferred_keys_hold_across_sessions(server, database, conn):
    conn.execute("CREATE TABLE late (place int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, name text)")
    with server.connect(database) as first, server.connect(database) as second:
        first.execute("INSERT INTO late VALUES (1, 'a'), (2, 'b')")
        second.execute("INSERT INTO late VALUES (1, NULL)")
        first.execute("UPDATE late SET place = 3 - place")  # they change places
        first.commit()
        with pytest.raises(errors.UniqueViolation) as refused:
            second.commit()
    diagnostics = refused.value.diag
    assert (diagnostics.message_primary, diagnostics.message_detail) == (
        'duplicate key value violates unique constraint "late_pkey"', "Key (place)=(1) already exists.")
    assert (diagnostics.table_name, diagnostics.constraint_name) == ("late", "late_pkey")
    assert conn.execute("SELECT * FROM late ORDER BY 1").fetchall() == [(1, "b"), (2, "a")]


def test_many_statements_put_a_key_off(conn):
    conn.execute(LATE)
    with conn.transaction():
        for i in range(60):
            conn.execute("INSERT INTO late VALUES (%s, %s)", (i % 30, str(i)))
        conn.execute("DELETE FROM late WHERE name::int >= 30")
    assert conn.execute("SELECT count(*), count(DISTINCT place) FROM late").fetchone() == (30, 30)
    with pytest.raises(errors.UniqueViolation), conn.transaction():
        conn.execute("INSERT INTO late VALUES (100, 'x'), (101, 'y')")
        conn.execute("UPDATE late SET place = 100 WHERE name = 'y'")
    with conn.transaction():
        conn.execute("INSERT INTO late VALUES (100, 'x')")
        with pytest.raises(errors.ObjectInUse, match="pending trigger events"):
            with conn.transaction():
                conn.execute("ALTER TABLE late ADD more int")
        conn.execute("DELETE FROM late WHERE place = 100")


def test_copied_rows_are_held_to_deferrable_keys(conn):
    conn.execute(LATE)
    with pytest.raises(errors.UniqueViolation), conn.cursor() as cursor:
        with cursor.copy("COPY late FROM STDIN") as copy:
            for row in ((1, "a"), (2, "a")):
                copy.write_row(row)
    assert conn.execute("SELECT count(*) FROM late").fetchone() == (0,)


def test_psql_and_pg_dump_show_them(server, database, conn):
    conn.execute(BOOKED)
    conn.execute("ALTER TABLE booked ADD CONSTRAINT apart EXCLUDE USING btree ((room % 10) WITH =) WHERE (room > 0)")
    conn.execute("ALTER TABLE booked REPLICA IDENTITY FULL")
    conn.execute("CREATE UNLOGGED TABLE fleeting (a text COMPRESSION pglz)")
    conn.execute("CREATE VIEW v AS SELECT * FROM booked WHERE room > 5 WITH LOCAL CHECK OPTION")
    shown = server.psql("-c", r"\d booked", database=database)
    assert '"booked_during_excl" EXCLUDE USING gist (during WITH &&)' in shown
    assert '"apart" EXCLUDE USING btree ((room % 10) WITH =) WHERE (room > 0)' in shown
    assert "Replica Identity: FULL" in server.psql("-c", r"\d+ booked", database=database)
    assert 'Unlogged table "public.fleeting"' in server.psql("-c", r"\d fleeting", database=database)
    dumped = server.dump("-t", "public.*", database)
    for text in ("ADD CONSTRAINT booked_during_excl EXCLUDE USING gist (during WITH &&);",
                 "ADD CONSTRAINT apart EXCLUDE USING btree (((room % 10)) WITH =) WHERE ((room > 0));",
                 "ALTER TABLE ONLY public.booked REPLICA IDENTITY FULL;", "CREATE UNLOGGED TABLE public.fleeting (",
                 "ALTER COLUMN a SET COMPRESSION pglz;", "WITH LOCAL CHECK OPTION;"):
        assert text in dumped
    conn.execute("DROP TABLE booked CASCADE")
    conn.execute("DROP TABLE fleeting")
    server.psql("-v", "ON_ERROR_STOP=1", database=database, text=dumped)
    assert server.dump("-t", "public.*", database).splitlines()[10:-5] == dumped.splitlines()[10:-5]
    with pytest.raises(errors.WithCheckOptionViolation):
        conn.execute("INSERT INTO v VALUES (1, '[1,2)')")


def test_analyze_counts_rows_for_whoever_owns_the_table(server, database, conn):
    conn.execute("CREATE TABLE t (a int) PARTITION BY RANGE (a)")
    conn.execute("CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (10)")
    conn.execute("INSERT INTO t SELECT * FROM generate_series(0, 6)")
    query = ("SELECT relname, reltuples FROM pg_class WHERE relname IN ('t', 't_1') AND relnamespace = "
             "'public'::regnamespace ORDER BY 1")
    assert conn.execute(query).fetchall() == [("t", -1), ("t_1", -1)]
    with server.connect(database, autocommit=True) as other:
        other.execute("BEGIN; INSERT INTO t VALUES (7)")
        conn.execute("ANALYZE t")
        other.execute("COMMIT")
    assert conn.execute(query).fetchall() == [("t", 7), ("t_1", 7)]
    with conn.transaction(force_rollback=True):
        conn.execute("ANALYZE t")
        assert conn.execute(query).fetchall() == [("t", 8), ("t_1", 8)]
    assert conn.execute(query).fetchall() == [("t", 7), ("t_1", 7)]
    conn.execute("VACUUM t_1")
    assert conn.execute(query).fetchall() == [("t", 7), ("t_1", 8)]
