"""Who is notified of which deed, and how: one line for each, names only. docs/telling.md has the same table.

A deed is an action by its app and name. `stream` and `event` are published at once. `kept` is the kind of a stored
notification, which is published on the person's own stream as `notification.created`. The moderator is never named to
the people concerned.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Told:
    """`whom` is told on `stream` by `event`, or by a notification of the kind `kept`; if `mail`, by an e-mail, too."""

    whom: str
    stream: str = "user.<id>"
    event: str = "notification.created"
    kept: str = ""
    mail: bool = False


def _readers(event: str) -> Told:
    return Told("readers of the discussion", "discussion.<id>", event)


def _moderators(event: str) -> Told:
    return Told("moderators", "moderation, moderation.<section>", event)


def _ticker(event: str) -> Told:
    return Told("readers of the ticker", "ticker.<slug>", event)


def _public(event: str) -> Told:
    return Told("readers of the site", "articles", event)


def _kept(whom: str, kind: str, *, mail: bool = False) -> Told:
    return Told(whom, kept=kind, mail=mail)


AUTHOR, PERSON = "the author", "the person"
OPENED, CLOSED = _moderators("case.opened"), _moderators("case.closed")
CHANGED = _moderators("case.changed")
HELD = (Told(AUTHOR, event="comment.held"), _moderators("queue.entered"))
REPORTERS = "those who reported it"
NAMED = (_kept("whom it answers", "comment.replied"), _kept("whom it mentions", "comment.mentioned"))
DECIDED = _moderators("decision.made")
IMPOSED = (Told(PERSON, event="sanction.imposed"), _kept(PERSON, "sanction.imposed", mail=True))
WARNED = _kept(PERSON, "warning.issued", mail=True)
UNWARNED = _kept("whom it had warned, once they know", "warning.withdrawn")
UNTOLD = Told("whom it takes an unread notification from", event="notification.withdrawn")
DUTIES = _kept(PERSON, "duties.changed")
LIFTED = (Told(PERSON, event="sanction.lifted"), _kept(PERSON, "sanction.lifted", mail=True))
TURNED = (_readers("discussion.opened"), _readers("discussion.closed"))
RELINKED = _ticker("item.corrected")  # a link to an article appears and disappears with it

BULK = Told("the moderator, at each step", event="bulk.changed")
DECIDED_EACH = (  # each like a single decision, here a removal
    _readers("comment.removed"),
    _kept(AUTHOR, "comment.removed", mail=True),
    DECIDED,
)

TABLE: dict[str, tuple[Told, ...]] = {
    "accounts.accept_terms": (),
    "accounts.change_preferences": (),
    "accounts.change_profile": (),
    "accounts.close_feed": (),
    "accounts.confirm": (),
    "accounts.create_token": (),
    "accounts.drop_avatar": (),
    "accounts.drop_section": (DUTIES,),
    "accounts.drop_push": (),
    "accounts.end_sanctions": LIFTED,
    "accounts.end_session": (),
    "accounts.end_sessions": (_kept(PERSON, "sessions.ended", mail=True),),
    "accounts.forget_notifications": (),
    "accounts.give_duties": (DUTIES,),
    "accounts.impose_sanction": IMPOSED,
    "accounts.join": (),
    "accounts.keep_push": (),
    "accounts.lift_sanction": LIFTED,
    "accounts.log_out_everywhere": (),
    "accounts.open_feed": (),
    "accounts.read_notifications": (Told("the person, on their other devices", event="notification.read"),),
    "accounts.remove_avatar": (_kept(PERSON, "avatar.removed", mail=True),),
    "accounts.resume_mails": (),
    "accounts.revoke_token": (),
    "accounts.second_factor_changed": (),
    "accounts.show_avatar": (),
    "accounts.subscribe": (),
    "accounts.touch_session": (),
    "accounts.touch_token": (),
    "accounts.unsubscribe": (),
    "accounts.write_legal_page": (),
    "articles.add_photo": (),
    "articles.change_appearance": (),
    "articles.change_item": (_ticker("item.corrected"), _ticker("item.pinned"), _ticker("item.unpinned")),
    "articles.correct_article": (_public("article.corrected"), _kept("followers of the article", "article.corrected")),
    "articles.correct_item": (_ticker("item.corrected"),),
    "articles.delete_photo": (),
    "articles.delete_place": (DUTIES,),
    "articles.describe_photo": (),
    "articles.discard_article": (),
    "articles.draft_article": (),
    "articles.draft_item": (),
    "articles.edit_article": (),
    "articles.keep_section": (),
    "articles.keep_ticker": (_ticker("ticker.changed"),),
    "articles.mark_seen": (Told(PERSON, event="ticker.seen"),),
    "articles.pin_item": (_ticker("item.pinned"),),
    "articles.publish_article": (
        _public("article.published"),
        RELINKED,
        _kept("followers of the section", "article.published"),
    ),
    "articles.publish_drafted_item": (
        _ticker("item.published"),
        _kept("followers of the ticker", "item.published"),
    ),
    "articles.publish_due_article": (
        _public("article.published"),
        RELINKED,
        _kept("followers of the section", "article.published"),
    ),
    "articles.publish_due_item": (_ticker("item.published"), _kept("followers of the ticker", "item.published")),
    "articles.publish_item": (_ticker("item.published"), _kept("followers of the ticker", "item.published")),
    "articles.retract_article": (_public("article.retracted"), RELINKED),
    "articles.retract_item": (_ticker("item.retracted"),),
    "articles.schedule_article": (),
    "articles.schedule_item": (),
    "articles.unpin_item": (_ticker("item.unpinned"),),
    "articles.unschedule_article": (),
    "articles.unschedule_item": (),
    "comments.acknowledge_warning": (),
    "comments.add_import": (),
    "comments.add_text": (),
    "comments.approve": (
        _readers("comment.posted"),
        Told(AUTHOR, event="comment.approved"),
        _kept(AUTHOR, "comment.approved", mail=True),
        _moderators("queue.left"),
        DECIDED,
        CLOSED,
        *NAMED,
    ),
    "comments.begin_import": (),
    "comments.cancel_bulk": (BULK,),
    "comments.cancel_run": (),
    "comments.change_discussion": (*TURNED, _readers("discussion.slow")),
    "comments.claim": (_moderators("case.claimed"),),
    "comments.change_rule": (),
    "comments.change_text": (),
    "comments.close_discussion": (_readers("discussion.closed"),),
    "comments.decide_and_restrict": (*DECIDED_EACH, *IMPOSED),  # here a removal
    "comments.decide_and_warn": (*DECIDED_EACH, WARNED),  # here a removal
    "comments.discuss_page": (),
    "comments.discussion_of": (),
    "comments.drop_draft": (),
    "comments.drop_filter": (),
    "comments.drop_hours": (_readers("discussion.opened"),),
    "comments.drop_import": (),
    "comments.drop_rule": (),
    "comments.drop_text": (),
    "comments.edit": (_readers("comment.edited"), *HELD, CHANGED),
    "comments.feature": (_readers("comment.featured"), _kept(AUTHOR, "comment.featured"), DECIDED),
    "comments.hand_over": (CHANGED, _kept("the other moderator", "case.handed")),
    "comments.ignore": (Told("the reader, on their other devices", event="person.ignored"),),
    "comments.judge_again": (),
    "comments.keep": (DECIDED, CLOSED, _kept(REPORTERS, "report.dismissed")),
    "comments.keep_draft": (),
    "comments.lock": (_readers("comment.locked"), DECIDED),
    "comments.make_rule": (),
    "comments.mark_read": (),
    "comments.merge": (_readers("discussion.rebuilt"),),
    "comments.note_person": (),
    "comments.open_discussion": (_readers("discussion.opened"),),
    "comments.pin": (_readers("comment.pinned"), DECIDED),
    "comments.post": (
        _readers("comment.posted"),
        *HELD,
        OPENED,
        *NAMED,
        _kept("followers of the discussion or of its article, at most every ten minutes", "discussion.active"),
    ),
    "comments.react": (_readers("comment.reacted"),),
    "comments.reject": (
        Told(AUTHOR, event="comment.rejected"),
        _kept(AUTHOR, "comment.rejected", mail=True),
        _moderators("queue.left"),
        DECIDED,
        CLOSED,
    ),
    "comments.release": (_moderators("case.claimed"),),
    "comments.remove": (
        _readers("comment.removed"),
        _kept(AUTHOR, "comment.removed", mail=True),
        DECIDED,
        CLOSED,
        _kept(REPORTERS, "report.upheld"),
    ),
    "comments.reopen": (
        *HELD,
        DECIDED,
        OPENED,
        _kept(AUTHOR, "comment.reopened", mail=True),
        UNWARNED,
    ),
    "comments.report": (OPENED, CHANGED),
    "comments.restore": (
        _readers("comment.restored"),
        _readers("comment.posted"),
        _kept(AUTHOR, "comment.restored", mail=True),
        DECIDED,
        UNWARNED,
    ),
    "comments.rewrite": (
        _readers("comment.edited"),
        *HELD,
        CHANGED,
        DECIDED,
        CLOSED,
        _kept(AUTHOR, "comment.rewritten", mail=True),
        _kept(REPORTERS, "report.upheld"),
    ),
    "comments.save_filter": (),
    "comments.set_hours": TURNED,
    "comments.start_bulk": (BULK, _kept("the moderator, when it is done", "many.decided"), *DECIDED_EACH),
    "comments.start_chat": (_readers("discussion.opened"),),
    "comments.start_discussion": (),
    "comments.start_run": (),
    "comments.stop_ignoring": (Told("the reader, on their other devices", event="person.heeded"),),
    "comments.take_back": (_readers("comment.reacted"),),
    "comments.take_down": (
        _readers("comment.removed"),
        _kept(AUTHOR, "comment.removed", mail=True),
        Told(AUTHOR, event="comment.rejected"),
        _kept(AUTHOR, "comment.rejected", mail=True),
        _moderators("queue.left"),
        DECIDED,
        CLOSED,
        _kept(REPORTERS, "report.upheld"),
    ),
    "comments.take_over": (_readers("discussion.rebuilt"),),
    "comments.undo": (_readers("comment.restored"), *HELD, OPENED),
    "comments.undo_bulk": (BULK, _readers("comment.restored"), _moderators("decision.undone")),  # here of a removal
    "comments.undo_decision": (
        _readers("comment.restored"),
        _readers("comment.removed"),
        _readers("comment.edited"),
        _readers("discussion.rebuilt"),
        _readers("comment.unpinned"),
        _readers("comment.pinned"),
        _readers("comment.unfeatured"),
        _readers("comment.featured"),
        _readers("comment.unlocked"),
        _readers("comment.locked"),
        *HELD,
        Told(AUTHOR, event="comment.rejected"),
        _moderators("decision.undone"),
        OPENED,
        _moderators("queue.left"),
        CLOSED,
        _kept("who has read what is undone", "decision.undone"),
        UNTOLD,
        UNWARNED,
    ),
    "comments.undo_merge": (_readers("discussion.rebuilt"),),
    "comments.unfeature": (_readers("comment.unfeatured"), DECIDED),
    "comments.unlock": (_readers("comment.unlocked"), DECIDED),
    "comments.unpin": (_readers("comment.unpinned"), DECIDED),
    "comments.warn_person": (WARNED,),
    "comments.withdraw": (
        _readers("comment.withdrawn"),
        _moderators("queue.left"),
        CLOSED,
        _kept(REPORTERS, "report.gone"),
    ),
    "comments.withdraw_warning": (UNTOLD, UNWARNED),
}
