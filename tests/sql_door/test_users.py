"""Users: passwords, what they may do, and what nobody gets to see."""

import pathlib
import re

import psycopg
import pytest

HERE = pathlib.Path(__file__).parent


def sqlstate(connection, statement):
    with pytest.raises(psycopg.Error) as caught:
        connection.execute(statement)
    return caught.value.sqlstate, caught.value.diag.message_primary


@pytest.fixture
def owner(start_server):
    """A session of the directory's owner on a server of its own, and that server."""
    server = start_server()
    with server.connect(user="weir", autocommit=True) as connection:
        connection.server = server
        yield connection


def as_user(connection, user, password=None, **options):
    return connection.server.connect(user=user, password=password, autocommit=True, **options)


# --- passwords


def test_a_password_is_asked_for_as_soon_as_somebody_has_one(owner):
    owner.execute("CREATE USER root2 SUPERUSER PASSWORD 'se cret'")
    with as_user(owner, "root2", "se cret") as connection:
        assert connection.execute("SELECT current_user, session_user").fetchone() == ("root2", "root2")
        assert connection.execute("SHOW is_superuser").fetchone() == ("on",)
    for user, password in [("root2", "secret"), ("root2", ""), ("nobody", "se cret"), ("weir", "x"), ("tester", "x")]:
        with pytest.raises(psycopg.OperationalError) as caught:
            as_user(owner, user, password or " ")
        assert f'password authentication failed for user "{user}"' in str(caught.value)


def test_psql_logs_in(owner):
    owner.execute("ALTER USER root PASSWORD 'Grüße'")
    assert owner.server.psql("-Atc", "SELECT current_user", user="root", PGPASSWORD="Grüße") == "root\n"
    refused = owner.server.psql("-c", "SELECT 1", user="root", PGPASSWORD="x", code=2)
    assert 'password authentication failed for user "root"' in refused


def test_an_expired_password_is_none(owner):
    owner.execute("CREATE USER a PASSWORD 'x' VALID UNTIL '2020-01-01'; CREATE USER b PASSWORD 'x' VALID UNTIL 'infinity'")
    as_user(owner, "b", "x").close()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        as_user(owner, "a", "x")
    owner.execute("ALTER USER a VALID UNTIL '9999-01-01'")
    as_user(owner, "a", "x").close()


def test_a_role_that_may_not_log_in(owner):
    owner.execute("CREATE ROLE readers")
    owner.execute("CREATE USER someone")
    with pytest.raises(psycopg.OperationalError, match='role "readers" is not permitted to log in'):
        as_user(owner, "readers")
    with pytest.raises(psycopg.OperationalError, match='role "nobody" does not exist'):
        as_user(owner, "nobody")


def test_passwords_are_kept_over_a_restart_and_shown_nowhere(start_server):
    server = start_server()
    with server.connect(user="weir", autocommit=True) as connection:
        connection.execute("CREATE USER alice SUPERUSER PASSWORD 'hunter2hunter2'")
        for statement in ["CREATE USER alice PASSWORD 'hunter2hunter2'", "ALTER USER nobody PASSWORD 'hunter2hunter2'"]:
            assert "hunter2" not in sqlstate(connection, statement)[1]
        kept = connection.execute("SELECT rolpassword FROM pg_authid WHERE rolname = 'alice'").fetchone()[0]
        assert kept.startswith("SCRAM-SHA-256$4096:") and "hunter2" not in kept
        assert connection.execute("SELECT rolpassword FROM pg_roles WHERE rolname = 'alice'").fetchone() == ("********",)
        shown = connection.execute("SELECT * FROM pg_settings").fetchall() + connection.execute("SHOW ALL").fetchall()
        assert "hunter2" not in str(shown)
    assert server.stop() == 0
    assert "hunter2" not in server.log()
    for file in server.directory.rglob("*"):
        assert file.is_dir() or b"hunter2" not in file.read_bytes(), file
    server = start_server()
    with server.connect(user="alice", password="hunter2hunter2") as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_verifier_made_elsewhere_is_kept(owner):
    kept = "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
    owner.execute(f"CREATE USER a PASSWORD '{kept}'")
    with as_user(owner, "a", "pencil") as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("a",)


# --- roles


def test_roles_are_part_of_the_transaction(owner):
    with owner.transaction(force_rollback=True):
        owner.execute("CREATE ROLE r; CREATE TABLE t (a int); GRANT SELECT ON t TO r")
        owner.execute("SAVEPOINT s; CREATE ROLE q; ROLLBACK TO s")
        names = owner.execute("SELECT rolname FROM pg_roles WHERE rolname IN ('q', 'r')").fetchall()
        assert names == [("r",)]
    assert owner.execute("SELECT count(*) FROM pg_roles WHERE rolname = 'r'").fetchone() == (0,)
    with owner.transaction():
        owner.execute("CREATE ROLE r; CREATE TABLE t (a int); GRANT SELECT ON t TO r")
    assert owner.execute("SELECT has_table_privilege('r', 't', 'select')").fetchone() == (True,)


