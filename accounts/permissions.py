"""What each duty allows: the one table that actions, the admin, `docs/access.md` and the tests of access go by.

A deed is an action by its app and name, as in `accounts/notifications/telling.py`. No groups, no tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from accounts.duties import Duties, Duty


class Where(StrEnum):
    """Where a duty must hold for a deed."""

    SECTION = "in the section of the thing"  # everywhere for things without a section
    SOMEWHERE = "in any section"
    EVERYWHERE = "in all sections"


@dataclass(frozen=True, slots=True)
class Need:
    """Any of `duties`, or for one's own thing `own`. Without duties: `whom` names those who may."""

    duties: tuple[Duty, ...] = ()
    where: Where = Where.SECTION
    own: Duty | None = None
    whom: str = ""

    def met_by(self, held: Duties, section: int | None, *, is_own: bool = False) -> bool:
        """Whether these duties are enough for a thing in that section; None: a thing without a section."""
        enough = (*self.duties, *((self.own,) if is_own and self.own else ()))
        if self.where is Where.SOMEWHERE:
            return any(held.sections(duty) for duty in enough)
        return any(held.include(duty, section if self.where is Where.SECTION else None) for duty in enough)


ANYBODY = Need(whom="everybody")
PERSON = Need(whom="the person, about their own account or things")
READER = Need(whom="everybody with a confirmed account, unless a sanction bars them")
ITSELF = Need(whom="nobody: it happens by itself")

CONTRIBUTES = Need((Duty.CONTRIBUTE,))
ADDS = Need((Duty.CONTRIBUTE,), Where.SOMEWHERE)  # photos belong to no section
EDITS = Need((Duty.EDIT,))
EDITS_ALL = Need((Duty.EDIT,), Where.EVERYWHERE)
MODERATES = Need((Duty.MODERATE,))
MODERATES_SOMEWHERE = Need((Duty.MODERATE,), Where.SOMEWHERE)  # people belong to no section
LEADS = Need((Duty.HEAD,))
LEADS_ALL = Need((Duty.HEAD,), Where.EVERYWHERE)
RUNS = Need((Duty.MODERATE, Duty.EDIT))
ADMINISTRATES = Need((Duty.ADMINISTRATE,))

DEEDS: dict[str, Need] = {
    "accounts.accept_terms": PERSON,
    "accounts.change_preferences": PERSON,
    "accounts.change_profile": PERSON,
    "accounts.close_feed": PERSON,
    "accounts.confirm": PERSON,
    "accounts.create_token": PERSON,
    "accounts.drop_avatar": PERSON,
    "accounts.drop_section": ITSELF,  # with articles.delete_place
    "accounts.drop_push": PERSON,
    "accounts.end_sanctions": ITSELF,
    "accounts.end_session": ITSELF,
    "accounts.end_sessions": ADMINISTRATES,
    "accounts.forget_notifications": ITSELF,
    "accounts.give_duties": ADMINISTRATES,
    "accounts.impose_sanction": MODERATES,
    "accounts.join": ANYBODY,
    "accounts.keep_push": PERSON,
    "accounts.lift_sanction": MODERATES,
    "accounts.log_out_everywhere": PERSON,
    "accounts.open_feed": PERSON,
    "accounts.read_notifications": PERSON,
    "accounts.remove_avatar": MODERATES,
    "accounts.resume_mails": PERSON,
    "accounts.revoke_token": PERSON,
    "accounts.second_factor_changed": ITSELF,
    "accounts.show_avatar": READER,
    "accounts.subscribe": PERSON,
    "accounts.touch_session": PERSON,
    "accounts.touch_token": PERSON,
    "accounts.unsubscribe": PERSON,
    "accounts.write_legal_page": EDITS_ALL,
    "articles.add_photo": ADDS,
    "articles.change_appearance": ADMINISTRATES,
    "articles.change_item": EDITS,
    "articles.correct_article": EDITS,
    "articles.correct_item": EDITS,
    "articles.delete_photo": EDITS_ALL,
    "articles.delete_place": EDITS,
    "articles.describe_photo": ADDS,
    "articles.discard_article": Need((Duty.EDIT,), own=Duty.CONTRIBUTE),
    "articles.draft_article": CONTRIBUTES,
    "articles.draft_item": EDITS,
    "articles.edit_article": Need((Duty.WRITE,), own=Duty.CONTRIBUTE),
    "articles.keep_section": EDITS_ALL,
    "articles.keep_ticker": EDITS,
    "articles.mark_seen": PERSON,
    "articles.pin_item": EDITS,
    "articles.publish_article": EDITS,
    "articles.publish_drafted_item": EDITS,
    "articles.publish_due_article": ITSELF,
    "articles.publish_due_item": ITSELF,
    "articles.publish_item": EDITS,
    "articles.retract_article": EDITS,
    "articles.retract_item": EDITS,
    "articles.schedule_article": EDITS,
    "articles.schedule_item": EDITS,
    "articles.unpin_item": EDITS,
    "articles.unschedule_article": EDITS,
    "articles.unschedule_item": EDITS,
    "comments.acknowledge_warning": PERSON,
    "comments.add_import": ADMINISTRATES,
    "comments.add_text": LEADS_ALL,
    "comments.approve": MODERATES,
    "comments.begin_import": ADMINISTRATES,
    "comments.cancel_bulk": Need((Duty.MODERATE,), Where.SOMEWHERE),  # one's own
    "comments.cancel_run": MODERATES,
    "comments.change_discussion": RUNS,
    "comments.change_rule": LEADS,  # one that is live; in shadow those who moderate try it out
    "comments.change_text": LEADS_ALL,
    "comments.claim": MODERATES,
    "comments.close_discussion": RUNS,
    "comments.decide_and_restrict": MODERATES,
    "comments.decide_and_warn": MODERATES,
    "comments.discuss_page": RUNS,
    "comments.discussion_of": ITSELF,
    "comments.drop_draft": PERSON,
    "comments.drop_filter": MODERATES_SOMEWHERE,  # one's own
    "comments.drop_hours": RUNS,
    "comments.drop_import": ADMINISTRATES,
    "comments.drop_rule": MODERATES,
    "comments.drop_text": LEADS_ALL,
    "comments.edit": READER,
    "comments.feature": MODERATES,
    "comments.hand_over": MODERATES,
    "comments.ignore": PERSON,
    "comments.judge_again": MODERATES,
    "comments.keep": MODERATES,
    "comments.keep_draft": PERSON,
    "comments.lock": MODERATES,
    "comments.make_rule": MODERATES,
    "comments.mark_read": PERSON,
    "comments.merge": RUNS,
    "comments.note_person": MODERATES_SOMEWHERE,
    "comments.open_discussion": RUNS,
    "comments.pin": MODERATES,
    "comments.post": READER,
    "comments.react": READER,
    "comments.reject": MODERATES,
    "comments.release": MODERATES,
    "comments.remove": MODERATES,
    "comments.report": READER,
    "comments.reopen": MODERATES,
    "comments.restore": MODERATES,
    "comments.rewrite": MODERATES,
    "comments.save_filter": MODERATES_SOMEWHERE,
    "comments.set_hours": RUNS,
    "comments.start_bulk": MODERATES,  # of what is elsewhere nothing is decided; many need `head`, too
    "comments.start_chat": RUNS,
    "comments.start_discussion": ITSELF,
    "comments.start_run": MODERATES,
    "comments.stop_ignoring": PERSON,
    "comments.take_back": READER,
    "comments.take_down": ITSELF,
    "comments.take_over": PERSON,
    "comments.undo": PERSON,
    "comments.undo_bulk": MODERATES,  # one's own
    "comments.undo_decision": MODERATES,
    "comments.undo_merge": RUNS,
    "comments.unfeature": MODERATES,
    "comments.unlock": MODERATES,
    "comments.unpin": MODERATES,
    "comments.warn_person": MODERATES,
    "comments.withdraw": PERSON,
    "comments.withdraw_warning": MODERATES,
}

