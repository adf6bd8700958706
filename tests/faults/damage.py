"""Kinds of files of a database, and ways to damage one."""
from __future__ import annotations

import itertools
import shutil

LOG = "log/0/0/0/"  # of the table events

# Kind: where the last match of a pattern is the file that is damaged, and the ends after which there is one that is not
# empty. "close": the database was closed; "kill": its process was killed.
KINDS = {
    "first segment": (LOG + "00000000000000000000.log", "close kill"),
    "middle segment": (LOG + "00000000000000001200.log", "close kill"),
    "last segment": (LOG + "00000000000000002400.log", "close kill"),
    "segment of a partition": ("log/0/1/0/0/0/*.log", "close kill"),
    "changelog": ("log/0/2/0/*.log", "close kill"),
    "offset index": (LOG + "00000000000000001200.index", "close kill"),
    "time index": (LOG + "00000000000000001200.timeindex", "close kill"),
    "writer states": (LOG + "*.writers", "close kill"),
    "durable ends": ("ENDS", "close kill"),
    "copy of the durable ends": ("log/ENDS", "close kill"),
    "quiet logs": ("QUIET", "close"),
    "journal": ("commit/*.journal", "kill"),
    "log of the catalog's copy": ("catalog/*.log", "close kill"),
    "base of the catalog's copy": ("catalog/*.base", "close kill"),
    "row store log": ("kv/*.log", "kill"),
    "row store file": ("kv/*.sst", "close"),
    "row store manifest": ("kv/MANIFEST-*", "close kill"),
    "row store current": ("kv/CURRENT", "close kill"),
    "row store identity": ("kv/IDENTITY", "close kill"),
    "row store options": ("kv/OPTIONS-*", "close kill"),
    "format": ("FORMAT", "close kill"),
    "lock": ("LOCK", "close kill"),
}

# The table that a kind of file belongs to: damage to it concerns no other one.
TABLES = {
    "first segment": "events",
    "middle segment": "events",
    "last segment": "events",
    "segment of a partition": "days",
    "changelog": "users",
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
    """The file of a kind; there is one."""
    return [path for path in sorted(directory.glob(KINDS[kind][0])) if path.stat().st_size > 0][-1]


def cases():
    """(end, kind, damage) of all there is."""
    return [(end, kind, damage) for kind, (_, ends) in KINDS.items() for end in ends.split() for damage in DAMAGES]


# What one of them tells of the other: no loss of both is silent.
PAIRS = [
    ("bucket", "durable ends"),
    ("bucket of a partition", "durable ends"),
    ("last segment", "durable ends"),
    ("changelog", "durable ends"),
    ("changelog", "row store current"),
    ("base of the catalog's copy", "row store current"),
]
FOLDERS = {"bucket": "log/0/0/0", "bucket of a partition": "log/0/1/0/0/0"}
TABLES |= {"bucket": "events", "bucket of a partition": "days"}


def cases_of_pairs():
    """(first, second, damage): the pairs above are removed, all that there are emptied."""
    files = [kind for kind, (_, ends) in KINDS.items() if "kill" in ends]
    return [(*pair, "remove") for pair in PAIRS] + [(*pair, "empty") for pair in itertools.combinations(files, 2)]


def damage_both(directory, first, second, name):
    """Damages the files of two kinds, or removes a bucket's folder."""
    found = [None if kind in FOLDERS else find(directory, kind) for kind in (first, second)]
    for kind, path in zip((first, second), found, strict=True):
        shutil.rmtree(directory / FOLDERS[kind]) if path is None else DAMAGES[name](path)


# Made again from others when they are needed, or of no use to the database.
HARMLESS = {"offset index", "time index", "writer states", "quiet logs", "row store identity", "row store options",
            "lock"}


def cases_to_repair():
    """One end of each kind that a database misses."""
    return [(ends.split()[-1], kind, damage) for kind, (_, ends) in KINDS.items() if kind not in HARMLESS
            for damage in DAMAGES]
