"""Events about discussions. The only module of this app that publishes; actions call it last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone

from accounts.events import Told, notify, take_back, tell, tell_each
from accounts.models import User
from articles.models import Section
from comments.models import BulkJob, Case, Comment, Decision, Discussion, FormalWarning, Ignored, Report, RuleHit
from comments.participants import mentioned_in
from comments.representations import (
    bulk_json,
    case_json,
    comment_json,
    decision_json,
    discussion_json,
    log_json,
    queue_json,
    without_words,
)
from comments.verdicts import hits_json
from newsroom.database.statements import loaded
from newsroom.live.outbox import Fact, hold, publish, redact, redact_about

ACTIVITY = "chats"
MODERATION = "moderation"
NEWEST_REPORTS = 3  # in the JSON of a case
_Action = Decision.Action
MARKED = {
    str(_Action.PIN): "comment.pinned",
    str(_Action.UNPIN): "comment.unpinned",
    str(_Action.FEATURE): "comment.featured",
    str(_Action.UNFEATURE): "comment.unfeatured",
    str(_Action.LOCK): "comment.locked",
    str(_Action.UNLOCK): "comment.unlocked",
}
UNMARKED = {
    str(_Action.PIN): "comment.unpinned",
    str(_Action.UNPIN): "comment.pinned",
    str(_Action.FEATURE): "comment.unfeatured",
    str(_Action.UNFEATURE): "comment.featured",
    str(_Action.LOCK): "comment.unlocked",
    str(_Action.UNLOCK): "comment.locked",
}


class Closed(NamedTuple):
    """What a decision or a withdrawal has closed: cases, and the reports that have an outcome now."""

    cases: Sequence[Case] = ()
    reports: Sequence[Report] = ()


def hold_streams(*comments: Comment) -> None:
    """Lock every stream that contains these comments' texts or will: the first step of an action that redacts."""
    own = {f"discussion.{comment.discussion_id}" for comment in comments}
    own |= {stream for comment in comments for stream in (*_moderation(comment), *_own(comment))}
    hold(ACTIVITY, *own, about=[comment.subject for comment in comments])


def comment_posted(comment: Comment, opened: Sequence[Case] = ()) -> None:
    """`opened`: the case of a comment that a rule has flagged."""
    publish(_public(comment, "comment.posted"), *_about(opened, "case.opened"))
    _tell_whom_it_names(comment)


def comment_held(comment: Comment, decision: Decision, case: Case) -> None:
    """Publish to its author and to moderators only."""
    publish(*_personal(comment, "comment.held"), *_entered(comment, decision), *_about([case], "case.opened", decision))


def queue_entered(holds: Iterable[Decision], cases: Mapping[int, Case]) -> None:
    """Publish to moderators only that imported comments wait in the queue. `cases`: comment → its case."""
    facts = []
    for each in holds:
        comment, case = each.comment, cases[each.comment_id]
        data = _untitled(queue_json(comment, each))
        facts += [Fact(name, "queue.entered", comment.subject, data) for name in _concerned(case)]
        facts += _about([case], "case.opened", each, is_unseen=True)
    publish(*facts)


def comment_approved(comment: Comment, decision: Decision, closed: Closed) -> None:
    personal = [*_personal(comment, "comment.approved"), *_left(comment), *_made(comment, decision, closed)]
    _tell_author(comment, "comment.approved", decision, _public(comment, "comment.posted"), *personal)
    _tell_whom_it_names(comment)


def comment_rejected(comment: Comment, decision: Decision, closed: Closed) -> None:
    """Redact its text in the log, and tell its author the reason."""
    redact(comment.subject)
    told = _personal(comment, "comment.rejected", text="", html="", reason=decision.reason)
    facts = [*told, *_left(comment), *_made(comment, decision, closed)]
    _tell_author(comment, "comment.rejected", decision, *facts)


def comment_edited(comment: Comment, cases: Sequence[Case], opened: Sequence[Case] = ()) -> None:
    """`cases`: those that were open about it; `opened`: that of a text that a rule has flagged."""
    redact(comment.subject)
    told = [*_about(cases, "case.changed"), *_about(opened, "case.opened")]
    publish(_public(comment, "comment.edited"), *told)


