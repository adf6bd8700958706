"""The cases of the specification of KWDB's partitions, shards, zones and privileges, T01 to T139, as data.

A case is a list of steps, each a statement and its right answer: a command's tag, the rows of a query, the error that
it fails with, or the tag and the notice. Where the specification leaves words open, the text ends in "…". T119 to T131
are about several nodes: they are in tests/cli/test_placement.py and tests/placement.
"""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fails:
    sqlstate: str
    message: str
    hint: str | None = None


@dataclass(frozen=True)
class Says:
    tag: str
    notice: str


CREATED, ALTERED, ZONE = "CREATE TABLE", "ALTER TABLE", "CONFIGURE ZONE 1"
ON = ("SET experimental_enable_hash_sharded_indexes = ON", "SET")
HINT = "try ALTER ... CONFIGURE ZONE USING <field_name> = COPY FROM PARENT [, ...] to populate the field"

REGIONAL = ("""
CREATE TABLE {db}.regional_orders (
    order_id BIGINT,
    region_code INT,  -- Region code: 1-North China, 2-East China, 3-South China
    customer_id BIGINT, product_id BIGINT,
    order_amount DECIMAL(10,2), order_status VARCHAR(20), created_at TIMESTAMP DEFAULT NOW(),
    PRIMARY KEY (region_code, order_id)
) PARTITION BY LIST (region_code) (
    PARTITION north_china VALUES IN (1),    -- North China partition
    PARTITION east_china VALUES IN (2),
    PARTITION south_china VALUES IN (3))""", CREATED)
ON_THREE = """'{"+region=NODE1": 1, "+region=NODE2": 1, "+region=NODE3": 1}'"""


def zone_of(partition: str, node: int, constraints: str = ON_THREE) -> tuple:
    return (f"""
ALTER PARTITION {partition}_china OF TABLE {{db}}.regional_orders CONFIGURE ZONE USING
  num_replicas = 3, constraints = {constraints}, lease_preferences = '[[+region=NODE{node}]]'""", ZONE)


ZONES = [zone_of("north", 1), zone_of("east", 2), zone_of("south", 3)]
PRINTED = "num_replicas = 3,\nconstraints = '{{+region=NODE1: 1, +region=NODE2: 1, +region=NODE3: 1}}',\n" \
          "lease_preferences = '[[+region=NODE{}]]'"
ROWS = ("""
INSERT INTO {db}.regional_orders VALUES
  (1001, 1, 5001, 2001, 299.99, 'completed', '2025-01-15 10:30:00'),  -- North China region order
  (1002, 2, 5002, 2002, 459.50, 'pending', '2025-01-15 11:15:00'),
  (1003, 3, 5003, 2003, 189.00, 'completed', '2025-01-15 14:20:00'),
  (1004, 1, 5004, 2001, 799.99, 'processing', '2025-01-15 16:45:00'),
  (1005, 2, 5005, 2004, 329.00, 'completed', '2025-01-15 18:30:00'),
  (1006, 3, 5006, 2005, 259.99, 'pending', '2025-01-15 20:15:00')""", "INSERT 0 6")
EXISTING = ("CREATE TABLE existing_orders (order_id BIGINT, created_at TIMESTAMP, amount DECIMAL(10,2), "
            "PRIMARY KEY (created_at, order_id))", CREATED)
QUARTERS = """ALTER TABLE existing_orders PARTITION BY RANGE (created_at) (
    PARTITION q1_2025 VALUES FROM ('2025-01-01') TO ('2025-04-01'),
    PARTITION q2_2025 VALUES FROM ('2025-04-01') TO ('2025-07-01'),
    PARTITION q3_2025 VALUES FROM ('2025-07-01') TO ('2025-10-01'),
    PARTITION q4_2025 VALUES FROM ('2025-10-01') TO ('2026-01-01'))"""
USERS = [ON, ("CREATE TABLE users (user_id BIGINT, username VARCHAR(50), email VARCHAR(100), created_at TIMESTAMP "
              "DEFAULT NOW(), PRIMARY KEY (user_id) USING HASH WITH BUCKET_COUNT = 8)", CREATED)]
SHARDS = ("ALTER TABLE users PARTITION BY HASH (kwdb_internal_user_id_shard_8) ("
          + ", ".join(f"PARTITION shard_{i} VALUES IN ({i})" for i in range(8)) + ")", ALTERED)
RANGES = """
SELECT regexp_replace(start_pretty, '^/Table/\\d+', '/T'), regexp_replace(end_pretty, '^/(Table/\\d+|Max)', '/T'),
       lease_holder, replicas, range_size > 0
FROM kwdb_internal.ranges WHERE database_name = '{db}' AND table_name = 'regional_orders'"""
DEFAULTS = ("range_min_bytes = 134217728,\nrange_max_bytes = 536870912,\ngc.ttlseconds = 90000,\nnum_replicas = 3,\n"
            "constraints = '[]',\nlease_preferences = '[]'")


def keyed(name: str, clause: str, answer) -> tuple:
    """A table with the key (a, b), partitioned so."""
    return (f"CREATE TABLE {name} (a INT, b INT, PRIMARY KEY (a, b)) PARTITION BY {clause}", answer)


def values_of(table: str, *values: str) -> tuple:
    return (f"SELECT partition_value FROM [SHOW PARTITIONS FROM TABLE {table}] ORDER BY partition_name",
            [(value,) for value in values])


def zones_on(table: str, *partitions: str) -> list:
    return [(f"ALTER PARTITION {one} OF TABLE {table} CONFIGURE ZONE USING gc.ttlseconds = 3600", ZONE)
            for one in partitions]


def probe(table: str, row: str, start: str | None, end: str | None) -> tuple:
    """Between which keys of the split table a row lies."""
    return f"SELECT start_key, end_key FROM [SHOW RANGE FROM TABLE {table} FOR ROW ({row})]", [(start, end)]


T_ON_A = keyed("t", "LIST (a) (PARTITION x VALUES IN (1))", CREATED)
X = "ALTER PARTITION x OF TABLE t CONFIGURE ZONE "
A = ("CREATE TABLE a (k INT PRIMARY KEY)", CREATED)
TARGET_OF_A = "SELECT target FROM [SHOW ZONE CONFIGURATION FOR TABLE a]"
ZONE_OF_A = "SELECT regexp_replace(raw_config_sql, E'^[^\\n]*\\n\\t|\\t', '', 'g') FROM [SHOW ZONE CONFIGURATION FOR TABLE a]"
ZONE_OF_X = ("SELECT target, substring(raw_config_sql, 'ttlseconds = (\\d+)') "
             "FROM [SHOW ZONE CONFIGURATION FOR PARTITION x OF INDEX t@primary]")
H = [ON, ("CREATE TABLE h (k INT PRIMARY KEY USING HASH WITH BUCKET_COUNT = 10)", CREATED)]
H_HALVES = ("ALTER TABLE h PARTITION BY HASH (kwdb_internal_k_shard_10) (PARTITION low VALUES IN (0,1,2,3,4), "
            "PARTITION high VALUES IN (5,6,7,8,9))", ALTERED)
TWICE_P = ("CREATE TABLE t (a INT PRIMARY KEY, b INT, INDEX bi (b) PARTITION BY LIST (b) (PARTITION p VALUES IN (1))) "
           "PARTITION BY LIST (a) (PARTITION p VALUES IN (1))", CREATED)
NO_CONSTRAINTS_HERE = Fails("0A000", "set zone config constraints and lease_preferences is not supported")
NOT_VALID = "could not validate zone config: "

