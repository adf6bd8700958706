"""Whose rights the bodies of functions and the queries of views have; what errors show of rows, and to whom."""

import psycopg
import pytest


@pytest.fixture
def owner(start_server):
    with start_server().connect(user="weir", autocommit=True) as connection:
        connection.execute("CREATE ROLE reader; CREATE SCHEMA app; GRANT USAGE ON SCHEMA app TO reader; "
                           "SET search_path = app, public; "
                           "CREATE TABLE secret (id int PRIMARY KEY, a int NOT NULL, b text); "
                           "INSERT INTO secret VALUES (1, 10, 'x'), (2, 20, 'y')")
        yield connection


def as_reader(connection, statement, parameters=None):
    """All rows, or the SQLSTATE, text and detail of the error."""
    connection.execute("SET ROLE reader")
    try:
        done = connection.execute(statement, parameters)
        return done.fetchall() if done.description else None
    except psycopg.Error as error:
        return error.sqlstate, error.diag.message_primary, error.diag.message_detail
    finally:
        connection.execute("RESET ROLE")


DENIED = ("42501", "permission denied for table secret", None)


def test_a_function_may_have_its_owners_rights(owner):
    owner.execute("CREATE FUNCTION of_caller(k int) RETURNS text STABLE LANGUAGE sql AS "
                  "'SELECT b FROM app.secret WHERE id = k'")
    owner.execute("CREATE FUNCTION of_owner(k int) RETURNS text STABLE SECURITY DEFINER LANGUAGE sql AS "
                  "'SELECT b FROM app.secret WHERE id = (SELECT max(id) FROM app.secret WHERE id <= k)'")
    owner.execute("CREATE FUNCTION rows() RETURNS SETOF app.secret SECURITY DEFINER LANGUAGE sql AS "
                  "'SELECT * FROM app.secret'")
    assert as_reader(owner, "SELECT app.of_caller(1)") == DENIED
    assert as_reader(owner, "SELECT app.of_owner(1)") == [("x",)]
    assert as_reader(owner, "SELECT id, b FROM app.rows() ORDER BY 1") == [(1, "x"), (2, "y")]
    owner.execute("ALTER FUNCTION of_owner(int) SECURITY INVOKER")
    assert as_reader(owner, "SELECT app.of_owner(1)") == DENIED
    owner.execute("ALTER FUNCTION of_owner(int) SECURITY DEFINER IMMUTABLE STRICT COST 7")
    assert as_reader(owner, "SELECT app.of_owner(2)") == [("y",)]
    assert owner.execute("SELECT prosecdef, provolatile, proisstrict, procost FROM pg_proc WHERE proname = 'of_owner'"
                         ).fetchone() == (True, "i", True, 7)


def test_rights_of_a_function_reach_as_far_as_its_body(owner):
    owner.execute("CREATE FUNCTION inner_one() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM app.secret'")
    owner.execute("CREATE FUNCTION outer_one() RETURNS bigint SECURITY DEFINER LANGUAGE sql AS "
                  "'SELECT app.inner_one()'")
    owner.execute("CREATE FUNCTION me() RETURNS text SECURITY DEFINER LANGUAGE sql AS "
                  "'SELECT current_user || '' for '' || session_user'")
    assert as_reader(owner, "SELECT app.outer_one()") == [(2,)]
    assert as_reader(owner, "SELECT app.inner_one()") == DENIED
    assert as_reader(owner, "SELECT app.me(), current_user") == [("weir for weir", "reader")]
    owner.execute("REVOKE EXECUTE ON FUNCTION inner_one() FROM PUBLIC")
    assert as_reader(owner, "SELECT app.outer_one()") == [(2,)]
    assert as_reader(owner, "SELECT app.outer_one() FROM app.secret") == DENIED
    owner.execute("REVOKE EXECUTE ON FUNCTION outer_one() FROM PUBLIC")
    assert as_reader(owner, "SELECT app.outer_one()") == ("42501", "permission denied for function outer_one", None)


