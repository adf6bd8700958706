"""Types that users make: enums as drivers, psql, pg_dump and Fluss clients see them."""
from __future__ import annotations

import asyncio
import datetime as dt
import enum

import asyncpg
import psycopg
import pytest
import sqlalchemy as sa
from psycopg.types.enum import EnumInfo, register_enum
from psycopg.types.range import Range, RangeInfo, register_range

from test_dump import dump

MOOD = "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')"


class Mood(enum.Enum):
    sad = "sad"
    ok = "ok"
    happy = "happy"


def values(conn, query, *arguments):
    return [row[0] for row in conn.execute(query, *arguments).fetchall()]


def test_psycopg(conn):
    conn.execute(MOOD)
    register_enum(EnumInfo.fetch(conn, "mood"), conn, Mood)
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, m mood, ms mood[])")
    for binary in (False, True):
        conn.execute("DELETE FROM t")
        with conn.cursor(binary=binary) as cursor:
            cursor.executemany("INSERT INTO t VALUES (%s, %s, %s)",
                               [(1, Mood.happy, [Mood.sad]), (2, Mood.sad, []), (3, None, [Mood.ok, None])])
            rows = cursor.execute("SELECT id, m, ms FROM t WHERE m < %s OR m IS NULL ORDER BY m", [Mood.happy]).fetchall()
        assert rows == [(2, Mood.sad, []), (3, None, [Mood.ok, None])]
    assert values(conn, "SELECT id FROM t WHERE m = %s", ["happy"]) == [1]  # of a type that is not said
    with pytest.raises(psycopg.errors.InvalidTextRepresentation, match='invalid input value for enum mood: "angry"'):
        conn.execute("INSERT INTO t VALUES (4, %s)", ["angry"])
    with conn.cursor().copy("COPY t (id, m) FROM STDIN") as copy:
        copy.write_row((5, "ok"))
    with pytest.raises(psycopg.errors.InvalidTextRepresentation):
        with conn.cursor().copy("COPY t (id, m) FROM STDIN") as copy:
            copy.write_row((6, "nix"))
    with conn.cursor().copy("COPY (SELECT m, ms FROM t ORDER BY m) TO STDOUT") as copy:
        assert b"".join(copy).decode() == "sad\t{}\nok\t\\N\nhappy\t{sad}\n\\N\t{ok,NULL}\n"


def test_asyncpg(server, database):
    async def work():
        connection = await asyncpg.connect(host="127.0.0.1", port=server.port, user="tester", database=database)
        try:
            await connection.execute(MOOD)
            await connection.execute("CREATE TABLE t (id int, m mood, ms mood[])")
            await connection.executemany("INSERT INTO t VALUES ($1, $2, $3)",
                                         [(1, "happy", ["sad", "ok"]), (2, "sad", []), (3, None, None)])
            with pytest.raises(asyncpg.InvalidTextRepresentationError):
                await connection.execute("INSERT INTO t VALUES (4, $1)", "angry")
            await connection.copy_records_to_table("t", records=[(5, "ok", ["ok"])], columns=["id", "m", "ms"])
            return [tuple(row) for row in await connection.fetch("SELECT * FROM t WHERE m >= $1 ORDER BY m", "sad")]
        finally:
            await connection.close()
    assert asyncio.run(work()) == [(2, "sad", []), (5, "ok", ["ok"]), (1, "happy", ["sad", "ok"])]


def test_sqlalchemy(server, database):
    engine = sa.create_engine(f"postgresql+psycopg://tester@127.0.0.1:{server.port}/{database}")
    made = sa.MetaData()
    table = sa.Table("t", made, sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
                     sa.Column("m", sa.Enum(Mood), nullable=False, server_default="ok"))
    made.create_all(engine)
    made.create_all(engine)  # sees that it is there
    with engine.begin() as connection:
        connection.execute(table.insert(), [{"id": 1, "m": Mood.happy}, {"id": 2, "m": Mood.sad}])
        connection.execute(table.insert(), [{"id": 3}])
        found = connection.execute(sa.select(table.c.id).where(table.c.m < Mood.happy).order_by(table.c.m)).all()
        assert found == [(2,), (3,)]
    column = sa.inspect(engine).get_columns("t")[1]
    assert column["type"].enums == ["sad", "ok", "happy"] and column["default"] == "'ok'::mood"
    made.drop_all(engine)
    assert sa.inspect(engine).get_enums() == []
    engine.dispose()


