"""The circuit breaker, with time as a number."""

from bot.breaker import Breaker
from bot.message import DeliveryFailed


class Host:
    def __init__(self) -> None:
        self.time = 0.0
        self.breaker = Breaker(lambda: self.time)

    def call(self, healthy: bool) -> bool:
        """Whether the call was let through."""
        try:
            self.breaker.enter()
        except DeliveryFailed as failed:
            assert (failed.code, failed.unknown, failed.permanent) == ("circuit_open", False, False)
            assert failed.retry_after >= 1
            return False
        self.breaker.leave(healthy)
        return True


def test_it_opens_after_five_failures_in_a_row() -> None:
    host = Host()
    assert [host.call(healthy) for healthy in [False] * 4 + [True] + [False] * 6] == [True] * 10 + [False]


def test_one_probe_after_thirty_seconds_closes_it() -> None:
    host = Host()
    for _ in range(5):
        host.call(False)
    host.time = 29
    assert not host.call(True)
    host.time = 30
    host.breaker.enter()
    assert not host.call(True), "a second call while the probe is out"
    host.breaker.leave(True)
    assert host.call(True)


def test_the_pause_doubles_up_to_five_minutes() -> None:
    host = Host()
    for _ in range(5):
        host.call(False)
    pauses = []
    for _ in range(6):
        start = host.time
        while not host.call(False):
            host.time += 1
        pauses.append(host.time - start)
    assert pauses == [30, 60, 120, 240, 300, 300]


def test_calls_already_under_way_do_not_lengthen_the_pause() -> None:
    host = Host()
    for _ in range(9):
        host.breaker.enter()
    for _ in range(9):
        host.breaker.leave(False)
    host.time = 30
    assert host.call(True)
