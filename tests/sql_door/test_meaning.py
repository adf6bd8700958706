"""What literals, parameters, comparisons and result types mean, by PostgreSQL's rules: psycopg in text and binary."""
from __future__ import annotations

import datetime as dt
import decimal

import psycopg
import pytest
from psycopg import errors

D = decimal.Decimal
UTC = dt.timezone.utc
BYTES = b"\xca\xfe\x00\x01"
HEX = r"\xcafe0001"


@pytest.fixture(params=[False, True], ids=["text", "binary"])
def cursor(conn, request):
    with conn.cursor(binary=request.param) as one:
        yield one


def rows(cursor, query, *parameters):
    return cursor.execute(query, parameters or None).fetchall()


def value(cursor, query, *parameters):
    return rows(cursor, query, *parameters)[0][0]


def test_bytea_is_read_alike_in_every_position(conn, cursor):
    cursor.execute("CREATE TABLE b (id int, b bytea)")
    cursor.execute(rf"INSERT INTO b VALUES (1, '{HEX}')")
    cursor.execute(rf"INSERT INTO b SELECT 2, '{HEX}'")
    cursor.execute("INSERT INTO b VALUES (3, %s)", (BYTES,))
    cursor.execute("INSERT INTO b VALUES (4, NULL)")
    cursor.execute(rf"UPDATE b SET b = '{HEX}' WHERE id = 4")
    with cursor.copy("COPY b FROM STDIN") as copy:
        copy.write(b"5\t\\\\xcafe0001\n")
    assert rows(cursor, "SELECT b FROM b ORDER BY id") == [(BYTES,)] * 5
    assert value(cursor, rf"SELECT count(*) FROM b WHERE b = '{HEX}'") == 5
    assert rows(cursor, rf"SELECT CAST('{HEX}' AS bytea), bytea '{HEX}', '{HEX}'::bytea, E'\\001a'::bytea") == [
        (BYTES, BYTES, BYTES, b"\x01a")]
    assert value(cursor, rf"SELECT '{HEX}'::bytea::text") == HEX
    with pytest.raises(errors.InvalidParameterValue, match="invalid hexadecimal digit"):
        cursor.execute(r"SELECT '\xzz'::bytea")


def test_bytea_bounds_take_their_rows(conn):
    conn.execute("CREATE TABLE b (k bytea) PARTITION BY LIST (k)")
    conn.execute(r"CREATE TABLE b1 PARTITION OF b FOR VALUES IN ('\xdead')")
    conn.execute(r"INSERT INTO b VALUES ('\xdead')")
    assert value(conn, "SELECT tableoid::regclass::text FROM b") == "b1"
    assert value(conn, "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = 'b1'") == r"FOR VALUES IN ('\xdead')"


@pytest.mark.parametrize("text, state", [("garbage", "22007"), ("2024-02-30 00:00:00+00", "22008"),
                                         ("2024-01-01 12:00+16", "22009"), ("", "22007")])
def test_what_is_no_moment_is_an_error(conn, cursor, text, state):
    cursor.execute("CREATE TABLE m (t timestamptz, i int)")
    with pytest.raises(psycopg.Error) as failed:
        with cursor.copy("COPY m FROM STDIN") as copy:
            copy.write(f"{text}\t1\n")
    assert failed.value.sqlstate == state
    for query, parameters in [("INSERT INTO m(t) VALUES (%s)", (text,)), ("SELECT %s::timestamptz", (text,)),
                              (f"INSERT INTO m(t) VALUES ('{text}')", None), (f"SELECT timestamptz '{text}'", None),
                              (f"SELECT CAST('{text}' AS timestamptz)", None),
                              ("SELECT %s::timestamptz[]", ('{"' + text + '"}',))]:
        with pytest.raises(psycopg.Error) as failed:
            cursor.execute(query, parameters)
        assert failed.value.sqlstate == state, query
    assert value(cursor, "SELECT count(*) FROM m") == 0