CASES: dict[str, list] = {
    # --- the document's examples, in their order
    "T01": [("CREATE DATABASE {db}_more", "CREATE DATABASE"), ("DROP DATABASE {db}_more", "DROP DATABASE")],
    "T02": [REGIONAL],
    "T03": [REGIONAL, ("SELECT partition_name, column_names, index_name, partition_value, zone_config FROM "
                       "[SHOW PARTITIONS FROM TABLE {db}.regional_orders] ORDER BY partition_value",
                       [("north_china", "region_code", "regional_orders@primary", "(1)", None),
                        ("east_china", "region_code", "regional_orders@primary", "(2)", None),
                        ("south_china", "region_code", "regional_orders@primary", "(3)", None)])],
    "T04": [EXISTING, ("INSERT INTO existing_orders VALUES (1, '2025-05-05', 1)", "INSERT 0 1"), (QUARTERS, ALTERED),
            ("SELECT order_id FROM existing_orders", [(1,)]),
            values_of("existing_orders", *[f"('{a} 00:00:00+00:00') TO ('{b} 00:00:00+00:00')" for a, b in [
                ("2025-01-01", "2025-04-01"), ("2025-04-01", "2025-07-01"), ("2025-07-01", "2025-10-01"),
                ("2025-10-01", "2026-01-01")]])],
    "T05": [EXISTING, (QUARTERS, ALTERED), *zones_on("existing_orders", "q1_2025", "q2_2025"),
            probe("existing_orders", "1, '2025-04-01', 0", "/2025-04-01T00:00:00Z", "/2025-07-01T00:00:00Z"),
            probe("existing_orders", "1, '2025-03-31 23:59:59', 0", "/2025-01-01T00:00:00Z", "/2025-04-01T00:00:00Z")],
    "T06": [("CREATE TABLE existing_orders (order_id BIGINT PRIMARY KEY, created_at TIMESTAMP)", CREATED),
            (QUARTERS, Fails("42601", "declared partition columns (created_at) do not match first 1 columns in index "
                                      "being partitioned (order_id)"))],
    "T07": [ON, ("SHOW experimental_enable_hash_sharded_indexes", [("on",)])],
    "T08": USERS,
    "T09": [*USERS, ("SHOW INDEXES FROM users", [
        ("users", "primary", False, 1, "kwdb_internal_user_id_shard_8", "ASC", False, False),
        ("users", "primary", False, 2, "user_id", "ASC", False, False)])],
    "T10": [*USERS, SHARDS, ("SELECT DISTINCT column_names FROM [SHOW PARTITIONS FROM TABLE users]",
                             [("kwdb_internal_user_id_shard_8",)]),
            values_of("users", *[f"({i})" for i in range(8)])],
    "T11": [*USERS, SHARDS, ("INSERT INTO users (user_id, username) VALUES (1,'a'),(2,'b'),(3,'c'),(4,'d'),(5,'e'),"
                             "(6,'f'),(7,'g'),(8,'h')", "INSERT 0 8"),
            ("SELECT user_id, kwdb_internal_user_id_shard_8 FROM users ORDER BY 1",
             [(1, 6), (2, 5), (3, 4), (4, 3), (5, 2), (6, 1), (7, 0), (8, 7)])],
    "T12": [REGIONAL, *ZONES],
    "T13": [REGIONAL, *ZONES, ROWS,
            ("SELECT order_id FROM {db}.regional_orders WHERE region_code = 1 ORDER BY 1", [(1001,), (1004,)])],
    # One node has one store: its ranges are all there, the lease too.
    "T14": [REGIONAL, *ZONES, ROWS, (RANGES, [
        ("/T", "/T/1/1", 1, [1], False), ("/T/1/1", "/T/1/2", 1, [1], True), ("/T/1/2", "/T/1/3", 1, [1], True),
        ("/T/1/3", "/T/1/4", 1, [1], True), ("/T/1/4", "/T", 1, [1], False)]),
            ("DROP TABLE regional_orders", "DROP TABLE")],
    "T15": [REGIONAL, zone_of("north", 1, """'{"+region=NODE3": 1, "+region=NODE1": 1, "+region=NODE2": 1}'"""),
            ("SELECT zone_config FROM [SHOW PARTITIONS FROM TABLE {db}.regional_orders] "
             "WHERE partition_name = 'north_china'", [(PRINTED.format(1),)])],
    "T16": [T_ON_A, (X + "USING lease_preferences = '[[+region=NODE2]]'", ZONE),
            ("SELECT zone_config FROM [SHOW PARTITIONS FROM TABLE t]", [("lease_preferences = '[[+region=NODE2]]'",)])],
    "T17": [T_ON_A, (X + """USING constraints = '{"+region=NODE1": 1}'""", Fails(
        "22023", NOT_VALID + "when per-replica constraints are set, num_replicas must be set as well", HINT))],
    "T18": [T_ON_A, (X + """USING num_replicas = 3, constraints = '{"+region=NODE1": 2, "+region=NODE2": 2}'""", Fails(
        "23514", NOT_VALID + "the number of replicas specified in constraints (4) cannot be greater than the number of "
                             "replicas configured for the zone (3)"))],
    "T19": [T_ON_A, (X + "USING num_replicas = COPY FROM PARENT", ZONE),
            ("SELECT zone_config FROM [SHOW PARTITIONS FROM TABLE t]", [("num_replicas = 3",)])],
    "T20": [REGIONAL, *ZONES, ("ALTER PARTITION north_china OF TABLE {db}.regional_orders CONFIGURE ZONE DISCARD", ZONE),
            ("SELECT target FROM [SHOW ZONE CONFIGURATION FOR PARTITION north_china OF TABLE {db}.regional_orders]",
             [("RANGE default",)]),
            ("ALTER PARTITION north_china OF TABLE {db}.regional_orders CONFIGURE ZONE DISCARD", "CONFIGURE ZONE 0")],
    "T21": [("CREATE TABLE logs (ts TIMESTAMP, id INT, PRIMARY KEY (ts, id)) PARTITION BY RANGE (ts) (PARTITION old "
             "VALUES FROM (MINVALUE) TO (now() - '1d'), PARTITION recent VALUES FROM (now() - '1d') TO (MAXVALUE))",
             CREATED),
            ("SELECT count(DISTINCT split_part(replace(replace(partition_value, '(MINVALUE) TO ', ''), "
             "' TO (MAXVALUE)', ''), '~', 1)) FROM [SHOW PARTITIONS FROM TABLE logs]", [(1,)])],
    # --- LIST
    "T22": [keyed("l", "LIST (a) (PARTITION p1 VALUES IN (1, 2), PARTITION px VALUES IN (DEFAULT))", CREATED),
            values_of("l", "(1), (2)", "(DEFAULT)")],
    "T23": [keyed("l", "LIST (a) (PARTITION p1 VALUES IN (1, 2), PARTITION px VALUES IN (DEFAULT))", CREATED),
            *zones_on("l", "p1", "px"), probe("l", "1, 5", "/1", "/2"), probe("l", "7, 5", "/3", None)],
    "T24": [keyed("l", "LIST (a, b) (PARTITION x VALUES IN ((1, 2)), PARTITION y VALUES IN ((1, DEFAULT)), "
                       "PARTITION z VALUES IN ((DEFAULT, DEFAULT)))", CREATED),
            *zones_on("l", "x", "y", "z"), probe("l", "1, 2", "/1/2", "/1/3"), probe("l", "1, 3", "/1/3", "/2"),
            probe("l", "9, 9", "/2", None),
            ("INSERT INTO l VALUES (1, 2), (1, 3), (9, 9)", "INSERT 0 3"),
            ("SELECT a, b, right(tableoid::regclass::text, 1) FROM l ORDER BY a, b",
             [(1, 2, "x"), (1, 3, "y"), (9, 9, "z")])],
    "T25": [keyed("f", "LIST (a, b) (PARTITION x VALUES IN ((DEFAULT, 2)))", Fails(
        "42601", "PARTITION x: non-DEFAULT value (2) not allowed after DEFAULT"))],
    "T26": [keyed("f", "LIST (a) (PARTITION x VALUES IN (1), PARTITION y VALUES IN (1))", Fails(
        "42P16", "(1) cannot be present in more than one partition"))],
    "T27": [keyed("f", "LIST (a) (PARTITION x VALUES IN (1, 1))", Fails(
        "42P16", "(1) cannot be present in more than one partition"))],
    "T28": [keyed("f", "LIST (a) (PARTITION x VALUES IN (DEFAULT), PARTITION y VALUES IN (DEFAULT))", Fails(
        "42P16", "(DEFAULT) cannot be present in more than one partition"))],
    "T29": [keyed("f", "LIST (a) (PARTITION x VALUES IN (1), PARTITION x VALUES IN (2))", Fails(
        "42P16", 'PARTITION x: name must be unique (used twice in index "primary")'))],
    "T30": [keyed("f", "LIST (a) (PARTITION x VALUES IN ((1, 2)))", Fails(
        "42601", "PARTITION x: partition has 1 columns but 2 values were supplied"))],
    "T31": [keyed("f", "LIST (b) (PARTITION x VALUES IN (1))", Fails(
        "42601", "declared partition columns (b) do not match first 1 columns in index being partitioned (a)"))],
    "T32": [("CREATE TABLE f (a INT, b INT, c INT, PRIMARY KEY (a, b)) PARTITION BY LIST (a, b, c) "
             "(PARTITION x VALUES IN ((1, 2, 3)))", Fails(
                 "42601", "declared partition columns (a, b, c) exceed the number of columns in index being partitioned "
                          "(a, b)"))],
    "T33": [keyed("f", "LIST (a) (PARTITION x VALUES IN ('abc'))", Fails(
        "22P02", 'PARTITION x: could not parse "abc" as type int…'))],
    "T34": [keyed("f", "LIST (a) (PARTITION x VALUES IN (b))", Fails(
        "42601", "PARTITION x: variable sub-expressions are not allowed in partition"))],
    "T35": [keyed("f", "LIST (a) (PARTITION x VALUES IN (random()::INT))", Fails(
        "0A000", "PARTITION x: impure functions are not allowed in partition"))],
    "T36": [keyed("f", "LIST (a) (PARTITION x VALUES IN (MINVALUE))", Fails(
        "42601", "PARTITION x: MINVALUE cannot be used with PARTITION BY LIST"))],
    "T37": [keyed("l", "LIST (a) (PARTITION x VALUES IN (1 + 1, NULL))", CREATED), values_of("l", "(2), (NULL)")],
    "T38": [keyed("f", "LIST (a) (PARTITION x VALUES IN ())", Fails("42601", "…syntax error…"))],
    "T39": [keyed("l2", "LIST (a) (PARTITION x VALUES IN (1))", CREATED),
            ("INSERT INTO l2 VALUES (99, 1)", "INSERT 0 1"), ("SELECT * FROM l2", [(99, 1)])],
    "T40": [("CREATE TABLE d (a DECIMAL PRIMARY KEY) PARTITION BY LIST (a) (PARTITION x VALUES IN (1), PARTITION y "
             "VALUES IN (1.0))", Fails("42P16", "…cannot be present in more than one partition"))],
    "T41": [keyed("l", "LIST (a) (PARTITION default VALUES IN (1), PARTITION \"Mixed Case\" VALUES IN (2))", CREATED),
            ("SELECT partition_name FROM [SHOW PARTITIONS FROM TABLE l] ORDER BY 1", [("Mixed Case",), ("default",)]),
            ("SELECT create_statement LIKE '%PARTITION \"Mixed Case\" VALUES IN ((2))%' FROM [SHOW CREATE TABLE l]",
             [(True,)])],
    # --- RANGE
    "T42": [keyed("r", "RANGE (a) (PARTITION lo VALUES FROM (MINVALUE) TO (10), PARTITION hi VALUES FROM (10) TO "
                       "(MAXVALUE))", CREATED),
            values_of("r", "(10) TO (MAXVALUE)", "(MINVALUE) TO (10)"), *zones_on("r", "lo", "hi"),
            probe("r", "9, 0", None, "/10"), probe("r", "10, 0", "/10", None)],
    "T43": [keyed("f", "RANGE (a) (PARTITION x VALUES FROM (1) TO (5), PARTITION y VALUES FROM (4) TO (8))", Fails(
        "42P16", "partitions x and y overlap"))],
    "T44": [keyed("r", "RANGE (a) (PARTITION x VALUES FROM (1) TO (5), PARTITION y VALUES FROM (5) TO (8))", CREATED)],
    "T45": [keyed("f", "RANGE (a) (PARTITION x VALUES FROM (5) TO (5))", Fails(
        "42P16", "PARTITION x: empty range: lower bound (5) is equal to upper bound (5)"))],
    "T46": [keyed("f", "RANGE (a) (PARTITION x VALUES FROM (6) TO (5))", Fails(
        "42P16", "PARTITION x: empty range: lower bound (6) is greater than upper bound (5)"))],
    "T47": [keyed("r", "RANGE (a, b) (PARTITION x VALUES FROM (1, MINVALUE) TO (1, MAXVALUE))", CREATED),
            *zones_on("r", "x"), probe("r", "1, -99", "/1", "/2"), probe("r", "1, 99", "/1", "/2"),
            probe("r", "2, 0", "/2", None)],
    "T48": [keyed("f", "RANGE (a, b) (PARTITION x VALUES FROM (MINVALUE, 1) TO (2, 2))", Fails(
        "42601", "PARTITION x: non-MINVALUE value (1) not allowed after MINVALUE"))],
    "T49": [keyed("r", "RANGE (a, b) (PARTITION x VALUES FROM (1, 5) TO (2, 3))", CREATED), *zones_on("r", "x"),
            probe("r", "1, 4", None, "/1/5"), probe("r", "1, 5", "/1/5", "/2/3"), probe("r", "1, 99", "/1/5", "/2/3"),
            probe("r", "2, 2", "/1/5", "/2/3"), probe("r", "2, 3", "/2/3", None)],
    "T50": [keyed("f", "RANGE (a) (PARTITION x VALUES FROM (DEFAULT) TO (5))", Fails(
        "42601", "PARTITION x: DEFAULT cannot be used with PARTITION BY RANGE"))],
    "T51": [("CREATE TABLE f (a INT, b INT, PRIMARY KEY (a DESC, b)) PARTITION BY RANGE (a) (PARTITION x VALUES FROM (1) "
             "TO (5))", Fails("42P16", "PARTITION x: empty range: lower bound (1) is greater than upper bound (5)")),
            ("CREATE TABLE r (a INT, b INT, PRIMARY KEY (a DESC, b)) PARTITION BY RANGE (a) (PARTITION x VALUES FROM (5) "
             "TO (1))", CREATED),
            ("INSERT INTO r SELECT a, 0 FROM generate_series(1, 6) a", "INSERT 0 6"),
            ("SELECT array_agg(a ORDER BY a) FROM r WHERE tableoid::regclass::text LIKE '%x'", [([2, 3, 4, 5],)])],
    "T52": [keyed("r", "RANGE (a) (PARTITION y VALUES FROM (5) TO (8), PARTITION x VALUES FROM (1) TO (5))", CREATED)],
    "T53": [("CREATE TABLE n (k INT PRIMARY KEY, v INT, INDEX vi (v) PARTITION BY RANGE (v) (PARTITION low VALUES FROM "
             "(MINVALUE) TO (0), PARTITION rest VALUES FROM (0) TO (MAXVALUE)))", CREATED),
            ("INSERT INTO n VALUES (1, NULL)", "INSERT 0 1"),
            ("ALTER PARTITION low OF INDEX n@vi CONFIGURE ZONE USING gc.ttlseconds = 3600", ZONE),
            ("SELECT start_key, end_key FROM [SHOW RANGE FROM INDEX n@vi FOR ROW (1, NULL)]", [(None, "/0")])],
    "T54": [("CREATE TABLE n (k INT PRIMARY KEY, v INT, INDEX vi (v) PARTITION BY RANGE (v) (PARTITION low VALUES FROM "
             "(NULL) TO (0), PARTITION rest VALUES FROM (0) TO (MAXVALUE)))", CREATED),
            ("ALTER PARTITION low OF INDEX n@vi CONFIGURE ZONE USING gc.ttlseconds = 3600", ZONE),
            ("SELECT partition_value FROM [SHOW PARTITIONS FROM INDEX n@vi] WHERE partition_name = 'low'",
             [("(NULL) TO (0)",)]),
            ("SELECT start_key, end_key FROM [SHOW RANGE FROM INDEX n@vi FOR ROW (1, NULL)]", [("/NULL", "/0")])],
    "T55": [keyed("f", "RANGE (a) (PARTITION x VALUES IN (1))", Fails("42601", "…syntax error…"))],
    # --- HASH and sharded keys
    "T56": [("CREATE TABLE h (k INT PRIMARY KEY USING HASH WITH BUCKET_COUNT = 10)", Fails(
        "0A000", "hash sharded indexes require the experimental_enable_hash_sharded_indexes cluster setting"))],
    "T57": [*H, ("SELECT create_statement LIKE '%CONSTRAINT \"primary\" PRIMARY KEY (k ASC) USING HASH WITH BUCKET_COUNT = "
                 "10%', create_statement LIKE '%kwdb_internal%' FROM [SHOW CREATE TABLE h]", [(True, False)])],
    "T58": [*H, ("INSERT INTO h VALUES (1), (2), (3)", "INSERT 0 3"), ("INSERT INTO h VALUES (1)", Fails(
        "23505", 'duplicate key value (kwdb_internal_k_shard_10,k)=(6,1) violates unique constraint "primary"'))],
    "T59": [ON, *[(f"CREATE TABLE f (k INT PRIMARY KEY USING HASH WITH BUCKET_COUNT = {count})", Fails(
        "22023", "BUCKET_COUNT must be a strictly positive integer value")) for count in ["-1", "0", "'x'"]]],
    "T60": [ON, ("CREATE TABLE f (k INT PRIMARY KEY USING HASH WITH BUCKET_COUNT = 2.32)", Fails(
        "22003", "BUCKET_COUNT must be a strictly positive integer value…"))],
    "T61": [ON, ("CREATE TABLE hp (k INT, PRIMARY KEY (k) USING HASH WITH BUCKET_COUNT = 4) PARTITION BY HASH "
                 "(kwdb_internal_k_shard_4) (PARTITION p0 VALUES IN (0))", Fails(
                     "0A000", "sharded indexes don't support partitioning"))],
    "T62": [*H, ("ALTER TABLE h PARTITION BY HASH (k) (PARTITION p VALUES IN (1))", Fails(
        "42601", "declared partition columns (k) do not match first 1 columns in index being partitioned "
                 "(kwdb_internal_k_shard_10)"))],
    "T63": [*H, H_HALVES, (
        "SELECT create_statement LIKE '% PARTITION BY HASH (kwdb_internal_k_shard_10) (%', create_statement LIKE "
        "'%VALUES IN ((0), (1), (2), (3), (4))%' FROM [SHOW CREATE TABLE h]", [(True, True)])],
    "T64": [*H, ("ALTER TABLE h PARTITION BY HASH (kwdb_internal_k_shard_10) (PARTITION a VALUES IN (0), PARTITION b "
                 "VALUES IN (0))", Fails("42P16", "(0) cannot be present in more than one partition"))],
    "T65": [ON, ("CREATE TABLE hb (b INT, a INT, PRIMARY KEY (b, a) USING HASH WITH BUCKET_COUNT = 8)", CREATED),
            ("INSERT INTO hb VALUES (1, 2)", "INSERT 0 1"), ("SELECT kwdb_internal_a_b_shard_8 FROM hb", [(3,)])],
    "T66": [*H, ("INSERT INTO h VALUES (7)", "INSERT 0 1"), ("SELECT * FROM h", [(7,)])],
    "T67": [*H, ("INSERT INTO h (k, kwdb_internal_k_shard_10) VALUES (5, 1)", Fails(
        "55000", 'cannot write directly to computed column "kwdb_internal_k_shard_10"'))],
    "T68": [*H, ("ALTER TABLE h RENAME COLUMN kwdb_internal_k_shard_10 TO x", Fails(
        "42939", "cannot rename shard column: kwdb_internal_k_shard_10"))],
    "T69": [*H, H_HALVES, ("ALTER TABLE h RENAME COLUMN k TO kk", ALTERED),
            ("SELECT partition_name, column_names FROM [SHOW PARTITIONS FROM TABLE h] ORDER BY 1",
             [("high", "kwdb_internal_kk_shard_10"), ("low", "kwdb_internal_kk_shard_10")])],
    "T70": [ON, ("CREATE TABLE c (a INT, b INT AS (a % 5) STORED, INDEX (b) USING HASH WITH BUCKET_COUNT = 10)", Fails(
        "42P16", "cannot create a sharded index on a computed column"))],
    "T71": [ON, ("CREATE TABLE s (a INT, INDEX (a) USING HASH WITH BUCKET_COUNT = 4)", CREATED),
            ("SELECT DISTINCT index_name FROM [SHOW INDEXES FROM s] WHERE column_name = 'a' AND NOT implicit",
             [("s_kwdb_internal_a_shard_4_a_idx",)]),
            ("INSERT INTO s VALUES (NULL)", "INSERT 0 1"), ("SELECT kwdb_internal_a_shard_4 FROM s", [(1,)])],
    "T72": [keyed("ph", "HASH (a) (PARTITION x VALUES IN (1), PARTITION y VALUES IN (2, 3))", CREATED),
            *zones_on("ph", "x", "y"), probe("ph", "1, 5", "/1", "/2")],
    "T73": [*H, ("INSERT INTO h VALUES (1), (2), (3)", "INSERT 0 3"),
            ("SET experimental_enable_hash_sharded_indexes = off", "SET"), H_HALVES,
            ("INSERT INTO h VALUES (4)", "INSERT 0 1"), ("SELECT count(*) FROM h", [(4,)])],
    # --- changing, nesting, secondary indexes
    "T74": [keyed("f", "LIST (a) (PARTITION x VALUES IN (1) PARTITION BY LIST (b) (PARTITION y VALUES IN (2)))", Fails(
        "0A000", "nested partitioning is not supported"))],
    "T75": [T_ON_A, *zones_on("t", "x"), ("ALTER TABLE t PARTITION BY LIST (a) (PARTITION x VALUES IN (1))", ALTERED),
            ("SELECT zone_config FROM [SHOW PARTITIONS FROM TABLE t]", [("gc.ttlseconds = 3600",)])],
    "T76": [T_ON_A, ("ALTER TABLE t PARTITION BY LIST (a) (PARTITION x VALUES IN (2))", Fails(
        "0A000", "modifying partitions after creation is not supported", "use ALTER TABLE ... PARTITION BY NOTHING first"))],
    "T77": [T_ON_A, ("INSERT INTO t VALUES (1, 1), (2, 2)", "INSERT 0 2"), *zones_on("t", "x"),
            ("ALTER TABLE t PARTITION BY NOTHING", ALTERED), ("SELECT count(*) FROM [SHOW PARTITIONS FROM TABLE t]", [(0,)]),
            ("SELECT count(*) FROM kwdb_internal.zones WHERE database_name = '{db}' AND table_name = 't'", [(0,)]),
            ("SELECT * FROM t ORDER BY a", [(1, 1), (2, 2)]), ("ALTER TABLE t PARTITION BY NOTHING", ALTERED)],
    "T78": [T_ON_A, ("ALTER TABLE t PARTITION BY NOTHING", ALTERED),
            ("ALTER TABLE t PARTITION BY LIST (a) (PARTITION x VALUES IN (2))", ALTERED), values_of("t", "(2)")],
    "T79": [T_ON_A, ("ALTER TABLE t RENAME PARTITION x TO y", Fails("42601", "…syntax error…")),
            ("ALTER TABLE t DROP PARTITION x", Fails("42601", "…syntax error…")),
            ("ALTER TABLE t ADD PARTITION z VALUES IN (9)", Fails("42601", "…syntax error…"))],
    "T80": [T_ON_A, ("CREATE INDEX i ON t (b) PARTITION BY LIST (b) (PARTITION q VALUES IN (1))", Fails(
        "0A000", "partitioning of secondary indexes is only supported in CREATE TABLE")),
            ("CREATE INDEX i ON t (b)", "CREATE INDEX"),
            ("ALTER INDEX t@i PARTITION BY LIST (b) (PARTITION q VALUES IN (1))", Fails(
                "0A000", "partitioning of secondary indexes is only supported in CREATE TABLE"))],
    "T81": [T_ON_A, ("CREATE INDEX i ON t (b)", Says(
        "CREATE INDEX", "creating non-partitioned index on partitioned table may not be performant"))],
    "T82": [T_ON_A, *zones_on("t", "x"), ("TRUNCATE t", "TRUNCATE TABLE"),
            ("SELECT partition_value, zone_config FROM [SHOW PARTITIONS FROM TABLE t]", [("(1)", "gc.ttlseconds = 3600")])],
    "T83": [keyed("t", "NOTHING", CREATED), ("SAVEPOINT s", "SAVEPOINT"),
            ("ALTER TABLE t PARTITION BY LIST (a) (PARTITION x VALUES IN (1))", ALTERED), ("ROLLBACK TO s", "ROLLBACK"),
            ("SELECT count(*) FROM [SHOW PARTITIONS FROM TABLE t]", [(0,)])],
    "T84": [T_ON_A, ("ALTER TABLE t DROP COLUMN a", Fails("42P10", 'column "a" is referenced by the primary key'))],
    "T85": [("ALTER TABLE nosuch PARTITION BY NOTHING", Fails("42P01", 'relation "nosuch" does not exist')),
            ("ALTER TABLE IF EXISTS nosuch PARTITION BY NOTHING", ALTERED)],
    # --- zones
    "T86": [("SELECT zone_id, regexp_replace(raw_config_sql, E'^[^\\n]*\\n\\t|\\t', '', 'g') "
             "FROM [SHOW ZONE CONFIGURATION FOR RANGE default]", [(0, DEFAULTS)])],
    "T87": [A, (TARGET_OF_A, [("RANGE default",)])],
    "T88": [A, ("ALTER TABLE a CONFIGURE ZONE USING range_min_bytes = 20000000 + 1, range_max_bytes = 30000000 + 1, "
                "gc.ttlseconds = 3000 + 600, num_replicas = floor(1.2)::int", ZONE),
            (ZONE_OF_A, [("range_min_bytes = 20000001,\nrange_max_bytes = 30000001,\ngc.ttlseconds = 3600,\n"
                          "num_replicas = 1,\nconstraints = '[]',\nlease_preferences = '[]'",)])],
    "T89": [A, ("ALTER TABLE a CONFIGURE ZONE USING range_min_bytes = 20000001, range_max_bytes = 30000001", ZONE),
            ("ALTER TABLE a CONFIGURE ZONE USING range_max_bytes = 40000000", ZONE),
            (ZONE_OF_A, [("range_min_bytes = 20000001,\nrange_max_bytes = 40000000,\ngc.ttlseconds = 90000,\n"
                          "num_replicas = 3,\nconstraints = '[]',\nlease_preferences = '[]'",)])],
    "T90": [A, ("ALTER TABLE a CONFIGURE ZONE USING gc.ttlseconds = 3600", ZONE),
            ("ALTER TABLE a CONFIGURE ZONE USING DEFAULT", ZONE), (TARGET_OF_A, [("TABLE a",)]), (ZONE_OF_A, [(DEFAULTS,)])],
    "T91": [A, ("ALTER TABLE a CONFIGURE ZONE USING DEFAULT", ZONE), ("ALTER TABLE a CONFIGURE ZONE DISCARD", ZONE),
            (TARGET_OF_A, [("RANGE default",)])],
    "T92": [A, ("ALTER TABLE a CONFIGURE ZONE USING range_max_bytes = 40000000", Fails(
        "22023", NOT_VALID + "range_min_bytes and range_max_bytes must be set together", HINT))],
    "T93": [A, ("CREATE INDEX i ON a (k)", "CREATE INDEX"), *[
        (f"ALTER {target} CONFIGURE ZONE USING {field}", NO_CONSTRAINTS_HERE)
        for target in ["TABLE a", "DATABASE {db}", "INDEX a@i", "RANGE default"]
        for field in ["constraints = '[+region=NODE1]'", "lease_preferences = '[[+region=NODE1]]'",
                      "constraints = COPY FROM PARENT"]]],
    "T94": [A, *[(f"ALTER TABLE a CONFIGURE ZONE USING num_replicas = {count}", Fails("23514", NOT_VALID + text))
                 for count, text in [(0, "at least one replica is required"), (-1, "at least one replica is required"),
                                     (2, "at least 3 replicas are required for multi-replica configurations")]]],
    "T95": [A, *[(f"ALTER TABLE a CONFIGURE ZONE USING {fields}", Fails("22023", text)) for fields, text in [
        ("num_replicas = 3, num_replicas = 3", 'duplicate zone config parameter: "num_replicas"'),
        ("foo = 1", 'unsupported zone config parameter: "foo"'),
        ("num_replicas = NULL", 'unsupported NULL value for "num_replicas"')]]],
    "T96": [T_ON_A, (X + "USING constraints = '[+region=NODE9]'", Fails(
        "23514", 'constraint "+region=NODE9" matches no existing nodes within the cluster - did you enter it correctly?'))],
    "T97": [T_ON_A, (X + "USING constraints = '[-region=NODE9]'", ZONE)],
    "T98": [T_ON_A, (X + "USING constraints = '[+region=NODE1, +region=NODE2]'", Fails(
        "23514", 'incompatible zone constraints: "+region=NODE1" and "+region=NODE2"'))],
    "T99": [T_ON_A, (X + "USING constraints = '[region=NODE1]'", Fails(
        "23514", NOT_VALID + "constraints must either be required (prefixed with a '+') or prohibited (prefixed with a "
                             "'-')"))],
    "T100": [T_ON_A, (X + """USING num_replicas = 3, constraints = '{"-region=NODE1": 1}'""", Fails(
        "23514", NOT_VALID + "only required constraints (prefixed with a '+') can be applied to a subset of replicas"))],
    "T101": [T_ON_A, *[(X + f"USING constraints = {text}", Fails(
        "22023", "invalid constraints format. expected an array of strings or a map of strings to ints"))
        for text in ["'12'", """'{"+region=NODE1": "x"}'"""]]],
    "T102": [T_ON_A, (X + "USING lease_preferences = '[]'", ZONE),
             (X + "USING lease_preferences = '[[]]'", Fails(
                 "23514", NOT_VALID + "every lease preference must include at least one constraint")),
             (X + "USING lease_preferences = '[+region=NODE1]'", Fails("22023", "yaml: …"))],
    "T103": [T_ON_A, ("ALTER PARTITION nope OF TABLE t CONFIGURE ZONE DISCARD", Fails(
        "42704", 'partition "nope" does not exist on table "t"')),
             ("ALTER PARTITION nope OF INDEX t@primary CONFIGURE ZONE DISCARD", Fails(
                 "42704", 'partition "nope" does not exist on index "primary"'))],
    "T104": [TWICE_P, ("ALTER PARTITION p OF TABLE t CONFIGURE ZONE USING gc.ttlseconds = 700", Fails(
        "22023", 'partition "p" exists on multiple indexes of table "t"', "try ALTER PARTITION ... OF INDEX ..."))],
    "T105": [TWICE_P, ("ALTER PARTITION p OF INDEX t@* CONFIGURE ZONE USING gc.ttlseconds = 700", "CONFIGURE ZONE 2"),
             ("SELECT index_name, zone_config FROM [SHOW PARTITIONS FROM INDEX t@*] ORDER BY 1",
              [("t@bi", "gc.ttlseconds = 700"), ("t@primary", "gc.ttlseconds = 700")])],
    "T106": [T_ON_A, ("ALTER PARTITION x OF TABLE t@primary CONFIGURE ZONE DISCARD", Fails(
        "42601", "index name should not be specified in ALTER PARTITION ... OF TABLE",
        "try ALTER PARTITION ... OF INDEX")),
             ("ALTER PARTITION x OF TABLE t@* CONFIGURE ZONE DISCARD", Fails(
                 "42601", "index wildcard unsupported in ALTER PARTITION ... OF TABLE",
                 "try ALTER PARTITION <partition> OF INDEX <tablename>@*"))],
    "T107": [A, ("ALTER TABLE a CONFIGURE ZONE USING num_replicas = COPY FROM PARENT", ZONE),
             ("ALTER RANGE default CONFIGURE ZONE USING num_replicas = 5", ZONE),
             ("SELECT raw_config_sql LIKE '%num_replicas = 3%' FROM [SHOW ZONE CONFIGURATION FOR TABLE a]", [(True,)]),
             ("SELECT raw_config_sql LIKE '%num_replicas = 5%' FROM [SHOW ZONE CONFIGURATION FOR DATABASE {db}]",
              [(True,)])],
    "T108": [T_ON_A, ("ALTER DATABASE {db} CONFIGURE ZONE USING gc.ttlseconds = 1000", ZONE),
             ("ALTER TABLE t CONFIGURE ZONE USING gc.ttlseconds = 2000", ZONE),
             ("ALTER INDEX t@primary CONFIGURE ZONE USING gc.ttlseconds = 3000", ZONE),
             ("ALTER PARTITION x OF INDEX t@primary CONFIGURE ZONE USING gc.ttlseconds = 4000", ZONE),
             (ZONE_OF_X, [("PARTITION x OF INDEX t@primary", "4000")]),
             ("ALTER PARTITION x OF INDEX t@primary CONFIGURE ZONE DISCARD", ZONE),
             (ZONE_OF_X, [("INDEX t@primary", "3000")]), ("ALTER INDEX t@primary CONFIGURE ZONE DISCARD", ZONE),
             (ZONE_OF_X, [("TABLE t", "2000")]), ("ALTER TABLE t CONFIGURE ZONE DISCARD", ZONE),
             (ZONE_OF_X, [("DATABASE {db}", "1000")]), ("ALTER DATABASE {db} CONFIGURE ZONE DISCARD", ZONE),
             (ZONE_OF_X, [("RANGE default", "90000")])],
    "T109": [("ALTER RANGE default CONFIGURE ZONE DISCARD", Fails("23514", "cannot remove default zone")),
             ("ALTER RANGE foo CONFIGURE ZONE USING DEFAULT", Fails("42704", '"foo" is not a built-in zone')),
             ("ALTER DATABASE foo CONFIGURE ZONE USING DEFAULT", Fails("3D000", 'database "foo" does not exist'))],
    "T110": [A, ("ALTER TABLE a CONFIGURE ZONE = 'gc: {ttlseconds: 42}'", ZONE),
             ("SELECT raw_config_sql LIKE '%ttlseconds = 42,%' FROM [SHOW ZONE CONFIGURATION FOR TABLE a]", [(True,)]),
             ("ALTER TABLE a CONFIGURE ZONE = 'nonsense'", Fails("23514", "could not parse zone config: …")),
             ("ALTER TABLE a CONFIGURE ZONE = NULL", ZONE), (TARGET_OF_A, [("RANGE default",)])],
    "T111": [A, *[(f"ALTER TABLE a CONFIGURE ZONE USING {fields}", Fails("23514", NOT_VALID + text)) for fields, text in [
        ("gc.ttlseconds = 0", "GC.TTLSeconds 0 less than minimum allowed 1"),
        ("range_max_bytes = 100, range_min_bytes = 50", "RangeMaxBytes 100 less than minimum allowed 5242880"),
        ("range_min_bytes = 6000000, range_max_bytes = 6000000",
         "RangeMinBytes 6000000 is greater than or equal to RangeMaxBytes 6000000")]]],
    "T112": [REGIONAL, *ZONES,
             ("SELECT regexp_replace(raw_config_sql, E'^[^\\n]*\\n\\t|\\t', '', 'g') FROM "
              "[SHOW ZONE CONFIGURATION FOR PARTITION north_china OF TABLE {db}.regional_orders]",
              [("range_min_bytes = 134217728,\nrange_max_bytes = 536870912,\ngc.ttlseconds = 90000,\n"
                + PRINTED.format(1),)])],
    "T113": [REGIONAL, *ZONES,
             ("SELECT target, regexp_replace(raw_config_sql, E'^[^\\n]*\\n\\t|\\t', '', 'g') FROM kwdb_internal.zones "
              "WHERE partition_name = 'north_china' AND database_name = '{db}'",
              [("PARTITION north_china OF INDEX {db}.public.regional_orders@primary", PRINTED.format(1))])],
    "T114": [REGIONAL, *ZONES, ("SELECT zone_config FROM [SHOW PARTITIONS FROM TABLE {db}.regional_orders] "
                                "WHERE partition_name = 'east_china'", [(PRINTED.format(2),)])],
    "T115": [REGIONAL, ("SELECT create_statement LIKE "
                        "E'%\\n)\\n-- Warning: Partitioned table with no zone configurations.' "
                        "FROM [SHOW CREATE TABLE {db}.regional_orders]", [(True,)]), *ZONES,
             ("SELECT regexp_replace(create_statement, '(?s)^.*?;', ''), array(SELECT m[1] FROM "
              "regexp_matches(create_statement, 'ALTER PARTITION (\\w+)', 'g') m) "
              "FROM [SHOW CREATE TABLE {db}.regional_orders]",
              [("".join(f"\nALTER PARTITION {name} OF INDEX {{db}}.public.regional_orders@primary CONFIGURE ZONE USING\n\t"
                        + PRINTED.format(node).replace("\n", "\n\t") + end
                        for name, node, end in [("east_china", 2, ";"), ("north_china", 1, ";"), ("south_china", 3, "")]),
                ["east_china", "north_china", "south_china"])])],
    "T117": [REGIONAL, ("SELECT count(*) FROM [SHOW RANGES FROM TABLE {db}.regional_orders]", [(1,)])],
    "T118": [REGIONAL, zone_of("north", 1), (
        "SELECT start_key, end_key FROM [SHOW RANGES FROM TABLE {db}.regional_orders]",
        [(None, "/1"), ("/1", "/2"), ("/2", None)])],
    "T132": [REGIONAL, *ZONES, (
        "SELECT start_key, end_key FROM [SHOW RANGES FROM TABLE {db}.regional_orders]",
        [(None, "/1"), ("/1", "/2"), ("/2", "/3"), ("/3", "/4"), ("/4", None)])],
    # --- privileges
    "T133": [("CREATE ROLE u", "CREATE ROLE"), ("SET ROLE u", "SET"),
             keyed("t", "LIST (a) (PARTITION p VALUES IN (1))", Fails(
                 "42501", "user u does not have CREATE privilege on database {db}")), ("RESET ROLE", "RESET"),
             ("GRANT CREATE ON DATABASE {db} TO u", "GRANT"), ("SET ROLE u", "SET"),
             keyed("t", "LIST (a) (PARTITION p VALUES IN (1))", CREATED)],
}

