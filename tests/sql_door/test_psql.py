"""psql: a session with all that it prints, and the examples of the guide."""
from __future__ import annotations

import os
import pathlib
import re
import subprocess

HERE = pathlib.Path(__file__).parent
GUIDE = HERE.parents[1] / "docs" / "sql.md"
BLOCK = re.compile(r"^```(sql|text)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_a_session(server, database):
    printed = server.psql("-a", "-f", str(HERE / "session.sql"), database=database)
    printed = re.sub(r"psql:\S*session\.sql:\d+: ", "", printed)
    assert printed == (HERE / "session.expected").read_text()


def test_commands_of_one_call(server, database):
    assert server.psql("-At", "-c", "CREATE TABLE t (a int)", "-c", "INSERT INTO t VALUES (1), (2)",
                       "-c", "SELECT sum(a) FROM t", database=database) == "CREATE TABLE\nINSERT 0 2\n3\n"
    wrong = server.psql("-c", "SELECT 1 FROM nowhere", database=database, code=1)
    assert wrong == 'ERROR:  relation "nowhere" does not exist\nLINE 1: SELECT 1 FROM nowhere\n                      ^\n'


def test_copy(server, database, tmp_path):
    server.psql("-c", "CREATE TABLE t (a int, b text)", database=database)
    data = "1,one\n2,\n3,\"th,ree\"\n"
    assert server.psql("-c", "\\copy t FROM STDIN CSV", database=database, text=data) == "COPY 3\n"
    assert server.psql("-c", "COPY (SELECT * FROM t ORDER BY a) TO STDOUT CSV", database=database) == data


def test_conninfo(server):
    assert 'You are connected to database "fluss" as user "tester"' in server.psql("-c", "\\conninfo")


def examples(guide: pathlib.Path = GUIDE) -> list[tuple[int, str, str | None]]:
    """The statements of the guide with the line they are on, and what they print where the guide says so."""
    text = guide.read_text()
    found: list[tuple[int, str, str | None]] = []
    for match in BLOCK.finditer(text):
        if match.group(1) == "sql":
            found.append((text.count("\n", 0, match.start()) + 1, match.group(2), None))
        elif found and found[-1][2] is None:
            found[-1] = (*found[-1][:2], match.group(2))
    return found


def test_the_guide(start_server, tmp_path):
    files = tmp_path / "files"
    files.mkdir()
    (files / "orders-2023.csv").write_text("id,placed,total\n1,2023-03-04,19.90\n2,2023-11-30,5\n")
    server = start_server("--files", str(files))
    database = "guide"
    server.psql("-c", f"CREATE DATABASE {database}")
    seen = 0
    for line, statements, expected in examples():
        printed = server.psql("-q", "-v", "ON_ERROR_STOP=0", "-f", "-", database=database, text=statements)
        printed = re.sub(r"psql:<stdin>:\d+: ", "", printed)
        if expected is None:
            assert "ERROR" not in printed, f"docs/sql.md:{line}\n{printed}"
        else:
            assert printed.strip() == expected.strip(), f"docs/sql.md:{line}"
        seen += 1
    assert seen > 5


def test_the_guide_for_users_of_postgresql(server, database):
    shown = examples(GUIDE.parent / "guides" / "from-postgresql.md")
    assert len(shown) >= 2
    for line, statements, expected in shown:
        printed = server.psql("-q", "-v", "ON_ERROR_STOP=1", "-f", "-", database=database, text=statements)
        assert printed.strip() == expected.strip(), f"line {line}"


def test_what_describes_tables(server, database):
    """\\d and its family: as PostgreSQL 15 answers the same script."""
    printed = server.psql("-a", "-f", str(HERE / "describe.sql"), database=database)
    printed = re.sub(r"psql:\S*describe\.sql:\d+: ", "", printed)
    assert printed.splitlines() == (HERE / "describe.expected").read_text().splitlines()


def test_tables_that_inherit(server, database):
    """Their NOTICEs and descriptions: as PostgreSQL 15 answers the same script."""
    printed = server.psql("-a", "-f", str(HERE / "inheritance.sql"), database=database)
    printed = re.sub(r"psql:\S*inheritance\.sql:\d+: ", "", printed)
    assert printed.splitlines() == (HERE / "inheritance.expected").read_text().splitlines()


def test_what_describes_functions(server, database):
    """\\df, \\da, \\do, \\dC and \\dT: as PostgreSQL 15 answers, but without its descriptions."""
    printed = server.psql("-a", "-f", str(HERE / "vocabulary.sql"), database=database)
    assert printed.splitlines() == (HERE / "vocabulary.expected").read_text().splitlines()


def test_databases_and_schemas(server, database):
    listed = server.psql("-At", "-c", "\\l", database=database).splitlines()
    assert f"{database}|weir|UTF8|C.UTF-8|C.UTF-8||libc|" in listed
    assert "public|pg_database_owner" in server.psql("-At", "-c", "\\dn", database=database).splitlines()
    server.psql("-c", f"CREATE TABLE {database}.here (a int)", database="fluss")
    assert f'Table "{database}.here"' in server.psql("-c", f"\\d {database}.here", database="fluss")
    assert "here" not in server.psql("-c", "\\dt", database="fluss")


def test_tools_connect_to_the_maintenance_databases(server):
    environment = {**os.environ, "PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGUSER": "tester"}
    subprocess.run(["createdb", "tooled"], env=environment, check=True, timeout=60)
    assert server.psql("-Atc", "SELECT 1", database="tooled") == "1\n"
    subprocess.run(["dropdb", "tooled"], env=environment, check=True, timeout=60)
    assert server.psql("-Atc", "CREATE TABLE t (a int); INSERT INTO t VALUES (1); SELECT * FROM t",
                       database="template1").endswith("1\n")
    assert "template1" in server.psql("-Atc", "SELECT datname FROM pg_database", database="postgres")
