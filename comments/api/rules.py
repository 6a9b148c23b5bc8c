"""`/api/v1/moderation/rules/`: what holds comments, and a trial of it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import person
from accounts.login.authentication import require_scope
from accounts.schemas import AuthorSerializer
from comments import actions, reads
from comments.access import find_rule
from comments.actions.rules import try_text
from comments.api.lists import as_list
from comments.api.moderation import Moderates
from comments.api.schemas import PageSerializer, TextInput, VerdictSerializer
from comments.models import MAX_RULE_NAME, Comment, Rule, RuleRun
from comments.moderation import KINDS, forms_of
from comments.moderation.hook import Address
from comments.moderation.settings import Choice, Form, Number, Numbers
from comments.tasks import run_rule
from comments.verdicts import rule_json, run_json, verdict_json
from newsroom.api.fields import MomentField
from newsroom.api.paging import limit_of
from newsroom.api.responses import private
from newsroom.api.schema import PAGING, problems
from newsroom.api.strict import APIView, extend_schema, valid
from newsroom.database.keys import LARGEST_ID
from newsroom.errors import Invalid

type Field = serializers.Field[Any, Any, Any, Any]


def _field(form: Form, kinds: list[str]) -> Field:
    """A setting's field. The action checks what a kind demands."""
    said: dict[str, Any] = {"required": False, "help_text": f"Of the kind {', '.join(kinds)}."}
    match form:
        case Number():
            return serializers.IntegerField(allow_null=True, **said)
        case Choice():
            return serializers.CharField(allow_blank=True, max_length=40, **said)
        case Address():
            return serializers.CharField(max_length=form.longest, **said)
        case Numbers():
            return serializers.ListField(child=serializers.IntegerField(min_value=1, max_value=LARGEST_ID), **said)
        case _:
            return serializers.ListField(child=serializers.CharField(max_length=300), **said)


def _settings() -> dict[str, Field]:
    forms: dict[str, tuple[Form, list[str]]] = {}
    for kind, known in KINDS.items():
        for name, form in forms_of(known.check).items():
            forms.setdefault(name, (form, []))[1].append(kind)
    return {name: _field(form, kinds) for name, (form, kinds) in forms.items()}


class RuleInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=MAX_RULE_NAME)
    kind = serializers.ChoiceField(choices=[(kind, kind) for kind in KINDS], help_text="Stays as it is.")
    action = serializers.ChoiceField(choices=Rule.Action.choices)
    mode = serializers.ChoiceField(
        choices=Rule.Mode.choices, required=False, help_text="Without it a new or changed rule is in shadow."
    )
    section = serializers.SlugField(required=False, allow_null=True, help_text="The only one; null: everywhere.")
    until = MomentField(required=False, allow_null=True, help_text="When it ends by itself; null: never.")

    def get_fields(self) -> dict[str, Field]:
        return super().get_fields() | _settings()


class RuleSerializer(RuleInput):
    id = serializers.IntegerField()
    version = serializers.IntegerField(help_text="Rises with each change.")
    changed_by = AuthorSerializer(allow_null=True)
    changed_at = serializers.DateTimeField()


class SampleSerializer(VerdictSerializer):
    comment = serializers.IntegerField()
    state = serializers.ChoiceField(choices=Comment.State.choices)
    text = serializers.CharField(allow_blank=True, help_text="Empty if it has changed or is gone.")
    shadow = serializers.BooleanField()
    at = serializers.DateTimeField()


class LatelySerializer(serializers.Serializer[Any]):
    hits = serializers.IntegerField(help_text="Within seven days, at most 1,000.")
    rejected = serializers.IntegerField(help_text="Of these comments, those that moderators rejected or removed.")
    waiting = serializers.IntegerField()
    samples = SampleSerializer(many=True)


class RuleDetailSerializer(RuleSerializer):
    lately = LatelySerializer()


class RulePageSerializer(PageSerializer):
    stream = serializers.CharField(allow_null=True, help_text="null: I follow several, and none tells of all.")
    results = RuleSerializer(many=True)


class TrialInput(TextInput):
    discussion = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=LARGEST_ID)
    rule = serializers.JSONField(
        required=False, allow_null=True, help_text="Only this rule: an id, or a rule as it would be made."
    )


class TrialVerdictSerializer(VerdictSerializer):
    shadow = serializers.BooleanField(help_text="It would have no effect.")


class TrialSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(allow_blank=True, help_text="As it would be stored: the spans refer to it.")
    outcome = serializers.ChoiceField(choices=["publish", "flag", "censor", "hold", "refuse"])
    verdicts = TrialVerdictSerializer(many=True)


class RunSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    rule = serializers.IntegerField()
    version = serializers.IntegerField(help_text="Of the rule.")
    state = serializers.ChoiceField(choices=RuleRun.State.choices)
    count = serializers.IntegerField(help_text="Comments to look at.")
    done = serializers.IntegerField()
    hits = serializers.IntegerField()
    states = serializers.DictField(child=serializers.IntegerField(), help_text="How the found ones stood then.")
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class RunSampleSerializer(serializers.Serializer[Any]):
    comment = serializers.IntegerField()
    spans = serializers.ListField(child=serializers.ListField(child=serializers.IntegerField()))
    text = serializers.CharField()
    state = serializers.ChoiceField(choices=Comment.State.choices)