def test_errors_of_roles(owner):
    owner.execute("CREATE ROLE r; CREATE ROLE m; GRANT r TO m")
    assert sqlstate(owner, "CREATE ROLE r") == ("42710", 'role "r" already exists')
    assert sqlstate(owner, "CREATE ROLE pg_x") == ("42939", 'role name "pg_x" is reserved')
    assert sqlstate(owner, 'CREATE ROLE "none"') == ("42939", 'role name "none" is reserved')
    assert sqlstate(owner, "DROP ROLE nosuch") == ("42704", 'role "nosuch" does not exist')
    assert sqlstate(owner, "GRANT m TO r") == ("0LP01", 'role "m" is a member of role "r"')
    assert sqlstate(owner, "SET ROLE nosuch") == ("22023", 'role "nosuch" does not exist')
    assert sqlstate(owner, "CREATE ROLE x CREATEDB NOCREATEDB")[0] == "42601"
    assert sqlstate(owner, "DROP ROLE weir") == ("55006", "current user cannot be dropped")
    owner.execute("CREATE ROLE IF NOT EXISTS r; CREATE USER IF NOT EXISTS r; DROP ROLE IF EXISTS nosuch, m")
    owner.execute("CREATE TABLE t (a int); GRANT SELECT ON t TO r")
    assert sqlstate(owner, "DROP ROLE r") == ("2BP01", 'role "r" cannot be dropped because some objects depend on it')
    owner.execute("REVOKE ALL ON t FROM r; DROP ROLE r")


def test_only_those_may_make_roles_who_are_allowed_to(owner):
    owner.execute("CREATE USER maker CREATEROLE; CREATE USER alice; CREATE ROLE boss SUPERUSER")
    with as_user(owner, "alice") as alice:
        assert sqlstate(alice, "CREATE ROLE x") == ("42501", "permission denied to create role")
        assert sqlstate(alice, "GRANT maker TO alice") == ("42501", 'must have admin option on role "maker"')
    with as_user(owner, "maker") as maker:
        maker.execute("CREATE ROLE x; GRANT x TO alice; DROP ROLE x")
        assert sqlstate(maker, "CREATE ROLE x SUPERUSER") == ("42501", "must be superuser to create superusers")
        assert sqlstate(maker, "GRANT boss TO maker") == ("42501", "must be superuser to alter superusers")
        assert sqlstate(maker, "GRANT admin TO maker") == ("42501", "must be superuser to alter superusers")
        assert sqlstate(maker, "SELECT * FROM pg_authid") == ("42501", "permission denied for table pg_authid")
        assert sqlstate(maker, 'SELECT * FROM weir."access"')[0] == "42501"


def test_set_role(owner):
    owner.execute("CREATE USER alice; CREATE ROLE team; CREATE ROLE other; GRANT team TO alice")
    with as_user(owner, "alice") as alice:
        alice.execute("SET ROLE team")
        assert alice.execute("SELECT current_user, session_user, current_role").fetchone() == ("team", "alice", "team")
        alice.execute("RESET ROLE")
        assert sqlstate(alice, "SET ROLE other") == ("42501", 'permission denied to set role "other"')
        assert sqlstate(alice, "SET SESSION AUTHORIZATION weir")[0] == "42501"
        assert alice.execute("SELECT current_user").fetchone() == ("alice",)
    owner.execute("SET SESSION AUTHORIZATION alice")
    assert owner.execute("SELECT current_user, session_user").fetchone() == ("alice", "alice")
    assert sqlstate(owner, "CREATE ROLE x")[0] == "42501"
    owner.execute("RESET SESSION AUTHORIZATION")
    owner.execute("BEGIN; SET LOCAL ROLE team; ROLLBACK")
    assert owner.execute("SELECT current_user").fetchone() == ("weir",)


def test_settings_and_grants_as_postgres_has_them(owner):
    printed = owner.server.psql("-At", "-f", "-", user="weir", text=(HERE / "grants.sql").read_text())
    printed = re.sub(r"psql:<stdin>:\d+: ", "", printed)
    assert printed.splitlines() == (HERE / "grants.expected").read_text().splitlines()


def test_sessions_begin_with_what_is_set_for_them(owner):
    owner.execute("CREATE USER alice; CREATE USER bob; CREATE DATABASE other")
    owner.execute("ALTER ROLE ALL SET work_mem = '1MB'; ALTER DATABASE fluss SET work_mem = '2MB'")
    owner.execute("ALTER USER alice SET work_mem = '3MB'; ALTER ROLE alice SET search_path TO s, public")
    owner.execute("ALTER ROLE alice IN DATABASE other SET work_mem TO '4MB'")
    owner.execute("ALTER ROLE alice SET default_transaction_isolation = 'repeatable read'; ALTER ROLE alice SET my.own = 'x'")
    for user, database, work_mem in [("alice", "fluss", "3MB"), ("alice", "other", "4MB"), ("bob", "fluss", "2MB"),
                                     ("bob", "other", "1MB")]:
        with as_user(owner, user, database=database) as session:
            assert session.execute("SHOW work_mem").fetchone() == (work_mem,), (user, database)
    with as_user(owner, "alice", options="-c work_mem=9MB") as alice:
        assert alice.execute("SHOW work_mem").fetchone() == ("9MB",)  # what the client says comes last
        assert alice.execute("SHOW search_path").fetchone() == ("s, public",)
        assert alice.execute("SHOW transaction_isolation").fetchone() == ("repeatable read",)
        alice.execute("SET my.own = 'y'; RESET my.own")
        assert alice.execute("SHOW my.own").fetchone() == ("x",)
        alice.execute("ALTER USER alice SET work_mem = '5MB'")
        assert alice.execute("SHOW work_mem").fetchone() == ("9MB",)  # for new sessions
    assert r"alice|other|work_mem=4MB" in owner.server.psql("-At", "-c", r"\drds", user="weir")
    owner.execute("DROP DATABASE other; DROP ROLE alice")
    rows = "SELECT setdatabase <> 0, setrole, setconfig FROM pg_db_role_setting ORDER BY 1"
    assert owner.execute(rows).fetchall() == [(False, 0, ["work_mem=1MB"]), (True, 0, ["work_mem=2MB"])]


