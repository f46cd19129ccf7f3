from __future__ import annotations

import base64
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from envelope import safe_xml
from envelope.cutting import TOKEN, Slim, cut
from envelope.fhir.bundle import read_bundle
from envelope.findings import Refused
from envelope.oioxml.reading import read_letter
from envelope.runs import LEAST

LETTERS = Path(__file__).resolve().parent.parent / "letters"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
RUN = ALPHABET * 20
FHIR = "http://hl7.org/fhir"


def whole(slim: Slim) -> bytes:
    """The bytes that a slim document stands for."""
    views = {slim.token(number): bytes(each.view) for number, each in enumerate(slim.cuts)}
    return TOKEN.sub(lambda found: views.get(found[0], found[0]), slim.document)


def runs(most: int = 3000) -> st.SearchStrategy[str]:
    """Base64 characters, any of them first, often about as long as is cut."""
    sizes = st.one_of(st.sampled_from([LEAST - 1, LEAST, LEAST + 1, 2 * LEAST]), st.integers(0, most))
    return st.builds(lambda start, size: (ALPHABET * 60)[start : start + size], st.integers(0, 63), sizes)


XML_TEXT = st.lists(
    st.one_of(
        runs(),
        st.sampled_from(["&#65;", "&#x2B;", "&#10;", "&#xD;", "&#13;\n", "&amp;", "&#38;", "\r\n", "\r", "\n", "\t"]),
        st.sampled_from(["æ", "Ø ", " ord ", "=", "==", ">", "'", '"', ".", "-", "", "&#230;"]),
        st.builds("<!--{}{}-->".format, st.sampled_from(["", "'", '"', "<b ", "a>"]), runs()),
        st.builds("<![CDATA[{}{}]]>".format, st.sampled_from(["", "<b a='", "&#65;", "<"]), runs()),
        st.builds("<?x {}?>".format, runs()),
        st.sampled_from(["&nbsp;", "<", "&#0;", "]]>"]),  # not well-formed, now and then
    ),
    max_size=4,
).map("".join)

XML_VALUE = st.lists(
    st.one_of(
        runs(),
        st.sampled_from(
            ["&#65;", "&#x2b;", "&#10;", "&#9;", "&quot;", "\r\n", "\n", "\t", " ", ">", "'", "æ", "=", "."]
        ),
    ),
    max_size=4,
).map("".join)

LETTER = (
    '<?xml version="1.0" encoding="{encoding}"?>\n'
    '<Emessage xmlns="http://rep.oio.dk/medcom.dk/xml/schemas/2012/03/28/">{gap}<BinaryLetter {name}="{value}">'
    "<Letter><VersionCode>XB0131X</VersionCode><Identifier>{text}</Identifier></Letter>"
    "<BinaryObject><ObjectIdentifier>{text}</ObjectIdentifier><Object_Base64Encoded>{data}</Object_Base64Encoded>"
    "</BinaryObject></BinaryLetter>{gap}</Emessage>\n"
)
NAMES = st.sampled_from(["a", "xmlns:a", "xmlns:" + RUN, RUN, "xml:lang", "a" + RUN + ' b="" c'])


def outcome(read: Callable[[], tuple[etree._Element, Callable[[str], bytes]]]) -> object:
    """The tree, base64 without white space; or every finding."""
    try:
        root, text_of = read()
    except Refused as refused:
        return refused.findings
    for element in root.iter("{*}Object_Base64Encoded"):
        if element.text and not len(element):
            element.text = text_of(element.text).decode()
    for element in root.iterfind(f".//{{{FHIR}}}contentAttachment/{{{FHIR}}}data"):
        if value := element.get("value"):
            element.set("value", text_of(value).decode())
    return etree.tostring(root)


def without_blanks(text: str) -> bytes:
    """Base64 as it stands in a tree, without white space."""
    return re.sub(r"[ \t\r\n]", "", text).encode()


