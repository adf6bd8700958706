"""TLS, certificates, rules, and clients that come to be in the way."""

import pathlib
import re
import signal
import socket
import subprocess
import time

import psycopg
import pytest


def openssl(*arguments: str, cwd: pathlib.Path) -> None:
    subprocess.run(["openssl", *arguments], cwd=cwd, check=True, capture_output=True)


class Authority:
    """Signs certificates; all files lie in one directory."""

    def __init__(self, directory: pathlib.Path) -> None:
        self.directory = directory
        directory.mkdir()
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=tests' root",
                "-keyout", "ca.key", "-out", "ca.crt", cwd=directory)

    def sign(self, name: str, common_name: str, alternative: str = "") -> None:
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={common_name}", "-keyout", f"{name}.key",
                "-out", f"{name}.csr", cwd=self.directory)
        extensions = self.directory / f"{name}.ext"
        extensions.write_text(f"subjectAltName={alternative}\n" if alternative else "")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial",
                "-days", "2", "-extfile", f"{name}.ext", "-out", f"{name}.crt", cwd=self.directory)

    def file(self, name: str) -> str:
        return str(self.directory / name)

    @property
    def server_options(self) -> list[str]:
        return ["--tls-cert", self.file("server.crt"), "--tls-key", self.file("server.key")]


@pytest.fixture(scope="module")
def signed(tmp_path_factory):
    authority = Authority(tmp_path_factory.mktemp("tls") / "ca")
    authority.sign("server", "localhost", "DNS:localhost,IP:127.0.0.1")
    authority.sign("alice", "alice")
    return authority


def connect(server, user="weir", **options):
    return server.connect(user=user, autocommit=True, **options)


def test_verify_full(start_server, signed):
    server = start_server(*signed.server_options)
    with connect(server, sslmode="verify-full", sslrootcert=signed.file("ca.crt")) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        assert connection.pgconn.ssl_in_use
        shown = "SELECT ssl, version, cipher <> '', bits >= 128, client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        assert connection.execute(shown).fetchone() == (True, "TLSv1.3", True, True, None)
        assert connection.execute("SHOW ssl").fetchone() == ("on",)
        assert len(connection.execute("SELECT repeat('x', 1000) FROM generate_series(1, 5000)").fetchall()) == 5000
    shown = server.psql("-c", r"\conninfo", user="weir", PGSSLMODE="require")
    assert "TLSv1.3" in shown
    # Who does not ask for it goes without.
    with connect(server, sslmode="disable") as connection:
        assert not connection.pgconn.ssl_in_use


def test_another_name_or_root_is_refused_by_the_client(start_server, signed, tmp_path):
    other = Authority(tmp_path / "other")
    server = start_server(*signed.server_options)
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        connect(server, sslmode="verify-full", sslrootcert=other.file("ca.crt"))


def test_passwords_are_bound_to_the_connection(start_server, signed):
    server = start_server(*signed.server_options)
    with connect(server) as connection:
        connection.execute("ALTER USER weir PASSWORD 'secret'")
    with connect(server, password="secret", sslmode="require", channel_binding="require") as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("weir",)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(server, password="wrong", sslmode="require", channel_binding="require")
    connect(server, password="secret", sslmode="require", channel_binding="disable").close()
    connect(server, password="secret", sslmode="disable").close()


def test_certificates_of_clients(start_server, signed, tmp_path):
    rules = tmp_path / "rules"
    rules.write_text("hostssl all alice 127.0.0.1/32 cert   # by her certificate\nhost all weir all trust\n")
    server = start_server(*signed.server_options, "--tls-client-ca", signed.file("ca.crt"), "--sql-rules", str(rules))
    with connect(server) as connection:
        connection.execute("CREATE USER alice")
    pathlib.Path(signed.file("alice.key")).chmod(0o600)
    mine = {"sslmode": "require", "sslcert": signed.file("alice.crt"), "sslkey": signed.file("alice.key")}
    with connect(server, user="alice", **mine) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("alice",)
    with pytest.raises(psycopg.OperationalError, match='certificate authentication failed for user "alice"'):
        connect(server, user="alice", sslmode="require")
    with pytest.raises(psycopg.OperationalError, match="no rule lets anybody in"):
        connect(server, user="alice", sslmode="disable")


