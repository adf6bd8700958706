"""What reading leaves out: batches and leaves that cannot have rows of the first few, rows that are no extreme, and the
long way for numerics of few digits. Each answer is held to one that is computed of all rows."""
from __future__ import annotations

import datetime
import decimal
import math

import psycopg
import pytest

ROWS = 600  # of a leaf: more than what small batches have
LEAVES = 6
COLUMNS = "id, at, real_, n, exact, name"


def fill(conn):
    """Six leaves by time, in which all columns rise and fall differently."""
    conn.execute(
        "CREATE TABLE events (id int, at timestamp, real_ double precision, n numeric, exact numeric(12,2), name text, "
        "day date) PARTITION BY RANGE (at)")
    for leaf in range(LEAVES):
        conn.execute(f"CREATE TABLE events_{leaf} PARTITION OF events FOR VALUES FROM ('2025-01-0{leaf + 1}') "
                     f"TO ('2025-01-0{leaf + 2}')")
    conn.execute(
        f"INSERT INTO events SELECT i, '2025-01-01'::timestamp + (i / {ROWS}) * interval '1 day' "
        f"+ (i % {ROWS}) * interval '2 minutes', CASE WHEN i % 300 = 3 THEN NULL ELSE (i * 7919 % 3601) / 8.0 END, "
        f"CASE WHEN i % 200 = 7 THEN NULL ELSE (i * 31 % 9973) / 4.0 END, (i * 17 % 20011) * 0.25, "
        f"'name ' || (i * 13 % 10007), '2020-01-01'::date + i / 10 FROM generate_series(0, {ROWS * LEAVES - 1}) i")


def in_order(column, descending, nulls_first):
    """A sort key as SQL orders: NULLs at one end, NaN above all numbers."""
    def key(row):
        value = row[column]
        if value is None:
            return (0 if nulls_first else 2, 0, 0)
        is_nan = isinstance(value, (float, decimal.Decimal)) and math.isnan(value)
        return (1, not is_nan, 0 if is_nan else Reversed(value)) if descending else (1, is_nan, 0 if is_nan else value)
    return key


class Reversed:
    def __init__(self, value):
        self.value = value

    def __lt__(self, other):
        return other.value < self.value

    def __eq__(self, other):
        return other.value == self.value


def check_first_rows(conn):
    rows = conn.execute(f"SELECT {COLUMNS} FROM events").fetchall()
    for column, name in enumerate(COLUMNS.split(", ")):
        collation = 'COLLATE "C"' if name == "name" else ""
        if name == "name":  # ordered by its bytes
            rows = [(*row[:column], row[column] and row[column].encode(), *row[column + 1:]) for row in rows]
        for order, offset in ("DESC NULLS FIRST", 0), ("ASC NULLS LAST", 0), ("DESC NULLS LAST", 40):
            wanted = sorted(rows, key=in_order(column, order.startswith("DESC"), order.endswith("FIRST")))
            got = conn.execute(f"SELECT {COLUMNS} FROM events ORDER BY {name} {collation} {order} LIMIT 15 "
                               f"OFFSET {offset}").fetchall()
            values = [row[column].encode() if name == "name" and row[column] else row[column] for row in got]
            assert str(values) == str([row[column] for row in wanted[offset:offset + 15]]), (name, order)
    got = conn.execute("SELECT id FROM events WHERE exact < 100 ORDER BY real_ DESC NULLS LAST, id DESC LIMIT 7"
                       ).fetchall()
    rows = [row for row in rows if row[4] < 100 and row[2] is not None]
    assert got == [(row[0],) for row in sorted(rows, key=lambda r: (not math.isnan(r[2]), -r[2], -r[0]))[:7]]


def check_extremes(conn, table="events"):
    columns = "id", "at", "n", "exact", "day", "real_"
    short = ", ".join(f"min({column}), max({column})" for column in columns[:2] + columns[3:5])
    for alone in [short, *(f"max({column}), min({column})" for column in columns)]:
        all_rows = alone.replace("(", "(x.")
        expected = conn.execute(
            f"SELECT {all_rows} FROM (SELECT * FROM {table} OFFSET 0) x WHERE length(x.name) >= 0 OR x.name IS NULL")
        assert str(conn.execute(f"SELECT {alone} FROM {table}").fetchone()) == str(expected.fetchone()), alone


