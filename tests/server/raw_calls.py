"""Calls of the Fluss protocol, byte by byte: python raw_calls.py HOST:PORT [HOST:PORT of an Apache Fluss node]

The six calls that no released client makes, and what is asked wrongly of others. Prints what the first server answers.
With a second one the same bytes go to both, and calls that both offer have to be answered alike.
"""
from __future__ import annotations

import asyncio
import json
import socket
import struct
import sys

import pyarrow as pa

import fluss

OK, ERROR, FAILURE = 0, 1, 2  # kinds of answers
ROWS = 500


def varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def message(*fields) -> bytes:
    """A message of protocol buffers: numbers of fields, each with a number, a text, bytes or None, which is left out."""
    out = b""
    for number, value in zip(fields[::2], fields[1::2], strict=True):
        if value is None:
            continue
        if isinstance(value, int):
            out += varint(number << 3) + varint(value)
        else:
            data = value.encode() if isinstance(value, str) else value
            out += varint(number << 3 | 2) + varint(len(data)) + data
    return out


def parse(data: bytes) -> list[tuple[int, int | bytes]]:
    """Its fields, in order."""
    def number() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    fields, at = [], 0
    while at < len(data):
        key = number()
        if key & 7 == 0:
            fields.append((key >> 3, number()))
            continue
        assert key & 7 == 2, f"wire type {key & 7}"
        size = number()
        fields.append((key >> 3, data[at : at + size]))
        at += size
    return fields


class Server:
    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        self._socket = socket.create_connection((host, int(port)), timeout=60)
        self._requests = 0
        offered = self.call(1000, message(1, "raw", 2, "1"))[1]
        self.calls = {dict(parse(value))[1] for key, value in parse(offered) if key == 1}

    def call(self, key: int, request: bytes) -> tuple[int, bytes]:
        self._requests += 1
        frame = struct.pack("!hhi", key, 0, self._requests) + request
        self._socket.sendall(struct.pack("!i", len(frame)) + frame)
        answer = self._read(struct.unpack("!i", self._read(4))[0])
        kind, number = struct.unpack_from("!bi", answer)
        assert number == self._requests, answer
        return kind, answer[5:]

    def _read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            piece = self._socket.recv(size - len(data))
            assert piece, "the server has hung up"
            data += piece
        return data


def code(answer: tuple[int, bytes]) -> str:
    kind, data = answer
    return f"error {dict(parse(data))[1]}" if kind == ERROR else "ok" if kind == OK else "failure"


# --- calls that are asked wrongly: name, key, request; what comes back is a code

NOWHERE, NOTHING = message(1, "nowhere", 2, "t"), message(1, "fluss", 2, "nothing")
UNKNOWN_TABLE = 987654321
WRONG = [
    ("CREATE_DATABASE without a name", 1001, message(1, "", 2, 0)),
    ("DROP_DATABASE nowhere", 1002, message(1, "nowhere", 2, 0, 3, 0)),
    ("DATABASE_EXISTS nowhere", 1004, message(1, "nowhere")),
    ("CREATE_TABLE nowhere", 1005, message(1, NOWHERE, 2, json.dumps({
        "version": 1, "schema": {"version": 1, "columns": [{"name": "a", "data_type": {"type": "INTEGER"}, "id": 0}],
                                 "highest_field_id": 0},
        "partition_key": [], "properties": {}, "custom_properties": {}, "bucket_key": [], "bucket_count": 1}), 3, 0)),
    ("DROP_TABLE nothing", 1006, message(1, NOTHING, 2, 0)),
    ("GET_TABLE_INFO nothing", 1007, message(1, NOTHING)),
    ("LIST_TABLES nowhere", 1008, message(1, "nowhere")),
    ("LIST_PARTITION_INFOS nothing", 1009, message(1, NOTHING)),
    ("TABLE_EXISTS nothing", 1010, message(1, NOTHING)),
    ("GET_TABLE_SCHEMA nothing", 1011, message(1, NOTHING, 2, 1)),
    ("LIST_OFFSETS of an unknown table", 1021, message(1, -1, 2, 1, 3, UNKNOWN_TABLE, 5, b"\0")),
    ("GET_LATEST_KV_SNAPSHOTS nothing", 1023, message(1, NOTHING)),
    ("GET_DATABASE_INFO nowhere", 1035, message(1, "nowhere")),
    ("CREATE_PARTITION nothing", 1036, message(1, NOTHING, 2, message(1, message(1, "a", 2, "b")), 3, 0)),
    ("DROP_PARTITION nothing", 1037, message(1, NOTHING, 2, message(1, message(1, "a", 2, "b")), 3, 0)),
]

# What Apache Fluss 0.9.1 says otherwise: that the schema is missing, where it is the table.
SAID_OTHERWISE = {"GET_TABLE_SCHEMA nothing": "error 9"}

# --- calls of access control lists, alike on both

