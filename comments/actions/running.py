"""Running a rule over the last comments in the background, to see what it would have done. It changes none of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import acting, must_moderate
from accounts.models import User
from comments.access import find_rule
from comments.actions import rulebook
from comments.actions.guards import Said
from comments.actions.judging import Facts, draft_of
from comments.models import Comment, RuleRun
from comments.moderation import KINDS, Author, Finding
from comments.moderation import Rule as Judge
from newsroom.errors import Conflict, Invalid, NotFound

MOST_COMMENTS = 10_000
AT_ONCE = 100  # comments between two looks at whether the run was cancelled
SAMPLES = 50


@transaction.atomic
def start_run(rule_id: int, *, actor: User) -> RuleRun:
    """A run that a background task has to go on with (`go_on_with_run`). Raises Forbidden, Invalid, NotFound, and
    Conflict while another run of the rule goes on.
    """
    actor = acting(actor)
    rule = find_rule(actor, rule_id)
    must_moderate(actor, rule.section_id)
    if not KINDS[rule.kind].is_about_texts:
        raise Invalid(_("Only rules about texts can be run: nobody knows any more how the author stood then."))
    if RuleRun.objects.filter(rule=rule, state=RuleRun.State.RUNNING).exists():
        raise Conflict(_("This rule is being run already."))
    ids = list(Comment.objects.exclude(state=Comment.State.ERASED).order_by("-id").values_list("id")[:MOST_COMMENTS])
    last, after = (ids[-1][0], ids[0][0] + 1) if ids else (0, 0)
    return RuleRun.objects.create(
        rule=rule, version=rule.version, started_by=actor, count=len(ids), last=last, after=after
    )


@transaction.atomic
def cancel_run(run_id: int, *, actor: User) -> RuleRun:
    """End a run; what it has found so far stays. Raises Forbidden, NotFound."""
    run = RuleRun.objects.select_for_update(of=("self",)).select_related("rule").filter(pk=run_id).first()
    if run is None:
        raise NotFound(_("There is no such run."))
    must_moderate(acting(actor), run.rule.section_id)
    if run.state == RuleRun.State.RUNNING:
        run.state, run.finished_at = RuleRun.State.CANCELLED, timezone.now()
        run.save(update_fields=["state", "finished_at"])
    return run


def interrupt_run(run_id: int) -> None:
    """Its task is given up; what the run has found so far stays."""
    going = RuleRun.objects.filter(pk=run_id, state=RuleRun.State.RUNNING)
    going.update(state=RuleRun.State.STOPPED, finished_at=timezone.now())


def go_on_with_run(run_id: int) -> None:
    """Look at all that is left, from the newest comment back. Cut off, it goes on where it was."""
    run = RuleRun.objects.select_related("rule").filter(pk=run_id).first()
    rule = next((rule for rule, _until in rulebook.read([run.rule])), None) if run else None
    while run is not None and rule is not None and run.state == RuleRun.State.RUNNING:
        run = _noted(run.pk, _comments(run), rule)


def _comments(run: RuleRun) -> list[Comment]:
    rows = Comment.objects.filter(id__lt=run.after, id__gte=run.last).exclude(state=Comment.State.ERASED)
    rows = rows.select_related("author", "discussion__article")
    fields = ("text", "html", "state", "author__role", "discussion__mode", "discussion__article__section_id")
    return list(rows.only(*fields).order_by("-id")[:AT_ONCE])


@transaction.atomic
def _noted(run_id: int, some: Sequence[Comment], rule: Judge) -> RuleRun | None:
    """The run with what the rule says of these comments, the next ones; it is over if there are none."""
    found = [(comment, finding) for comment in some if (finding := _finding(comment, rule)) is not None]
    run = RuleRun.objects.select_for_update(of=("self",)).filter(pk=run_id).first()
    if run is None or run.state != RuleRun.State.RUNNING:
        return run
    if not some:
        run.state, run.finished_at = RuleRun.State.DONE, timezone.now()
    else:
        run.done, run.after = run.done + len(some), some[-1].pk
        run.hits += len(found)
        run.states = dict(Counter(run.states) + Counter(comment.state for comment, _finding in found))
        samples = [{"comment": comment.pk, "spans": finding.spans} for comment, finding in found]
        run.samples = (run.samples + samples)[:SAMPLES]
    run.save(update_fields=["state", "finished_at", "done", "after", "hits", "states", "samples"])
    return run


def _finding(comment: Comment, rule: Judge) -> Finding | None:
    if comment.author is not None and comment.author.role != User.Role.READER:
        return None  # of those who work here nothing is held
    article = comment.discussion.article
    section = article.section_id if article else None
    if rule.section is not None and rule.section != section:
        return None
    facts = Facts(edition=None, section=section, author=Author())
    return rule.check(draft_of(Said(comment.text, comment.html), None, facts, timezone.now()))
