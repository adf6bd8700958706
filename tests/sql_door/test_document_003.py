"""What Apache Cloudberry's page "About Table Partitioning" says, a sentence a test.

Those on external leaves are in test_external.py.
"""
from __future__ import annotations

import psycopg
import pytest
from psycopg import errors

MONTHS = """
CREATE TABLE sales (id int, day date, region text) PARTITION BY RANGE (day);
CREATE TABLE sales_jan PARTITION OF sales FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE sales_feb PARTITION OF sales FOR VALUES FROM ('2024-02-01') TO ('2024-03-01') PARTITION BY LIST (region);
CREATE TABLE sales_feb_eu PARTITION OF sales_feb FOR VALUES IN ('eu', 'de');
CREATE TABLE sales_feb_rest PARTITION OF sales_feb DEFAULT;
"""


@pytest.fixture
def sales(conn: psycopg.Connection) -> psycopg.Connection:
    """A tree of two levels with leaves at both, and a row in each leaf."""
    conn.execute(MONTHS)
    conn.execute("INSERT INTO sales VALUES (1, '2024-01-31', 'us'), (2, '2024-02-01', 'de'), (3, '2024-02-29', 'us')")
    return conn


def homes(conn: psycopg.Connection, table: str = "sales") -> dict[int, str]:
    return dict(conn.execute(f"SELECT id, tableoid::regclass::text FROM {table} ORDER BY id").fetchall())


def plan(conn: psycopg.Connection, query: str) -> str:
    return "\n".join(line for (line,) in conn.execute("EXPLAIN (COSTS OFF) " + query).fetchall())


def refused(conn: psycopg.Connection, error: type[Exception], message: str, statement: str) -> None:
    with pytest.raises(error) as raised:
        conn.execute(statement)
    assert raised.value.diag.message_primary == message


# --- partitioning is a logical division


def test_it_does_not_change_the_physical_distribution_of_table_data(conn):
    conn.execute("CREATE TABLE spread (a int, b int) DISTRIBUTED BY (b) PARTITION BY RANGE (a)"
                 " (START (0) END (2) EVERY (1))")
    spread = """SELECT c.relname, p.distkey::text, p.numsegments FROM gp_distribution_policy p
                JOIN pg_class c ON c.oid = p.localoid WHERE c.relname LIKE 'spread%' ORDER BY 1"""
    assert conn.execute(spread).fetchall() == [("spread", "2", 1), ("spread_1_prt_1", "2", 1),
                                               ("spread_1_prt_2", "2", 1)]


# --- why use table partitioning


def test_queries_scan_only_the_necessary_data(sales):
    scanned = plan(sales, "SELECT * FROM sales WHERE day = '2024-01-31'")
    assert "sales_jan" in scanned and "sales_feb" not in scanned


def test_partitioning_acts_like_an_upper_level_of_an_index(conn):
    conn.execute("CREATE TABLE reads (id int, day date, v int, PRIMARY KEY (id, day)) PARTITION BY RANGE (day)"
                 " (START (date '2024-01-01') END (date '2024-04-01') EVERY (interval '1 month'))")
    conn.execute("INSERT INTO reads SELECT g, date '2024-01-01' + g % 90, g FROM generate_series(1, 900) g")
    conn.execute("CREATE INDEX reads_v ON reads (v)")
    found = plan(conn, "SELECT * FROM reads WHERE day = '2024-02-03' AND v = 33")
    assert "Index Scan using reads_1_prt_2_v_idx on reads_1_prt_2" in found and "reads_1_prt_1" not in found
    assert conn.execute("SELECT id FROM reads WHERE day = '2024-02-03' AND v = 33").fetchall() == [(33,)]


def test_dropped_partitions_need_no_vacuum(sales):
    sales.execute("INSERT INTO sales SELECT g, '2024-01-15', repeat(md5(g::text), 9) FROM generate_series(1, 5000) g")
    total = "SELECT sum(pg_table_size(relid)) FROM pg_partition_tree('sales')"
    full = sales.execute(total).fetchone()[0]
    sales.execute("DROP TABLE sales_jan")
    assert sales.execute(total).fetchone()[0] < full / 10


