"""The users of the SQL door at the Fluss door: logins by SASL, and what they may do."""
from __future__ import annotations

import base64
import hashlib
import hmac
import os
import socket

import pyarrow as pa
import pytest

fluss = pytest.importorskip("fluss")
from fluss.sync import FlussConnection  # noqa: E402

AUTHENTICATION = 46
AUTHORIZATION = 48
SCHEMA = pa.schema([("id", pa.int32()), ("name", pa.string())])


@pytest.fixture
def door(start_server):
    """A server with the users root, alice and bob, and a session of weir's."""
    server = start_server()
    with server.connect(user="weir", autocommit=True) as connection:
        connection.execute("CREATE DATABASE d")
        connection.execute("CREATE USER alice PASSWORD 'alice-secret'; CREATE USER bob PASSWORD 'b'; "
                           "ALTER USER root PASSWORD 'root-secret'")
        connection.server = server
        yield connection


def config(door, user=None, password=None):
    properties = {"bootstrap.servers": door.server.fluss}
    if user is not None:
        properties |= {"security.protocol": "sasl", "security.sasl.mechanism": "PLAIN", "security.sasl.username": user,
                       "security.sasl.password": password}
    return fluss.Config(properties)


def connect(door, user, password):
    return FlussConnection.create(config(door, user, password))


def code_of(action, *arguments) -> int:
    with pytest.raises(fluss.FlussError) as caught:
        action(*arguments)
    return caught.value.error_code


def descriptor(**options):
    return fluss.TableDescriptor(fluss.Schema(SCHEMA), **options)


def test_who_has_a_password_needs_it(door):
    with connect(door, "root", "root-secret") as connection:
        assert "d" in connection.get_admin().list_databases()
    for user, password in [("root", "other"), ("nobody", "root-secret"), ("weir", "x"), ("admin", "x")]:
        assert code_of(connect, door, user, password) == AUTHENTICATION
    assert code_of(FlussConnection.create, config(door)) == AUTHENTICATION


def test_without_passwords_there_is_nothing_to_log_in_with(start_server):
    server = start_server()
    with FlussConnection.create(fluss.Config({"bootstrap.servers": server.fluss})) as connection:
        connection.get_admin().create_database("free")
    sasl = fluss.Config({"bootstrap.servers": server.fluss, "security.protocol": "sasl",
                         "security.sasl.username": "root", "security.sasl.password": "x"})
    assert code_of(FlussConnection.create, sasl) == AUTHENTICATION


def test_grants_of_sql_hold(door):
    door.execute("CREATE TABLE d.t (id int, name text); INSERT INTO d.t VALUES (1, 'a')")
    with connect(door, "alice", "alice-secret") as alice:
        admin = alice.get_admin()
        assert admin.list_tables("d") == []
        assert not admin.table_exists("d.t")
        assert code_of(alice.get_table, "d.t") == AUTHORIZATION
        door.execute("GRANT SELECT ON d.t TO alice")
        assert admin.list_tables("d") == ["t"]
        assert alice.get_table("d.t").new_scan().to_arrow().to_pylist() == [{"id": 1, "name": "a"}]

        def append():
            with alice.get_table("d.t").new_append().create_writer() as writer:
                writer.append({"id": 2, "name": "b"})

        assert code_of(append) == AUTHORIZATION
        door.execute("GRANT INSERT ON d.t TO alice")
        append()
        assert code_of(admin.drop_table, "d.t") == AUTHORIZATION
        door.execute("REVOKE ALL ON d.t FROM alice")
        assert code_of(append) == AUTHORIZATION
    assert door.execute("SELECT count(*) FROM d.t").fetchone() == (2,)


