from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class CommentsConfig(AppConfig):
    name = "comments"
    verbose_name = _("Discussions")

    def ready(self) -> None:
        from accounts import subscriptions
        from articles import registry as articles
        from comments import access, folds, handlers, search
        from comments.actions import discussions, times, upkeep
        from newsroom.live import registry

        post_migrate.connect(search.install, sender=self)
        registry.register("discussion", may_read=access.may_read_discussion, fold=folds.fold, merged={folds.REACTED})
        registry.register("chats", may_read=access.may_read_activity)
        registry.register("moderation", may_read=access.may_read_moderation, scope="moderate")
        registry.command("comment", handlers.post, asks=handlers.Comment, answers=(handlers.Accepted, handlers.Held))
        registry.due("discussions.turn", discussions.turn_due_discussions)
        registry.due("discussions.pace", times.turn_slow_modes)
        registry.due("discussions.activity", upkeep.announce_activity)
        registry.due("comments.keys", upkeep.forget_keys)
        registry.due("comments.search", search.catch_up)
        subscriptions.register("discussion", access.find_target)
        articles.listen(
            published=discussions.article_published,
            corrected=times.article_corrected,
            retracted=discussions.article_retracted,
        )
        articles.provide_discussions(access.threads_of)