def check(payload: bytes, reader: Callable[[bytes | Slim], object]) -> None:
    """Cut or whole, a payload is the same bytes, and the same tree or the same findings."""
    slim = cut(payload)
    assert whole(slim) == payload == slim.payload

    def read_whole() -> tuple[etree._Element, Callable[[str], bytes]]:
        return reader(payload).root, without_blanks  # type: ignore[attr-defined]

    def read_cut() -> tuple[etree._Element, Callable[[str], bytes]]:
        found = reader(slim)
        attachments = found.attachments  # type: ignore[attr-defined]
        left = {token.decode() for token in TOKEN.findall(etree.tostring(found.root))}  # type: ignore[attr-defined]
        assert left == set(attachments)

        def text_of(text: str) -> bytes:
            attachment = attachments.get(text)
            return without_blanks(text) if attachment is None else b"".join(attachment.pieces())

        return found.root, text_of  # type: ignore[attr-defined]

    assert outcome(read_cut) == outcome(read_whole)


@given(
    st.sampled_from(["ISO-8859-1", "windows-1252", "UTF-8", "us-ascii", "utf-16"]),
    XML_TEXT,
    XML_TEXT,
    XML_VALUE,
    NAMES,
    st.one_of(st.just(""), runs(), st.sampled_from([" " * 2000, "\n" + " " * 5000])),
)
@example("UTF-8", "", f"<!-- it's -->{RUN}", "", "a", "")
@example("UTF-8", f"<![CDATA[{RUN}&#65;{RUN}]]>", RUN, RUN, "a", "")
@example("UTF-8", "", "&#x41;" + "&#65;&#x00041;".join([ALPHABET] * 60), "", "a", "")
@example("UTF-8", "&" + RUN + ";", "", "", "a", "")
@example("UTF-8", "&x." + RUN + ";", "", "", "a", "")
@example("UTF-8", "&#" + "1" * 2000 + ";", "", "", "a", "")
def test_letters_are_the_same_cut_or_whole(
    encoding: str, text: str, data: str, value: str, name: str, gap: str
) -> None:
    """In every encoding, wherever runs stand, a letter is the same tree, or is refused with the same findings."""
    written = LETTER.format(encoding=encoding, text=text, data=data, value=value, name=name, gap=gap)
    check(written.encode(encoding, "replace"), read_letter)


JSON_TEXT = st.lists(
    st.one_of(
        runs(),
        st.sampled_from(["\\/", "\\u002f", "\\u0041", "\\u002F", "\\n", "\\r\\n", "\\t", '\\"', "\\\\", "\\u00e6"]),
        st.sampled_from(["æ", " ", " ord ", "=", ".", "-", "", "\\b"]),
        st.sampled_from(['"', "\\x", "\n", "\\u00"]),  # not well-formed, now and then
    ),
    max_size=5,
).map("".join)

BUNDLE = (
    '{{"resourceType":"Bundle","id":"{text}","type":"message","entry":[{{"resource":{{"resourceType":"Communication",'
    '"payload":[{{"contentString":"{text}"}},{{"contentAttachment":{{"title":"{title}","data":"{data}"}}}}]}}}}],'
    '"{key}"{gap}:{number}}}'
)


@given(JSON_TEXT, JSON_TEXT, JSON_TEXT, st.one_of(st.just("timestamp"), runs()), st.sampled_from(["", " ", "\n\t"]))
@example("\\/".join([ALPHABET] * 40), "\\/".join([ALPHABET] * 40), "", "timestamp", "")
@example("\\u002f".join([ALPHABET] * 40), "\\u002f" + RUN, "", RUN, " ")
@example("", RUN + "\\", "", "timestamp", "")
def test_json_bundles_are_the_same_cut_or_whole(text: str, data: str, title: str, key: str, gap: str) -> None:
    """Escapes, names and all, a bundle in JSON is the same tree, or is refused with the same findings."""
    for number in ('"2026-01-01"', "1" * 1500):
        written = BUNDLE.format(text=text, data=data, title=title, key=key, gap=gap, number=number)
        check(written.encode(), read_bundle)


@given(XML_VALUE, XML_VALUE, XML_TEXT)
def test_xml_bundles_are_the_same_cut_or_whole(value: str, data: str, text: str) -> None:
    """In attributes, too."""
    written = (
        f'<Bundle xmlns="{FHIR}"><id value="{value}"/><entry><resource><Communication><payload><contentAttachment>'
        f'<data value="{data}"/></contentAttachment></payload><text>{text}</text></Communication></resource></entry>'
        "</Bundle>"
    )
    check(written.encode(), read_bundle)


ORDINARY = sorted(set(LETTERS.glob("*.*")) - set(LETTERS.glob("xbin01-attachments-*")))