def test_a_setting_that_cannot_be_any_more_keeps_nobody_out(owner):
    owner.execute("CREATE USER alice; CREATE ROLE team; GRANT team TO alice; ALTER ROLE alice SET role = 'team'")
    with as_user(owner, "alice") as alice:
        assert alice.execute("SELECT current_user, session_user").fetchone() == ("team", "alice")
    owner.execute("REVOKE team FROM alice")
    said = []
    with as_user(owner, "alice") as alice:
        alice.add_notice_handler(lambda diag: said.append((diag.severity, diag.message_primary)))
        assert alice.execute("SELECT current_user").fetchone() == ("alice",)
    assert said == [("WARNING", 'permission denied to set role "team"')]


def test_settings_are_kept_over_a_restart(start_server):
    server = start_server()
    with server.connect(user="weir", autocommit=True) as connection:
        connection.execute("CREATE USER alice; ALTER ROLE alice SET work_mem = '3MB'; ALTER DATABASE fluss SET my.own = 'x'")
        connection.execute("GRANT USAGE ON LANGUAGE sql TO alice; GRANT SET ON PARAMETER work_mem TO alice")
    assert server.stop() == 0
    server = start_server()
    with server.connect(user="alice") as connection:
        assert connection.execute("SELECT current_setting('work_mem'), current_setting('my.own')").fetchone() == ("3MB", "x")
        assert connection.execute("SELECT paracl::text FROM pg_parameter_acl").fetchone() == ("{weir=sA/weir,alice=s/weir}",)


def test_who_may_use_a_foreign_server(start_server, tmp_path):
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "t.csv").write_text("1\n")
    server = start_server("--files", str(tmp_path / "files"))
    table = "CREATE FOREIGN TABLE t (a int) SERVER files OPTIONS (filename 't.csv', format 'csv')"
    with server.connect(user="weir", autocommit=True) as owner:
        owner.server = server
        owner.execute("CREATE USER bob; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw; GRANT ALL ON SCHEMA public TO bob")
        with as_user(owner, "bob") as bob:
            assert sqlstate(bob, table) == ("42501", "permission denied for foreign server files")
            assert sqlstate(bob, "GRANT USAGE ON FOREIGN SERVER files TO bob") == (
                "42501", "permission denied for foreign server files")
            assert sqlstate(bob, "CREATE SERVER mine FOREIGN DATA WRAPPER file_fdw") == (
                "42501", "permission denied for foreign-data wrapper file_fdw")
            assert sqlstate(bob, "DROP SERVER files") == ("42501", "must be owner of foreign server files")
            owner.execute("GRANT USAGE ON FOREIGN SERVER files TO bob; GRANT USAGE ON FOREIGN DATA WRAPPER file_fdw TO bob")
            bob.execute(table)
            assert bob.execute("SELECT a FROM t").fetchall() == [(1,)]
            bob.execute("CREATE SERVER mine FOREIGN DATA WRAPPER file_fdw; ALTER SERVER mine VERSION '2'")
        rows = "SELECT srvname, srvowner::regrole::text, srvacl::text FROM pg_foreign_server WHERE oid > 16384 ORDER BY 1"
        assert owner.execute(rows).fetchall() == [("files", "weir", "{weir=U/weir,bob=U/weir}"), ("mine", "bob", None)]
        assert owner.execute("SELECT has_server_privilege('bob', 'files', 'usage'), has_foreign_data_wrapper_privilege('bob', "
                             "'parquet_fdw', 'usage')").fetchone() == (True, False)
        with pytest.raises(psycopg.Error) as caught:
            owner.execute("DROP ROLE bob")
        assert "owner of server mine" in caught.value.diag.message_detail
        owner.execute("DROP OWNED BY bob; DROP ROLE bob; DROP SERVER files")


def test_lists_of_psql(owner):
    owner.execute("CREATE USER alice CREATEDB; CREATE ROLE team; GRANT team TO alice")
    owner.execute("CREATE TABLE t (a int, b int); GRANT SELECT ON t TO alice; GRANT UPDATE (b) ON t TO PUBLIC")
    roles = owner.server.psql("-At", "-c", r"\du", user="weir")
    assert "alice|Create DB|{team}\n" in roles
    assert "root|Superuser, Create role, Create DB, Replication, Bypass RLS|{admin}\n" in roles
    assert "team|Cannot login|{}\n" in roles
    privileges = owner.server.psql("-At", "-c", r"\dp t", user="weir")
    assert privileges == "public|t|table|weir=arwdDxt/weir\nalice=r/weir|b:\n  =w/weir|\n"


# --- privileges


@pytest.fixture
def bob(owner):
    owner.execute("CREATE USER bob; CREATE TABLE t (a int PRIMARY KEY, b int); INSERT INTO t VALUES (1, 2)")
    with as_user(owner, "bob") as connection:
        yield connection