def test_an_owner_gives_no_more_than_it_has(owner):
    owner.execute("GRANT CREATE ON SCHEMA app TO reader; SET ROLE reader")
    owner.execute("CREATE FUNCTION peek() RETURNS bigint SECURITY DEFINER LANGUAGE sql AS "
                  "'SELECT sum(a) FROM app.secret'")
    owner.execute("CREATE FUNCTION wipe() RETURNS int SECURITY DEFINER LANGUAGE sql AS "
                  "'DELETE FROM app.secret; SELECT 1'")
    owner.execute("RESET ROLE; CREATE ROLE other; GRANT USAGE ON SCHEMA app TO other; GRANT SELECT ON secret TO other")
    for role in ("weir", "other", "reader"):
        owner.execute(f"SET ROLE {role}")
        for call in ("peek", "wipe"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied for table secret"):
                owner.execute(f"SELECT app.{call}()")
    owner.execute("RESET ROLE; GRANT SELECT (a) ON secret TO reader")
    assert owner.execute("SELECT app.peek(), count(*) FROM secret").fetchone() == (30, 2)


def test_a_procedure_may_have_its_owners_rights(owner):
    owner.execute("CREATE PROCEDURE add(k int) SECURITY DEFINER LANGUAGE sql AS "
                  "'INSERT INTO app.secret VALUES (k, k, current_user)'")
    assert as_reader(owner, "CALL app.add(5)") is None
    assert owner.execute("SELECT b, current_user FROM secret WHERE id = 5").fetchone() == ("weir", "weir")
    owner.execute("ALTER PROCEDURE add(int) SECURITY INVOKER")
    assert as_reader(owner, "CALL app.add(6)") == DENIED


def test_a_function_may_have_a_search_path(owner):
    owner.execute("CREATE FUNCTION app.f() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = app, pg_temp "
                  "AS 'SELECT count(*) FROM secret'")
    owner.execute("SET search_path = public; SET ROLE reader; CREATE TEMP TABLE secret (a int); RESET ROLE")
    assert owner.execute("SELECT app.f()").fetchone() == (2,)
    kept = owner.execute("SELECT proconfig FROM pg_proc WHERE proname = 'f'").fetchone()
    assert kept == (["search_path=app, pg_temp"],)
    shown = owner.execute("SELECT pg_get_functiondef('app.f'::regproc)").fetchone()[0]
    assert " SECURITY DEFINER\n SET search_path TO 'app', 'pg_temp'\n" in shown
    owner.execute("ALTER FUNCTION app.f() RESET search_path")
    assert owner.execute("SELECT app.f()").fetchone() == (0,)
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="SET work_mem of a function"):
        owner.execute("CREATE FUNCTION g() RETURNS int LANGUAGE sql SET work_mem = '1MB' AS 'SELECT 1'")


def test_a_view_may_have_its_users_rights(owner):
    owner.execute("CREATE VIEW of_owner AS SELECT id, b FROM secret")
    owner.execute("CREATE VIEW of_user WITH (security_invoker) AS SELECT id, b FROM secret")
    owner.execute("CREATE VIEW above AS SELECT * FROM of_user")
    owner.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON of_owner, of_user, above TO reader")
    assert as_reader(owner, "SELECT * FROM app.of_owner WHERE id = 1") == [(1, "x")]
    for statement in ("SELECT * FROM app.of_user", "SELECT * FROM app.above", "UPDATE app.of_user SET b = 'z'", "DELETE FROM app.of_user",
                      "INSERT INTO app.of_user VALUES (9, 'z')"):
        assert as_reader(owner, statement) == DENIED
    assert as_reader(owner, "UPDATE app.of_owner SET b = 'w' WHERE id = 2") is None
    owner.execute("GRANT SELECT (id, b), UPDATE (b) ON secret TO reader")
    assert as_reader(owner, "SELECT b FROM app.of_user WHERE id = 2") == [("w",)]
    assert as_reader(owner, "UPDATE app.of_user SET b = 'v' WHERE id = 2 RETURNING b") == [("v",)]
    options = "SELECT reloptions FROM pg_class WHERE relname = 'of_user'"
    assert owner.execute(options).fetchone() == (["security_invoker=true"],)
    owner.execute("ALTER VIEW of_user RESET (security_invoker)")
    assert owner.execute(options).fetchone() == (None,)
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="boolean option"):
        owner.execute("ALTER VIEW of_user SET (security_invoker = maybe)")


