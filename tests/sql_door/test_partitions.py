"""Partition DDL as drivers send it: blocks that make many partitions, Cloudberry's classic syntax, PostgreSQL's hash."""
from __future__ import annotations

import psycopg
import pytest
from psycopg import errors


def leaves(conn: psycopg.Connection, table: str) -> list[str]:
    names = conn.execute("SELECT relname FROM pg_class WHERE starts_with(relname, %s) ORDER BY oid", (table + "_",))
    return [name for (name,) in names]


def test_a_blocks_partitions_come_together(server, database, conn):
    other = server.connect(database, autocommit=True)
    with conn.transaction():
        conn.execute("CREATE TABLE r (k int) PARTITION BY RANGE (k)")
        for i in range(500):
            conn.execute(f"CREATE TABLE r_{i} PARTITION OF r FOR VALUES FROM ({i}) TO ({i + 1})")
        with pytest.raises(errors.UndefinedTable):
            other.execute("SELECT * FROM r")
    assert other.execute("INSERT INTO r SELECT * FROM generate_series(0, 499)").rowcount == 500
    assert other.execute("SELECT k FROM r_77").fetchall() == [(77,)]
    other.close()


def test_pg_class_by_name_is_what_it_is_as_a_whole(conn):
    names = ("n", "n_1", "n_pkey", "n_1_pkey", "mine", "renamed", "old", "i", "v", "q", "q_pkey", "nothing")

    def check() -> int:
        every = conn.execute("SELECT relname, oid::bigint FROM pg_class").fetchall()
        for name in names:
            wanted = sorted(row for row in every if row[0] == name)
            by_name = conn.execute("SELECT relname, oid::bigint FROM pg_class WHERE relname = %s", (name,))
            assert sorted(by_name) == wanted
            pattern = f"'^({name})$' COLLATE pg_catalog.default"
            by_pattern = conn.execute(
                f"SELECT relname, oid::bigint FROM pg_class c WHERE c.relname OPERATOR(pg_catalog.~) {pattern}")
            assert sorted(by_pattern) == wanted
        return sum(row[0] in names for row in every)

    before = check()
    conn.execute("CREATE TABLE n (k int PRIMARY KEY, v int) PARTITION BY RANGE (k)")
    conn.execute("CREATE TABLE n_1 PARTITION OF n FOR VALUES FROM (0) TO (10)")
    conn.execute("CREATE TABLE old (k int CONSTRAINT mine PRIMARY KEY)")
    conn.execute("ALTER TABLE old RENAME TO renamed")
    conn.execute("CREATE INDEX i ON renamed (k)")
    conn.execute("CREATE VIEW v AS SELECT * FROM n")
    assert check() == before + 8
    with conn.transaction(force_rollback=True):
        conn.execute("CREATE TABLE q (k int PRIMARY KEY)")
        conn.execute("DROP TABLE renamed")
        assert check() == before + 7
    assert check() == before + 8
    conn.execute("DROP TABLE n_1")
    assert check() == before + 6


def test_a_block_that_fails_leaves_nothing(conn):
    with pytest.raises(errors.InvalidObjectDefinition, match='would overlap partition "r_1"'), conn.transaction():
        conn.execute("CREATE TABLE r (k int) PARTITION BY LIST (k)")
        conn.execute("CREATE TABLE r_1 PARTITION OF r FOR VALUES IN (1)")
        conn.execute("CREATE TABLE r_2 PARTITION OF r FOR VALUES IN (2, 1)")
    with pytest.raises(errors.UndefinedTable):
        conn.execute("SELECT * FROM r")


def test_classic_syntax(conn):
    conn.execute(
        "CREATE TABLE s (id int, d date, r text) DISTRIBUTED BY (id) PARTITION BY RANGE (d)"
        " SUBPARTITION BY LIST (r) SUBPARTITION TEMPLATE (SUBPARTITION eu VALUES ('de', 'fr'), DEFAULT SUBPARTITION rest)"
        " (START (date '2024-01-01') END (date '2024-03-01') EVERY (interval '1 month'))"
    )
    names = [f"s_1_prt_{i}{sub}" for i in (1, 2) for sub in ("", "_2_prt_rest", "_2_prt_eu")]
    assert sorted(leaves(conn, "s")) == sorted(names)
    conn.execute("INSERT INTO s VALUES (1, '2024-02-29', 'fr'), (2, '2024-01-31', 'jp')")
    assert conn.execute("SELECT id FROM s_1_prt_2_2_prt_eu").fetchall() == [(1,)]
    assert conn.execute("SELECT id FROM s_1_prt_1_2_prt_rest").fetchall() == [(2,)]
    with pytest.raises(errors.CheckViolation, match='no partition of relation "s" found for row'):
        conn.execute("INSERT INTO s VALUES (3, '2024-03-01', 'fr')")
    with pytest.raises(errors.InvalidTableDefinition, match="EVERY parameter too small"):
        conn.execute("CREATE TABLE e (a int) PARTITION BY RANGE (a) (START (1) END (9) EVERY (0))")
    conn.execute("ALTER TABLE s DROP PARTITION FOR (date '2024-02-10')")
    assert sorted(leaves(conn, "s")) == sorted(name for name in names if "s_1_prt_1" in name)
    notices = []
    conn.add_notice_handler(lambda notice: notices.append(notice.message_primary))
    conn.execute("ALTER TABLE s ALTER PARTITION FOR (date '2024-01-10') SPLIT DEFAULT PARTITION AT ('jp')"
                 " INTO (PARTITION jp, DEFAULT PARTITION)")
    assert notices == [
        'moved 1 rows of "s_1_prt_1_2_prt_rest": 1 to "s_1_prt_1_2_prt_jp", 0 to "s_1_prt_1_2_prt_rest"'
    ]
    assert conn.execute("SELECT id FROM s_1_prt_1_2_prt_jp").fetchall() == [(2,)]


