"""Second looks, for moderators."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import person
from accounts.login.authentication import require_scope
from comments import actions
from comments.api import look_schemas as schemas
from comments.api.cases import ModeratesSomewhere
from comments.api.figures import SPAN
from comments.reads import looks as reads
from comments.reads.figures import Span
from newsroom.api.paging import answer, limit_of
from newsroom.api.responses import private
from newsroom.api.schema import PAGING, problems
from newsroom.api.strict import APIView, extend_schema, valid

DAYS = [each for each in SPAN if each.name != "by"]


class LooksView(APIView):
    permission_classes = [require_scope("moderate"), ModeratesSomewhere]

    @extend_schema(
        operation_id="moderation_second_list",
        parameters=PAGING,
        responses={200: schemas.LookPageSerializer, **problems(400, 403)},
    )
    def get(self, request: Request) -> Response:
        """Texts of comments about which somebody else has decided, to be judged once more, the oldest first. Nothing
        says what was decided.
        """
        asked = request.query_params
        page = reads.waiting(person(request.user), cursor=asked.get("cursor", ""), limit=limit_of(asked))
        rows = [reads.blind_json(each) for each in page.rows]
        return private(answer(request, page, rows, stream=None, position=None))


class LookView(APIView):
    token_scope = "moderate"  # noqa: S105

    @extend_schema(request=schemas.VerdictInput, responses={200: schemas.JudgedSerializer, **problems(403, 409)})
    def post(self, request: Request, pk: int) -> Response:
        """Say what I would have decided. It changes nothing about the comment. 409 if somebody else was first."""
        actor = person(request.user)
        form = valid(schemas.VerdictInput(data=request.data))
        return private(reads.judged_json(actions.judge_again(pk, actor=actor, **form)))


class AgreementView(APIView):
    permission_classes = [require_scope("moderate"), ModeratesSomewhere]

    @extend_schema(
        operation_id="moderation_second_agreement",
        parameters=DAYS,
        responses={200: schemas.AgreementSerializer, **problems(400, 403)},
    )
    def get(self, request: Request) -> Response:
        """How often the second judgement was that of the decision, by the decision's reason and by the rule that had
        held the comment.
        """
        found = reads.agreement(person(request.user), Span.of(request.query_params))
        return private({f"by_{name}": [each.json(name) for each in rows] for name, rows in found.items()})


class DisagreementsView(APIView):
    permission_classes = [require_scope("moderate"), ModeratesSomewhere]

    @extend_schema(
        operation_id="moderation_second_disagreements",
        parameters=DAYS,
        responses={200: schemas.DisagreementsSerializer, **problems(400, 403)},
    )
    def get(self, request: Request) -> Response:
        """The newest fifty that were not judged alike, in the sections whose moderators I lead."""
        found = reads.disagreements(person(request.user), Span.of(request.query_params))
        return private({"results": [reads.disagreement_json(each) for each in found]})
