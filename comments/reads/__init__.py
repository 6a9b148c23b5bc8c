"""All reads of discussions and comments. Other packages call only `pages`, and for moderators `cases`.

statements   the queries: positions and counts first, rows second
encoding     a page's comments, and their JSON as bytes
pages        lists, details, and what only one reader sees
cases        what waits for moderators, with its context
held         what waits in one discussion, for those who moderate there
rules        moderators' rules, and what they have found
rule_figures what rules have done lately, and how they were changed
refused      what rules did not let in
reactions    who has reacted to a comment
anchors      comments by the anchors of where they came from
own          what only one reader sees of a page, in one statement
"""

from __future__ import annotations

from comments.reads.anchors import comment_at
from comments.reads.encoding import Thread, json_of, name_of
from comments.reads.own import Personal, personal, read_by, told_of_answers
from comments.reads.pages import (
    COMMENT_SORTS,
    DISCUSSION_SORTS,
    SEARCH_SORTS,
    List,
    as_it_stands,
    comment_page,
    discussion_detail,
    discussion_page,
    head_of,
    history,
    mine,
    newest_comments,
    queue_page,
    reacted,
    reactions_of,
    search_page,
    sources_of,
)
from comments.reads.reactions import reactions_page
from comments.reads.refused import refused_page
from comments.reads.rule_figures import rule_of_run, rule_versions, rules_lately, runs_of, words_found
from comments.reads.rules import learned_models, rule_detail, rule_page, rules_of, run_detail

__all__ = [
    "COMMENT_SORTS",
    "DISCUSSION_SORTS",
    "SEARCH_SORTS",
    "List",
    "Personal",
    "Thread",
    "as_it_stands",
    "comment_at",
    "comment_page",
    "discussion_detail",
    "discussion_page",
    "head_of",
    "history",
    "json_of",
    "learned_models",
    "mine",
    "name_of",
    "newest_comments",
    "personal",
    "queue_page",
    "reacted",
    "reactions_of",
    "reactions_page",
    "read_by",
    "refused_page",
    "rule_detail",
    "rule_of_run",
    "rule_page",
    "rule_versions",
    "rules_lately",
    "rules_of",
    "run_detail",
    "runs_of",
    "search_page",
    "sources_of",
    "told_of_answers",
    "words_found",
]