def test_attach_under_hash(conn):
    conn.execute("CREATE TABLE h (k int, v text) PARTITION BY HASH (k)")
    conn.execute("CREATE TABLE t (k int, v text)")
    conn.execute("INSERT INTO t VALUES (1, 'a'), (2, 'b')")
    attach = "ALTER TABLE h ATTACH PARTITION t FOR VALUES WITH (MODULUS 16, REMAINDER 8)"
    with pytest.raises(errors.CheckViolation, match="violated by some row"):
        conn.execute(attach)
    conn.execute("DELETE FROM t WHERE NOT satisfies_hash_partition('h'::regclass, 16, 8, k)")
    conn.execute(attach)
    assert conn.execute("SELECT k FROM h").fetchall() == [(1,)]


def test_the_public_schema_is_emptied_and_stays(conn):
    conn.execute("CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)")
    conn.execute("CREATE SEQUENCE s; CREATE VIEW v AS SELECT a FROM p")
    with pytest.raises(errors.DependentObjectsStillExist):
        conn.execute("DROP SCHEMA public")
    with pytest.raises(errors.DuplicateSchema):
        conn.execute("CREATE SCHEMA public")
    conn.execute("DROP SCHEMA public CASCADE")
    conn.execute("CREATE SCHEMA public")
    assert conn.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)
    conn.execute("CREATE TABLE p (b text)")
    conn.execute("INSERT INTO p VALUES ('new')")
    assert conn.execute("SELECT * FROM p").fetchall() == [("new",)]
    with pytest.raises(errors.InvalidSchemaName):
        conn.execute("DROP SCHEMA " + conn.info.dbname)


def test_vacuum_full_writes_a_leaf_without_what_was_deleted(conn):
    conn.execute("CREATE TABLE worn (a int, b text) PARTITION BY RANGE (a);"
                 "CREATE TABLE worn_0 PARTITION OF worn FOR VALUES FROM (0) TO (50000)")
    conn.execute("INSERT INTO worn SELECT i, md5(i::text) FROM generate_series(1, 20000) i")
    conn.execute("DELETE FROM worn WHERE a % 100 <> 0")
    size = "SELECT pg_relation_size('worn_0')"
    before = conn.execute(size).fetchone()[0]
    conn.execute("VACUUM (FULL, ANALYZE) worn")
    assert conn.execute(size).fetchone()[0] < before / 10
    assert conn.execute("SELECT count(*), sum(a) FROM worn").fetchone() == (200, 2010000)
    assert conn.execute("SELECT reltuples FROM pg_class WHERE relname = 'worn_0'").fetchone() == (200,)
    with pytest.raises(errors.ActiveSqlTransaction):
        with conn.transaction():
            conn.execute("VACUUM FULL worn")


def test_vacuum_reclaims_rows_that_were_deleted(server, database, conn):
    conn.execute("CREATE TABLE worn (a int, b text) PARTITION BY RANGE (a);"
                 "CREATE TABLE worn_0 PARTITION OF worn FOR VALUES FROM (0) TO (50000);"
                 "CREATE TABLE worn_1 PARTITION OF worn FOR VALUES FROM (50000) TO (100000)")
    conn.execute("INSERT INTO worn SELECT i * 5, md5(i::text) FROM generate_series(1, 19999) i")
    sizes = "SELECT pg_relation_size('worn_0'), pg_relation_size('worn_1')"
    before = conn.execute(sizes).fetchone()
    conn.execute("DELETE FROM worn WHERE a < 50000 AND a % 500 <> 0; DELETE FROM worn WHERE a % 500 = 495")
    with server.connect(database) as reader:  # nobody is put out, nobody is waited for
        reader.execute("SELECT count(*) FROM worn_0")
        conn.execute("VACUUM worn")
        assert conn.execute(sizes).fetchone() == before
    conn.execute("VACUUM worn")
    after = conn.execute(sizes).fetchone()
    assert after[0] < before[0] / 10 and after[1] == before[1]
    assert conn.execute("SELECT count(*), min(a), max(a) FROM worn").fetchone() == (9999, 500, 99990)
    conn.execute("VACUUM worn_0, worn_1")
    assert conn.execute(sizes).fetchone() == after
