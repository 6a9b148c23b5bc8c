"""The site's legal pages."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.access import acting, must
from accounts.audit import record, values_of
from accounts.models import LegalPage, User
from newsroom.live.outbox import site_changed
from newsroom.text import clean, clean_line, must_show_own_pictures, render_article

OF_PAGE = ("title", "body", "version")


@transaction.atomic
def write_legal_page(slug: str, *, actor: User, title: str, body: str) -> LegalPage:
    """Write a legal page; a changed text gets a new version. Raises Forbidden, Invalid."""
    actor = must("accounts.write_legal_page", acting(actor), None)
    page = LegalPage.objects.select_for_update().filter(slug=slug).first() or LegalPage(slug=slug, version=0)
    title, body = clean_line(title), clean(body)
    if (page.title, page.body) != (title, body):
        must_show_own_pictures("body", body)
        before = values_of(page if page.version else None, OF_PAGE)
        page.title, page.body, page.html = title, body, render_article(body)
        page.version, page.updated_at = page.version + 1, timezone.now()
        page.save()
        record(actor, "legal_page.written", f"legal_page.{slug}", before, values_of(page, OF_PAGE))
        site_changed()
    return page