def held_comment_edited(comment: Comment, decision: Decision | None, case: Case) -> None:
    redact(comment.subject)
    cases = _about([case], "case.changed", decision)
    publish(*_personal(comment, "comment.held"), *_entered(comment, decision), *cases)


def comment_withdrawn(comment: Comment, closed: Closed, *, was_public: bool) -> None:
    """Publish that its author has withdrawn it. A comment that was never public only leaves the queue."""
    redact(comment.subject)
    told = [_public(comment, "comment.withdrawn")] if was_public else _left(comment)
    tell_each(*_answers(comment, closed), facts=[*told, *_about(closed.cases, "case.closed")])


def comment_brought_back(comment: Comment, hold: Decision | None, cases: Sequence[Case]) -> None:
    """Publish that its author has undone the withdrawal: to readers, or to moderators if a rule held it (`hold`).

    `cases`: those that are open again.
    """
    opened = _about(cases, "case.opened", hold)
    if comment.published_at is not None:
        publish(_public(comment, "comment.restored"), *opened)
        return
    publish(*_personal(comment, "comment.held"), *_entered(comment, hold), *opened)


def comment_removed(comment: Comment, decision: Decision, closed: Closed) -> None:
    """Redact its text in the log, and tell its author the reason."""
    redact(comment.subject)
    facts = [_public(comment, "comment.removed"), *_made(comment, decision, closed)]
    _tell_author(comment, "comment.removed", decision, *facts, answers=_answers(comment, closed))


def comment_restored(comment: Comment, decision: Decision, closed: Closed, *, was_public: bool) -> None:
    kind = "comment.restored" if was_public else "comment.posted"
    facts = [_public(comment, kind), *_made(comment, decision, closed)]
    _tell_author(comment, "comment.restored", decision, *facts)


def comment_kept(comment: Comment, decision: Decision, closed: Closed) -> None:
    tell_each(*_answers(comment, closed), facts=_made(comment, decision, closed))


def comment_marked(comment: Comment, decision: Decision) -> None:
    """Publish that it is pinned, featured or locked, or no longer. Its author is told of a recommendation alone."""
    facts = [_public(comment, MARKED[decision.action]), *_made(comment, decision, Closed())]
    if decision.action == Decision.Action.FEATURE:
        _tell_author(comment, "comment.featured", decision, *facts)
    else:
        publish(*facts)


def comment_rewritten(comment: Comment, decision: Decision, closed: Closed, cases: Sequence[Case]) -> None:
    """Publish that a moderator has changed the text. `cases`: those that stay open about a comment that waits."""
    redact(comment.subject)
    if comment.state == Comment.State.HELD:
        hold = Decision.objects.hold_of(comment.pk)
        told = [*_personal(comment, "comment.held"), *_entered(comment, hold), *_about(cases, "case.changed", hold)]
    else:
        told = [_public(comment, "comment.edited")]
    made = _made(comment, decision, closed, is_unseen=True)
    _tell_author(comment, "comment.rewritten", decision, *told, *made, answers=_answers(comment, closed))


def comment_reopened(comment: Comment, decision: Decision, case: Case) -> None:
    """Publish to its author and to moderators that a rejected comment waits again."""
    hold = Decision.objects.hold_of(comment.pk)
    waits = [*_personal(comment, "comment.held"), *_entered(comment, hold), *_made(comment, decision, Closed())]
    _tell_author(comment, "comment.reopened", decision, *waits, *_about([case], "case.opened", hold))


def decision_undone(
    comment: Comment, decision: Decision, opened: Closed, closed: Closed, *, is_unpublished: bool
) -> None:
    """Publish that the comment is what it was. `opened`: what is open again; `closed`: what the decision had opened;
    `is_unpublished`: readers see it no more, and find no tombstone.
    """
    is_other_text = decision.action == Decision.Action.EDIT
    if is_unpublished or is_other_text or comment.is_gone or comment.state == Comment.State.REJECTED:
        redact(comment.subject)
    if is_unpublished:
        discussion_rebuilt(comment.discussion)
    left = [*_left(comment), *_about(closed.cases, "case.closed")] if closed.cases else []
    publish(*_again(comment, decision), *left, *_undone(comment, decision, opened))
    if decision.action in UNMARKED and decision.action != _Action.FEATURE:
        return  # nobody was told
    readers = take_back(_told_about(comment, opened.reports), comment.subject, decision.created_at)
    url = f"/comments/{comment.pk}/"
    tell(sorted(readers), "decision.undone", comment.subject, title=comment.discussion.title, url=url)