def test_first_rows_and_extremes_of_a_changed_table(server, database, conn):
    fill(conn)
    check_first_rows(conn)
    check_extremes(conn)
    with server.connect(database, autocommit=True) as other:
        other.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        before = other.execute("SELECT min(id), max(id), min(at), max(at) FROM events").fetchall()
        conn.execute("DELETE FROM events WHERE id > 3590 OR id < 5")
        conn.execute("UPDATE events SET real_ = real_ + 4000, exact = exact + 6000 WHERE id % 199 = 0")
        conn.execute("INSERT INTO events (id, at, real_, n) VALUES (-1, '2025-01-01', 'NaN', 'NaN'), "
                     "(-2, '2025-01-06', 'infinity', 'infinity'), (-3, '2025-01-03', '-infinity', '-infinity')")
        conn.execute("UPDATE events SET exact = 1, name = 'x' WHERE id < 0")
        assert conn.execute("SELECT min(id), max(id) FROM events").fetchone() == (-3, 3590)
        check_first_rows(conn)
        check_extremes(conn)
        assert other.execute("SELECT min(id), max(id), min(at), max(at) FROM events").fetchall() == before
    with conn.transaction():
        conn.execute(f"INSERT INTO events SELECT 90000 + i, '2025-01-02', 9000 + i, 9000 + i, 0, 'y' "
                     f"FROM generate_series(1, {ROWS}) i")
        conn.execute("DELETE FROM events WHERE id = 90600")
        assert conn.execute("SELECT min(id), max(id) FROM events").fetchone() == (-3, 90599)
        check_first_rows(conn)
        check_extremes(conn)
    check_extremes(conn)


def test_extremes_of_columns_that_were_added_and_of_nothing(conn):
    fill(conn)
    conn.execute("ALTER TABLE events ADD COLUMN more int DEFAULT 7, ADD COLUMN none bigint")
    added = "SELECT min(more), max(more), min(none), max(none) FROM events"
    assert conn.execute(added).fetchone() == (7, 7, None, None)
    conn.execute("INSERT INTO events (id, at, more) SELECT i, '2025-01-04', i FROM generate_series(1, 900) i")
    assert conn.execute(added).fetchone() == (1, 900, None, None)
    check_extremes(conn)
    conn.execute("CREATE TABLE moments (at timestamptz, short timestamp(3), d date)")
    conn.execute("INSERT INTO moments SELECT '2025-01-01 00:00:00.000001+00'::timestamptz + i * interval '1 second', "
                 "'2025-01-01'::timestamp + i * interval '1 second', '2025-01-01' FROM generate_series(1, 900) i")
    conn.execute("SET TimeZone = 'UTC'")
    extremes = ("SELECT min(at)::text, max(at)::text, min(short)::text, max(short)::text, min(d)::text, max(d)::text "
                "FROM moments")
    assert conn.execute(extremes).fetchone() == (
        "2025-01-01 00:00:01.000001+00", "2025-01-01 00:15:00.000001+00", "2025-01-01 00:00:01", "2025-01-01 00:15:00",
        "2025-01-01", "2025-01-01")
    conn.execute("INSERT INTO moments SELECT CASE WHEN i = 5 THEN 'infinity' ELSE '-infinity' END::timestamptz, "
                 "'infinity', 'infinity' FROM generate_series(1, 900) i")
    assert conn.execute(extremes).fetchone() == (
        "-infinity", "infinity", "2025-01-01 00:00:01", "infinity", "2025-01-01", "infinity")
    conn.execute("DELETE FROM moments")
    assert conn.execute("SELECT min(at), max(d) FROM moments").fetchone() == (None, None)


def test_a_prepared_statement_reads_what_is_there_when_it_runs(server, database, conn):
    fill(conn)
    first = "SELECT id FROM events ORDER BY real_ DESC NULLS LAST LIMIT 3"
    extremes = "SELECT max(id), max(at) FROM events"
    last = "SELECT id FROM events ORDER BY at DESC LIMIT 2"
    for query in first, extremes, last:
        conn.execute(query, prepare=True)
    before = [conn.execute(query, prepare=True).fetchall() for query in (first, extremes, last)]
    with server.connect(database, autocommit=True) as other:
        other.execute("INSERT INTO events (id, at, real_) VALUES (77777, '2025-01-06 23:59:59', 8000)")
        assert [conn.execute(query, prepare=True).fetchall() for query in (first, extremes, last)] == [
            [(77777,), *before[0][:2]], [(77777, datetime.datetime(2025, 1, 6, 23, 59, 59))], [(77777,), before[2][0]]]
        other.execute("DELETE FROM events WHERE id = 77777")
    assert [conn.execute(query, prepare=True).fetchall() for query in (first, extremes, last)] == before


