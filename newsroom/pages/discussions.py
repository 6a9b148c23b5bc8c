"""The pages of readers' content: the list of discussions, chats, permalinks, and all replies to one comment."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from comments import reads
from comments.access import find_comment
from comments.models import Comment, Discussion
from comments.reads import statements
from newsroom.api.paging import cursor_after
from newsroom.api.renderers import iso
from newsroom.database.statements import prepared
from newsroom.pages.articles import chat_rows
from newsroom.pages.boxes import Branch
from newsroom.pages.held import held_here
from newsroom.pages.oembed import discovered
from newsroom.pages.rendering import page_links, show
from newsroom.pages.thread import (
    COMMENTS_A_PAGE,
    LINES_A_PAGE,
    discussion_context,
    sayable,
    standing,
    stretch_of,
    threaded,
)

CHATS_A_PAGE = 30
REPLIES_A_PAGE = 50


@require_safe
def chats(request: HttpRequest) -> HttpResponseBase:
    """All discussions, the most recently active first."""
    page = reads.discussion_page(sort="active", cursor=request.GET.get("cursor", ""), limit=CHATS_A_PAGE)
    context = {
        "place": "chats",
        "discussions": chat_rows(page.rows),
        "page": page_links(request, page),
        "position": page.position,
    }
    return show(request, "pages/chats.html", context, page.sources)


@require_safe
def chat(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One discussion on its own page. A thread under an article redirects to the article."""
    found = reads.head_of(pk, request.user)
    address = found.page
    if address != request.path:
        return HttpResponseRedirect(f"{address}#discussion")
    sources = reads.sources_of(found)
    context = {"place": "chats", "began": iso(found.created_at), **discussion_context(request, found)}
    return show(request, "pages/chat.html", context, sources)


@require_safe
def permalink(request: HttpRequest, pk: int) -> HttpResponse:
    """Redirect to the comment's place on its page."""
    response = redirect(address_of(find_comment(request.user, pk)))
    response["Link"] = f'<{discovered(pk)}>; rel="alternate"; type="application/json+oembed"'
    return response


@require_safe
def replies(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A top-level comment with all its replies, oldest first. For the id of a reply, the whole thread that it belongs
    to.
    """
    asked = find_comment(request.user, pk)
    head = reads.head_of(asked.discussion_id, request.user)
    if head.mode == Discussion.Mode.CHAT or (asked.root_id is None and asked.order is None):
        return redirect(address_of(asked))
    sources, top = reads.sources_of(head), asked.root_id or asked.pk
    cursor = request.GET.get("cursor", "")
    page = reads.comment_page(head, cursor=cursor, limit=REPLIES_A_PAGE, parent=top, sort="oldest")
    lines = [each.line for each in page.rows]
    held = held_here(request, head)
    waiting = held.below(top, stretch_of(page, "oldest", lines)) if held else []
    branch = Branch(page.above, threaded(top, [*lines, *waiting]))
    parent = asked.pk if "reply" in request.GET else top
    context = {
        "place": "chats",
        "root": top,
        "embed": discovered(top),
        "sort": "oldest",
        "page": page_links(request, page),
        "position": page.position,
        "discussion": sayable(reads.as_it_stands(head)),
        "back": head.page,
        "is_locked": request.user.is_authenticated and statements.is_locked(head, parent),
        **standing(request.user, head, [branch], held=held, parent=parent, text=_quoted(request, asked)),
    }
    return show(request, "pages/replies.html", context, sources)


def _quoted(request: HttpRequest, comment: Comment) -> str:
    """The quotation that `?quote` puts into the composer."""
    if "quote" not in request.GET or comment.state != Comment.State.PUBLISHED:
        return ""
    return "".join(f"> {line}\n" for line in comment.text.splitlines()) + "\n"


def address_of(comment: Comment) -> str:
    """The address of the page that shows `comment` (given with its discussion), with the comment's anchor.

    A comment that is held or rejected has no place; its address is that of the discussion.
    """
    (discussion,) = _placed(comment.discussion_id)
    here = discussion.page
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


@prepared(int)
def _placed(pk: int) -> QuerySet[Discussion]:
    return Discussion.objects.select_related("article").only("mode", "article__slug").filter(pk=pk)


def _reply_address(discussion: Discussion, comment: Comment, here: str) -> str:
    """The discussion's page if the reply is among the first ones, otherwise the page of its thread."""
    before = Comment.objects.filter(root=comment.root_id, order__lt=comment.order).order_by("order")
    count = len(before.values_list("pk")[:REPLIES_A_PAGE])
    if count < statements.FIRST_REPLIES and comment.root is not None and comment.root.order is not None:
        top = address_of(comment.root)
        return f"{top.partition('#')[0]}#comment-{comment.pk}"
    thread = f"/comments/{comment.root_id}/replies/"
    if count < REPLIES_A_PAGE:
        return f"{thread}#comment-{comment.pk}"
    cursor = cursor_after(f"{discussion.stream}:{comment.root_id}:oldest", [(comment.order or 0) - 1])
    return f"{thread}?cursor={cursor}#comment-{comment.pk}"
