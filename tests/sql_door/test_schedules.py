"""What several sessions at once are answered, as recorded of PostgreSQL 15 (schedules.py)."""
from __future__ import annotations

import pytest

import schedules

ALL = [(path.stem, schedule) for path in sorted(schedules.FOLDER.glob("*.sched"))
       for schedule in schedules.read(path.read_text(encoding="utf-8"))]


def recorded(name: str, title: str) -> list[str]:
    """Of PostgreSQL, or where docs/sql.md says what is unlike it: what is answered instead (name.unlike)."""
    unlike = schedules.FOLDER / f"{name}.unlike"
    lines = unlike.read_text(encoding="utf-8").splitlines() if unlike.exists() else []
    if f"== {title}" not in lines:
        lines = (schedules.FOLDER / f"{name}.out").read_text(encoding="utf-8").splitlines()
    begin = lines.index(f"== {title}")
    ends = (i for i in range(begin + 1, len(lines)) if lines[i].startswith("== "))
    return lines[begin:next(ends, len(lines))]


@pytest.mark.parametrize(("name", "schedule"), ALL, ids=[f"{name}: {schedule.title}" for name, schedule in ALL])
def test_is_answered_as_by_postgresql(server, database, name, schedule):
    dsn = f"host=127.0.0.1 port={server.port} user=tester dbname={database}"
    assert schedules.run(dsn, schedule) == recorded(name, schedule.title)