def test_numerics_of_few_and_of_many_digits(conn):
    """The answers are PostgreSQL's."""
    conn.execute("CREATE TABLE amounts (g int, n numeric)")
    conn.execute("INSERT INTO amounts VALUES (1, 1.50), (1, 1.5), (1, -0.0000000000000001), (1, 9999999999999999), "
                 "(2, '0.00'), (2, -0.5), (2, 12345678901234567890.123456789012345678901234567890), (2, .5), "
                 "(2, NULL), (3, 'NaN'), (3, 7), (4, 'Infinity'), (4, 1), (5, '-Infinity'), (5, 'Infinity'), "
                 "(6, NULL), (7, 9999999999999999), (7, 0.0000000000000009), (8, 1e30), (8, 2.50), (8, -1e30)")
    sums = "SELECT g, sum(n)::text, min(n)::text, max(n)::text, count(n) FROM amounts GROUP BY g ORDER BY g"
    assert conn.execute(sums).fetchall() == [
        (1, "10000000000000001.9999999999999999", "-0.0000000000000001", "9999999999999999", 4),
        (2, "12345678901234567890.123456789012345678901234567890", "-0.5",
         "12345678901234567890.123456789012345678901234567890", 4),
        (3, "NaN", "7", "NaN", 2), (4, "Infinity", "1", "Infinity", 2), (5, "NaN", "-Infinity", "Infinity", 2),
        (6, None, None, None, 0), (7, "9999999999999999.0000000000000009", "0.0000000000000009", "9999999999999999", 2),
        (8, "2.50", "-1000000000000000000000000000000", "1000000000000000000000000000000", 3)]
    assert [n for n, in conn.execute("SELECT n::text FROM amounts WHERE n > 0.5 AND n <= 9999999999999999 "
                                     "ORDER BY n, g, n::text")] == [
        "1", "1.5", "1.50", "2.50", "7", "9999999999999999", "9999999999999999"]
    conn.execute("INSERT INTO amounts SELECT 9, 9999999999999999 FROM generate_series(1, 3000)")
    conn.execute("INSERT INTO amounts SELECT 9, 0.000000000000001 FROM generate_series(1, 3000)")
    assert conn.execute("SELECT sum(n)::text, avg(n)::text FROM amounts WHERE g = 9").fetchone() == (
        "29999999999999997000.000000000003000", "4999999999999999.500000000000001")


def test_numerics_are_compared_as_numbers(conn):
    """Of all scales with constants of all scales, also where a short way is taken."""
    texts = ["0", "0.00", "-0.5", "-.25", "1", "1.0", "1.000000000000000", "1.0000000000000001", "0.9999999999999999",
             "60000", "61000.5", "61000.50", "9999999999999999", "-9999999999999999", "1e30", "-1e30", "1e-30",
             "12345678901234567890.5", "-0.0000000000000000001", "NaN", "Infinity", "-Infinity", None]
    conn.execute("CREATE TABLE compared (n numeric)")
    with conn.cursor().copy("COPY compared FROM STDIN") as copy:
        for text in texts:
            copy.write_row((text,))

    def key(text):
        value = decimal.Decimal(text)
        return (1, 0) if value.is_nan() else (0, value)

    operators = {"<": lambda a, b: a < b, "<=": lambda a, b: a <= b, "=": lambda a, b: a == b,
                 "<>": lambda a, b: a != b, ">=": lambda a, b: a >= b, ">": lambda a, b: a > b}
    values = [key(text) for text in texts if text is not None]
    constants = [text for text in texts if text is not None] + ["1" + "0" * 45, "0." + "0" * 45 + "1", "-61000.49"]
    questions, expected = [], []
    for constant in constants:
        for sign, compare in operators.items():
            questions += [f"(SELECT count(*) FROM compared WHERE n {sign} '{constant}'::numeric)",
                          f"(SELECT count(*) FROM compared WHERE '{constant}'::numeric {sign} n)"]
            expected += [sum(compare(value, key(constant)) for value in values),
                         sum(compare(key(constant), value) for value in values)]
        questions += [f"(SELECT count(*) FROM compared WHERE n > '{constant}' AND n <= '61000.500')",
                      f"(SELECT count(*) FROM compared WHERE n BETWEEN '{constant}' AND '1.0')",
                      f"(SELECT count(*) FROM compared WHERE n IS DISTINCT FROM '{constant}'::numeric)"]
        expected += [sum(key(constant) < value <= key("61000.5") for value in values),
                     sum(key(constant) <= value <= key("1") for value in values),
                     len(texts) - sum(value == key(constant) for value in values)]
    got = conn.execute("SELECT " + ", ".join(questions)).fetchone()
    assert dict(zip(questions, got)) == dict(zip(questions, expected))
    plan = conn.execute("EXPLAIN SELECT * FROM compared WHERE n > 0.5 AND n < 'NaN'").fetchall()
    assert ("  Filter: (n BETWEEN '0.5' AND 'NaN')",) in plan


