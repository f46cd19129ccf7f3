"""Base64 is counted and decoded as RFC 4648 has it, however it is cut."""

from __future__ import annotations

import base64

from hypothesis import example, given
from hypothesis import strategies as st

from envelope.base64_text import Base64Count, decode


@given(st.binary(max_size=9_000), st.integers(1, 500), st.sampled_from(["", " ", "\n", "\r\n\t"]))
def test_count_is_the_decoded_size(body: bytes, length: int, space: str) -> None:
    """Whatever the pieces and the white space between them, the size and the first 4096 bytes are the payload's."""
    text = base64.b64encode(body).decode()
    count = Base64Count()
    letters = b"".join(count.feed(space + text[start : start + length]) for start in range(0, len(text), length))
    assert (count.size, count.problem, count.stray) == (len(body), None, 0)
    assert letters == text.rstrip("=").encode()
    assert decode(count.lead, 4096) == body[:4096]


@given(st.text("QUJDR=! ", max_size=24), st.integers(1, 24))
def test_where_base64_is_cut_does_not_matter(text: str, length: int) -> None:
    """Right or wrong, pieces and whole give the same verdict, number of strays and, when right, size."""
    whole, cut = Base64Count(), Base64Count()
    whole.feed(text)
    for start in range(0, len(text), length):
        cut.feed(text[start : start + length])
    assert (whole.problem is None, whole.stray) == (cut.problem is None, cut.stray)
    assert whole.problem is not None or whole.size == cut.size


@given(st.binary(max_size=60), st.integers(0, 80), st.integers(0, 60))
@example(b"abc", 1, 3)
def test_base64_cut_anywhere_decodes_to_a_beginning(body: bytes, cut: int, length: int) -> None:
    """Characters cut anywhere decode to the first bytes of what the whole decodes to."""
    letters = base64.b64encode(body).rstrip(b"=")[:cut]
    assert decode(letters, length) == body[: min(length, len(letters) * 3 // 4)]