def test_errors_show_rows_to_who_may_read_them(owner):
    owner.execute("CREATE TABLE other (id int REFERENCES secret); INSERT INTO other VALUES (1)")
    owner.execute("CREATE TABLE parted (a int, b int) PARTITION BY LIST (a)")
    owner.execute("GRANT INSERT ON secret, other, parted TO reader; GRANT DELETE ON secret TO reader")
    hidden = {
        "INSERT INTO app.secret VALUES (3, NULL, 'z')": ("23502", None),
        "INSERT INTO app.secret VALUES (1, 1, 'z')": ("23505", None),
        "INSERT INTO app.other VALUES (77)": ("23503", 'Key is not present in table "secret".'),
        "INSERT INTO app.parted VALUES (1, 2)": ("23514", None),
    }
    for statement, (state, detail) in hidden.items():
        failed = as_reader(owner, statement)
        assert (failed[0], failed[2]) == (state, detail), statement
    owner.execute("GRANT SELECT ON secret, other, parted TO reader")
    shown = {
        "INSERT INTO app.secret VALUES (3, NULL, 'z')": "Failing row contains (3, null, z).",
        "INSERT INTO app.secret VALUES (1, 1, 'z')": "Key (id)=(1) already exists.",
        "INSERT INTO app.other VALUES (77)": 'Key (id)=(77) is not present in table "secret".',
        "INSERT INTO app.parted VALUES (1, 2)": "Partition key of the failing row contains (a) = (1).",
        "DELETE FROM app.secret": 'Key (id)=(1) is still referenced from table "other".',
    }
    for statement, detail in shown.items():
        assert as_reader(owner, statement)[2] == detail, statement
    owner.execute("REVOKE SELECT ON secret FROM reader; GRANT SELECT (id) ON secret TO reader")
    assert as_reader(owner, "INSERT INTO app.secret VALUES (1, 1, 'z')")[2] == "Key (id)=(1) already exists."


def test_columns_are_enough_where_postgres_says_so(owner):
    owner.execute("CREATE TABLE source (id int, a int, b int); INSERT INTO source VALUES (1, 11, 5), (7, 70, 5)")
    owner.execute("GRANT SELECT (id, a) ON source TO reader; GRANT CREATE ON SCHEMA app TO reader")
    owner.execute("GRANT SELECT (id, a), INSERT (id, a), UPDATE (a), REFERENCES (id) ON secret TO reader")
    merge = "MERGE INTO app.secret t USING app.source s ON s.id = t.id "
    assert as_reader(owner, merge + "WHEN MATCHED THEN UPDATE SET a = s.a "
                                    "WHEN NOT MATCHED THEN INSERT (id, a) VALUES (s.id, s.a)") is None
    assert as_reader(owner, merge + "WHEN MATCHED THEN UPDATE SET a = s.b")[1] == "permission denied for table source"
    assert as_reader(owner, "UPDATE app.secret t SET a = s.a + 1 FROM app.source s WHERE s.id = t.id AND t.id = 1 "
                            "RETURNING t.id, s.a") == [(1, 11)]
    assert as_reader(owner, "SELECT a FROM app.secret WHERE id = 7 FOR UPDATE") == [(70,)]
    assert as_reader(owner, "CREATE TABLE app.mine (id int REFERENCES app.secret)") is None
    assert as_reader(owner, "CREATE TABLE app.theirs (a int REFERENCES app.secret (a))") == DENIED
    assert as_reader(owner, "GRANT SELECT ON app.secret TO reader") == DENIED


def test_notices_below_client_min_messages_are_kept_back(owner):
    told = []
    owner.add_notice_handler(lambda notice: told.append(notice.message_primary))
    owner.execute("SET client_min_messages = warning")
    owner.execute("DROP TABLE IF EXISTS no_such_table")
    owner.execute("COMMIT")
    assert told == ["there is no transaction in progress"]
    owner.execute("SET client_min_messages = error")
    owner.execute("COMMIT")
    owner.execute("RESET client_min_messages")
    owner.execute("DROP TABLE IF EXISTS no_such_table")
    assert told[1:] == ['table "no_such_table" does not exist, skipping']


def test_information_schema_shows_what_one_may_use(owner):
    owner.execute("CREATE TABLE other (a int PRIMARY KEY, b int REFERENCES secret, UNIQUE (b)); CREATE SEQUENCE s1; "
                  "CREATE VIEW seen AS SELECT * FROM secret; CREATE SEQUENCE s2")
    owner.execute("GRANT SELECT (a) ON secret TO reader; GRANT INSERT ON other TO reader; "
                  "GRANT USAGE ON SEQUENCE s1 TO reader")
    shown = {
        "SELECT table_name FROM tables WHERE table_schema": ["other", "secret"],
        "SELECT table_name || '.' || column_name FROM columns WHERE table_schema": ["other.a", "other.b", "secret.a"],
        "SELECT table_name FROM views WHERE table_schema": [],
        "SELECT sequence_name FROM sequences WHERE sequence_schema": ["s1"],
        "SELECT table_name || ' ' || constraint_type FROM table_constraints WHERE constraint_type <> 'CHECK' AND "
        "table_schema": ["other FOREIGN KEY", "other PRIMARY KEY", "other UNIQUE"],
        "SELECT column_name FROM key_column_usage WHERE table_schema": ["a", "b", "b"],
        "SELECT constraint_name FROM referential_constraints WHERE constraint_schema": ["other_b_fkey"],
        "SELECT table_name FROM constraint_column_usage WHERE table_schema": [],
    }
    for query, names in shown.items():
        query = query.replace(" FROM ", " FROM information_schema.") + " = 'app'"
        assert sorted(row[0] for row in as_reader(owner, query)) == names, query