def test_bulk_loads_and_deletes_are_performed_by_adding_or_removing_partitions(sales):
    sales.execute("CREATE TABLE loaded (LIKE sales)")
    sales.execute("INSERT INTO loaded SELECT g, '2024-03-15', 'us' FROM generate_series(10, 12) g")
    sales.execute("ALTER TABLE sales ATTACH PARTITION loaded FOR VALUES FROM ('2024-03-01') TO ('2024-04-01')")
    assert sales.execute("SELECT count(*) FROM sales").fetchone() == (6,)
    sales.execute("DROP TABLE sales_jan")
    sales.execute("ALTER TABLE sales DETACH PARTITION sales_feb")
    assert homes(sales) == dict.fromkeys((10, 11, 12), "loaded")
    assert sales.execute("SELECT count(*) FROM sales_feb").fetchone() == (2,)


# --- partitioning methods


def test_each_ranges_bounds_are_inclusive_at_the_lower_end_and_exclusive_at_the_upper_end(sales):
    sales.execute("INSERT INTO sales VALUES (4, '2024-01-01', 'us')")
    assert homes(sales)[4] == "sales_jan" and homes(sales)[2] == "sales_feb_eu"
    refused(sales, errors.CheckViolation, 'no partition of relation "sales" found for row',
            "INSERT INTO sales VALUES (5, '2024-03-01', 'us')")


def test_there_is_no_overlap_between_the_ranges_of_partitions(sales):
    refused(sales, errors.InvalidObjectDefinition, 'partition "x" would overlap partition "sales_jan"',
            "CREATE TABLE x PARTITION OF sales FOR VALUES FROM ('2024-01-31') TO ('2024-02-15')")


def test_a_range_may_be_of_several_columns(conn):
    conn.execute("CREATE TABLE t (id int, a int, b text) PARTITION BY RANGE (a, b)")
    conn.execute("CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (1, 'a') TO (2, 'm')")
    conn.execute("CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM (2, 'm') TO (3, MAXVALUE)")
    conn.execute("INSERT INTO t VALUES (1, 2, 'l'), (2, 2, 'm'), (3, 3, 'z')")
    assert homes(conn, "t") == {1: "t_1", 2: "t_2", 3: "t_2"}


def test_list_partitions_name_their_key_values(sales):
    assert homes(sales) == {1: "sales_jan", 2: "sales_feb_eu", 3: "sales_feb_rest"}


def test_hash_partitions_hold_the_rows_whose_hash_gives_their_remainder(conn):
    conn.execute("CREATE TABLE h (id int) PARTITION BY HASH (id)")
    for i in range(3):
        conn.execute(f"CREATE TABLE h_{i} PARTITION OF h FOR VALUES WITH (MODULUS 3, REMAINDER {i})")
    conn.execute("INSERT INTO h SELECT * FROM generate_series(1, 100)")
    wrong = """SELECT count(*) FROM h WHERE NOT satisfies_hash_partition('h'::regclass, 3,
               right(tableoid::regclass::text, 1)::int, id)"""
    assert conn.execute(wrong).fetchone() == (0,)
    assert conn.execute("SELECT count(DISTINCT tableoid) FROM h").fetchone() == (3,)


def test_methods_are_combined_in_a_multi_level_design(conn):
    conn.execute("""CREATE TABLE visits (day date, city text, id int) PARTITION BY RANGE (day)
        SUBPARTITION BY LIST (city) SUBPARTITION TEMPLATE
          (SUBPARTITION north VALUES ('Oslo', 'Bergen'), DEFAULT SUBPARTITION other)
        (START ('2024-01-01') END ('2024-04-01') EVERY (interval '1 month'))""")
    conn.execute("INSERT INTO visits VALUES ('2024-02-10', 'Oslo', 1), ('2024-03-31', 'Rome', 2)")
    assert homes(conn, "visits") == {1: "visits_1_prt_2_2_prt_north", 2: "visits_1_prt_3_2_prt_other"}
    scanned = plan(conn, "SELECT * FROM visits WHERE day = '2024-02-10' AND city = 'Bergen'")
    assert "visits_1_prt_2_2_prt_north" in scanned and scanned.count("visits_1_prt") == 1


