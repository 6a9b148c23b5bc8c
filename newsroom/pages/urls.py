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
    path("feeds/articles.atom", feeds.articles_feed, name="feed"),
    path("feeds/sections/<slug:slug>.atom", feeds.articles_feed, name="section-feed"),
    path("feeds/tickers/<slug:slug>.atom", feeds.ticker_feed, name="ticker-feed"),
    path("sitemap.xml", feeds.sitemap),
    path("robots.txt", feeds.robots),
    path("language/", language.choose_language, name="language"),
]
