from __future__ import annotations

from django.urls import path

from comments.panel import (
    bench,
    board,
    bulk,
    decisions,
    discussions,
    figures,
    keys,
    looks,
    models,
    people,
    premoderation,
    queue,
    refused,
    rules,
    texts,
)

urlpatterns = [
    path("moderation/", board.board, name="moderation"),
    path("moderation/queue/", queue.queue, name="moderation-queue-page"),
    path("moderation/cases/<int:pk>/", queue.case, name="moderation-case-page"),
    path("moderation/cases/<int:pk>/context/", queue.context, name="moderation-context-page"),
    path("moderation/keys/", keys.keys, name="moderation-keys"),
    path("moderation/people/", people.search, name="moderation-people-page"),
    path("moderation/people/<int:pk>/", people.person, name="moderation-person-page"),
    path("moderation/decisions/", decisions.log, name="moderation-decisions-page"),
    path("moderation/models/", models.models, name="moderation-models-page"),
    path("moderation/rules/", rules.rules, name="moderation-rules-page"),
    path("moderation/rules/bench/", bench.bench, name="moderation-bench-page"),
    path("moderation/rules/new/", rules.new_rule, name="moderation-new-rule-page"),
    path("moderation/rules/<int:pk>/", rules.rule, name="moderation-rule-page"),
    path("moderation/runs/<int:pk>/", bench.run, name="moderation-run-page"),
    path("moderation/refused/", refused.refused, name="moderation-refused-page"),
    path("moderation/bulk/", bulk.start, name="moderation-bulk-start-page"),
    path("moderation/bulk/<int:pk>/", bulk.job, name="moderation-bulk-page"),
    path("moderation/second/", looks.looks, name="moderation-second-page"),
    path("moderation/statistics/", figures.statistics, name="moderation-statistics-page"),
    path("moderation/discussions/", discussions.index, name="moderation-discussions-page"),
    path("moderation/discussions/<int:pk>/", discussions.discussion, name="moderation-discussion-page"),
    path("moderation/premoderation/", premoderation.premoderation, name="moderation-premoderation-page"),
    path("moderation/texts/", texts.texts, name="moderation-texts-page"),
    path("moderation/texts/<int:pk>/", texts.text, name="moderation-text-page"),
]
