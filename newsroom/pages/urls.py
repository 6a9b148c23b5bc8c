from __future__ import annotations

from django.urls import path

from newsroom.pages import language, views

urlpatterns = [
    path("", views.front, name="front"),
    path("sections/<slug:slug>/", views.section, name="section"),
    path("articles/<slug:slug>/", views.article, name="article"),
    path("newsticker/", views.ticker, name="newsticker"),
    path("newsticker/<slug:slug>/", views.ticker, name="ticker"),
    path("chats/", views.chats, name="chats"),
    path("chats/<int:pk>/", views.chat, name="chat"),
    path("language/", language.choose_language, name="language"),
]