U = [("CREATE ROLE u", "CREATE ROLE"), keyed("t", "LIST (a) (PARTITION p VALUES IN (1))", CREATED)]
NOTHING = "ALTER TABLE t PARTITION BY NOTHING"
ZONE_OF_P = "ALTER PARTITION p OF TABLE t CONFIGURE ZONE USING gc.ttlseconds = 700"
SYSTEM_RANGE = "ALTER RANGE default CONFIGURE ZONE USING num_replicas = 3"
AS_U, AS_ROOT = ("SET ROLE u", "SET"), ("RESET ROLE", "RESET")
CASES |= {
    "T134": [*U, AS_U, (NOTHING, Fails("42501", "user u does not have CREATE privilege on relation t")), AS_ROOT,
             ("GRANT CREATE ON TABLE t TO u", "GRANT"), AS_U, (NOTHING, ALTERED)],
    "T135": [*U, AS_U, (ZONE_OF_P, Fails("42501", "user u does not have ZONECONFIG or CREATE privilege on relation t")),
             AS_ROOT, ("GRANT ZONECONFIG ON TABLE t TO u", "GRANT"), AS_U, (ZONE_OF_P, ZONE), AS_ROOT,
             ("REVOKE ZONECONFIG ON TABLE t FROM u", "REVOKE"), ("GRANT CREATE ON TABLE t TO u", "GRANT"), AS_U,
             (ZONE_OF_P, ZONE)],
    "T136": [*U, AS_U, (SYSTEM_RANGE, Fails(
        "42501", "only users with the admin role are allowed to alter system ranges"))],
    "T137": [*U, AS_U, (RANGES, Fails(
        "42501", "only users with the admin role are allowed to read kwdb_internal.ranges_no_leases"))],
    "T138": [*U, AS_U, ("SHOW PARTITIONS FROM TABLE t", Fails("42501", "user u has no privileges on relation t")), AS_ROOT,
             ("GRANT SELECT ON TABLE t TO u", "GRANT"), AS_U, values_of("t", "(1)")],
    "T139": [*U, REGIONAL, ("GRANT admin TO u", "GRANT ROLE"), AS_U, (ZONE_OF_P, ZONE), (SYSTEM_RANGE, ZONE),
             (RANGES, [("/T", "/T", 1, [1], False)]), values_of("t", "(1)"), (NOTHING, ALTERED),
             keyed("t2", "LIST (a) (PARTITION p VALUES IN (1))", CREATED)],
}


