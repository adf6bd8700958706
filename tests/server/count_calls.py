"""Stands between clients of the Fluss protocol and a server, and counts the calls that each client makes.

    python count_calls.py PORT SERVER FOLDER    until SIGTERM; then prints a table of the calls

FOLDER/client names the client whose connections are counted from now on.
"""
from __future__ import annotations

import asyncio
import collections
import pathlib
import re
import signal
import struct
import sys

API = pathlib.Path(__file__).resolve().parents[2] / "src" / "format" / "wire" / "api.h"

counts: dict[str, collections.Counter[int]] = collections.defaultdict(collections.Counter)


def names():
    """The protocol's names of the calls, by their keys."""
    found = re.findall(r"  k(\w+) = (\d{4}),", API.read_text())
    return {int(key): re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper() for name, key in found}


async def forward(reader, writer, client=None):
    """Passes on what comes; of a client, frame by frame."""
    try:
        while client is None:
            piece = await reader.read(1 << 16)
            if not piece:
                break
            writer.write(piece)
            await writer.drain()
        while client is not None:
            length = await reader.readexactly(4)
            frame = await reader.readexactly(struct.unpack("!i", length)[0])
            counts[client][struct.unpack_from("!h", frame)[0]] += 1
            writer.write(length + frame)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    writer.close()


def print_table():
    clients = sorted(counts)
    print(f"{'call':32}" + "".join(f"{client:>16}" for client in clients))
    for key, name in sorted(names().items()):
        print(f"{name:32}" + "".join(f"{counts[client][key] or '':>16}" for client in clients))


async def main(port, server, folder):
    host, _, server_port = server.rpartition(":")
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)

    async def accept(reader, writer):
        client = (pathlib.Path(folder) / "client").read_text().strip()
        to_reader, to_writer = await asyncio.open_connection(host, int(server_port))
        await asyncio.gather(forward(reader, to_writer, client), forward(to_reader, writer))

    listening = await asyncio.start_server(accept, "127.0.0.1", int(port))
    await stop.wait()
    listening.close()
    print_table()


asyncio.run(main(*sys.argv[1:]))
