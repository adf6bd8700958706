"""KWDB's partitions, shards and zones from their definition to where the rows are, as one psql script."""
from __future__ import annotations

import pathlib
import re

import psycopg
import pytest

HERE = pathlib.Path(__file__).parent

# The examples of the page on partitions, as they stand there; and the table that the second one is about.
SCRIPT = """
  -- Create an e-commerce order management database
  CREATE DATABASE ecommerce_orders;

  -- Create a table partitioned by region, storing order data from different regions separately
  CREATE TABLE ecommerce_orders.regional_orders (
      order_id BIGINT,
      region_code INT,  -- Region code: 1-North China, 2-East China, 3-South China
      customer_id BIGINT,
      product_id BIGINT,
      order_amount DECIMAL(10,2),
      order_status VARCHAR(20),
      created_at TIMESTAMP DEFAULT NOW(),
      PRIMARY KEY (region_code, order_id)  -- Partition key must be at the beginning of the primary key list
  ) PARTITION BY LIST (region_code) (
      PARTITION north_china VALUES IN (1),    -- North China partition
      PARTITION east_china VALUES IN (2),     -- East China partition
      PARTITION south_china VALUES IN (3)     -- South China partition
  );

CREATE TABLE existing_orders (order_id BIGINT, created_at TIMESTAMP, PRIMARY KEY (created_at, order_id));
INSERT INTO existing_orders VALUES (1, '2025-05-05'), (2, '2026-01-01');
  -- Add time range partitions to an existing table
  ALTER TABLE existing_orders
  PARTITION BY RANGE (created_at) (
      PARTITION q1_2025 VALUES FROM ('2025-01-01') TO ('2025-04-01'),
      PARTITION q2_2025 VALUES FROM ('2025-04-01') TO ('2025-07-01'),
      PARTITION q3_2025 VALUES FROM ('2025-07-01') TO ('2025-10-01'),
      PARTITION q4_2025 VALUES FROM ('2025-10-01') TO ('2026-01-01')
  );
SELECT partition_name, partition_value FROM [SHOW PARTITIONS FROM TABLE existing_orders] WHERE partition_name = 'q1_2025';
SELECT order_id, tableoid::regclass FROM existing_orders ORDER BY 1;

  -- Enable hash sharded indexes
  SET experimental_enable_hash_sharded_indexes = ON;

  -- Create a table using hash sharding
  CREATE TABLE users (
      user_id BIGINT,
      username VARCHAR(50),
      email VARCHAR(100),
      created_at TIMESTAMP DEFAULT NOW(),
      PRIMARY KEY (user_id) USING HASH WITH BUCKET_COUNT = 8
  );

  -- View table indexes
  SHOW INDEXES FROM users;

  -- Create partitions for the hash sharded table
  ALTER TABLE users
  PARTITION BY HASH (kwdb_internal_user_id_shard_8) (
      PARTITION shard_0 VALUES IN (0),
      PARTITION shard_1 VALUES IN (1),
      PARTITION shard_2 VALUES IN (2),
      PARTITION shard_3 VALUES IN (3),
      PARTITION shard_4 VALUES IN (4),
      PARTITION shard_5 VALUES IN (5),
      PARTITION shard_6 VALUES IN (6),
      PARTITION shard_7 VALUES IN (7)
  );

-- North China partition: Data stored on all nodes, lease prefers node 1
ALTER PARTITION north_china OF TABLE ecommerce_orders.regional_orders
CONFIGURE ZONE USING
    num_replicas = 3,
    constraints = '{"+region=NODE1": 1, "+region=NODE2": 1, "+region=NODE3": 1}',
    lease_preferences = '[[+region=NODE1]]';

-- East China partition: Data stored on all nodes, lease prefers node 2
ALTER PARTITION east_china OF TABLE ecommerce_orders.regional_orders
CONFIGURE ZONE USING
    num_replicas = 3,
    constraints = '{"+region=NODE1": 1, "+region=NODE2": 1, "+region=NODE3": 1}',
    lease_preferences = '[[+region=NODE2]]';

-- South China partition: Data stored on all nodes, lease prefers node 3
ALTER PARTITION south_china OF TABLE ecommerce_orders.regional_orders
CONFIGURE ZONE USING
    num_replicas = 3,
    constraints = '{"+region=NODE1": 1, "+region=NODE2": 1, "+region=NODE3": 1}',
    lease_preferences = '[[+region=NODE3]]';

-- Insert data into the table
INSERT INTO ecommerce_orders.regional_orders VALUES
  (1001, 1, 5001, 2001, 299.99, 'completed', '2025-01-15 10:30:00'),  -- North China region order
  (1002, 2, 5002, 2002, 459.50, 'pending', '2025-01-15 11:15:00'),    -- East China region order
  (1003, 3, 5003, 2003, 189.00, 'completed', '2025-01-15 14:20:00'),  -- South China region order
  (1004, 1, 5004, 2001, 799.99, 'processing', '2025-01-15 16:45:00'), -- North China region order
  (1005, 2, 5005, 2004, 329.00, 'completed', '2025-01-15 18:30:00'),  -- East China region order
  (1006, 3, 5006, 2005, 259.99, 'pending', '2025-01-15 20:15:00');    -- South China region order
SELECT order_id FROM ecommerce_orders.regional_orders WHERE region_code = 1 ORDER BY 1;

-- Query data distribution
SELECT database_name, table_name, range_id, start_pretty, end_pretty, lease_holder, replicas, range_size
FROM kwdb_internal.ranges
WHERE database_name = 'ecommerce_orders' AND table_name = 'regional_orders';
"""

