"""ALTER TABLE as drivers, psql and Fluss clients see it, and what a kill leaves of it."""
from __future__ import annotations

import random
import threading

import psycopg
import pytest
from psycopg import errors


def test_a_migration_is_whole_or_nothing(server, database, conn):
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, name text)")
    conn.execute("INSERT INTO t VALUES (1, 'a'), (2, 'b')")
    with pytest.raises(errors.CheckViolation, match='check constraint "named" of relation "t" is violated by some row'):
        with conn.transaction():
            conn.execute("ALTER TABLE t ADD COLUMN n int DEFAULT 0")
            conn.execute("UPDATE t SET n = id")
            conn.execute("ALTER TABLE t ADD CONSTRAINT named CHECK (n > 1)")
    assert [column.name for column in conn.execute("SELECT * FROM t").description] == ["id", "name"]
    with conn.transaction():
        conn.execute("ALTER TABLE t ADD COLUMN n int DEFAULT 0")
        conn.execute("UPDATE t SET n = id + 1")
        conn.execute("ALTER TABLE t ADD CONSTRAINT named CHECK (n > 1)")
    assert conn.execute("SELECT * FROM t ORDER BY id").fetchall() == [(1, "a", 2), (2, "b", 3)]


def test_prepared_statements_find_the_new_columns(server, database, conn):
    conn.execute("CREATE TABLE t (a int, b text)")
    with server.connect(database, autocommit=True, prepare_threshold=0) as other:
        other.execute("INSERT INTO t VALUES (%s, %s)", (1, "x"))
        conn.execute("ALTER TABLE t ALTER b TYPE varchar(9), ADD COLUMN c int DEFAULT 5")
        other.execute("INSERT INTO t VALUES (%s, %s)", (2, "y"))
        assert other.execute("SELECT a, b, c FROM t ORDER BY a").fetchall() == [(1, "x", 5), (2, "y", 5)]
        assert other.execute("SELECT * FROM t WHERE a = %s", (1,)).fetchall() == [(1, "x", 5)]
        conn.execute("ALTER TABLE t DROP COLUMN b")
        with pytest.raises(errors.FeatureNotSupported, match="cached plan must not change result type"):
            other.execute("SELECT * FROM t WHERE a = %s", (1,))


def test_psql_describes_what_is_left(server, database, conn):
    conn.execute("CREATE TABLE t (a int, b text, c int DEFAULT 1, CONSTRAINT pos CHECK (a > 0))")
    conn.execute("COMMENT ON COLUMN t.c IS 'how many'; ALTER TABLE t DROP COLUMN b, ALTER c SET NOT NULL")
    conn.execute("ALTER TABLE t ADD CONSTRAINT less CHECK (a < 9) NOT VALID")
    described = server.psql("-c", r"\d+ t", database=database)
    assert [line.split("|")[0].strip() for line in described.splitlines()[3:5]] == ["a", "c"]
    assert "how many" in described
    assert '"less" CHECK (a < 9) NOT VALID' in described
    assert "dropped" not in described


def alter(server, number: int, acknowledged: list[int], commits: threading.Semaphore) -> None:
    """Transactions that rewrite a tree, change its columns and note it, until the server is gone."""
    try:
        with server.connect() as connection:
            while True:
                kind, other = ("bigint", "int") if number % 2 else ("int", "bigint")
                connection.execute(f"ALTER TABLE p ALTER v TYPE {kind} USING (v + 1)::{kind}, ADD COLUMN c{number} int DEFAULT {number}")
                connection.execute(f"INSERT INTO p (k, v, c{number}) VALUES ({number % 2}, 0, {number})")
                connection.execute(f"ALTER TABLE p DROP COLUMN IF EXISTS c{number - 1}")
                connection.execute(f"ALTER TABLE p0 RENAME TO p0_{number}; ALTER TABLE p0_{number} RENAME TO p0")
                connection.execute(f"UPDATE noted SET n = {number}, type = '{kind}', not_type = '{other}'")
                connection.commit()
                acknowledged.append(number)
                commits.release()
                number += 1
    except psycopg.Error:
        pass