PACKED_ROWS = 12_000  # more than what nobody plans for


def fill_packed(conn):
    """Columns whose values fit few bits, in leaves of which one has few rows."""
    conn.execute("CREATE TABLE packed (id int, small bigint, flag text, price numeric(12,2), day date, maybe bigint) "
                 "PARTITION BY RANGE (id)")
    for leaf, end in enumerate((4000, 8000, 11_950, 100_000)):
        begin = (0, 4000, 8000, 11_950)[leaf]
        conn.execute(f"CREATE TABLE packed_{leaf} PARTITION OF packed FOR VALUES FROM ({begin}) TO ({end})")
    conn.execute("INSERT INTO packed SELECT i, 1000 + i % 50, chr(65 + i % 3), (i % 700) * 0.25, "
                 "date '2020-02-01' + i % 90, CASE WHEN i % 5 = 0 THEN NULL ELSE i % 7 END "
                 f"FROM generate_series(0, {PACKED_ROWS - 1}) i")


PACKED_QUESTIONS = [
    "SELECT flag, count(*), sum(price), min(small), max(small), sum(small) FROM {t} GROUP BY flag ORDER BY flag",
    "SELECT small, flag, count(maybe), sum(maybe) FROM {t} GROUP BY small, flag ORDER BY small DESC, flag LIMIT 40",
    "SELECT day, maybe, count(*) FROM {t} GROUP BY day, maybe ORDER BY day, maybe DESC NULLS FIRST LIMIT 60",
    "SELECT count(*) FROM {t}", "SELECT count(*), count(maybe), count(small) FROM {t}",
    "SELECT count(*) FROM {t} WHERE id < 8000", "SELECT count(*) FROM {t} WHERE small > 1049",
    "SELECT count(*) FROM {t} WHERE small < 1000",
    "SELECT count(*) FROM {t} WHERE flag > 'C'", "SELECT count(*) FROM {t} WHERE flag >= 'A'",
    "SELECT count(*) FROM {t} WHERE maybe IS NULL", "SELECT count(*) FROM {t} WHERE small IS NULL",
    "SELECT count(*) FROM {t} WHERE day BETWEEN '2020-02-01' AND '2020-04-30'",
    "SELECT sum(price), avg(price), min(price), max(price) FROM {t} WHERE price >= 0",
    "SELECT a.flag, count(*) FROM {t} a JOIN {t} b ON a.id = b.small GROUP BY a.flag ORDER BY 1",
    "SELECT id, small, flag FROM {t} ORDER BY flag DESC, small, id LIMIT 20",
    "SELECT id, small FROM {t} ORDER BY small DESC, id DESC LIMIT 20",
    "SELECT DISTINCT flag, small FROM {t} ORDER BY 1, 2 LIMIT 200",
    "SELECT small, row_number() OVER (PARTITION BY flag ORDER BY small, id) FROM {t} ORDER BY id LIMIT 30",
]


def check_packed(conn, plain):
    """Twice: what the first reading has seen of texts is known to the second."""
    for question in PACKED_QUESTIONS:
        expected = plain.execute(question.format(t="packed_plain")).fetchall()
        for _ in range(2):
            assert conn.execute(question.format(t="packed")).fetchall() == expected, question


def keep_plain(conn):
    """The same rows where nothing is known of them: by their primary key."""
    conn.execute("DROP TABLE IF EXISTS packed_plain")
    conn.execute("CREATE TABLE packed_plain (place serial PRIMARY KEY, id int, small bigint, flag text, "
                 "price numeric(12,2), day date, maybe bigint)")
    conn.execute("INSERT INTO packed_plain (id, small, flag, price, day, maybe) "
                 "SELECT id, small, flag, price, day, maybe FROM packed")