def test_privileges_on_columns_follow_them(owner):
    owner.execute("CREATE TABLE t (a int, b int) PARTITION BY LIST (a); CREATE TABLE t1 PARTITION OF t DEFAULT; "
                  "INSERT INTO t VALUES (1, 2); GRANT SELECT (a, b) ON t, t1 TO reader")
    owner.execute("ALTER TABLE t RENAME a TO c; ALTER TABLE t DROP COLUMN b; "
                  "ALTER TABLE t ADD COLUMN a text DEFAULT 'new', ADD COLUMN b text DEFAULT 'new'")
    for table in ("t", "t1"):
        assert as_reader(owner, f"SELECT c FROM app.{table}") == [(1,)]
        for column in "ab":
            assert as_reader(owner, f"SELECT {column} FROM app.{table}")[0] == "42501"
    with owner.transaction(force_rollback=True):
        owner.execute("ALTER TABLE t RENAME c TO d")
        assert as_reader(owner, "SELECT d FROM app.t") == [(1,)]
    assert as_reader(owner, "SELECT c FROM app.t") == [(1,)]
    owner.execute("CREATE VIEW v AS SELECT c AS x FROM t; GRANT SELECT (x) ON v TO reader; ALTER VIEW v RENAME x TO y")
    assert as_reader(owner, "SELECT y FROM app.v") == [(1,)]


def test_functions_of_a_name_have_one_owner(owner):
    owner.execute("CREATE ROLE other; GRANT USAGE, CREATE ON SCHEMA app TO reader, other; SET ROLE reader")
    owner.execute("CREATE FUNCTION mine() RETURNS bigint SECURITY DEFINER LANGUAGE sql AS "
                  "'SELECT sum(a) FROM app.secret'")
    owner.execute("ALTER FUNCTION mine() RENAME TO renamed; RESET ROLE")
    shown = "SELECT proname, pg_get_userbyid(proowner) FROM pg_proc WHERE proname IN ('mine', 'renamed', 'theirs')"
    assert owner.execute(shown).fetchall() == [("renamed", "reader")]
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="for table secret"):
        owner.execute("SELECT renamed()")
    owner.execute("SET ROLE other")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="must be owner of function renamed"):
        owner.execute("CREATE FUNCTION renamed(a int) RETURNS int LANGUAGE sql AS 'SELECT 1'")
    owner.execute("CREATE FUNCTION theirs() RETURNS int LANGUAGE sql AS 'SELECT 1'; RESET ROLE")
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="different owners"):
        owner.execute("ALTER FUNCTION theirs() RENAME TO renamed")
    owner.execute("CREATE SCHEMA further; ALTER FUNCTION theirs() SET SCHEMA further")
    assert owner.execute(shown).fetchall() == [("renamed", "reader"), ("theirs", "other")]


def test_a_name_with_a_schema_needs_usage_on_it(owner):
    owner.execute("CREATE SCHEMA closed; CREATE TABLE closed.t (id int PRIMARY KEY); "
                  "CREATE FUNCTION closed.f(k int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT k + 1'; "
                  "CREATE TYPE closed.mood AS ENUM ('sad', 'glad'); GRANT ALL ON closed.t TO reader")
    closed = ("42501", "permission denied for schema closed", None)
    for statement in ("SELECT * FROM closed.t", "INSERT INTO closed.t VALUES (1)", "DELETE FROM closed.t",
                      "SELECT closed.f(1)", "SELECT * FROM closed.f(1)", "SELECT 'sad'::closed.mood",
                      "SELECT * FROM closed.nosuch", "SELECT closed.nosuch(1)", "SELECT 1::closed.nosuch",
                      "TRUNCATE closed.t", "DROP TABLE closed.t", "DROP TABLE IF EXISTS closed.nosuch",
                      "DROP FUNCTION closed.f(int)", "DROP TYPE closed.mood", "ALTER TABLE closed.t ADD b int",
                      "GRANT SELECT ON closed.t TO PUBLIC", "COMMENT ON TABLE closed.t IS 'x'"):
        assert as_reader(owner, statement) == closed, statement
    owner.execute("SET ROLE reader")
    with pytest.raises(psycopg.errors.InsufficientPrivilege) as error:
        owner.execute("SELECT 1, closed.f(1)")
    assert error.value.diag.statement_position == "11"
    owner.execute("RESET ROLE; GRANT USAGE ON SCHEMA closed TO reader")
    assert as_reader(owner, "SELECT closed.f(1), 'sad'::closed.mood::text") == [(2, "sad")]


