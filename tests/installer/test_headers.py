from __future__ import annotations

from email import message_from_bytes

from hypothesis import given
from hypothesis import strategies as st

from mempip.installer.headers import body, header_value, scan_header


def test_headers_may_be_folded_and_end_in_any_way() -> None:
    raw = b"A: 1\r\n  2\r\nno colon\r\n  goes on\r\nB : \xff\r\nC: 3: 4\r\n\r\nD: 5"
    assert list(scan_header(raw)) == [("a", "1\n  2"), ("b ", "\ufffd"), ("c", "3: 4")]
    assert list(scan_header(b" starts folded\nA: 1")) == [("a", "1")]


NAMES = st.from_regex(r"[A-Za-z][A-Za-z-]{0,10}", fullmatch=True)
VALUE = st.from_regex(r"[!-~]([ -~]{0,20}[!-~])?", fullmatch=True)


@given(st.lists(st.tuples(NAMES, VALUE)), st.text())
def test_it_reads_what_email_reads(fields: list[tuple[str, str]], description: str) -> None:
    raw = "".join(f"{name}: {value}\n" for name, value in fields).encode() + b"\n" + description.encode()
    message = message_from_bytes(raw)
    if fields:
        assert list(scan_header(raw)) == [(name.lower(), str(value)) for name, value in message.items()]
        assert body(raw) == description.replace("\r\n", "\n")


def test_the_first_of_several_fields_counts() -> None:
    assert header_value(b"A: 1\nb: 2\nB: 3\n\nC: 4", "b") == "2"
    assert header_value(b"A: 1\n\nC: 4", "c") == ""


def test_an_empty_line_in_front_is_an_empty_header() -> None:
    assert (list(scan_header(b"\nA: 1\n")), body(b"\r\nA: 1\n")) == ([], "A: 1\n")
