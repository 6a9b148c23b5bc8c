"""What a browser says of how a page looks."""

from __future__ import annotations

from playwright.sync_api import Page

ZOOMED = 320  # CSS pixels of a window that is 1280 wide, at 400 %
_TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
# What shows its state by a colour alone that forced colours take away, and pictures that are not drawn with theirs.
_UNSEEN = """() => [...document.querySelectorAll("main svg [fill], main svg rect, main svg path")]
    .filter((each) => each.getBoundingClientRect().width > 0)
    .filter((each) => {
        const { fill, stroke } = getComputedStyle(each);
        const behind = getComputedStyle(document.body).backgroundColor;
        return [fill, stroke].every((colour) => colour === "none" || colour === behind);
    }).map((each) => each.outerHTML.slice(0, 90))"""
_MOVING = """() => document.getAnimations().filter(
    (each) => each.playState === "running" && each.effect.getComputedTiming().activeDuration > 1
).map((each) => `${each.effect.target?.className}: ${each.animationName ?? each.transitionProperty}`)"""

_ENDED = """async () => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  await Promise.all(document.getAnimations().map((each) => each.finished.catch(() => null)));
}"""


def zoomed(page: Page) -> list[str]:
    """One line for each fault of the page at 400 %, and in forced colours. The window has another size afterwards."""
    page.set_viewport_size({"width": ZOOMED, "height": 256})
    rest(page)  # what was a column becomes a sheet
    wide = page.evaluate(_TOO_WIDE)
    page.emulate_media(forced_colors="active")
    unseen = page.evaluate(_UNSEEN)
    page.emulate_media(forced_colors="none")
    found = [f"not seen in forced colours: {each}" for each in unseen]
    return [*found, f"{wide} pixels too wide"] if wide > 0 else found


def rest(page: Page) -> None:
    """Waits until what moves, or changes its colour, has come to its end."""
    page.evaluate(_ENDED)


def moving(page: Page) -> list[str]:
    """The animations and transitions that run, each with the class of what they move."""
    found: list[str] = page.evaluate(_MOVING)
    return found
