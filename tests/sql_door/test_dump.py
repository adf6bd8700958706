"""What PostgreSQL 15's own programs ask of the catalogs: pg_dump, pg_dumpall, psql's lists, createdb and its like."""
from __future__ import annotations

import os
import pathlib
import shutil
import subprocess

import psycopg
import pytest

HERE = pathlib.Path(__file__).parent
PLACE = "/usr/lib/postgresql/15/bin"

SCHEMA = """
CREATE TABLE ev (id bigint NOT NULL, at timestamptz NOT NULL DEFAULT now(), v numeric(10,2) CHECK (v >= 0),
                 name varchar(20) DEFAULT 'x', tags text[]) PARTITION BY RANGE (at);
CREATE TABLE ev_2024 PARTITION OF ev FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE ev_def PARTITION OF ev DEFAULT;
CREATE INDEX ev_id ON ev (id);
CREATE TABLE cust (id serial PRIMARY KEY, name text UNIQUE, g int GENERATED ALWAYS AS IDENTITY);
CREATE TABLE l (a int, b text, PRIMARY KEY (a, b)) PARTITION BY LIST (b);
CREATE TABLE l_x PARTITION OF l FOR VALUES IN ('x', 'y') PARTITION BY HASH (a);
CREATE TABLE l_x0 PARTITION OF l_x FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE l_x1 PARTITION OF l_x FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE l_z PARTITION OF l FOR VALUES IN ('z');
CREATE TABLE town (name text, n int DEFAULT 3 CHECK (n > 0));
CREATE TABLE capital (state text, n int DEFAULT 5) INHERITS (town);
CREATE SEQUENCE s START 5 INCREMENT 3;
CREATE VIEW cv AS SELECT id, name FROM cust WHERE id > 0;
COMMENT ON TABLE cust IS 'customers';
COMMENT ON COLUMN cust.name IS 'the name';
GRANT SELECT ON cust TO PUBLIC;
GRANT UPDATE ON ev TO reader WITH GRANT OPTION;
INSERT INTO ev VALUES (1, '2024-05-05', 3.5, 'a', '{q,r}'), (2, '2026-05-05', 4, NULL, NULL);
INSERT INTO cust(name) VALUES ('aa'), ('bb');
INSERT INTO l VALUES (1, 'x'), (2, 'y'), (3, 'z');
INSERT INTO town VALUES ('Bonn', 1);
INSERT INTO capital VALUES ('Rome', 2, 'it');
SELECT nextval('s');
"""


def program(name: str) -> str:
    path = shutil.which(name) or (f"{PLACE}/{name}" if os.path.exists(f"{PLACE}/{name}") else None)
    if path is None:
        pytest.skip(f"there is no {name} here")
    return path


