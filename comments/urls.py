"""URLs below `/api/v1/`."""

from __future__ import annotations

from django.urls import path

from comments.api import (
    by_url,
    cases,
    comments,
    discussions,
    merges,
    models,
    moderation,
    people,
    rules,
    search,
    writing,
)

urlpatterns = [
    path("discussions/", discussions.DiscussionsView.as_view(), name="discussions"),
    path("discussions/by-url/", by_url.ByUrlView.as_view(), name="discussion-by-url"),
    path("discussions/counts/", by_url.CountsView.as_view(), name="discussion-counts"),
    path("discussions/<int:pk>/", discussions.DiscussionView.as_view(), name="discussion"),
    path("discussions/<int:pk>/comments/", comments.CommentsView.as_view(), name="comments"),
    path("discussions/<int:pk>/merge/", merges.MergeView.as_view(), name="discussion-merge"),
    path("discussions/<int:pk>/mine/", comments.MineView.as_view(), name="discussion-mine"),
    path("discussions/<int:pk>/draft/", writing.DraftView.as_view(), name="draft"),
    path("discussions/<int:pk>/participants/", writing.ParticipantsView.as_view(), name="participants"),
    path("comments/<int:pk>/", comments.CommentView.as_view(), name="comment"),
    path("comments/<int:pk>/reactions/<str:name>/", writing.ReactionView.as_view(), name="comment-reaction"),
    path("comments/<int:pk>/undo/", writing.UndoView.as_view(), name="comment-undo"),
    path("comments/<int:pk>/history/", moderation.HistoryView.as_view(), name="comment-history"),
    path("comments/<int:pk>/decisions/", moderation.DecisionsView.as_view(), name="comment-decisions"),
    path("decisions/<int:pk>/undo/", moderation.UndoDecisionView.as_view(), name="decision-undo"),
    path("comments/<int:pk>/reports/", cases.ReportsView.as_view(), name="comment-reports"),
    path("report-reasons/", cases.ReasonsView.as_view(), name="report-reasons"),
    path("moderation/counts/", cases.CountsView.as_view(), name="moderation-counts"),
    path("moderation/cases/", cases.CasesView.as_view(), name="moderation-cases"),
    path("moderation/cases/<int:pk>/", cases.CaseView.as_view(), name="moderation-case"),
    path("moderation/cases/<int:pk>/context/", cases.ContextView.as_view(), name="moderation-context"),
    path("moderation/cases/<int:pk>/claim/", cases.ClaimView.as_view(), name="moderation-claim"),
    path("search/", search.SearchView.as_view(), name="search"),
    path("moderation/queue/", moderation.QueueView.as_view(), name="moderation-queue"),
    path("moderation/models/", models.ModelsView.as_view(), name="moderation-models"),
    path("moderation/people/", people.PeopleView.as_view(), name="moderation-people"),
    path("moderation/people/<int:pk>/", people.PersonView.as_view(), name="moderation-person"),
    path("moderation/people/<int:pk>/comments/", people.CommentsView.as_view(), name="moderation-person-comments"),
    path("moderation/people/<int:pk>/notes/", people.NotesView.as_view(), name="moderation-person-notes"),
    path("moderation/people/<int:pk>/sanctions/", people.SanctionsView.as_view(), name="moderation-person-sanctions"),
    path("moderation/rules/", rules.RulesView.as_view(), name="moderation-rules"),
    path("moderation/rules/try/", rules.TrialView.as_view(), name="moderation-trial"),
    path("moderation/rules/<int:pk>/", rules.RuleView.as_view(), name="moderation-rule"),
    path("moderation/rules/<int:pk>/runs/", rules.RunsView.as_view(), name="moderation-runs"),
    path("moderation/rules/<int:pk>/runs/<int:run>/", rules.RunView.as_view(), name="moderation-run"),
]
