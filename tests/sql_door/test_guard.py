"""What SQL says of its tables holds for Fluss clients, too: nothing that breaks it is written, and the error says why."""
from __future__ import annotations

import contextlib
import datetime as dt
import decimal

import psycopg
import pyarrow as pa
import pytest

fluss = pytest.importorskip("fluss")

TABLE_EXISTS, DATABASE_NOT_EMPTY, INVALID_TARGET_COLUMN, INVALID_CONFIG, NOT_ALLOWED = 8, 5, 35, 39, 48


@pytest.fixture
def writes(client, database):
    """Writes rows into tables of the database: at once, each call in one batch."""
    class Writes:
        def append(self, table, *rows):
            with client.get_table(f"{database}.{table}").new_append().create_writer() as writer:
                for row in rows:
                    writer.append(row)

        def upsert(self, table, *rows):
            with client.get_table(f"{database}.{table}").new_upsert().create_writer() as writer:
                for row in rows:
                    writer.upsert(row)

        def delete(self, table, *keys):
            with client.get_table(f"{database}.{table}").new_upsert().create_writer() as writer:
                for key in keys:
                    writer.delete(key)

    return Writes()


@contextlib.contextmanager
def refused(code, *words):
    """Expects an error of that code which says all of the words."""
    with pytest.raises(fluss.FlussError) as info:
        yield
    assert info.value.error_code == code, info.value
    for word in words:
        assert word in str(info.value)


def count(conn, table):
    return conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


@pytest.mark.parametrize("strategy, bound, good, bad", [
    ("RANGE (k)", "FROM (0) TO (10)", [0, 9], [10, -1, None]),
    ("RANGE (k)", "FROM (MINVALUE) TO (10)", [-5, 9], [10, None]),
    ("LIST (k)", "IN (1, NULL)", [1, None], [2]),
    ("HASH (k)", "WITH (MODULUS 2, REMAINDER 0)", [1, 2, None], [3]),
])
def test_rows_are_appended_to_the_leaf_that_they_belong_to(conn, writes, strategy, bound, good, bad):
    conn.execute(f"CREATE TABLE t (id int, k int) PARTITION BY {strategy}")
    conn.execute(f"CREATE TABLE leaf PARTITION OF t FOR VALUES {bound}")
    for k in bad:
        shown = "null" if k is None else k
        with refused(NOT_ALLOWED, 'new row for relation "leaf" violates partition constraint',
                     f"row 2 of the batch has (k) = ({shown})"):
            writes.append("leaf", {"id": 1, "k": good[0]}, {"id": 2, "k": k})
    assert count(conn, "t") == 0
    writes.append("leaf", *({"id": 1, "k": k} for k in good))
    assert count(conn, "t") == len(good)


def test_postgresql_decides_where_a_hash_belongs(conn, writes):
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, v text) PARTITION BY HASH (id)")
    for remainder in range(3):
        conn.execute(f"CREATE TABLE t{remainder} PARTITION OF t FOR VALUES WITH (MODULUS 3, REMAINDER {remainder})")
    conn.execute("INSERT INTO t SELECT i, 'sql' FROM generate_series(1, 30) i")
    where = dict(conn.execute("SELECT id, tableoid::regclass::text FROM t").fetchall())
    for id, leaf in where.items():
        writes.upsert(leaf, {"id": id, "v": "client"})
        for other in {"t0", "t1", "t2"} - {leaf}:
            with refused(NOT_ALLOWED, f'relation "{other}" violates partition constraint', f"(id) = ({id})"):
                writes.upsert(other, {"id": id, "v": "twice"})
    assert conn.execute("SELECT count(*), count(DISTINCT id), min(v), max(v) FROM t").fetchone() == (30, 30, "client", "client")
    writes.delete("t0", *({"id": id} for id in where))  # those of other leaves are not there
    assert count(conn, "t") == sum(leaf != "t0" for leaf in where.values())