# --- partitioned table structure


def test_the_partitioned_table_stores_no_data_itself(sales):
    assert sales.execute("SELECT count(*) FROM ONLY sales").fetchone() == (0,)
    assert sales.execute("SELECT relkind, relfilenode FROM pg_class WHERE relname = 'sales'").fetchone() == ("p", 0)


def test_inserted_rows_are_routed_by_the_partition_key(sales):
    sales.execute("INSERT INTO sales (region, day, id) VALUES ('de', '2024-02-15', 7), (NULL, '2024-02-15', 8)")
    assert (homes(sales)[7], homes(sales)[8]) == ("sales_feb_eu", "sales_feb_rest")
    refused(sales, errors.CheckViolation, 'no partition of relation "sales" found for row',
            "INSERT INTO sales VALUES (9, NULL, 'de')")


def test_create_table_with_partition_by_makes_a_root_with_levels_of_children(sales):
    parents = """SELECT relname::text, pg_partition_root(oid)::regclass::text,
                 (SELECT inhparent::regclass::text FROM pg_inherits WHERE inhrelid = oid) FROM pg_class
                 WHERE oid IN ('sales_jan'::regclass, 'sales_feb_eu'::regclass) ORDER BY 1"""
    assert sales.execute(parents).fetchall() == [("sales_feb_eu", "sales", "sales_feb"), ("sales_jan", "sales", "sales")]


def test_a_partition_is_itself_a_partitioned_table(sales):
    sales.execute("CREATE TABLE sales_mar PARTITION OF sales FOR VALUES FROM ('2024-03-01') TO ('2024-04-01')"
                  " PARTITION BY HASH (id)")
    refused(sales, errors.CheckViolation, 'no partition of relation "sales_mar" found for row',
            "INSERT INTO sales VALUES (9, '2024-03-03', 'us')")
    sales.execute("CREATE TABLE sales_mar_0 PARTITION OF sales_mar FOR VALUES WITH (MODULUS 1, REMAINDER 0)")
    sales.execute("INSERT INTO sales VALUES (9, '2024-03-03', 'us')")
    assert homes(sales)[9] == "sales_mar_0"


def test_partitions_are_otherwise_ordinary_tables(sales):
    sales.execute("INSERT INTO sales_jan VALUES (4, '2024-01-02', 'x')")
    sales.execute("UPDATE sales_jan SET region = 'y' WHERE id = 4")
    assert sales.execute("SELECT region FROM sales_jan WHERE id = 4").fetchone() == ("y",)
    refused(sales, errors.CheckViolation, 'new row for relation "sales_jan" violates partition constraint',
            "INSERT INTO sales_jan VALUES (5, '2024-02-02', 'x')")


def test_a_row_whose_key_is_updated_moves_to_the_correct_partition(sales):
    sales.execute("UPDATE sales SET day = '2024-02-03', region = 'eu' WHERE id = 1")
    assert homes(sales)[1] == "sales_feb_eu"
    refused(sales, errors.CheckViolation, 'no partition of relation "sales" found for row',
            "UPDATE sales SET day = '2030-01-01' WHERE id = 1")
    assert homes(sales)[1] == "sales_feb_eu"


def test_leaves_of_a_hierarchy_may_reside_at_different_depths(sales):
    rows = sales.execute("SELECT relid::regclass::text, level, isleaf FROM pg_partition_tree('sales') ORDER BY 2, 1")
    assert rows.fetchall() == [("sales", 0, False), ("sales_feb", 1, False), ("sales_jan", 1, True),
                               ("sales_feb_eu", 2, True), ("sales_feb_rest", 2, True)]


