"""Serializers that check input and describe output for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.reasons import Reason
from accounts.schemas import AuthorSerializer, SanctionInput
from articles.schemas import TeaserSerializer
from comments.models import MAX_NORM, MAX_NOTE, MAX_REASON, MAX_TEXT, MAX_WORDS, Comment, Decision, Discussion, Rule
from newsroom.api.fields import MomentField
from newsroom.api.schema import PositionSerializer
from newsroom.database.keys import LARGEST_ID

RAW_TEXT = 4 * MAX_TEXT  # before cleaning; the action checks the real length


class TextInput(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=RAW_TEXT, trim_whitespace=False, allow_blank=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        fields["text"].validators = []  # the action checks length, NUL and surrogates after cleaning
        return fields


class PostInput(TextInput):
    parent = serializers.IntegerField(  # type: ignore[assignment]  # Field has an attribute of this name, too
        required=False, allow_null=True, min_value=1, max_value=LARGEST_ID
    )


class WarningInput(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(choices=Reason.choices)
    text = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=MAX_WORDS, help_text="Words to the person."
    )


class AlsoInput(serializers.Serializer[Any]):
    sanction = SanctionInput(required=False, help_text="Restricts the author.")
    warning = WarningInput(required=False, help_text="Warns the author, who must acknowledge it.")

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if len(given) != 1:
            raise serializers.ValidationError(_("Either a sanction or a warning."))
        return given


class DecisionInput(serializers.Serializer[Any]):
    action = serializers.ChoiceField(
        choices=[(each, each) for each in Decision.Action.values if each != Decision.Action.HOLD]
    )
    reason = serializers.ChoiceField(
        choices=Reason.choices,
        required=False,
        allow_blank=True,
        default="",
        help_text="To reject, to remove and to edit, without a default; the other decisions have none.",
    )
    seen = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=LARGEST_ID,
        help_text="The version that was read; or If-Match. Needed to approve what its author has changed.",
    )
    case = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        min_value=1,
        max_value=LARGEST_ID,
        help_text="The case that is decided: 409 if it is closed already, 422 if it is about another comment.",
    )
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=MAX_NOTE)
    text = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=MAX_WORDS, help_text="Words to the author."
    )
    also = AlsoInput(required=False, help_text="Decided about the author, together with the comment or not at all.")
    body = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=RAW_TEXT, help_text="The new text, to edit."
    )
    ground = serializers.ChoiceField(
        choices=Decision.Ground.choices,
        required=False,
        allow_blank=True,
        default="",
        help_text="What the decision rests on; `norm` names the paragraph.",
    )
    norm = serializers.CharField(required=False, allow_blank=True, default="", max_length=MAX_NORM)


class ReplySerializer(serializers.Serializer[Any]):
    """A comment as everybody sees it. One that was taken down has its place but no text."""

    id = serializers.IntegerField()
    discussion = serializers.IntegerField()
    parent = serializers.IntegerField(allow_null=True, help_text="What it answers.")  # type: ignore[assignment]
    root = serializers.IntegerField(allow_null=True, help_text="The thread's top.")  # type: ignore[assignment]
    order = serializers.IntegerField(allow_null=True, help_text="Its place; null as long as it is not public.")
    version = serializers.IntegerField()
    author = AuthorSerializer()
    text = serializers.CharField(allow_blank=True)
    html = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=Comment.State.choices)
    created_at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(allow_null=True)
    pinned = serializers.BooleanField(help_text="It stands on top of its discussion.")
    featured = serializers.BooleanField(help_text="Moderators recommend it.")
    locked = serializers.BooleanField(help_text="Nobody can answer it, or anything below it.")
    by_author = serializers.BooleanField(help_text="By the account of whoever has written the article above.")
    reply_count = serializers.IntegerField()
    reactions = serializers.DictField(child=serializers.IntegerField())


class RulingSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    action = serializers.ChoiceField(choices=Decision.Action.choices)
    reason = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField()
    undone_at = serializers.DateTimeField(allow_null=True)


class DecidedSerializer(ReplySerializer):
    decision = RulingSerializer()


class CommentSerializer(ReplySerializer):
    replies = ReplySerializer(many=True, required=False, help_text="The first ones, oldest first; the rest: ?parent=")


class LastCommentSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    author = AuthorSerializer()
    text = serializers.CharField(allow_blank=True, help_text="The beginning, without markup.")
    created_at = serializers.DateTimeField()


class DiscussionSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    version = serializers.IntegerField()
    title = serializers.CharField()
    mode = serializers.ChoiceField(choices=Discussion.Mode.choices)
    article = serializers.CharField(allow_null=True)
    language = serializers.CharField(allow_null=True, help_text="Of the article; null without one.")
    url = serializers.URLField(allow_null=True)
    state = serializers.ChoiceField(choices=Discussion.State.choices)
    reason = serializers.CharField(allow_blank=True, help_text="A sentence, or not_open_yet, over, hours.")
    closes_at = serializers.DateTimeField(allow_null=True)
    opens_at = serializers.DateTimeField(allow_null=True)
    next_change = serializers.DateTimeField(allow_null=True)
    slow_mode_seconds = serializers.IntegerField(help_text="Between two comments of one person; 0: none.")
    slow_mode_until = serializers.DateTimeField(
        allow_null=True, help_text="When slow mode by hand ends; null: it has no end, or there is none."
    )
    max_length = serializers.IntegerField(help_text="Characters of a comment.")
    comment_count = serializers.IntegerField()
    last_activity = serializers.DateTimeField()
    last_comment = LastCommentSerializer(allow_null=True)
    stream = serializers.CharField()


class SwitchInput(serializers.Serializer[Any]):
    switch = serializers.ChoiceField(choices=Discussion.Switch.choices, required=False)
    until = MomentField(
        required=False, allow_null=True, help_text="When its times decide again; null or left out: the switch stays."
    )
    reason = serializers.CharField(
        required=False, allow_blank=True, max_length=MAX_REASON, help_text="A sentence for readers."
    )
    slow_mode_seconds = serializers.IntegerField(
        required=False, min_value=0, max_value=3600, help_text="Between two comments of one person; 0 ends slow mode."
    )
    slow_mode_until = MomentField(
        required=False, allow_null=True, help_text="When slow mode ends by itself; null or left out: never."
    )


class DiscussionDetailSerializer(DiscussionSerializer):
    position = PositionSerializer()


class PageInput(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=200)
    aliases = serializers.ListField(child=serializers.CharField(), required=False, default=list, max_length=50)


class MergeInput(serializers.Serializer[Any]):
    into = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, help_text="A discussion's id.")


class MergeSerializer(serializers.Serializer[Any]):
    discussion = serializers.IntegerField(help_text="The one that was merged.")
    into = serializers.IntegerField()
    moderator = AuthorSerializer(allow_null=True)
    created_at = serializers.DateTimeField()


class CountSerializer(serializers.Serializer[Any]):
    url = serializers.CharField(help_text="As asked for.")
    discussion = serializers.IntegerField(allow_null=True)
    comment_count = serializers.IntegerField()


class CountsSerializer(serializers.Serializer[Any]):
    results = CountSerializer(many=True)


class PageSerializer(serializers.Serializer[Any]):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    stream = serializers.CharField()
    position = PositionSerializer()


class CommentPageSerializer(PageSerializer):
    comment_count = serializers.IntegerField()
    pinned = ReplySerializer(many=True, help_text="What stands on top of the discussion; none beside replies.")
    results = CommentSerializer(many=True)


class DiscussionPageSerializer(PageSerializer):
    results = DiscussionSerializer(many=True)


class FoundSerializer(ReplySerializer):
    title = serializers.CharField(help_text="Of the discussion.")
    language = serializers.CharField(allow_null=True, help_text="Of the discussion's article; null without one.")
    found = serializers.CharField(help_text="Safe HTML: the text around the words, these in <mark>.")


class FoundArticleSerializer(TeaserSerializer):
    found = serializers.CharField(help_text="Safe HTML: the text around the words, these in <mark>.")


class FoundPageSerializer(serializers.Serializer[Any]):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = FoundSerializer(many=True, help_text="Comments.")
    articles = FoundArticleSerializer(many=True, help_text="The first few, beside the first page of comments.")
    words = serializers.ListField(
        child=serializers.CharField(), help_text="What was searched for; further words of `q` were left out."
    )
    searched_to = serializers.DateTimeField(
        allow_null=True,
        help_text="Null, or the time of the comment where the search stopped, before the page was full, since the words"
        " are common. `next` goes on there; after `previous`, `previous` does.",
    )


class VerdictSerializer(serializers.Serializer[Any]):
    rule = serializers.CharField(help_text="Its name.")
    kind = serializers.CharField(help_text="That of the rule; of one that is built in its name.")
    version = serializers.IntegerField(help_text="Of the rule; 0: it is built in.")
    outcome = serializers.ChoiceField(choices=Rule.Action.choices)
    spans = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2),
        help_text="Half-open, in characters of the stored text.",
    )
    score = serializers.FloatField(allow_null=True, help_text="From 0 to 1: how sure the rule is.")
    detail = serializers.CharField(allow_blank=True)


class QueueEntrySerializer(ReplySerializer):
    title = serializers.CharField(help_text="Of the discussion.")
    rule = serializers.CharField(allow_blank=True, help_text="What held it.")
    note = serializers.CharField(allow_blank=True)
    hits = VerdictSerializer(many=True, help_text="All that rules have found in the text.")


class QueuePageSerializer(PageSerializer):
    stream = serializers.CharField(allow_null=True, help_text="null: no single stream tells of all these")
    results = QueueEntrySerializer(many=True)


class DecisionSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    comment = serializers.IntegerField()
    moderator = AuthorSerializer(allow_null=True)
    action = serializers.ChoiceField(choices=Decision.Action.choices)
    reason = serializers.CharField(allow_blank=True)
    ground = serializers.CharField(allow_blank=True)
    norm = serializers.CharField(allow_blank=True)
    text = serializers.CharField(allow_blank=True)
    note = serializers.CharField(allow_blank=True)
    rule = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    undone_at = serializers.DateTimeField(allow_null=True)


class RevisionSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    text = serializers.CharField()
    html = serializers.CharField()
    replaced_at = serializers.DateTimeField(allow_null=True)


class HistorySerializer(serializers.Serializer[Any]):
    revisions = RevisionSerializer(many=True, help_text="Oldest first; the last is the present text.")
    decisions = DecisionSerializer(many=True)


class StandingSerializer(serializers.Serializer[Any]):
    may_post = serializers.BooleanField()
    code = serializers.CharField(allow_null=True, help_text="Why not: the code that POST would answer.")
    detail = serializers.CharField(allow_blank=True)
    reason = serializers.CharField(allow_null=True)
    until = serializers.DateTimeField(allow_null=True)
    moderates = serializers.BooleanField()


class DraftInput(TextInput):
    parent = serializers.IntegerField(  # type: ignore[assignment]
        required=False, allow_null=True, min_value=1, max_value=LARGEST_ID
    )


class DraftSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(allow_blank=True)
    parent = serializers.IntegerField(allow_null=True)  # type: ignore[assignment]
    updated_at = serializers.DateTimeField(allow_null=True)


class PreviewSerializer(serializers.Serializer[Any]):
    html = serializers.CharField(allow_blank=True)


class ParticipantsSerializer(serializers.Serializer[Any]):
    results = AuthorSerializer(many=True)


class ReactionSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField(help_text="The name of the reaction.")
    person = AuthorSerializer()


class ReactedSerializer(serializers.Serializer[Any]):
    comment = serializers.IntegerField()
    version = serializers.IntegerField()
    reactions = serializers.DictField(child=serializers.IntegerField())
    mine = serializers.ListField(child=serializers.CharField(), help_text="The names of my own ones.")


class HiddenSerializer(ReplySerializer):
    """A comment that only its author sees."""

    reason = serializers.CharField(allow_blank=True, help_text="A code: the rule that held it, or why it was rejected.")
    sentence = serializers.CharField(help_text="The same for people, in their language.")


class MineSerializer(serializers.Serializer[Any]):
    reactions = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()), help_text="By comment: the names of mine."
    )
    held = HiddenSerializer(many=True)
    rejected = HiddenSerializer(many=True)
    standing = StandingSerializer()
    follows = serializers.BooleanField()
