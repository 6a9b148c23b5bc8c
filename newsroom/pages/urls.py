from __future__ import annotations

from django.urls import path

from newsroom.pages import (
    articles,
    commenting,
    discussions,
    feeds,
    language,
    moderation,
    reporting,
    search,
    sitemap,
    warnings,
)

urlpatterns = [
    path("", articles.front, name="front"),
    path("sections/<slug:slug>/", articles.section, name="section"),
    path("articles/<slug:slug>/", articles.article, name="article"),
    path("newsticker/", articles.ticker, name="newsticker"),
    path("newsticker/<slug:slug>/", articles.ticker, name="ticker"),
    path("newsticker/<slug:slug>/<int:number>/", articles.item, name="item"),
    path("search/", search.find, name="find"),
    path("chats/", discussions.chats, name="chats"),
    path("chats/<int:pk>/", discussions.chat, name="chat"),
    path("comments/<int:pk>/", discussions.permalink, name="comment"),
    path("comments/<int:pk>/replies/", discussions.replies, name="replies"),
    path("comments/<int:pk>/edit/", commenting.edit, name="comment-edit"),
    path("comments/<int:pk>/reactions/", commenting.reactions, name="comment-reactions"),
    path("comments/<int:pk>/reactions/<str:name>/", commenting.react, name="comment-react"),
    path("comments/<int:pk>/moderate/", moderation.moderate, name="comment-moderate"),
    path("comments/<int:pk>/report/", reporting.report, name="comment-report"),
    path("discussions/<int:pk>/comments/", commenting.post, name="comment-post"),
    path("subscriptions/<slug:kind>/<slug:target>/", commenting.follow, name="follow"),
    path("feeds/articles.atom", feeds.articles_feed, {"kind": "atom"}, name="feed"),
    path("feeds/articles.json", feeds.articles_feed, {"kind": "json"}, name="json-feed"),
    path("feeds/sections/<slug:slug>.atom", feeds.articles_feed, {"kind": "atom"}, name="section-feed"),
    path("feeds/sections/<slug:slug>.json", feeds.articles_feed, {"kind": "json"}, name="section-json-feed"),
    path("feeds/tickers/<slug:slug>.atom", feeds.ticker_feed, {"kind": "atom"}, name="ticker-feed"),
    path("feeds/tickers/<slug:slug>.json", feeds.ticker_feed, {"kind": "json"}, name="ticker-json-feed"),
    path("sitemap.xml", sitemap.sitemap),
    path("sitemap/places.xml", sitemap.places, name="sitemap-places"),
    path("sitemap/articles-<int:number>.xml", sitemap.articles, name="sitemap-articles"),
    path("robots.txt", feeds.robots),
    path("warnings/<int:pk>/", warnings.warning, name="warning"),
    path("language/", language.choose_language, name="language"),
]
