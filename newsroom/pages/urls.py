from __future__ import annotations

from django.urls import path

from newsroom.pages import discussions, feeds, finding, language, speaking, views

urlpatterns = [
    path("", views.front, name="front"),
    path("sections/<slug:slug>/", views.section, name="section"),
    path("articles/<slug:slug>/", views.article, name="article"),
    path("newsticker/", views.ticker, name="newsticker"),
    path("newsticker/<slug:slug>/", views.ticker, name="ticker"),
    path("search/", finding.find, name="find"),
    path("chats/", discussions.chats, name="chats"),
    path("chats/<int:pk>/", discussions.chat, name="chat"),
    path("comments/<int:pk>/", discussions.permalink, name="comment"),
    path("comments/<int:pk>/replies/", discussions.replies, name="replies"),
    path("comments/<int:pk>/edit/", speaking.edit, name="comment-edit"),
    path("comments/<int:pk>/reactions/<str:name>/", speaking.react, name="comment-react"),
    path("comments/<int:pk>/moderate/", speaking.moderate, name="comment-moderate"),
    path("discussions/<int:pk>/comments/", speaking.post, name="comment-post"),
    path("subscriptions/<slug:kind>/<slug:target>/", speaking.follow, name="follow"),
    path("feeds/articles.atom", feeds.articles_feed, {"kind": "atom"}, name="feed"),
    path("feeds/articles.json", feeds.articles_feed, {"kind": "json"}, name="json-feed"),
    path("feeds/sections/<slug:slug>.atom", feeds.articles_feed, {"kind": "atom"}, name="section-feed"),
    path("feeds/sections/<slug:slug>.json", feeds.articles_feed, {"kind": "json"}, name="section-json-feed"),
    path("feeds/tickers/<slug:slug>.atom", feeds.ticker_feed, {"kind": "atom"}, name="ticker-feed"),
    path("feeds/tickers/<slug:slug>.json", feeds.ticker_feed, {"kind": "json"}, name="ticker-json-feed"),
    path("sitemap.xml", feeds.sitemap),
    path("robots.txt", feeds.robots),
    path("language/", language.choose_language, name="language"),
]
