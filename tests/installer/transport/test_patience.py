from __future__ import annotations

from itertools import count

import pytest

from mempip.installer.transport.patience import Deadline, TransientFault, delay_before, parse_retry_after


def test_a_deadline_caps_timeouts_until_it_has_passed() -> None:
    now = count(0.0, 3.0)
    deadline = Deadline(10.0, clock=lambda: next(now))
    assert deadline.cap(None) == 7.0
    assert deadline.cap(2.0) == 2.0
    assert deadline.cap(2.0) == 1.0
    with pytest.raises(TransientFault, match="too slow, 10 s"):
        deadline.cap(2.0)
    deadline.extend()
    assert deadline.cap(None) == 7.0


def test_delays_grow_and_follow_the_server_up_to_a_limit() -> None:
    assert [delay_before(attempt, None) for attempt in (1, 2, 3)] == [0.25, 0.5, 1.0]
    assert delay_before(1, 7.0) == 7.0
    assert delay_before(3, 0.1) == 1.0
    assert delay_before(1, 3600.0) == 30.0
    assert delay_before(20, None) == 30.0


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("12", 12.0),
        ("soon", None),
        ("-3", None),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 60.0),
        ("Thu, 01 Jan 1970 00:00:01 GMT", 0.0),
    ],
)
def test_parse_retry_after(value: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value, now=40.0) == seconds