ACL = message(1, "fluss-cluster", 2, 2, 3, "alice", 4, "User", 5, "*", 6, 3, 7, 2)
ACL_FILTER = message(2, 1, 6, 1, 7, 1)
ACLS = [("CREATE_ACLS", 1039, message(1, ACL)), ("DROP_ACLS", 1041, message(1, ACL_FILTER))]


async def make_table(address: str) -> int:
    """A table with a primary key and ROWS rows in one bucket; its id."""
    connection = await fluss.FlussConnection.create(fluss.Config({"bootstrap.servers": address}))
    schema = fluss.Schema(pa.schema([("id", pa.int32()), ("name", pa.string())]), primary_keys=["id"])
    path = fluss.TablePath("fluss", "raw")
    await connection.get_admin().drop_table(path, ignore_if_not_exists=True)
    await connection.get_admin().create_table(path, fluss.TableDescriptor(schema, bucket_count=1))
    table = await connection.get_table(path)
    writer = table.new_upsert().create_writer()
    for number in range(ROWS):
        writer.upsert({"id": number, "name": f"n{number}"})
    await writer.flush()
    table_id = table.get_table_info().table_id
    await connection.close()
    return table_id


def scan(server: Server, table: int) -> None:
    """SCAN_KV, in pieces; each is a batch of values with their count in its head."""
    def step(call: int, bucket: bytes | None = None, scanner: bytes | None = None) -> dict[int, int | bytes]:
        return dict(parse(server.call(1061, message(1, scanner, 2, bucket, 3, call, 4, 2000))[1]))

    bucket = message(1, table, 3, 0)
    answer = step(0, bucket)
    scanner, end, rows, calls = answer[3], answer[6], 0, 1
    while True:
        batches = answer.get(5, b"")
        while batches:  # bytes that follow, a zero, the number of rows
            length, _, count = struct.unpack_from("<ibi", batches)
            rows += count
            batches = batches[4 + length :]
        if not answer.get(4):
            break
        answer = step(calls, scanner=scanner)
        calls += 1
    print(f"SCAN_KV: {rows} rows as at offset {end}, in several pieces: {calls > 2}")
    opened = step(0, bucket)[3]
    print("SCAN_KV another number than the next: error", step(7, scanner=opened)[1])
    print("SCAN_KV after that: more", step(1, scanner=opened)[4])
    print("SCAN_KV of a scanner that is not there: error", step(1, scanner=b"nobody's")[1])
    print("SCAN_KV without a number of bytes: error", dict(parse(server.call(1061, message(2, bucket, 3, 0))[1]))[1])
    print("SCAN_KV of an unknown table: error", step(0, message(1, UNKNOWN_TABLE, 3, 0))[1])
    print("SCAN_KV closed:", code(server.call(1061, message(1, step(0, bucket)[3], 5, 1))))


def own_calls(server: Server, table: int) -> None:
    """What Apache Fluss 0.9.1 does not offer yet."""
    change = message(1, "owner", 2, "tests", 3, 0)
    print("ALTER_DATABASE:", code(server.call(1060, message(1, "fluss", 2, 0, 3, change, 4, "of tests"))))
    told = json.loads(dict(parse(server.call(1035, message(1, "fluss"))[1]))[3])
    print("ALTER_DATABASE:", told["comment"], told["custom_properties"])
    back = message(1, "owner", 3, 1)
    print("ALTER_DATABASE back:", code(server.call(1060, message(1, "fluss", 2, 0, 3, back, 4, ""))))
    print("ALTER_DATABASE nowhere:", code(server.call(1060, message(1, "nowhere", 2, 0, 3, change))))
    print("ALTER_DATABASE nowhere, ignored:", code(server.call(1060, message(1, "nowhere", 2, 1, 3, change))))
    health = dict(parse(server.call(1062, b"")[1]))
    print("GET_CLUSTER_HEALTH: all replicas lead:", len({health[field] for field in (1, 2, 3, 4)}) == 1, health[5])
    listed = server.call(1064, message(1, table))
    print("LIST_KV_SNAPSHOTS:", code(listed), [field for field, _ in parse(listed[1]) if field == 3])
    print("LIST_KV_SNAPSHOTS of an unknown table:", code(server.call(1064, message(1, UNKNOWN_TABLE))))
    scan(server, table)


def main(address: str, other: str | None = None) -> None:
    server = Server(address)
    peer = Server(other) if other else None
    differ = 0
    for name, key, request in WRONG + ACLS:
        said = code(server.call(key, request))
        print(f"{name}: {said}")
        if peer is None or key not in peer.calls:
            continue
        theirs = code(peer.call(key, request))
        if theirs != SAID_OTHERWISE.get(name, said):
            print(f"raw_calls: {name}: {said}, and {theirs} from {other}", file=sys.stderr)
            differ += 1
    own_calls(server, asyncio.run(make_table(address)))
    sys.exit(1 if differ else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
