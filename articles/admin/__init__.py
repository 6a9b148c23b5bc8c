"""The editors' admin. Every change is an action; a refusal is shown as a message."""

from articles.admin.appearance import AppearanceAdmin
from articles.admin.articles import ArticleAdmin
from articles.admin.photos import PhotoAdmin
from articles.admin.sections import SectionAdmin, TickerAdmin
from articles.admin.tickers import TickerItemAdmin

__all__ = ["AppearanceAdmin", "ArticleAdmin", "PhotoAdmin", "SectionAdmin", "TickerAdmin", "TickerItemAdmin"]