def _again(comment: Comment, decision: Decision) -> list[Fact]:
    """What readers and author are told of a comment that is what it was before this decision."""
    if decision.action in UNMARKED:
        return [_public(comment, UNMARKED[decision.action])]
    match comment.state:
        case Comment.State.HELD:
            return [*_personal(comment, "comment.held"), *_entered(comment, Decision.objects.hold_of(comment.pk))]
        case Comment.State.REJECTED:
            return _personal(comment, "comment.rejected", text="", html="", reason=_reason_of_rejection(comment))
        case Comment.State.REMOVED:
            return [_public(comment, "comment.removed")]
        case _ if decision.action == Decision.Action.EDIT:
            return [_public(comment, "comment.edited")]
        case _ if decision.action == Decision.Action.REMOVE:
            return [_public(comment, "comment.restored")]
    return []


def _reason_of_rejection(comment: Comment) -> str:
    rejected = comment.decisions.standing().filter(action=Decision.Action.REJECT).order_by("-id").first()
    return rejected.reason if rejected else ""


def _undone(comment: Comment, decision: Decision, opened: Closed) -> list[Fact]:
    data = decision_json(decision)
    undone = [Fact(stream, "decision.undone", f"decision.{decision.pk}", data) for stream in _moderation(comment)]
    return undone + _about(opened.cases, "case.opened")


def _told_about(comment: Comment, reports: Iterable[Report]) -> set[int]:
    """Whom a decision about the comment notifies: its author, its reporters, and whom it answers or names."""
    answered = comment.parent.author_id if comment.parent else None
    reporters = [report.reporter_id for report in reports]
    return {pk for pk in (comment.author_id, answered, *reporters, *mentioned_in(comment)) if pk is not None}


def cases_told(cases: Iterable[Case], kind: str, *more: str) -> None:
    """Publish cases as they are now. `kind`: case.opened, .changed, .closed or .claimed; `more`: further streams."""
    facts = _about(cases, kind, None, *more)
    if facts:
        publish(*facts)


def case_handed_over(case: Case, person: User) -> None:
    """Publish whom somebody has asked to decide about a case, and tell them; who asks, and the note, stand with it."""
    facts = _about([case], "case.changed")
    url = f"/moderation/cases/{case.pk}/"
    tell([person.pk], "case.handed", case.subject, title=case.comment.discussion.title, url=url, facts=facts)


def bulk_changed(job: BulkJob) -> None:
    """Publish to the moderator how far a job is."""
    publish(Fact(f"user.{job.moderator_id}", "bulk.changed", job.subject, bulk_json(job)))


def many_decided(job: BulkJob) -> None:
    """Tell the moderator that a job is done."""
    url = f"/moderation/bulk/{job.pk}/"
    tell([job.moderator_id or 0], "many.decided", job.subject, url=url, n=job.done, refused=job.refused)


def comment_reacted(comment: Comment) -> None:
    """Publish that reactions have changed. The event is empty; the fold counts and adds the comment. Several in a row
    are merged into one.
    """
    publish(Fact(f"discussion.{comment.discussion_id}", "comment.reacted", comment.subject, {}))


def discussion_changed(discussion: Discussion, kind: str) -> None:
    """`kind`: discussion.opened, .closed, .slow or .rebuilt. Events of this subject contain no readers' text."""
    data = discussion_json(discussion, timezone.now())
    if data["last_comment"]:
        data["last_comment"].pop("text")
    publish(Fact(discussion.stream, kind, subject_of(discussion), data))


def discussion_turned(discussion: Discussion, now: datetime) -> None:
    """Publish that it opened, closed, or has other times now."""
    is_closed = discussion.state_at(now) == Discussion.State.CLOSED
    discussion_changed(discussion, "discussion.closed" if is_closed else "discussion.opened")


