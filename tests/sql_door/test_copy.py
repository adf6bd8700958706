"""COPY as PostgreSQL has it: formats, options, errors with their places, transactions, and clients that go away."""
from __future__ import annotations

import datetime as dt
import decimal
import threading
import uuid

import psycopg
import pytest
from psycopg import errors, pq

TREE = """CREATE TABLE p (a int, b int, c text DEFAULT 'none') PARTITION BY RANGE (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20)"""
SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)


@pytest.fixture
def tables(conn):
    conn.execute("CREATE TABLE t (a int NOT NULL, b text, c varchar(3), d numeric(5,2) DEFAULT 7, CHECK (a < 100))")
    conn.execute("CREATE TABLE u (a int PRIMARY KEY, b int)")
    conn.execute(TREE)
    return conn


def load(conn, statement: str, data: bytes | str = b"") -> str:
    cursor = conn.cursor()
    with cursor.copy(statement) as copy:
        copy.write(data)
    return cursor.statusmessage


def unload(conn, statement: str) -> bytes:
    with conn.cursor().copy(statement) as copy:
        return b"".join(bytes(piece) for piece in copy)


def failure(conn, statement: str, data: bytes | str = b"") -> tuple[str, str, str | None]:
    with pytest.raises(psycopg.Error) as failed:
        load(conn, statement, data)
    diag = failed.value.diag
    return diag.sqlstate, diag.message_primary, diag.context


def rows(conn, query: str) -> list[tuple]:
    return conn.execute(query).fetchall()


# --- data ---


def test_text_takes_escapes_and_nulls(tables):
    assert load(tables, "COPY t (a, b, c) FROM STDIN", b"1\tx\\ty\\n\\\\\t\\N\n2\t\\x41\\101\t\xc3\xa9\n\\.\nignored\n") == "COPY 2"
    assert rows(tables, "SELECT a, b, c, d FROM t ORDER BY a") == [
        (1, "x\ty\n\\", None, 7), (2, "AA", "é", 7)]
    assert unload(tables, "COPY t TO STDOUT") == b"1\tx\\ty\\n\\\\\t\\N\t7.00\n2\tAA\t\xc3\xa9\t7.00\n"
    assert unload(tables, "COPY t (c, a) TO STDOUT (DELIMITER ';', NULL 'no', HEADER)") == b"c;a\nno;1\n\xc3\xa9;2\n"


def test_csv_quotes_what_it_must(tables):
    data = b'a,b\n1,"two\nlines, ""quoted"""\n2,\n3,""\n'
    assert load(tables, "COPY t (a, b) FROM STDIN (FORMAT csv, HEADER match)", data) == "COPY 3"
    assert rows(tables, "SELECT a, b FROM t ORDER BY a") == [(1, 'two\nlines, "quoted"'), (2, None), (3, "")]
    assert unload(tables, "COPY (SELECT a, b FROM t ORDER BY a) TO STDOUT WITH CSV HEADER") == data
    assert unload(tables, "COPY (SELECT b, a FROM t ORDER BY a) TO STDOUT (FORMAT csv, FORCE_QUOTE (a), QUOTE '''')") == (
        b"'two\nlines, \"quoted\"','1'\n,'2'\n'','3'\n")
    assert unload(tables, "COPY (SELECT a FROM t ORDER BY a) TO STDOUT CSV FORCE QUOTE *") == b'"1"\n"2"\n"3"\n'


def test_csv_forces_null_and_not_null(tables):
    load(tables, "COPY t (a, b, c) FROM STDIN (FORMAT csv, FORCE_NOT_NULL (b), FORCE_NULL (c))", b'1,,""\n')
    assert rows(tables, "SELECT b, c FROM t") == [("", None)]