DENIED = ("42501", "permission denied for table t")


def test_nothing_is_allowed_without_a_grant(owner, bob):
    for statement in ["SELECT * FROM t", "SELECT count(*) FROM t", "SELECT 1 FROM t WHERE false", "TRUNCATE t",
                      "INSERT INTO t VALUES (3, 4)", "UPDATE t SET b = 1", "DELETE FROM t", "EXPLAIN SELECT * FROM t",
                      "WITH x AS (SELECT * FROM t) SELECT * FROM x", "SELECT (SELECT max(a) FROM t)",
                      "SELECT 1 WHERE EXISTS (SELECT FROM t)", "CREATE TABLE u AS SELECT * FROM t",
                      "SELECT * FROM (SELECT * FROM t) s", "TABLE t", "COPY t TO STDOUT"]:
        state, message = sqlstate(bob, statement)
        assert state == "42501", statement
        assert message in ("permission denied for table t", "permission denied for schema public"), statement
    for statement in ["DROP TABLE t", "ALTER TABLE t OWNER TO bob"]:
        assert sqlstate(bob, statement) == ("42501", "must be owner of table t")
    assert sqlstate(bob, "CREATE TABLE u (a int)") == ("42501", "permission denied for schema public")
    assert sqlstate(bob, "CREATE DATABASE d") == ("42501", "permission denied to create database")
    assert sqlstate(bob, "CREATE SCHEMA s") == ("42501", "permission denied for database fluss")
    assert sqlstate(bob, "DROP DATABASE fluss") == ("42501", "must be owner of database fluss")
    assert sqlstate(bob, "GRANT SELECT ON t TO bob") == DENIED
    assert owner.execute("SELECT * FROM t").fetchall() == [(1, 2)]


def test_each_privilege_by_itself(owner, bob):
    owner.execute("GRANT SELECT ON t TO bob")
    assert bob.execute("SELECT * FROM t").fetchall() == [(1, 2)]
    assert sqlstate(bob, "INSERT INTO t VALUES (3, 4)") == DENIED
    assert sqlstate(bob, "SELECT * FROM t FOR UPDATE") == DENIED
    owner.execute("GRANT INSERT ON t TO bob")
    bob.execute("INSERT INTO t VALUES (3, 4)")
    assert sqlstate(bob, "UPDATE t SET b = 9") == DENIED
    owner.execute("REVOKE SELECT ON t FROM bob; GRANT UPDATE, DELETE ON t TO bob")
    assert bob.execute("UPDATE t SET b = 9").rowcount == 2
    assert sqlstate(bob, "UPDATE t SET b = b + 1") == DENIED
    assert sqlstate(bob, "UPDATE t SET b = 1 WHERE a = 1") == DENIED
    assert sqlstate(bob, "DELETE FROM t WHERE a = 1") == DENIED
    assert sqlstate(bob, "DELETE FROM t RETURNING a") == DENIED
    assert bob.execute("DELETE FROM t").rowcount == 2
    assert sqlstate(bob, "TRUNCATE t") == DENIED
    owner.execute("GRANT TRUNCATE ON t TO bob")
    bob.execute("TRUNCATE t")


def test_columns(owner, bob):
    owner.execute("GRANT SELECT (a), UPDATE (b), INSERT (a) ON t TO bob")
    assert bob.execute("SELECT a FROM t").fetchall() == [(1,)]
    assert bob.execute("SELECT count(*) FROM t").fetchone() == (1,)
    for statement in ["SELECT b FROM t", "SELECT * FROM t", "SELECT a FROM t WHERE b = 2", "SELECT a FROM t ORDER BY b",
                      "UPDATE t SET a = 1", "UPDATE t SET b = b", "INSERT INTO t VALUES (5, 6)"]:
        assert sqlstate(bob, statement) == DENIED, statement
    bob.execute("UPDATE t SET b = 7 WHERE a = 1")
    bob.execute("INSERT INTO t (a) VALUES (5)")
    assert bob.execute("INSERT INTO t (a) VALUES (6) RETURNING a").fetchone() == (6,)
    assert sqlstate(bob, "INSERT INTO t (a) VALUES (7) RETURNING b") == DENIED
    assert sqlstate(owner, "GRANT SELECT (nosuch) ON t TO bob")[0] == "42703"
    owner.execute("REVOKE ALL ON t FROM bob")
    assert sqlstate(bob, "SELECT a FROM t") == DENIED


def test_what_a_merge_needs(owner, bob):
    owner.execute("CREATE TABLE s (a int, b int); INSERT INTO s VALUES (1, 5), (3, 6)")
    delete = "MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN DELETE"
    update = "MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN UPDATE SET b = s.b"
    insert = "MERGE INTO t USING s ON t.a = s.a WHEN NOT MATCHED THEN INSERT (a) VALUES (s.a)"
    owner.execute("GRANT SELECT (a), INSERT (a), UPDATE (b), DELETE ON t TO bob")
    for statement in [delete, update, insert]:
        assert sqlstate(bob, statement) == ("42501", "permission denied for table s")
    owner.execute("GRANT SELECT ON s TO bob")
    assert bob.execute(update).rowcount == 1
    assert bob.execute(insert).rowcount == 1
    for statement in [update + " + t.b", insert.replace("(a) VALUES (s.a)", "VALUES (s.a, s.b)"),
                      delete.replace("MATCHED", "MATCHED AND t.b = 5"), update.replace("SET b", "SET a")]:
        assert sqlstate(bob, statement) == DENIED, statement
    assert bob.execute(delete).rowcount == 2
    owner.execute("REVOKE DELETE ON t FROM bob")
    assert sqlstate(bob, delete) == DENIED