def test_psql(server, database, conn):
    conn.execute(MOOD)
    conn.execute("CREATE TABLE t (id int, m mood DEFAULT 'ok' CHECK (m <> 'sad'::mood), ms mood[])")
    listed = server.psql("-A", "-t", "-c", r"\dT+ mood", database=database).splitlines()
    assert listed[0].startswith("public|mood|mood|4|sad")
    assert [line.split("|")[0] for line in listed[1:3]] == ["ok", "happy"]
    shown = server.psql("-A", "-t", "-c", r"\d t", database=database)
    assert "m|mood|||'ok'::mood\nms|mood[]|||\n" in shown
    shown = server.psql("-c", r"\d t", database=database)
    assert "CHECK (m <> 'sad'::mood)" in shown


def test_transactions_and_concurrent_sessions(server, database, conn):
    conn.autocommit = False
    conn.execute(MOOD)
    conn.execute("CREATE TABLE t (m mood)")
    conn.execute("INSERT INTO t VALUES ('ok')")
    with server.connect(database, autocommit=True) as other:
        with pytest.raises(psycopg.errors.UndefinedObject):
            other.execute("SELECT 'ok'::mood")
        conn.commit()
        assert values(other, "SELECT 'ok'::mood") == ["ok"]
        conn.execute("ALTER TYPE mood ADD VALUE 'great'")
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            other.execute("SELECT 'great'::mood")
        conn.rollback()
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            other.execute("SELECT 'great'::mood")
        conn.execute("ALTER TYPE mood ADD VALUE 'great'")
        conn.commit()
        other.execute("INSERT INTO t VALUES ('great')")
    conn.execute("SAVEPOINT s")
    conn.execute("CREATE TYPE other AS ENUM ('x')")
    conn.execute("ROLLBACK TO s")
    with pytest.raises(psycopg.errors.UndefinedObject):
        conn.execute("SELECT 'x'::other")
    conn.rollback()
    assert values(conn, "SELECT m FROM t ORDER BY m DESC") == ["great", "ok"]


def test_definitions_follow_the_name_of_the_type(conn):
    conn.execute(MOOD)
    conn.execute("CREATE TABLE t (id int, m mood DEFAULT 'sad'::mood CHECK (m < 'happy'::mood))")
    conn.execute("CREATE VIEW v AS SELECT m, 'ok'::mood AS best FROM t")
    conn.execute("ALTER TYPE mood RENAME TO feeling")
    conn.execute("INSERT INTO t VALUES (1, DEFAULT)")
    assert conn.execute("SELECT * FROM v").fetchall() == [("sad", "ok")]
    assert "'ok'::feeling" in values(conn, "SELECT pg_get_viewdef('v'::regclass)")[0]
    assert values(conn, "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 't_m_check' "
                        "AND connamespace = 'public'::regnamespace") == [
        "CHECK ((m < 'happy'::feeling))"]
    assert values(conn, "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 't'::regclass") == ["'sad'::feeling"]
    with pytest.raises(psycopg.errors.DependentObjectsStillExist) as caught:
        conn.execute("DROP TYPE feeling")
    assert "column m of table t depends on type feeling" in caught.value.diag.message_detail
    conn.execute("DROP TYPE feeling CASCADE")
    assert values(conn, "SELECT count(*) FROM pg_type WHERE typtype = 'e' AND typnamespace = 'public'::regnamespace") == [0]


def test_owners(start_server):
    server = start_server()
    with server.connect(user="weir", autocommit=True) as conn:
        conn.execute(MOOD)
        conn.execute("CREATE USER someone")
        with server.connect(user="someone", autocommit=True) as other:
            assert values(other, "SELECT 'ok'::mood > 'sad'") == [True]
            for statement in ("DROP TYPE mood", "ALTER TYPE mood ADD VALUE 'x'"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege, match="must be owner of type mood"):
                    other.execute(statement)
            conn.execute("ALTER TYPE mood OWNER TO someone")
            other.execute("ALTER TYPE mood ADD VALUE 'x'")
            other.execute("DROP TYPE mood")


def test_after_a_restart(start_server):
    server = start_server()
    with server.connect(autocommit=True) as conn:
        conn.execute(MOOD)
        conn.execute("ALTER TYPE mood ADD VALUE 'fine' BEFORE 'happy'")
        conn.execute("CREATE TABLE t (m mood, n int) PARTITION BY RANGE (m)")
        conn.execute("CREATE TABLE low PARTITION OF t FOR VALUES FROM ('sad') TO ('fine')")
        conn.execute("CREATE TABLE high PARTITION OF t FOR VALUES FROM ('fine') TO (MAXVALUE)")
        conn.execute("INSERT INTO t VALUES ('happy', 1), ('ok', 2), ('fine', 3), ('sad', 4)")
    assert server.stop() == 0
    with start_server().connect(autocommit=True) as conn:
        assert values(conn, "SELECT n FROM t ORDER BY m") == [4, 2, 3, 1]
        assert values(conn, "SELECT n FROM high ORDER BY n") == [1, 3]
        assert values(conn, "SELECT enum_range(NULL::mood)::text") == ["{sad,ok,fine,happy}"]