def test_each_partition_has_a_constraint_that_limits_its_data(sales):
    constraint = sales.execute("SELECT pg_get_partition_constraintdef('sales_feb_eu'::regclass)").fetchone()[0]
    assert "(day >= '2024-02-01'::date) AND (day < '2024-03-01'::date)" in constraint
    assert "(region = ANY (ARRAY['eu'::text, 'de'::text]))" in constraint


def test_partitions_have_their_own_indexes_constraints_and_defaults(sales):
    sales.execute("CREATE UNIQUE INDEX own ON sales_jan (id)")
    sales.execute("ALTER TABLE sales_jan ADD CONSTRAINT positive CHECK (id > 0)")
    sales.execute("ALTER TABLE sales_jan ALTER COLUMN region SET DEFAULT 'none'")
    sales.execute("INSERT INTO sales_jan (id, day) VALUES (4, '2024-01-02')")
    assert sales.execute("SELECT region FROM sales WHERE id = 4").fetchone() == ("none",)
    with pytest.raises(errors.UniqueViolation, match='"own"'):
        sales.execute("INSERT INTO sales VALUES (4, '2024-01-03')")
    with pytest.raises(errors.CheckViolation, match='"positive"'):
        sales.execute("INSERT INTO sales VALUES (-4, '2024-01-03')")
    sales.execute("INSERT INTO sales VALUES (-4, '2024-02-03', 'eu')")


def test_all_partitions_have_the_columns_of_their_parent(sales):
    sales.execute("CREATE TABLE more (id int, day date, region text, extra int)")
    refused(sales, errors.DatatypeMismatch, 'table "more" contains column "extra" not found in parent "sales"',
            "ALTER TABLE sales ATTACH PARTITION more FOR VALUES FROM ('2025-01-01') TO ('2025-02-01')")
    sales.execute("CREATE TABLE less (id int, day date)")
    refused(sales, errors.DatatypeMismatch, 'child table is missing column "region"',
            "ALTER TABLE sales ATTACH PARTITION less FOR VALUES FROM ('2025-01-01') TO ('2025-02-01')")


# --- limitations


def test_a_window_of_history_drops_the_oldest_partition_and_adds_a_new_one(sales):
    with sales.transaction():
        sales.execute("DROP TABLE sales_jan")
        sales.execute("CREATE TABLE sales_mar PARTITION OF sales FOR VALUES FROM ('2024-03-01') TO ('2024-04-01')")
    sales.execute("INSERT INTO sales VALUES (4, '2024-03-01', 'us')")
    assert homes(sales) == {2: "sales_feb_eu", 3: "sales_feb_rest", 4: "sales_mar"}


def test_segments_are_none_to_ask_for(sales):
    refused(sales, errors.FeatureNotSupported, 'system column "gp_segment_id" is not supported',
            "SELECT gp_segment_id FROM sales")
    refused(sales, errors.FeatureNotSupported, "COPY ... ON SEGMENT is not supported",
            "COPY sales TO '/tmp/<SEGID>.csv' ON SEGMENT")


def test_both_planners_answer_alike(sales):
    query = "SELECT count(*), min(day)::text FROM sales WHERE day >= '2024-02-01' AND region = 'de'"
    answers = []
    for planner in ("on", "off"):
        sales.execute(f"SET optimizer = {planner}")
        answers.append(sales.execute(query).fetchone())
    assert answers == [(1, "2024-02-01")] * 2


def test_a_level_has_32767_partitions_at_most(conn):
    with pytest.raises(errors.ProgramLimitExceeded) as raised:
        conn.execute("CREATE TABLE wide (a int) PARTITION BY RANGE (a) (START (0) END (32768) EVERY (1))")
    assert raised.value.diag.message_primary == '"wide" cannot have more than 32767 partitions'
    assert conn.execute("SELECT to_regclass('wide')").fetchone() == (None,)


def test_replicated_tables_are_not_partitioned(conn):
    with pytest.raises(errors.FeatureNotSupported, match="DISTRIBUTED REPLICATED"):
        conn.execute("CREATE TABLE t (a int) PARTITION BY LIST (a) DISTRIBUTED REPLICATED")


