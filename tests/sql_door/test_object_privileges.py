"""Privileges on functions, types and sequences; what the catalogs show of them."""

import psycopg
import pytest


@pytest.fixture
def owner(start_server):
    with start_server().connect(user="weir", autocommit=True) as connection:
        connection.execute("CREATE ROLE reader; CREATE SCHEMA app; GRANT USAGE, CREATE ON SCHEMA app TO reader")
        yield connection


def another(connection, **options):
    return psycopg.connect(host="127.0.0.1", port=connection.info.port, user="weir", dbname="fluss", **options)


def as_reader(connection, statement):
    """Its first row, or the SQLSTATE and the text of its error."""
    connection.execute("SET ROLE reader")
    try:
        done = connection.execute(statement)
        return done.fetchone() if done.description else None
    except psycopg.Error as error:
        return error.sqlstate, error.diag.message_primary
    finally:
        connection.execute("RESET ROLE")


def test_execute_is_everybodys_until_it_is_revoked(owner):
    owner.execute("CREATE FUNCTION app.f(a int) RETURNS int LANGUAGE sql AS 'SELECT a + 1'")
    owner.execute("CREATE FUNCTION app.f(a text) RETURNS text LANGUAGE sql AS 'SELECT a'")
    assert as_reader(owner, "SELECT app.f(1)") == (2,)
    owner.execute("REVOKE EXECUTE ON FUNCTION app.f(int) FROM PUBLIC")
    assert as_reader(owner, "SELECT app.f(1)") == ("42501", "permission denied for function f")
    assert as_reader(owner, "SELECT app.f('x'::text)") == ("x",)
    assert as_reader(owner, "SELECT * FROM app.f(1)") == ("42501", "permission denied for function f")
    shown = "SELECT proacl::text, has_function_privilege('reader', oid, 'EXECUTE') FROM pg_proc WHERE pronargs = 1 "
    of_integers = shown + "AND proname = 'f' AND proargtypes[0] = 'int'::regtype"
    assert owner.execute(of_integers).fetchone() == ("{weir=X/weir}", False)
    owner.execute("GRANT EXECUTE ON FUNCTION app.f(int) TO reader")
    assert as_reader(owner, "SELECT app.f(1)") == (2,)
    assert owner.execute(of_integers).fetchone() == ("{weir=X/weir,reader=X/weir}", True)
    owner.execute("REVOKE ALL ON SCHEMA app FROM reader")
    with pytest.raises(psycopg.Error, match="cannot be dropped because some objects depend on it") as refused:
        owner.execute("DROP ROLE reader")
    assert refused.value.diag.message_detail == "privileges for function app.f(integer)"
    owner.execute("DROP FUNCTION app.f(int); DROP ROLE reader")


