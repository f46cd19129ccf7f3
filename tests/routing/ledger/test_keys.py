from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from routing.ledger.keys import EPOCH, Keys, made_at, milliseconds, new_key


@given(st.lists(st.integers(min_value=0, max_value=10_000), min_size=1, max_size=600))
def test_keys_grow_whatever_the_clock_does(times: list[int]) -> None:
    """Each key is greater than the one before, also when the clock stands still or goes back."""
    clock = iter(times)
    keys = Keys(lambda: EPOCH + next(clock), process=7)
    made = [keys() for _ in times]
    assert made == sorted(set(made))


def test_keys_of_one_millisecond_borrow_from_the_next() -> None:
    """A thousand keys within one millisecond are a thousand different keys, in order."""
    keys = Keys(lambda: EPOCH + 1000, process=0)
    made = [keys() for _ in range(1000)]
    assert made == sorted(set(made))
    assert made_at(made[0]) == EPOCH + 1000
    assert made_at(made[-1]) == EPOCH + 1003


def test_a_key_is_time_then_process_then_count() -> None:
    """The first key of a millisecond counts 0, the 256th 255, the next one is the first of the next millisecond."""
    clock = iter([5] * 258 + [9, 9])
    keys = Keys(lambda: EPOCH + next(clock), process=3)
    made = [keys() for _ in range(260)]
    process = 3 << 8
    assert made[:256] == [(5 << 22) | process | count for count in range(256)]
    assert made[256:] == [(6 << 22) | process, (6 << 22) | process | 1, (9 << 22) | process, (9 << 22) | process | 1]


def test_the_clock_of_the_keys_counts_milliseconds_since_1970() -> None:
    """The clock is that of the machine, in milliseconds."""
    assert abs(milliseconds() - time.time() * 1000) < 10_000


def test_keys_of_two_processes_differ() -> None:
    """Two sources that read the same clock never make the same key."""
    first, second = (Keys(lambda: EPOCH + 5, process=process) for process in (1, 2))
    assert {first() for _ in range(300)}.isdisjoint(second() for _ in range(300))


def test_keys_fit_a_signed_64_bit_column() -> None:
    """The last key before 2093 is positive and has 63 bits."""
    last = Keys(lambda: EPOCH + (1 << 41) - 1, process=(1 << 14) - 1)
    assert (1 << 62) < last() < (1 << 63)


def test_keys_are_unique_across_threads() -> None:
    """Several threads that draw from one source never get the same key."""
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda _: new_key(), range(4000)))
    assert len(set(made)) == 4000


def test_a_key_says_when_it_was_made() -> None:
    """The time in a key is the machine's clock."""
    before = milliseconds()
    assert before <= made_at(Keys()()) <= milliseconds()