def test_dumps(start_server):
    server = start_server()
    with server.connect(user="weir", autocommit=True) as conn:
        conn.execute(MOOD)
        conn.execute("CREATE TABLE t (m mood DEFAULT 'ok', c mood CHECK (c <> 'sad'::mood))")
        conn.execute("INSERT INTO t VALUES ('happy', 'ok')")
    dumped = dump(server, "fluss")
    for part in ("CREATE TYPE public.mood AS ENUM (\n    'sad',\n    'ok',\n    'happy'\n);",
                 "m public.mood DEFAULT 'ok'::public.mood", "(c <> 'sad'::public.mood)", "happy\tok"):
        assert part in dumped, dumped


def test_fluss_clients_read_and_write_labels(client, conn, database):
    conn.execute(MOOD)
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, m mood)")
    conn.execute("INSERT INTO t VALUES (1, 'happy'), (2, 'sad')")
    table = client.get_table(f"{database}.t")
    assert sorted(zip(*table.new_scan().to_arrow().to_pydict().values())) == [(1, "happy"), (2, "sad")]
    with table.new_upsert().create_writer() as writer:
        writer.upsert({"id": 3, "m": "ok"})
    assert values(conn, "SELECT id FROM t ORDER BY m") == [2, 3, 1]
    with pytest.raises(Exception, match='invalid input value for enum mood: "angry"'):
        with table.new_upsert().create_writer() as writer:
            writer.upsert({"id": 4, "m": "angry"})


DOMAIN = "CREATE DOMAIN positive AS int CHECK (value > 0)"


def test_domains_hold_rows_of_every_way(conn):
    conn.execute(DOMAIN)
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, n positive) PARTITION BY HASH (id)")
    conn.execute("CREATE TABLE t_0 PARTITION OF t FOR VALUES WITH (MODULUS 1, REMAINDER 0)")
    conn.execute("INSERT INTO t VALUES (1, %s)", [5])
    violates = 'value for domain positive violates check constraint "positive_check"'
    for statement in ("INSERT INTO t VALUES (2, -1)", "INSERT INTO t SELECT 2, -1", "UPDATE t SET n = n - 5",
                      "INSERT INTO t VALUES (1, 2) ON CONFLICT (id) DO UPDATE SET n = -excluded.n", "SELECT (-1)::positive",
                      "INSERT INTO t_0 VALUES (2, 0)"):
        with pytest.raises(psycopg.errors.CheckViolation, match=violates) as caught:
            conn.execute(statement)
        assert caught.value.diag.constraint_name == "positive_check"
    with pytest.raises(psycopg.errors.CheckViolation, match=violates):
        with conn.cursor().copy("COPY t FROM STDIN") as copy:
            copy.write_row((2, 0))
    assert conn.execute("SELECT * FROM t").fetchall() == [(1, 5)]
    assert conn.execute("SELECT n FROM t").description[0].type_code == 23  # clients see what it is over
    with pytest.raises(psycopg.errors.CheckViolation, match='column "n" of table "t" contains values that violate'):
        conn.execute("ALTER DOMAIN positive ADD CONSTRAINT few CHECK (value < 3)")
    conn.execute("ALTER DOMAIN positive ADD CONSTRAINT few CHECK (value < 9)")
    with pytest.raises(psycopg.errors.CheckViolation, match='violates check constraint "few"'):
        conn.execute("UPDATE t SET n = 9")


def test_domains_in_blocks(conn):
    conn.execute(DOMAIN)
    conn.autocommit = False
    with pytest.raises(psycopg.errors.FeatureNotSupported):  # nobody would know of it before the end
        conn.execute("ALTER DOMAIN positive ADD CHECK (value < 9)")
    conn.rollback()
    conn.execute("CREATE DOMAIN small AS int")
    conn.execute("ALTER DOMAIN small ADD CHECK (value < 9)")
    with pytest.raises(psycopg.errors.CheckViolation):
        conn.execute("SELECT 9::small")
    conn.rollback()
    with pytest.raises(psycopg.errors.UndefinedObject):
        conn.execute("SELECT 9::small")


def test_domains_as_psql_and_pg_dump_see_them(start_server):
    server = start_server()
    with server.connect(user="weir", autocommit=True) as conn:
        conn.execute(DOMAIN)
        conn.execute("CREATE TABLE t (n positive DEFAULT 1)")
    assert "public|positive|integer||||CHECK (VALUE > 0)" in server.psql("-A", "-t", "-c", r"\dD")
    dumped = dump(server, "fluss")
    for part in ("CREATE DOMAIN public.positive AS integer\n\tCONSTRAINT positive_check CHECK ((VALUE > 0));",
                 "n public.positive DEFAULT 1"):
        assert part in dumped, dumped


