"""The sentences of the browser's components, in the reader's language, with their plural forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from articles.models import Coverage

# One number for each CLDR plural category of our languages. In Russian "other" is for fractions only.
SAMPLES = {"one": 1, "few": 2, "many": 5, "other": 5}


def words() -> dict[str, Any]:
    """{name: sentence}, or {name: {category: sentence}} if a number decides. `{n}` stands for the number."""
    return {
        "live": _("Live"),
        "connecting": _("Connecting …"),
        "waiting": _("Reconnecting …"),
        "offline": _("Offline"),
        "loading": _("Loading …"),
        "moment": _("%(day)s, %(hour)s") % {"day": "{day}", "hour": "{hour}"},
        "load_failed": _("This could not be loaded."),
        "again": _("Try again"),
        "kept_page": _("You are offline. This is the page as it was: {time}."),
        "unreachable": _("The site cannot be reached. Please try again in a moment."),
        "unreachable_text": _("The site cannot be reached. Your text is still here: try again in a moment."),
        "unreachable_reaction": _("The site cannot be reached, so your reaction was not counted. Please try again."),
        "too_large": _("That was more than the site takes at once. Please shorten it."),
        "unknown": _("That did not work. Please try again."),
        "held": _("Thank you. A moderator reads your comment before it appears."),
        "pending": _("Is being sent …"),
        "empty_text": _("Please write something first."),
        "not_open_yet": _("It has not opened yet."),
        "over": _("The time for this discussion is over."),
        "hours": _("It keeps opening hours."),
        "unavailable": _("It is no longer available."),
        "in_reply_to": in_reply_to("{name}"),
        "in_reply": in_reply_to(""),
        "your_reply": _("Your reply"),
        "preview": _("Preview"),
        "write_on": _("Go on writing"),
        "edit_comment": _("Edit the comment"),
        "save": _("Save"),
        "cancel": _("Cancel"),
        **{
            f"deed_{name}": sentence() for name, sentence in DEEDS.items() if name != "mute"
        },  # see comments.panel.words
        "mentions": _("People in this discussion"),
        "posted": _("Your comment has been published."),
        "new_comment_by": _("New comment by {name}"),
        "undo": _("Undo"),
        "copied": _("Link copied"),
        "copy_failed": _("The link could not be copied: {url}"),
        "follow_done": _("You will be told when there is news here."),
        "unfollow_done": _("You no longer follow this."),
        "report_sent": REPORTED["sent"](),
        "report_known": REPORTED["known"](),
        "withdrawn": GONE["withdrawn"](),
        "removed": GONE["removed"](),
        "erased": GONE["erased"](),
        "role_journalist": ROLES["journalist"](),
        "role_moderator": ROLES["moderator"](),
        "role_editor": ROLES["editor"](),
        "role_administrator": ROLES["administrator"](),
        **{f"coverage_{state}": str(state.label) for state in Coverage},
        "comments": forms(_COUNTED["comments"]),
        "messages": forms(_COUNTED["messages"]),
        "replies_more": forms(_COUNTED["replies_more"]),
        "new_lines": forms(lambda n: ngettext("{n} new", "{n} new", n)),
        "new_articles": forms(lambda n: ngettext("{n} new article", "{n} new articles", n)),
        "new_items": forms(lambda n: ngettext("{n} new item", "{n} new items", n)),
        "new_comments": forms(lambda n: ngettext("{n} new comment", "{n} new comments", n)),
        "new_talk": forms(lambda n: ngettext("News in {n} discussion", "News in {n} discussions", n)),
        "branch_fold": forms(lambda n: ngettext("Fold {n} reply", "Fold {n} replies", n)),
        "branch_show": forms(lambda n: ngettext("Show {n} reply", "Show {n} replies", n)),
        "unread": _("new"),
        "who": who_reacted(),
        "unread_jump": forms(
            lambda n: ngettext("{n} new comment since your last visit", "{n} new comments since your last visit", n)
        ),
        "unseen": forms(_COUNTED["unseen"]),
        "open_cases": forms(lambda n: ngettext("{n} open case", "{n} open cases", n)),
        "slow": forms(_COUNTED["slow"]),
        "left": forms(lambda n: ngettext("{n} character left", "{n} characters left", n)),
        "too_long": forms(lambda n: ngettext("{n} character too many", "{n} characters too many", n)),
        "wait": forms(lambda n: ngettext("Please wait {n} second.", "Please wait {n} seconds.", n)),
    }


GONE = {
    "withdrawn": lambda: _("This comment was withdrawn by its author."),
    "removed": lambda: _("This comment was removed by the moderators."),
    "erased": lambda: _("This comment was deleted."),  # with its author's account, or where it was imported from
}
REPORTED = {
    "sent": lambda: _("Thank you. Moderators read your report, and you hear what they decide."),
    "known": lambda: _("You have reported this comment already."),
}
IGNORING = {
    "ask": lambda: _(
        "The comments of {name} are then folded on all your devices, and you are not told of them. Nobody learns of it."
    ),
    "done": lambda: _("You now ignore {name}."),
    "undone": lambda: _("You no longer ignore {name}."),
}
DEEDS: dict[str, Callable[[], str]] = {
    "reply": lambda: _("Reply to {name}"),
    "quote": lambda: _("Quote {name}"),
    "moderate": lambda: _("Moderate: comment by {name}"),
    "mute": lambda: _("Mute {name} for ten minutes"),
    "report": lambda: _("Report: comment by {name}"),
    "ignore": lambda: _("Ignore {name}"),
}
REACTIONS = {
    "like": lambda: _("Like"),
    "dislike": lambda: _("Dislike"),
    "heart": lambda: _("Love"),
    "laugh": lambda: _("Funny"),
    "surprise": lambda: _("Surprising"),
    "sad": lambda: _("Sad"),
}
ROLES = {
    "journalist": lambda: _("Author"),
    "moderator": lambda: _("Moderation"),
    "editor": lambda: _("Newsroom staff"),
    "administrator": lambda: _("Newsroom staff"),
}


def reaction(name: str) -> str:
    """The label of the reaction `name`. One that the site has added has its own name as label."""
    label = REACTIONS.get(name)
    return label() if label else name.replace("_", " ")


def who_reacted() -> str:
    return _("Who?")


def add_reaction() -> str:
    return _("React")


def in_reply_to(name: str) -> str:
    """The sentence that names the person a comment answers; without a known name only that it is an answer."""
    return _("In reply to {name}").replace("{name}", name) if name else _("In reply to another comment")


def counted(name: str, number: int) -> str:
    """The counted sentence `name` for `number`, for templates."""
    return _COUNTED[name](number).replace("{n}", number_format(number, use_l10n=True, force_grouping=True))


_COUNTED: dict[str, Callable[[int], str]] = {
    "comments": lambda n: ngettext("{n} comment", "{n} comments", n),
    "messages": lambda n: ngettext("{n} message", "{n} messages", n),
    "replies_more": lambda n: ngettext("{n} more reply", "{n} more replies", n),
    "unseen": lambda n: ngettext("{n} unseen item", "{n} unseen items", n),
    "reading_time": lambda n: ngettext("{n} minute to read", "{n} minutes to read", n),
    "slow": lambda n: ngettext(
        "Many are writing here: one comment every {n} second.",
        "Many are writing here: one comment every {n} seconds.",
        n,
    ),
}


def forms(form: Callable[[int], str]) -> dict[str, str]:
    return {category: form(number) for category, number in SAMPLES.items()}