@pytest.mark.parametrize("text", ["2024-01-01 12:00+02", "2024-01-01T10:00Z", "2024-01-01 15:30+05:30", "20240101T100000Z",
                                  "Jan 1, 2024 10:00 UTC", "2024-01-01 05:00 America/New_York", "2024-01-01 10:00 AM"])
def test_moments_in_their_forms(conn, cursor, text):
    moment = dt.datetime(2024, 1, 1, 10, tzinfo=UTC)
    cursor.execute("CREATE TABLE m (t timestamptz, i int)")
    cursor.execute(f"INSERT INTO m VALUES ('{text}', 1)")
    cursor.execute("INSERT INTO m VALUES (%s, 2)", (text,))
    with cursor.copy("COPY m FROM STDIN") as copy:
        copy.write(f"{text}\t3\n")
    assert rows(cursor, "SELECT t FROM m") == [(moment,)] * 3
    assert value(cursor, f"SELECT timestamptz '{text}'") == moment


def test_other_dates_and_booleans(conn, cursor):
    cursor.execute("SET timezone = 'Europe/Paris'")
    assert rows(cursor, "SELECT '20240311'::date, 'Jan 5, 2024'::date, '01/05/2024'::date, '2024-07-01 12:00'::timestamptz,"
                        " '04:05 PM'::time, 'today'::date = current_date, now() - 'now'::timestamptz < interval '1 minute'") == [
        (dt.date(2024, 3, 11), dt.date(2024, 1, 5), dt.date(2024, 1, 5), dt.datetime(2024, 7, 1, 10, tzinfo=UTC),
         dt.time(16, 5), True, True)]
    assert rows(cursor, "SELECT 'on'::boolean, 'off'::boolean, 'tru'::boolean, boolean 'n'") == [(True, False, True, False)]
    assert rows(cursor, "SELECT '0044-03-15 BC'::date::text, '0044-03-15 BC'::date < '0001-01-01'::date,"
                        " '0001-01-01 BC'::date = '0001-01-01'::date") == [("0044-03-15 BC", True, False)]
    with pytest.raises(errors.InvalidTextRepresentation, match='invalid input syntax for type boolean: "2"'):
        cursor.execute("SELECT '2'::boolean")
    with pytest.raises(errors.InvalidDatetimeFormat, match='for type timestamp with time zone: "x"'):
        cursor.execute("SELECT 'x'::timestamptz")


def test_moments_as_bounds(conn):
    conn.execute("CREATE TABLE m (t timestamptz) PARTITION BY RANGE (t)")
    conn.execute("CREATE TABLE m1 PARTITION OF m FOR VALUES FROM ('2024-01-01 00:00+00') TO ('2024-01-02T00:00Z')")
    conn.execute("INSERT INTO m VALUES ('2024-01-01 01:00+01')")
    with pytest.raises(errors.CheckViolation):
        conn.execute("INSERT INTO m VALUES ('2024-01-01 00:30+01')")


def test_arrays_are_read_wherever_one_is_expected(conn, cursor):
    cursor.execute("CREATE TABLE a (id int, i int[], t text[])")
    cursor.execute("INSERT INTO a VALUES (1, '{1,NULL,3}', '{a,\"b c\",NULL}')")
    cursor.execute("INSERT INTO a SELECT 2, '{10}', '{}'")
    cursor.execute("UPDATE a SET i = '{7,8}' WHERE id = 2")
    assert rows(cursor, "SELECT i, t FROM a ORDER BY id") == [([1, None, 3], ["a", "b c", None]), ([7, 8], [])]
    assert rows(cursor, "SELECT 1 = ANY('{1,2}'), 'a' = ANY ('{a,b}'), ARRAY[1,2] = '{1,2}', ('{a,b}')::text[],"
                        " CAST('{1,2}' AS int[]), '{{1,2},{3,4}}'::int[][]::text") == [
        (True, True, True, ["a", "b"], [1, 2], "{{1,2},{3,4}}")]
    assert value(cursor, "SELECT ARRAY['a', NULL, 'b c', '', 'NULL']::text") == '{a,NULL,"b c","","NULL"}'
    assert value(cursor, "SELECT '{t,f}'::boolean[]::text") == "{t,f}"
    with pytest.raises(errors.InvalidTextRepresentation, match="malformed array literal"):
        cursor.execute("INSERT INTO a VALUES (3, '{1,', '{}')")
    with pytest.raises(errors.InvalidTextRepresentation, match='invalid input syntax for type integer: "x"'):
        cursor.execute("SELECT '{1,x}'::int[]")


