"""Work that is done once, by whoever comes first: a pool thread that was asked early, or the one that needs it."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

T = TypeVar("T")


class Flight(Generic[T]):
    """One piece of work and its outcome."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._turn = threading.Lock()
        self._outcome: Future[T] = Future()

    def run(self) -> None:
        """Do the work, unless somebody does it or has done it."""
        if not self._turn.acquire(blocking=False):
            return
        try:
            self._outcome.set_result(self._work())
        except BaseException as fault:  # noqa: BLE001 - handed to everybody who asks for the result
            self._outcome.set_exception(fault)

    def result(self) -> T:
        """Return what the work returned, or raise what it raised.

        The caller does work itself that no thread has begun, so threads that wait for each other's flights
        cannot bring the pool to a halt.
        """
        self.run()
        return self._outcome.result()


class Flights(Generic[T]):
    """Flights by key. Thread-safe."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._flights: dict[Hashable, Flight[T]] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, work: Callable[[], T]) -> Flight[T]:
        """Return the flight of `key`; `work` is what it does if there is none yet."""
        with self._lock:
            flight = self._flights.get(key)
            if flight is None:
                flight = self._flights[key] = Flight(work)
            return flight

    def start(self, key: Hashable, work: Callable[[], T]) -> Flight[T]:
        """Like `get`, and have a pool thread begin soon."""
        with self._lock:
            flight = self._flights.get(key)
            if flight is not None:
                return flight
            flight = self._flights[key] = Flight(work)
        self._pool.submit(flight.run)
        return flight