VALUES = {
    "boolean": ["t", "yes"],
    "smallint": ["-32768"],
    "bigint": ["9223372036854775807", " 7 "],
    "real": ["1.5", "-Infinity"],
    "double precision": ["1e300", "0x10", "nan"],
    "numeric": ["12345.678"],
    "numeric(10,3)": ["1.2345", "-0.5"],
    "varchar(3)": ["abc   ", "é"],
    "bytea": ["\\\\xcafe", "a\\\\001b"],
    "date": ["2024-02-29", "Jan 5, 2024", "-infinity"],
    "time": ["12:34:56"],
    "timestamp": ["2024-02-29 12:30:00.5", "infinity"],
    "timestamp(0)": ["2024-02-29 12:30:00.5"],
    "timestamptz": ["2024-02-29 12:30:00+02"],
    "uuid": ["A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"],
    "interval": ["1 day 02:00"],
    "inet": ["10.0.0.1/8"],
    "integer[]": ["{1,NULL,3}", "{}"],
    "text[]": ['{a,"b c","NULL"}'],
    "numeric(6,2)[]": ["{1.5,2}"],
    "varchar(3)[]": ['{"abc  ",é}'],
    "char(3)": ["a", "abc  "],
    "char(3)[]": ["{a,NULL}"],
    "bit(3)": ["101"],
    "varbit(3)[]": ["{1,101}"],
    "interval(1)": ["00:00:01.26"],
    "interval year to month[]": ["{7,1-2}"],
    "time(0) with time zone": ["12:00:00.6+02"],
    "timestamptz[]": ['{"2024-02-29 12:30:00.5+02",NULL}'],
    "timestamp(0)[]": ['{"2024-02-29 12:30:00.5"}'],
    "money[]": ["{1.5,NULL}"],
    "inet[]": ["{10.0.0.1/8,::1}"],
    "uuid[]": ["{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}"],
    "bytea[]": ['{"\\\\\\\\xcafe"}'],
}
SHOWN = {
    "boolean": "true true", "smallint": "-32768", "bigint": "9223372036854775807 7", "real": "1.5 -Infinity",
    "double precision": "1e+300 16 NaN", "numeric": "12345.678", "numeric(10,3)": "1.235 -0.500",
    "varchar(3)": "abc é", "bytea": "\\xcafe \\x610162", "date": "2024-02-29 2024-01-05 -infinity", "time": "12:34:56",
    "timestamp": "2024-02-29 12:30:00.5 infinity", "timestamp(0)": "2024-02-29 12:30:01",
    "timestamptz": "2024-02-29 10:30:00+00", "uuid": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "interval": "1 day 02:00:00",
    "inet": "10.0.0.1/8", "integer[]": "{1,NULL,3} {}", "text[]": '{a,"b c","NULL"}', "numeric(6,2)[]": "{1.50,2.00}",
    "varchar(3)[]": "{abc,é}", "char(3)": "a abc", "char(3)[]": '{"a  ",NULL}', "bit(3)": "101", "varbit(3)[]": "{1,101}",
    "interval(1)": "00:00:01.3", "interval year to month[]": '{"7 mons","1 year 2 mons"}',
    "time(0) with time zone": "12:00:01+02", "timestamptz[]": '{"2024-02-29 10:30:00.5+00",NULL}',
    "timestamp(0)[]": '{"2024-02-29 12:30:01"}', "money[]": "{$1.50,NULL}", "inet[]": "{10.0.0.1/8,::1}",
    "uuid[]": "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}", "bytea[]": '{"\\\\xcafe"}',
}


@pytest.mark.parametrize("type_name", VALUES)
def test_values_are_read_as_their_types(conn, type_name):
    conn.execute(f"CREATE TABLE v (id int, value {type_name})")
    texts = VALUES[type_name]
    load(conn, "COPY v FROM STDIN", "".join(f"{i}\t{text}\n" for i, text in enumerate(texts)))
    assert " ".join(text for _, text in rows(conn, "SELECT id, value::text FROM v ORDER BY id")) == SHOWN[type_name]
    written = unload(conn, "COPY (SELECT value FROM v ORDER BY id) TO STDOUT").decode()
    conn.execute("TRUNCATE v")
    load(conn, "COPY v (value) FROM STDIN", written)
    assert unload(conn, "COPY v (value) TO STDOUT").decode() == written


@pytest.mark.parametrize("value, type_name, state, message", [
    ("x", "int", "22P02", 'invalid input syntax for type integer: "x"'),
    ("", "int", "22P02", 'invalid input syntax for type integer: ""'),
    ("2147483648", "int", "22003", 'value "2147483648" is out of range for type integer'),
    ("1000", "numeric(5,2)", "22003", "numeric field overflow"),
    ("1e1000", "numeric(1000,1)", "22003", "numeric field overflow"),
    ("abcd", "varchar(3)", "22001", "value too long for type character varying(3)"),
    ("2024-02-30", "date", "22008", 'date/time field value out of range: "2024-02-30"'),
    ("garbage", "timestamptz", "22007", 'invalid input syntax for type timestamp with time zone: "garbage"'),
    ("maybe", "boolean", "22P02", 'invalid input syntax for type boolean: "maybe"'),
    ("x", "uuid", "22P02", 'invalid input syntax for type uuid: "x"'),
    ("{1", "int[]", "22P02", 'malformed array literal: "{1"'),
    ("{{1},{2}}", "int[]", "0A000", "an array of 2 dimensions is not supported here"),
    ("{abcd}", "varchar(3)[]", "22001", "value too long for type character varying(3)"),
    ("1", "bit(3)", "22026", "bit string length 1 does not match type bit(3)"),
    ("{1011}", "varbit(3)[]", "22001", "bit string too long for type bit varying(3)"),
    ("{1000}", "numeric(5,2)[]", "22003", "numeric field overflow"),
])
def test_values_that_are_none(conn, value, type_name, state, message):
    conn.execute(f"CREATE TABLE v (id int, value {type_name})")
    place = f'COPY v, line 2, column value: "{value}"'
    assert failure(conn, "COPY v FROM STDIN", f"1\t\\N\n2\t{value}\n") == (state, message, place)
    assert rows(conn, "SELECT count(*) FROM v") == [(0,)]