class RunDetailSerializer(RunSerializer):
    samples = RunSampleSerializer(many=True, help_text="The newest fifty at most.")


class RulesView(APIView):
    permission_classes = [require_scope("moderate"), Moderates]

    @extend_schema(
        operation_id="moderation_rules_list",
        parameters=PAGING,
        responses={200: RulePageSerializer, **problems(400, 403)},
    )
    def get(self, request: Request) -> Response:
        """The rules of my sections and of all sections, the oldest first."""
        asked = request.query_params
        page = reads.rule_page(person(request.user), cursor=asked.get("cursor", ""), limit=limit_of(asked))
        return private(as_list(request, page))

    @extend_schema(request=RuleInput, responses={201: RuleSerializer, **problems(403)})
    def post(self, request: Request) -> Response:
        """Make a rule: in shadow, where it finds and does nothing, or live at once. All settings stand beside each
        other; a kind refuses those of others.
        """
        form = valid(RuleInput(data=request.data))
        rule = actions.make_rule(actor=person(request.user), **form)
        return Response(rule_json(rule), status=HTTPStatus.CREATED)


class RuleView(APIView):
    permission_classes = [require_scope("moderate"), Moderates]

    @extend_schema(responses={200: RuleDetailSerializer, **problems(403)})
    def get(self, request: Request, pk: int) -> Response:
        """A rule, and what it has found within a week."""
        actor = person(request.user)
        return private(reads.rule_detail(find_rule(actor, pk), actor))

    @extend_schema(request=RuleInput, responses={200: RuleSerializer, **problems(403)})
    def patch(self, request: Request, pk: int) -> Response:
        """Change it. A live rule goes into shadow, unless only its name, end or mode changes, or `mode` is given."""
        form = valid(RuleInput(data=request.data, partial=True))
        return private(rule_json(actions.change_rule(pk, actor=person(request.user), **form)))

    @extend_schema(responses={204: None, **problems(403)})
    def delete(self, request: Request, pk: int) -> Response:
        """Delete it. What it has found stays, with its name."""
        actions.drop_rule(pk, actor=person(request.user))
        return Response(status=HTTPStatus.NO_CONTENT)


class TrialView(APIView):
    permission_classes = [require_scope("moderate"), Moderates]

    @extend_schema(request=TrialInput, responses={200: TrialSerializer, **problems(403)})
    def post(self, request: Request) -> Response:
        """What the rules say of a text by an author nothing speaks against. Nothing is stored."""
        actor = person(request.user)
        form = valid(TrialInput(data=request.data))
        discussion = reads.head_of(form["discussion"], actor) if form.get("discussion") else None
        rule = _rule_of(form.get("rule"))
        tried = try_text(form["text"], actor=actor, discussion=discussion, rule=rule)
        verdicts = [verdict_json(verdict) for verdict in tried.judgement.verdicts]
        outcome = tried.judgement.outcome.name.lower()
        return private({"text": tried.text, "outcome": outcome, "verdicts": verdicts})


def _rule_of(given: Any) -> int | dict[str, Any] | None:
    """An id, or the fields of a rule, of which only the kind is needed. Raises Invalid."""
    if given is None or (type(given) is int and 0 < given <= LARGEST_ID):
        return given
    if not isinstance(given, dict) or "kind" not in given:
        sentence = _("Give a rule’s id, or its kind and settings.")
        raise Invalid(_("Some fields need another look."), errors={"rule": [sentence]})
    return valid(RuleInput(data=given, partial=True))


class RunsView(APIView):
    permission_classes = [require_scope("moderate"), Moderates]

    @extend_schema(request=None, responses={202: RunSerializer, **problems(403, 409)})
    def post(self, request: Request, pk: int) -> Response:
        """Run a rule about texts over the last 10,000 comments in the background. No comment is changed."""
        run = actions.start_run(pk, actor=person(request.user))
        run_rule.enqueue(run.pk)
        return Response(run_json(run), status=HTTPStatus.ACCEPTED)


class RunView(APIView):
    permission_classes = [require_scope("moderate"), Moderates]

    @extend_schema(responses={200: RunDetailSerializer, **problems(403)})
    def get(self, request: Request, pk: int, run: int) -> Response:
        """How far a run is, and what the rule would have found."""
        return private(reads.run_detail(pk, run, person(request.user)))

    @extend_schema(responses={200: RunSerializer, **problems(403)})
    def delete(self, request: Request, pk: int, run: int) -> Response:
        """End a run. What it has found so far stays."""
        actor = person(request.user)
        reads.run_detail(pk, run, actor)
        return private(run_json(actions.cancel_run(run, actor=actor)))
