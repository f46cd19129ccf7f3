"""The list of letters in a real browser: live, by keys, page by page, and for several letters at once."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from simulator.wiring import Network
from tests.browser.conftest import NARROW, WIDE, Opening
from tests.simulator.post import HOSPITAL, NOBODY, OWN_OIOXML, PRACTICE, TOWN, idle, send, story, wrapped, xdis91

pytestmark = [pytest.mark.browser]

FIRST, SECOND = wrapped(xdis91(1)), wrapped(xdis91(2), PRACTICE, NOBODY)
ROWS = "#letters tr[data-key]"


async def _two(network: Network) -> None:
    await send(network, FIRST)
    await send(network, SECOND)


async def _live(page: Page) -> None:
    await expect(page.locator("[data-live]")).to_be_visible()


async def test_a_letter_appears_by_itself(opening: Opening) -> None:
    """An empty list fills when a letter comes, and its row follows what becomes of it."""
    async with opening() as visit:
        page = await visit.see("/")
        await expect(page.get_by_text("No message has come yet.")).to_be_visible()
        await _live(page)
        await send(visit.network, FIRST)
        await expect(page.locator(ROWS)).to_have_count(1)
        await expect(page.locator(ROWS)).to_contain_text("CareCommunication")
        await expect(page.locator(ROWS).get_by_text("converted", exact=True)).to_be_visible()
        await expect(page.locator(ROWS)).to_contain_text("XCTL03")
        assert await visit.faults() == []


async def test_what_is_new_leaves_the_reader_alone(opening: Opening) -> None:
    """A letter that comes moves neither the focus nor what is selected."""
    async with opening(_two) as visit:
        page = await visit.see("/")
        await _live(page)
        await page.keyboard.press("j")
        await page.keyboard.press("j")
        await page.keyboard.press("x")
        before = await page.evaluate("document.activeElement.closest('tr').id")
        await send(visit.network, wrapped(xdis91(3), PRACTICE, HOSPITAL))
        await expect(page.locator(ROWS)).to_have_count(3)
        assert await page.evaluate("document.activeElement.closest('tr').id") == before
        await expect(page.locator(f"#{before} input")).to_be_checked()


async def test_the_list_is_used_by_keys(opening: Opening) -> None:
    """J and k or arrows move, x selects, slash searches, a question mark helps, and Enter opens."""
    async with opening(_two) as visit:
        page = await visit.see("/")
        rows = page.locator(ROWS)
        await page.keyboard.press("ArrowDown")
        await expect(rows.first.get_by_role("link")).to_be_focused()
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("k")
        await expect(rows.first.get_by_role("link")).to_be_focused()
        await page.keyboard.press("x")
        await expect(page.get_by_text("1 selected")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.get_by_text("1 selected")).to_be_hidden()
        await page.keyboard.press("?")
        help_ = page.get_by_role("dialog", name="Keys and search")
        await expect(help_).to_be_visible()
        assert await visit.faults() == []
        await page.keyboard.press("Escape")
        await expect(help_).to_be_hidden()
        await page.keyboard.press("/")
        await expect(page.get_by_role("searchbox")).to_be_focused()
        await page.keyboard.type("state:refused")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/?q=state*")
        await expect(rows).to_have_count(1)
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**/messages/{SECOND.head.identifier}")


async def test_a_search_stays_live(opening: Opening) -> None:
    """What comes and is not asked for stays out; a search that cannot be read says why."""
    async with opening(_two) as visit:
        page = await visit.see(f"/?q=to:{HOSPITAL}")
        await expect(page.get_by_text("No message is like that.")).to_be_visible()
        await _live(page)
        await send(visit.network, wrapped(xdis91(4)), wrapped(xdis91(3), PRACTICE, HOSPITAL))
        await expect(page.locator(ROWS)).to_have_count(1)
        await visit.see("/?q=what:ever")
        await expect(page.get_by_role("alert")).to_contain_text("VS-796")


async def test_older_letters_come_when_the_end_is_seen(opening: Opening) -> None:
    """The list goes on by itself as it is scrolled, without a letter twice or left out."""

    async def many(network: Network) -> None:
        for number in range(230):
            one = wrapped(xdis91(number), PRACTICE, OWN_OIOXML)
            await network.submit(one.body, one.head.identifier)
        await idle(network)

    async with opening(many) as visit:
        page = await visit.see("/")
        await expect(page.locator(ROWS)).to_have_count(100)
        for count in (200, 230):
            await page.locator("tr.more, #letters tr:last-child").last.scroll_into_view_if_needed()
            await expect(page.locator(ROWS)).to_have_count(count)
        keys = await page.locator(ROWS).evaluate_all("rows => rows.map((row) => row.id)")
        assert len(set(keys)) == 230


@pytest.mark.parametrize("pixels", [NARROW, WIDE])
async def test_letters_are_sent_again_and_deleted_together(pixels: int, opening: Opening) -> None:
    """What is selected is sent again as other letters; deleted, it is gone when the reader has said yes."""
    async with opening(_two) as visit:
        await visit.width(pixels)
        page = await visit.see("/")
        rows = page.locator(ROWS)
        for box in await page.locator(f"{ROWS} input").all():
            await box.check()
        await page.get_by_role("button", name="Send again with new identifiers").click()
        await expect(page.get_by_text("They are sent again.")).to_be_visible()
        await expect(rows).to_have_count(4)
        await idle(visit.network)
        await page.locator(f"{ROWS} input").last.check()
        await page.get_by_role("button", name="Delete").click()
        dialog = page.get_by_role("dialog", name="Delete these messages?")
        await dialog.get_by_role("button", name="Cancel").click()
        await expect(rows).to_have_count(4)
        await page.get_by_role("button", name="Delete").click()
        await dialog.get_by_role("button", name="Delete").click()
        await expect(page.get_by_text("They are deleted.")).to_be_visible()
        await expect(rows).to_have_count(3)
        assert await story(visit.network, FIRST.head.identifier) == ()


async def test_a_letter_is_sent_to_somebody_else(opening: Opening) -> None:
    """From its own page a letter goes to another receiver, as another letter."""
    async with opening(_two) as visit:
        page = await visit.see(f"/messages/{FIRST.head.identifier}")
        await page.get_by_label("To another receiver").fill(OWN_OIOXML)
        await page.locator(".again").get_by_role("button", name="Send", exact=True).click()
        await page.wait_for_url("**/messages/*told=sent")
        await expect(page.locator(".parties-line")).to_contain_text(OWN_OIOXML)
        assert FIRST.head.identifier not in page.url


async def test_a_window_that_nobody_sees_lets_go(opening: Opening) -> None:
    """Hidden, the page closes its connection; seen again, it shows what has come meanwhile."""
    async with opening(_two) as visit:
        page = await visit.see("/")
        await _live(page)
        hide = (
            "(hidden) => { Object.defineProperty(document, 'hidden', {value: hidden, configurable: true}); "
            "document.dispatchEvent(new Event('visibilitychange')); }"
        )
        await page.evaluate(hide, True)
        await expect(page.locator("[data-live]")).to_be_hidden()
        await send(visit.network, wrapped(xdis91(5), PRACTICE, TOWN))
        await expect(page.locator(ROWS)).to_have_count(2)
        await page.evaluate(hide, False)
        await expect(page.locator(ROWS)).to_have_count(3)