# --- what was wrong once, by the numbers of the list of faults
LEAF = "SELECT tableoid::regclass::text FROM {} ORDER BY 1"
CASES |= {
    "KW-1": [("CREATE TABLE m4 (a decimal PRIMARY KEY) PARTITION BY LIST (a) (PARTITION x VALUES IN (1))", CREATED),
             ("INSERT INTO m4 VALUES (1.0)", "INSERT 0 1"), (LEAF.format("m4"), [("m4_1_prt_x",)]), values_of("m4", "(1)"),
             (r"CREATE TABLE by (a BYTES PRIMARY KEY) PARTITION BY LIST (a) (PARTITION x VALUES IN ('\xdead'))", CREATED),
             (r"INSERT INTO by VALUES ('\xdead'), ('\xde6164')", "INSERT 0 2"),
             (LEAF.format("by"), [("by_1_prt_default",), ("by_1_prt_x",)])],
    "KW-2": [("CREATE TABLE n (ts TIMESTAMPTZ, id int, PRIMARY KEY (ts, id)) PARTITION BY RANGE (ts) (PARTITION old VALUES FROM "
              "(MINVALUE) TO (now() - '1d'))", CREATED),
             ("INSERT INTO n VALUES (now() - interval '1 day 1 second', 1), (now() - interval '23 hours', 2)", "INSERT 0 2"),
             ("SELECT id, tableoid::regclass::text FROM n ORDER BY 1", [(1, "n_1_prt_old"), (2, "n_1_prt_default")])],
    "KW-3": [("CREATE TABLE n2 (ts TIMESTAMPTZ, id int, PRIMARY KEY (ts, id)) PARTITION BY RANGE (ts) (PARTITION recent VALUES "
              "FROM (now()) TO (MAXVALUE), PARTITION old VALUES FROM (MINVALUE) TO (now()))", CREATED),
             ("INSERT INTO n2 VALUES (now(), 1), (now() - interval '1 microsecond', 2)", "INSERT 0 2"),
             ("SELECT id, tableoid::regclass::text FROM n2 ORDER BY 1", [(1, "n2_1_prt_recent"), (2, "n2_1_prt_old")])],
    "KW-4": [keyed("t", "LIST (a) (PARTITION p1 VALUES IN (1), PARTITION default VALUES IN (DEFAULT))", CREATED),
             ("SELECT partition_name, partition_value FROM [SHOW PARTITIONS FROM TABLE t] ORDER BY 1",
              [("default", "(DEFAULT)"), ("p1", "(1)")]),
             keyed("t2", "LIST (a) (PARTITION p VALUES IN (7, DEFAULT))", CREATED), values_of("t2", "(7), (DEFAULT)")],
    "KW-5": [*H, ("SELECT column_name, is_hidden FROM [SHOW COLUMNS FROM h] ORDER BY 1",
                  [("k", False), ("kwdb_internal_k_shard_10", True)]),
             ("SELECT constraint_name, constraint_type FROM [SHOW CONSTRAINTS FROM h] ORDER BY 1",
              [("check_kwdb_internal_k_shard_10", "CHECK"), ("primary", "PRIMARY KEY")])],
    "KW-6": [("CREATE TABLE k (a TIMESTAMPTZ(3) PRIMARY KEY) PARTITION BY LIST (a) (PARTITION x VALUES IN ('2025-01-01'))",
              CREATED),
             ("CREATE TABLE u (a UUID PRIMARY KEY) PARTITION BY RANGE (a) (PARTITION x VALUES FROM (MINVALUE) TO "
              "('80000000-0000-0000-0000-000000000000'))", CREATED),
             ("INSERT INTO u VALUES ('10000000-0000-0000-0000-000000000000')", "INSERT 0 1"),
             (LEAF.format("u"), [("u_1_prt_x",)]),
             ("CREATE TABLE i (a INET PRIMARY KEY) PARTITION BY LIST (a) (PARTITION x VALUES IN ('10.0.0.1/32'))", CREATED),
             ("INSERT INTO i VALUES ('10.0.0.1')", "INSERT 0 1"), (LEAF.format("i"), [("i_1_prt_x",)]),
             ("CREATE TABLE b (a BIT(3) PRIMARY KEY) PARTITION BY LIST (a) (PARTITION x VALUES IN (B'101'))", CREATED),
             ("INSERT INTO b VALUES (B'101')", "INSERT 0 1"), (LEAF.format("b"), [("b_1_prt_x",)])],
    "KW-7": [keyed("t", "RANGE (a) (PARTITION low VALUES FROM (NULL) TO (0))", CREATED), values_of("t", "(NULL) TO (0)"),
             ("INSERT INTO t VALUES (-5, 1)", "INSERT 0 1"), (LEAF.format("t"), [("t_1_prt_low",)]),
             keyed("f", "RANGE (a) (PARTITION x VALUES FROM (0) TO (NULL))", Fails(
                 "42P16", "PARTITION x: empty range: lower bound (0) is greater than upper bound (NULL)"))],
    "KW-8": [("CREATE TABLE 订单 (地区 INT PRIMARY KEY) PARTITION BY LIST (地区) (PARTITION 华北 VALUES IN (1), "
              "PARTITION \"Mixed Case\" VALUES IN (2), PARTITION \"p.1 x\" VALUES IN (3))", CREATED),
             ("SELECT table_name, partition_name FROM [SHOW PARTITIONS FROM TABLE 订单] ORDER BY partition_value",
              [("订单", "华北"), ("订单", "Mixed Case"), ("订单", "p.1 x")])],
    "KW-9": [T_ON_A, ("INSERT INTO t VALUES (1, 1)", "INSERT 0 1"),
             ("DROP TABLE t_1_prt_x", Fails("0A000", "modifying partitions after creation is not supported")),
             ("ALTER TABLE t DETACH PARTITION t_1_prt_x", Fails("0A000", "modifying partitions after creation is not supported")),
             ("CREATE TABLE t_1_prt_x (a int)", CREATED), ("SELECT * FROM t", [(1, 1)]),
             ("SELECT DISTINCT table_name FROM [SHOW INDEXES FROM DATABASE {db}]", [("t",)])],
    "KW-10": [T_ON_A, ("SELECT count(*) > 0 FROM [SHOW DATABASES] WHERE database_name = '{db}'", [(True,)]),
              ("SELECT table_name FROM [SHOW TABLES] ORDER BY 1", [("t",)])],
    "KW-11": [keyed("f", "LIST (a) (PARTITION x VALUES IN (1.5))", Fails(
        "42804", "PARTITION x: expected partition expression to have type int, but '1.5' has type decimal")),
              keyed("f", "RANGE (a, b) (PARTITION x VALUES FROM (1, MAXVALUE) TO (2, MINVALUE))", Fails(
                  "42P16", "PARTITION x: empty range: lower bound (1, MAXVALUE) is equal to upper bound (2, MINVALUE)")),
              keyed("f", "LIST (a, b, c) (PARTITION x VALUES IN (0))", Fails(
                  "42601", "declared partition columns (a, b, c) exceed the number of columns in index being partitioned "
                           "(a, b)")),
              keyed("f", "LIST (a) (PARTITION x VALUES IN (1/0))", Fails("22012", "PARTITION x: …division by zero")),
              ("CREATE TABLE b (a BIGINT, c SMALLINT, d FLOAT, e DECIMAL(5), PRIMARY KEY (a, c, d, e)) PARTITION BY LIST "
               "(a, c, d, e) (PARTITION x VALUES IN ((1, 2, 3.5, 4)))", CREATED), values_of("b", "(1, 2, 3.5, 4)"),
              ("CREATE TABLE c (i INT, v VARCHAR(50), t TIMESTAMP, PRIMARY KEY (i))", CREATED),
              ("SELECT data_type FROM [SHOW COLUMNS FROM c]", [("INT4",), ("VARCHAR(50)",), ("TIMESTAMP",)]),
              T_ON_A, ("SELECT full_zone_config FROM [SHOW PARTITIONS FROM TABLE t]", [(DEFAULTS,)]),
              ("ALTER TABLE nosuch PARTITION BY LIST (a) (PARTITION x VALUES IN (1))", Fails(
                  "42P01", 'relation "nosuch" does not exist')),
              ("ALTER TABLE t CONFIGURE ZONE USING gc.ttlseconds = 700 nonsense", Fails("42601", "…syntax error…")),
              ("SHOW PARTITIONS FROM DATABASE nosuch", Fails("3D000", 'database "nosuch" does not exist')),
              ("SELECT statement_timestamp() >= now()", [(True,)])],
    "KW-17": [("CREATE TABLE r (a INT)", CREATED), ("INSERT INTO r VALUES (7)", "INSERT 0 1"),
              ("CREATE TABLE w (a INT, b INT, c INT AS (a + b) STORED, PRIMARY KEY (a DESC), UNIQUE (b), INDEX (c DESC) STORING "
               "(b))", CREATED),
              ("UPSERT INTO w (a, b) VALUES (1, 2)", "INSERT 0 1"), ("SELECT * FROM w", [(1, 2, 3)])],
}