def test_alterations_are_whole_after_kill(start_server):
    choose = random.Random(5)
    server = start_server()
    with server.connect(autocommit=True) as connection:
        connection.execute("CREATE TABLE noted (n int PRIMARY KEY, type text, not_type text)")
        connection.execute("INSERT INTO noted VALUES (0, 'int', 'bigint')")
        connection.execute("CREATE TABLE p (k int, v int, c0 int) PARTITION BY LIST (k)")
        connection.execute("CREATE TABLE p0 PARTITION OF p FOR VALUES IN (0); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)")
        connection.execute("INSERT INTO p SELECT i % 2, 0, 0 FROM generate_series(1, 2000) AS s(i)")
    noted = 0
    for _ in range(4):
        acknowledged: list[int] = []
        commits = threading.Semaphore(0)
        writer = threading.Thread(target=alter, args=(server, noted + 1, acknowledged, commits))
        writer.start()
        server.kill_amid(commits, choose)
        writer.join()
        server = start_server()
        with server.connect(autocommit=True) as connection:
            noted = connection.execute("SELECT n FROM noted").fetchone()[0]
            rows = connection.execute(f"SELECT v, c{noted}, count(*) FROM p GROUP BY 1, 2 ORDER BY 1 DESC").fetchall()
            # A row of the beginning has been rewritten by each, one that was added later by those after it.
            assert rows[0] == (noted, noted, 2000)
            assert [(v, count) for v, _, count in rows[1:]] == [(noted - i, 1) for i in range(1, noted + 1)]
            assert {c for _, c, _ in rows} == {noted}
            assert connection.execute("SELECT count(*) FROM p0").fetchone()[0] == 1000 + noted // 2
        assert noted >= acknowledged[-1]


def test_fluss_clients_go_on(client, conn, database):
    conn.execute("CREATE TABLE t (a int, b text, c int)")
    conn.execute("INSERT INTO t VALUES (1, 'x', 10)")
    table = client.get_table(f"{database}.t")
    with table.new_append().create_writer() as writer:
        writer.append({"a": 2, "b": "y", "c": 20})
        writer.flush()
        conn.execute("ALTER TABLE t RENAME COLUMN c TO n")
        conn.execute("ALTER TABLE t DROP COLUMN b, ADD COLUMN d int DEFAULT 7")
        writer.append({"a": 3, "b": "z", "c": 30})
    assert conn.execute("SELECT * FROM t ORDER BY a").fetchall() == [(1, 10, 7), (2, 20, 7), (3, 30, 7)]
    conn.execute("INSERT INTO t VALUES (4, 40, 8)")
    old = sorted(table.new_scan().to_arrow().to_pylist(), key=lambda row: row["a"])
    assert [(row["a"], row["c"]) for row in old] == [(1, 10), (2, 20), (3, 30), (4, 40)]
    assert old[0]["b"] == "x" and old[3]["b"] is None
    new = client.get_table(f"{database}.t").new_scan().to_arrow()
    assert new.column_names == ["a", "........pg.dropped.2........", "n", "d"]
    assert sorted(zip(new["a"].to_pylist(), new["n"].to_pylist(), new["d"].to_pylist())) == [
        (1, 10, 7), (2, 20, 7), (3, 30, 7), (4, 40, 8)]


def test_rows_of_a_keyed_table_are_read_by_their_schema(client, conn, database):
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, v text)")
    conn.execute("INSERT INTO t VALUES (1, 'a')")
    before = client.get_table(f"{database}.t")
    conn.execute("ALTER TABLE t ADD COLUMN n int DEFAULT 5; ALTER TABLE t RENAME id TO key")
    with before.new_upsert().create_writer() as writer:
        writer.upsert({"id": 2, "v": "b"})
    after = client.get_table(f"{database}.t")
    assert after.new_lookup().create_lookuper().lookup({"key": 1}) == {"key": 1, "v": "a", "n": 5}
    with after.new_upsert().partial_update_by_name(["key", "v"]).create_writer() as writer:
        writer.upsert({"key": 1, "v": "changed"})
    assert conn.execute("SELECT * FROM t ORDER BY key").fetchall() == [(1, "changed", 5), (2, "b", 5)]


