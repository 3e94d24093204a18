"""More connections to a database, for callers on several threads at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .driver import Driver

#: Connections of a store beside its own; who asks for more waits for one of them.
MOST = 7


class Pool:
    """Connections that are made when they are needed, and kept for the next caller."""

    def __init__(self, connect: Callable[[], Driver], most: int = MOST) -> None:
        self.connect = connect
        self._free: list[Driver] = []
        self._left = most
        self._is_closed = False
        self._changed = threading.Condition()

    @contextmanager
    def driver(self) -> Iterator[Driver]:
        """A connection that nobody else uses meanwhile; one that is broken after that is not used again."""
        driver = self._taken()
        try:
            yield driver
        finally:
            with self._changed:
                if self._is_closed or not driver.is_usable():
                    self._left += 1
                    driver.close()
                else:
                    self._free.append(driver)
                self._changed.notify()

    def _taken(self) -> Driver:
        with self._changed:
            while not self._free and self._left == 0:
                self._changed.wait()
            if self._free:
                return self._free.pop()
            self._left -= 1
        try:
            return self.connect()
        except BaseException:
            with self._changed:
                self._left += 1
                self._changed.notify()
            raise

    def close(self) -> None:
        """Closes the connections that nobody uses; the others are closed by whoever uses them."""
        with self._changed:
            self._is_closed = True
            while self._free:
                self._left += 1
                self._free.pop().close()