def test_a_unique_key_is_not_over_partition_keys_that_are_expressions(conn):
    conn.execute("CREATE TABLE t (a int) PARTITION BY RANGE ((a + 1))")
    refused(conn, errors.FeatureNotSupported, "unsupported PRIMARY KEY constraint with partition key definition",
            "ALTER TABLE t ADD PRIMARY KEY (a)")
    refused(conn, errors.FeatureNotSupported, "unsupported UNIQUE constraint with partition key definition",
            "CREATE UNIQUE INDEX ON t (a)")


def test_a_unique_key_includes_all_partition_key_columns(sales):
    for statement in ("ALTER TABLE sales ADD PRIMARY KEY (id)", "ALTER TABLE sales ADD UNIQUE (id)",
                      "CREATE UNIQUE INDEX ON sales (id)"):
        refused(sales, errors.FeatureNotSupported,
                "unique constraint on partitioned table must include all partitioning columns", statement)


def test_no_exclusion_constraint_spans_the_table_but_leaves_have_them(sales):
    refused(sales, errors.FeatureNotSupported, "exclusion constraints are not supported on partitioned tables",
            "ALTER TABLE sales ADD EXCLUDE USING btree (id WITH =)")
    sales.execute("ALTER TABLE sales_jan ADD CONSTRAINT apart EXCLUDE USING btree (id WITH =)")
    with pytest.raises(errors.ExclusionViolation, match='"apart"'):
        sales.execute("INSERT INTO sales VALUES (1, '2024-01-01', 'us')")
    sales.execute("INSERT INTO sales VALUES (1, '2024-02-01', 'us')")


def test_temporary_and_permanent_relations_are_not_mixed_in_a_hierarchy(sales):
    refused(sales, errors.WrongObjectType,
            'cannot create a temporary relation as partition of permanent relation "sales"',
            "CREATE TEMP TABLE x PARTITION OF sales FOR VALUES FROM ('2025-01-01') TO ('2025-02-01')")
    sales.execute("CREATE TEMP TABLE tree (a int) PARTITION BY LIST (a)")
    refused(sales, errors.WrongObjectType,
            'cannot create a permanent relation as partition of temporary relation "tree"',
            "CREATE TABLE x PARTITION OF tree FOR VALUES IN (1)")
    sales.execute("CREATE TEMP TABLE tree_1 PARTITION OF tree FOR VALUES IN (1)")
    sales.execute("INSERT INTO tree VALUES (1)")


def test_members_of_a_temporary_hierarchy_belong_to_one_session(server, database, sales):
    sales.execute("CREATE TEMP TABLE tree (a int) PARTITION BY LIST (a)")
    with server.connect(database, autocommit=True) as other, pytest.raises(errors.UndefinedTable):
        other.execute("CREATE TEMP TABLE tree_1 PARTITION OF tree FOR VALUES IN (1)")


def test_tables_of_other_columns_are_not_attached(sales):
    attach = "ALTER TABLE sales ATTACH PARTITION other FOR VALUES FROM ('2024-03-01') TO ('2024-04-01')"
    sales.execute("CREATE TABLE other (id int, day date)")
    refused(sales, errors.DatatypeMismatch, 'child table is missing column "region"', attach)
    sales.execute("ALTER TABLE other ADD region text, ADD more int")
    refused(sales, errors.DatatypeMismatch, 'table "other" contains column "more" not found in parent "sales"', attach)
    sales.execute("ALTER TABLE other DROP more, ALTER id TYPE bigint")
    refused(sales, errors.DatatypeMismatch, 'child table "other" has different type for column "id"', attach)


def test_columns_are_not_added_to_partitions(sales):
    refused(sales, errors.WrongObjectType, "cannot add column to a partition", "ALTER TABLE sales_jan ADD COLUMN x int")
    sales.execute("ALTER TABLE sales ADD COLUMN x int DEFAULT 7")
    assert sales.execute("SELECT x FROM sales_jan").fetchone() == (7,)


