from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate, post_save
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from accounts import access, actions, search
        from accounts.login import authentication, passkeys, signals, throttle
        from accounts.models import MailItem, Sanction
        from accounts.notifications import mailing, mails
        from newsroom.live import registry
        from newsroom.monitoring import stored
        from newsroom.search.index import Walk

        post_migrate.connect(search.install, sender=self)
        post_save.connect(search.learn, sender=self.get_model("User"))

        throttle.install()
        passkeys.install()
        signals.connect()
        registry.register("user.<id>", may_read=access.is_this_person, scope="read")
        registry.authenticate(authentication.recognise)
        registry.daily("accounts.notifications", actions.forget_notifications)
        stored.ask(mails.told)
        registry.due("mails", mailing.begin_due_mails, MailItem.objects.due)
        registry.daily("accounts.mailings", mailing.forget_mailings)
        registry.due("sanctions", actions.end_sanctions, Sanction.over)
        registry.at_start("accounts.search", Walk(search.INDEX))
        registry.at_start("accounts.addresses", Walk(search.ADDRESSES))
