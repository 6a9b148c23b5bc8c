from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate, post_save
from django.utils.translation import gettext_lazy as _


class ArticlesConfig(AppConfig):
    name = "articles"
    verbose_name = _("Editorial")

    def ready(self) -> None:
        from accounts import sections
        from accounts.notifications import digest, subscriptions
        from articles import access, due, search, told
        from newsroom.live import registry
        from newsroom.search.index import Walk

        post_migrate.connect(search.install, sender=self)
        post_save.connect(search.learn, sender=self.get_model("Article"))
        post_save.connect(search.ITEMS.learn_saved, sender=self.get_model("TickerItem"), weak=False)
        post_save.connect(search.PHOTOS.learn_saved, sender=self.get_model("Photo"), weak=False)

        registry.register("articles", may_read=access.may_read_articles)
        registry.register("ticker.<slug>", may_read=access.may_read_ticker, missing=access.missing_ticker)
        registry.due("articles", due.publish_due_articles, due.articles)
        registry.due("items", due.publish_due_items, due.items)
        registry.at_start("articles.search", Walk(search.INDEX))
        registry.at_start("articles.items", Walk(search.ITEMS))
        registry.at_start("articles.photos", Walk(search.PHOTOS))
        sections.register(access.every_section)
        digest.register("article", told.articles)
        digest.register("item", told.items)
        subscriptions.register("article", access.find_article, access.find_articles)
        subscriptions.register("section", access.find_section, access.find_sections)
        subscriptions.register("ticker", access.find_ticker, access.find_tickers)
