"""`/api/v1/moderation/bulk/`: one decision about many comments, in the background."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import person
from accounts.login.authentication import require_scope
from accounts.models import User
from accounts.reasons import Reason
from comments import actions
from comments.actions.bulk import ACTIONS, MOST
from comments.api.moderation import Moderates
from comments.models import MAX_NOTE, MAX_RULE_NAME, MAX_WORDS, BulkJob, Case
from comments.reads import bulk as reads
from comments.reads.cases import Choice
from comments.representations import bulk_json
from comments.tasks import work_on_bulk
from newsroom.api.responses import private
from newsroom.api.schema import problems
from newsroom.api.strict import APIView, extend_schema, valid
from newsroom.database.keys import LARGEST_ID
from newsroom.errors import Invalid


class FilterInput(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=Case.Kind.choices, required=False)
    section = serializers.SlugField(required=False, help_text="A section's slug.")
    rule = serializers.CharField(required=False, max_length=MAX_RULE_NAME)
    author = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_ID)
    discussion = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_ID)


class BulkInput(serializers.Serializer[Any]):
    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_ID),
        required=False,
        max_length=MOST,
        help_text="Of comments. Either these or a filter.",
    )
    seen = serializers.DictField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_ID),
        required=False,
        help_text="Id of a comment → the version that was read; of the others it is the present one.",
    )
    filter = FilterInput(required=False, help_text="The comments of all open cases of this choice; {}: of all of mine.")
    action = serializers.ChoiceField(choices=[(each, each) for each in ACTIONS])
    reason = serializers.ChoiceField(choices=Reason.choices, required=False, allow_blank=True, default="")
    text = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=MAX_WORDS, help_text="Words to the authors."
    )
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=MAX_NOTE)
    count = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=LARGEST_ID,
        help_text="How many there are, as a person has typed it in. Needed for more than 500.",
    )


class BulkSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=BulkJob.State.choices)
    action = serializers.ChoiceField(choices=[(each, each) for each in ACTIONS])
    reason = serializers.CharField(allow_blank=True)
    text = serializers.CharField(allow_blank=True)
    count = serializers.IntegerField(help_text="Comments that were chosen.")
    done = serializers.IntegerField(help_text="Of these, decided.")
    refused = serializers.IntegerField(help_text="Of these, not decided.")
    why = serializers.DictField(child=serializers.IntegerField(), help_text="Code of a refusal → number.")
    undone = serializers.IntegerField(help_text="Of the decided, undone.")
    left = serializers.IntegerField(help_text="Of the decided, touched since and so not undone.")
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True, help_text="null: it is at work, or being undone.")
    undoable_until = serializers.DateTimeField(allow_null=True)


class BulkView(APIView):
    permission_classes = [require_scope("moderate"), Moderates]

    @extend_schema(request=BulkInput, responses={202: BulkSerializer, **problems(403, 409)})
    def post(self, request: Request) -> Response:
        """Decide on many comments in the background, each like a single decision; what may not be decided is counted as
        refused.

        More than 500 need the duty `head`, and `count`. 409 `count_differs`, with the exact `count`, if that is another
        number.
        """
        actor = person(request.user)
        form = valid(BulkInput(data=request.data))
        said = {name: form[name] for name in ("action", "reason", "text", "note")}
        job = actions.start_bulk(_chosen(actor, form), actor=actor, count=form.get("count"), **said)
        work_on_bulk.enqueue(job.pk)
        job.refresh_from_db()
        return _accepted(job)


class BulkJobView(APIView):
    permission_classes = [require_scope("moderate"), Moderates]

    @extend_schema(responses={200: BulkSerializer, **problems(403)})
    def get(self, request: Request, pk: int) -> Response:
        """How far a job of mine is. Each step is published on `user.<id>` as `bulk.changed`, too."""
        return private(bulk_json(reads.find(request.user, pk)))

    @extend_schema(responses={200: BulkSerializer, **problems(403)})
    def delete(self, request: Request, pk: int) -> Response:
        """End a job of mine. What is decided stays. Idempotent."""
        return private(bulk_json(actions.cancel_bulk(pk, actor=person(request.user))))


class UndoBulkView(APIView):
    permission_classes = [require_scope("moderate"), Moderates]

    @extend_schema(request=None, responses={202: BulkSerializer, **problems(403, 409)})
    def post(self, request: Request, pk: int) -> Response:
        """Undo a job of mine within ten minutes of its end, in the background: all comments that nobody has touched
        since are what they were.

        409 `too_late` afterwards, `already_undone` the second time, `conflict` as long as it goes on.
        """
        job = actions.undo_bulk(pk, actor=person(request.user))
        work_on_bulk.enqueue(job.pk)
        job.refresh_from_db()
        return _accepted(job)


def _chosen(actor: User, form: dict[str, Any]) -> list[reads.Seen]:
    """Raises Invalid."""
    if ("ids" in form) is ("filter" in form):
        sentence = _("Give either ids or a filter.")
        raise Invalid(_("Some fields need another look."), errors={"ids": [sentence]})
    if "ids" not in form:
        return reads.of_choice(actor, Choice(**form["filter"]))
    seen = {int(pk): version for pk, version in form.get("seen", {}).items() if pk.isascii() and pk.isdigit()}
    return reads.of_ids(actor, form["ids"], seen)


def _accepted(job: BulkJob) -> Response:
    return Response(bulk_json(job), status=HTTPStatus.ACCEPTED, headers={"Cache-Control": "private, no-store"})