def test_a_plan_that_is_kept_does_not_call_what_was_revoked(owner):
    owner.execute("CREATE FUNCTION app.f(a int) RETURNS int LANGUAGE sql AS 'SELECT a + 1'")
    with another(owner, autocommit=True) as reader:
        reader.execute("SET ROLE reader")
        for _ in range(3):
            assert reader.execute("SELECT app.f(%s)", (1,), prepare=True).fetchone() == (2,)
            assert reader.execute("SELECT app.f(1)").fetchone() == (2,)
        owner.execute("REVOKE EXECUTE ON FUNCTION app.f FROM PUBLIC")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("SELECT app.f(1)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("SELECT app.f(%s)", (1,), prepare=True)


def test_procedures_and_all_functions_of_a_schema(owner):
    owner.execute("CREATE TABLE app.t (a int); GRANT INSERT ON app.t TO reader")
    owner.execute("CREATE PROCEDURE app.p(x int) LANGUAGE sql AS 'INSERT INTO app.t VALUES (x)'")
    owner.execute("CREATE FUNCTION app.one() RETURNS int RETURN 1")
    owner.execute("REVOKE ALL ON ALL ROUTINES IN SCHEMA app FROM PUBLIC")
    assert as_reader(owner, "CALL app.p(1)") == ("42501", "permission denied for procedure p")
    assert as_reader(owner, "SELECT app.one()") == ("42501", "permission denied for function one")
    owner.execute("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA app TO reader")
    assert as_reader(owner, "SELECT app.one()") == (1,)
    assert as_reader(owner, "CALL app.p(1)") == ("42501", "permission denied for procedure p")
    owner.execute("GRANT EXECUTE ON PROCEDURE app.p TO reader")
    assert as_reader(owner, "CALL app.p(1)") is None
    assert owner.execute("SELECT * FROM app.t").fetchall() == [(1,)]


def test_usage_of_a_type_is_needed_to_make_something_of_it(owner):
    owner.execute("CREATE TYPE app.mood AS ENUM ('sad', 'ok'); REVOKE USAGE ON TYPE app.mood FROM PUBLIC")
    assert as_reader(owner, "SELECT 'ok'::app.mood::text") == ("ok",)
    assert as_reader(owner, "CREATE TABLE app.t (m app.mood)") == ("42501", "permission denied for type mood")
    owner.execute("GRANT USAGE ON TYPE app.mood TO reader")
    assert as_reader(owner, "CREATE TABLE app.t (m app.mood)") is None
    assert owner.execute("SELECT typacl::text, has_type_privilege('reader', oid, 'USAGE') FROM pg_type "
                         "WHERE typname = 'mood'").fetchone() == ("{weir=U/weir,reader=U/weir}", True)
    with pytest.raises(psycopg.Error, match="cannot set privileges of array types"):
        owner.execute("GRANT USAGE ON TYPE app._mood TO reader")


def test_sequences_have_privileges_of_their_own(owner):
    owner.execute("CREATE SEQUENCE app.s; CREATE TABLE app.t (a int)")
    assert as_reader(owner, "SELECT nextval('app.s')") == ("42501", "permission denied for sequence s")
    owner.execute("GRANT USAGE ON SEQUENCE app.s TO reader")
    assert as_reader(owner, "SELECT nextval('app.s')") == (1,)
    assert as_reader(owner, "SELECT last_value FROM app.s") == ("42501", "permission denied for sequence s")
    assert as_reader(owner, "SELECT setval('app.s', 5)") == ("42501", "permission denied for sequence s")
    owner.execute("GRANT ALL ON ALL SEQUENCES IN SCHEMA app TO reader")
    assert as_reader(owner, "SELECT setval('app.s', 5)") == (5,)
    assert owner.execute("SELECT relacl::text FROM pg_class WHERE relname = 's'").fetchone() == (
        "{weir=rwU/weir,reader=rwU/weir}",)
    assert owner.execute("SELECT relacl FROM pg_class WHERE relname = 't'").fetchone() == (None,)
    with pytest.raises(psycopg.Error, match='"t" is not a sequence'):
        owner.execute("GRANT USAGE ON SEQUENCE app.t TO reader")
    with pytest.raises(psycopg.Error, match="invalid privilege type USAGE for table"):
        owner.execute("GRANT USAGE ON TABLE app.t TO reader")


def test_default_privileges_of_functions_types_and_sequences(owner):
    owner.execute("ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC")
    owner.execute("ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT USAGE ON SEQUENCES TO reader")
    owner.execute("CREATE FUNCTION app.f() RETURNS int RETURN 1; CREATE SEQUENCE app.s")
    assert as_reader(owner, "SELECT app.f()") == ("42501", "permission denied for function f")
    assert as_reader(owner, "SELECT nextval('app.s')") == (1,)
    assert owner.execute("SELECT defaclobjtype::text, defaclacl::text FROM pg_default_acl ORDER BY 1").fetchall() == [
        ("S", "{reader=U/weir}"), ("f", "{weir=X/weir}")]


def test_comments_on_what_all_databases_share(owner):
    owner.execute("COMMENT ON ROLE reader IS 'who reads'; COMMENT ON DATABASE fluss IS 'the first'")
    owner.execute("COMMENT ON SCHEMA app IS 'an app'; COMMENT ON SCHEMA public IS 'ours'")
    shown = owner.execute(
        "SELECT (SELECT shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = 'reader'), "
        "(SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = 'fluss'), "
        "obj_description('app'::regnamespace, 'pg_namespace'), obj_description('public'::regnamespace, 'pg_namespace')")
    assert shown.fetchone() == ("who reads", "the first", "an app", "ours")
    assert as_reader(owner, "COMMENT ON SCHEMA app IS 'mine'") == ("42501", "must be owner of schema app")
    owner.execute("DROP SCHEMA app CASCADE; CREATE SCHEMA app")
    assert owner.execute("SELECT obj_description('app'::regnamespace, 'pg_namespace')").fetchone() == (None,)


def test_views_of_one_table_made_at_the_same_time(owner):
    owner.execute("CREATE TABLE app.t (a int)")
    others = [another(owner) for _ in range(2)]
    for number, other in enumerate(others):
        other.execute(f"CREATE VIEW app.v{number} AS SELECT a FROM app.t")
    for other in others:
        other.commit()
        other.close()
    with pytest.raises(psycopg.Error) as refused:
        owner.execute("DROP TABLE app.t")
    assert refused.value.diag.message_detail == ("view app.v0 depends on table app.t\n"
                                                 "view app.v1 depends on table app.t")
