from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from simulator.networks import Networks
from simulator.settings import Settings
from simulator.web.errors import MASKED, NOT_OUR_FORM, WRONG_TOKEN
from simulator.web.pages.door import HEADERS
from simulator.web.pages.site import make_pages
from simulator.wiring import Network
from tests.simulator.conftest import Running
from tests.simulator.http import ON_ONE_BROKER
from tests.simulator.pages.visiting import URL, visiting
from tests.simulator.post import OWN_FHIR

pytestmark = ON_ONE_BROKER

PAGES = (
    "/",
    "/clock",
    "/participants",
    f"/participants/{OWN_FHIR}",
    "/dead",
    "/compose",
    "/nothing",
    "/messages/nothing",
)
TOKEN = "et token på prøve ☂"  # noqa: S105
ELSEWHERE = ("http://elsewhere.example", "http://vansim.test:81", "https://vansim.test", "NULL", "")


@pytest.mark.parametrize("path", [*PAGES, "/static/vansim.css", "/static/nothing"])
async def test_every_answer_binds_the_browser(path: str, running: Running) -> None:
    """Whatever is asked for, the answer comes with the policy that lets nothing foreign in or out."""
    async with running() as network, visiting(network) as visitor:
        answer = await visitor.http.get(path)
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == ("no-cache" if path.startswith("/static/") else "no-store")


@pytest.mark.parametrize("path", PAGES)
async def test_no_page_has_a_script_or_a_style_of_its_own(path: str, running: Running) -> None:
    """Scripts come from files alone, and no element has a style or a handler."""
    async with running() as network, visiting(network) as visitor:
        page = (await visitor.http.get(path)).text
    assert re.findall(r"<script(?![^>]* src=)", page) == []
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:", page) == []
    assert re.findall(r'(?:src|href|action)="(?:[a-z]+:)?//', page) == []


async def test_cookies_stay_with_the_pages(running: Running) -> None:
    """A session's cookie is out of reach of scripts and of other sites, and named by the port."""
    async with running() as network, visiting(network) as visitor:
        answer = await visitor.http.get("/clock")
    [cookie] = answer.headers.get_list("set-cookie")
    assert cookie.startswith("vansim-session-80=")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie


def _forms() -> list[str]:
    app = make_pages(Networks(Network(Settings())))
    return sorted(path for path, calls in app.openapi()["paths"].items() if "post" in calls)


@pytest.mark.parametrize("path", _forms())
async def test_no_form_is_taken_without_its_signature(path: str, running: Running) -> None:
    """Whatever changes anything asks for the signature that the page gave to this session, in each network."""
    async with running() as network, visiting(network) as visitor:
        await visitor.see("/clock")
        address = re.sub(r"\{[^}]*\}", "x", path)
        answers = [await visitor.http.post(address, data=data) for data in ({}, {"same_site": "0" * 64})]
        name = "networks/{network}" in path  # there is none of that name
    assert {answer.status_code for answer in answers} == {404 if name else 403}
    assert all(name or NOT_OUR_FORM.id in answer.text for answer in answers)


async def test_a_signature_is_of_one_session(running: Running) -> None:
    """What one browser was given is of no use to another, nor is a cookie that somebody else has set."""
    async with running() as network, visiting(network) as one, visiting(network) as other:
        await one.see("/clock")
        await other.see("/clock")
        other.signature = one.signature
        assert (await other.send("/clock/freeze")).status_code == 403
        assert (await one.send("/clock/freeze")).status_code == 303


@pytest.mark.parametrize("origin", ELSEWHERE)
async def test_a_form_from_elsewhere_is_refused(origin: str, running: Running) -> None:
    """A right signature does not help who comes from another origin, even one of the same host."""
    async with running() as network, visiting(network) as visitor:
        assert (await visitor.send("/clock/freeze", origin=origin)).status_code == 403
        assert network.clock.standing.mode == "real"


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_a_form_that_a_browser_says_is_foreign_is_refused(site: str, running: Running) -> None:
    """Sec-Fetch-Site is believed when it says so, whatever Origin hides."""
    async with running() as network, visiting(network) as visitor:
        refused = await visitor.send("/clock/freeze", origin="null", sec_fetch_site=site)
        assert refused.status_code == 403
        taken = await visitor.send("/clock/freeze", origin="null", sec_fetch_site="same-origin")
        assert taken.status_code == 303


