"""An editorial office, its readers and its moderators, who do one thing after the other in any order."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import rule

from accounts import actions as people
from accounts.models import Sanction
from articles import actions as office
from articles.models import Article
from comments import actions
from comments.actions.undoing import UNDO_WINDOW
from comments.importers.loader import Import, load
from comments.models import Case, Comment, Decision, Reaction
from newsroom.database.batches import Batches
from newsroom.errors import Refused
from tests.equation.site import PICK, Site, pick


class Everything(Site):
    # --- readers

    @rule(who=PICK, where=st.booleans(), to=st.none() | PICK)
    def post(self, who: int, where: bool, to: int | None) -> None:
        here = self.chat if where else self.thread
        parent = None if to is None else self.one(to, discussion=here, state="published")
        with suppress(Refused):
            parent_id = parent.pk if parent else None
            key = UUID(int=self.number)
            author = self.readers[who % 3]
            actions.post(here.pk, author=author, text=self.word(), parent_id=parent_id, key=key)

    @rule(who=PICK, where=st.booleans())
    def wait_for_a_moderator(self, who: int, where: bool) -> None:
        """Left to chance, hardly any comment is held."""
        here = self.chat if where else self.thread
        actions.open_discussion(here.pk, actor=self.mo, premoderated=True)
        with suppress(Refused):
            actions.post(here.pk, author=self.readers[who % 3], text=self.word(), key=UUID(int=self.number))

    @rule(which=PICK)
    def edit(self, which: int) -> None:
        self.own(which, ["published", "held"], lambda own: actions.edit(own.pk, actor=own.author, text=self.word()))

    @rule(which=PICK)
    def withdraw(self, which: int) -> None:
        self.own(which, ["published", "held"], lambda own: actions.withdraw(own.pk, actor=own.author))

    @rule(which=PICK)
    def undo(self, which: int) -> None:
        self.own(which, ["withdrawn"], lambda own: actions.undo(own.pk, actor=own.author))

    @rule(which=PICK, who=PICK, name=st.sampled_from(["like", "dislike", "heart"]))
    def react(self, which: int, who: int, name: str) -> None:
        self.to(which, "published", lambda comment: actions.react(comment.pk, name, actor=self.readers[who % 3]))

    @rule(which=PICK)
    def take_back(self, which: int) -> None:
        given = list(Reaction.objects.order_by("pk"))
        if given:
            one = given[which % len(given)]
            with suppress(Refused):
                actions.take_back(one.comment_id, one.name, actor=one.person)

    @rule(which=PICK, who=PICK, reason=st.sampled_from(["spam", "hate"]))
    def report(self, which: int, who: int, reason: str) -> None:
        self.to(which, "published", lambda one: actions.report(one.pk, actor=self.readers[who % 3], reason=reason))

    # --- moderators

    @rule(which=PICK)
    def keep(self, which: int) -> None:
        self.to(which, "published", lambda comment: actions.keep(comment.pk, actor=self.mo))

    @rule(which=PICK, gives_back=st.booleans())
    def claim(self, which: int, gives_back: bool) -> None:
        if (case := pick(Case, which)) is not None:
            (actions.release if gives_back else actions.claim)(case.pk, actor=self.mo)

    @rule(which=PICK)
    def approve(self, which: int) -> None:
        self.to(which, "held", lambda comment: actions.approve(comment.pk, actor=self.mo))

    @rule(which=PICK)
    def reject(self, which: int) -> None:
        self.to(which, "held", lambda comment: actions.reject(comment.pk, actor=self.mo, reason="spam"))

    @rule(which=PICK)
    def remove(self, which: int) -> None:
        self.to(which, "published", lambda comment: actions.remove(comment.pk, actor=self.mo, reason="spam"))

    @rule(which=PICK, state=st.sampled_from(["removed", "rejected"]))
    def restore(self, which: int, state: str) -> None:
        self.to(which, state, lambda comment: actions.restore(comment.pk, actor=self.mo))

    @rule(which=PICK, action=st.sampled_from(["pin", "unpin", "feature", "unfeature", "lock", "unlock"]))
    def mark(self, which: int, action: str) -> None:
        self.to(which, "published", lambda comment: actions.decide(comment.pk, action, actor=self.mo))

    @rule(which=PICK, action=st.sampled_from(["pin", "feature", "lock"]))
    def mark_and_unmark(self, which: int, action: str) -> None:
        """Left to chance, hardly any mark is taken away."""
        self.to(which, "published", lambda comment: actions.decide(comment.pk, action, actor=self.mo))
        self.to(which, "published", lambda comment: actions.decide(comment.pk, f"un{action}", actor=self.mo))

    @rule(which=PICK)
    def undo_decision(self, which: int) -> None:
        fresh = Decision.objects.standing().filter(moderator=self.mo, created_at__gte=timezone.now() - UNDO_WINDOW)
        made = list(fresh.order_by("-pk")[:3])
        if made:
            with suppress(Refused):
                actions.undo_decision(made[which % len(made)].pk, actor=self.mo)

    @rule(which=PICK, action=st.sampled_from(["approve", "reject"]))
    def decide_and_undo(self, which: int, action: str) -> None:
        """Left to chance, hardly any decision is undone within its minute."""

        def both(comment: Comment) -> None:
            reason = "spam" if action in actions.REASONED else ""
            decided = actions.decide(comment.pk, action, actor=self.mo, reason=reason)
            assert decided.ruling
            actions.undo_decision(decided.ruling.pk, actor=self.mo)

        self.to(which, "held", both)

    @rule(where=st.booleans(), how=st.sampled_from(["open", "hold", "hold", "close"]))
    def switch(self, where: bool, how: str) -> None:
        pk = (self.chat if where else self.thread).pk
        if how == "close":
            actions.close_discussion(pk, actor=self.mo, reason="Pause")
        else:
            actions.open_discussion(pk, actor=self.mo, premoderated=how == "hold")

    @rule(where=st.booleans(), seconds=st.sampled_from([0, 30]), closes=st.none() | st.integers(1, 100))
    def pace(self, where: bool, seconds: int, closes: int | None) -> None:
        pk = (self.chat if where else self.thread).pk
        changes: dict[str, Any] = {"slow_mode_seconds": seconds}
        if seconds and closes is not None:
            changes["slow_mode_until"] = timezone.now() + timedelta(hours=closes)
        if closes is not None:
            changes |= {"switch": "auto", "closes_at": timezone.now() + timedelta(hours=closes)}
        actions.change_discussion(pk, actor=self.mo, **changes)

    @rule(who=PICK, hours=st.none() | st.integers(1, 30))
    def sanction(self, who: int, hours: int | None) -> None:
        until = None if hours is None else timezone.now() + timedelta(hours=hours)
        people.impose_sanction(self.readers[who % 3].pk, actor=self.mo, scope="all", until=until, reason="spam")

    @rule(which=PICK)
    def lift(self, which: int) -> None:
        open_ones = list(Sanction.objects.filter(lifted_at=None).order_by("pk"))
        if open_ones:
            with suppress(Refused):
                people.lift_sanction(open_ones[which % len(open_ones)].pk, actor=self.mo)

    # --- editors

    @rule(later=st.booleans())
    def publish_article(self, later: bool) -> None:
        article = self.new_article()
        if later:
            office.schedule_article(article.pk, actor=self.eddy, publish_at=timezone.now() + timedelta(minutes=1))
        else:
            office.publish_article(article.pk, actor=self.eddy)

    @rule(which=PICK, note=st.sampled_from(["", "Zahl berichtigt"]))
    def correct_article(self, which: int, note: str) -> None:
        if (one := pick(Article, which, state="published")) is not None:
            office.correct_article(one.pk, actor=self.eddy, headline=self.word(), note=note)

    @rule(which=PICK)
    def retract_article(self, which: int) -> None:
        if (one := pick(Article, which, state="published")) is not None:
            office.retract_article(one.pk, actor=self.eddy)

    @rule(which=PICK)
    def publish_article_again(self, which: int) -> None:
        if (one := pick(Article, which, state="retracted")) is not None:
            office.publish_article(one.pk, actor=self.eddy)

    @rule(later=st.booleans(), which=st.none() | PICK)
    def publish_item(self, later: bool, which: int | None) -> None:
        at = timezone.now() + timedelta(minutes=1) if later else None
        article = None if which is None else pick(Article, which, state="published")
        fields = {"headline": self.word(), "text": self.word(), "article": article}
        office.publish_item(self.ticker, actor=self.eddy, publish_at=at, **fields)

    @rule(which=PICK)
    def correct_item(self, which: int) -> None:
        self.item(which, lambda pk: office.correct_item(pk, actor=self.eddy, headline=self.word(), note="Zahl"))

    @rule(which=PICK, pinned=st.booleans())
    def pin_item(self, which: int, pinned: bool) -> None:
        self.item(which, lambda pk: (office.pin_item if pinned else office.unpin_item)(pk, actor=self.eddy))

    @rule(which=PICK)
    def pin_and_unpin_item(self, which: int) -> None:
        """Left to chance, hardly any item is unpinned again before its text changes."""
        self.item(which, lambda pk: office.pin_item(pk, actor=self.eddy))
        self.item(which, lambda pk: office.unpin_item(pk, actor=self.eddy))

    @rule(which=PICK)
    def retract_item(self, which: int) -> None:
        self.item(which, lambda pk: office.retract_item(pk, actor=self.eddy))

    # --- what comes from elsewhere

    @rule(where=st.booleans(), count=st.integers(1, 4), held=st.integers(0, 3))
    def import_comments(self, where: bool, count: int, held: int) -> None:
        here, start = self.chat if where else self.thread, self.number
        found = [
            Import(
                source_id=str(start + n),
                parent=str(start + n - 1) if n else None,
                at=timezone.now() - timedelta(days=1, seconds=start),
                text=(word := self.word()),
                html=f"<p>{word}</p>",
                name="Fremde",
                state="held" if n == held else "published",
                reactions={"like": self.readers[:n]},
            )
            for n in range(count)
        ]
        load(here, found, source="elsewhere", batches=Batches(rests=False))
