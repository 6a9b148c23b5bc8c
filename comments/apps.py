from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate, post_save, pre_delete
from django.utils.translation import gettext_lazy as _


class CommentsConfig(AppConfig):
    name = "comments"
    verbose_name = _("Discussions")

    def ready(self) -> None:
        from django.tasks.signals import task_finished

        from accounts.notifications import digest, subscriptions, telling_by_mail
        from articles import hooks as articles
        from comments import access, folds, search, tasks, watched
        from comments.actions import authorship, bulk, cases, discussions, forgetting, times, upkeep
        from comments.api import socket
        from comments.folds import figures
        from comments.reads import told
        from comments.representations import WORDS
        from newsroom.live import registry
        from newsroom.monitoring import stored
        from newsroom.search.index import Walk

        post_migrate.connect(search.install, sender=self)
        post_save.connect(search.TITLES.learn_saved, sender=self.get_model("Discussion"), weak=False)
        pre_delete.connect(forgetting.forget_findings, sender="accounts.User", weak=False)
        task_finished.connect(tasks.interrupt_what_waits)
        stored.ask(watched.queue)
        registry.register(
            "discussion.<id>",
            may_read=access.may_read_discussion,
            missing=access.missing_discussion,
            fold=folds.fold,
            words=WORDS,
            merged={folds.REACTED},
        )
        registry.register("chats", may_read=access.may_read_activity)
        registry.register(
            *("moderation", "moderation.<section>"),
            may_read=access.may_read_moderation,
            fold=folds.fold_moderation,
            scope="moderate",
        )
        registry.command("comment", socket.post, asks=socket.Comment, answers=(socket.Accepted, socket.Held))
        registry.due("discussions.turn", discussions.turn_due_discussions, discussions.due)
        registry.due("discussions.slow", times.end_slow_modes, times.slow_modes_over)
        registry.due("discussions.pace", times.turn_slow_modes, times.slowed, times.lively)
        registry.due("discussions.activity", upkeep.announce_activity, upkeep.unannounced)
        registry.due("comments.keys", upkeep.forget_keys, upkeep.old_keys)
        registry.due("comments.bulk", tasks.resume_bulk, bulk.stalled)
        registry.daily("comments.learn", tasks.learn.enqueue)
        registry.daily("comments.refused", upkeep.forget_refused)
        registry.at_start("comments.search", search.catch_up)
        registry.at_start("comments.cases", cases.catch_up)
        registry.at_start("comments.decisions", upkeep.place_decisions)
        registry.at_start("comments.figures", figures.catch_up)
        registry.at_start("comments.titles", Walk(search.TITLES))
        digest.register("comment", told.comments)
        digest.register("case", told.cases)
        digest.register("bulk", told.jobs)
        subscriptions.register("discussion", access.find_target, access.find_targets)
        telling_by_mail.wait_for_jobs(bulk.undoable_until)
        articles.listen(
            published=discussions.article_published,
            corrected=times.article_corrected,
            retracted=discussions.article_retracted,
        )
        articles.listen(published=authorship.mark_authors)
        articles.provide_discussions(access.thread_of_article())