async def test_a_form_is_bounded(running: Running) -> None:
    """What is larger than the network takes over HTTP is refused by its length, and so is what has none."""
    async with running() as network, visiting(network) as visitor:
        await visitor.see("/compose")
        network.settings = network.settings.model_copy(update={"largest_upload": 100})
        large = await visitor.send("/compose", {"text": "x" * 200})

        async def pieces() -> AsyncIterator[bytes]:
            yield b"same_site=x"

        unbounded = await visitor.http.post("/compose", content=pieces())
    assert (large.status_code, unbounded.status_code) == (413, 411)


async def test_a_network_with_a_token_asks_for_it(running: Running) -> None:
    """Without it every page leads to the log-in; with it the browser keeps it out of reach of scripts, until told."""
    async with running() as network, visiting(network) as visitor:
        network.settings = network.settings.model_copy(update={"token": TOKEN})
        assert {(await visitor.http.get(path)).headers["Location"] for path in PAGES} == {"/login"}
        await visitor.see("/login")
        wrong = await visitor.send("/login", {"token": "another"})
        assert (wrong.status_code, WRONG_TOKEN.id in wrong.text) == (403, True)
        right = await visitor.send("/login", {"token": TOKEN})
        assert (right.status_code, right.headers["Location"]) == (303, "/")
        [cookie] = right.headers.get_list("set-cookie")
        assert {"HttpOnly", "SameSite=strict"} <= {part.strip() for part in cookie.split(";")}
        await visitor.see("/clock")
        await visitor.send("/logout")
        assert (await visitor.http.get("/clock")).headers["Location"] == "/login"


@pytest.mark.parametrize("given", ["", "token", "tøken", TOKEN, "\u2028"])
async def test_only_the_token_itself_lets_in(given: str, running: Running) -> None:
    """Anything else in the cookie is no proof, whatever its signs, not even the token."""
    async with running() as network, visiting(network) as visitor:
        network.settings = network.settings.model_copy(update={"token": TOKEN})
        cookie = f"vansim-token-80={given}".encode()
        answer = await visitor.http.get("/clock", headers=[(b"cookie", cookie)])
    assert answer.status_code == 303


async def test_the_page_that_a_choice_leads_back_to_is_ours(running: Running) -> None:
    """A form cannot send its reader to another site, whatever it says where it stood."""
    async with running() as network, visiting(network) as visitor:
        places = ["//evil.example/x", "https://evil.example/", "/\\evil.example", "\\\\evil", "", "clock", "/clock?a=b"]
        led = [
            (await visitor.send("/language", {"language": "da", "back": place})).headers["Location"] for place in places
        ]
    assert {place.startswith("/") and not place.startswith(("//", "/\\")) for place in led} == {True}
    assert led[-1] == "/clock?a=b"
    assert URL not in "".join(led)


async def test_what_cannot_be_masked_is_held_back(running: Running) -> None:
    """An envelope or an attachment is given out only in a session that shows patient data."""
    async with running() as network, visiting(network) as visitor:
        page = await visitor.see("/bodies/1", 403)
        assert MASKED.id in page
        await visitor.send("/patients", {"patients": "shown", "back": "/clock"})
        await visitor.see("/bodies/1", 404)
        await visitor.send("/patients", {"patients": "hidden", "back": "/clock"})
        await visitor.see("/bodies/1/attachments/0", 403)


async def test_before_it_is_ready_a_network_says_so(running: Running) -> None:
    """A page that is asked for too early asks to be asked for again."""
    async with running() as network, visiting(network) as visitor:
        network.ready = False
        answer = await visitor.http.get("/clock")
    assert (answer.status_code, answer.headers["Refresh"]) == (503, "2")
    assert "VS-481" in answer.text


async def test_an_error_of_our_own_is_told_by_its_kind(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody sees a stack trace, nor the text of an error, which may quote a letter."""
    async with running() as network, visiting(network) as visitor:
        monkeypatch.setattr(network, "health", lambda: (_ for _ in ()).throw(ValueError("2512489996")))
        with monkeypatch.context() as patch:
            patch.setattr("simulator.web.pages.dead_letters.dead_letters.latest", None)
            patch.setattr(network, "health", lambda: {"ok": True, "directory": {"ok": True}})
            page = await visitor.see("/dead", 500)
    assert "VS-482" in page
    assert "Traceback" not in page
