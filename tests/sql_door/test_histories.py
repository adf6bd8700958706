"""Random histories over kill -9, held against what their isolation levels allow (histories.py)."""
from __future__ import annotations

import pytest

import histories
from histories import Run, Transaction


def transactions(*rows: tuple[list, list]) -> list[Transaction]:
    return [Transaction(i + 1, "committed", appended, read) for i, (appended, read) in enumerate(rows)]


HISTORIES = [  # appended and read of each transaction, the lists in the end, the first level that forbids it
    ([([(0, 1)], []), ([], [(0, (1,))])], {0: (1,)}, None),
    ([([(0, 1)], [])], {0: ()}, 0),  # lost
    ([([(0, 1)], [])], {0: (1, 1)}, 0),  # doubled
    ([([(0, 1), (1, 2)], [])], {0: (1,), 1: ()}, 0),  # a part of it
    ([([(0, 1)], []), ([(0, 2)], []), ([], [(0, (2,))])], {0: (1, 2)}, 0),  # not a beginning
    ([([(0, 1)], [(1, (2,))]), ([(1, 2)], [(0, (1,))])], {0: (1,), 1: (2,)}, 0),  # G1c
    ([([(0, 1), (1, 2)], []), ([], [(0, ()), (1, (2,))])], {0: (1,), 1: (2,)}, 1),  # G-single
    ([([(0, 1)], [(1, ())]), ([(1, 2)], [(0, ())])], {0: (1,), 1: (2,)}, 2),  # G2: write skew
]


@pytest.mark.parametrize(("rows", "final", "forbidden"), HISTORIES)
def test_the_checker_knows_anomalies(rows, final, forbidden):
    for place, level in enumerate(histories.LEVELS):
        if forbidden is None or place < forbidden:
            histories.check(level, transactions(*rows), final)
        else:
            with pytest.raises(AssertionError):
                histories.check(level, transactions(*rows), final)


def test_what_failed_is_not_there():
    history = [Transaction(1, "failed", [(0, 1)])]
    histories.check(histories.LEVELS[0], history, {0: ()})
    with pytest.raises(AssertionError, match="failed"):
        histories.check(histories.LEVELS[0], history, {0: (1,)})


def test_histories_are_what_their_levels_allow(start_server):
    runs = [Run(f"h{i}", level, seed=i) for i, level in enumerate(histories.LEVELS)]
    server = start_server()
    with server.connect(autocommit=True) as connection:
        for run, kind in zip(runs, ("hash", "log", "plain"), strict=True):
            run.make(connection, kind)
    with histories.play(runs, server, 0.5):
        server.kill()
    server = start_server()
    with histories.play(runs, server, 0.2):
        pass
    with server.connect(autocommit=True) as connection:
        assert all(run.check(connection) > 0 for run in runs)
