"""Stylesheets that say which row wrote what: the variant that is compiled where a conversion record is asked for.

The marks of rows (`row:id`) become instructions that write processing instructions: two around what an instruction
writes, one inside an element that is written as it stands. A variable keeps those of its content, and whatever writes
the variable's value writes them too. They are read off what was made and taken away again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count

from lxml import etree

ROW_ID = "{urn:vansim:row}id"
XSL = "{http://www.w3.org/1999/XSL/Transform}"
MARK = "vansim-row"
END = "vansim-row-end"

_EXSLT = "http://exslt.org/common"
_INSIDE = {f"{XSL}{name}" for name in ("if", "when", "otherwise", "for-each")}
_WRITES = {f"{XSL}{name}" for name in ("value-of", "copy-of")}
_HOLDS = {f"{XSL}{name}" for name in ("variable", "param", "with-param")}
_CALLS = {f"{XSL}{name}" for name in ("apply-templates", "call-template")}  # what they write may be marked
_USED = re.compile(r"\$([\w-]+)")
_TEMPLATE = re.compile(r"\{([^}]*)\}")


def annotate(root: etree._Element) -> None:
    """Turn a stylesheet, its marks still on, into its annotating variant."""
    marked = [(element, rows) for element in root.iter("*") if (rows := str(element.attrib.pop(ROW_ID, "")))]
    holders = _holders(root, {element for element, _ in marked})
    uses = [(element, names) for element in root.iter("*") if (names := _used(element) & holders)]
    for element, names in uses:
        if element.getparent() is not None and not _is_attribute(element):
            _repeat(element, sorted(names))
    numbers = count(1)
    for element, rows in marked:
        if not _is_attribute(element):
            _mark(element, f"{next(numbers)} {rows}")


def read_marks(made: etree._Element) -> list[tuple[str, etree._Element]]:
    """Each row with each element that it wrote, or wrote into; the marks are gone from the document afterwards."""
    marks = [mark for mark in made.iter(etree.ProcessingInstruction) if _target(mark) in {MARK, END}]
    found = [
        (row, target)
        for mark in marks
        if _target(mark) == MARK
        for targets in [_targets(mark)]
        for row in (mark.text or "").split()[1:]
        for target in targets
    ]
    for mark in marks:
        _take_away(mark)
    return found


def _target(node: etree._Element) -> str:
    """The name of a processing instruction; "" for anything else."""
    return str(getattr(node, "target", ""))


def _targets(mark: etree._Element) -> list[etree._Element]:
    """What stands between two marks; the element around them where that is text, or where there is no second one."""
    number, parent = (mark.text or "").split()[0], mark.getparent()
    between, text, ended = [], mark.tail or "", False
    for sibling in mark.itersiblings():
        if not _target(sibling):
            between.append(sibling)
        else:
            ended = _target(sibling) == END and sibling.text == number
        if ended:
            break
        text += sibling.tail or ""
    around = [] if parent is None else [parent]
    if not ended:
        return around
    return between or (around if text else [])


def _take_away(mark: etree._Element) -> None:
    """Remove a mark and leave the text that follows it."""
    parent, before, tail = mark.getparent(), mark.getprevious(), mark.tail or ""
    if parent is None:
        return
    if before is None:
        parent.text = (parent.text or "") + tail or None
    else:
        before.tail = (before.tail or "") + tail or None
    mark.tail = None
    parent.remove(mark)


def _mark(element: etree._Element, text: str) -> None:
    start, end = _writing(MARK, text), _writing(END, text.split(maxsplit=1)[0])
    if element.tag in _INSIDE or (element.tag in _HOLDS and "select" not in element.attrib):
        start.tail, element.text = element.text, None
        element.insert(0, start)
        element.append(end)
    elif element.tag in _HOLDS:
        value = etree.Element(f"{XSL}value-of", select=element.attrib.pop("select"))
        element.extend((start, value))
    elif str(element.tag).startswith(XSL):
        element.addprevious(start)
        element.addnext(end)
    else:
        element.append(start)


def _repeat(element: etree._Element, names: list[str]) -> None:
    """Write the marks that variables hold, beside what writes the variables' values."""
    for name in names:
        its_own = f"starts-with(string(preceding-sibling::processing-instruction('{MARK}')[1]), concat(., ' '))"
        empty = f"following-sibling::node()[1][self::processing-instruction('{END}') and {its_own}]"
        select = f"exsl:node-set(${name})/descendant::processing-instruction('{MARK}')[not({empty})]"
        copy = etree.Element(f"{XSL}copy-of", {"select": select}, nsmap={"exsl": _EXSLT})
        if element.tag in _WRITES:
            element.addnext(copy)
        else:
            element.append(copy)


def _writing(name: str, text: str) -> etree._Element:
    made = etree.Element(f"{XSL}processing-instruction", name=name)
    made.text = text
    return made


def _is_attribute(element: etree._Element) -> bool:
    """Whether what it writes is the value of an attribute, where no mark may stand."""
    return any(above.tag == f"{XSL}attribute" for above in (element, *element.iterancestors()))


def _used(element: etree._Element) -> set[str]:
    """The variables whose values an element writes."""
    if element.tag in _WRITES:
        return set(_USED.findall(element.get("select", "")))
    if str(element.tag).startswith(XSL):
        return set()
    templates = (part for value in element.attrib.values() for part in _TEMPLATE.findall(str(value)))
    return {name for part in templates for name in _USED.findall(part)}


def _holders(root: etree._Element, marked: set[etree._Element]) -> set[str]:
    """The names of the variables and parameters that hold marks, or the value of one that does."""
    holders: set[str] = set()
    while more := set(_more(root, marked, holders)) - holders:
        holders |= more
    return holders


def _more(root: etree._Element, marked: set[etree._Element], holders: set[str]) -> Iterator[str]:
    for element in root.iter(*_HOLDS):
        within = list(element.iterdescendants("*"))
        if (
            element in marked
            or any(each in marked or each.tag in _CALLS or _used(each) & holders for each in within)
            or (element.tag == f"{XSL}with-param" and holders.intersection(_USED.findall(element.get("select", ""))))
        ):
            yield element.get("name", "")