BOUNDS = [("FOR VALUES FROM (0) TO (10)", "FOR VALUES FROM ('0') TO ('10')"),
          ("FOR VALUES FROM ('0') TO (2.5 * 4)", "FOR VALUES FROM ('0') TO ('10')")]


@pytest.mark.parametrize("clause, shown", BOUNDS)
def test_a_bound_has_the_digits_of_its_key(conn, clause, shown):
    conn.execute("CREATE TABLE n (k numeric, v int) PARTITION BY RANGE (k)")
    conn.execute(f"CREATE TABLE n1 PARTITION OF n {clause}")
    text = value(conn, "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = 'n1'")
    assert text.replace(".000000000", "") == shown
    conn.execute("INSERT INTO n VALUES (5, 1), (9.999999999, 1), (0.000005, 1)")
    for outside in ("10", "-1"):
        with pytest.raises(errors.CheckViolation):
            conn.execute(f"INSERT INTO n VALUES ({outside}, 1)")
    assert value(conn, "SELECT count(*) FROM n1") == 3


def test_numeric_bounds_in_the_other_syntaxes(conn):
    conn.execute("CREATE TABLE c (k numeric) PARTITION BY RANGE (k) (START (1) END (1001) EVERY (500))")
    conn.execute("INSERT INTO c VALUES (1), (500.5), (501), (1000.999)")
    assert rows(conn, "SELECT tableoid::regclass::text, count(*) FROM c GROUP BY 1 ORDER BY 1") == [("c_1_prt_1", 2), ("c_1_prt_2", 2)]
    conn.execute("CREATE TABLE k (k numeric PRIMARY KEY) PARTITION BY LIST (k) (PARTITION one VALUES IN (1), PARTITION rest VALUES IN (DEFAULT))")
    conn.execute("INSERT INTO k VALUES (1), (0.000001)")
    assert rows(conn, "SELECT count(*) FROM k GROUP BY tableoid") == [(1,), (1,)]
    conn.execute("CREATE TABLE l (k numeric) PARTITION BY LIST (k)")
    conn.execute("CREATE TABLE l1 PARTITION OF l FOR VALUES IN (1, 2, '1.5', 100)")
    conn.execute("INSERT INTO l VALUES (1), (2), (1.5), (100)")
    conn.execute("CREATE TABLE l2 (k numeric)")
    conn.execute("INSERT INTO l2 VALUES (7)")
    conn.execute("ALTER TABLE l ATTACH PARTITION l2 FOR VALUES IN (7)")
    assert value(conn, "SELECT count(*) FROM l") == 5


def test_a_bound_has_every_digit(conn):
    conn.execute("CREATE TABLE n (k numeric) PARTITION BY RANGE (k)")
    conn.execute("CREATE TABLE n1 PARTITION OF n FOR VALUES FROM (0.0000000001) TO (1)")
    conn.execute("INSERT INTO n VALUES (0.0000000001)")
    with pytest.raises(errors.CheckViolation):
        conn.execute("INSERT INTO n VALUES (0.00000000009)")