BINARY_ROW = (True, 7, 2**40, 1.5, decimal.Decimal("12.50"), "é", b"\0\xff", dt.date(2024, 2, 29),
              dt.datetime(2024, 2, 29, 12, 30), dt.datetime(2024, 2, 29, 12, 30, tzinfo=dt.timezone.utc), [1, None, 3])
BINARY_TYPES = ["bool", "int4", "int8", "float8", "numeric", "text", "bytea", "date", "timestamp", "timestamptz", "int4[]"]


def test_binary_both_ways(conn):
    conn.execute("CREATE TABLE v (a boolean, b int, c bigint, d double precision, e numeric(10,2), f text, g bytea, "
                 "h date, i timestamp, j timestamptz, k int[])")
    with conn.cursor().copy("COPY v FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(BINARY_TYPES)
        copy.write_row(BINARY_ROW)
        copy.write_row([None] * len(BINARY_ROW))
    assert rows(conn, "SELECT * FROM v ORDER BY b") == [BINARY_ROW, (None,) * len(BINARY_ROW)]
    with conn.cursor().copy("COPY (SELECT * FROM v ORDER BY b) TO STDOUT (FORMAT BINARY)") as copy:
        copy.set_types(BINARY_TYPES)
        assert list(copy.rows()) == [BINARY_ROW, (None,) * len(BINARY_ROW)]
    assert unload(conn, "COPY (SELECT b FROM v WHERE false) TO STDOUT (FORMAT BINARY)") == SIGNATURE + b"\xff\xff"


def test_names_of_the_catalog_are_read(conn):
    conn.execute("CREATE TABLE named (t regtype, c regclass, f regproc)")
    assert load(conn, "COPY named FROM STDIN", b"int4\tnamed\tnow\ntext\tpg_class\t\\N\n") == "COPY 2"
    assert unload(conn, "COPY named TO STDOUT") == b"integer\tnamed\tnow\ntext\tpg_class\t\\N\n"
    assert failure(conn, "COPY named (c) FROM STDIN (FORMAT csv)", b"nowhere\n") == (
        "42P01", 'relation "nowhere" does not exist', 'COPY named, line 1, column c: "nowhere"')


def test_binary_uuids_and_others(conn):
    conn.execute("CREATE TABLE v (a uuid, b interval, c smallint, d real)")
    row = (uuid.uuid4(), dt.timedelta(days=1, hours=2), 3, 0.5)
    with conn.cursor().copy("COPY v FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(["uuid", "interval", "int2", "float4"])
        copy.write_row(row)
    assert rows(conn, "SELECT a::text, b::text, c, d FROM v") == [(str(row[0]), "1 day 02:00:00", 3, 0.5)]


def test_binary_arrays(conn):
    conn.execute("CREATE TABLE v (a uuid[], b timestamptz[], c interval[], d numeric(5,2)[])")
    types = ["uuid[]", "timestamptz[]", "interval[]", "numeric[]"]
    row = ([uuid.uuid4(), None], [dt.datetime(2024, 2, 29, 12, 30, tzinfo=dt.timezone.utc)], [dt.timedelta(days=1, hours=2)],
           [decimal.Decimal("1.50"), None])
    with conn.cursor().copy("COPY v FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(types)
        copy.write_row(row)
    assert rows(conn, "SELECT * FROM v") == [row]
    assert conn.cursor(binary=True).execute("SELECT * FROM v").fetchall() == [row]
    with conn.cursor().copy("COPY v TO STDOUT (FORMAT BINARY)") as copy:
        copy.set_types(types)
        assert list(copy.rows()) == [row]


@pytest.mark.parametrize("data, expected", [
    (b"xx", ("22P04", "COPY file signature not recognized", None)),
    (SIGNATURE + b"\0\2\0\0\0\4\0\0\0\1\0\0\0\3\0\0\1", ("08P01", "insufficient data left in message", "COPY u, line 1, column b")),
    (SIGNATURE + b"\0\2\xff\xff\xff\xff\xff\xff\xff\xff",
     ("23502", 'null value in column "a" of relation "u" violates not-null constraint', "COPY u, line 1")),
    (SIGNATURE + b"\0\2\0\0\0\4", ("22P04", "unexpected EOF in COPY data", "COPY u, line 1, column a")),
    (SIGNATURE + b"\0\3\0\0\0\4", ("22P04", "row field count is 3, expected 2", "COPY u, line 1")),
])
def test_binary_data_that_is_wrong(tables, data, expected):
    assert failure(tables, "COPY u FROM STDIN (FORMAT BINARY)", data) == expected


def test_rows_come_in_messages_of_their_own(tables):
    load(tables, "COPY u FROM STDIN", b"1\t2\n3\t4\n")
    with tables.cursor().copy("COPY (SELECT * FROM u ORDER BY a) TO STDOUT (HEADER)") as copy:
        assert [bytes(piece) for piece in copy] == [b"a\tb\n", b"1\t2\n", b"3\t4\n"]


# --- tables ---


def test_rows_find_their_partitions(tables):
    data = "".join(f"{i % 20}\t{i}\n" for i in range(5000))
    assert load(tables, "COPY p (a, b) FROM STDIN", data) == "COPY 5000"
    assert rows(tables, "SELECT tableoid::regclass::text, count(*), sum(b), min(c) FROM p GROUP BY 1 ORDER BY 1") == [
        ("p1", 2500, sum(i for i in range(5000) if i % 20 < 10), "none"),
        ("p2", 2500, sum(i for i in range(5000) if i % 20 >= 10), "none")]
    assert sorted(unload(tables, "COPY p (a, b) TO STDOUT").decode().splitlines()) == sorted(data.splitlines())
    assert unload(tables, "COPY p1 (a) TO STDOUT IGNORE EXTERNAL PARTITIONS").count(b"\n") == 2500


def test_where_leaves_rows_out(tables):
    assert load(tables, "COPY t (a, b) FROM STDIN WHERE a > 1 AND d = 7", b"1\tx\n2\ty\n3\tz\n") == "COPY 2"
    assert load(tables, "COPY t (a, b) FROM STDIN WHERE false", b"1\tx\n") == "COPY 0"
    assert rows(tables, "SELECT a, b FROM t ORDER BY a") == [(2, "y"), (3, "z")]


@pytest.mark.parametrize("where, state, message", [
    ("nosuch = 1", "42703", 'column "nosuch" does not exist'),
    ("a", "42804", "argument of WHERE must be type boolean, not type integer"),
    ("a IN (SELECT 1)", "0A000", "cannot use subquery in COPY FROM WHERE condition"),
    ("count(*) > 1", "42803", "aggregate functions are not allowed in COPY FROM WHERE conditions"),
    ("row_number() OVER () > 1", "42P20", "window functions are not allowed in COPY FROM WHERE conditions"),
])
def test_conditions_that_are_none(tables, where, state, message):
    assert failure(tables, f"COPY t FROM STDIN WHERE {where}")[:2] == (state, message)


def test_queries_that_change_give_their_rows(tables):
    assert unload(tables, "COPY (INSERT INTO u VALUES (1, 2), (3, 4) RETURNING a, b) TO STDOUT") == b"1\t2\n3\t4\n"
    assert unload(tables, "COPY (DELETE FROM u WHERE a = 3 RETURNING b) TO STDOUT (FORMAT csv)") == b"4\n"
    assert rows(tables, "SELECT * FROM u") == [(1, 2)]
    assert failure(tables, "COPY (INSERT INTO u VALUES (5, 6)) TO STDOUT")[:2] == (
        "0A000", "COPY query must have a RETURNING clause")
    assert failure(tables, "COPY (MERGE INTO u USING t ON false WHEN MATCHED THEN DELETE) TO STDOUT")[:2] == (
        "0A000", "MERGE not supported in COPY")
    assert failure(tables, "COPY (INSERT INTO u VALUES (5, 6) RETURNING a) TO STDOUT (FORMAT csv, FORCE_QUOTE (z))")[:2] == (
        "42703", 'column "z" does not exist')
    assert rows(tables, "SELECT * FROM u") == [(1, 2)]


def test_system_tables_can_be_read(conn):
    assert b"int4\n" in unload(conn, "COPY pg_type (typname) TO STDOUT")


# --- what is wrong, and where ---


@pytest.mark.parametrize("statement, data, expected", [
    ("t", b"1\t2", ("22P04", 'missing data for column "c"', 'COPY t, line 1: "1\t2"')),
    ("t (a, b)", b"1\ta\n2\ta\tb\n", ("22P04", "extra data after last expected column", 'COPY t, line 2: "2\ta\tb"')),
    ("t", b"\\N\ta\tb\t1\n", ("23502", 'null value in column "a" of relation "t" violates not-null constraint',
                              'COPY t, line 1: "\\N\ta\tb\t1"')),
    ("t (b)", b"1\n", ("23502", 'null value in column "a" of relation "t" violates not-null constraint', 'COPY t, line 1: "1"')),
    ("t", b"1\ta\tb\t1\n200\ta\tb\t1\n", ("23514", 'new row for relation "t" violates check constraint "t_a_check"',
                                          'COPY t, line 2: "200\ta\tb\t1"')),
    ("p (a, b)", b"1\t1\n20\t1\n", ("23514", 'no partition of relation "p" found for row', 'COPY p, line 2: "20\t1"')),
    ("p1 (a, b)", b"1\t1\n10\t1\n", ("23514", 'new row for relation "p1" violates partition constraint', 'COPY p1, line 2: "10\t1"')),
    ("u", b"1\t1\n2\t1\n1\t3\n4\t5\n", ("23505", 'duplicate key value violates unique constraint "u_pkey"', "COPY u, line 3")),
    ("u", b"40\tx\\ty\n", ("22P02", 'invalid input syntax for type integer: "x\ty"', 'COPY u, line 1, column b: "x\ty"')),
    ("t (a, b)", b"1\tx\n1\t\xff\n", ("22021", 'invalid byte sequence for encoding "UTF8": 0xff', "COPY t, line 2")),
    ("t (a, b)", b"1\tx\\000y\n", ("22021", 'invalid byte sequence for encoding "UTF8": 0x00', 'COPY t, line 1: "1\tx\\000y"')),
    ("t (a, b)", b"1\t2\r3\t4\n", ("22P04", "literal newline found in data", "COPY t, line 2")),
    ("t", b"\\.x\n", ("22P04", "end-of-copy marker corrupt", "COPY t, line 1")),
])
def test_errors_say_where(tables, statement, data, expected):
    assert failure(tables, f"COPY {statement} FROM STDIN", data) == expected
    assert rows(tables, "SELECT (SELECT count(*) FROM t) + (SELECT count(*) FROM u) + (SELECT count(*) FROM p)") == [(0,)]


def test_errors_of_csv_say_where(tables):
    csv = "COPY t FROM STDIN (FORMAT csv{})"
    assert failure(tables, csv.format(""), b'1,"x') == ("22P04", "unterminated CSV quoted field", 'COPY t, line 1: "1,"x"')
    assert failure(tables, csv.format(", HEADER match"), b"a,b,x,d\n") == (
        "22P04", 'column name mismatch in header line field 3: got "x", expected "c"', 'COPY t, line 1: "a,b,x,d"')


def test_the_first_wrong_row_is_named(tables):
    good = "".join(f"{i % 90}\tx\tabc\t1\n" for i in range(3000))
    assert failure(tables, "COPY t FROM STDIN", good + "100\tx\tabc\t1\n\\N\tx\tabc\t1\nx\n")[2] == 'COPY t, line 3001: "100\tx\tabc\t1"'
    assert failure(tables, "COPY t FROM STDIN", good + "1\tx\tabcd\t1\n100\tx\tabc\t1\n")[2] == 'COPY t, line 3001, column c: "abcd"'


def test_long_lines_are_cut(tables):
    long = "é" * 60
    assert failure(tables, "COPY t (a, c) FROM STDIN", f"1\t{long}\n")[2] == f'COPY t, line 1, column c: "{"é" * 50}..."'
    assert failure(tables, "COPY t (a) FROM STDIN", "x" * 100 + "\n")[2] == 'COPY t, line 1, column a: "{}"'.format("x" * 100)


@pytest.mark.parametrize("options, state, message", [
    ("(nosuch)", "42601", 'option "nosuch" not recognized'),
    ('("FORMAT" csv)', "42601", 'option "FORMAT" not recognized'),
    ("(format nosuch)", "22023", 'COPY format "nosuch" not recognized'),
    ("(format)", "42601", "format requires a parameter"),
    ("(format text, format csv)", "42601", "conflicting or redundant options"),
    ("csv csv", "42601", "conflicting or redundant options"),
    ("(header 2)", "42601", 'header requires a Boolean value or "match"'),
    ("(header match)", "0A000", 'cannot use "match" with HEADER in COPY TO'),
    ("(freeze *)", "42601", "freeze requires a Boolean value"),
    ("(delimiter)", "42601", "delimiter requires a parameter"),
    ("(delimiter (a))", "22023", 'COPY delimiter cannot be "a"'),
    ("(delimiter 'ab')", "0A000", "COPY delimiter must be a single one-byte character"),
    ("(delimiter E'\\n')", "22023", "COPY delimiter cannot be newline or carriage return"),
    ("(null E'a\\nb')", "22023", "COPY null representation cannot use newline or carriage return"),
    ("(quote 'x')", "0A000", "COPY quote available only in CSV mode"),
    ("(escape 'x')", "0A000", "COPY escape available only in CSV mode"),
    ("(format csv, quote '')", "0A000", "COPY quote must be a single one-byte character"),
    ("(format csv, delimiter '\"')", "22023", "COPY delimiter and quote must be different"),
    ("(format binary, delimiter ',')", "42601", "cannot specify DELIMITER in BINARY mode"),
    ("(format binary, null ',')", "42601", "cannot specify NULL in BINARY mode"),
    ("(format binary, header)", "0A000", "cannot specify HEADER in BINARY mode"),
    ("(force_quote *)", "0A000", "COPY force quote available only in CSV mode"),
    ("(force_quote)", "22023", 'argument to option "force_quote" must be a list of column names'),
    ("(format csv, force_quote (nosuch))", "42703", 'column "nosuch" of relation "t" does not exist'),
    ("(format csv, force_quote (a, a))", "42701", 'column "a" specified more than once'),
    ("(format csv, force_null (b))", "0A000", "COPY force null only available using COPY FROM"),
    ("(encoding 'nosuch')", "22023", 'argument to option "encoding" must be a valid encoding name'),
    ("WHERE a = 1", "42601", "WHERE clause not allowed with COPY TO"),
])
def test_options_that_are_wrong(tables, options, state, message):
    assert failure(tables, f"COPY t TO STDOUT {options}")[:2] == (state, message)


@pytest.mark.parametrize("statement, state, message", [
    ("COPY nosuch FROM STDIN", "42P01", 'relation "nosuch" does not exist'),
    ("COPY nosuch TO STDOUT", "42P01", 'relation "nosuch" does not exist'),
    ("COPY t (a, nosuch) FROM STDIN", "42703", 'column "nosuch" of relation "t" does not exist'),
    ("COPY t (a, nosuch) TO STDOUT", "42703", 'column "nosuch" of relation "t" does not exist'),
    ("COPY t (a, a) FROM STDIN", "42701", 'column "a" specified more than once'),
    ("COPY t (a) FROM STDIN (FORMAT csv, FORCE_NULL (b))", "42P10", 'FORCE_NULL column "b" not referenced by COPY'),
    ("COPY t (a) TO STDOUT (FORMAT csv, FORCE_QUOTE (b))", "42P10", 'FORCE_QUOTE column "b" not referenced by COPY'),
    ("COPY (SELECT 1 INTO x) TO STDOUT", "0A000", "COPY (SELECT INTO) is not supported"),
    ("COPY t TO '/tmp/x'", "42501", "must be superuser or have privileges of the pg_write_server_files role to COPY to a file"),
    ("COPY t FROM '/tmp/x'", "42501", "must be superuser or have privileges of the pg_read_server_files role to COPY from a file"),
    ("COPY t FROM PROGRAM 'x'", "42501", "must be superuser or have privileges of the pg_execute_server_program role to "
                                         "COPY to or from an external program"),
])
def test_statements_that_are_refused(tables, statement, state, message):
    assert failure(tables, statement)[:2] == (state, message)


def test_positions_are_the_statements(tables):
    for statement, position in [("SELECT 1; COPY t TO STDOUT (nosuch)", 29), ("COPY (SELECT é, nosuch FROM (SELECT 1 AS é) x) TO STDOUT", 17)]:
        tables.pgconn.send_query(statement.encode())
        found = None
        while (result := tables.pgconn.get_result()) is not None:
            if result.status == pq.ExecStatus.FATAL_ERROR:
                found = result.error_field(pq.DiagnosticField.STATEMENT_POSITION)
        assert found == str(position).encode(), statement


# --- transactions ---


def test_a_copy_is_a_statement_of_its_block(tables):
    with pytest.raises(errors.DivisionByZero), tables.transaction():
        load(tables, "COPY u FROM STDIN", b"1\t1\n")
        assert rows(tables, "SELECT count(*) FROM u") == [(1,)]
        with pytest.raises(errors.BadCopyFileFormat), tables.transaction():
            load(tables, "COPY u FROM STDIN", b"2\t2\n3\n")
        load(tables, "COPY u FROM STDIN", b"4\t4\n")
        assert rows(tables, "SELECT a FROM u ORDER BY a") == [(1,), (4,)]
        tables.execute("SELECT 1/0")
    assert rows(tables, "SELECT count(*) FROM u") == [(0,)]


def test_a_failed_block_takes_no_copy(tables):
    tables.autocommit = False
    with pytest.raises(errors.DivisionByZero):
        tables.execute("SELECT 1/0")
    assert failure(tables, "COPY u FROM STDIN")[0] == "25P02"
    tables.rollback()
    tables.execute("SET TRANSACTION READ ONLY")
    assert failure(tables, "COPY u FROM STDIN")[:2] == ("25006", "cannot execute COPY FROM in a read-only transaction")
    tables.rollback()


def test_freeze_wants_a_new_table(tables):
    state, message = "55000", ("cannot perform COPY FREEZE because the table was not created or truncated in the current "
                               "subtransaction")
    assert failure(tables, "COPY u FROM STDIN (FREEZE)")[:2] == (state, message)
    assert failure(tables, "COPY p FROM STDIN (FREEZE)")[:2] == ("0A000", "cannot perform COPY FREEZE on a partitioned table")
    with tables.transaction():
        tables.execute("TRUNCATE u")
        assert load(tables, "COPY u FROM STDIN WITH FREEZE", b"1\t1\n") == "COPY 1"
        with pytest.raises(errors.ObjectNotInPrerequisiteState), tables.transaction():
            load(tables, "COPY u FROM STDIN (FREEZE on)", b"2\t2\n")
        with tables.transaction():
            tables.execute("CREATE TABLE n (a int)")
        assert load(tables, "COPY n FROM STDIN (FREEZE)", b"1\n") == "COPY 1"
    assert failure(tables, "COPY n FROM STDIN (FREEZE)")[0] == state


def test_keys_that_others_insert_are_waited_for(server, database, tables):
    with server.connect(database) as other:
        other.execute("INSERT INTO u VALUES (5, 5)")
        failed = []

        def copy():
            with server.connect(database, autocommit=True) as connection:
                failed.append(failure(connection, "COPY u FROM STDIN", b"4\t4\n5\t6\n"))

        waiter = threading.Thread(target=copy)
        waiter.start()
        other.commit()
        waiter.join(60)
    assert failed == [("23505", 'duplicate key value violates unique constraint "u_pkey"', "COPY u, line 2")]
    assert rows(tables, "SELECT * FROM u") == [(5, 5)]


# --- clients that give up, go away or take too long ---


def begin_copy(connection, data: bytes) -> None:
    connection.pgconn.send_query(b"COPY u FROM STDIN")
    assert connection.pgconn.get_result().status == pq.ExecStatus.COPY_IN
    connection.pgconn.put_copy_data(data)
    connection.pgconn.flush()


def end_copy(connection, reason: bytes | None = None) -> tuple[str, str]:
    connection.pgconn.put_copy_end(reason)
    result = connection.pgconn.get_result()
    fields = [result.error_field(field) for field in (pq.DiagnosticField.SQLSTATE, pq.DiagnosticField.MESSAGE_PRIMARY)]
    while connection.pgconn.get_result() is not None:
        pass
    return tuple(field.decode() for field in fields)


def test_a_client_gives_up(tables):
    begin_copy(tables, b"1\t1\n")
    assert end_copy(tables, b"no more") == ("57014", "COPY from stdin failed: no more")
    assert rows(tables, "SELECT count(*) FROM u") == [(0,)]


def test_a_client_goes_away(server, database, tables):
    lost = server.connect(database)
    begin_copy(lost, b"1\t1\n")
    lost.pgconn.finish()
    tables.execute("SET lock_timeout = '60s'")
    tables.execute("TRUNCATE u")  # waits for the table's lock
    assert rows(tables, "SELECT count(*) FROM u") == [(0,)]


def test_a_copy_is_cancelled(tables):
    begin_copy(tables, b"1\t1\n")
    tables.cancel()
    assert end_copy(tables) == ("57014", "canceling statement due to user request")
    assert rows(tables, "SELECT count(*) FROM u") == [(0,)]


def test_a_copy_takes_too_long(server, database, tables):
    with server.connect(database) as other:
        other.execute("INSERT INTO u VALUES (1, 1)")  # its key is waited for
        tables.execute("SET statement_timeout = '500ms'")  # the COPY has to begin within it
        begin_copy(tables, b"1\t2\n")
        assert end_copy(tables) == ("57014", "canceling statement due to statement timeout")
        tables.execute("SET statement_timeout = 0")
        other.rollback()
    assert rows(tables, "SELECT count(*) FROM u") == [(0,)]


def test_copy_among_other_statements(tables):
    pgconn = tables.pgconn
    pgconn.send_query(b"INSERT INTO u VALUES (1, 1); COPY u FROM STDIN; COPY u TO STDOUT; SELECT count(*) FROM u")
    assert pgconn.get_result().command_status == b"INSERT 0 1"
    assert pgconn.get_result().status == pq.ExecStatus.COPY_IN
    pgconn.put_copy_data(b"2\t2\n")
    pgconn.put_copy_end()
    assert pgconn.get_result().command_status == b"COPY 1"
    assert pgconn.get_result().status == pq.ExecStatus.COPY_OUT
    data = b""
    while (piece := pgconn.get_copy_data(0))[0] > 0:
        data += bytes(piece[1])
    assert sorted(data.splitlines()) == [b"1\t1", b"2\t2"]
    assert pgconn.get_result().command_status == b"COPY 2"
    assert pgconn.get_result().get_value(0, 0) == b"2"
    assert pgconn.get_result() is None


@pytest.mark.parametrize("data, expected", [(b"1\t1\n", (b"COPY 1", None)), (b"x\t1\n", (None, b"22P02"))])
def test_copy_in_the_extended_protocol(tables, data, expected):
    pgconn = tables.pgconn
    pgconn.send_prepare(b"c", b"COPY u FROM STDIN")
    while pgconn.get_result() is not None:
        pass
    pgconn.send_query_prepared(b"c", [])
    assert pgconn.get_result().status == pq.ExecStatus.COPY_IN
    pgconn.put_copy_data(data)
    pgconn.put_copy_end()
    result = pgconn.get_result()
    assert (result.command_status or None, result.error_field(pq.DiagnosticField.SQLSTATE)) == expected
    assert pgconn.get_result() is None
    assert rows(tables, "SELECT count(*) FROM u") == [(1 if expected[0] else 0,)]


def test_prepared_statements_can_be_given_back(conn):
    conn.execute("SELECT 1", prepare=True)
    conn.execute("DEALLOCATE ALL")
    conn.execute("DISCARD ALL")
    with pytest.raises(errors.InvalidSqlStatementName):
        conn.execute("DEALLOCATE nosuch")


def test_psql_copies_binary_files(server, database, tables, tmp_path):
    load(tables, "COPY p FROM STDIN", "".join(f"{i % 20}\t{i}\trow {i}\n" for i in range(1000)))
    file = tmp_path / "p.bin"
    assert server.psql("-c", f"\\copy p TO '{file}' (FORMAT BINARY)", database=database) == "COPY 1000\n"
    tables.execute("CREATE TABLE q (a int, b int, c text)")
    assert server.psql("-c", f"\\copy q FROM '{file}' BINARY", database=database) == "COPY 1000\n"
    assert rows(tables, "SELECT count(*) FROM q JOIN p USING (a, b, c)") == [(1000,)]
    wrong = server.psql("-c", "\\copy u FROM STDIN", database=database, text="1\t1\nx\t2\n", code=1)
    assert wrong == 'ERROR:  invalid input syntax for type integer: "x"\nCONTEXT:  COPY u, line 2, column a: "x"\n'


def test_what_is_no_json_is_shown_with_its_line(conn):
    conn.execute("CREATE TABLE jt (id int, j json)")
    assert failure(conn, "COPY jt FROM STDIN", '1\t{"a": 1}\n2\t{"a": tru, "b": 2}\n') == (
        "22P02",
        "invalid input syntax for type json",
        'JSON data, line 1: {"a": tru...\nCOPY jt, line 2, column j: "{"a": tru, "b": 2}"',
    )
    with pytest.raises(psycopg.Error) as failed:
        conn.execute("""SELECT '{"k": 1,\n "longer than what is shown of a line of the text": tru}'::jsonb""")
    assert failed.value.diag.context == 'JSON data, line 2: ...er than what is shown of a line of the text": tru...'
    with pytest.raises(psycopg.Error) as failed:
        conn.execute("SELECT json '[1,'")
    assert failed.value.diag.context == "JSON data, line 1: [1,"