def run(server, name: str, *arguments: str, code: int = 0) -> str:
    environment = {**os.environ, "PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGUSER": "weir", "LC_ALL": "C.UTF-8"}
    done = subprocess.run([program(name), *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=120)
    assert done.returncode == code, done.stdout
    return done.stdout


def dump(server, *arguments: str) -> str:
    """Without comments, and the tokens that newer programs put around it."""
    lines = run(server, "pg_dump", *arguments).splitlines()
    return "\n".join(line for line in lines if line and not line.startswith(("--", "\\restrict", "\\unrestrict")))


@pytest.fixture
def filled(start_server):
    server = start_server()
    with server.connect(user="weir", autocommit=True) as connection:
        connection.execute("CREATE ROLE reader")
        connection.execute(SCHEMA)
    return server


def without_grants_to_owner(dumped: str) -> str:
    """The schema public of a database that a user has made belongs to that user, which its dump says."""
    lines = ["REVOKE ALL ON SCHEMA public FROM pg_database_owner;", "SET SESSION AUTHORIZATION weir;",
             "GRANT ALL ON SCHEMA public TO weir;", "RESET SESSION AUTHORIZATION;"]
    return "\n".join(line for line in dumped.split("\n") if line not in lines)


def test_a_dump_is_loaded_again(filled, tmp_path: pathlib.Path):
    original = dump(filled, "fluss")
    for part in ["CREATE TABLE public.ev (", "PARTITION BY RANGE (at)", "CREATE VIEW public.cv AS",
                 "SELECT pg_catalog.set_config('search_path', '', false);",
                 "ALTER TABLE ONLY public.ev ATTACH PARTITION public.ev_2024 FOR VALUES FROM",
                 "SET DEFAULT nextval('public.cust_id_seq'::regclass);",
                 "ADD CONSTRAINT l_pkey PRIMARY KEY (a, b);", "INHERITS (public.town);", "ALTER INDEX public.l_pkey ATTACH PARTITION",
                 "GRANT SELECT ON TABLE public.cust TO PUBLIC;", "GRANT UPDATE ON TABLE public.ev TO reader WITH GRANT OPTION;",
                 "COMMENT ON COLUMN public.cust.name IS 'the name';", "COPY public.cust (id, name, g) FROM stdin;",
                 "SELECT pg_catalog.setval('public.s', 5, true);"]:
        assert part in original
    assert "COMMENT ON SCHEMA" not in original
    file = tmp_path / "dump.sql"
    file.write_text(original)
    run(filled, "createdb", "copy")
    loaded = filled.psql("-q", "-v", "ON_ERROR_STOP=1", "-f", str(file), database="copy", user="weir")
    assert "ERROR" not in loaded
    assert without_grants_to_owner(dump(filled, "-N", "fluss", "copy")) == original
    with filled.connect("copy", user="weir", autocommit=True) as connection:
        assert connection.execute("SELECT * FROM l ORDER BY a").fetchall() == [(1, "x"), (2, "y"), (3, "z")]
        assert connection.execute("SELECT tableoid::regclass::text, * FROM town ORDER BY name").fetchall() \
            == [("town", "Bonn", 1), ("capital", "Rome", 2)]
        assert connection.execute("SELECT * FROM capital").fetchall() == [("Rome", 2, "it")]
        assert connection.execute("INSERT INTO cust(name) VALUES ('cc') RETURNING id, g").fetchone() == (3, 3)
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO l VALUES (1, 'x')")
        assert connection.execute("SELECT indisprimary, indisvalid FROM pg_index WHERE indrelid = 'l'::regclass").fetchall() \
            == [(True, True)]


def test_parts_of_a_database_are_dumped(filled):
    schema = dump(filled, "--schema-only", "fluss")
    assert "CREATE TABLE public.cust (" in schema and "COPY" not in schema and "setval" not in schema
    one = dump(filled, "-t", "public.cust", "fluss")
    assert "CREATE TABLE public.cust (" in one and "public.ev" not in one
    data = dump(filled, "--data-only", "--inserts", "-t", "l_z", "fluss")
    assert "INSERT INTO public.l_z VALUES (3, 'z');" in data


def test_roles_are_dumped(filled):
    roles = run(filled, "pg_dumpall", "--globals-only", "-l", "fluss")
    for part in ["CREATE ROLE reader;", "CREATE ROLE weir;", "GRANT admin TO root WITH ADMIN OPTION"]:
        assert part in roles
    assert "pg_monitor" not in roles
    assert "CREATE TABLE public.ev (" in run(filled, "pg_dumpall", "-l", "fluss")


def test_programs_that_make_databases_and_users(server):
    run(server, "createdb", "made_db")
    run(server, "createdb", "made_db", code=1)
    run(server, "dropdb", "made_db")
    run(server, "createuser", "made_user")
    run(server, "dropuser", "made_user")
    run(server, "pg_isready")


LISTS = [
    "\\d", "\\d+", "\\d+ ev", "\\d+ cust", "\\d ev_2024", "\\d+ l_x", "\\d s", "\\d+ cv", "\\d ev_id", "\\d l_pkey", "\\l",
    "\\l+", "\\dn", "\\dn+", "\\dp", "\\du", "\\du+", "\\dx", "\\df", "\\df+", "\\df *.upper", "\\do", "\\do *.<", "\\dT",
    "\\dT+ *.int4", "\\di+", "\\dt+", "\\dv+", "\\ds+", "\\dm", "\\dE", "\\dC", "\\dC+", "\\dc", "\\dc+", "\\dO", "\\dO+",
    "\\sv cv", "\\da", "\\dA", "\\dA+", "\\dAc", "\\dAf", "\\dAo", "\\dAp", "\\db", "\\db+", "\\dd", "\\dD", "\\ddp", "\\des",
    "\\det", "\\deu", "\\dew", "\\dF", "\\dFd", "\\dFp", "\\dFt", "\\dg", "\\dL", "\\dL+", "\\dP", "\\dP+", "\\dPn",
    "\\drds", "\\dRp", "\\dRs", "\\dX", "\\dy", "\\z", "\\dconfig", "\\dconfig+ work_mem", "\\dl",
]


def test_a_dump_says_of_the_schema_public_what_was_granted(start_server):
    server = start_server()
    said = [line for line in dump(server, "postgres").splitlines() if "SCHEMA public" in line]
    assert said == []
    with server.connect("postgres", "weir", autocommit=True) as conn:
        conn.execute("CREATE ROLE maker")
        assert conn.execute("SELECT has_schema_privilege('maker', 'public', 'USAGE'),"
                            " has_schema_privilege('maker', 'public', 'CREATE')").fetchone() == (True, False)
        conn.execute("GRANT CREATE ON SCHEMA public TO maker")
        assert "GRANT CREATE ON SCHEMA public TO maker;" in dump(server, "postgres").splitlines()
        conn.execute("REVOKE USAGE ON SCHEMA public FROM PUBLIC")
        assert "REVOKE USAGE ON SCHEMA public FROM PUBLIC;" in dump(server, "postgres").splitlines()


def test_psql_lists_everything(filled):
    failed = {}
    for command in LISTS:
        shown = filled.psql("-c", command, user="weir")
        if "ERROR" in shown:
            failed[command] = shown
    assert failed == {}


def objects(dumped: str) -> dict[str, str]:
    """What a dump says of each object: the order of equals is that of OIDs."""
    parts = dumped.split("\n--\n-- Name: ")[1:]
    return {part.split("\n", 1)[0]: part.split("\n", 1)[1].split("\n\\unrestrict")[0].split("\n-- PostgreSQL database dump complete")[0]
            .strip("-\n ") for part in parts}


def test_a_dump_says_what_postgresql_s_says(server, conn, database):
    conn.execute((HERE / "dumped.sql").read_text())
    try:
        expected = objects("\n" + (HERE / "dumped.expected").read_text())
        assert objects(server.dump("-s", "-O", "-n", "dumpedapp", database)) == expected
    finally:
        conn.execute("DROP SCHEMA dumpedapp CASCADE")
