"""Unique indexes: as psql shows them (recorded with PostgreSQL 15), and as Fluss clients meet them."""
from __future__ import annotations

import pathlib

import psycopg
import pytest
from psycopg import errors

HERE = pathlib.Path(__file__).parent


def test_psql_describes_them(server, database):
    printed = server.psql("-q", "-f", str(HERE / "indexes.sql"), database=database)
    assert printed.splitlines() == (HERE / "indexes.expected").read_text().splitlines()


def test_copy_says_which_line_is_there_already(server, conn):
    conn.execute("CREATE TABLE t (a int, b text UNIQUE)")
    conn.execute("INSERT INTO t VALUES (1, 'x')")
    with pytest.raises(psycopg.errors.UniqueViolation) as refused:
        with conn.cursor().copy("COPY t FROM STDIN") as copy:
            copy.write("2\ty\n3\t\\N\n4\tx\n")
    assert refused.value.diag.constraint_name == "t_b_key"
    assert refused.value.diag.message_detail == "Key (b)=(x) already exists."
    assert refused.value.diag.context.startswith("COPY t, line 3")
    assert conn.execute("SELECT count(*) FROM t").fetchone() == (1,)


def test_fluss_clients_read_tables_with_indexes(client, conn, database):
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, email text UNIQUE)")
    conn.execute("INSERT INTO t VALUES (1, 'a'), (2, 'b')")
    assert not [name for name in client.get_admin().list_tables("weir") if name.startswith("index_")]
    assert client.sql(f"SELECT id FROM {database}.t WHERE email = 'b'").fetchall() == [(2,)]
    assert client.get_table(f"{database}.t").new_lookup().create_lookuper().lookup({"id": 2})["email"] == "b"
    with pytest.raises(Exception, match="kept unique by SQL"):
        with client.get_table(f"{database}.t").new_upsert().create_writer() as writer:
            writer.upsert({"id": 3, "email": "a"})
    conn.execute("INSERT INTO t VALUES (3, 'c')")
    assert conn.execute("SELECT count(*) FROM t").fetchone() == (3,)


def test_attach_takes_over_the_indexes_that_are_there(conn):
    conn.execute("CREATE TABLE p (k int PRIMARY KEY, v int) PARTITION BY RANGE (k); CREATE INDEX p_v ON p (v);"
                 "CREATE TABLE mine (k int PRIMARY KEY, v int); CREATE INDEX mine_v ON mine (v); INSERT INTO mine VALUES (11, 5)")
    conn.execute("ALTER TABLE p ATTACH PARTITION mine FOR VALUES FROM (10) TO (20)")
    parts = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'p_v'::regclass"
    assert conn.execute(parts).fetchall() == [("mine_v",)]
    with pytest.raises(errors.DependentObjectsStillExist, match="cannot drop index mine_v because index p_v requires it"):
        conn.execute("DROP INDEX mine_v")
    with pytest.raises(errors.DependentObjectsStillExist, match="cannot drop index mine_pkey because index p_pkey requires it"):
        conn.execute("DROP INDEX mine_pkey")
    conn.execute("DROP INDEX p_v")
    assert conn.execute("SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'mine'::regclass").fetchall() == [("mine_pkey",)]
    conn.execute("CREATE INDEX mine_v ON mine (v); UPDATE p SET v = 6")
    assert conn.execute("SELECT k FROM p WHERE v = 6").fetchall() == [(11,)]
