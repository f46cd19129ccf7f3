from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from envelope import safe_xml
from envelope.attachments import Attachment, Attachments, literal, take_out
from envelope.cutting import CHUNK, TOKEN, cut
from envelope.fhir.bundle import Bundle, read_bundle, serialise
from envelope.fhir.facts import bundle_facts
from envelope.fhir.rules import validate as validate_bundle
from envelope.fhir.values import NS
from envelope.findings import Refused
from envelope.oioxml.reading import read_letter
from envelope.oioxml.rules import validate
from envelope.oioxml.writing import serialise as serialise_letter
from envelope.pieces import put_back
from envelope.runs import Form

LETTERS = Path(__file__).resolve().parent.parent / "letters"
XBIN01 = (LETTERS / "xbin01-2012.xml").read_bytes()
OBJECT = "<Object_Base64Encoded>{}</Object_Base64Encoded>"
LONG = base64.b64encode(bytes(range(256)) * 20).decode()
RFC_4648 = re.compile("(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
BUNDLE = {
    "resourceType": "Bundle",
    "type": "message",
    "entry": [{"resource": {"resourceType": "Communication", "status": "unknown", "payload": []}}],
}

CONTENTS = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([767, 768, 769, 4000]).map(lambda size: (bytes(range(251)) * 20)[:size]),
)


def with_objects(*written: str) -> bytes:
    """An XBIN01 with these texts as its objects."""
    head, tail = XBIN01.split(b"<BinaryObject>", 1)[0], XBIN01.rsplit(b"</BinaryObject>", 1)[1]
    objects = "".join(f"<BinaryObject>{OBJECT.format(each)}</BinaryObject>" for each in written)
    return head + objects.encode("ISO-8859-1", "xmlcharrefreplace") + tail


def bundle_of_data(*written: str) -> bytes:
    """A bundle in JSON with these texts as its attachments' data; escapes in them are theirs."""
    payloads = ",".join(f'{{"contentAttachment":{{"data":"{each}","title":"Bilag"}}}}' for each in written)
    return json.dumps(BUNDLE).replace('"payload": []', f'"payload": [{payloads}]').encode()


def written_again(bundle: Bundle, form: Form) -> bytes:
    """A bundle as it goes out, with its attachments."""
    return put_back(serialise(bundle.root, form), bundle.attachments, form=form).joined()


def data_of(bundle: Bundle) -> list[str | None]:
    """What stands in the data of every attachment."""
    return [each.get("value") for each in bundle.root.iter(f"{NS}data")]


@given(st.lists(CONTENTS, max_size=4), st.sampled_from(["", "\n", "\r\n ", "\t"]), st.sampled_from([76, 4]))
def test_objects_of_any_size_are_one_token_each(contents: list[bytes], blank: str, width: int) -> None:
    """Size, digest and bytes are those of the object, whether it was cut or stood in the tree."""
    lines = [
        blank.join(text[start : start + width] for start in range(0, len(text), width))
        for text in (base64.b64encode(each).decode() for each in contents)
    ]
    letter = read_letter(cut(with_objects(*lines)))
    texts = [each.text or "" for each in letter.root.iter("{*}Object_Base64Encoded")]
    found = [letter.attachments.read(text) for text in texts]
    assert [b"".join(each.decoded()) for each in found] == contents
    assert [each.size for each in found] == [len(each) for each in contents]
    assert [each.digest for each in found] == [hashlib.sha256(each).hexdigest() for each in contents]
    assert [text for text in texts if text] == list(letter.attachments)
    assert all(TOKEN.fullmatch(text.encode()) for text in texts if text)
    made = put_back(serialise_letter(letter.root), letter.attachments, form="xml")
    assert made.size == len(made.joined())
    again = read_letter(made.joined())
    assert [each.text or "" for each in again.root.iter("{*}Object_Base64Encoded")] == [
        base64.b64encode(each).decode() for each in contents
    ]


@given(st.lists(CONTENTS.filter(bool), min_size=1, max_size=4), st.sampled_from(["/", "\\/", "\\u002f"]), st.data())
def test_attachments_go_from_json_to_xml_and_back(contents: list[bytes], slash: str, data: st.DataObject) -> None:
    """Cut in either form, a bundle with its attachments put back is the bundle in the other form."""
    written = [base64.b64encode(each).decode().replace("/", slash) for each in contents]
    payload = bundle_of_data(*written)
    whole = read_bundle(payload)
    made_xml = written_again(read_bundle(cut(payload)), "xml")
    assert made_xml == serialise(whole.root, "xml")
    made_json = written_again(read_bundle(cut(made_xml)), "json")
    assert made_json == serialise(whole.root, "json")
    length = data.draw(st.sampled_from([1, 2, 4])) * 19
    lined = made_json
    for text in (base64.b64encode(each).decode() for each in contents):
        lines = "\\r\\n".join(text[start : start + length] for start in range(0, len(text), length))
        lined = lined.replace(text.encode(), lines.encode(), 1)
    assert written_again(read_bundle(cut(lined)), "json") == made_json