def test_checks_and_not_null_are_inherited_by_all_partitions(sales):
    sales.execute("ALTER TABLE sales ADD CONSTRAINT small CHECK (id < 100)")
    sales.execute("ALTER TABLE sales ALTER COLUMN day SET NOT NULL")
    with pytest.raises(errors.CheckViolation, match='"small"'):
        sales.execute("INSERT INTO sales_feb_eu VALUES (100, '2024-02-01', 'eu')")
    refused(sales, errors.InvalidTableDefinition, 'cannot drop inherited constraint "small" of relation "sales_jan"',
            "ALTER TABLE sales_jan DROP CONSTRAINT small")
    refused(sales, errors.InvalidTableDefinition, 'column "day" is marked NOT NULL in parent table',
            "ALTER TABLE sales_jan ALTER COLUMN day DROP NOT NULL")


def test_checks_of_partitioned_tables_are_not_marked_no_inherit(sales):
    refused(sales, errors.InvalidTableDefinition, 'cannot add NO INHERIT constraint to partitioned table "sales"',
            "ALTER TABLE sales ADD CONSTRAINT small CHECK (id < 100) NO INHERIT")


def test_only_is_for_constraints_while_there_are_no_partitions(sales):
    sales.execute("CREATE TABLE bare (a int) PARTITION BY LIST (a)")
    sales.execute("ALTER TABLE ONLY bare ADD CONSTRAINT c CHECK (a > 0)")
    sales.execute("ALTER TABLE ONLY bare DROP CONSTRAINT c")
    refused(sales, errors.InvalidTableDefinition, "constraint must be added to child tables too",
            "ALTER TABLE ONLY sales ADD CONSTRAINT c CHECK (id > 0)")
    sales.execute("ALTER TABLE sales ADD CONSTRAINT c CHECK (id > 0)")
    refused(sales, errors.InvalidTableDefinition,
            "cannot remove constraint from only the partitioned table when partitions exist",
            "ALTER TABLE ONLY sales DROP CONSTRAINT c")


def test_truncate_only_of_a_partitioned_table_is_an_error(sales):
    refused(sales, errors.WrongObjectType, "cannot truncate only a partitioned table", "TRUNCATE ONLY sales")
    sales.execute("TRUNCATE ONLY sales_jan")
    assert list(homes(sales)) == [2, 3]


def test_partitions_are_no_parents_or_children_by_inheritance(sales):
    sales.execute("CREATE TABLE other (id int, day date, region text); CREATE VIEW seen AS SELECT * FROM other")
    wrong = errors.WrongObjectType
    refused(sales, wrong, 'cannot inherit from partitioned table "sales"', "CREATE TABLE kid () INHERITS (sales)")
    refused(sales, wrong, 'cannot inherit from partition "sales_jan"', "CREATE TABLE kid () INHERITS (sales_jan)")
    refused(sales, wrong, 'inherited relation "seen" is not a table or foreign table', "CREATE TABLE kid () INHERITS (seen)")
    refused(sales, errors.UndefinedTable, 'relation "nope" does not exist', "CREATE TABLE kid () INHERITS (nope)")
    refused(sales, wrong, "cannot change inheritance of a partition", "ALTER TABLE sales_jan INHERIT other")
    refused(sales, wrong, "cannot change inheritance of a partition", "ALTER TABLE sales_jan NO INHERIT sales")
    refused(sales, wrong, "cannot change inheritance of partitioned table", "ALTER TABLE sales INHERIT other")
    refused(sales, wrong, 'cannot inherit from partitioned table "sales"', "ALTER TABLE other INHERIT sales")
    refused(sales, wrong, "cannot inherit from a partition", "ALTER TABLE other INHERIT sales_jan")
    refused(sales, errors.UndefinedTable, 'relation "other" is not a partition of relation "sales"', "ALTER TABLE other NO INHERIT sales")
    sales.execute("CREATE TABLE kid () INHERITS (other)")
    refused(sales, wrong, "cannot attach inheritance child as partition",
            "ALTER TABLE sales ATTACH PARTITION kid FOR VALUES FROM ('2025-01-01') TO ('2025-02-01')")
