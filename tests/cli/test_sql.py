"""`weir sql`: formats of its output, and a server as the database."""
import csv
import io
import json
import re

import pytest

TABLE = """
CREATE TABLE t (id int PRIMARY KEY, name text, price numeric(10,2), at timestamp, tags text[], ok boolean);
INSERT INTO t VALUES (1, 'a,"b"', 1.50, '2026-01-02 03:04:05', ARRAY['x', NULL], true), (2, NULL, NULL, NULL, NULL, false);
"""


@pytest.fixture
def database(weir):
    weir.run("sql", "--data", "db", "-c", TABLE)
    return "db"


def query(weir, database, text, how):
    return weir.run("sql", "--data", database, "--format", how, "-c", text).stdout


def test_csv_can_be_read_back(weir, database):
    printed = query(weir, database, "SELECT * FROM t ORDER BY id", "csv")
    assert list(csv.reader(io.StringIO(printed))) == [
        ["id", "name", "price", "at", "tags", "ok"],
        ["1", 'a,"b"', "1.50", "2026-01-02 03:04:05", "{x,NULL}", "t"],
        ["2", "", "", "", "", "f"]]
    assert query(weir, database, "SELECT id FROM t WHERE id > 5", "csv") == "id\n"


def test_json_is_an_array_of_rows(weir, database):
    printed = query(weir, database, "SELECT id, name, price, ok FROM t ORDER BY id", "json")
    assert json.loads(printed) == [
        {"id": 1, "name": 'a,"b"', "price": 1.5, "ok": True}, {"id": 2, "name": None, "price": None, "ok": False}]
    assert json.loads(query(weir, database, "SELECT id FROM t WHERE id > 5", "json")) == []


@pytest.mark.parametrize("expression, wanted", [
    ("ARRAY[1, 2, NULL]", [1, 2, None]),
    ("ARRAY[[1, 2], [3, 4]]", [[1, 2], [3, 4]]),
    ("ARRAY[]::int[]", []),
    ("ARRAY['a,b', 'say \"hi\"', 'back\\slash', 'NULL', NULL, '', '{}']",
     ["a,b", 'say "hi"', "back\\slash", "NULL", None, "", "{}"]),
    ("ARRAY[true, false]", [True, False]),
    ("ARRAY[1.50, 2]::numeric[]", [1.5, 2]),
    ("ARRAY['{\"a\": [1]}']::jsonb[]", [{"a": [1]}]),
    ("ARRAY[DATE '2026-01-02']", ["2026-01-02"]),
    ("NULL::int[]", None),
])
def test_arrays_are_arrays_in_json(weir, expression, wanted):
    assert json.loads(query(weir, "db", f"SELECT {expression} AS v", "json")) == [{"v": wanted}]


def test_wide_characters_take_two_cells(weir):
    printed = query(weir, "db", "SELECT * FROM (VALUES ('東京', 1), ('Köln', 22)) AS t (city, n) ORDER BY n", "table")
    assert printed == " city | n\n------+----\n 東京 |  1\n Köln | 22\n(2 rows)\n\n"


def test_a_mistake_ends_the_run(weir, database):
    done = weir.run("sql", "--data", database, "--format", "csv", "-c", "SELECT 1 AS one; SELECT nope; SELECT 2", code=1)
    assert done.stdout == "one\n1\n"
    assert 'column "nope" does not exist' in done.stderr


def test_copy_uses_standard_input_and_output(weir, database):
    data = "3,three\n4,\n"
    loaded = weir.run("sql", "--data", database, "-c", "COPY t (id, name) FROM STDIN (FORMAT csv)", input=data)
    assert loaded.stdout == "COPY 2\n"
    assert query(weir, database, "COPY (SELECT id, name FROM t WHERE id > 2 ORDER BY id) TO STDOUT CSV", "table") == data
    wrong = weir.run("sql", "--data", database, "-c", "COPY t (id) FROM STDIN", input="5\nx\n", code=1)
    assert wrong.stderr == 'ERROR:  invalid input syntax for type integer: "x"\nCONTEXT:  COPY t, line 2, column id: "x"\n'
    assert query(weir, database, "SELECT count(*) FROM t", "csv") == "count\n4\n"