@given(st.text(st.sampled_from("AB/+=9 \n-å"), max_size=24), st.sampled_from(["", LONG, LONG[:-3]]))
def test_what_is_base64_is_what_the_standard_says(text: str, before: str) -> None:
    """Problem and size are those of RFC 4648, white space aside."""
    found = literal(before + text)
    written = (before + text).translate(str.maketrans("", "", " \n"))
    assert (found.problem is None) is (RFC_4648.fullmatch(written) is not None)
    if found.problem is None:
        assert found.size == len(base64.b64decode(written))
    assert found.length == len(b"".join(found.pieces())) == len(written.encode())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("QUJDRA==QUJD", "characters follow the padding"),
        ("QUJDR", "5 characters and 0 of padding are not whole groups of four"),
        ("====", "0 characters and 4 of padding are not whole groups of four"),
        ("QUJD!!==", "2 bytes are neither base64 nor white space"),
        ("A" * CHUNK + "=" * 4, f"{CHUNK} characters and 4 of padding are not whole groups of four"),
        ("A" * (CHUNK - 2) + "==" + "AAAA", "characters follow the padding"),
        ("A" * (CHUNK - 1) + "=" + " " * CHUNK + "AAAA", "characters follow the padding"),
    ],
)
def test_a_problem_says_why(text: str, problem: str) -> None:
    """What is not base64 says why, and has no digest."""
    found = literal(text)
    assert found.problem == problem
    with pytest.raises(ValueError, match=problem):
        _ = found.digest