def test_new_certificates_without_a_restart(start_server, signed, tmp_path):
    authority = Authority(tmp_path / "renewed")
    authority.sign("server", "localhost", "IP:127.0.0.1")
    server = start_server(*authority.server_options)
    with connect(server, sslmode="verify-full", sslrootcert=authority.file("ca.crt")) as before:
        for file in ["server.crt", "server.key"]:
            pathlib.Path(authority.file(file)).write_bytes(pathlib.Path(signed.file(file)).read_bytes())
        server.signal(signal.SIGHUP)
        server.await_log("the files of TLS were read again")
        with connect(server, sslmode="verify-full", sslrootcert=signed.file("ca.crt")) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert before.execute("SELECT 2").fetchone() == (2,)
    # What cannot be used changes nothing.
    pathlib.Path(authority.file("server.crt")).write_text("no certificate")
    server.signal(signal.SIGHUP)
    server.await_log("TLS goes on as it was")
    connect(server, sslmode="verify-full", sslrootcert=signed.file("ca.crt")).close()


@pytest.mark.parametrize("rule, complaint", [
    ("host all all 127.0.0.1/33 trust", "line 1: '127.0.0.1/33' has no number of bits from 0 to 32"),
    ("host all all all md5", "line 1: 'md5' is none of trust, reject, scram-sha-256, cert"),
    ("\nlocal all all trust", "line 2: it has fewer than five words"),
    ("host all all somewhere trust", "line 1: 'somewhere' is no address"),
])
def test_rules_that_make_no_sense_stop_the_start(binary, tmp_path, rule, complaint):
    rules = tmp_path / "rules"
    rules.write_text(rule + "\n")
    done = subprocess.run([binary, "server", "--data", str(tmp_path / "data"), "--sql", "127.0.0.1:0", "--sql-rules",
                           str(rules)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and complaint in done.stderr


def test_the_first_rule_that_fits_decides(start_server, tmp_path):
    rules = tmp_path / "rules"
    rules.write_text("host all +team all reject\nhost fluss weir,bob 127.0.0.0/8 trust\n")
    server = start_server("--sql-rules", str(rules))
    with connect(server) as connection:
        connection.execute("CREATE ROLE team; CREATE USER bob; CREATE USER ann; GRANT team TO ann")
        connection.execute("CREATE DATABASE d")
    connect(server, user="bob").close()
    with pytest.raises(psycopg.OperationalError, match="a rule rejects connections"):
        connect(server, user="ann")
    with pytest.raises(psycopg.OperationalError, match="no rule lets anybody in"):
        connect(server, user="bob", database="d")


def test_rules_are_read_as_postgres_reads_them(start_server, tmp_path):
    rules = tmp_path / "rules"
    rules.write_text('host fluss weir all trust\n')
    server = start_server("--sql-rules", str(rules))
    with connect(server) as connection:
        connection.execute('CREATE USER bob; CREATE USER ann; CREATE USER "all"; CREATE ROLE team; GRANT team TO ann')
        connection.execute("CREATE DATABASE bob")
        connection.execute("CREATE DATABASE team")

    def enters(user, database="fluss"):
        try:
            connect(server, user=user, database=database).close()
        except psycopg.OperationalError as error:
            assert "no rule lets anybody in" in str(error)
            return False
        return True

    def reread(text, said="the rules of logins were read again"):
        rules.write_text(text)
        before = server.log().count(said)
        server.signal(signal.SIGHUP)
        server.await_log(said, before + 1)

    assert not enters("bob")
    reread("host sameuser all 127.0.0.0 255.0.0.0 trust\nhost samerole ann 127.0.0.1 trust\n")
    assert [enters("bob"), enters("bob", "bob"), enters("ann", "team"), enters("ann", "bob")] == [False, True, True, False]
    reread('host fluss, bob  "all", ann all trust\nhost team all 128.0.0.0 255.0.0.0 trust\n')
    assert [enters("bob"), enters("ann"), enters("all"), enters("ann", "team")] == [False, True, True, False]
    for wrong in ["host all all 127.0.0.0 255.0.255.0 trust", "host all all 127.0.0.0 255.0.0.0", "host all all a,b trust"]:
        reread(wrong, "logins go on by the rules as they were")
    assert enters("ann") and not enters("bob")


def test_a_thousand_silent_connections_keep_nobody_out(start_server, signed):
    server = start_server(*signed.server_options)
    tls_request = (8).to_bytes(4, "big") + (80877103).to_bytes(4, "big")
    silent = []
    try:
        for i in range(1000):
            silent.append(socket.create_connection(("127.0.0.1", server.port)))
            if i % 2:
                silent[-1].sendall(tls_request)  # … and then no handshake
            if i % 250 == 249:
                with connect(server, connect_timeout=30) as connection:
                    assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        for one in silent:
            one.close()


def test_sessions_are_kept_for_superusers(start_server):
    server = start_server()
    with connect(server) as owner:
        owner.execute("CREATE USER bob")
        sessions = []
        with pytest.raises(psycopg.OperationalError, match="reserved for superuser connections"):
            while len(sessions) < 100:
                sessions.append(connect(server, user="bob"))
        with connect(server) as another:
            assert another.execute("SELECT 1").fetchone() == (1,)
        for session in sessions:
            session.close()


def test_what_comes_before_tls_is_not_taken_for_what_comes_in_it(start_server, signed):
    server = start_server(*signed.server_options)
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall((8).to_bytes(4, "big") + (80877103).to_bytes(4, "big") + b"user\0weir\0\0")
        client.settimeout(30)
        received = b""
        while part := client.recv(4096):
            received += part
        assert received in (b"", b"S")


def test_garbage_instead_of_a_login(start_server):
    server = start_server()
    with connect(server) as connection:
        connection.execute("ALTER USER weir PASSWORD 'secret'")
    startup = (3 << 16).to_bytes(4, "big") + b"user\0weir\0database\0fluss\0\0"
    startup = (len(startup) + 4).to_bytes(4, "big") + startup

    def message(kind: bytes, body: bytes) -> bytes:
        return kind + (len(body) + 4).to_bytes(4, "big") + body

    mechanism = b"SCRAM-SHA-256\0"
    for answer in [b"", message(b"Q", b"SELECT 1\0"), message(b"p", b""), message(b"p", mechanism),
                   message(b"p", b"SCRAM-SHA-256-PLUS\0" + (0).to_bytes(4, "big")),
                   message(b"p", mechanism + (9).to_bytes(4, "big") + b"n,,n=,r=a"),
                   message(b"p", mechanism + (2**31 - 1).to_bytes(4, "big") + b"n,,n=,r=a"),
                   message(b"p", b"\xff" * 1000), b"p" + (2**31 - 1).to_bytes(4, "big")]:
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.settimeout(30)
            client.sendall(startup)
            assert client.recv(9)[:1] == b"R"
            client.sendall(answer)
            client.shutdown(socket.SHUT_WR)
            while client.recv(4096):
                pass
    connect(server, password="secret").close()
    assert re.search(r"a login as 'weir'", server.log()) is None


def test_guessing_gets_slower(start_server):
    server = start_server()
    with connect(server) as connection:
        connection.execute("ALTER USER weir PASSWORD 'secret'")
    began = time.monotonic()
    for _ in range(4):
        with pytest.raises(psycopg.OperationalError):
            connect(server, password="guess")
    assert time.monotonic() - began >= 0.2 + 0.4 + 0.8 + 1.6
    assert server.log().count("a login as 'weir' from 127.0.0.1 failed") == 4