# --- rules of the specification that no numbered case has
HASHPOINT = Fails("0A000", "HASHPOINT partitioning is only supported on time-series tables")
CASES |= {
    "E14": [keyed("f", 'LIST (a) (PARTITION p VALUES IN (1), PARTITION "" VALUES IN (2))', Fails(
        "42601", "PARTITION name must be non-empty"))],
    "E23": [("CREATE TABLE f (a INT PRIMARY KEY, c JSONB, INVERTED INDEX (c) PARTITION BY LIST (c) (PARTITION x VALUES IN "
             "(1)))", Fails("0A000", "inverted indexes are not supported"))],
    "E26": [T_ON_A,
            ("ALTER TABLE t PARTITION BY HASHPOINT (PARTITION x VALUES FROM (1) TO (2))", HASHPOINT)],
    "E38": [(f"SET experimental_enable_hash_sharded_indexes = {value}", Fails(
        "22023", 'parameter "experimental_enable_hash_sharded_indexes" requires a Boolean value'))
        for value in ["7.5", "'maybe'"]],
    "E43": [A, ("ALTER TABLE a CONFIGURE ZONE USING num_replicas = 'x'", Fails("22P02", 'could not parse "x" as type int')),
            ("ALTER TABLE a CONFIGURE ZONE USING num_replicas = true", Fails(
                "42804", "argument of num_replicas must be type int, not type bool")),
            ("ALTER TABLE a CONFIGURE ZONE USING num_replicas = '3'", ZONE)],
    "E52": [A, ("ALTER INDEX a@nope CONFIGURE ZONE USING gc.ttlseconds = 700", Fails("42704", 'index "nope" does not exist')),
            ("ALTER TABLE nosuch CONFIGURE ZONE DISCARD", Fails("42P01", 'relation "nosuch" does not exist'))],
    "E55": [A, ("ALTER TABLE a CONFIGURE ZONE = 7", Fails("22023", "zone config must be of type string or bytes, not int"))],
    "E58": [T_ON_A, *[(X + f"USING {field}", Fails(state, text)) for field, state, text in [
        ("constraints = '[\"\", \"+a\"]'", "22023", "the empty string is not a valid constraint"),
        ("constraints = '[+a=b=c]'", "22023", 'constraint needs to be in the form "(key=)value", not "a=b=c"'),
        ("constraints = '[+a=b, -a=b]'", "23514", 'incompatible zone constraints: "+a=b" and "-a=b"'),
        ("constraints = '[+ssd, -ssd]'", "23514", 'incompatible zone constraints: "+ssd" and "-ssd"'),
        ("constraints = '{\"+a=1, +ssd\": 1}', num_replicas = 3", "23514", NOT_VALID + "constraints must either be required…"),
        ("constraints = '{\"+a=1\": 0}', num_replicas = 3", "23514", NOT_VALID + "constraints must apply to at least one "
                                                                           "replica"),
        ("constraints = '{\"+a=1\": 1, \"+a=1\": 2}', num_replicas = 3", "22023", "yaml: …"),
        ("lease_preferences = '[[region=NODE1]]'", "23514", NOT_VALID + "lease preference constraints must either be "
                                                                        "required (prefixed with a '+') or prohibited "
                                                                        "(prefixed with a '-')")]],
        (X + "USING constraints = '{}'", ZONE), (X + "USING constraints = ''", ZONE),
        (X + """USING constraints = '{"-a=1": 3}', num_replicas = 3""", ZONE)],
    "E65": [A, ("ALTER TABLE a CONFIGURE ZONE USING range_min_bytes = 10, range_max_bytes = 6000000", Fails(
        "23514", NOT_VALID + "RangeMinBytes 10 less than minimum allowed 1048576"))],
    "REBALANCE": [A, ("ALTER TABLE a CONFIGURE ZONE USING REBALANCE", Fails(
        "0A000", "rebalance is not support on relational table"))],
    "RANGES": [("SELECT raw_config_sql LIKE '%gc.ttlseconds = 600,%num_replicas = 5,%' "
                "FROM [SHOW ZONE CONFIGURATION FOR RANGE liveness]", [(True,)]),
               ("ALTER RANGE meta CONFIGURE ZONE USING num_replicas = 3", ZONE), ("ALTER RANGE meta CONFIGURE ZONE DISCARD", ZONE)],
    "SYSTEM": [("SELECT target, raw_config_sql LIKE '%num_replicas = 5,%' FROM [SHOW ZONE CONFIGURATION FOR DATABASE system]",
                [("DATABASE system", True)]),
               ("ALTER DATABASE system CONFIGURE ZONE USING num_replicas = 3, gc.ttlseconds = 700", ZONE),
               ("SELECT zone_id, target FROM kwdb_internal.zones WHERE database_name = 'system'", [(1, "DATABASE system")]),
               ("ALTER DATABASE system CONFIGURE ZONE USING constraints = '[]'", Fails(
                   "0A000", "set zone config constraints and lease_preferences is not supported")),
               ("ALTER TABLE system.users CONFIGURE ZONE USING num_replicas = 3", Fails(
                   "23514", "cannot set zone configs for system config tables; try setting your config on the entire "
                            '"system" database instead')),
               *U, AS_U, ("ALTER DATABASE system CONFIGURE ZONE USING num_replicas = 3", Fails(
                   "42501", "only users with the admin role are allowed to alter the system database")),
               ("ALTER TABLE system.users CONFIGURE ZONE USING num_replicas = 3", Fails(
                   "42501", "only users with the admin role are allowed to alter system tables"))],
    "RENAMED": [T_ON_A, ("ALTER TABLE t RENAME COLUMN a TO aa", ALTERED), ("ALTER TABLE t RENAME TO tt", ALTERED),
                ("SELECT table_name, column_names, index_name FROM [SHOW PARTITIONS FROM TABLE tt]",
                 [("tt", "aa", "tt@primary")]),
                ("ALTER TABLE tt ALTER PRIMARY KEY USING COLUMNS (b)", Fails("0A000", "ALTER PRIMARY KEY is not supported"))],
    "MEMBERS": [*U, ("GRANT admin TO u", "GRANT ROLE"), ("SHOW GRANTS ON ROLE admin", [("admin", "root", True), ("admin", "u", False)]),
                ("SELECT role_name FROM [SHOW GRANTS ON ROLE FOR u]", [("admin",)]),
                ("SHOW GRANTS ON ROLE admin, pg_monitor FOR u, root", [("admin", "root", True), ("admin", "u", False)])],
    "LOOKUP": [*USERS, SHARDS, ("EXPLAIN (COSTS OFF) SELECT * FROM users WHERE user_id = 1", [
        ("Index Scan using users_1_prt_shard_6_pkey on users_1_prt_shard_6 users",), ("  Index Cond: (user_id = 1)",),
        ("  Partitions: 1 of 9 (8 removed)",)])],
    "NOTHING": [keyed("t", "NOTHING", CREATED),
                keyed("t2", "LIST (a) (PARTITION x VALUES IN (1) PARTITION BY NOTHING)", CREATED), values_of("t2", "(1)")],
    "VALUES": [keyed("f", f"LIST (a) (PARTITION x VALUES IN ({value}))", Fails(state, "PARTITION x: " + text))
               for value, state, text in [
                   ("(SELECT 1)", "42601", "variable sub-expressions are not allowed in partition"),
                   ("count(*)", "42601", "variable sub-expressions are not allowed in partition"),
                   ("nextval('s')", "0A000", "impure functions are not allowed in partition")]],
}

# What needs a node that says where it is.
LOCATED = {"T96", "T97"}
# What cannot be taken back, or is about what has been written: not in a transaction.
LASTING = {"T01", "T14"}
