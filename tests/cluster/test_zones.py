"""KWDB's zones on a cluster: what they do there, and what is told of the rest. Tablet server i is in rack NODE<i + 1>."""
from __future__ import annotations

import subprocess

import psycopg
import pytest

from answers import rows
from conftest import ADDRESS, BINARY

THREE = """constraints = '{"+region=NODE1": 1, "+region=NODE2": 1, "+region=NODE3": 1}'"""
ORDERS = """
    CREATE TABLE orders (region int, id int, note text, PRIMARY KEY (region, id))
      PARTITION BY LIST (region) (PARTITION north VALUES IN (1), PARTITION east VALUES IN (2))"""
PLACES = """
    SELECT regexp_replace(start_pretty, '^/Table/[0-9]+', ''), cardinality(replicas), lease_holder = ANY (replicas),
           replica_localities = (SELECT array_agg('region=NODE' || r ORDER BY r) FROM unnest(replicas) r), violations
    FROM kwdb_internal.ranges WHERE database_name = current_database() AND table_name = 'orders' ORDER BY range_id"""


@pytest.fixture
def conn(servers, database):
    with servers[0].connect(database, autocommit=True) as connection:
        yield connection


def test_the_replicas_of_new_tables_are_the_zone_s(conn, database):
    conn.execute(f"ALTER DATABASE {database} CONFIGURE ZONE USING num_replicas = 1")
    conn.execute(ORDERS)
    conn.execute("INSERT INTO orders VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 3, 'c')")
    conn.execute("ALTER PARTITION north OF TABLE orders CONFIGURE ZONE USING gc.ttlseconds = 700")
    found = rows(conn, PLACES)
    assert [row[:2] for row in found] == [("", 1), ("/1/1", 1), ("/1/2", 1)]
    assert all(row[2] in (True, None) for row in found)
    conn.execute("CREATE TABLE own (a int PRIMARY KEY) WITH (table.replication.factor = 2)")
    assert rows(conn, "SELECT cardinality(replicas) FROM kwdb_internal.ranges WHERE table_name = 'own' "
                      "AND database_name = current_database()") == [(2,)]


def test_a_leaf_is_written_anew_with_other_replicas(conn, sessions, database):
    conn.execute(f"ALTER DATABASE {database} CONFIGURE ZONE USING num_replicas = 1")
    conn.execute(ORDERS)
    conn.execute("INSERT INTO orders SELECT i % 3, i, 'row ' || i FROM generate_series(1, 300) i")
    told: list[str] = []
    conn.add_notice_handler(lambda diag: told.append(diag.message_primary))
    conn.execute(f"ALTER PARTITION north OF TABLE orders CONFIGURE ZONE USING num_replicas = 3, {THREE}")
    assert told == ['rows of "orders_1_prt_north" are written anew, to a table of 3 replicas']
    assert [row[1] for row in rows(conn, PLACES)] == [1, 3, 1]
    assert [row for row in rows(conn, PLACES) if row[0] == "/1/1"] == [("/1/1", 3, True, True, [])]
    told.clear()
    conn.execute("ALTER PARTITION north OF TABLE orders CONFIGURE ZONE USING num_replicas = 3")
    assert told == []  # it has them
    for step in ["num_replicas = 1, constraints = '[]'", "num_replicas = 3"]:
        conn.execute(f"ALTER PARTITION north OF TABLE orders CONFIGURE ZONE USING {step}")
    for connection in (conn, sessions[1]):
        assert rows(connection, "SELECT region, count(*), sum(id) FROM orders GROUP BY 1 ORDER BY 1") == [
            (0, 100, 15150), (1, 100, 14950), (2, 100, 15050)]
        connection.rollback()
    sessions[1].execute("UPDATE orders SET note = 'changed' WHERE region = 1")
    sessions[1].commit()
    assert rows(conn, "SELECT count(*) FROM orders WHERE note = 'changed'") == [(100,)]