def test_plans_rely_on_bounds_of_what_the_statement_sees(server, database, conn):
    fill_packed(conn)
    keep_plain(conn)
    check_packed(conn, conn)
    plan = conn.execute("EXPLAIN SELECT count(*) FROM packed WHERE small > 1049").fetchall()
    assert ("        One-Time Filter: false",) in plan
    for change in ("UPDATE packed SET small = -9000000000, flag = 'longer than before' WHERE id % 1000 = 3",
                   "INSERT INTO packed VALUES (50000, 1 << 40, 'Z', 9999999.99, '1999-01-01', -4)",
                   "DELETE FROM packed WHERE id % 4 = 0", "INSERT INTO packed (id) VALUES (50001)",
                   "INSERT INTO packed SELECT 60000 + i, i, '', 0, '2030-01-01', i FROM generate_series(1, 3000) i"):
        conn.execute(change)
        keep_plain(conn)
        check_packed(conn, conn)


def test_bounds_and_the_rows_of_transactions(server, database, conn):
    fill_packed(conn)
    keep_plain(conn)
    other = server.connect(database, autocommit=True)
    other.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
    assert other.execute("SELECT count(*) FROM packed WHERE small > 1049").fetchone() == (0,)
    with conn.transaction():
        conn.execute("INSERT INTO packed VALUES (70000, 5000, 'own', 1, '2031-01-01', 9)")
        assert conn.execute("SELECT id FROM packed WHERE small > 1049").fetchall() == [(70000,)]
        assert conn.execute("SELECT count(*) FROM packed").fetchone() == (PACKED_ROWS + 1,)
        assert conn.execute("SELECT flag, count(*) FROM packed GROUP BY flag ORDER BY flag").fetchall() == [
            ("A", 4000), ("B", 4000), ("C", 4000), ("own", 1)]
    assert conn.execute("SELECT flag FROM packed WHERE small > 1049").fetchall() == [("own",)]
    check_packed(other, other)  # as it was
    other.execute("COMMIT")
    assert other.execute("SELECT flag FROM packed WHERE small > 1049").fetchall() == [("own",)]
    other.execute("CREATE ROLE counts_nothing")
    other.execute("SET ROLE counts_nothing")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        other.execute("SELECT count(*) FROM packed")
    other.execute("RESET ROLE")
    other.execute("DROP ROLE counts_nothing")
    other.close()


def test_bounds_of_prepared_statements_and_new_leaves(server, database, conn):
    fill_packed(conn)
    conn.execute("PREPARE over (bigint) AS SELECT count(*), max(small) FROM packed WHERE small > $1")
    assert conn.execute("EXECUTE over (1049)").fetchone() == (0, None)
    other = server.connect(database, autocommit=True)
    other.execute("CREATE TABLE packed_late (LIKE packed)")
    other.execute("INSERT INTO packed_late SELECT 100000 + i, 5000 + i, 'late', 1, '2040-01-01', 1 "
                  "FROM generate_series(1, 2000) i")
    other.execute("ALTER TABLE packed ATTACH PARTITION packed_late FOR VALUES FROM (100000) TO (200000)")
    assert conn.execute("EXECUTE over (1049)").fetchone() == (2000, 7000)
    other.execute("ALTER TABLE packed ADD COLUMN added int DEFAULT 7")
    other.execute("INSERT INTO packed (id, added) VALUES (11999, -1)")
    assert conn.execute("SELECT added, count(*) FROM packed GROUP BY added ORDER BY added").fetchall() == [
        (-1, 1), (7, PACKED_ROWS + 2000)]
    other.execute("TRUNCATE packed")
    assert conn.execute("EXECUTE over (1049)").fetchone() == (0, None)
    with conn.transaction(), conn.cursor(name="slow") as cursor:
        other.execute("INSERT INTO packed (id, small) SELECT i, i FROM generate_series(0, 9999) i")
        cursor.execute("SELECT small FROM packed ORDER BY id")
        assert cursor.fetchone() == (0,)
        other.execute("INSERT INTO packed (id, small) VALUES (10001, 99999999999)")
        assert sum(value for value, in cursor.fetchall()) == sum(range(1, 10_000))
    other.close()
