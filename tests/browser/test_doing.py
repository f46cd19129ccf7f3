"""What a reader does in a real browser, by keys and pointer."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from simulator.services.moments import DENMARK
from simulator.wiring import Network
from tests.browser.conftest import NARROW, Opening
from tests.simulator.post import send, wrapped, xdis91

pytestmark = [pytest.mark.browser]

SENT = wrapped(xdis91(1))


async def _one(network: Network) -> None:
    await send(network, SENT)


async def test_a_value_and_its_counterpart_are_marked(opening: Opening) -> None:
    """Pointed at or reached by keys, a value marks its counterpart, and the rule between them is told."""
    async with opening(_one) as visit:
        page = await visit.see(f"/messages/{SENT.head.identifier}?part=letter")
        sender = page.locator(".side").first.get_by_text("5790000121526", exact=True)
        await sender.hover()
        marked = page.locator("[data-panes] .marked")
        await expect(marked).to_have_text(["5790000121526", "5790000121526"])
        await expect(page.locator("[data-pointed]")).to_contain_text("XC-sender-gln")
        pane = page.locator("pre.source").first
        await pane.focus()
        await page.keyboard.press("ArrowDown")
        await expect(page.locator("[data-pointed]")).to_contain_text("XC-sent")
        await page.keyboard.press("Enter")
        side = await page.evaluate("document.activeElement.closest('.side') === document.querySelectorAll('.side')[1]")
        assert side is True


async def test_a_part_is_laid_open_in_its_place(opening: Opening) -> None:
    """Choosing what is shown changes that part of the page alone, and leaves the focus where it was."""
    async with opening(_one) as visit:
        page = await visit.see(f"/messages/{SENT.head.identifier}")
        link = page.get_by_role("link", name="As written")
        await link.focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("pre.source")).to_have_count(2)
        await expect(page.locator("#part-letter")).to_be_focused()
        await page.locator(".picture").get_by_role("link", name="XCTL03").click()
        await expect(page.locator("#open .pane-head strong")).to_have_text(["Acknowledgement 2.0", "XCTL03 XC0330Q"])


async def test_patient_data_is_shown_when_asked_for(opening: Opening) -> None:
    """The button shows it on the page where one is, and hides it again."""
    async with opening(_one) as visit:
        page = await visit.see(f"/messages/{SENT.head.identifier}")
        await expect(page.get_by_text("2512489996")).to_have_count(0)
        await page.locator("#open").get_by_role("button", name="Show patient data").click()
        await expect(page.get_by_text("2512489996").first).to_be_visible()
        await page.locator("#open").get_by_role("button", name="Hide patient data").click()
        await expect(page.get_by_text("2512489996")).to_have_count(0)


async def test_the_mark_of_the_chart_moves_the_clock_after_asking(opening: Opening) -> None:
    """By keys the mark moves a day or a month, Enter asks, and only yes moves the clock."""
    async with opening() as visit:
        page = await visit.see("/participants")
        mark = page.get_by_role("slider")
        today = visit.network.clock().astimezone(DENMARK).date()
        await mark.focus()
        await page.keyboard.press("PageUp")
        await page.keyboard.press("ArrowRight")
        await expect(mark).not_to_have_attribute("aria-valuetext", today.isoformat())
        await page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_be_visible()
        await dialog.get_by_role("button", name="Cancel").click()
        await expect(mark).to_have_attribute("aria-valuetext", today.isoformat())
        await page.keyboard.press("ArrowRight")
        await page.keyboard.press("Enter")
        await dialog.get_by_role("button", name="Move the clock there").click()
        await expect(page.get_by_role("status").first).to_contain_text("The clock is moved")
        moved = visit.network.clock().astimezone(DENMARK).date()
        assert (moved - today).days == 1


async def test_the_mark_of_the_chart_is_dragged(opening: Opening) -> None:
    """Dropped on another day, the mark asks; to look only shows who takes what then, and the clock stays."""
    async with opening() as visit:
        page = await visit.see("/participants")
        mark = page.get_by_role("slider")
        box = await mark.bounding_box()
        assert box is not None
        share = int(await mark.input_value()) / int(await mark.get_attribute("max") or 1)
        await page.mouse.move(box["x"] + 10 + share * (box["width"] - 20), box["y"] + box["height"] / 2)
        await page.mouse.down()
        await page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] / 2, steps=4)
        await page.mouse.up()
        await page.get_by_role("dialog").get_by_role("button", name="Only look at that day").click()
        await page.wait_for_url("**/participants?day=*")
        await expect(page.get_by_text("As of")).to_be_visible()
        assert visit.network.clock.standing.mode == "real"


async def test_participants_are_found_as_one_types(opening: Opening) -> None:
    """The list follows what is typed, without another page."""
    async with opening() as visit:
        page = await visit.see("/participants")
        await page.get_by_role("searchbox").press_sequentially("eget")
        await expect(page.locator(".participants > li")).to_have_count(3)
        await expect(page.get_by_role("searchbox")).to_be_focused()


async def test_a_letter_is_judged_as_one_types(opening: Opening) -> None:
    """The verdict follows the text, a finding leads to its line, and the letter is sent from there."""
    async with opening() as visit:
        page = await visit.see("/compose?draft=xdis91.xml&from=5790000121526&to=5790000120314")
        verdict = page.locator("#verdict")
        await expect(verdict).to_contain_text("XDIS91 XD9134L: valid")
        letter = page.get_by_label("The letter")
        text = await letter.input_value()
        await letter.fill(text.replace("rutine", "straks"))
        await expect(verdict).to_contain_text("not valid")
        await verdict.get_by_role("button", name="Go to line").first.click()
        await expect(letter).to_be_focused()
        chosen = await page.evaluate("getSelection().toString()")
        assert "straks" in chosen
        await letter.fill(text)
        await expect(verdict).to_contain_text("XDIS91 XD9134L: valid")
        await page.get_by_role("button", name="Send", exact=True).click()
        await page.wait_for_url("**/messages/**")
        await expect(page.get_by_role("heading", level=1)).to_contain_text("XDIS91")


async def test_the_menu_opens_on_a_narrow_screen(opening: Opening) -> None:
    """On a narrow screen the pages are behind one button that says whether it is open."""
    async with opening() as visit:
        await visit.width(NARROW)
        page = await visit.see("/clock")
        link = page.get_by_role("link", name="Participants")
        await expect(link).to_be_hidden()
        menu = page.get_by_role("button", name="Menu")
        await menu.press("Enter")
        await expect(menu).to_have_attribute("aria-expanded", "true")
        await link.click()
        await page.wait_for_url("**/participants")