def test_numeric_without_precision_keeps_what_was_written(conn, cursor):
    cursor.execute("CREATE TABLE n (v numeric)")
    cursor.execute("INSERT INTO n VALUES (1e20), ('1e20'), (123.456)")
    assert rows(cursor, "SELECT v FROM n") == [(D(10) ** 20,), (D(10) ** 20,), (D("123.456"),)]
    cursor.execute("INSERT INTO n VALUES (0.1234567890123), ('0.1234567890123'), ('1e30')")
    assert rows(cursor, "SELECT v FROM n OFFSET 3") == [(D("0.1234567890123"),), (D("0.1234567890123"),), (D(10) ** 30,)]
    assert rows(cursor, "SELECT 3.14159::numeric, 0.0000001::float8::numeric, '1.5'::numeric,"
                        " 1.005::float8::numeric(10,2), 1.005::numeric(10,2)") == [
        (D("3.14159"), D("0.0000001"), D("1.5"), D("1.01"), D("1.01"))]


NUMBERS = "CREATE TABLE x (n numeric(10,2), i int); INSERT INTO x VALUES (1.25, 7)"


@pytest.mark.parametrize("query, expected", [
    ("SELECT n * %b FROM x", D("3.75")), ("SELECT sum(n) * %b FROM x", D("3.75")), ("SELECT %b + 1.5", D("4.5")),
    ("SELECT i * %b FROM x", 21), ("SELECT coalesce(n, %b) FROM x", D("1.25")), ("SELECT greatest(n, %b) FROM x", 3),
    ("SELECT %b || 'x'", "3x"), ("SELECT n - %b FROM x", D("-1.75")), ("SELECT i / %b FROM x", 2),
    ("SELECT CASE WHEN %b > 1 THEN n ELSE 0 END FROM x", D("1.25")), ("SELECT abs(n - %b) FROM x", D("1.75")),
    ("SELECT %b", 3), ("SELECT ARRAY[n, %b] FROM x", [D("1.25"), 3])])
def test_what_is_announced_is_what_is_sent(conn, cursor, query, expected):
    conn.execute(NUMBERS)
    for _ in range(2):
        assert cursor.execute(query, (3,), prepare=True).fetchone()[0] == expected


def test_a_quotient_with_a_parameter_is_a_number_of_its_announced_type(conn, cursor):
    conn.execute(NUMBERS)
    got = cursor.execute("SELECT n / %b FROM x", (3,), prepare=True).fetchone()[0]
    assert float(got) == pytest.approx(1.25 / 3)
    assert cursor.description[0].type_code in (701, 1700)
    assert cursor.execute("SELECT n / %b FROM x", (None,), prepare=True).fetchone()[0] is None


@pytest.mark.parametrize("change", ["a int", "a int, c numeric", "b numeric, a int", "a bigint, b numeric"])
@pytest.mark.parametrize("query", ["DELETE FROM p RETURNING *", "SELECT * FROM p"])
def test_a_plan_whose_result_has_changed_fails(server, database, conn, change, query):
    conn.execute("CREATE TABLE p (a int, b numeric)")
    conn.execute("INSERT INTO p VALUES (1, 1)")
    with server.connect(database, autocommit=True) as other:
        assert other.execute(query, prepare=True).fetchall() == [(1, 1)]
        conn.execute("DROP TABLE p")
        conn.execute(f"CREATE TABLE p ({change})")
        conn.execute("INSERT INTO p (a) VALUES (5)")
        for _ in range(2):
            with pytest.raises(errors.FeatureNotSupported, match="cached plan must not change result type"):
                other.execute(query, prepare=True)
        assert value(conn, "SELECT count(*) FROM p") == 1
        conn.execute("DROP TABLE p")
        conn.execute("CREATE TABLE p (a int, b numeric)")
        assert other.execute(query, prepare=True).fetchall() == []


