"""Messages and descriptors over a socket."""

from __future__ import annotations

import os
import resource
import socket
import struct
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mempip import connection as protocol
from mempip.connection import Connection
from mempip.errors import DescriptorLimit, ProtocolError

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def ends() -> Iterator[tuple[Connection, Connection]]:
    left, right = (Connection(end) for end in socket.socketpair())
    yield left, right
    left.close()
    right.close()


words = st.text(max_size=10)
json_values = st.none() | st.booleans() | st.integers() | words | st.lists(words) | st.dictionaries(words, words)


@given(st.dictionaries(words, json_values, max_size=5))
def test_a_message_is_itself_again(extra: dict[str, object]) -> None:
    message = {**extra, "type": "progress"}
    frame = protocol.encode(message, 3)
    header, body = frame[: protocol.FRAME.size], frame[protocol.FRAME.size :]
    assert protocol.decode_frame(header) == (len(body), 3)
    assert protocol.decode_body(body) == message


@pytest.mark.parametrize("header", [struct.pack("<II", 1 << 30, 0), struct.pack("<II", 2, 1 << 20)])
def test_frames_too_large_are_refused(header: bytes) -> None:
    with pytest.raises(ProtocolError, match="too large"):
        protocol.decode_frame(header)


@pytest.mark.parametrize("body", [b"", b"[]", b"nonsense", b"{}", b'{"type": 1}', b"\xff"])
def test_bodies_that_are_no_message_are_refused(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        protocol.decode_body(body)


@pytest.mark.parametrize("count", [0, 1, 250, 251, 600])
def test_descriptors_travel_in_order(ends: tuple[Connection, Connection], count: int) -> None:
    left, right = ends
    pipe = os.pipe()
    sent = [pipe[number % 2] for number in range(count)]
    sender = threading.Thread(target=left.send, args=({"type": "image"}, sent))
    sender.start()
    received = right.receive()
    sender.join()
    assert received is not None
    message, descriptors = received
    assert message == {"type": "image"}
    assert [os.fstat(descriptor).st_ino for descriptor in descriptors] == [os.fstat(fd).st_ino for fd in sent]
    assert not any(os.get_inheritable(descriptor) for descriptor in descriptors)
    for descriptor in {*descriptors, *pipe}:
        os.close(descriptor)


def test_messages_follow_each_other(ends: tuple[Connection, Connection]) -> None:
    left, right = ends
    with open(os.devnull, "rb") as null:
        left.send({"type": "a"}, [null.fileno()])
        left.send({"type": "b"})
    first, second = right.receive(), right.receive()
    assert first is not None
    assert second == ({"type": "b"}, [])
    os.close(first[1][0])


def test_the_end_is_none(ends: tuple[Connection, Connection]) -> None:
    left, right = ends
    left.close()
    assert right.receive() is None


@pytest.mark.parametrize("part", [b"\x01\x00", struct.pack("<II", 10, 0), struct.pack("<II", 10, 0) + b"{"])
def test_an_end_in_the_middle_is_one_too(part: bytes) -> None:
    left, right = socket.socketpair()
    left.sendall(part)
    left.close()
    assert Connection(right).receive() is None
    right.close()


def test_an_end_before_the_descriptors_is_an_error() -> None:
    left, right = socket.socketpair()
    left.sendall(protocol.encode({"type": "image"}, 2))
    left.close()
    with pytest.raises(ProtocolError, match="middle"):
        Connection(right).receive()
    right.close()


def test_no_room_for_descriptors_is_an_error_and_leaves_none(ends: tuple[Connection, Connection]) -> None:
    left, right = ends
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    before = len(os.listdir("/proc/self/fd"))
    with open(os.devnull, "rb") as null:
        left.send({"type": "image"}, [null.fileno()] * 200)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before + 20, hard))
    try:
        with pytest.raises(DescriptorLimit) as caught:
            right.receive()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert (caught.value.limit, caught.value.needed) == (before + 20, 200)
    assert len(os.listdir("/proc/self/fd")) == before


def test_an_order_is_taken_or_there_is_nothing_to_do(
    ends: tuple[Connection, Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mempip_native.channels.inherited", lambda: ends[1]._channel)
    ends[0].send({"type": "order", "what": 1})
    assert protocol.take_order()[1:] == ({"type": "order", "what": 1}, [])
    ends[0].close()
    with pytest.raises(SystemExit):
        protocol.take_order()