def test_what_one_makes_is_ones_own(door):
    with connect(door, "alice", "alice-secret") as alice, connect(door, "bob", "b") as bob:
        admin = alice.get_admin()
        assert code_of(admin.create_table, "d.own", descriptor()) == AUTHORIZATION
        assert code_of(admin.create_database, "mine") == AUTHORIZATION
        door.execute("GRANT CREATE ON DATABASE d TO alice; ALTER USER alice CREATEDB")
        admin.create_table("d.own", descriptor())
        admin.create_database("mine")
        admin.create_table("mine.t", descriptor())
        for table in ("d.own", "mine.t"):
            assert code_of(bob.get_admin().drop_table, table) == AUTHORIZATION
        owners = door.execute("SELECT relname, pg_get_userbyid(relowner) FROM pg_class WHERE relname = 'own'").fetchall()
        assert owners == [("own", "alice")]
        admin.drop_table("d.own")
        assert code_of(bob.get_admin().drop_database, "mine") == AUTHORIZATION
        admin.drop_database("mine", cascade=True)


def test_passwords_are_nobodys_to_read(door):
    with connect(door, "alice", "alice-secret") as alice:
        assert code_of(alice.get_table, "weir.access") == AUTHORIZATION
        assert "access" not in alice.get_admin().list_tables("weir")


# --- the protocol itself


def varint(number: int) -> bytes:
    out = b""
    while True:
        out += bytes([number & 127 | (128 if number > 127 else 0)])
        number >>= 7
        if not number:
            return out


def text(field: int, value: bytes | str) -> bytes:
    value = value.encode() if isinstance(value, str) else value
    return varint(field << 3 | 2) + varint(len(value)) + value


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def fields(message: bytes) -> list[tuple[int, int | bytes]]:
    found = []
    at = 0

    def take() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        tag = take()
        value = take()
        if tag & 7 == 2:
            value, at = message[at:at + value], at + value
        found.append((tag >> 3, value))
    return found


class Wire:
    """Requests as bytes."""

    def __init__(self, door):
        host, port = door.server.fluss.split(":")
        self.socket = socket.create_connection((host, int(port)), timeout=30)
        self.requests = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def ask(self, key: int, message: bytes = b"") -> tuple[int, list]:
        """The error's code, or 0, and the fields of the answer."""
        self.requests += 1
        body = key.to_bytes(2, "big") + (0).to_bytes(2, "big") + self.requests.to_bytes(4, "big") + message
        self.socket.sendall(len(body).to_bytes(4, "big") + body)
        answer = self.read(int.from_bytes(self.read(4), "big"))
        found = fields(answer[5:])
        return (dict(found)[1] if answer[0] else 0), found

    def read(self, size: int) -> bytes:
        out = b""
        while len(out) < size:
            part = self.socket.recv(size - len(out))
            assert part, "the server has closed the connection"
            out += part
        return out

    def authenticate(self, mechanism: str, token: bytes | str) -> tuple[int, bytes | None]:
        code, found = self.ask(1038, text(1, mechanism) + text(2, token))
        return code, None if code else dict(found).get(1)

    def log_in(self, user: str, password: str) -> None:
        assert self.authenticate("PLAIN", f"\0{user}\0{password}") == (0, None)


LIST_DATABASES = 1003
CREATE_ACLS, LIST_ACLS, DROP_ACLS = 1039, 1040, 1041


def scram(wire: Wire, user: str, password: str) -> int:
    """The code that the login comes to."""
    nonce = base64.b64encode(os.urandom(18)).decode()
    first = f"n={user},r={nonce}"
    code, challenge = wire.authenticate("SCRAM-SHA-256", "n,," + first)
    if code:
        return code
    parts = dict(part.split("=", 1) for part in challenge.decode().split(","))
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(parts["s"]), int(parts["i"]))
    without = f"c=biws,r={parts['r']}"
    said = f"{first},{challenge.decode()},{without}".encode()
    key = hmac.digest(salted, b"Client Key", "sha256")
    signature = hmac.digest(hashlib.sha256(key).digest(), said, "sha256")
    proof = base64.b64encode(bytes(a ^ b for a, b in zip(key, signature))).decode()
    code, last = wire.authenticate("SCRAM-SHA-256", f"{without},p={proof}")
    if code:
        return code
    server = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), said, "sha256")
    assert last == b"v=" + base64.b64encode(server)
    assert wire.authenticate("SCRAM-SHA-256", "") == (0, None)
    return 0


