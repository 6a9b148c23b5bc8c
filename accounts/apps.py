from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from accounts import access, actions, authentication, handlers, throttle
        from newsroom import limits
        from newsroom.live import registry

        throttle.install()
        handlers.connect()
        registry.register("user", may_read=access.is_this_person, scope="read")
        registry.authenticate(authentication.recognise)
        registry.due("sanctions", actions.end_sanctions)
        registry.due("limits", limits.prune_hourly)