@pytest.mark.parametrize("expression, expected", [
    ("(NULL::int, 1) > (9, 1)", None), ("(1, NULL) = (1, 2)", None), ("(1, NULL) = (2, 2)", False),
    ("(1, NULL::int) <> (2, 2)", True), ("(1, 2) <> (1, NULL)", None), ("(1, 2) < (1, NULL)", None), ("(1, 2) < (2, NULL)", True),
    ("(1, 2) <= (1, 2)", True), ("(1, 2, 3) >= (1, 2, 4)", False), ("NOT ((1, NULL) = (1, 2))", None),
    ("(1, NULL) IN ((1, 2), (3, 4))", None), ("(1, 2) IN ((1, NULL), (1, 2))", True), ("(1, 2) NOT IN ((1, NULL))", None),
    ("(1, 2) NOT IN ((2, NULL))", True), ("ROW(1, NULL) IS NOT NULL", False), ("ROW(1, NULL) IS NULL", False),
    ("ROW(NULL, NULL) IS NULL", True), ("ROW(1, 2) IS NOT NULL", True), ("((1, NULL) = (1, 2)) IS NULL", True),
    ("(1, NULL) IS DISTINCT FROM (1, NULL)", False), ("(1, NULL) IS NOT DISTINCT FROM (1, 2)", False),
    ("(1, 2) BETWEEN (1, 1) AND (1, NULL)", None), ("(1, 2) = (SELECT 1, 2)", True), ("(1, 2) < (SELECT 1, NULL::int)", None),
    ("(1, 2) = (SELECT 1, 2 WHERE false)", None), ("(1, 2) IN (SELECT 1, NULL::int)", None), ("(1, 2) NOT IN (SELECT 2, NULL::int)", True),
    ("(1, 2) IN (SELECT 1, 2)", True), ("(1, 2) IN (SELECT 1, 2 WHERE false)", False), ("(1, 2) < ANY (SELECT 1, 3)", True),
    ("(1, (2, NULL)) = (1, (3, 4))", False)])
def test_rows_are_compared_element_by_element(conn, cursor, expression, expected):
    assert value(cursor, f"SELECT {expression}") is expected


def test_statements_over_rows_touch_only_what_is_true(conn):
    conn.execute("CREATE TABLE k (shop int, sku int, q int)")
    conn.execute("INSERT INTO k VALUES (NULL, 1, 1), (3, NULL, 1), (4, 1, 1)")
    assert conn.execute("UPDATE k SET q = q + 1 WHERE (shop, sku) >= (3, 5)").statusmessage == "UPDATE 1"
    assert rows(conn, "SELECT a.shop FROM k a JOIN k b ON (a.shop, a.sku) = (b.shop, b.sku)") == [(4,)]
    assert rows(conn, "SELECT shop FROM k WHERE (shop, sku) IN (SELECT 4, 1)") == [(4,)]
    assert conn.execute("DELETE FROM k WHERE NOT ((shop, sku) = (4, 1))").statusmessage == "DELETE 1"
    with pytest.raises(errors.SyntaxError, match="unequal number of entries in row expressions"):
        conn.execute("SELECT (1, 2) = (1, 2, 3)")
    with pytest.raises(errors.SyntaxError, match="subquery has too few columns"):
        conn.execute("SELECT (1, 2) = (SELECT 1)")


def test_a_row_that_is_not_there_is_null(conn):
    conn.execute("CREATE TABLE a (id int); CREATE TABLE b (id int, v int)")
    conn.execute("INSERT INTO a VALUES (1), (2); INSERT INTO b VALUES (1, NULL)")
    assert rows(conn, "SELECT a.id FROM a LEFT JOIN b ON a.id = b.id WHERE b IS NULL") == [(2,)]
    assert rows(conn, "SELECT a.id FROM a LEFT JOIN b ON a.id = b.id WHERE b IS NOT NULL") == []
    assert rows(conn, "SELECT a.id FROM a LEFT JOIN b ON a.id = b.id WHERE NOT (b IS NULL)") == [(1,)]