def test_a_server_is_a_database_too(weir):
    weir.run("sql", "--data", "db", "-c", "CREATE TABLE far (a int PRIMARY KEY); INSERT INTO far VALUES (7)")
    server = weir.start("server", "--data", "db", "--listen", "127.0.0.1:0")
    try:
        address = re.search(r"127\.0\.0\.1:\d+", server.stdout.readline()).group(0)
        assert weir.run("sql", "--connect", address, "-c", "INSERT INTO far VALUES (8)").stdout == "INSERT 0 1\n"
        copied = weir.run("sql", "--connect", address, "-c", "COPY far FROM STDIN", input="9\n10\n")
        assert copied.stdout == "COPY 2\n"
        wrong = weir.run("sql", "--connect", address, "-c", "COPY far FROM STDIN", input="11\nx\n", code=1)
        assert "CONTEXT:  COPY far, line 2, column a" in wrong.stderr
        out = weir.run("sql", "--connect", address, "-c", "COPY (SELECT a FROM far ORDER BY a) TO STDOUT CSV").stdout
        assert out == "7\n8\n9\n10\n"
        shown = weir.run("sql", "--connect", address, "--format", "csv", "-c", "SET datestyle = german",
                         "-c", "SELECT a, date '2024-01-02' AS d FROM far WHERE a < 8").stdout
        assert shown == "a,d\n7,02.01.2024\n"
        placed = weir.run("sql", "--connect", address, "-c", "SELECT 1;\nSELECT a, nope FROM far", code=1)
        assert "LINE 2: SELECT a, nope" in placed.stderr
        refused = weir.run("sql", "--connect", address, "--files", ".", "-c", "SELECT 1", code=1)
        assert "the server's own folder" in refused.stderr
        front = weir.run("server", "--connect", address, "--sql", "127.0.0.1:0", code=1)
        assert "is a weir server, which serves SQL itself" in front.stderr
    finally:
        server.terminate()
        server.communicate()
    assert query(weir, "db", "SELECT count(*) FROM far", "csv") == "count\n4\n"


def test_one_of_data_and_connect(weir):
    assert "--data" in weir.run("sql", "-c", "SELECT 1", code=1).stderr
    weir.run("sql", "--data", "db", "--connect", "127.0.0.1:1", "-c", "SELECT 1", code=2)


def test_memory_has_a_limit(weir, database):
    much = "SELECT max(length(repeat('x', 10000000 + g % 2))) FROM generate_series(1, 1000) g"
    failed = weir.run("sql", "--data", database, "--memory-limit", "100mb", "-c", much, code=1)
    assert failed.stderr.startswith("ERROR:  out of memory\n")
    assert "--memory-limit" in failed.stderr
    done = weir.run("sql", "--data", database, "--memory-limit", "100mb", "-c", "SELECT count(*) FROM t")
    assert "2" in done.stdout
    assert "is below 0" in weir.run("sql", "--data", database, "--memory-limit=-1", "-c", "SELECT 1", code=2).stderr


def test_what_keeps_a_directory_from_being_made(weir):
    assert "cannot create database '/proc/x': No such file or directory" in weir.error("sql", "--data", "/proc/x", "-c", "SELECT 1")
    assert "its parent directory" in weir.error("sql", "--data", "not/there/db", "-c", "SELECT 1")


def test_statements_are_typed_at_a_terminal(weir, tmp_path):
    import os
    import pty
    import subprocess

    from conftest import BINARY

    here, there = pty.openpty()
    typed = subprocess.Popen([BINARY, "sql", "--data", "db"], cwd=tmp_path, stdin=there, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)
    os.close(there)
    os.write(here, b"SELECT 40 +\n2 AS n;\nSELECT nope;\nSELECT 'a;\nb' AS t;\n\\q\n")
    out, err = typed.communicate(timeout=60)
    os.close(here)
    assert typed.returncode == 0
    assert out.startswith("fluss=> fluss-> ") and "\n 42\n" in out and "a↵b" in out or "a" in out
    assert err.count("ERROR:") == 1 and 'column "nope" does not exist' in err