def discussion_rebuilt(discussion: Discussion) -> None:
    """Publish that many comments came or went, so that clients load the discussion anew."""
    whole = Discussion.objects.select_related("article", "hours", "tally__last_comment__author").get(pk=discussion.pk)
    discussion_changed(whole, "discussion.rebuilt")


def discussions_active(discussions: list[Discussion]) -> None:
    """Publish on `chats` how these discussions stand. The subject is their last comment, whose beginning they show, so
    they are redacted with it.
    """
    now = timezone.now()
    facts = [_active(discussion, discussion_json(discussion, now)) for discussion in discussions]
    if facts:
        publish(*facts)


def activity_hidden(discussion: Discussion) -> None:
    """Redact the discussion's events on `chats`: they have title, article and the beginning of a comment."""
    redact_about(ACTIVITY, discussion.pk)


def title_hidden(discussion: Discussion) -> None:
    """Redact all events that have the discussion's title, also one that asked clients to load it anew: afterwards
    `discussion_rebuilt` has to ask again.
    """
    activity_hidden(discussion)
    redact(subject_of(discussion))


def person_ignored(reader: User, person: User) -> None:
    """Told to the reader alone, for their other devices."""
    publish(Fact(f"user.{reader.pk}", "person.ignored", f"user.{person.pk}", {"id": person.pk, "name": person.name}))


def person_heeded(reader: User, person: int) -> None:
    publish(Fact(f"user.{reader.pk}", "person.heeded", f"user.{person}", {"id": person}))


def _tell_whom_it_names(comment: Comment) -> None:
    """Notify the people whom the comment answers or mentions, each once, unless they ignore its author. Has the
    comment's subject, so it is redacted with it.
    """
    title, url = comment.discussion.title, f"/comments/{comment.pk}/"
    answered = comment.parent.author_id if comment.parent else None
    named = [pk for pk in (answered, *mentioned_in(comment)) if pk is not None and pk != comment.author_id]
    deaf = Ignored.objects.ignorers(comment.author_id, named) if named else set()
    if answered in named and answered not in deaf:
        notify([answered], "comment.replied", comment.subject, title, url)
    mentioned = [pk for pk in named if pk != answered and pk not in deaf]
    if mentioned:
        notify(mentioned, "comment.mentioned", comment.subject, title, url)


def _tell_author(comment: Comment, kind: str, decision: Decision, *facts: Fact, answers: Sequence[Told] = ()) -> None:
    """Publish these facts of a decision and notify the author of it, with its reason, its ground and the words to them;
    never of the moderator. `answers`: what others are told with it.
    """
    author = [] if comment.author_id is None else [comment.author_id]
    words = {name: getattr(decision, name) for name in ("reason", "text", "ground", "norm")}
    details = {name: value for name, value in words.items() if value}
    title, url = comment.discussion.title, f"/comments/{comment.pk}/"
    tell_each(Told(author, kind, comment.subject, title, url, details, decision.job), *answers, facts=facts)


def person_warned(warning: FormalWarning) -> None:
    """Tell the person, never by whom."""
    words = {name: value for name in ("reason", "text") if (value := getattr(warning, name))}
    tell([warning.person_id], "warning.issued", warning.subject, url=f"/warnings/{warning.pk}/", **words)


def warning_withdrawn(warning: FormalWarning, *, is_known: bool) -> None:
    """Withdraw what was told about it; who has read that, or may know it by mail (`is_known`), is told."""
    readers = take_back([warning.person_id], warning.subject, warning.created_at)
    if is_known or readers:
        tell([warning.person_id], "warning.withdrawn", warning.subject, url=f"/warnings/{warning.pk}/")


def _active(discussion: Discussion, data: dict[str, Any]) -> Fact:
    last = data["last_comment"]
    return Fact(ACTIVITY, "discussion.active", f"comment.{last['id']}" if last else subject_of(discussion), data)


def subject_of(discussion: Discussion) -> str:
    return f"discussion.{discussion.pk}"


def _public(comment: Comment, kind: str) -> Fact:
    """The public event. The fold adds place and counts, and adds the tally's rounds to the version."""
    key = str(comment.key) if comment.key else None
    return Fact(f"discussion.{comment.discussion_id}", kind, comment.subject, log_json(comment), key)