def test_what_is_rolled_back_leaves_everything_as_it_was(conn, sessions, database):
    conn.execute(f"ALTER DATABASE {database} CONFIGURE ZONE USING num_replicas = 1")
    conn.execute("CREATE TABLE t (a int PRIMARY KEY, b text)")
    conn.execute("INSERT INTO t SELECT i, 'b' FROM generate_series(1, 50) i")
    one = sessions[0]
    one.execute("ALTER TABLE t CONFIGURE ZONE USING num_replicas = 3")
    one.execute("INSERT INTO t VALUES (51, 'c')")
    assert rows(one, "SELECT count(*) FROM t") == [(51,)]
    one.rollback()
    assert rows(conn, "SELECT count(*), min(b), max(b) FROM t") == [(50, "b", "b")]
    one.execute("ALTER TABLE t CONFIGURE ZONE USING num_replicas = 3")
    one.execute("INSERT INTO t VALUES (51, 'c')")
    one.commit()
    assert rows(sessions[1], "SELECT count(*), max(b) FROM t") == [(51, "c")]


def test_rows_written_anew_for_another_type(conn, sessions):
    conn.execute("CREATE TABLE t (a int PRIMARY KEY, b text)")
    conn.execute("INSERT INTO t VALUES (1, '10'), (2, '20')")
    conn.execute("ALTER TABLE t ALTER COLUMN b TYPE bigint USING b::bigint + 1")
    assert rows(sessions[1], "SELECT sum(b) FROM t") == [(32,)]
    conn.execute("ALTER TABLE t PARTITION BY LIST (a) (PARTITION p VALUES IN (1))")
    conn.execute("ALTER TABLE t PARTITION BY NOTHING")
    assert rows(conn, "SELECT * FROM t ORDER BY a") == [(1, 11), (2, 21)]


def test_one_table_replaces_another_of_its_name(conn, sessions):
    conn.execute('CREATE TABLE "订单" (a int PRIMARY KEY)')
    conn.execute('INSERT INTO "订单" VALUES (1), (2)')
    one = sessions[0]
    one.execute('DROP TABLE "订单"')
    one.execute('CREATE TABLE "订单" (a int PRIMARY KEY, b int)')
    one.execute('INSERT INTO "订单" VALUES (7, 7)')
    one.rollback()
    assert rows(conn, 'SELECT a FROM "订单" ORDER BY 1') == [(1,), (2,)]
    one.execute('DROP TABLE "订单"')
    one.execute('CREATE TABLE "订单" (a int PRIMARY KEY, b int)')
    one.execute('INSERT INTO "订单" VALUES (7, 7)')
    one.commit()
    assert rows(sessions[1], 'SELECT * FROM "订单"') == [(7, 7)]


def test_constraints_name_places_that_there_are_and_are_compared(conn):
    conn.execute(ORDERS)
    north = "ALTER PARTITION north OF TABLE orders CONFIGURE ZONE USING "
    with pytest.raises(psycopg.Error) as caught:
        conn.execute(north + "constraints = '[+region=NODE9]'")
    assert caught.value.sqlstate == "23514"
    conn.execute(north + "num_replicas = 1, constraints = '[+region=NODE1]', lease_preferences = '[[+region=NODE2]]'")
    (place,) = [row for row in rows(conn, PLACES) if row[0] == "/1/1"]
    assert place[4]  # not both can hold
    nodes = rows(conn, "SELECT node_id, locality, is_live FROM kwdb_internal.gossip_nodes ORDER BY 1")
    assert nodes == [(i, f"region=NODE{i}", True) for i in range(1, len(nodes) + 1)]
    assert rows(conn, "SELECT lease_holder_locality = 'region=NODE' || lease_holder FROM "
                      "[SHOW RANGE FROM TABLE orders FOR ROW (1, 1, 'x')] r") in ([(True,)], [(None,)])
    with pytest.raises(psycopg.Error) as caught:
        conn.execute(north + "num_replicas = 9, constraints = '[]'")
    assert caught.value.sqlstate == "22023"


def decommission(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([BINARY, "decommission", ADDRESS, *arguments], capture_output=True, text=True, timeout=300)


def test_scale_in_begins_only_where_it_can_end(conn):
    refused = decommission("99")
    assert refused.returncode == 1 and "there is no tablet server 99" in refused.stderr
    refused = decommission("0")  # tables of three replicas on three servers
    assert refused.returncode == 1 and "would be left for them" in refused.stderr
