from __future__ import annotations

from django.urls import path

from articles import api

urlpatterns = [
    path("articles/", api.ArticlesView.as_view(), name="api-articles"),
    path("articles/<slug:slug>/", api.ArticleView.as_view(), name="api-article"),
    path("tickers/", api.TickersView.as_view(), name="api-tickers"),
    path("tickers/<slug:slug>/items/", api.TickerItemsView.as_view(), name="api-ticker-items"),
    path("tickers/<slug:slug>/seen/", api.SeenView.as_view(), name="api-ticker-seen"),
    path("ticker-items/<int:pk>/", api.TickerItemView.as_view(), name="api-ticker-item"),
]
