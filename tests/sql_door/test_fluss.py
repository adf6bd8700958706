"""One database, two doors: what a Fluss client writes SQL reads, and the other way round."""
from __future__ import annotations

import psycopg
import pyarrow as pa
import pytest

fluss = pytest.importorskip("fluss")


def make_table(client, path: str, schema: pa.Schema, primary_keys=None, **options) -> None:
    client.get_admin().create_table(path, fluss.TableDescriptor(fluss.Schema(schema, primary_keys=primary_keys), **options))


USERS = pa.schema([("id", pa.int32()), ("name", pa.string())])


def test_sql_sees_rows_of_fluss(client, conn, database):
    make_table(client, f"{database}.log", USERS)
    make_table(client, f"{database}.users", pa.schema([pa.field("id", pa.int32(), nullable=False), ("name", pa.string())]), ["id"])
    with client.get_table(f"{database}.log").new_append().create_writer() as writer:
        writer.append({"id": 1, "name": "ada"})
        writer.append({"id": 2, "name": None})
    assert conn.execute("SELECT * FROM log ORDER BY id").fetchall() == [(1, "ada"), (2, None)]
    with client.get_table(f"{database}.users").new_upsert().create_writer() as writer:
        writer.upsert({"id": 1, "name": "old"})
        writer.upsert({"id": 1, "name": "new"})
    assert conn.execute("SELECT * FROM users").fetchall() == [(1, "new")]


def test_fluss_sees_rows_of_sql(client, conn, database):
    conn.execute("CREATE TABLE plain (id int, name text)")
    conn.execute("INSERT INTO plain VALUES (1, 'a'), (2, 'b')")
    rows = client.get_table(f"{database}.plain").new_scan().to_arrow()
    assert sorted(rows.to_pylist(), key=lambda row: row["id"]) == [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]
    conn.execute("CREATE TABLE keyed (id int PRIMARY KEY, name text)")
    conn.execute("INSERT INTO keyed VALUES (1, 'a'), (2, 'b')")
    assert client.get_table(f"{database}.keyed").new_lookup().create_lookuper().lookup({"id": 2})["name"] == "b"


def test_what_fluss_readers_see_of_changes(client, conn, database):
    key = pa.schema([pa.field("id", pa.int32(), nullable=False), ("name", pa.string())])
    make_table(client, f"{database}.log", USERS)
    make_table(client, f"{database}.keyed", key, ["id"])
    told = []
    conn.add_notice_handler(lambda notice: told.append((notice.severity, notice.message_primary)))
    for table in ("log", "keyed"):
        conn.execute(f"INSERT INTO {table} VALUES (1, 'a'), (2, 'b'), (3, 'c')")
        for _ in range(2):
            conn.execute(f"UPDATE {table} SET name = 'new' WHERE id = 1")
        conn.execute(f"DELETE FROM {table} WHERE id = 2")
        assert conn.execute(f"SELECT * FROM {table} ORDER BY id").fetchall() == [(1, "new"), (3, "c")]
    assert told == [("NOTICE", 'Fluss clients go on seeing the old rows of log table "log"')]
    seen = {table: client.get_table(f"{database}.{table}").new_scan().to_arrow() for table in ("log", "keyed")}
    assert sorted(zip(*seen["log"].to_pydict().values())) == [(1, "a"), (1, "new"), (1, "new"), (2, "b"), (3, "c")]
    assert sorted(zip(*seen["keyed"].to_pydict().values())) == [(1, "new"), (3, "c")]


def test_partitions_of_fluss_are_a_tree(client, conn, database):
    make_table(client, f"{database}.p", pa.schema([("id", pa.int32()), ("region", pa.string())]), partition_keys=["region"])
    for region in ("eu", "us"):
        client.get_admin().create_partition(f"{database}.p", {"region": region})
    conn.execute("INSERT INTO p VALUES (1, 'eu'), (2, 'us'), (3, 'us')")
    assert conn.execute("SELECT region, count(*) FROM p GROUP BY 1 ORDER BY 1").fetchall() == [("eu", 1), ("us", 2)]
    plan = "\n".join(row[0] for row in conn.execute("EXPLAIN (COSTS OFF) SELECT * FROM p WHERE region = 'eu'"))
    assert "1 of 2" in plan


def test_pg_class_finds_tables_of_fluss_by_their_names(client, conn, database):
    columns = pa.schema([("id", pa.int32()), ("region", pa.string())])
    for name in ("k", "p$eu", "k_pkey", "p_pkey"):
        assert not conn.execute("SELECT 1 FROM pg_class WHERE relname = %s AND relnamespace = 2200", (name,)).fetchall()
    make_table(client, f"{database}.k", columns, primary_keys=["id"])
    make_table(client, f"{database}.p", columns, primary_keys=["id", "region"], partition_keys=["region"])
    client.get_admin().create_partition(f"{database}.p", {"region": "eu"})
    every = conn.execute("SELECT relname, oid::bigint FROM pg_class WHERE relnamespace = 2200").fetchall()
    for name, rows in (("k", 1), ("p", 1), ("p$eu", 1), ("k_pkey", 1), ("p_pkey", 2)):
        query = "SELECT relname, oid::bigint FROM pg_class WHERE relname = %s AND relnamespace = 2200"
        found = sorted(conn.execute(query, (name,)))
        assert found == sorted(row for row in every if row[0] == name)
        assert len(found) == rows


def test_sql_of_a_client_is_a_session_as_those_of_the_door(client, conn, database):
    conn.execute("CREATE TABLE k (id int PRIMARY KEY, v int)")
    client.sql(f"INSERT INTO {database}.k VALUES (1, 10)")
    assert conn.execute("SELECT * FROM k").fetchall() == [(1, 10)]
    client.sql("BEGIN")
    assert client.sql(f"SELECT v FROM {database}.k FOR UPDATE").fetchall() == [(10,)]
    with pytest.raises(psycopg.errors.LockNotAvailable):
        conn.execute("SELECT * FROM k FOR UPDATE NOWAIT")
    client.sql("COMMIT")
    assert conn.execute("SELECT * FROM k FOR UPDATE NOWAIT").fetchall() == [(1, 10)]