def test_columns_that_differ_in_case_are_two(conn):
    conn.execute('CREATE TABLE cased (a int, "A" int DEFAULT 7 CHECK ("A" < 100), UNIQUE ("A")) PARTITION BY LIST ("A")')
    conn.execute('CREATE TABLE cased_1 PARTITION OF cased FOR VALUES IN (1)')
    conn.execute('CREATE TABLE cased_more PARTITION OF cased DEFAULT')
    conn.execute('INSERT INTO cased VALUES (1, 2), (2, 1); INSERT INTO cased (a) VALUES (3)')
    assert rows(conn, 'SELECT a, "A", tableoid::regclass::text FROM cased ORDER BY a') == [
        (1, 2, "cased_more"), (2, 1, "cased_1"), (3, 7, "cased_more")]
    with pytest.raises(errors.CheckViolation):
        conn.execute('INSERT INTO cased VALUES (5, 100)')
    conn.execute('INSERT INTO cased VALUES (100, 2) ON CONFLICT ("A") DO UPDATE SET a = excluded.a')
    assert rows(conn, 'SELECT a FROM cased WHERE "A" = 2') == [(100,)]
    conn.execute('ALTER TABLE cased ADD COLUMN b int DEFAULT 4, ADD COLUMN "B" text DEFAULT \'x\'')
    conn.execute('CREATE INDEX ON cased (lower("B")) WHERE "A" > 0')
    conn.execute('UPDATE cased SET "B" = \'y\', a = "A" WHERE a = 2; ALTER TABLE cased ALTER b TYPE text USING b + 1')
    assert rows(conn, 'SELECT * FROM cased ORDER BY "A"') == [(1, 1, "5", "y"), (100, 2, "5", "x"), (3, 7, "5", "x")]
    conn.execute('CREATE VIEW seen AS SELECT b, "B" FROM cased')
    assert rows(conn, 'SELECT "B", b FROM seen WHERE "B" = \'y\'') == [("y", "5")]
    conn.execute('CREATE TABLE copied AS SELECT 1 AS a, 2 AS "A"; ALTER TABLE copied RENAME a TO x')
    assert rows(conn, 'SELECT "A", x FROM copied') == [(2, 1)]
    conn.execute('CREATE TABLE made (g int, "G" int GENERATED ALWAYS AS (g * 2) STORED); INSERT INTO made VALUES (4)')
    assert rows(conn, 'SELECT * FROM made') == [(4, 8)]
    with pytest.raises(errors.UndefinedTable):
        conn.execute("SELECT * FROM nothing_there")
    with pytest.raises(errors.DuplicateColumn):
        conn.execute("CREATE TABLE q (id int, id int)")


def test_functions_that_give_rows(conn, cursor):
    assert rows(cursor, "SELECT generate_series(1, 3)") == [(1,), (2,), (3,)]
    assert cursor.description[0].name == "generate_series" and cursor.description[0].type_code == 23
    assert rows(cursor, "SELECT generate_series(5, 1, -2) AS s, 'x'") == [(5, "x"), (3, "x"), (1, "x")]
    assert rows(cursor, "SELECT generate_series(1, 0)") == []
    assert rows(cursor, "SELECT date '2025-01-01' + g FROM generate_series(0, 1) g") == [(dt.date(2025, 1, 1),), (dt.date(2025, 1, 2),)]
    assert rows(cursor, "SELECT g FROM generate_series(3000000000, 3000000001) AS g") == [(3000000000,), (3000000001,)]
    assert rows(cursor, "SELECT unnest(ARRAY[1, 2]), generate_series(1, 3)") == [(1, 1), (2, 2), (None, 3)]
    assert rows(cursor, "SELECT regexp_matches('abcab', '(a)(b)', 'g')") == [(["a", "b"],), (["a", "b"],)]
    assert rows(cursor, "SELECT regexp_matches('abc', 'x')") == []
    cursor.execute("CREATE TABLE s (id int)")
    assert cursor.execute("INSERT INTO s SELECT generate_series(1, 5)").statusmessage == "INSERT 0 5"
    assert rows(cursor, "SELECT s.id, g FROM s, generate_series(1, s.id) g WHERE s.id = 2 ORDER BY g") == [(2, 1), (2, 2)]
    with pytest.raises(errors.InvalidParameterValue, match="step size cannot equal zero"):
        cursor.execute("SELECT generate_series(1, 3, 0)")


