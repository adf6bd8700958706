"""What sessions see of one another, and how they end what others do."""

import time

import psycopg
import pytest

LIMIT_S = 60


@pytest.fixture
def owner(start_server):
    server = start_server()
    with server.connect(user="weir", autocommit=True) as connection:
        connection.server = server
        yield connection


def sqlstate(connection, statement, *values):
    with pytest.raises(psycopg.Error) as caught:
        connection.execute(statement, *values)
    return caught.value.sqlstate, caught.value.diag.message_primary


def pid_of(connection):
    return connection.execute("SELECT pg_backend_pid()").fetchone()[0]


def shown(connection, pid, columns):
    return connection.execute(f"SELECT {columns} FROM pg_stat_activity WHERE pid = %s", (pid,)).fetchone()


def await_shown(connection, pid, columns, wanted):
    deadline = time.monotonic() + LIMIT_S
    while (now := shown(connection, pid, columns)) != wanted:
        assert time.monotonic() < deadline, now
        time.sleep(0.01)


def send(connection, statement):
    """Without waiting for the answer."""
    connection.pgconn.send_query(statement.encode())


def answer(connection):
    """Of what was sent: the errors' SQLSTATEs, None for what succeeded."""
    states = []
    while (result := connection.pgconn.get_result()) is not None:
        state = result.error_field(psycopg.pq.DiagnosticField.SQLSTATE)
        states.append(state.decode() if state else None)
    return states


# --- pg_stat_activity


def test_sessions_show_what_they_are_at(server, conn, database):
    with server.connect(database, autocommit=True, application_name="other") as other:
        pid = pid_of(other)
        assert pid == other.info.backend_pid != pid_of(conn)
        row = shown(conn, pid, "datname, usename, application_name, state, query, backend_type, client_addr::text, "
                               "client_port > 0, client_hostname, leader_pid, wait_event_type, wait_event")
        assert row == (database, "tester", "other", "idle", "SELECT pg_backend_pid()", "client backend", "127.0.0.1/32",
                       True, None, None, "Client", "ClientRead")
        other.execute("BEGIN")
        assert shown(conn, pid, "state, query, xact_start <= query_start") == ("idle in transaction", "BEGIN", True)
        other.execute("SET application_name = 'renamed'")
        with pytest.raises(psycopg.Error):
            other.execute("SELECT nothing")
        assert shown(conn, pid, "state, application_name, query, backend_start <= xact_start AND xact_start <= "
                                "query_start AND query_start <= state_change") == (
            "idle in transaction (aborted)", "renamed", "SELECT nothing", True)
        other.execute("ROLLBACK")
        assert shown(conn, pid, "state, xact_start, application_name") == ("idle", None, "other")
    own = conn.execute("SELECT state, query, wait_event FROM pg_stat_activity WHERE pid = pg_backend_pid()").fetchone()
    assert own[0] == "active" and own[1].startswith("SELECT state, query") and own[2] is None
    await_shown(conn, pid, "count(*)", (0,))


def test_long_queries_are_cut_between_characters(server, conn, database):
    with server.connect(database, autocommit=True) as other:
        pid = pid_of(other)
        other.execute("SELECT '" + "ü" * 2000 + "'")
        query = shown(conn, pid, "query")[0]
    assert query == "SELECT '" + "ü" * 507


def test_databases_count_their_sessions(server, conn, database):
    count = "SELECT numbackends FROM pg_stat_database WHERE datname = %s"
    assert conn.execute(count, (database,)).fetchone() == (1,)
    with server.connect(database):
        assert conn.execute(count, (database,)).fetchone() == (2,)