def test_a_table_is_distributed_by_other_columns(conn):
    conn.execute("CREATE TABLE d (a int, b int, c int) DISTRIBUTED BY (a) PARTITION BY RANGE (b);"
                 "CREATE TABLE d_1 PARTITION OF d FOR VALUES FROM (0) TO (10);"
                 "CREATE TABLE d_2 PARTITION OF d FOR VALUES FROM (10) TO (20) PARTITION BY LIST (c);"
                 "CREATE TABLE d_2_1 PARTITION OF d_2 FOR VALUES IN (1)")
    conn.execute("INSERT INTO d VALUES (1, 2, 3), (2, 3, 4), (3, 10, 1)")
    before = conn.execute("SELECT *, tableoid::regclass::text FROM d ORDER BY a").fetchall()
    conn.execute("ALTER TABLE d SET DISTRIBUTED BY (c, a)")
    assert conn.execute("SELECT *, tableoid::regclass::text FROM d ORDER BY a").fetchall() == before
    policies = ("SELECT localoid::regclass::text, distkey::text FROM gp_distribution_policy "
                "WHERE localoid::regclass::text ~ '^d(_|$)' ORDER BY 1")
    assert conn.execute(policies).fetchall() == [(name, "3 1") for name in ("d", "d_1", "d_2", "d_2_1")]
    conn.execute("CREATE TABLE d_3 PARTITION OF d FOR VALUES FROM (20) TO (30); INSERT INTO d VALUES (4, 20, 1)")
    conn.execute("ALTER TABLE d SET WITH (REORGANIZE = true) DISTRIBUTED RANDOMLY; ALTER TABLE d SET WITH (REORGANIZE = true)")
    assert conn.execute("SELECT count(*), sum(a) FROM d").fetchone() == (4, 10)
    with pytest.raises(errors.WrongObjectType, match='cannot set the distribution policy of "d_1" alone'):
        conn.execute("ALTER TABLE d_1 SET DISTRIBUTED BY (b)")
    with pytest.raises(errors.WrongObjectType, match='cannot set the distribution policy of "d" alone'):
        conn.execute("ALTER TABLE ONLY d SET DISTRIBUTED BY (b)")
    with pytest.raises(errors.UndefinedColumn, match='column "nope" named in DISTRIBUTED BY clause does not exist'):
        conn.execute("ALTER TABLE d SET DISTRIBUTED BY (nope)")
    conn.execute("CREATE TABLE keyed (a int, b int, PRIMARY KEY (a, b)); INSERT INTO keyed VALUES (1, 2), (1, 3)")
    with pytest.raises(errors.InvalidTableDefinition, match="PRIMARY KEY constraint and DISTRIBUTED BY"):
        conn.execute("ALTER TABLE d ADD COLUMN e int; ALTER TABLE keyed ADD COLUMN c int; ALTER TABLE keyed SET DISTRIBUTED BY (c)")
    conn.execute("ALTER TABLE keyed SET DISTRIBUTED BY (b)")
    conn.execute("INSERT INTO keyed VALUES (1, 3) ON CONFLICT (a, b) DO NOTHING")
    assert conn.execute("SELECT a, b FROM keyed WHERE b = 3").fetchall() == [(1, 3)]


def test_a_key_goes_from_the_whole_tree_where_only_is_said(conn):
    conn.execute("CREATE TABLE k (a int PRIMARY KEY) PARTITION BY RANGE (a);"
                 "CREATE TABLE k_1 PARTITION OF k FOR VALUES FROM (0) TO (10); INSERT INTO k VALUES (1)")
    conn.execute("ALTER TABLE ONLY k DROP CONSTRAINT k_pkey")  # as pg_restore --clean does
    conn.execute("INSERT INTO k VALUES (1)")
    assert conn.execute("SELECT count(*) FROM pg_constraint WHERE conrelid IN ('k'::regclass, 'k_1'::regclass)").fetchone() == (0,)


def test_messages_name_what_the_search_path_finds(conn, database):
    schema = f"{database}_named"
    conn.execute(f"CREATE SCHEMA {schema}; CREATE TABLE {schema}.t (a int); CREATE VIEW {schema}.\"V\" AS SELECT a FROM {schema}.t")
    try:
        with pytest.raises(errors.DependentObjectsStillExist) as raised:
            conn.execute(f"DROP TABLE {schema}.t")
        assert raised.value.diag.message_detail == f'view {schema}."V" depends on table {schema}.t'
        conn.execute(f"SET search_path = {schema}")
        with pytest.raises(errors.DependentObjectsStillExist) as raised:
            conn.execute("DROP TABLE t")
        assert raised.value.diag.message_primary == "cannot drop table t because other objects depend on it"
        assert raised.value.diag.message_detail == 'view "V" depends on table t'
    finally:
        conn.execute(f"RESET search_path; DROP SCHEMA {schema} CASCADE")


@pytest.mark.parametrize("change", ["UPDATE n SET v = 'z' WHERE v IS NULL", "DELETE FROM n WHERE v IS NULL"])
def test_nulls_that_a_block_has_replaced_do_not_stand_in_the_way_of_not_null(conn, change):
    """As Django's AlterField does it."""
    conn.execute("CREATE TABLE n (id int PRIMARY KEY, v text)")
    conn.execute("INSERT INTO n VALUES (1, NULL), (2, 'b')")
    with conn.transaction():
        conn.execute(change)
        conn.execute("ALTER TABLE n ALTER v SET NOT NULL, ADD w int DEFAULT 7")
    assert ("b", 7) in conn.execute("SELECT v, w FROM n").fetchall()
    assert conn.execute("SELECT count(*) FROM n WHERE v IS NULL").fetchone() == (0,)
    with pytest.raises(errors.NotNullViolation):
        conn.execute("INSERT INTO n VALUES (3, NULL)")