def test_what_returning_and_upserts_read(owner, bob):
    owner.execute("CREATE TABLE k (a int PRIMARY KEY, b int); INSERT INTO k VALUES (1, 2); CREATE TABLE s (a int)")
    owner.execute("INSERT INTO s VALUES (1); GRANT SELECT ON s TO bob; GRANT INSERT, UPDATE, SELECT (a) ON k TO bob")
    denied = ("42501", "permission denied for table k")
    assert bob.execute("UPDATE k SET b = 3 FROM s WHERE k.a = s.a RETURNING k.a, s.a").fetchall() == [(1, 1)]
    assert sqlstate(bob, "UPDATE k SET b = 3 FROM s WHERE k.a = s.a RETURNING s.a, k.b") == denied
    assert sqlstate(bob, "UPDATE k SET b = 3 RETURNING k") == denied
    bob.execute("INSERT INTO k VALUES (1, 4) ON CONFLICT (a) DO UPDATE SET b = excluded.a + 1")
    for value in ["k.b", "excluded.b"]:
        assert sqlstate(bob, f"INSERT INTO k VALUES (1, 4) ON CONFLICT (a) DO UPDATE SET b = {value}") == denied
    owner.execute("REVOKE SELECT (a) ON k FROM bob")
    assert sqlstate(bob, "INSERT INTO k VALUES (1, 4) ON CONFLICT (a) DO NOTHING") == denied
    assert bob.execute("INSERT INTO k VALUES (1, 4) ON CONFLICT DO NOTHING").rowcount == 0
    owner.execute("REVOKE UPDATE ON k FROM bob")
    assert sqlstate(bob, "INSERT INTO k VALUES (1, 4) ON CONFLICT (a) DO UPDATE SET b = 1") == denied


def test_prepared_statements_lose_what_is_revoked(owner, bob):
    owner.execute("GRANT SELECT ON t TO bob")
    for _ in range(3):
        assert bob.execute("SELECT a FROM t WHERE a = %s", (1,), prepare=True).fetchall() == [(1,)]
    owner.execute("REVOKE SELECT ON t FROM bob")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        bob.execute("SELECT a FROM t WHERE a = %s", (1,), prepare=True)


def test_what_one_makes_is_ones_own(owner, bob):
    owner.execute("GRANT CREATE ON SCHEMA public TO bob; CREATE USER carol")
    bob.execute("CREATE TABLE own (a int) PARTITION BY LIST (a); CREATE TABLE own1 PARTITION OF own FOR VALUES IN (1)")
    bob.execute("INSERT INTO own VALUES (1)")
    owners = owner.execute("SELECT relname, pg_get_userbyid(relowner) FROM pg_class WHERE relname LIKE 'own%' ORDER BY 1")
    assert owners.fetchall() == [("own", "bob"), ("own1", "bob")]
    with as_user(owner, "carol") as carol:
        assert sqlstate(carol, "SELECT * FROM own") == ("42501", "permission denied for table own")
        assert sqlstate(carol, "CREATE TABLE own2 PARTITION OF own FOR VALUES IN (2)") == (
            "42501", "must be owner of table own")
        bob.execute("GRANT SELECT ON own TO carol")
        assert carol.execute("SELECT * FROM own").fetchall() == [(1,)]
        assert sqlstate(carol, "SELECT * FROM own1") == ("42501", "permission denied for table own1")
    assert sqlstate(owner, "DROP USER bob")[0] == "2BP01"
    owner.execute("REASSIGN OWNED BY bob TO carol; REVOKE CREATE ON SCHEMA public FROM bob; DROP USER bob")
    owner.execute("DROP TABLE own; DROP USER carol")


def test_grants_go_on_as_far_as_they_may(owner, bob):
    owner.execute("CREATE USER carol; GRANT SELECT ON t TO bob WITH GRANT OPTION")
    bob.execute("GRANT SELECT, INSERT ON t TO carol")
    acl = owner.execute("SELECT relacl FROM pg_class WHERE relname = 't'").fetchone()[0]
    assert "carol=r/bob" in str(acl)
    assert sqlstate(owner, "REVOKE SELECT ON t FROM bob") == ("2BP01", "dependent privileges exist")
    owner.execute("REVOKE SELECT ON t FROM bob CASCADE")
    with as_user(owner, "carol") as carol:
        assert sqlstate(carol, "SELECT * FROM t") == DENIED


def test_columns_are_granted_on(owner, bob):
    owner.execute("CREATE USER carol; GRANT INSERT (a, b), UPDATE (b) ON t TO bob WITH GRANT OPTION")
    owner.execute("REVOKE GRANT OPTION FOR INSERT (a) ON t FROM bob")
    bob.execute("GRANT INSERT (b), UPDATE (b) ON t TO carol")
    assert notices_of(bob, "GRANT INSERT (a) ON t TO carol") == [
        ("01007", 'no privileges were granted for column "a" of relation "t"')]
    assert owner.execute("""SELECT attname, attacl::text FROM pg_attribute
        WHERE attrelid = 't'::regclass AND attacl IS NOT NULL ORDER BY attnum""").fetchall() == [
        ("a", "{bob=a/weir}"), ("b", "{bob=a*w*/weir,carol=aw/bob}")]
    assert owner.execute("""SELECT has_column_privilege('bob', 't', 'b', 'update with grant option'),
        has_column_privilege('bob', 't', 'a', 'insert with grant option'),
        has_any_column_privilege('bob', 't', 'insert with grant option')""").fetchone() == (True, False, True)


