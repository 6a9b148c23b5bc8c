"""Forms that are sent without a page that has them."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.entering import log_in
from tests.support.product import Demo

# Leads where a form does that somebody fills in, or that came without what it needs.
SEND = """([path, fields]) => {
  const form = document.createElement("form");
  [form.method, form.action] = ["post", path];
  const token = document.cookie.match(/csrftoken=([^;]+)/)[1];
  for (const [name, value] of Object.entries({csrfmiddlewaretoken: token, ...fields})) {
    const field = form.appendChild(document.createElement("textarea"));
    [field.name, field.value] = [name, value];
  }
  document.body.append(form);
  form.submit();
}"""


def send(page: Page, path: str, **fields: str) -> None:
    with page.expect_navigation():
        page.evaluate(SEND, [path, fields])


def retracted(page: Page, site: Demo) -> str:
    """The address of an article that was taken back just now."""
    slug = page.request.get("/api/v1/articles/").json()["results"][-1]["slug"]
    log_in(page, site, "administrator", f"/admin/articles/article/?q={slug}")
    row = page.locator("#result_list input.action-select").first.get_attribute("value") or ""
    send(page, "/admin/articles/article/", action="retract", _selected_action=row)
    return f"/articles/{slug}/"