PRINTED = """\
CREATE DATABASE
CREATE TABLE
CREATE TABLE
INSERT 0 2
ALTER TABLE
q1_2025|('2025-01-01 00:00:00+00:00') TO ('2025-04-01 00:00:00+00:00')
1|existing_orders_1_prt_q2_2025
2|existing_orders_1_prt_default
SET
CREATE TABLE
users|primary|f|1|kwdb_internal_user_id_shard_8|ASC|f|f
users|primary|f|2|user_id|ASC|f|f
ALTER TABLE
CONFIGURE ZONE 1
CONFIGURE ZONE 1
CONFIGURE ZONE 1
INSERT 0 6
1001
1004
ecommerce_orders|regional_orders|N|/Table/T|/Table/T/1/1|1|{1}|0
ecommerce_orders|regional_orders|N|/Table/T/1/1|/Table/T/1/2|1|{1}|some
ecommerce_orders|regional_orders|N|/Table/T/1/2|/Table/T/1/3|1|{1}|some
ecommerce_orders|regional_orders|N|/Table/T/1/3|/Table/T/1/4|1|{1}|some
ecommerce_orders|regional_orders|N|/Table/T/1/4|/Table/U|1|{1}|0
"""


def test_partitions_shards_and_zones(server, database):
    printed = server.psql("-At", "-v", "ON_ERROR_STOP=1", "-f", "-", database=database, text=SCRIPT)
    table = re.search(r"/Table/(\d+)\|", printed).group(1)
    printed = re.sub(r"^(ecommerce_orders\|regional_orders)\|\d+\|", r"\1|N|", printed, flags=re.MULTILINE)  # the id
    printed = printed.replace(f"/Table/{int(table) + 1}|", "/Table/U|").replace(f"/Table/{table}", "/Table/T")
    printed = re.sub(r"\{1\}\|[1-9]\d*$", "{1}|some", printed, flags=re.MULTILINE)  # the size
    server.psql("-c", "DROP DATABASE ecommerce_orders", database=database)
    assert printed == PRINTED


def test_a_sharded_table_to_a_fluss_client(conn, client, database):
    conn.execute("SET experimental_enable_hash_sharded_indexes = on")
    conn.execute("CREATE TABLE t (id int, v text, PRIMARY KEY (id) USING HASH WITH BUCKET_COUNT = 4)")
    conn.execute("INSERT INTO t VALUES (1, 'one'), (2, 'two')")
    import fluss

    info = client.get_admin().get_table_info(fluss.TablePath(database, "t"))
    assert info.num_buckets == 4
    assert info.get_column_names() == ["id", "v"]