def test_kwdb_decides_which_shard_a_key_is_of(conn, writes):
    conn.execute("SET experimental_enable_hash_sharded_indexes = on")
    conn.execute("CREATE TABLE t (id int, v text, PRIMARY KEY (id) USING HASH WITH BUCKET_COUNT = 4)")
    conn.execute("ALTER TABLE t PARTITION BY HASH (kwdb_internal_id_shard_4) (PARTITION low VALUES IN (0, 1), "
                 "PARTITION high VALUES IN (2, 3))")
    conn.execute("INSERT INTO t SELECT i, 'sql' FROM generate_series(1, 20) i")
    where = dict(conn.execute("SELECT id, tableoid::regclass::text FROM t").fetchall())
    leaves = {"t_1_prt_low", "t_1_prt_high"}
    assert set(where.values()) == leaves
    for id, leaf in where.items():
        writes.upsert(leaf, {"id": id, "v": "client"})
        for other in leaves - {leaf}:
            with refused(NOT_ALLOWED, f'relation "{other}" violates partition constraint', f"(id) = ({id})"):
                writes.upsert(other, {"id": id, "v": "twice"})
    assert conn.execute("SELECT count(*), min(v) FROM t").fetchone() == (20, "client")


def test_every_level_and_type_of_key(conn, writes):
    conn.execute("CREATE TABLE t (day date, region text, price numeric(6,2), moment timestamptz) PARTITION BY RANGE (day)")
    conn.execute("CREATE TABLE t25 PARTITION OF t FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') PARTITION BY LIST (region)")
    conn.execute("CREATE TABLE t25eu PARTITION OF t25 FOR VALUES IN ('eu') PARTITION BY RANGE (price, moment)")
    conn.execute("CREATE TABLE leaf PARTITION OF t25eu FOR VALUES FROM (1.50, '2025-01-01 00:00+00') TO (2, MINVALUE)")
    noon = dt.datetime(2025, 6, 1, 12, tzinfo=dt.timezone.utc)
    low, high = decimal.Decimal("1.50"), decimal.Decimal("2.00")
    row = {"day": dt.date(2025, 6, 1), "region": "eu", "price": decimal.Decimal("1.75"), "moment": noon}
    writes.append("leaf", row, row | {"price": low})
    for change, shown in [({"day": dt.date(2026, 1, 1)}, "(day) = (2026-01-01)"), ({"region": "us"}, "(region) = (us)"),
                          ({"price": high}, "(price, moment) = (2.00, 2025-06-01 12:00:00+00)"),
                          ({"price": low, "moment": noon.replace(year=2024)},
                           "(price, moment) = (1.50, 2024-06-01 12:00:00+00)")]:
        with refused(NOT_ALLOWED, shown):
            writes.append("leaf", row | change)
    assert count(conn, "t") == 2


def test_a_default_partition_takes_what_its_siblings_leave(conn, writes):
    conn.execute("CREATE TABLE t (k int) PARTITION BY LIST (k)")
    conn.execute("CREATE TABLE rest PARTITION OF t DEFAULT")
    writes.append("rest", {"k": 2}, {"k": None})
    conn.execute("CREATE TABLE one PARTITION OF t FOR VALUES IN (1)")
    with refused(NOT_ALLOWED, "(k) = (1)"):
        writes.append("rest", {"k": 1})
    conn.execute("ALTER TABLE t DETACH PARTITION one")
    writes.append("rest", {"k": 1})
    conn.execute("ALTER TABLE t DETACH PARTITION rest")
    conn.execute("ALTER TABLE t ATTACH PARTITION one FOR VALUES IN (1)")
    writes.append("rest", {"k": 1})  # a table of its own, with no bound
    assert count(conn, "rest") == 4


def test_constraints_hold_from_the_statement_on_that_makes_them(conn, writes):
    conn.execute("CREATE TABLE t (a int, b int)")
    writes.append("t", {"a": 1, "b": None})
    conn.execute("DELETE FROM t; ALTER TABLE t ALTER b SET NOT NULL")
    with pytest.raises(fluss.FlussError):
        writes.append("t", {"a": 1, "b": None})
    conn.execute("ALTER TABLE t ALTER b DROP NOT NULL; ALTER TABLE t ADD CONSTRAINT positive CHECK (a > 0)")
    with refused(NOT_ALLOWED, 'check constraint "positive"', "write them through SQL"):
        writes.append("t", {"a": 1, "b": 1})
    conn.execute("ALTER TABLE t DROP CONSTRAINT positive")
    writes.append("t", {"a": -1, "b": None})
    assert conn.execute("SELECT * FROM t").fetchall() == [(-1, None)]