def test_scram(door):
    with Wire(door) as wire:
        assert wire.ask(LIST_DATABASES)[0] == AUTHENTICATION
        assert scram(wire, "alice", "wrong") == AUTHENTICATION
        assert scram(wire, "nobody", "wrong") == AUTHENTICATION
        assert wire.ask(LIST_DATABASES)[0] == AUTHENTICATION
        assert scram(wire, "alice", "alice-secret") == 0
        assert wire.ask(LIST_DATABASES)[0] == 0


def test_a_thousand_silent_connections_keep_nobody_out(door):
    host, port = door.server.fluss.split(":")
    silent = [socket.create_connection((host, int(port))) for _ in range(1000)]
    try:
        with connect(door, "root", "root-secret") as connection:
            assert "d" in connection.get_admin().list_databases()
    finally:
        for one in silent:
            one.close()


def test_garbage_instead_of_a_login(door):
    with Wire(door) as wire:
        for mechanism, token in [("PLAIN", b""), ("PLAIN", b"\0\0"), ("PLAIN", b"\xff" * 100), ("GSSAPI", b"x"),
                                 ("SCRAM-SHA-256", b""), ("SCRAM-SHA-256", b"n,,n=,r=\0"), ("", b""),
                                 ("SCRAM-SHA-256", b"p=tls-server-end-point,,n=,r=a")]:
            assert wire.authenticate(mechanism, token)[0] == AUTHENTICATION
        assert wire.authenticate("SCRAM-SHA-256", b"n,,n=alice,r=a")[0] == 0
        assert wire.authenticate("SCRAM-SHA-256", b"c=biws,r=a,p=AAAA")[0] == AUTHENTICATION
        assert wire.ask(LIST_DATABASES)[0] == AUTHENTICATION
        wire.log_in("alice", "alice-secret")
        assert wire.ask(LIST_DATABASES)[0] == 0


def acl(resource: str, kind: int, user: str, operation: int) -> bytes:
    return (text(1, resource) + number(2, kind) + text(3, user) + text(4, "User") + text(5, "*") + number(6, operation) +
            number(7, 2))


def test_access_control_lists(door):
    door.execute("CREATE TABLE d.t (id int, name text)")
    any_acl = number(2, 1) + number(6, 1) + number(7, 1)
    with Wire(door) as root, Wire(door) as alice_wire, connect(door, "alice", "alice-secret") as alice:
        root.log_in("root", "root-secret")
        alice_wire.log_in("alice", "alice-secret")
        assert alice_wire.ask(CREATE_ACLS, text(1, acl("d.t", 4, "alice", 3)))[0] == AUTHORIZATION
        assert alice_wire.ask(LIST_ACLS, text(1, any_acl))[0] == AUTHORIZATION

        code, created = root.ask(CREATE_ACLS, text(1, acl("d.t", 4, "alice", 3)) + text(1, acl("d.t", 4, "alice", 1)))
        assert code == 0
        assert [dict(fields(result)).get(2, 0) for _, result in created] == [0, 39]
        assert alice.get_table("d.t").new_scan().to_arrow().num_rows == 0
        assert root.ask(LIST_ACLS, text(1, any_acl)) == (0, [(1, acl("d.t", 4, "alice", 3))])
        assert root.ask(LIST_ACLS, text(1, text(3, "bob") + any_acl)) == (0, [])

        code, dropped = root.ask(DROP_ACLS, text(1, text(1, "d.t") + any_acl))
        assert code == 0 and fields(dropped[0][1]) == [(1, text(1, acl("d.t", 4, "alice", 3)))]
        assert code_of(alice.get_table, "d.t") == AUTHORIZATION
        assert root.ask(CREATE_ACLS, text(1, acl("fluss-cluster", 2, "*", 2)))[0] == 0
        alice.get_admin().drop_table("d.t")
    assert door.execute("SELECT to_regclass('d.t')").fetchone() == (None,)


def test_lists_need_users(start_server):
    server = start_server()

    class Door:
        pass

    door = Door()
    door.server = server
    with Wire(door) as wire:
        assert wire.ask(LIST_ACLS, text(1, number(2, 1) + number(6, 1) + number(7, 1)))[0] == 47