STREAMS: dict[str, Need] = {
    "articles": ANYBODY,
    "chats": ANYBODY,
    "discussion.<id>": ANYBODY,
    "moderation": Need((Duty.MODERATE,), Where.EVERYWHERE),
    "moderation.<section>": MODERATES,
    "ticker.<slug>": ANYBODY,
    "user.<id>": PERSON,
}

# The admin's forms by Django's names of permissions. They open where the duty holds anywhere, or everywhere; which rows
# they show, and what may be done to each, is asked of the row's section.
_S, _E = Where.SOMEWHERE, Where.EVERYWHERE
_DISCUSSED = ("comment", "commentrevision", "decision", "discussion", "openinghours")
ADMIN: tuple[tuple[str, Duty, Where], ...] = (
    ("articles.add_article", Duty.CONTRIBUTE, _S),
    ("articles.change_article", Duty.CONTRIBUTE, _S),
    ("articles.add_photo", Duty.CONTRIBUTE, _S),
    ("articles.change_photo", Duty.CONTRIBUTE, _S),
    ("articles.view_*", Duty.CONTRIBUTE, _S),
    ("articles.view_*", Duty.MODERATE, _S),
    ("articles.*_article", Duty.EDIT, _S),
    ("articles.*_ticker", Duty.EDIT, _S),
    ("articles.*_tickeritem", Duty.EDIT, _S),
    ("articles.*", Duty.EDIT, _E),
    *((f"comments.view_{model}", Duty.EDIT, _S) for model in _DISCUSSED),
    ("comments.add_discussion", Duty.EDIT, _S),
    ("comments.change_discussion", Duty.EDIT, _S),
    ("comments.*_openinghours", Duty.EDIT, _S),
    *((f"comments.*_{model}", Duty.MODERATE, _S) for model in _DISCUSSED),
    ("accounts.view_user", Duty.MODERATE, _S),
    ("accounts.*_sanction", Duty.MODERATE, _S),
    ("accounts.view_legalpage", Duty.EDIT, _E),
    ("accounts.change_legalpage", Duty.EDIT, _E),
    ("accounts.view_user", Duty.ADMINISTRATE, _S),
    ("accounts.change_user", Duty.ADMINISTRATE, _S),
    ("*", Duty.ADMINISTRATE, _E),
)


def allowed(held: Duties, permission: str) -> bool:
    """Whether these duties open a form of the admin, by Django's name ("articles.change_article")."""
    return any(_holds(held, duty, where) for pattern, duty, where in ADMIN if fnmatchcase(permission, pattern))


def is_allowed_somewhere(held: Duties, app_label: str) -> bool:
    """Whether these duties open anything at all of an app in the admin."""
    return any(
        _holds(held, duty, where)
        for pattern, duty, where in ADMIN
        if pattern == "*" or pattern.startswith(f"{app_label}.")
    )


def _holds(held: Duties, duty: Duty, where: Where) -> bool:
    return Need((duty,), where).met_by(held, None)
