from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from mempip.installer.index.flights import Flight, Flights


def test_work_is_done_once_for_all_who_ask() -> None:
    runs: list[int] = []
    begun, go_on = threading.Event(), threading.Event()

    def work() -> int:
        runs.append(1)
        begun.set()
        go_on.wait(30)
        return 7

    flight = Flight(work)
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(flight.result) for _ in range(4)]
        begun.wait(30)
        go_on.set()
        assert [future.result() for future in asked] == [7] * 4
    assert runs == [1]


def test_all_who_ask_get_the_error() -> None:
    flight = Flight(lambda: 1 // 0)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            flight.result()


def test_flights_are_kept_by_key() -> None:
    with ThreadPoolExecutor(1) as pool:
        flights: Flights[int] = Flights(pool)
        assert flights.start("a", lambda: 1).result() == 1
        assert flights.start("a", lambda: 2).result() == 1
        assert flights.get("a", lambda: 3).result() == 1
        assert flights.get("b", lambda: 4).result() == 4


def test_a_full_pool_does_not_stop_flights_that_need_each_other() -> None:
    with ThreadPoolExecutor(1) as pool:
        flights: Flights[int] = Flights(pool)
        outer = flights.start("outer", lambda: flights.start("inner", lambda: 1).result() + 1)
        assert outer.result() == 2