def test_copy_leaves_the_shard_out(server, database):
    server.psql("-c", "SET experimental_enable_hash_sharded_indexes = on",
                "-c", "CREATE TABLE t (id int, v text, PRIMARY KEY (id) USING HASH WITH BUCKET_COUNT = 4)",
                "-c", "ALTER TABLE t PARTITION BY LIST (kwdb_internal_id_shard_4) (PARTITION low VALUES IN (0, 1))",
                database=database)
    data = "1,one\n2,two\n3,three\n"
    assert server.psql("-c", "\\copy t FROM STDIN CSV", database=database, text=data) == "COPY 3\n"
    assert server.psql("-At", "-c", "SELECT id, kwdb_internal_id_shard_4, tableoid::regclass FROM t ORDER BY 1",
                       database=database) == "1|2|t_1_prt_default\n2|1|t_1_prt_low\n3|0|t_1_prt_low\n"
    assert server.psql("-c", "\\copy (SELECT * FROM t ORDER BY id) TO STDOUT CSV", database=database) == data


def test_the_cases_of_one_node(server):
    printed = server.psql("-At", "-f", "-", text=(HERE / "kwdb.sql").read_text())
    printed = re.sub(r"psql:<stdin>:\d+: ", "", printed)
    assert printed.splitlines() == (HERE / "kwdb.expected").read_text().splitlines()


def test_zones_name_places_that_there_are(start_server):
    server = start_server("--locality", "region=NODE1,zone=a")
    with server.connect(user="weir", autocommit=True) as connection:
        connection.execute("CREATE TABLE t (a int PRIMARY KEY) PARTITION BY LIST (a) (PARTITION p VALUES IN (1))")
        zone = "ALTER PARTITION p OF TABLE t CONFIGURE ZONE USING num_replicas = 1, "
        for values in ["constraints = '[+region=NODE9]'", "lease_preferences = '[[+region=NODE9]]'"]:
            with pytest.raises(psycopg.Error) as caught:
                connection.execute(zone + values)
            assert caught.value.sqlstate == "23514"
            assert caught.value.diag.message_primary == (
                'constraint "+region=NODE9" matches no existing nodes within the cluster - did you enter it correctly?')
        connection.execute(zone + "constraints = '[-region=NODE9, +zone=a]'")
        ranges = connection.execute("SELECT start_pretty LIKE '%/1/1', replica_localities, violations "
                                    "FROM kwdb_internal.ranges ORDER BY range_id").fetchall()
        assert ranges[1] == (True, ["region=NODE1,zone=a"], [])
        assert ranges[0][2][0] == "1 of 3 replicas are up"
        assert connection.execute("SELECT locality FROM kwdb_internal.gossip_nodes").fetchone() == ("region=NODE1,zone=a",)
        shown = connection.execute("SHOW RANGE FROM TABLE t FOR ROW (1)").fetchone()
        assert "region=NODE1,zone=a" in shown and ["region=NODE1,zone=a"] in shown


def test_a_setting_of_the_cluster_is_for_new_sessions(server, conn, database):
    setting = "sql.defaults.experimental_hash_sharded_indexes.enabled"
    conn.execute(f"SET CLUSTER SETTING {setting} = true")
    try:
        assert conn.execute(f"SHOW CLUSTER SETTING {setting}").fetchone() == ("true",)
        assert conn.execute("SHOW experimental_enable_hash_sharded_indexes").fetchone() == ("off",)
        with server.connect(database, autocommit=True) as other:
            assert other.execute("SHOW experimental_enable_hash_sharded_indexes").fetchone() == ("on",)
            other.execute("CREATE TABLE h (k INT PRIMARY KEY USING HASH WITH BUCKET_COUNT = 4)")
    finally:
        conn.execute(f"RESET CLUSTER SETTING {setting}")
    assert server.psql("-Atc", "SHOW experimental_enable_hash_sharded_indexes", database=database) == "off\n"