def test_the_client_knows_its_socket(server, conn):
    row = conn.execute("SELECT host(inet_client_addr()), inet_client_port() > 0, host(inet_server_addr()), "
                       "inet_server_port()").fetchone()
    assert row == ("127.0.0.1", True, "127.0.0.1", server.port)
    assert conn.execute("SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetchone() == (False, None)
    assert conn.execute("SELECT gss_authenticated FROM pg_stat_gssapi WHERE pid = pg_backend_pid()").fetchone() == (False,)
    assert conn.execute("SHOW port").fetchone() == (str(server.port),)
    assert conn.execute("SHOW max_connections").fetchone() == ("100",)
    assert conn.execute("SELECT pg_postmaster_start_time() <= now()").fetchone() == (True,)


def test_transactions_have_numbers(conn):
    assert conn.execute("SELECT txid_current_if_assigned()").fetchone() == (None,)
    first, again = conn.execute("SELECT txid_current(), pg_current_xact_id()::text::bigint").fetchone()
    assert first == again
    assert conn.execute("SELECT txid_current() > %s", (first,)).fetchone() == (True,)
    with conn.transaction():
        own = conn.execute("SELECT txid_current()").fetchone()
        assert conn.execute("SELECT txid_current_if_assigned()").fetchone() == own


# --- locks


def test_locks_are_listed_with_who_waits_for_them(server, conn, database):
    conn.execute("CREATE TABLE t (a int)")
    locks = ("SELECT locktype, relation::regclass::text, mode, granted FROM pg_locks WHERE pid = %s AND relation = "
             "'t'::regclass")
    with server.connect(database) as holder, server.connect(database, autocommit=True) as waiter:
        holding, waiting = pid_of(holder), pid_of(waiter)
        holder.execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
        assert conn.execute(locks, (holding,)).fetchall() == [("relation", "t", "AccessExclusiveLock", True)]
        send(waiter, "SELECT * FROM t")
        await_shown(conn, waiting, "state, wait_event_type, wait_event", ("active", "Lock", "relation"))
        assert conn.execute(locks + " AND waitstart <= now()", (waiting,)).fetchall() == [
            ("relation", "t", "AccessShareLock", False)]
        assert conn.execute("SELECT pg_blocking_pids(%s), pg_blocking_pids(%s)", (waiting, holding)).fetchone() == (
            [holding], [])
        holder.rollback()
        assert answer(waiter) == [None]
        assert conn.execute("SELECT pg_blocking_pids(%s)", (waiting,)).fetchone() == ([],)


def test_rows_that_are_waited_for_are_listed(server, conn, database):
    conn.execute("CREATE TABLE t (a int PRIMARY KEY, b int)")
    conn.execute("INSERT INTO t VALUES (1, 1)")
    with server.connect(database) as holder, server.connect(database, autocommit=True) as waiter:
        holding, waiting = pid_of(holder), pid_of(waiter)
        holder.execute("UPDATE t SET b = 2 WHERE a = 1")
        send(waiter, "UPDATE t SET b = 3 WHERE a = 1")
        await_shown(conn, waiting, "wait_event_type, wait_event", ("Lock", "tuple"))
        pairs = conn.execute("SELECT DISTINCT w.pid, h.pid FROM pg_locks w JOIN pg_locks h ON h.locktype = w.locktype AND "
                             "h.relation = w.relation AND h.page = w.page AND h.tuple = w.tuple AND h.granted "
                             "WHERE NOT w.granted").fetchall()
        assert pairs == [(waiting, holding)]
        holder.rollback()
        assert answer(waiter) == [None]


def test_advisory_locks_are_listed_by_their_keys(conn):
    listed = ("SELECT classid::bigint, objid::bigint, objsubid, mode, granted, database = (SELECT oid FROM pg_database "
              "WHERE datname = current_database()) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() "
              "ORDER BY objsubid")
    conn.execute("SELECT pg_advisory_lock(%s), pg_advisory_lock_shared(3, 4)", (2**32 + 5,))
    assert conn.execute(listed).fetchall() == [(1, 5, 1, "ExclusiveLock", True, True), (3, 4, 2, "ShareLock", True, True)]
    conn.execute("SELECT pg_advisory_unlock_all()")
    assert conn.execute(listed).fetchall() == []


# --- ending what others do


def test_a_statement_is_cancelled_from_another_session(server, conn, database):
    with server.connect(database, autocommit=True) as other:
        pid = pid_of(other)
        send(other, "SELECT pg_sleep(3600)")
        await_shown(conn, pid, "state, query", ("active", "SELECT pg_sleep(3600)"))
        assert conn.execute("SELECT pg_cancel_backend(%s)", (pid,)).fetchone() == (True,)
        assert answer(other) == ["57014"]
        assert other.execute("SELECT 1").fetchone() == (1,)


def test_a_wait_for_a_lock_is_cancelled_from_another_session(server, conn, database):
    conn.execute("CREATE TABLE t (a int)")
    with server.connect(database) as holder, server.connect(database, autocommit=True) as waiter:
        waiting = pid_of(waiter)
        holder.execute("LOCK TABLE t")
        send(waiter, "SELECT * FROM t")
        await_shown(conn, waiting, "wait_event", ("relation",))
        assert conn.execute("SELECT pg_cancel_backend(%s)", (waiting,)).fetchone() == (True,)
        assert answer(waiter) == ["57014"]


def test_a_session_is_ended_from_another(server, conn, database):
    conn.execute("CREATE TABLE t (a int)")
    other = server.connect(database)
    pid = pid_of(other)
    other.execute("INSERT INTO t VALUES (1)")
    assert conn.execute("SELECT pg_terminate_backend(%s, 60000)", (pid,)).fetchone() == (True,)
    assert shown(conn, pid, "count(*)") == (0,)
    with pytest.raises(psycopg.OperationalError, match="terminating connection due to administrator command"):
        other.execute("SELECT 1")
    assert other.closed
    assert conn.execute("SELECT count(*) FROM t").fetchone() == (0,)


def test_a_busy_session_is_ended_from_another(server, conn, database):
    other = server.connect(database, autocommit=True)
    pid = pid_of(other)
    send(other, "SELECT pg_sleep(3600)")
    await_shown(conn, pid, "state", ("active",))
    assert conn.execute("SELECT pg_terminate_backend(%s)", (pid,)).fetchone() == (True,)
    assert answer(other)[0] == "57P01"
    await_shown(conn, pid, "count(*)", (0,))


def test_who_is_not_there_cannot_be_ended(server, conn):
    notices = []
    conn.add_notice_handler(lambda notice: notices.append((notice.severity_nonlocalized, notice.message_primary)))
    assert conn.execute("SELECT pg_cancel_backend(2147483647), pg_terminate_backend(2147483647)").fetchone() == (
        False, False)
    assert notices == [("WARNING", "PID 2147483647 is not a PostgreSQL backend process")] * 2
    assert sqlstate(conn, "SELECT pg_terminate_backend(pg_backend_pid(), -1)") == (
        "22003", '"timeout" must not be negative')


def test_privileges_say_whom_one_sees_and_ends(owner):
    owner.execute("CREATE USER a; CREATE USER b; CREATE USER watcher; CREATE USER guard")
    owner.execute("GRANT pg_monitor TO watcher; GRANT pg_signal_backend TO guard")
    connect = owner.server.connect
    with connect(user="a", autocommit=True) as a, connect(user="b", autocommit=True) as b:
        pid = pid_of(a)
        hidden = "application_name IS NULL, state, client_addr, xact_start, wait_event, backend_type, query"
        assert shown(b, pid, "usename, " + hidden) == (
            "a", False, None, None, None, None, None, "<insufficient privilege>")
        assert sqlstate(b, "SELECT pg_cancel_backend(%s)", (pid,)) == (
            "42501", "must be a member of the role whose query is being canceled or member of pg_signal_backend")
        assert sqlstate(b, "SELECT pg_terminate_backend(%s)", (pid,)) == (
            "42501", "must be a member of the role whose process is being terminated or member of pg_signal_backend")
        assert sqlstate(b, "SELECT pg_cancel_backend(%s)", (pid_of(owner),)) == (
            "42501", "must be a superuser to cancel superuser query")
        assert sqlstate(b, "SELECT pg_terminate_backend(%s)", (pid_of(owner),)) == (
            "42501", "must be a superuser to terminate superuser process")
        with connect(user="watcher", autocommit=True) as watcher:
            assert shown(watcher, pid, "state, query") == ("idle", "SELECT pg_backend_pid()")
            assert sqlstate(watcher, "SELECT pg_cancel_backend(%s)", (pid,))[0] == "42501"
        with connect(user="a", autocommit=True) as again:
            assert shown(again, pid, "state") == ("idle",)
            assert again.execute("SELECT pg_cancel_backend(%s)", (pid,)).fetchone() == (True,)
        with connect(user="guard", autocommit=True) as guard:
            assert guard.execute("SELECT pg_terminate_backend(%s, 60000)", (pid,)).fetchone() == (True,)
        with pytest.raises(psycopg.Error):
            a.execute("SELECT 1")


# --- the session's own


def test_cursors_and_prepared_statements_are_listed(conn):
    with conn.transaction():
        conn.execute("DECLARE c NO SCROLL CURSOR WITH HOLD FOR SELECT 1")
        conn.execute("PREPARE p(int, text) AS SELECT $1, $2")
        assert conn.execute("SELECT name, statement, is_holdable, is_scrollable, creation_time <= clock_timestamp() "
                            "FROM pg_cursors").fetchall() == [
            ("c", "DECLARE c NO SCROLL CURSOR WITH HOLD FOR SELECT 1", True, False, True)]
    listed = conn.execute("SELECT name, statement, parameter_types::text, from_sql FROM pg_prepared_statements").fetchall()
    assert ("p", "PREPARE p(int, text) AS SELECT $1, $2", "{integer,text}", True) in listed


def test_a_statement_knows_its_text(conn):
    assert conn.execute("SELECT current_query()").fetchone() == ("SELECT current_query()",)
    assert conn.execute("SELECT pg_current_logfile(), pg_relation_filepath('pg_class'::regclass)").fetchone() == (None, None)


def test_what_nobody_counts(conn):
    conn.execute("CREATE TABLE counted (a int PRIMARY KEY)")
    assert conn.execute("SELECT pg_stat_get_numscans(indexrelid), pg_stat_get_live_tuples(indrelid) FROM pg_index "
                        "WHERE indrelid = 'counted'::regclass").fetchall() == [(None, None)]
    with pytest.raises(psycopg.errors.UndefinedFunction, match="pg_identify_object"):
        conn.execute("SELECT pg_identify_object(1259, 1259, 0)")