@pytest.mark.parametrize("expression", [
    r"'a_b' LIKE ('a\_b')", r"'a_b' LIKE 'a\_' || '%'", r"'a_b' LIKE lower('A\_B')", r"NOT 'axb' LIKE lower('A\_B')",
    r"'A_B' ILIKE lower('A\_B')", r"'axb' NOT LIKE 'a\_' || 'b'", r"'a/b' LIKE 'a//b' ESCAPE '/'",
    "CASE WHEN true THEN 'abc' ELSE 'x' END ~ 'b'", "current_user ~ 'e'", "'abc' ~* 'B'", "'abc' !~ 'x'", "'abc' !~* 'X'",
    "'abc' ~ ('b' || '')", r"E'a\nb' ~ 'a.b'", "~ 5 = -6", "'abc' OPERATOR(pg_catalog.~) 'b'",
    "'abc' SIMILAR TO '(a|b)%%'", "'abc' SIMILAR TO '%%(b|c)'", "'abc' NOT SIMILAR TO 'a'", "'a.c' SIMILAR TO 'a.c'",
    "'abc' NOT SIMILAR TO 'a.c'"])
def test_patterns(conn, cursor, expression):
    assert value(cursor, "SELECT " + expression.replace("%%", "%")) is True


@pytest.mark.parametrize("expression, expected", [
    ("extract(second from time '10:20:09.75')", D("9.750000")), ("round(2.5::float8)", 2.0), ("round(0.5::float8)", 0.0),
    ("round(2.5)", 3), ("to_hex(255)", "ff"), ("to_hex(-1)", "ffffffff"), ("1.0::float8::text", "1"),
    ("1e10::float8::text", "10000000000"), ("array_agg(DISTINCT x) FROM (VALUES (3), (1), (3)) v(x)", [1, 3])])
def test_functions(conn, cursor, expression, expected):
    assert value(cursor, f"SELECT {expression}") == expected


@pytest.mark.parametrize("expression, state", [
    ("'1.5'::int", "22P02"), ("mod(5, 0)", "22012"), ("'1e39'::real", "22003"), ("'1e400'::float8", "22003"),
    ("'99999999999'::int", "22003"), ("'40000'::smallint", "22003")])
def test_functions_that_fail(conn, cursor, expression, state):
    with pytest.raises(psycopg.Error) as failed:
        cursor.execute(f"SELECT {expression}")
    assert failed.value.sqlstate == state


def test_what_is_there_twice_is_said_with_its_schema(conn):
    conn.execute("CREATE TABLE single (a int PRIMARY KEY, b int UNIQUE); INSERT INTO single VALUES (1, 1)")
    for values, constraint in (("(1, 2)", "single_pkey"), ("(2, 1)", "single_b_key")):
        with pytest.raises(psycopg.errors.UniqueViolation) as failed:
            conn.execute(f"INSERT INTO single VALUES {values}")
        diag = failed.value.diag
        assert (diag.schema_name, diag.table_name, diag.constraint_name) == ("public", "single", constraint)


def test_products_that_are_refused_say_how_they_are_computed(conn):
    conn.execute("CREATE TABLE factors (a numeric(22,2)); INSERT INTO factors VALUES (99999999999999999999.99)")
    with pytest.raises(errors.NumericValueOutOfRange) as failed:
        conn.execute("SELECT a * a FROM factors")
    assert failed.value.diag.message_hint == "Cast a factor to a wider type, e.g. numeric(100,20)."
    product = conn.execute("SELECT (a::numeric(100,20) * a)::text FROM factors").fetchone()[0]
    assert decimal.Decimal(product) == D("9999999999999999999998000000000000000000.0001")