def test_what_only_sql_can_evaluate_is_written_through_sql(conn, writes):
    conn.execute("CREATE TABLE months (at timestamp) PARTITION BY RANGE (date_trunc('month', at))")
    conn.execute("CREATE TABLE january PARTITION OF months FOR VALUES FROM ('2025-01-01') TO ('2025-02-01')")
    with refused(NOT_ALLOWED, 'the partition key of "months" is an expression'):
        writes.append("january", {"at": dt.datetime(2025, 1, 5)})
    conn.execute("CREATE TABLE k (id int PRIMARY KEY, v int CHECK (v > 0))")
    conn.execute("INSERT INTO k VALUES (1, 1), (2, 2)")
    with refused(NOT_ALLOWED, 'check constraint "k_v_check"'):
        writes.upsert("k", {"id": 1, "v": 5})
    writes.delete("k", {"id": 1})  # which no check forbids
    assert conn.execute("SELECT * FROM k").fetchall() == [(2, 2)]


@pytest.mark.parametrize("type, good, bad, why", [
    ("varchar(3)", "äöü", "abcd", "value too long for type character varying(3)"),
    ("varchar(3)", "abc", "abc ", 'is to be written as "abc"'),
    ("json", '{"a": 1}', "{a", "invalid input syntax for type json"),
    ("jsonb", '{"a": 1}', '{"a":1}', 'is to be written as "{"a": 1}"'),
    ("inet", "10.0.0.1", "10.0.0.256", "invalid input syntax for type inet"),
    ("interval", "1 day", "24 hours", 'is to be written as "24:00:00"'),
])
def test_values_are_those_of_sqls_types(conn, writes, type, good, bad, why):
    conn.execute(f"CREATE TABLE t (v {type})")
    with refused(NOT_ALLOWED, 'column "v" of relation "t"', why, "row 2 of the batch"):
        writes.append("t", {"v": good}, {"v": bad})
    writes.append("t", {"v": good}, {"v": None})
    assert conn.execute("SELECT format('%s', v) FROM t WHERE v IS NOT NULL").fetchall() == [(good,)]


def test_a_partial_update_names_the_partition_key(client, conn, database):
    conn.execute("CREATE TABLE t (id int, k int, v int) PARTITION BY LIST (k)")
    conn.execute("CREATE TABLE leaf PARTITION OF t (PRIMARY KEY (id)) FOR VALUES IN (1)")
    table = client.get_table(f"{database}.leaf")
    with refused(INVALID_TARGET_COLUMN, "leaves out column 'k'"):
        with table.new_upsert().partial_update_by_name(["id", "v"]).create_writer() as writer:
            writer.upsert({"id": 1, "v": 5})
    with table.new_upsert().partial_update_by_name(["id", "k"]).create_writer() as writer:
        writer.upsert({"id": 1, "k": 1})
    with refused(NOT_ALLOWED, "(k) = (2)"):
        with table.new_upsert().partial_update_by_name(["id", "k"]).create_writer() as writer:
            writer.upsert({"id": 1, "k": 2})
    assert conn.execute("SELECT * FROM t").fetchall() == [(1, 1, None)]


def test_a_writer_goes_on_after_a_refused_batch(client, conn, database):
    conn.execute("CREATE TABLE t (k int) PARTITION BY LIST (k); CREATE TABLE leaf PARTITION OF t FOR VALUES IN (1)")
    writer = client.get_table(f"{database}.leaf").new_append().create_writer()
    for k in (1, 2, 1, 2, 1):
        handle = writer.append({"k": k})
        if k == 1:
            handle.wait()
        else:
            with refused(NOT_ALLOWED, "(k) = (2)"):
                handle.wait()
    with refused(NOT_ALLOWED, "(k) = (2)"):
        writer.flush()
    assert conn.execute("SELECT * FROM t").fetchall() == [(1,)] * 3


