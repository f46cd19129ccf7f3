"""Every page in a real browser: accessible, quiet, of its own origin, and fit for narrow windows."""

from __future__ import annotations

import pytest

from simulator.wiring import Network
from tests.browser.conftest import NARROW, WIDE, Opening, Visit
from tests.simulator.post import LETTERS, NOBODY, OWN_FHIR, PRACTICE, TOWN, send, send_bytes, wrapped, xdis91

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

CONVERTED, REFUSED, ATTACHED = (
    wrapped(xdis91(1)),
    wrapped(xdis91(2), PRACTICE, NOBODY),
    LETTERS / "xdis91-attachments.xml",
)
MESSAGE = f"/messages/{CONVERTED.head.identifier}"
PAGES = (
    "/",
    "/participants",
    "/participants?day=2027-01-01&q=kommune",
    f"/participants/{OWN_FHIR}",
    "/clock",
    "/dead",
    "/compose?draft=xdis91.xml",
    MESSAGE,
    f"{MESSAGE}?part=letter",
    f"{MESSAGE}?part=envelope&layout=raw",
    f"/messages/{REFUSED.head.identifier}",
)


async def _busy(network: Network) -> None:
    """A network in which something of each kind has happened."""
    await send(network, CONVERTED, REFUSED, wrapped(xdis91(3), TOWN, OWN_FHIR), wrapped(ATTACHED.read_bytes()))
    await send_bytes(network, b"junk")


async def _quiet(visit: Visit, path: str) -> None:
    await visit.see(path)
    for pixels, scheme in ((NARROW, "light"), (WIDE, "dark")):
        await visit.width(pixels)
        assert (path, await visit.wider()) == (path, [])
        assert (path, await visit.faults(scheme)) == (path, [])  # type: ignore[arg-type]


@pytest.mark.parametrize("language", ["en", "da"])
async def test_every_page_is_accessible(language: str, opening: Opening) -> None:
    """Axe finds nothing wrong, narrow in light and wide in dark, and nothing is wider than its window."""
    async with opening(_busy, language=language) as visit:
        for path in PAGES:
            await _quiet(visit, path)
        await visit.show_patients()
        for path in (MESSAGE, f"{MESSAGE}?part=letter"):
            await _quiet(visit, path)


async def test_what_is_not_there_is_told_accessibly(opening: Opening) -> None:
    """The pages of errors and of the log-in are pages like the others."""
    async with opening(token="a token") as visit:  # noqa: S106
        await _quiet(visit, "/clock")
        assert visit.page.url.endswith("/login")
        await visit.page.get_by_label("Token").fill("a token")
        await visit.page.get_by_role("button", name="Log in").click()
        await visit.page.wait_for_url(visit.url + "/")
        answer = await visit.page.goto(visit.url + "/nothing")
        assert answer is not None
        assert answer.status == 404
        assert await visit.faults() == []
        visit.errors = [one for one in visit.errors if "404" not in one]  # that the console tells of a 404 is its own


async def test_a_page_works_without_scripts(opening: Opening) -> None:
    """Whoever has scripts turned off sees every page whole, and its forms work."""
    async with opening(_busy) as visit:
        browser = visit.context.browser
        assert browser is not None
        context = await browser.new_context(java_script_enabled=False, locale="da")
        page = await context.new_page()
        await page.goto(f"{visit.url}/clock")
        await page.get_by_role("button", name="Stands uret").click()
        await page.wait_for_load_state()
        assert visit.network.clock.standing.mode == "frozen"
        await page.get_by_role("button", name="English").click()
        await page.wait_for_load_state()
        assert await page.get_by_role("heading", level=1).inner_text() == "Clock"
        await page.goto(visit.url + MESSAGE)
        await page.get_by_role("link", name="As written").click()
        await page.wait_for_load_state()
        assert "CivilRegistrationNumber" in await page.content()
        await context.close()