def notices_of(connection, statement):
    notices = []
    note = lambda diag: notices.append((diag.sqlstate, diag.message_primary))  # noqa: E731
    connection.add_notice_handler(note)
    connection.execute(statement)
    connection.remove_notice_handler(note)
    return notices


def test_what_is_anothers_is_told_as_postgres_does(owner, bob):
    owner.execute("""CREATE SCHEMA s; GRANT USAGE ON SCHEMA s TO bob; CREATE TYPE s.e AS ENUM ('a');
        CREATE FUNCTION s.f(int) RETURNS int LANGUAGE sql AS 'SELECT $1'; CREATE INDEX i ON t (b)""")
    for statement, what in [("DROP FUNCTION s.f(int)", "function s.f"), ("COMMENT ON FUNCTION s.f(int) IS 'x'", "function s.f"),
                            ("DROP TYPE s.e", "type s.e"), ("ALTER TYPE s.e ADD VALUE 'b'", "type s.e"),
                            ("DROP INDEX i", "index i"), ("ALTER INDEX i RENAME TO j", "index i"),
                            ("DROP INDEX t_pkey", "index t_pkey"), ("COMMENT ON COLUMN t.a IS 'x'", "relation t"),
                            ("REINDEX TABLE t", "table t")]:
        assert sqlstate(bob, statement) == ("42501", f"must be owner of {what}"), statement
    assert notices_of(bob, "ANALYZE t") == [("01000", 'skipping "t" --- only table or database owner can analyze it')]
    assert sqlstate(bob, "LOCK TABLE t") == ("25P01", "LOCK TABLE can only be used in transaction blocks")


def test_what_is_owned_goes_at_once(owner, bob):
    owner.execute("""GRANT CREATE ON SCHEMA public TO bob; GRANT CREATE ON DATABASE fluss TO bob;
        GRANT SELECT ON t TO bob WITH GRANT OPTION; CREATE USER carol; CREATE USER dave""")
    bob.execute("""CREATE TYPE mood AS ENUM ('ok'); CREATE SEQUENCE own_s; CREATE SCHEMA own_schema;
        CREATE TABLE own (a int PRIMARY KEY, m mood) PARTITION BY RANGE (a);
        CREATE TABLE own_1 PARTITION OF own FOR VALUES FROM (0) TO (9); CREATE TABLE refers (a int REFERENCES own);
        CREATE FUNCTION own_f(int) RETURNS int LANGUAGE sql AS 'SELECT $1'; CREATE VIEW own_v AS SELECT a FROM own;
        CREATE MATERIALIZED VIEW own_m AS SELECT * FROM own_v; GRANT SELECT ON t TO carol; GRANT SELECT ON own TO carol;
        ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO carol""")
    owner.execute("REASSIGN OWNED BY bob TO dave; REASSIGN OWNED BY dave TO bob")  # types, too
    assert owner.execute("SELECT typowner::regrole::text FROM pg_type WHERE typname = 'mood'").fetchone() == ("bob",)
    state, message = sqlstate(owner, "DROP USER bob")
    assert (state, message) == ("2BP01", 'role "bob" cannot be dropped because some objects depend on it')
    assert sqlstate(bob, "DROP OWNED BY carol") == ("42501", "permission denied to drop objects")
    assert sqlstate(owner, "DROP OWNED BY weir") == (
        "2BP01", "cannot drop objects owned by role weir because they are required by the database system")
    owner.execute("CREATE VIEW others AS SELECT * FROM own_v")
    assert sqlstate(owner, "DROP OWNED BY bob")[0] == "2BP01"
    assert owner.execute("SELECT count(*) FROM own_v").fetchone() == (0,)
    owner.execute("BEGIN; DROP OWNED BY bob CASCADE; ROLLBACK")
    assert owner.execute("SELECT count(*) FROM others").fetchone() == (0,)
    owner.execute("DROP OWNED BY bob CASCADE")
    assert owner.execute("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind <> 'i'"
                         ).fetchall() == [("t",)]
    assert owner.execute("SELECT relacl::text FROM pg_class WHERE relname = 't'").fetchone() == ("{weir=arwdDxt/weir}",)
    assert owner.execute("SELECT to_regtype('mood'), to_regnamespace('own_schema'), to_regproc('own_f')").fetchone() == (
        None, None, None)
    assert owner.execute("SELECT count(*) FROM pg_default_acl").fetchone() == (0,)
    owner.execute("DROP USER bob, carol, dave")


