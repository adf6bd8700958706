"""The documents' examples on a cluster: Fluss's partitioned tables (000) beside SQL, KWDB's partitions and zones (002),
and sql_door's sentences on Cloudberry's partitioning (003), but for those that need what a cluster has not (0A000)."""
from __future__ import annotations

import sys

import psycopg
import pytest

from answers import rows
from conftest import ADDRESS, ROOT

sys.path.insert(0, str(ROOT / "tests" / "sql_door"))

from test_document_003 import *  # noqa: F403

# A cluster tells no sizes of tables, and conditions on columns that are no keys are looked up nowhere.
del globals()["test_dropped_partitions_need_no_vacuum"], globals()["test_partitioning_acts_like_an_upper_level_of_an_index"]


@pytest.fixture
def server(servers):
    return servers[0]


@pytest.fixture
def conn(server, database):
    with server.connect(database, autocommit=True) as connection:
        yield connection


@pytest.fixture(autouse=True)
def only_what_a_cluster_can(monkeypatch):
    """A test that a refusal with the cluster's name ends is skipped."""
    execute = psycopg.Connection.execute

    def checked(connection, *arguments, **options):
        try:
            return execute(connection, *arguments, **options)
        except psycopg.errors.FeatureNotSupported as error:
            if "Fluss cluster at" in str(error):
                pytest.skip(str(error).splitlines()[0])
            raise

    monkeypatch.setattr(psycopg.Connection, "execute", checked)


def test_000_a_partitioned_table_of_fluss_is_read_and_written_by_sql(conn, database):
    sync = pytest.importorskip("fluss.sync")
    import pyarrow as pa

    import fluss

    schema = fluss.Schema(pa.schema([pa.field("id", pa.int32()), pa.field("region", pa.string()),
                                     pa.field("value", pa.int64())]))
    path = fluss.TablePath(database, "partitioned_events")
    with sync.FlussConnection.create(fluss.Config({"bootstrap.servers": ADDRESS})) as client:
        admin = client.get_admin()
        admin.create_table(path, fluss.TableDescriptor(schema, partition_keys=["region"], bucket_count=1))
        for region in ("US", "EU"):
            admin.create_partition(path, {"region": region}, ignore_if_exists=True)
        writer = client.get_table(path).new_append_writer()
        writer.append({"id": 1, "region": "US", "value": 100})
        writer.append({"id": 2, "region": "EU", "value": 200})
        writer.flush()
        read = rows(conn, "SELECT id, region, value FROM partitioned_events ORDER BY id")
        assert read == [(1, "US", 100), (2, "EU", 200)]
        assert rows(conn, "SELECT sum(value) FROM partitioned_events WHERE region = 'EU'") == [(200,)]
        conn.execute("INSERT INTO partitioned_events VALUES (3, 'EU', 300)")
        scanner = client.get_table(path).new_scan().create_batch_scanner()
        for partition in admin.list_partition_infos(path):
            scanner.subscribe_partition(partition_id=partition.partition_id, bucket_id=0,
                                        start_offset=fluss.EARLIEST_OFFSET)
        assert sorted(scanner.to_arrow()["id"].to_pylist()) == [1, 2, 3]


def test_002_partitions_and_zones(conn, sessions):
    conn.execute("""
        CREATE TABLE orders (order_id bigint, region_code int, amount int, PRIMARY KEY (region_code, order_id))
          PARTITION BY LIST (region_code) (PARTITION north VALUES IN (1), PARTITION east VALUES IN (2, 3))""")
    conn.execute("INSERT INTO orders VALUES (1, 1, 10), (2, 2, 20), (3, 3, 30)")
    shown = "SELECT partition_name, partition_value FROM [SHOW PARTITIONS FROM TABLE orders] ORDER BY 1"
    assert rows(conn, shown) == [("east", "(2), (3)"), ("north", "(1)")]
    assert rows(sessions[1], shown) == rows(conn, shown)
    conn.execute("ALTER PARTITION north OF TABLE orders CONFIGURE ZONE USING num_replicas = 3, "
                 "lease_preferences = '[[+region=NODE1]]'")
    zone = rows(conn, "SELECT zone_config FROM [SHOW PARTITIONS FROM TABLE orders] WHERE partition_name = 'north'")
    assert "num_replicas = 3" in zone[0][0]
    conn.execute("UPDATE orders SET region_code = 1 WHERE order_id = 3")
    assert rows(sessions[1], "SELECT order_id, tableoid::regclass::text FROM orders ORDER BY 1") == [
        (1, "orders_1_prt_north"), (2, "orders_1_prt_east"), (3, "orders_1_prt_north")]
