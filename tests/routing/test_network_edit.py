"""A participant put into a network file's text, changed in it or taken out: all else stays as it was written."""

from __future__ import annotations

import json

import pytest

from routing.network_edit import with_participant, without_participant
from routing.network_file import DEFAULT_NETWORK, load

FILE = """# The network of the tests.
settings: {operator: PRØVENET}
participants:
  # Ours.
  - gln: 5799900000016
    sor: 99000011000016003   # in the register
    name: Prøvesystem
    kind: test-system
    takes:
      - {type: XDIS91, until: 2026-03-01}
      # and then
      - type: CareCommunication
        from: 2026-03-01

  # Theirs.
  - {gln: "5799900000023", sor: "99000021000016007", name: Et andet, kind: gp-practice}
# The end.
"""
OURS, THEIRS, NEW = "5799900000016", "5799900000023", "5799900000030"
ENTRY = {
    "gln": NEW,
    "sor": "99000031000016009",
    "name": 'Nyt "system"',
    "kind": "hospital",
    "takes": [{"type": "XDIS91"}],
}


def test_an_entry_is_changed_where_it_stands() -> None:
    """Its lines are another's; every other line, comments too, is as it was."""
    edited = with_participant(FILE, OURS, ENTRY | {"gln": OURS})
    directory = load(edited, "x")
    assert directory.participants[OURS].name == 'Nyt "system"'
    assert directory.participants[THEIRS] == load(FILE, "x").participants[THEIRS]
    head, tail = FILE.split("gln: 5799900000016", maxsplit=1)[0], FILE[FILE.index("\n\n  # Theirs.") :]
    assert edited == head + json.dumps(ENTRY | {"gln": OURS}, ensure_ascii=False) + tail


def test_an_entry_in_one_line_is_changed() -> None:
    """A flow mapping is replaced from brace to brace."""
    edited = with_participant(FILE, THEIRS, ENTRY | {"gln": THEIRS})
    assert load(edited, "x").participants[THEIRS].name == 'Nyt "system"'
    assert edited.endswith("}\n# The end.\n")


def test_a_new_entry_stands_behind_the_others() -> None:
    """Indented as they are, before what follows the list."""
    edited = with_participant(FILE, NEW, ENTRY)
    assert [one.gln for one in load(edited, "x")] == [OURS, THEIRS, NEW]
    assert edited.endswith(f"\n  - {json.dumps(ENTRY, ensure_ascii=False)}\n# The end.\n")


@pytest.mark.parametrize(
    "text",
    ["participants: []\n", f"participants: [{json.dumps(ENTRY | {'gln': OURS})}]  # one\n", "participants:\n  []\n"],
)
def test_a_list_in_one_line_takes_a_new_entry(text: str) -> None:
    """And loses it again."""
    before = list(load(text, "x"))
    edited = with_participant(text, NEW, ENTRY | {"sor": "99000041000016002"})
    assert [one.gln for one in load(edited, "x")] == [*(one.gln for one in before), NEW]
    assert list(load(without_participant(edited, NEW), "x")) == before


@pytest.mark.parametrize(("gln", "left"), [(OURS, [THEIRS]), (THEIRS, [OURS]), (NEW, [OURS, THEIRS])])
def test_an_entry_is_taken_out_whole(gln: str, left: list[str]) -> None:
    """No line of it is left, and none of another is gone; who is not there is not missed."""
    edited = without_participant(FILE, gln)
    assert [one.gln for one in load(edited, "x")] == left
    assert ("# Theirs." in edited, "# The end." in edited, "# The network of the tests." in edited) == (True,) * 3
    assert (edited == FILE) == (gln == NEW)


def test_the_last_entry_leaves_an_empty_list() -> None:
    """A directory of nobody is a directory."""
    edited = without_participant(without_participant(FILE, OURS), THEIRS)
    assert list(load(edited, "x")) == []


def test_every_entry_of_the_packaged_network_can_be_edited() -> None:
    """Changed to itself under another name it is read as before but for the name; taken out, only it is gone."""
    text = DEFAULT_NETWORK.read_text("utf-8")
    before = load(text, "x")
    for one in list(before)[::7]:
        entry = {
            "gln": one.gln,
            "sor": one.sor,
            "name": "Nyt navn",
            "kind": str(one.kind),
            "takes": [
                {key: value for key, value in line.as_dict().items() if value is not None and key != "wave"}
                for line in one.takes
            ],
        }
        edited = load(with_participant(text, one.gln, entry), "x")
        assert edited.participants[one.gln].name == "Nyt navn"
        assert [other for other in edited if other.gln != one.gln] == [
            other for other in before if other.gln != one.gln
        ]
        rest = load(without_participant(text, one.gln), "x")
        assert list(rest) == [other for other in before if other.gln != one.gln]


@pytest.mark.parametrize("text", ["[]", "settings: {}", "participants: {}"])
def test_what_is_no_network_file_is_not_edited(text: str) -> None:
    """Who edits has read it before."""
    with pytest.raises(ValueError, match="list of participants"):
        with_participant(text, NEW, ENTRY)