def test_as_many_sessions_as_a_role_may_have(owner):
    owner.execute("CREATE USER one CONNECTION LIMIT 1; CREATE USER nobody CONNECTION LIMIT 0")
    assert owner.execute("SELECT rolconnlimit FROM pg_roles WHERE rolname = 'one'").fetchone() == (1,)
    assert sqlstate(owner, "ALTER USER one CONNECTION LIMIT -2") == ("22023", "invalid connection limit: -2")
    with as_user(owner, "one"):
        with pytest.raises(psycopg.OperationalError, match='too many connections for role "one"'):
            as_user(owner, "one")
    with pytest.raises(psycopg.OperationalError, match='too many connections for role "nobody"'):
        as_user(owner, "nobody")
    owner.execute("ALTER USER nobody CONNECTION LIMIT -1")
    as_user(owner, "nobody").close()


def test_privileges_of_new_schemas(owner, bob):
    owner.execute("ALTER DEFAULT PRIVILEGES GRANT USAGE, CREATE ON SCHEMAS TO bob; CREATE SCHEMA s")
    bob.execute("CREATE TABLE s.t (a int)")
    assert sqlstate(owner, "ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT USAGE ON SCHEMAS TO bob") == (
        "0LP01", "cannot use IN SCHEMA clause when using GRANT/REVOKE ON SCHEMAS")


def test_default_privileges(owner, bob):
    owner.execute("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO bob")
    owner.execute("CREATE TABLE later (a int)")
    assert bob.execute("SELECT * FROM later").fetchall() == []
    assert sqlstate(bob, "SELECT * FROM t") == DENIED


def test_sequences(owner, bob):
    owner.execute("CREATE SEQUENCE s; CREATE TABLE n (a serial, b int)")
    denied = ("42501", "permission denied for sequence s")
    for statement in ["SELECT nextval('s')", "SELECT setval('s', 3)", "SELECT * FROM s", "GRANT USAGE ON SEQUENCE s TO bob"]:
        assert sqlstate(bob, statement) == denied, statement
    owner.execute("GRANT USAGE ON SEQUENCE s TO bob; GRANT INSERT ON n TO bob")
    assert bob.execute("SELECT nextval('s'), currval('s'), lastval()").fetchone() == (1, 1, 1)
    assert sqlstate(bob, "SELECT setval('s', 3)") == denied
    assert sqlstate(bob, "SELECT last_value FROM s") == denied
    assert bob.execute("""SELECT has_sequence_privilege('s', 'usage'), has_sequence_privilege('s', 'select'),
        has_sequence_privilege('s', 'update, usage'), has_sequence_privilege('weir', 's', 'usage with grant option'),
        has_sequence_privilege('bob', 's'::regclass, 'usage with grant option')""").fetchone() == (
        True, False, True, True, False)
    assert sqlstate(bob, "SELECT has_sequence_privilege('t', 'usage')") == ("42809", '"t" is not a sequence')
    owner.execute("GRANT SELECT, UPDATE ON s TO bob")
    assert bob.execute("SELECT setval('s', 7)").fetchone() == (7,)
    assert bob.execute("SELECT last_value FROM s").fetchone() == (7,)
    assert owner.server.psql("-At", "-c", r"\dp s", user="weir") == "public|s|sequence|weir=rwU/weir\nbob=rwU/weir||\n"
    assert sqlstate(bob, "INSERT INTO n (b) VALUES (1)") == ("42501", "permission denied for sequence n_a_seq")
    owner.execute("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO bob")
    bob.execute("INSERT INTO n (b) VALUES (1)")
    owner.execute("REVOKE ALL ON SEQUENCE s FROM bob")
    assert sqlstate(bob, "SELECT nextval('s')") == denied


def test_mistakes_about_sequences(owner, bob):
    owner.execute("CREATE SEQUENCE s; CREATE TABLE n (a serial)")
    assert sqlstate(owner, "GRANT USAGE ON SEQUENCE t TO bob") == ("42809", '"t" is not a sequence')
    assert sqlstate(owner, "GRANT INSERT ON SEQUENCE s TO bob") == ("0LP01", "invalid privilege type INSERT for sequence")
    assert sqlstate(owner, "GRANT USAGE ON t TO bob") == ("0LP01", "invalid privilege type USAGE for table")
    assert sqlstate(owner, "GRANT SELECT (a) ON SEQUENCE s TO bob") == (
        "0LP01", "column privileges are only valid for relations")
    said = owner.server.psql("-c", "GRANT INSERT ON s TO bob", user="weir")
    assert said == 'WARNING:  sequence "s" only supports USAGE, SELECT, and UPDATE privileges\nGRANT\n'
    assert sqlstate(owner, "GRANT SELECT ON public.nosuch TO bob") == (
        "42P01", 'relation "public.nosuch" does not exist')
    assert sqlstate(owner, "ALTER SEQUENCE n_a_seq OWNER TO bob") == (
        "0A000", 'cannot change owner of sequence "n_a_seq"')
    assert sqlstate(owner, "ALTER SEQUENCE t OWNER TO bob") == ("42809", '"t" is not a sequence')
    assert owner.execute("ALTER SEQUENCE s OWNER TO bob").statusmessage == "ALTER SEQUENCE"
    bob.execute("SELECT setval('s', 3); DROP SEQUENCE s")


