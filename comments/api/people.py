"""`/api/v1/moderation/people/`: people's records, for moderators of any section."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.db.models import Model, QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import person, sees_addresses
from accounts.audit import record_look
from accounts.login.authentication import require_scope
from accounts.models import User
from accounts.sections import every
from comments import actions, records
from comments.api import people_schemas as schemas
from comments.api.moderation import Moderates
from comments.models import Comment
from comments.reads import people as reads
from comments.representations import comment_json, warning_json
from newsroom.api.paging import Page, keyset, limit_of, links
from newsroom.api.responses import private
from newsroom.api.schema import PAGING, problems
from newsroom.api.strict import APIView, extend_schema, valid

QUESTION = OpenApiParameter("q", str, description="An id, a whole e-mail address, or words of a name")
STATE = OpenApiParameter("state", str, enum=Comment.State.values)


class PeopleView(APIView):
    permission_classes = [require_scope("moderate"), Moderates]

    @extend_schema(
        operation_id="moderation_people_list",
        parameters=[QUESTION],
        responses={200: schemas.FoundPeopleSerializer, **problems(400, 403)},
    )
    def get(self, request: Request) -> Response:
        """People with this id, this address, or these words in their names."""
        found = reads.find_people(person(request.user), request.query_params.get("q", ""))
        return private({"results": [records.known_json(each) for each in found]})


class PersonView(APIView):
    permission_classes = [require_scope("moderate"), Moderates]

    @extend_schema(operation_id="moderation_person", responses={200: schemas.RecordSerializer, **problems(403)})
    def get(self, request: Request, pk: int) -> Response:
        """A person's record. The e-mail address is whole for those who administrate, and that look is on record."""
        viewer = person(request.user)
        found, shows = reads.record_of(viewer, pk), sees_addresses(viewer)
        if shows:
            record_look(viewer, found.known.person)
        return private(records.record_json(found, shows_address=shows))


class CommentsView(APIView):
    permission_classes = [require_scope("moderate"), Moderates]

    @extend_schema(
        operation_id="moderation_person_comments",
        parameters=[STATE, *PAGING],
        responses={200: schemas.SaidPageSerializer, **problems(400, 403)},
    )
    def get(self, request: Request, pk: int) -> Response:
        """A person's comments in whatever state, the newest first: those in my sections, and those that were public."""
        viewer, asked = person(request.user), request.query_params
        reads.known_person(viewer, pk)
        page = reads.comments_of(
            viewer, pk, state=asked.get("state", ""), cursor=asked.get("cursor", ""), limit=limit_of(asked)
        )
        return _answer(request, page, comment_json)


class NotesView(APIView):
    permission_classes = [require_scope("moderate"), Moderates]

    @extend_schema(
        operation_id="moderation_person_notes",
        parameters=PAGING,
        responses={200: schemas.PersonNotePageSerializer, **problems(400, 403)},
    )
    def get(self, request: Request, pk: int) -> Response:
        """The notes about a person, the newest first; none about oneself."""
        viewer = person(request.user)
        reads.known_person(viewer, pk)
        rows = reads.notes_about(pk) if pk != viewer.pk else reads.notes_about(pk).none()
        return _page(request, rows, f"person.{pk}:notes", records.note_json)

    @extend_schema(
        operation_id="moderation_note_person",
        request=schemas.PersonNoteInput,
        responses={201: schemas.PersonNoteSerializer, **problems(403)},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Keep a note about a person, which moderators alone read."""
        actor: User = person(request.user)
        form = valid(schemas.PersonNoteInput(data=request.data))
        note = actions.note_person(pk, actor=actor, text=form["text"])
        return Response(records.note_json(note), status=HTTPStatus.CREATED)


class WarningsView(APIView):
    permission_classes = [require_scope("moderate"), Moderates]

    @extend_schema(
        operation_id="moderation_person_warnings",
        parameters=PAGING,
        responses={200: schemas.PersonWarningPageSerializer, **problems(400, 403)},
    )
    def get(self, request: Request, pk: int) -> Response:
        """A person's warnings for my sections and for all, the newest first."""
        viewer = person(request.user)
        reads.known_person(viewer, pk)
        return _page(request, reads.warnings_of(viewer, pk), f"person.{pk}:warnings", records.warning_json)

    @extend_schema(
        operation_id="moderation_warn_person",
        request=schemas.PersonWarningInput,
        responses={201: schemas.PersonWarningSerializer, **problems(403)},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Warn a person, who must acknowledge it before they write the next comment."""
        form = valid(schemas.PersonWarningInput(data=request.data))
        warning = actions.warn_person(pk, actor=person(request.user), **form)
        return Response(records.warning_json(warning), status=HTTPStatus.CREATED)


class WarningView(APIView):
    permission_classes = [require_scope("moderate"), Moderates]

    @extend_schema(operation_id="moderation_withdraw_warning", responses={204: None, **problems(403, 404, 409)})
    def delete(self, request: Request, pk: int) -> Response:
        """Take back a warning that came with no decision; who may know of it already is told.

        409 `already_undone` the second time, `conflict` for one that goes with its decision.
        """
        actions.withdraw_warning(pk, actor=person(request.user))
        return Response(status=HTTPStatus.NO_CONTENT)


class OwnWarningsView(APIView):
    permission_classes = [require_scope("comment")]

    @extend_schema(operation_id="me_warnings", responses={200: schemas.OwnWarningsSerializer, **problems(401, 403)})
    def get(self, request: Request) -> Response:
        """Warnings that I have not acknowledged yet, the oldest first."""
        rows = reads.own_warnings(person(request.user), are_waiting=True)
        return private({"results": [warning_json(each) for each in rows]})


class AcknowledgeView(APIView):
    permission_classes = [require_scope("comment")]

    @extend_schema(request=None, responses={200: schemas.OwnWarningSerializer, **problems(401, 403, 404)})
    def post(self, request: Request, pk: int) -> Response:
        """I have read this warning, and may write again; idempotent."""
        return private(warning_json(actions.acknowledge_warning(pk, actor=person(request.user))))


class SanctionsView(APIView):
    permission_classes = [require_scope("moderate"), Moderates]

    @extend_schema(
        operation_id="moderation_person_sanctions",
        parameters=PAGING,
        responses={200: schemas.SanctionPageSerializer, **problems(400, 403)},
    )
    def get(self, request: Request, pk: int) -> Response:
        """A person's sanctions in my sections and everywhere, ended ones too; the newest first."""
        viewer = person(request.user)
        reads.known_person(viewer, pk)
        slugs = {each.id: each.slug for each in every()}
        rows = reads.sanctions_of(viewer, pk)
        return _page(request, rows, f"person.{pk}:sanctions", lambda row: records.sanction_json(row, slugs))


def _page[M: Model](request: Request, rows: QuerySet[M], scope: str, shape: Callable[[M], Any]) -> Response:
    asked = request.query_params
    page = keyset(rows, scope=scope, keys=["id"], limit=limit_of(asked), cursor=asked.get("cursor", ""))
    return _answer(request, page, shape)


def _answer[M: Model](request: Request, page: Page[M], shape: Callable[[M], Any]) -> Response:
    ahead, behind = links(request, page.next, page.previous)
    return private({"next": ahead, "previous": behind, "results": [shape(row) for row in page.rows]})
