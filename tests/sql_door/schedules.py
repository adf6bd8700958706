"""Schedules: statements of several sessions in a given order, and what each of them answers.

    == title
    CREATE TABLE t (id int)         what comes before
    one: BEGIN                      a statement of session "one"; "x" stands for the schema that the schedule has alone
    two: TRUNCATE t
    two!: TRUNCATE t                one that ends by itself: it is not asked whether it waits
    cancel: two                     and it has ended

In the answers "waits" says that a statement waits for a lock, and "two*" that one which waited has ended. Nothing
depends on time: who neither ends nor waits (pg_blocking_pids) is waited for.

    schedules.py "host=127.0.0.1 port=5432 user=postgres dbname=postgres" [file …]

records the answers of a running PostgreSQL 15: one .out beside each .sched.
"""
from __future__ import annotations

import pathlib
import queue
import re
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg
from psycopg import pq

FOLDER = pathlib.Path(__file__).parent / "schedules"
SCHEMA = "schedule_x"
LIMIT_S = 30


@dataclass
class Schedule:
    title: str
    before: list[str] = field(default_factory=list)
    steps: list[tuple[str, str]] = field(default_factory=list)


def read(text: str) -> Iterator[Schedule]:
    schedule = None
    for line in text.splitlines():
        step = re.match(r"((?:one|two|three)!?|cancel): (.*)", line)
        if line.startswith("== "):
            if schedule is not None:
                yield schedule
            schedule = Schedule(line[3:])
        elif step:
            schedule.steps.append((step.group(1), step.group(2)))
        elif line and not line.startswith("#"):
            schedule.before.append(line)
    if schedule is not None:
        yield schedule


def lines_of(result: pq.PGresult) -> list[str]:
    def text(code: pq.DiagnosticField) -> str:
        return (result.error_field(code) or b"").decode()

    if result.status == pq.ExecStatus.FATAL_ERROR:
        return [f"ERROR {text(pq.DiagnosticField.SQLSTATE)}: {text(pq.DiagnosticField.MESSAGE_PRIMARY)}"]
    values = ([result.get_value(row, column) for column in range(result.nfields)] for row in range(result.ntuples))
    rows = ["|".join("∅" if value is None else value.decode() for value in row) for row in values]
    return [result.command_status.decode(), *("  " + row for row in rows)]


class Player:
    """A session, on a thread of its own."""

    def __init__(self, dsn: str) -> None:
        self.connection = pq.PGconn.connect(dsn.encode())
        assert self.connection.status == pq.ConnStatus.OK, self.connection.error_message
        self.connection.notice_handler = lambda _: None
        self.connection.exec_(f"SET search_path = {SCHEMA}".encode())
        self.answer: list[str] | None = None
        self.runs = False
        self._statements: queue.Queue[str | None] = queue.Queue()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while (statement := self._statements.get()) is not None:
            self.answer = lines_of(self.connection.exec_(statement.encode()))

    def send(self, statement: str) -> None:
        self.answer, self.runs = None, True
        self._statements.put(statement)

    def end(self) -> None:
        if self.runs and self.answer is None:
            self.connection.get_cancel().cancel()
        self._statements.put(None)
        self._thread.join()
        self.connection.finish()


def is_blocked(control: psycopg.Connection, player: Player) -> bool:
    blockers = "SELECT cardinality(pg_blocking_pids(%s)) > 0"
    return control.execute(blockers, (player.connection.backend_pid,)).fetchone()[0]


def settle(control: psycopg.Connection, players: dict[str, Player], current: str, ends: bool) -> Iterator[str]:
    """Until everybody who runs has ended or waits; `current` in any case has ended where that is said."""
    deadline = time.monotonic() + LIMIT_S
    for name in [current, *(name for name in players if name != current)]:
        player = players[name]
        while player.runs:
            assert time.monotonic() < deadline, f"{name} neither ends nor waits"
            if player.answer is not None:
                player.runs = False
                yield from (f"{name}{'' if name == current else '*'}: {line}" for line in player.answer[:1])
                yield from player.answer[1:]
            elif not (ends and name == current) and is_blocked(control, player):
                if name == current:
                    yield f"{name}: waits"
                break
            else:
                time.sleep(0.0005)


def play(dsn: str, control: psycopg.Connection, players: dict[str, Player],
         steps: list[tuple[str, str]]) -> Iterator[str]:
    """What the sessions answer; who is not among the players comes in."""
    for name, statement in steps:
        yield f"-- {name}: {statement}"
        if name == "cancel":
            players[statement].connection.get_cancel().cancel()
            yield from settle(control, players, statement, ends=True)
            continue
        ends = name.endswith("!")
        name = name.rstrip("!")
        if name not in players:
            players[name] = Player(dsn)
        assert not players[name].runs, f"{name} still waits: {statement}"
        players[name].send(statement)
        yield from settle(control, players, name, ends)


def run(dsn: str, schedule: Schedule) -> list[str]:
    """What the sessions answer."""
    answers = [f"== {schedule.title}"]
    players: dict[str, Player] = {}
    with psycopg.connect(dsn, autocommit=True) as control:
        control.execute("SET client_min_messages = error")
        control.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        control.execute(f"CREATE SCHEMA {SCHEMA}")
        control.execute(f"SET search_path = {SCHEMA}")
        for statement in schedule.before:
            control.execute(statement)
        try:
            answers.extend(play(dsn, control, players, schedule.steps))
        finally:
            for player in players.values():
                player.end()
        control.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
    return answers


def main() -> int:
    names = sys.argv[2:] or sorted(path.stem for path in FOLDER.glob("*.sched"))
    for name in names:
        text = (FOLDER / f"{name}.sched").read_text(encoding="utf-8")
        answers = [line for schedule in read(text) for line in run(sys.argv[1], schedule)]
        (FOLDER / f"{name}.out").write_text("\n".join(answers) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