GRID = [[1, 2], [3, None]]


def test_arrays_of_any_dimensions(conn):
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, a int[][], at timestamptz[][], flat int[])")
    when = [[dt.datetime(2024, 7, 1, 12, tzinfo=dt.timezone.utc)], [None]]
    for binary in (False, True):
        conn.execute("DELETE FROM t")
        with conn.cursor(binary=binary) as cursor:
            cursor.executemany("INSERT INTO t VALUES (%s, %s, %s, %s)", [(1, GRID, when, [1]), (2, [7], [], [])])
            assert cursor.execute("SELECT a, at, flat FROM t ORDER BY id").fetchall() == [(GRID, when, [1]), ([7], [], [])]
            assert cursor.execute("SELECT id FROM t WHERE a = %s::int[]", [GRID]).fetchall() == [(1,)]
            assert cursor.execute("SELECT id FROM t WHERE 3 = ANY(a)").fetchall() == [(1,)]
            assert cursor.execute("SELECT a || %s::int[] FROM t WHERE id = 1", [[[5, 6]]]).fetchone() == ([*GRID, [5, 6]],)
            cursor.execute("UPDATE t SET a[1][1] = %s WHERE id = 1", [9])
            assert cursor.execute("SELECT a[1][1], a[1:1], array_dims(a) FROM t WHERE id = 1").fetchone() == (
                9, [[9, 2]], "[1:2][1:2]")
    for _ in range(7):  # prepared from the sixth on, for one dimension and then for two
        assert conn.execute("SELECT cardinality(%s::int[])", [[1, 2]]).fetchone() == (2,)
    assert conn.execute("SELECT cardinality(%s::int[])", [[[1, 2], [3, 4]]], prepare=True).fetchone() == (4,)
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="an array of 2 dimensions is not supported here"):
        conn.execute("INSERT INTO t (id, flat) VALUES (3, %s)", [GRID])
    conn.execute("SET timezone = 'Europe/Berlin'")
    assert values(conn, "SELECT at::text FROM t WHERE id = 1") == ['{{"2024-07-01 14:00:00+02"},{NULL}}']
    with conn.cursor().copy("COPY t (id, a) FROM STDIN") as copy:
        copy.write_row((5, "[0:1]={5,6}"))
    assert values(conn, "SELECT a::text FROM t WHERE id = 5") == ["[0:1]={5,6}"]
    conn.execute("CREATE TABLE u AS SELECT id, a FROM t")
    assert values(conn, "SELECT a::text FROM u WHERE id = 1") == ["{{9,2},{3,NULL}}"]


def test_fluss_clients_see_texts_of_arrays_and_times(client, conn, database):
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, a int[][], flat int[], t time, t3 time(3))")
    conn.execute("INSERT INTO t VALUES (1, '{{1,2},{3,4}}', '{1}', '12:30:00.000001', '12:30:00.001')")
    table = client.get_table(f"{database}.t")
    rows = table.new_scan().to_arrow().to_pylist()
    assert rows == [{"id": 1, "a": "{{1,2},{3,4}}", "flat": [1], "t": "12:30:00.000001", "t3": dt.time(12, 30, 0, 1000)}]


def test_transaction_numbers_have_binary_forms(conn):
    with conn.cursor(binary=True) as cursor:
        cursor.execute("SELECT '18446744073709551615'::xid8, '7'::xid8")
        assert [cursor.pgresult.get_value(0, i) for i in (0, 1)] == [b"\xff" * 8, bytes(7) + b"\x07"]


def test_ranges(conn):
    conn.execute("CREATE TYPE clock AS RANGE (SUBTYPE = time)")
    conn.execute("CREATE TABLE t (id int, c clock, cs clock_multirange, many clock[])")
    info = RangeInfo.fetch(conn, "clock")
    register_range(info, conn)
    morning = Range(dt.time(8), dt.time(12, 30))
    for binary in (False, True):
        conn.execute("DELETE FROM t")
        with conn.cursor(binary=binary) as cursor:
            cursor.execute("INSERT INTO t VALUES (1, %s, NULL, %s), (2, 'empty', '{[08:00,09:00)}', '{}')",
                           [morning, [morning]])
            assert cursor.execute("SELECT c, many FROM t ORDER BY id").fetchall() == [
                (morning, [morning]), (Range(empty=True), [])]
            assert cursor.execute("SELECT id FROM t WHERE c @> %s", [dt.time(9)]).fetchall() == [(1,)]