@pytest.mark.parametrize("file", ORDINARY, ids=lambda file: file.name)
def test_letters_without_long_runs_are_not_touched(file: Path) -> None:
    """Ordinary letters come back as the very object that went in."""
    payload = file.read_bytes()
    slim = cut(payload)
    assert slim.document is payload
    assert slim.cuts == ()


@pytest.mark.parametrize("before", range(0, 1030, 103))
@pytest.mark.parametrize("quote", ['"', "'"])
def test_every_run_of_the_least_length_is_cut_wherever_it_stands(before: int, quote: str) -> None:
    """A run of 1 KB is found at any offset, in a text and in a value, and one character less is left."""
    for length, count in ((LEAST, 2), (LEAST - 1, 0)):
        text = RUN[:length]
        slim = cut(f"<a b={quote}{'.' * before}{text}{quote}>{text}</a>".encode())
        assert [bytes(each.view).decode() for each in slim.cuts] == [text] * count


def test_large_utf_16_is_cut_as_utf_8() -> None:
    """UTF-16 is read in UTF-8 where it is large, whether it says what it is or not."""
    body = base64.b64encode(bytes(200_000)).decode()
    for declaration in ("", '<?xml version="1.0" encoding="UTF-16"?>'):
        for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
            slim = cut(f"{declaration}<a>å{body}</a>".encode(encoding))
            assert [each.view for each in slim.cuts] == [body.encode()]
            assert safe_xml.parse(slim.document).text == f"å{slim.token(0).decode()}"


def test_broken_utf_16_is_left_to_the_parser() -> None:
    """Bytes that are no UTF-16, or say that they are something else, are given back whole."""
    payload = f"<a>{RUN * 100}".encode("utf-16") + b"\0\xd8"
    assert cut(payload).document is payload
    payload = f"<?xml version='1.0' encoding='UTF-8'?><a>{RUN * 100}</a>".encode("utf-16")
    assert cut(payload).document is payload


@pytest.mark.parametrize("payload", [b"", b"{", b"[", b"<", RUN.encode(), b"UNA:+.? '" + RUN.encode()])
def test_what_is_no_document_is_given_back_whole(payload: bytes) -> None:
    """Neither XML nor JSON: nothing is cut, and its reader refuses it."""
    assert cut(payload).document == payload


def test_a_token_that_stands_in_the_payload_is_not_used() -> None:
    """Tokens depend on every byte, so that the tokens of one payload mean nothing in another."""
    first = cut(f"<a>{RUN}</a>".encode())
    second = cut(b"<a>" + first.token(0) + RUN.encode() + b"</a>")
    assert first.token(0) != second.token(0)
    assert TOKEN.fullmatch(second.token(0))


@pytest.mark.parametrize(
    ("payload", "reader"),
    [
        (f'<a>\n<b c="{RUN}"/>\n{RUN}</b></a>', read_bundle),
        (f"<a>{RUN}</b>", read_bundle),
        (f'{{"id":"{RUN}",\n"a":"{RUN}" 1}}', read_bundle),
        (f'{{"resourceType":"{RUN}"}}', read_bundle),
        (f"<Emessage xmlns='x'><b>{RUN}</b>", read_letter),
    ],
)
def test_refusals_name_the_place_in_the_payload(payload: str, reader: Callable[[bytes | Slim], object]) -> None:
    """Line and column are those of the payload behind a run, and no finding shows a token."""
    check(payload.encode(), reader)


@pytest.mark.parametrize(
    "payload",
    [
        "\ufeff<a>å" + RUN + "å</b>",
        "\ufeff<a>\nå" + RUN + "å</b>",
        '\ufeff{"æ":"' + RUN + '","ø" 1}',
        '\ufeff{"a":1,\n"æ":"' + RUN + '","ø" 1}',
    ],
)
def test_places_are_counted_in_characters_as_parsers_count_them(payload: str) -> None:
    """Letters of two bytes and a byte order mark do not move the place that is named."""
    check(payload.encode(), read_bundle)


def test_a_bad_byte_behind_a_run_is_named_where_it_is() -> None:
    """The offset of a byte that is no UTF-8 is that in the payload."""
    check(b'{"id":"' + RUN.encode() + b'","a":"\xff"}', read_bundle)
    check("<a>å".encode() + RUN.encode() + b"\xff</a>", read_bundle)
