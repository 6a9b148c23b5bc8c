"""What readers say: the list of discussions, chats, permalinks, and all replies to one comment."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from comments import lists, reads
from comments.access import find_comment
from comments.models import Comment, Discussion
from comments.serializers import comment_json, discussion_json
from newsroom.api.paging import cursor_after
from newsroom.api.views import Sources, made_from
from newsroom.pages.answers import show
from newsroom.pages.links import discussion_address, page_links, place_of
from newsroom.pages.talk import (
    COMMENTS_A_PAGE,
    LINES_A_PAGE,
    discussion_context,
    follows,
    mine_among,
    sayable,
    standing,
    threaded,
)
from newsroom.pages.views import chat_rows

CHATS_A_PAGE = 30
REPLIES_A_PAGE = 50


@require_safe
def chats(request: HttpRequest) -> HttpResponseBase:
    """All discussions, the liveliest first."""
    page = reads.discussion_page(sort="active", cursor=request.GET.get("cursor", ""), limit=CHATS_A_PAGE)
    context = {
        "place": "chats",
        "discussions": chat_rows(page.rows),
        "page": page_links(request, page),
        "position": page.position,
    }
    sources = made_from("articles", "discussion.*", at={page.stream: page.position})
    return show(request, "pages/chats.html", context, sources)


@require_safe
def chat(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One discussion on a page of its own; a thread under an article is read there."""
    found = reads.head_of(pk, request.user)
    address = place_of(found)
    if address != request.path:
        return HttpResponseRedirect(f"{address}#discussion")
    context = {
        "place": "chats",
        "is_following_discussion": follows(request.user, "discussion", pk),
        **discussion_context(request, found),
    }
    return show(request, "pages/chat.html", context, _sources(found, context))


@require_safe
def permalink(request: HttpRequest, pk: int) -> HttpResponse:
    """To the page on which the comment stands, at its place."""
    return redirect(address_of(find_comment(request.user, pk)))


@require_safe
def replies(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A top-level comment with all its replies, oldest first; asked for a reply, the whole thread it belongs to."""
    asked = find_comment(request.user, pk)
    head = reads.head_of(asked.discussion_id, request.user)
    top = asked if asked.root_id is None else find_comment(request.user, asked.root_id)
    if head.mode == Discussion.Mode.CHAT or top.order is None:
        return redirect(address_of(asked))
    page = reads.comment_page(
        head, cursor=request.GET.get("cursor", ""), limit=REPLIES_A_PAGE, parent=top.pk, sort="oldest"
    )
    row = comment_json(top) | {"replies": threaded(top.pk, page.rows), "more_replies": 0}
    is_reply = "reply" in request.GET
    context = {
        "place": "chats",
        "root": top.pk,
        "rows": [row],
        "mine": mine_among(request.user, [row]),
        "sort": "oldest",
        "page": page_links(request, page),
        "position": page.position,
        "discussion": sayable(discussion_json(head, timezone.now())),
        "back": discussion_address(page.discussion),
        **standing(request.user, head, parent=asked.pk if is_reply else top.pk, text=_quoted(request, asked)),
    }
    return show(request, "pages/replies.html", context, _sources(head, context))


def _quoted(request: HttpRequest, comment: Comment) -> str:
    """What `?quote` puts into the composer."""
    if "quote" not in request.GET or comment.state != Comment.State.PUBLISHED:
        return ""
    return "".join(f"> {line}\n" for line in comment.text.splitlines()) + "\n"


def address_of(comment: Comment) -> str:
    """The page on which `comment` (with its discussion) stands, with the anchor of its place.

    A comment that has no place, since it waits or was rejected, leads to its discussion.
    """
    discussion = Discussion.objects.select_related("article").get(pk=comment.discussion_id)
    here = place_of(discussion)
    if comment.order is None:
        return f"{here}#discussion"
    if comment.root_id is not None:
        return _reply_address(discussion, comment, here)
    is_chat = discussion.mode == Discussion.Mode.CHAT
    newer = Comment.objects.filter(discussion=discussion, root=None, order__gt=comment.order).order_by("order")
    most = LINES_A_PAGE if is_chat else COMMENTS_A_PAGE
    if len(newer.values_list("pk")[:most]) < most:
        return f"{here}#comment-{comment.pk}"
    cursor = cursor_after(f"{discussion.stream}:newest", [comment.order + 1])
    return f"{here}?cursor={cursor}#comment-{comment.pk}"


def _sources(discussion: Discussion, context: dict[str, Any]) -> Sources:
    """What a page that shows this discussion alone was made from."""
    until = context["discussion"]["next_change"]
    return made_from("articles", at={discussion.stream: context["position"]}, until=[until])


def _reply_address(discussion: Discussion, comment: Comment, here: str) -> str:
    """Among the first replies it stands on the discussion's page, else on the page of its thread."""
    before = Comment.objects.filter(root=comment.root_id, order__lt=comment.order).order_by("order")
    count = len(before.values_list("pk")[:REPLIES_A_PAGE])
    if count < lists.FIRST_REPLIES and comment.root is not None and comment.root.order is not None:
        top = address_of(comment.root)
        return f"{top.partition('#')[0]}#comment-{comment.pk}"
    thread = f"/comments/{comment.root_id}/replies/"
    if count < REPLIES_A_PAGE:
        return f"{thread}#comment-{comment.pk}"
    cursor = cursor_after(f"{discussion.stream}:{comment.root_id}:oldest", [(comment.order or 0) - 1])
    return f"{thread}?cursor={cursor}#comment-{comment.pk}"
