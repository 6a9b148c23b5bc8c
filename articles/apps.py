from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ArticlesConfig(AppConfig):
    name = "articles"
    verbose_name = _("Editorial")

    def ready(self) -> None:
        from accounts import subscriptions
        from articles import access, due
        from newsroom.live import registry

        registry.register("articles", may_read=access.may_read_articles)
        registry.register("ticker", may_read=access.may_read_ticker)
        registry.due("articles", due.publish_due_articles)
        registry.due("items", due.publish_due_items)
        subscriptions.register("article", access.find_article)
        subscriptions.register("section", access.find_section)
        subscriptions.register("ticker", access.find_ticker)
