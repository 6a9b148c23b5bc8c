"""The editors' desk. Every change goes through an action; what that refuses is shown as a message."""

from articles.admin.articles import ArticleAdmin
from articles.admin.photos import PhotoAdmin
from articles.admin.places import SectionAdmin, TickerAdmin
from articles.admin.tickers import TickerItemAdmin

__all__ = ["ArticleAdmin", "PhotoAdmin", "SectionAdmin", "TickerAdmin", "TickerItemAdmin"]