def test_what_was_made_with_a_name_needs_no_usage_on_its_schema(owner):
    owner.execute("CREATE SCHEMA closed; CREATE TYPE closed.mood AS ENUM ('sad', 'glad'); "
                  "CREATE FUNCTION closed.f(k int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT k + 1'; "
                  "CREATE TABLE closed.of_all (id int PRIMARY KEY); INSERT INTO closed.of_all VALUES (1), (2); "
                  "CREATE TABLE app.kept (id int PRIMARY KEY REFERENCES closed.of_all, a int DEFAULT closed.f(4), "
                  "m closed.mood DEFAULT 'glad'::closed.mood, CHECK (closed.f(a) > 1)); "
                  "CREATE VIEW app.shown AS SELECT closed.f(a) AS f, m::text::closed.mood AS m FROM app.kept; "
                  "CREATE FUNCTION app.of_owner(k int) RETURNS int SECURITY DEFINER LANGUAGE sql AS "
                  "'SELECT closed.f(k)'; CREATE FUNCTION app.read(k int) RETURNS int LANGUAGE sql RETURN closed.f(k); "
                  "CREATE FUNCTION app.of_caller(k int) RETURNS int LANGUAGE sql AS 'SELECT closed.f(k)'; "
                  "GRANT ALL ON app.kept, app.shown TO reader")
    assert as_reader(owner, "INSERT INTO app.kept (id) VALUES (1)") is None
    assert as_reader(owner, "INSERT INTO app.kept (id) VALUES (7)")[0] == "23503"
    assert as_reader(owner, "SELECT f, m::text FROM app.shown") == [(6, "glad")]
    assert as_reader(owner, "SELECT app.of_owner(1), app.read(1)") == [(2, 2)]
    assert as_reader(owner, "SELECT app.of_caller(1)") == ("42501", "permission denied for schema closed", None)


def test_columns_like_those_of_a_table_are_read_from_it(owner):
    assert as_reader(owner, "CREATE TEMP TABLE copied (LIKE app.secret)") == DENIED
    owner.execute("GRANT SELECT ON secret TO reader")
    assert as_reader(owner, "CREATE TEMP TABLE copied (LIKE app.secret)") is None


def test_parameters_of_superusers(owner):
    for name, value in (("session_replication_role", "replica"), ("deadlock_timeout", "2s"), ("log_statement", "all"),
                        ("lc_messages", "C"), ("track_counts", "on"), ("Compute_Query_Id", "on")):
        denied = ("42501", f'permission denied to set parameter "{name.lower()}"', None)
        for statement in (f"SET {name} = '{value}'", f"RESET {name}", f"SELECT set_config('{name}', '{value}', false)"):
            assert as_reader(owner, statement) == denied, statement
    fixed = 'parameter "max_connections" cannot be changed without restarting the server'
    for statement in ("SET max_connections = 5", "RESET max_connections", "SET max_connections TO DEFAULT"):
        assert as_reader(owner, statement) == ("55P02", fixed, None)
    assert as_reader(owner, "ALTER ROLE reader SET deadlock_timeout = '2s'")[0] == "42501"
    owner.execute("GRANT SET ON PARAMETER deadlock_timeout TO reader")
    assert as_reader(owner, "SET deadlock_timeout = '2s'") is None
    assert owner.execute("SHOW deadlock_timeout").fetchone() == ("2s",)
    assert as_reader(owner, "ALTER ROLE reader SET deadlock_timeout = '3s'") is None


def test_a_revoke_leaves_what_others_granted_on_columns(owner):
    owner.execute("CREATE ROLE giver; CREATE ROLE other; GRANT USAGE ON SCHEMA app TO giver; "
                  "GRANT SELECT ON secret TO giver WITH GRANT OPTION; GRANT SELECT ON secret TO other; "
                  "SET ROLE giver; GRANT SELECT (a) ON app.secret TO reader; RESET ROLE")
    owner.execute("REVOKE SELECT ON secret FROM other")
    assert as_reader(owner, "SELECT a FROM app.secret WHERE a > 10") == [(20,)]