@pytest.mark.parametrize("escape", ["&#10;", "&#xD;&#xA;", "&#x41;", "&#65;", "&#43;", "&#x3d;"])
def test_references_in_large_base64_are_read_in_pieces(escape: str) -> None:
    """Wherever a piece ends, a character reference stays whole."""
    text = escape.join([LONG[:76]] * (3 * CHUNK // 76))
    payload = (
        '<Bundle xmlns="http://hl7.org/fhir"><data><contentAttachment>'
        f'<data value="{text}"/></contentAttachment></data></Bundle>'
    )
    bundle = read_bundle(cut(payload.encode()))
    (found,) = bundle.attachments.values()
    value = next(iter(read_bundle(payload.encode()).root.iter(f"{NS}contentAttachment")))[0].get("value", "")
    assert b"".join(found.pieces()).decode() == value.replace("\r", "").replace("\n", "")


@pytest.mark.parametrize("escape", ["\\n", "\\/", "\\u002f", "\\u0041", "\\u003D", "\\r\\n"])
def test_escapes_in_large_base64_are_read_in_pieces(escape: str) -> None:
    """Wherever a piece ends, an escape stays whole."""
    text = escape.join([LONG[:76]] * (3 * CHUNK // 76))
    bundle = read_bundle(cut(bundle_of_data(text)))
    (found,) = bundle.attachments.values()
    meant = str(json.loads(f'"{text}"'))
    assert b"".join(found.pieces()).decode() == meant.replace("\r", "").replace("\n", "")


def test_parts_of_one_attachment_are_one_token() -> None:
    """Comments, CDATA and stray characters part the bytes, not the attachment."""
    letter = read_letter(cut(with_objects(f"{LONG}<!-- x -->{LONG}<![CDATA[{LONG}]]>", f"{LONG}æ{LONG}")))
    first, second = letter.attachments.values()
    assert b"".join(first.pieces()).decode() == LONG * 3
    assert first.problem is not None
    assert second.problem == "2 bytes are neither base64 nor white space"
    assert b"".join(second.pieces()).decode() == f"{LONG}æ{LONG}"


def test_an_object_with_elements_in_it_is_left_as_it_is() -> None:
    """What the schema refuses is no attachment; the text is back in its place."""
    letter = read_letter(cut(with_objects(f"{LONG}<b/>{LONG}")))
    assert len(letter.attachments) == 0
    (element,) = letter.root.iter("{*}Object_Base64Encoded")
    assert (element.text, element[0].tail) == (LONG, LONG)
    assert letter.attachments.read(LONG).size == 5120


def test_a_long_word_is_put_back_in_the_text() -> None:
    """A run in a text, a name or an identifier is text again; only the attachment stays a token."""
    payload = bundle_of_data(LONG).replace(b'"title":"Bilag"', f'"title":"{LONG}"'.encode())
    bundle = read_bundle(cut(payload))
    assert [each.get("value") for each in bundle.root.iter(f"{NS}title")] == [LONG]
    assert data_of(bundle) == list(bundle.attachments)


def test_a_text_beyond_the_limit_is_refused_where_it_stands() -> None:
    """What is no attachment may be no longer than any text: 10 MB."""
    letter = XBIN01.replace(b"<Letter>", b"<Letter>\n" + b"A" * (safe_xml.VALUE_LIMIT + 1))
    with pytest.raises(Refused) as caught:
        read_letter(cut(letter))
    (finding,) = caught.value.findings
    line, column = safe_xml.position(letter, letter.index(b"<Letter>") + 8)
    assert (finding.rule.id, finding.location) == ("VS-107", f"line {line}, column {column}")


def test_what_is_too_long_for_the_parser_is_told_as_too_long() -> None:
    """A text or value beyond the parser's own limit is too long, not too deep."""
    for document in (b"<a>%s</a>", b"<a b='%s'/>", b"<a><![CDATA[%s]]></a>"):
        with pytest.raises(Refused) as caught:
            safe_xml.parse(document % (b"A" * (safe_xml.VALUE_LIMIT + 100_000)))
        assert [finding.rule.id for finding in caught.value.findings] == ["VS-107"]


def test_large_objects_are_checked_against_their_stated_size() -> None:
    """An object of 12 MB is read, counted and held to its OriginalObjectSize."""
    body = base64.b64encode(bytes(12_000_000)).decode()
    start = XBIN01.index(b"<Object_Base64Encoded>") + 22
    end = XBIN01.index(b"</Object_Base64Encoded>")
    letter = XBIN01[:start] + body.encode() + XBIN01[end:]
    (finding,) = validate(read_letter(cut(letter)))
    assert finding.rule.id == "VS-236"
    assert finding.text.endswith("decodes to 12000000 bytes, but OriginalObjectSize says 70.")
    fitting = letter.replace(b"<OriginalObjectSize>70<", b"<OriginalObjectSize>12000000<")
    assert validate(read_letter(cut(fitting))) == ()


@pytest.mark.parametrize(("spoilt", "rules"), [("", []), ("*", ["VS-359"])])
def test_large_data_of_a_bundle_is_held_to_base64(spoilt: str, rules: list[str], letters: Path) -> None:
    """Data beyond any parser's limit is checked like any other, in both forms."""
    body = base64.b64encode(bytes(12_000_000)).decode() + spoilt
    bundle = read_bundle((letters / "bundle-new.xml").read_bytes())
    for each in bundle.root.iter(f"{NS}data"):
        each.set("value", body)
    for form in ("xml", "json"):
        found = read_bundle(cut(serialise(bundle.root, form)))
        assert [each.rule.id for each in validate_bundle(found) if "content.data" in each.location] == rules
        assert bundle_facts(found) == bundle_facts(bundle)


def test_attachments_of_several_letters_are_put_together() -> None:
    """Objects of two letters go into one document; what looks like a token and is none stays."""
    first, second = (read_letter(cut(with_objects(text))).attachments for text in (LONG, "QUJD"))
    both = first | second
    assert set(both) == set(first) | set(second)
    assert len(both) == 2
    stranger = "VanSim" + "0" * 26
    document = f'{{"a":"{next(iter(second))}","b":"{next(iter(first))}","c":"{stranger}"}}'.encode()
    pieces = put_back(document, both, form="json")
    assert json.loads(pieces.joined()) == {"a": "QUJD", "b": LONG, "c": stranger}
    assert pieces.size == len(pieces.joined())


def test_nothing_is_copied_where_nothing_changes() -> None:
    """Without a token a document is given back itself, and clean base64 is views of what came in."""
    document = b"<a/>"
    assert put_back(document, Attachments(), form="xml").joined() is document
    assert put_back(document, Attachments({"x": literal("QUJD")}), form="xml").joined() is document
    slim = cut(with_objects(LONG))
    letter = read_letter(slim)
    pieces = put_back(serialise_letter(letter.root), letter.attachments, form="xml")
    assert any(isinstance(each, memoryview) and each.obj is slim.payload for each in pieces)


@pytest.mark.parametrize("form", ["xml", "json"])
def test_what_is_not_base64_is_escaped(form: Form) -> None:
    """Markup in what should have been base64 stays text."""
    text = "\"'<&å\u2603]]>\\"
    token = "VanSim" + "1" * 26
    document = (f'{{"a":"{token}"}}' if form == "json" else f"<a b='{token}'>{token}</a>").encode()
    pieces = put_back(document, Attachments({token: literal(text)}), form=form)
    file = io.BytesIO()
    pieces.write_to(file)
    assert pieces.size == len(file.getvalue())
    if form == "json":
        assert json.loads(file.getvalue()) == {"a": text}
    else:
        root = etree.fromstring(file.getvalue())
        assert (root.text, root.get("b")) == (text, text)


def test_an_empty_attachment_is_none() -> None:
    """Where nothing stands, or only white space, no token is made."""
    letter = read_letter(cut(with_objects("", " \n ")))
    assert len(letter.attachments) == 0
    assert literal(" \n ").size == 0


def test_a_cut_knows_its_place() -> None:
    """Start and end are offsets in the payload."""
    payload = f"<a>{LONG}</a>".encode()
    (found,) = cut(payload).cuts
    assert payload[found.start : found.end] == bytes(found.view) == LONG.encode()
    assert Attachment((found,)).size == 5120


def test_other_trees_have_no_places() -> None:
    """A document that is neither letter nor bundle keeps its text."""
    slim = cut(f"<a><data>{LONG}</data></a>".encode())
    root = safe_xml.parse(slim.document)
    assert len(take_out(root, slim)) == 0
    assert root[0].text == LONG
