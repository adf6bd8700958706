"""Names that Fluss's alphabet is too small for: what Fluss clients see of them."""
from __future__ import annotations

import psycopg
import pytest
from psycopg import errors


def test_tables_have_a_name_in_fluss(client, conn, database):
    admin = client.get_admin()
    conn.execute('CREATE TABLE "tä b" (id int PRIMARY KEY, v text)')
    conn.execute('CREATE TABLE plain (id int PRIMARY KEY)')
    assert sorted(admin.list_tables(database)) == ["-u-t-c3-a4-20b", "plain"]
    with client.get_table(f"{database}.-u-t-c3-a4-20b").new_upsert().create_writer() as writer:
        writer.upsert({"id": 1, "v": "x"})
    assert conn.execute('SELECT * FROM "tä b"').fetchall() == [(1, "x")]
    with pytest.raises(errors.UndefinedTable):
        conn.execute('SELECT * FROM "-u-t-c3-a4-20b"')
    admin.drop_table(f"{database}.-u-t-c3-a4-20b")
    with pytest.raises(errors.UndefinedTable):
        conn.execute('SELECT * FROM "tä b"')


def test_databases_have_a_name_in_fluss(server, client, conn):
    conn.execute('CREATE DATABASE "dä ta"')
    assert "-u-d-c3-a4-20ta" in client.get_admin().list_databases()
    with server.connect("dä ta", autocommit=True) as there:
        there.execute('CREATE TABLE "t t" AS SELECT 7 AS i')
        assert there.execute("SELECT current_database(), i FROM public.\"t t\"").fetchall() == [("dä ta", 7)]
    assert conn.execute("SELECT datname FROM pg_database WHERE datname LIKE 'd_ ta'").fetchall() == [("dä ta",)]
    assert conn.execute('SELECT i FROM "dä ta"."t t"').fetchall() == [(7,)]
    conn.execute('DROP DATABASE "dä ta"')
    assert "-u-d-c3-a4-20ta" not in client.get_admin().list_databases()
    with pytest.raises(psycopg.OperationalError, match='database "dä ta" does not exist'):
        server.connect("dä ta")


def test_they_are_there_after_a_restart(start_server):
    server = start_server()
    with server.connect(autocommit=True) as conn:
        conn.execute('CREATE SCHEMA "s ö"')
        conn.execute('CREATE TABLE "s ö"."表" (k int, v int) PARTITION BY LIST (k)')
        conn.execute('CREATE TABLE "s ö"."表 1" PARTITION OF "s ö"."表" FOR VALUES IN (1)')
        conn.execute('INSERT INTO "s ö"."表" VALUES (1, 2)')
    server.stop()
    with start_server().connect(autocommit=True) as conn:
        assert conn.execute('SELECT tableoid::regclass::text, * FROM "s ö"."表"').fetchall() == [('"s ö"."表 1"', 1, 2)]
        conn.execute('DROP TABLE "s ö"."表"')
        conn.execute('DROP SCHEMA "s ö"')
