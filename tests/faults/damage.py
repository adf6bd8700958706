"""Kinds of files of a database, and ways to damage one."""
from __future__ import annotations

# Kind: the files, as glob patterns of their path below the directory, the last match being the one that is damaged.
KINDS = {
    "first segment": "log/0/0/0/00000000000000000000.log",
    "middle segment": "log/0/0/0/00000000000000001200.log",
    "last segment": "log/0/0/0/00000000000000002400.log",
    "segment of a partition": "log/0/1/0/0/0/*.log",
    "changelog": "log/0/2/0/*.log",
    "offset index": "log/0/0/0/00000000000000001200.index",
    "time index": "log/0/0/0/00000000000000001200.timeindex",
    "writer states": "log/0/0/0/*.writers",
    "journal": "commit/*.journal",
    "catalog log": "catalog/*.log",
    "catalog base": "catalog/*.base",
    "row store log": "kv/*.log",
    "row store file": "kv/*.sst",
    "row store manifest": "kv/MANIFEST-*",
    "row store current": "kv/CURRENT",
    "row store identity": "kv/IDENTITY",
    "row store options": "kv/OPTIONS-*",
    "format": "FORMAT",
    "lock": "LOCK",
}


def flip(path):
    content = bytearray(path.read_bytes())
    if content:
        content[len(content) // 2] ^= 0x40
    path.write_bytes(content)


def truncate(path):
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])


def empty(path):
    path.write_bytes(b"")


def remove(path):
    path.unlink()


def append(path):
    path.write_bytes(path.read_bytes() + bytes(range(256)))


DAMAGES = {function.__name__: function for function in (flip, truncate, empty, remove, append)}


def find(directory, kind):
    """The file of a kind; None where there is none with anything in it."""
    files = [path for path in sorted(directory.glob(KINDS[kind])) if path.stat().st_size > 0]
    return files[-1] if files else None