def descriptor(**properties):
    return fluss.TableDescriptor(fluss.Schema(pa.schema([("id", pa.int32())])), **properties)


def test_weirs_own_database_is_read_and_not_changed(client, conn):
    conn.execute("CREATE TABLE IF NOT EXISTS t (a int); INSERT INTO t VALUES (1), (2); DELETE FROM t WHERE a = 1")
    admin = client.get_admin()
    before = client.get_table("weir.relations").new_scan().to_arrow().num_rows
    assert before > 0
    with refused(NOT_ALLOWED, "weir.mine"):
        admin.create_table("weir.mine", descriptor())
    for table in ("relations", "partitions", "deleted_rows"):
        with refused(NOT_ALLOWED, f"weir.{table}"):
            admin.drop_table(f"weir.{table}")
    with refused(NOT_ALLOWED, "database 'weir'"):
        admin.drop_database("weir", cascade=True)
    with refused(NOT_ALLOWED, "weir.partitions"):
        with client.get_table("weir.partitions").new_upsert().create_writer() as writer:
            writer.delete({"parent": 1, "child": 2})
    assert client.get_table("weir.relations").new_scan().to_arrow().num_rows == before
    assert conn.execute("SELECT a FROM t").fetchall() == [(2,)]


def test_marks_and_names_of_sql_are_sqls(client, conn, database):
    admin = client.get_admin()
    for mark in ("weir.relation", "weir.indexed", "weir.anything"):
        with refused(INVALID_CONFIG, mark):
            admin.create_table(f"{database}.marked", descriptor(custom_properties={mark: "16384"}))
    assert not admin.table_exists(f"{database}.marked")
    conn.execute("CREATE TABLE root (id int) PARTITION BY LIST (id); CREATE VIEW seen AS SELECT 1 AS one")
    for name in ("root", "seen"):
        with refused(TABLE_EXISTS, f"'{database}.{name}' is a relation of SQL"):
            admin.create_table(f"{database}.{name}", descriptor())
    conn.execute("DROP TABLE root; DROP VIEW seen")
    admin.create_table(f"{database}.root", descriptor())
    assert count(conn, "root") == 0


def test_a_leaf_that_a_client_drops_is_dropped_for_sql(client, conn, database):
    admin = client.get_admin()
    conn.execute("CREATE TABLE t (k int) PARTITION BY LIST (k)")
    for k in (1, 2):
        conn.execute(f"CREATE TABLE leaf{k} PARTITION OF t FOR VALUES IN ({k}); INSERT INTO t VALUES ({k})")
    admin.drop_table(f"{database}.leaf1")
    assert conn.execute("SELECT * FROM t").fetchall() == [(2,)]
    with pytest.raises(psycopg.errors.CheckViolation):
        conn.execute("INSERT INTO t VALUES (1)")
    conn.execute("CREATE TABLE leaf1 PARTITION OF t FOR VALUES IN (1); INSERT INTO t VALUES (1)")
    conn.execute("CREATE VIEW reads AS SELECT * FROM leaf2")
    with refused(NOT_ALLOWED, f"table '{database}.leaf2' cannot be dropped", "other objects depend on it"):
        admin.drop_table(f"{database}.leaf2")
    assert conn.execute("SELECT * FROM t ORDER BY k").fetchall() == [(1,), (2,)]
    assert admin.list_tables(database) == ["leaf1", "leaf2"]


def test_a_database_that_sql_uses_is_dropped_through_sql(client, conn, database):
    admin = client.get_admin()
    conn.execute("CREATE TABLE t (k int) PARTITION BY LIST (k)")
    for cascade in (True, False):
        with refused(DATABASE_NOT_EMPTY, database):
            admin.drop_database(database, cascade=cascade)
    conn.execute("DROP TABLE t")
    assert admin.list_tables(database) == []
    admin.drop_database(database)
