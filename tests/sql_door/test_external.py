"""Foreign and external tables: files below the folder that the server's operator allows, alone and as partitions."""
from __future__ import annotations

import datetime
import decimal
import os
import shutil
import subprocess

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from psycopg import errors


@pytest.fixture
def files(tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    return folder


@pytest.fixture
def conn(start_server, files):
    with start_server("--files", str(files)).connect(autocommit=True) as connection:
        connection.execute("CREATE SERVER csv FOREIGN DATA WRAPPER file_fdw")
        connection.execute("CREATE SERVER parquet FOREIGN DATA WRAPPER parquet_fdw")
        connection.said = []
        connection.add_notice_handler(
            lambda notice: connection.said.append((notice.severity, notice.sqlstate, notice.message_primary)))
        yield connection


def fail(conn, state: str, text: str, statement: str) -> psycopg.Error:
    with pytest.raises(psycopg.Error) as caught:
        conn.execute(statement)
    assert (caught.value.sqlstate, caught.value.diag.message_primary) == (state, text)
    return caught.value


def tree(conn, files) -> None:
    """The set-up of specs' case Q: a tree with a CSV leaf, a Parquet leaf and an ordinary one."""
    (files / "ext.csv").write_text("2020-01-02,20\n2020-06-01,21\n")
    pq.write_table(pa.table({"v": pa.array([30, 31], pa.int32()),
                             "d": pa.array([datetime.date(2021, 1, 1), datetime.date(2021, 12, 31)])}),
                   files / "ext.parquet")
    conn.execute("CREATE TABLE ex (d date, v int) PARTITION BY RANGE (d)")
    conn.execute("CREATE FOREIGN TABLE ex20 PARTITION OF ex FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')"
                 " SERVER csv OPTIONS (filename 'ext.csv', format 'csv')")
    conn.execute("CREATE FOREIGN TABLE ex21 (d date, v int) SERVER parquet OPTIONS (filename 'ext.parquet')")
    conn.execute("ALTER TABLE ex ATTACH PARTITION ex21 FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')")
    conn.execute("CREATE TABLE ex26 PARTITION OF ex FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')")
    conn.execute("INSERT INTO ex VALUES ('2026-05-05', 60)")


def plan(conn, query: str) -> list[str]:
    return [line for (line,) in conn.execute("EXPLAIN (COSTS OFF) " + query)]


# --- reading

def test_csv_and_text(conn, files):
    (files / "a.csv").write_text('id,name,amount,at\n1,"O\'Neil, Ann",10.50,2020-01-02 03:04:05+02\n2,,,\n')
    conn.execute("CREATE FOREIGN TABLE a (id int, name text, amount numeric(8,2), at timestamptz) SERVER csv"
                 " OPTIONS (filename 'a.csv', format 'csv', header 'true')")
    moment = datetime.datetime(2020, 1, 2, 1, 4, 5, tzinfo=datetime.timezone.utc)
    assert conn.execute("SELECT * FROM a ORDER BY id").fetchall() == [
        (1, "O'Neil, Ann", decimal.Decimal("10.50"), moment), (2, None, None, None)]
    assert conn.execute("SELECT count(*), sum(amount) FROM a WHERE id > 0").fetchall() == [(2, decimal.Decimal("10.50"))]
    (files / "b.txt").write_text("1|x\\ty\n2|\\N\n")
    conn.execute("CREATE FOREIGN TABLE b (id int, t text) SERVER csv OPTIONS (filename 'b.txt', delimiter '|')")
    assert conn.execute("SELECT t, id FROM b ORDER BY 2").fetchall() == [("x\ty", 1), (None, 2)]
    # Only the columns that are wanted are read, as PostgreSQL does it.
    (files / "c.csv").write_text("1,x\n2,y\n")
    conn.execute("CREATE FOREIGN TABLE c (id int, bad int) SERVER csv OPTIONS (filename 'c.csv', format 'csv')")
    assert conn.execute("SELECT sum(id) FROM c").fetchone() == (3,)
    error = fail(conn, "22P02", 'invalid input syntax for type integer: "x"', "SELECT * FROM c")
    assert error.diag.context == 'COPY c, line 1, column bad: "x"'
    (files / "c.csv").write_text("1,2,3\n")
    assert fail(conn, "22P04", "extra data after last expected column", "SELECT * FROM c").diag.context == \
        'COPY c, line 1: "1,2,3"'


def test_parquet(conn, files):
    utc = datetime.timezone.utc
    table = pa.table({
        "I": pa.array([1, 2, None], pa.int64()), "s": ["a", "b", None], "f": [1.5, -0.5, None],
        "n": pa.array([decimal.Decimal("1.25"), None, decimal.Decimal("-3.00")]),
        "day": pa.array([datetime.date(2020, 1, 1), None, datetime.date(1970, 1, 1)]),
        "at": pa.array([datetime.datetime(2020, 1, 1, 12, 0, 0, 1, utc), None, None], pa.timestamp("us", "UTC")),
        "wall": pa.array([datetime.datetime(2020, 1, 1, 12), None, None], pa.timestamp("ns")),
        "b": [True, None, False], "raw": [b"\x00\xff", b"", None], "j": ['{"a": 1}', None, "[]"],
        "tags": pa.array([[1, 2], [], None], pa.list_(pa.int32())), "dict": pa.array(["x", "y", "x"]).dictionary_encode(),
    })
    pq.write_table(table, files / "t.parquet", row_group_size=2)
    conn.execute("CREATE FOREIGN TABLE t (j jsonb, i int, s text, f float8, n numeric(10,3), day date, at timestamptz,"
                 " wall timestamp, b bool, raw bytea, tags int[], dict varchar(1)) SERVER parquet"
                 " OPTIONS (filename 't.parquet')")
    assert conn.execute("SELECT * FROM t ORDER BY i NULLS LAST").fetchall() == [
        ({"a": 1}, 1, "a", 1.5, decimal.Decimal("1.250"), datetime.date(2020, 1, 1),
         datetime.datetime(2020, 1, 1, 12, 0, 0, 1, utc), datetime.datetime(2020, 1, 1, 12), True, b"\x00\xff", [1, 2],
         "x"),
        (None, 2, "b", -0.5, None, None, None, None, None, b"", [], "y"),
        ([], None, None, None, decimal.Decimal("-3.000"), datetime.date(1970, 1, 1), None, None, False, None, None, "x")]
    assert conn.execute("SELECT count(*) FROM t").fetchone() == (3,)
    assert conn.execute("SELECT s FROM t WHERE i = 2").fetchall() == [("b",)]
    conn.execute("CREATE FOREIGN TABLE wrong (i text, s int, f int, wall timestamptz, missing int) SERVER parquet"
                 " OPTIONS (filename 't.parquet')")
    fail(conn, "22P02", 'invalid input syntax for type integer: "a"', "SELECT s FROM wrong")
    fail(conn, "HV004", 'column "f" of file "t.parquet" is of type double, which does not become integer',
         "SELECT f FROM wrong")
    fail(conn, "42703", 'file "t.parquet" has no column "missing"', "SELECT missing FROM wrong")
    with pytest.raises(psycopg.Error, match="does not become timestamp with time zone"):
        conn.execute("SELECT wall FROM wrong")
    pq.write_table(pa.table({"i": [1 << 40]}), files / "t.parquet")
    fail(conn, "22003", "value out of range for type integer", "SELECT i FROM t")
    (files / "t.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(psycopg.Error, match='could not read file "t.parquet"'):
        conn.execute("SELECT i FROM t")


def test_groups_that_cannot_match_are_left_out(conn, files):
    pq.write_table(pa.table({"k": pa.array(range(100_000), pa.int32())}), files / "k.parquet", row_group_size=10_000)
    conn.execute("CREATE FOREIGN TABLE k (k int) SERVER parquet OPTIONS (filename 'k.parquet')")
    assert conn.execute("SELECT count(*), min(k), max(k) FROM k").fetchone() == (100_000, 0, 99_999)
    assert conn.execute("SELECT count(*) FROM k WHERE k BETWEEN 9990 AND 10009").fetchone() == (20,)
    assert conn.execute("SELECT count(*) FROM k WHERE k IN (0, 55555, 200000)").fetchone() == (2,)
    assert conn.execute("SELECT count(*) FROM k WHERE k < 5 OR k >= 99998").fetchone() == (7,)
    assert conn.execute("SELECT count(*) FROM k WHERE k > 100000").fetchone() == (0,)


def test_patterns(conn, files):
    for year in (2020, 2021):
        (files / f"y={year}").mkdir()
        (files / f"y={year}" / "part.csv").write_text(f"{year}\n")
    (files / "y=2021" / ".hidden.csv").write_text("9\n")
    conn.execute("CREATE FOREIGN TABLE y (y int) SERVER csv OPTIONS (filename 'y=*/*.csv', format 'csv')")
    assert conn.execute("SELECT y FROM y ORDER BY 1").fetchall() == [(2020,), (2021,)]
    (files / "y=2021" / "part.csv").write_text("x\n")
    error = fail(conn, "22P02", 'invalid input syntax for type integer: "x"', "SELECT y FROM y")
    assert error.diag.context == 'COPY y, line 1, column y: "x"\nfile "y=2021/part.csv"'
    conn.execute("ALTER FOREIGN TABLE y OPTIONS (SET filename 'z*.csv')")
    fail(conn, "58P01", 'no file matches "z*.csv"', "SELECT y FROM y")


# --- what may be reached

def test_nothing_outside_of_the_folder(conn, files, tmp_path):
    (tmp_path / "secret.csv").write_text("1\n")
    (files / "link.csv").symlink_to(tmp_path / "secret.csv")
    (files / "out").symlink_to(tmp_path)
    (files / "sub").mkdir()
    os.mkfifo(files / "pipe.csv")
    make = "CREATE FOREIGN TABLE f (a int) SERVER csv OPTIONS (filename '{}', format 'csv')"
    for name in ("../secret.csv", "sub/../../secret.csv", str(tmp_path / "secret.csv"), "/etc/passwd",
                 f"{files}/../secret.csv", f"{files}x/a.csv"):
        error = fail(conn, "42501", f'file "{name}" is outside of the folder that SQL may reach', make.format(name))
        assert str(files) in error.diag.message_hint
    with pytest.raises(errors.InsufficientPrivilege, match="outside of the folder"):
        conn.execute("CREATE EXTERNAL TABLE e (a int) LOCATION ('file:///etc/passwd') FORMAT 'CSV'")
    conn.execute(make.format("link.csv"))
    set_name = "ALTER FOREIGN TABLE f OPTIONS (SET filename '{}')"
    for name, state in (("link.csv", "42501"), ("out/secret.csv", "42501"), ("sub", "42809"), ("pipe.csv", "42809"),
                        ("nothing.csv", "58P01")):
        conn.execute(set_name.format(name))
        with pytest.raises(psycopg.Error) as caught:
            conn.execute("SELECT * FROM f")
        assert (name, caught.value.sqlstate) == (name, state)
    for pattern in ("out/*.csv", "*/secret.csv"):
        conn.execute(set_name.format(pattern))
        fail(conn, "58P01", f'no file matches "{pattern}"', "SELECT * FROM f")
    (files / "in.csv").write_text("7\n")
    conn.execute(set_name.format(files / "in.csv"))
    assert conn.execute("SELECT * FROM f").fetchall() == [(7,)]
    for query in ("SELECT * FROM read_csv('in.csv')", "COPY (SELECT 1) TO 'x.csv'", "COPY f FROM '/etc/passwd'"):
        with pytest.raises(psycopg.Error):
            conn.execute(query)


def test_without_the_option_there_are_no_files(start_server, files, tmp_path):
    (files / "a.csv").write_text("1\n")
    server = start_server("--files", str(files))
    with server.connect(autocommit=True) as conn:
        conn.execute("CREATE SERVER s FOREIGN DATA WRAPPER file_fdw")
        conn.execute("CREATE FOREIGN TABLE a (a int) SERVER s OPTIONS (filename 'a.csv', format 'csv')")
        assert conn.execute("SELECT * FROM a").fetchall() == [(1,)]
    assert server.stop() == 0
    with start_server().connect(autocommit=True) as conn:
        for statement in ("SELECT * FROM a",
                          "CREATE FOREIGN TABLE b (a int) SERVER s OPTIONS (filename 'a.csv', format 'csv')"):
            error = fail(conn, "42501", "permission denied: SQL may not reach any files", statement)
            assert "--files DIR" in error.diag.message_hint
        conn.execute("DROP FOREIGN TABLE a")
        conn.execute("DROP SERVER s")


def test_only_superusers_make_them(conn, files):
    conn.execute("CREATE ROLE plain LOGIN")
    conn.execute("SET ROLE plain")
    for statement in ("CREATE SERVER mine FOREIGN DATA WRAPPER file_fdw", "DROP SERVER csv",
                      "CREATE FOREIGN TABLE f (a int) SERVER csv OPTIONS (filename 'a.csv')",
                      "CREATE EXTERNAL TABLE f (a int) LOCATION ('file:///a') FORMAT 'CSV'"):
        with pytest.raises(errors.InsufficientPrivilege):
            conn.execute(statement)


# --- partitions

def test_a_tree_is_read_as_one(conn, files):
    tree(conn, files)
    assert conn.execute("SELECT tableoid::regclass::text, v FROM ex ORDER BY d").fetchall() == [
        ("ex20", 20), ("ex20", 21), ("ex21", 30), ("ex21", 31), ("ex26", 60)]
    shown = plan(conn, "SELECT * FROM ex WHERE d >= '2026-01-01'")
    assert shown[0] == "Seq Scan on ex26 ex"
    shown = plan(conn, "SELECT * FROM ex WHERE d = '2020-01-02'")
    assert shown[0] == "Foreign Scan on ex20 ex"
    assert "  Foreign File: ext.csv" in shown
    (files / "ext.csv").unlink()  # a leaf that is pruned is not opened
    assert conn.execute("SELECT v FROM ex WHERE d >= '2021-06-01' ORDER BY v").fetchall() == [(31,), (60,)]
    fail(conn, "58P01", 'could not open file "ext.csv" for reading: No such file or directory', "SELECT * FROM ex")
    conn.execute("ALTER TABLE ex DETACH PARTITION ex21")
    assert conn.execute("SELECT count(*) FROM ex21").fetchone() == (2,)


def test_nobody_looks_whether_files_obey_the_bounds(conn, files):
    tree(conn, files)
    (files / "ext.csv").write_text("1999-01-01,99\n")
    assert conn.execute("SELECT tableoid::regclass::text FROM ex WHERE v = 99").fetchall() == [("ex20",)]
    assert conn.execute("SELECT v FROM ex WHERE d = '1999-01-01'").fetchall() == []


def test_leaves_that_cannot_be_written(conn, files):
    tree(conn, files)
    insert = 'cannot insert into foreign table "ex20"'
    fail(conn, "0A000", insert, "INSERT INTO ex VALUES ('2020-05-05', 1)")
    fail(conn, "0A000", insert, "INSERT INTO ex20 SELECT '2020-05-05', 1 WHERE false")
    fail(conn, "0A000", 'cannot update foreign table "ex20"', "UPDATE ex SET v = 1 WHERE d = '2020-01-02'")
    fail(conn, "0A000", 'cannot update foreign table "ex20"', "UPDATE ex20 SET v = 1")
    fail(conn, "0A000", 'cannot delete from foreign table "ex20"', "DELETE FROM ex WHERE d < '2021-01-01'")
    fail(conn, "0A000", 'cannot truncate foreign table "ex20"', "TRUNCATE ex20")
    with pytest.raises(errors.FeatureNotSupported, match="cannot truncate foreign table"):
        conn.execute("TRUNCATE ex")
    fail(conn, "0A000", insert, "UPDATE ex SET d = '2020-05-05' WHERE d >= '2026-01-01'")
    assert conn.execute("UPDATE ex SET v = v + 1 WHERE d >= '2026-01-01'").rowcount == 1
    assert conn.execute("SELECT sum(v) FROM ex").fetchone() == (163,)
    with conn.cursor() as cursor:
        with cursor.copy("COPY ex FROM STDIN (FORMAT csv)") as copy:
            copy.write("2026-01-01,5\n")
        with pytest.raises(errors.FeatureNotSupported, match=insert) as caught:
            with cursor.copy("COPY ex FROM STDIN (FORMAT csv)") as copy:
                copy.write("2026-01-01,6\n2020-01-01,5\n")
        assert caught.value.diag.context == 'COPY ex, line 2: "2020-01-01,5"'
    assert conn.execute("SELECT sum(v) FROM ex").fetchone() == (168,)


def copied(conn, statement: str) -> str:
    with conn.cursor() as cursor, cursor.copy(statement) as copy:
        return b"".join(bytes(piece) for piece in copy).decode()


def test_copy_to(conn, files):
    tree(conn, files)
    hint = "Try the COPY (SELECT ...) TO variant."
    for table, text in (("ex20", 'cannot copy from foreign table "ex20"'),
                        ("ex", 'cannot copy from relation "ex" which has external partition(s)')):
        with pytest.raises(errors.WrongObjectType) as caught:
            copied(conn, f"COPY {table} TO STDOUT")
        assert (caught.value.diag.message_primary, caught.value.diag.message_hint) == (text, hint)
    assert copied(conn, "COPY ex (v) TO STDOUT IGNORE EXTERNAL PARTITIONS") == "60\n"
    assert conn.said == [("NOTICE", "00000", "COPY ignores external partition(s)")]
    assert copied(conn, "COPY (SELECT v FROM ex ORDER BY v) TO STDOUT") == "20\n21\n30\n31\n60\n"


def test_definitions_of_trees_with_files(conn, files):
    tree(conn, files)
    conn.execute("CREATE INDEX ON ex (v)")
    for statement in ("ALTER TABLE ex ADD UNIQUE (d)", "ALTER TABLE ex ADD PRIMARY KEY (d)",
                      "CREATE UNIQUE INDEX ON ex (d)"):
        error = fail(conn, "42809", 'cannot create unique index on partitioned table "ex"', statement)
        assert error.diag.message_detail == 'Table "ex" contains partitions that are foreign tables.'
    fail(conn, "42809", 'cannot create index on relation "ex20"', "CREATE INDEX ON ex20 (v)")
    for statement in ("ALTER TABLE ex ADD COLUMN z int", "ALTER TABLE ex DROP COLUMN v",
                      "ALTER TABLE ex ALTER COLUMN v TYPE bigint"):
        fail(conn, "0A000", 'cannot change the columns of foreign table "ex20"', statement)
    conn.said.clear()
    conn.execute("VACUUM ex")
    assert conn.said == [
        ("WARNING", "01000", f'skipping "{leaf}" --- cannot vacuum non-tables or special system tables')
        for leaf in ("ex20", "ex21")]
    conn.execute("ANALYZE ex")
    conn.execute("CREATE TABLE keyed (d date PRIMARY KEY) PARTITION BY RANGE (d)")
    fail(conn, "42809", 'cannot create foreign partition of partitioned table "keyed"',
         "CREATE FOREIGN TABLE k1 PARTITION OF keyed DEFAULT SERVER csv OPTIONS (filename 'ext.csv')")
    fail(conn, "42601", 'syntax error at or near "PARTITION"',
         "CREATE FOREIGN TABLE p (d date) SERVER csv OPTIONS (filename 'ext.csv') PARTITION BY RANGE (d)")
    fail(conn, "42809", '"ex20" is not a table', "DROP TABLE ex20")
    conn.execute("DROP FOREIGN TABLE ex20")
    conn.execute("DROP TABLE ex")
    assert (files / "ext.csv").exists()


def test_a_foreign_default_is_not_scanned(conn, files):
    (files / "d.csv").write_text("2020-05-05,1\n")
    conn.execute("CREATE TABLE fd (d date, v int) PARTITION BY RANGE (d)")
    conn.execute("CREATE FOREIGN TABLE fd_d PARTITION OF fd DEFAULT SERVER csv OPTIONS (filename 'd.csv', format 'csv')")
    conn.execute("CREATE TABLE fd_1 PARTITION OF fd FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')")
    assert conn.said == [("WARNING", "23514",
                          'skipped scanning foreign table "fd_d" which is a partition of default partition "fd_d"')]
    assert conn.execute("SELECT table_name, table_type, is_insertable_into FROM information_schema.tables"
                        " WHERE table_name IN ('fd', 'fd_d') ORDER BY 1").fetchall() == [
        ("fd", "BASE TABLE", "YES"), ("fd_d", "FOREIGN", "NO")]


# --- Cloudberry's external tables

def test_external_tables(conn, files):
    (files / "e.csv").write_text("a;b\n1;x\n2;\n")
    conn.execute(f"CREATE READABLE EXTERNAL TABLE e (a int, b text) LOCATION ('file://localhost{files}/e.csv')"
                 " FORMAT 'CSV' (HEADER DELIMITER AS ';') ENCODING 'UTF8'")
    assert conn.execute("SELECT * FROM e ORDER BY a").fetchall() == [(1, "x"), (2, None)]
    assert conn.execute("SELECT s.srvname, c.relkind::text FROM pg_foreign_table t JOIN pg_foreign_server s ON s.oid ="
                        " t.ftserver JOIN pg_class c ON c.oid = t.ftrelid").fetchall() == [("gp_exttable_server", "f")]
    for statement, what in (
            ("CREATE EXTERNAL WEB TABLE w (a int) EXECUTE 'ls' FORMAT 'CSV'", "EXTERNAL WEB TABLE is not supported"),
            ("CREATE EXTERNAL TABLE w (a int) LOCATION ('gpfdist://h:1/x') FORMAT 'CSV'", 'protocol of "gpfdist://h:1/x"'),
            (f"CREATE EXTERNAL TABLE w (a int) LOCATION ('file://h{files}/x') FORMAT 'CSV' LOG ERRORS"
             " PERSISTENTLY SEGMENT REJECT LIMIT 5", "LOG ERRORS PERSISTENTLY is not supported")):
        with pytest.raises(errors.FeatureNotSupported, match=what):
            conn.execute(statement)
    conn.execute("DROP EXTERNAL TABLE e")


def test_alter_external_table(conn, files):
    (files / "e.csv").write_text("1,x\n2,y\n")
    conn.execute(f"CREATE EXTERNAL TABLE e (a int, b text) LOCATION ('file://h{files}/e.csv') FORMAT 'CSV'")
    conn.execute("ALTER EXTERNAL TABLE e RENAME COLUMN b TO c")
    assert conn.execute("ALTER EXTERNAL TABLE e ALTER COLUMN a TYPE bigint").statusmessage == "ALTER FOREIGN TABLE"
    conn.execute("ALTER EXTERNAL TABLE IF EXISTS e DROP COLUMN c, ADD COLUMN d text")
    conn.execute("CREATE SCHEMA of_files")
    conn.execute("ALTER EXTERNAL TABLE e SET SCHEMA of_files")
    conn.execute("ALTER EXTERNAL TABLE of_files.e OWNER TO CURRENT_USER")
    assert conn.execute("SELECT a, d, pg_typeof(a)::text FROM of_files.e ORDER BY a").fetchall() == [
        (1, "x", "bigint"), (2, "y", "bigint")]
    conn.execute("CREATE TABLE plain (a int)")
    fail(conn, "42809", '"plain" is not a foreign table', "ALTER EXTERNAL TABLE plain ADD COLUMN b int")
    error = fail(conn, "42601", 'syntax error at or near "nonsense"', "ALTER EXTERNAL TABLE e nonsense b int")
    assert error.diag.statement_position == "24"


def test_reject_limits(conn, files):
    (files / "r.csv").write_text("1\nx\n2\n3,4\n5\n")
    make = f"CREATE EXTERNAL TABLE {{}} (a int) LOCATION ('file://h{files}/r.csv') FORMAT 'CSV' SEGMENT REJECT LIMIT {{}}"
    conn.execute(make.format("r3", "3"))
    assert conn.execute("SELECT a FROM r3 ORDER BY a").fetchall() == [(1,), (2,), (5,)]
    assert conn.said == [
        ("NOTICE", "00000", "found 2 data formatting errors (2 or more input rows), rejected related input data")]
    conn.execute(make.format("r2", "2 ROWS"))
    error = fail(conn, "22P04", "segment reject limit reached, aborting operation", "SELECT a FROM r2")
    assert error.diag.message_detail == "Last error was: extra data after last expected column"
    with pytest.raises(errors.InvalidParameterValue):
        conn.execute(make.format("r1", "1"))


def error_log(conn, table: str) -> list[tuple]:
    rows = conn.execute("SELECT relname, filename, linenum, bytenum, errmsg, rawdata, rawbytes"
                        f" FROM gp_read_error_log('{table}') ORDER BY cmdtime, linenum")
    return rows.fetchall()


def test_rejected_rows_are_logged(conn, files):
    (files / "l.csv").write_text("1,a\nx,b\n2,c\n3,d,e\n")
    conn.execute(f"CREATE EXTERNAL TABLE logged (a int, b text) LOCATION ('file://h{files}/l.csv') FORMAT 'CSV'"
                 " LOG ERRORS SEGMENT REJECT LIMIT 90 PERCENT")
    file = str(files / "l.csv")
    assert error_log(conn, "logged") == []
    assert conn.execute("SELECT sum(a) FROM logged").fetchone() == (3,)
    assert error_log(conn, "logged") == [
        ("logged", file, 2, None, 'invalid input syntax for type integer: "x", column a', "x,b", None),
        ("logged", file, 4, None, "extra data after last expected column", "3,d,e", None)]


def loaded(conn, statement: str, text: str) -> int:
    with conn.cursor() as cursor:
        with cursor.copy(statement) as copy:
            copy.write(text)
        return cursor.rowcount


def test_copy_leaves_rows_with_errors_out(conn):
    conn.execute("CREATE TABLE loads (a int, b date, c text NOT NULL DEFAULT 'd') PARTITION BY RANGE (a);"
                 "CREATE TABLE loads_0 PARTITION OF loads FOR VALUES FROM (0) TO (100)")
    rows = "1|2024-01-01|x\n\\N|2024-01-02|y\nz|2024-01-02|y\n3|2024-02-30|y\n4|2024-01-04\n5|\\N|v\n"
    copy = "COPY loads FROM STDIN (DELIMITER '|') LOG ERRORS SEGMENT REJECT LIMIT {}"
    with pytest.raises(errors.CheckViolation):  # what is no error of format stays one
        loaded(conn, copy.format("10"), rows)
    rows = rows.replace("\\N|2024-01-02|y\n", "")
    assert loaded(conn, copy.format("10 ROWS"), rows) == 2
    assert conn.said[-1][2] == "found 3 data formatting errors (3 or more input rows), rejected related input data"
    assert conn.execute("SELECT a, b::text, c FROM loads ORDER BY a").fetchall() == [
        (1, "2024-01-01", "x"), (5, None, "v")]
    assert error_log(conn, "loads")[-3:] == [
        ("loads", "<stdin>", 2, None, 'invalid input syntax for type integer: "z", column a', "z|2024-01-02|y", None),
        ("loads", "<stdin>", 3, None, 'date/time field value out of range: "2024-02-30", column b',
         "3|2024-02-30|y", None),
        ("loads", "<stdin>", 4, None, 'missing data for column "c"', "4|2024-01-04", None)]
    with pytest.raises(errors.BadCopyFileFormat, match="segment reject limit reached") as caught:
        loaded(conn, copy.format("2"), rows)
    assert "COPY loads, line 3" in caught.value.diag.context
    with pytest.raises(errors.InvalidTextRepresentation):
        loaded(conn, "COPY loads FROM STDIN (DELIMITER '|')", rows)
    assert conn.execute("SELECT count(*) FROM loads").fetchone() == (2,)
    fail(conn, "0A000", "COPY single row error handling only available using COPY FROM",
         "COPY loads TO STDOUT SEGMENT REJECT LIMIT 5")


def test_exchange(conn, files):
    (files / "jan.csv").write_text("1,2024-01-05\n2,2024-01-06\n")
    conn.execute("CREATE TABLE s (id int, d date) PARTITION BY RANGE (d)"
                 " (START (date '2024-01-01') END (date '2024-03-01') EVERY (interval '1 month'))")
    conn.execute("INSERT INTO s VALUES (7, '2024-01-07'), (8, '2024-02-08')")
    conn.execute(f"CREATE EXTERNAL TABLE jan (id int, d date) LOCATION ('file://h{files}/jan.csv') FORMAT 'CSV'")
    conn.execute("ALTER TABLE s EXCHANGE PARTITION FOR (date '2024-01-01') WITH TABLE jan")
    assert conn.execute("SELECT id FROM s ORDER BY 1").fetchall() == [(1,), (2,), (8,)]
    assert conn.execute("SELECT id FROM jan").fetchall() == [(7,)]
    fail(conn, "0A000", 'cannot split foreign table "s_1_prt_1"',
         "ALTER TABLE s SPLIT PARTITION FOR (date '2024-01-01') AT (date '2024-01-15')")
    fail(conn, "0A000", 'cannot truncate foreign table "s_1_prt_1"',
         "ALTER TABLE s TRUNCATE PARTITION FOR (date '2024-01-01')")
    conn.execute("ALTER TABLE s DROP PARTITION FOR (date '2024-01-01')")
    assert conn.execute("SELECT id FROM s").fetchall() == [(8,)]


def test_writable_external_tables(conn, files):
    conn.execute(f"CREATE WRITABLE EXTERNAL TABLE w (a int, b text, n numeric(6,2)) LOCATION ('file://h{files}/out')"
                 " FORMAT 'CSV' (HEADER DELIMITER '|') DISTRIBUTED BY (a)")
    conn.execute("INSERT INTO w VALUES (1, 'x|y', 1.5), (2, NULL, NULL)")
    (first,) = archived(files)
    assert first.startswith("out/w-") and (files / first).read_text() == 'a|b|n\n1|"x|y"|1.50\n2||\n'
    with pytest.raises(ZeroDivisionError), conn.transaction():
        conn.execute("INSERT INTO w SELECT i FROM generate_series(1, 5000) i")
        raise ZeroDivisionError
    assert archived(files) == [first]
    with conn.transaction():
        conn.execute("SAVEPOINT a")
        conn.execute("INSERT INTO w VALUES (3)")
        conn.execute("ROLLBACK TO a")
        with conn.cursor() as cursor, cursor.copy("COPY w FROM STDIN") as copy:
            copy.write("4\tcopied\t0\n")
        assert [name for name in archived(files) if "/." not in name] == [first]
    assert len(archived(files)) == 2
    conn.execute(f"CREATE EXTERNAL TABLE r (a int, b text, n numeric(6,2)) LOCATION ('file://h{files}/out/w-*.csv')"
                 " FORMAT 'CSV' (HEADER DELIMITER '|')")
    assert conn.execute("SELECT a, b FROM r ORDER BY a").fetchall() == [(1, "x|y"), (2, None), (4, "copied")]
    with pytest.raises(errors.WrongObjectType, match="cannot read from a WRITABLE external table"):
        conn.execute("SELECT * FROM w")
    fail(conn, "0A000", 'cannot update foreign table "w"', "UPDATE w SET a = 1")
    fail(conn, "0A000", 'cannot insert into foreign table "r"', "INSERT INTO r VALUES (1)")


def test_rows_move_into_a_writable_leaf(conn, files):
    conn.execute("CREATE TABLE t (k int, v text) PARTITION BY RANGE (k)")
    conn.execute("CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (10)")
    conn.execute(f"CREATE WRITABLE EXTERNAL TABLE t_2 (k int, v text) LOCATION ('file://h{files}/t') FORMAT 'PARQUET'")
    conn.execute("ALTER TABLE t ATTACH PARTITION t_2 FOR VALUES FROM (10) TO (20)")
    assert conn.execute("INSERT INTO t VALUES (1, 'a'), (11, 'b'), (12, NULL)").rowcount == 3
    assert conn.execute("UPDATE t SET k = k + 10 WHERE k < 10").rowcount == 1
    conn.execute("CREATE FOREIGN TABLE back (k int, v text) SERVER parquet OPTIONS (filename 't/*.parquet')")
    assert conn.execute("SELECT * FROM back ORDER BY k, v").fetchall() == [(11, "a"), (11, "b"), (12, None)]
    assert conn.execute("SELECT * FROM t WHERE k < 10").fetchall() == []


# --- definitions

def test_errors_of_definitions(conn):
    table = "CREATE FOREIGN TABLE f1 (a int) SERVER csv OPTIONS (filename 'x'{})"
    fail(conn, "42710", 'server "csv" already exists', "CREATE SERVER csv FOREIGN DATA WRAPPER file_fdw")
    conn.execute("CREATE SERVER IF NOT EXISTS csv FOREIGN DATA WRAPPER file_fdw")
    conn.execute("CREATE EXTENSION IF NOT EXISTS file_fdw")
    fail(conn, "42704", 'foreign-data wrapper "nope" does not exist', "CREATE SERVER n FOREIGN DATA WRAPPER nope")
    error = fail(conn, "HV00D", 'invalid option "host"',
                 "CREATE SERVER n FOREIGN DATA WRAPPER file_fdw OPTIONS (host 'x')")
    assert error.diag.message_hint == "There are no valid options in this context."
    fail(conn, "42704", 'server "nope" does not exist', "CREATE FOREIGN TABLE f1 (a int) SERVER nope")
    fail(conn, "HV002", "filename is required for file_fdw foreign tables", "CREATE FOREIGN TABLE f1 (a int) SERVER csv")
    fail(conn, "42710", 'option "filename" provided more than once', table.format(", filename 'y'"))
    fail(conn, "HV00D", 'invalid option "foo"', table.format(", foo 'y'"))
    fail(conn, "22023", 'COPY format "xml" not recognized', table.format(", format 'xml'"))
    fail(conn, "0A000", "primary key constraints are not supported on foreign tables",
         "CREATE FOREIGN TABLE f1 (a int PRIMARY KEY) SERVER csv OPTIONS (filename 'x')")
    conn.execute(table.format(", format 'csv'"))
    fail(conn, "42704", 'option "foo" not found', "ALTER FOREIGN TABLE f1 OPTIONS (DROP foo)")
    conn.execute("ALTER FOREIGN TABLE f1 OPTIONS (SET filename 'y', ADD header 'true', DROP format)")
    fail(conn, "HV00P", 'foreign-data wrapper "file_fdw" does not support IMPORT FOREIGN SCHEMA',
         "IMPORT FOREIGN SCHEMA s FROM SERVER csv INTO public")
    error = fail(conn, "2BP01", "cannot drop server csv because other objects depend on it", "DROP SERVER csv")
    assert error.diag.message_detail == "foreign table f1 depends on server csv"
    conn.execute("CREATE TABLE t (a int)")
    error = fail(conn, "42809", '"t" is not a foreign table', "DROP FOREIGN TABLE t")
    assert error.diag.message_hint == "Use DROP TABLE to remove a table."
    fail(conn, "42704", 'foreign table "nope" does not exist', "DROP FOREIGN TABLE nope")
    assert conn.execute("SELECT relkind::text, relam, ftoptions FROM pg_class JOIN pg_foreign_table ON ftrelid = oid"
                        ).fetchall() == [("f", 0, ["filename=y", "header=true"])]
    assert conn.execute("SELECT foreign_table_name, foreign_server_name FROM information_schema.foreign_tables"
                        ).fetchall() == [("f1", "csv")]
    conn.said.clear()
    conn.execute("DROP SERVER csv CASCADE")
    assert conn.said == [("NOTICE", "00000", "drop cascades to foreign table f1")]


def test_blocks_take_them_back(conn, files):
    (files / "a.csv").write_text("1\n")
    with pytest.raises(ZeroDivisionError), conn.transaction():
        conn.execute("CREATE SERVER other FOREIGN DATA WRAPPER file_fdw")
        conn.execute("CREATE FOREIGN TABLE a (a int) SERVER other OPTIONS (filename 'a.csv', format 'csv')")
        assert conn.execute("SELECT * FROM a").fetchall() == [(1,)]
        raise ZeroDivisionError
    fail(conn, "42704", 'server "other" does not exist', "ALTER SERVER other VERSION '1'")


# --- tiering

def moving(conn, rows: int = 1000) -> None:
    conn.execute("CREATE TABLE m (k int NOT NULL, at timestamptz, n numeric, u uuid, tags text[]) PARTITION BY RANGE (k)")
    conn.execute("CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM (0) TO (1000000)")
    conn.execute("CREATE TABLE m_2 PARTITION OF m FOR VALUES FROM (1000000) TO (2000000)")
    conn.execute("CREATE INDEX ON m (n)")
    conn.execute(f"INSERT INTO m SELECT i, '2020-01-01Z'::timestamptz + i * interval '1 hour', i / 7.0,"
                 f" '00000000-0000-0000-0000-000000000001', ARRAY[i::text, NULL] FROM generate_series(1, {rows}) i")
    conn.execute("INSERT INTO m VALUES (1000000, NULL, NULL, NULL, NULL)")


def archived(files) -> list[str]:
    return sorted(str(path.relative_to(files)) for path in files.rglob("*") if path.is_file())


def test_a_leaf_goes_to_a_file_and_comes_back(conn, files):
    moving(conn)
    before = conn.execute("SELECT * FROM m ORDER BY k").fetchall()
    conn.execute("CALL weir.archive_partition('m_1')")
    (name,) = archived(files)
    assert name.startswith("archive/fluss/m_1-") and name.endswith(".parquet")
    assert pq.read_table(files / name).num_rows == 1000
    assert conn.execute("SELECT * FROM m ORDER BY k").fetchall() == before
    assert conn.execute("SELECT relkind::text FROM pg_class WHERE relname = 'm_1'").fetchone() == ("f",)
    assert f"  Foreign File: {name}" in plan(conn, "SELECT * FROM m WHERE k < 10")
    fail(conn, "0A000", 'cannot insert into foreign table "m_1"', "INSERT INTO m VALUES (5)")
    fail(conn, "55000", 'the rows of "m_1" are in files already', "CALL weir.archive_partition('m_1')")
    conn.execute("CALL weir.restore_partition('public.m_1'::regclass)")
    assert archived(files) == []
    assert conn.execute("SELECT * FROM m ORDER BY k").fetchall() == before
    conn.execute("DELETE FROM m WHERE k <= 500")
    assert conn.execute("SELECT count(*) FROM m WHERE n < 100").fetchone() == (199,)


def test_a_leaf_of_a_keyed_table_goes_and_comes_back(conn, files):
    conn.execute("CREATE TABLE o (id int, day date, v text, n int, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);"
                 "CREATE TABLE o_24 PARTITION OF o FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');"
                 "CREATE TABLE o_25 PARTITION OF o FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')")
    conn.execute("INSERT INTO o SELECT i, date '2024-01-01' + i % 700, 'v' || i, i FROM generate_series(1, 1000) i")
    before = conn.execute("SELECT * FROM o ORDER BY id").fetchall()
    found = "SELECT v FROM o WHERE id = 3 AND day = '2024-01-04'"
    conn.execute("CALL weir.archive_partition('o_24')")
    assert pq.read_table(files / archived(files)[0]).num_rows == conn.execute("SELECT count(*) FROM o_24").fetchone()[0]
    assert conn.execute("SELECT * FROM o ORDER BY id").fetchall() == before
    assert conn.execute(found).fetchall() == conn.execute(found, prepare=True).fetchall() == [("v3",)]
    assert conn.execute("SELECT id FROM o WHERE v = 'v3'").fetchall() == [(3,)]
    assert conn.execute("SELECT id FROM o WHERE n IN (3, 500) ORDER BY id").fetchall() == [(3,), (500,)]
    assert conn.execute("SELECT a.id FROM o a JOIN o b USING (id, day) WHERE b.v = 'v4'").fetchall() == [(4,)]
    fail(conn, "0A000", 'cannot insert into foreign table "o_24"',
         "INSERT INTO o VALUES (3, '2024-01-04', 'x', 3) ON CONFLICT (id, day) DO UPDATE SET v = 'x'")
    fail(conn, "0A000", 'cannot update foreign table "o_24"', "UPDATE o SET v = 'x' WHERE id = 3 AND day = '2024-01-04'")
    conn.execute("INSERT INTO o VALUES (400, '2025-02-04', 'y', 9) ON CONFLICT (id, day) DO NOTHING; UPDATE o SET v = 'z' WHERE day > '2025-01-01'")
    conn.execute("CALL weir.restore_partition('o_24')")
    assert archived(files) == []
    with pytest.raises(errors.UniqueViolation, match="o_24_pkey"):
        conn.execute("INSERT INTO o VALUES (3, '2024-01-04', 'x', 5000)")
    assert conn.execute(found).fetchall() == [("v3",)]
    assert conn.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'o_pkey'::regclass ORDER BY 1").fetchall() \
        == [("o_24_pkey",), ("o_25_pkey",)]
    conn.execute("CREATE INDEX o_v ON o (v)")
    fail(conn, "42809", 'cannot archive partition "o_24"', "CALL weir.archive_partition('o_24')")


def test_archiving_is_part_of_its_transaction(conn, files):
    moving(conn)
    with pytest.raises(ZeroDivisionError), conn.transaction():
        conn.execute("DELETE FROM m WHERE k <= 10")
        conn.execute("CALL weir.archive_partition('m_1')")
        assert conn.execute("SELECT count(*) FROM m").fetchone() == (991,)
        raise ZeroDivisionError
    assert archived(files) == []
    with conn.transaction():
        conn.execute("SAVEPOINT a")
        conn.execute("CALL weir.archive_partition('m_2')")
        conn.execute("ROLLBACK TO a")
        conn.execute("DELETE FROM m WHERE k <= 10")
        conn.execute("CALL weir.archive_partition('m_1')")
    (name,) = archived(files)
    assert "m_1" in name
    assert conn.execute("SELECT count(*), min(k) FROM m").fetchone() == (991, 11)
    with pytest.raises(ZeroDivisionError), conn.transaction():
        conn.execute("CALL weir.restore_partition('m_1')")
        raise ZeroDivisionError
    assert archived(files) == [name]
    assert conn.execute("SELECT count(*) FROM m").fetchone() == (991,)


def test_archives_outlive_the_server(start_server, files):
    server = start_server("--files", str(files))
    with server.connect(autocommit=True) as conn:
        moving(conn)
        conn.execute("CALL weir.archive_partition('m_1')")
    server.kill()
    with start_server("--files", str(files)).connect(autocommit=True) as conn:
        assert conn.execute("SELECT count(*) FROM m").fetchone() == (1001,)
        conn.execute("CALL weir.restore_partition('m_1')")
        assert conn.execute("SELECT count(*) FROM m").fetchone() == (1001,)


def test_what_is_not_archived(conn, files):
    conn.execute("CREATE TABLE keyed (k int PRIMARY KEY) PARTITION BY RANGE (k)")
    conn.execute("CREATE TABLE keyed_1 PARTITION OF keyed DEFAULT")
    conn.execute("CREATE TABLE own (k int, v int UNIQUE); CREATE TABLE above (k int, v int) PARTITION BY RANGE (k);"
                 "ALTER TABLE above ATTACH PARTITION own DEFAULT")
    fail(conn, "42809", 'cannot archive partition "own"', "CALL weir.archive_partition('own')")
    conn.execute("CREATE TABLE refers (k int REFERENCES keyed)")
    error = fail(conn, "42809", 'cannot archive partition "keyed_1"', "CALL weir.archive_partition('keyed_1')")
    assert error.diag.message_detail == "constraint refers_k_fkey on table refers refers to its rows."
    fail(conn, "42809", '"keyed" is not a partition that has rows of its own', "CALL weir.archive_partition('keyed')")
    fail(conn, "42P01", 'relation "nope" does not exist', "CALL weir.archive_partition('nope')")
    fail(conn, "55000", 'the rows of "keyed_1" are in no files', "CALL weir.restore_partition('keyed_1')")
    tree(conn, files)
    (files / "ext.csv").write_text("1999-01-01,99\n")
    fail(conn, "23514", 'partition constraint of relation "ex20" is violated by some row',
         "CALL weir.restore_partition('ex20')")
    conn.execute("CALL weir.restore_partition('ex21')")
    assert (files / "ext.parquet").exists()
    conn.execute("UPDATE ex SET v = 0 WHERE d >= '2021-01-01'")


# --- what programs ask

def test_pg_dump(start_server, files, tmp_path):
    dump = shutil.which("pg_dump") or "/usr/lib/postgresql/15/bin/pg_dump"
    if not os.path.exists(dump):
        pytest.skip("there is no pg_dump here")
    server = start_server("--files", str(files))
    with server.connect(autocommit=True) as conn:
        conn.execute("CREATE SERVER csv FOREIGN DATA WRAPPER file_fdw")
        conn.execute("CREATE SERVER parquet FOREIGN DATA WRAPPER parquet_fdw")
        tree(conn, files)
        conn.execute("COMMENT ON FOREIGN TABLE ex20 IS 'of old'")
        conn.execute("CALL weir.archive_partition('ex26')")
        rows = conn.execute("SELECT tableoid::regclass::text, * FROM ex ORDER BY d").fetchall()
    address = ["-h", "127.0.0.1", "-p", str(server.port), "-U", "weir"]
    script = subprocess.run([dump, *address, "fluss"], capture_output=True, text=True, check=True, timeout=120).stdout
    assert "CREATE SERVER csv FOREIGN DATA WRAPPER file_fdw;" in script
    for built_in in ("CREATE EXTENSION", "CREATE FOREIGN DATA WRAPPER", "CREATE SERVER weir_archive"):
        assert built_in not in script
    with server.connect(autocommit=True) as conn:
        conn.execute("DROP TABLE ex")
        conn.execute("DROP SERVER csv, parquet")
    server.psql("-v", "ON_ERROR_STOP=1", "-f", "-", text=script)
    with server.connect(autocommit=True) as conn:
        assert conn.execute("SELECT tableoid::regclass::text, * FROM ex ORDER BY d").fetchall() == rows


def test_psql_describes_them(start_server, files):
    server = start_server("--files", str(files))
    with server.connect(autocommit=True) as conn:
        conn.execute("CREATE SERVER csv FOREIGN DATA WRAPPER file_fdw")
        conn.execute("CREATE SERVER parquet FOREIGN DATA WRAPPER parquet_fdw")
        tree(conn, files)
    shown = server.psql("-c", "\\d ex20")
    assert 'Foreign table "public.ex20"' in shown
    assert "Partition of: ex FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')" in shown
    assert "Server: csv\nFDW options: (filename 'ext.csv', format 'csv')" in shown
    assert " public | ex21  | parquet" in server.psql("-c", "\\det")
    assert " csv                | weir  | file_fdw" in server.psql("-c", "\\des")
    assert " parquet_fdw     | weir" in server.psql("-c", "\\dew")
    assert " ex20 | foreign table" in server.psql("-c", "\\d")
