from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.utils.translation import gettext_lazy as _

from newsroom.api.docs import DocsView
from newsroom.api.document import SchemaView
from newsroom.demo import mail
from newsroom.desk.catalogue import DeskWords
from newsroom.pages.media import media

api: list[URLPattern | URLResolver] = [
    path("", include("accounts.api_urls")),
    path("", include("comments.urls")),
    path("schema/", SchemaView.as_view(), name="schema"),
    path("", include("articles.urls")),
    path("", include("newsroom.live.urls")),
]
admin.site.index_title = _("Editors’ desk")
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("accounts.urls")),
    path("admin/jsi18n/", DeskWords.as_view()),
    path("admin/", admin.site.urls),
    path("api/docs/", DocsView.as_view(url_name="schema"), name="api-docs"),
    path("api/v1/", include(api)),
    path("demo/mail/", mail.mails, name="demo-mails"),
    path("demo/mail/<slug:pk>/", mail.mail, name="demo-mail"),
    path("demo/mail/<slug:pk>/html/", mail.mail_html, name="demo-mail-html"),
    path("media/<path:path>", media, name="media"),
    path("", include("comments.panel.urls")),
    path("", include("newsroom.pages.urls")),
]
handler400 = "newsroom.pages.errors.bad_request"
handler403 = "newsroom.pages.errors.permission_denied"
handler404 = "newsroom.pages.errors.not_found"
handler500 = "newsroom.pages.errors.server_error"