def _own(comment: Comment) -> list[str]:
    return [f"user.{comment.author_id}"] if comment.author_id else []


def _personal(comment: Comment, kind: str, **changes: str) -> list[Fact]:
    key = str(comment.key) if comment.key else None
    data = {**comment_json(comment), **changes}
    return [Fact(stream, kind, comment.subject, data, key) for stream in _own(comment)]


def _moderation(comment: Comment) -> list[str]:
    """The moderators' streams for it: the one for all comments, and that of the article's section."""
    discussion = loaded(comment, "discussion")
    article = loaded(discussion, "article") if discussion else None
    section = loaded(article, "section") if article else None
    if section is None and (discussion is None or discussion.article_id is not None):
        section = Section.objects.filter(articles__discussions=comment.discussion_id).first()
    return [MODERATION, f"{MODERATION}.{section.slug}"] if section else [MODERATION]


def _entered(comment: Comment, decision: Decision | None) -> list[Fact]:
    data = _untitled(queue_json(comment, decision, RuleHit.objects.of([comment.pk]).get(comment.pk, ())))
    return [Fact(stream, "queue.entered", comment.subject, data) for stream in _moderation(comment)]


def _left(comment: Comment) -> list[Fact]:
    """Publish to moderators that it left the queue. Has no text and a subject of its own, so it survives a later
    redaction of the comment.
    """
    data = {
        "id": comment.pk,
        "discussion": comment.discussion_id,
        "state": comment.state,
        "version": comment.public_version,
    }
    return [Fact(stream, "queue.left", f"queue.{comment.pk}", data) for stream in _moderation(comment)]


def _made(comment: Comment, decision: Decision, closed: Closed, *, is_unseen: bool = False) -> list[Fact]:
    """The decision, and the cases that it has closed. `is_unseen`: see `_about`."""
    subject, data = f"decision.{decision.pk}", decision_json(decision)
    made = [Fact(stream, "decision.made", subject, data) for stream in _moderation(comment)]
    return made + _about(closed.cases, "case.closed", is_unseen=is_unseen)


def _about(
    cases: Iterable[Case], kind: str, hold: Decision | None = None, *more: str, is_unseen: bool = False
) -> list[Fact]:
    """The facts of these cases, about the comment: what redacts it redacts them. The fold adds the counts.

    `hold`: the decision that holds the comment, if it is known. `is_unseen`: no rule has seen the texts.
    """
    facts, now, cases = [], timezone.now(), list(cases)
    hits = RuleHit.objects.of([case.comment_id for case in cases]) if cases and not is_unseen else {}
    for case in cases:
        is_read = case.comment.state in {Comment.State.HELD, Comment.State.PUBLISHED}
        held = hold or (Decision.objects.hold_of(case.comment_id) if case.kind == Case.Kind.HELD else None)
        newest = Report.objects.newest_of([case.pk], NEWEST_REPORTS) if case.reports and is_read else {}
        found = hits_json(hits.get(case.comment_id, ()), held)
        data = case_json(case, now, hits=found, newest=newest.get(case.pk, ()))
        data = data if is_read else without_words(data)
        data["comment"] = _untitled(data["comment"])
        facts += [Fact(stream, kind, case.comment.subject, data) for stream in (*_concerned(case), *more)]
    return facts


def _untitled(comment: dict[str, Any]) -> dict[str, Any]:
    """Without the discussion's title: it is an article's headline, and a corrected one must not stay in the log."""
    return {name: value for name, value in comment.items() if name != "title"}


def _concerned(case: Case) -> list[str]:
    """The moderators' streams for a case: the one for all, and that of its section."""
    return [MODERATION, f"{MODERATION}.{case.section.slug}"] if case.section else [MODERATION]


def _answers(comment: Comment, closed: Closed) -> list[Told]:
    """What those who reported it are told of the outcome."""
    told: dict[str, list[int]] = {}
    for report in closed.reports:
        if report.reporter_id is not None:
            told.setdefault(report.outcome, []).append(report.reporter_id)
    title, url = comment.discussion.title, f"/comments/{comment.pk}/"
    return [Told(people, f"report.{name}", comment.subject, title, url) for name, people in told.items()]