def test_default_privileges_on_sequences(owner, bob):
    owner.execute("ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO bob")
    owner.execute("CREATE SEQUENCE s; CREATE TABLE n (a serial)")
    assert bob.execute("SELECT nextval('s'), nextval('n_a_seq')").fetchone() == (1, 1)
    assert owner.server.psql("-At", "-c", r"\ddp", user="weir") == "weir||sequence|weir=rwU/weir\nbob=U/weir\n"
    with pytest.raises(psycopg.Error) as caught:
        owner.execute("DROP ROLE bob")
    detail = caught.value.diag.message_detail
    assert "privileges for sequence s\n" in detail
    assert "privileges for default privileges on new sequences belonging to role weir" in detail
    owner.execute("ALTER DEFAULT PRIVILEGES REVOKE USAGE ON SEQUENCES FROM bob")
    assert owner.server.psql("-At", "-c", r"\ddp", user="weir") == ""


def test_has_privilege_functions(owner, bob):
    owner.execute("GRANT SELECT ON t TO bob WITH GRANT OPTION; GRANT UPDATE (b) ON t TO bob")
    assert bob.execute("""SELECT has_table_privilege('t', 'SELECT'), has_table_privilege('t', 'insert, select'),
        has_table_privilege('bob', 't'::regclass, 'select with grant option'), has_table_privilege('t', 'INSERT'),
        has_column_privilege('t', 'b', 'UPDATE'), has_column_privilege('t', 'a', 'UPDATE'),
        has_any_column_privilege('t', 'UPDATE'), has_schema_privilege('public', 'USAGE'),
        has_schema_privilege('public', 'CREATE'), has_database_privilege('fluss', 'CONNECT'),
        pg_has_role('weir', 'USAGE')""").fetchone() == (
        True, True, True, False, True, False, True, True, False, True, False)
    assert sqlstate(bob, "SELECT has_table_privilege('t', 'foo')") == ("22023", 'unrecognized privilege type: "foo"')


def test_databases_keep_out_whom_they_do_not_know(owner, bob):
    owner.execute("REVOKE CONNECT ON DATABASE fluss FROM PUBLIC")
    with pytest.raises(psycopg.OperationalError, match='permission denied for database "fluss"'):
        as_user(owner, "bob")
    owner.execute("GRANT CONNECT ON DATABASE fluss TO bob")
    as_user(owner, "bob").close()


# --- KWDB


def test_partitions_as_kwdb_allows_them(owner):
    owner.execute("CREATE DATABASE d")
    owner.execute("CREATE USER u")
    with as_user(owner, "u", database="d") as u:
        create = "CREATE TABLE orders (r int, i int, PRIMARY KEY (r, i)) PARTITION BY LIST (r) (PARTITION n VALUES IN (1))"
        assert sqlstate(u, create) == ("42501", "user u does not have CREATE privilege on database d")
        owner.execute("GRANT CREATE ON DATABASE d TO u")
        u.execute(create)
    owner.execute("CREATE TABLE d.other (r int PRIMARY KEY) PARTITION BY LIST (r) (PARTITION n VALUES IN (1))")
    zone = "ALTER PARTITION n OF TABLE other CONFIGURE ZONE USING gc.ttlseconds = 700"
    no_zone = ("42501", "user u does not have ZONECONFIG or CREATE privilege on relation other")
    distribution = "SELECT range_id FROM kwdb_internal.ranges WHERE table_name = 'other'"
    admins = "only users with the admin role are allowed to"
    with as_user(owner, "u", database="d") as u:
        assert sqlstate(u, "ALTER TABLE other PARTITION BY NOTHING") == (
            "42501", "user u does not have CREATE privilege on relation other")
        assert sqlstate(u, zone) == no_zone
        assert sqlstate(u, "ALTER DATABASE fluss CONFIGURE ZONE USING gc.ttlseconds = 700") == (
            "42501", "user u does not have ZONECONFIG or CREATE privilege on database fluss")
        assert sqlstate(u, "ALTER RANGE default CONFIGURE ZONE USING num_replicas = 3") == (
            "42501", f"{admins} alter system ranges")
        assert sqlstate(u, distribution) == ("42501", f"{admins} read kwdb_internal.ranges_no_leases")
        assert sqlstate(u, "SELECT * FROM kwdb_internal.gossip_nodes") == (
            "42501", f"{admins} read kwdb_internal.gossip_nodes")
        for show in ["PARTITIONS FROM TABLE other", "ZONE CONFIGURATION FOR TABLE other", "CREATE TABLE other"]:
            assert sqlstate(u, f"SHOW {show}") == ("42501", "user u has no privileges on relation other")
        owner.execute("GRANT ZONECONFIG ON TABLE d.other TO u")
        assert len(u.execute("SHOW PARTITIONS FROM TABLE other").fetchall()) == 1
        assert u.execute(zone).statusmessage == "CONFIGURE ZONE 1"
        assert sqlstate(u, "SELECT * FROM other") == ("42501", "permission denied for table other")
        owner.execute("REVOKE ZONECONFIG ON TABLE d.other FROM u")
        assert sqlstate(u, zone) == no_zone
        owner.execute("GRANT CREATE ON TABLE d.other TO u")
        assert u.execute(zone).statusmessage == "CONFIGURE ZONE 1"
        u.execute("ALTER TABLE other PARTITION BY NOTHING")
        owner.execute("GRANT admin TO u")
        assert u.execute("SELECT * FROM other").fetchall() == []
        assert len(u.execute(distribution).fetchall()) == 1
        u.execute("ALTER RANGE default CONFIGURE ZONE USING num_replicas = 3")
        u.execute("ALTER TABLE other PARTITION BY LIST (r) (PARTITION n VALUES IN (1))")
        assert u.execute("SHOW is_superuser").fetchone() is not None
