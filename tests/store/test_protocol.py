"""Whole messages out of whatever pieces arrive."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mempip.connection import encode
from mempip.errors import ProtocolError
from mempip.store.protocol import Decoder

messages = st.lists(
    st.tuples(st.fixed_dictionaries({"type": st.text(max_size=5)}), st.integers(min_value=0, max_value=600)), max_size=5
)


@given(messages, st.data())
def test_pieces_of_any_size_make_the_same_messages(sent: list[tuple[dict[str, str], int]], data: st.DataObject) -> None:
    stream, descriptors = b"", []
    for message, count in sent:
        batches = -(-count // 250)
        stream += encode(message, count) + b"\0" * batches
        descriptors += range(len(descriptors), len(descriptors) + count)
    decoder = Decoder(batch=250)
    found = []
    decoder_gets = list(descriptors)
    while stream:
        size = data.draw(st.integers(min_value=1, max_value=len(stream)))
        piece, stream = stream[:size], stream[size:]
        found += decoder.feed(piece, decoder_gets)
        decoder_gets = []
    assert [(message, len(taken)) for message, taken in found] == sent
    assert [number for _, taken in found for number in taken] == descriptors
    assert decoder.pending == []


@given(st.binary(max_size=200))
def test_nothing_but_a_protocol_error_comes_of_noise(noise: bytes) -> None:
    try:
        for message, _ in Decoder().feed(noise):
            assert isinstance(message["type"], str)
    except ProtocolError:
        pass


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (struct.pack("<II", 5 << 20, 0), "too large"),
        (encode({"type": "x"}, 1), "not taken"),
        (struct.pack("<II", 100_000, 0) + b'{"a":' * 20_000, "not JSON"),
        (struct.pack("<II", 2, 0) + b"{}", "no type"),
    ],
)
def test_what_no_client_may_send(frame: bytes, reason: str) -> None:
    with pytest.raises(ProtocolError, match=reason):
        list(Decoder().feed(frame))


def test_descriptors_that_do_not_come() -> None:
    with pytest.raises(ProtocolError, match="did not come"):
        list(Decoder(batch=250).feed(encode({"type": "x"}, 2) + b"\0", [7]))
