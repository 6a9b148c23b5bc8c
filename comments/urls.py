"""Below `/api/v1/`."""

from __future__ import annotations

from django.urls import path

from comments import api, finding, foreign, merging, writing
from comments.queue import api as queue

urlpatterns = [
    path("discussions/", api.DiscussionsView.as_view(), name="discussions"),
    path("discussions/by-url/", foreign.ByUrlView.as_view(), name="discussion-by-url"),
    path("discussions/counts/", foreign.CountsView.as_view(), name="discussion-counts"),
    path("discussions/<int:pk>/", api.DiscussionView.as_view(), name="discussion"),
    path("discussions/<int:pk>/comments/", api.CommentsView.as_view(), name="comments"),
    path("discussions/<int:pk>/merge/", merging.MergeView.as_view(), name="discussion-merge"),
    path("discussions/<int:pk>/mine/", api.MineView.as_view(), name="discussion-mine"),
    path("discussions/<int:pk>/draft/", writing.DraftView.as_view(), name="draft"),
    path("discussions/<int:pk>/participants/", writing.ParticipantsView.as_view(), name="participants"),
    path("comments/<int:pk>/", api.CommentView.as_view(), name="comment"),
    path("comments/<int:pk>/reactions/<str:name>/", writing.ReactionView.as_view(), name="comment-reaction"),
    path("comments/<int:pk>/undo/", writing.UndoView.as_view(), name="comment-undo"),
    path("comments/<int:pk>/history/", queue.HistoryView.as_view(), name="comment-history"),
    path("comments/<int:pk>/decisions/", queue.DecisionsView.as_view(), name="comment-decisions"),
    path("search/", finding.SearchView.as_view(), name="search"),
    path("moderation/queue/", queue.QueueView.as_view(), name="moderation-queue"),
]
