"""Signs that the Markdown of earlier releases took for marks ("Leser*innen") are shown in stored texts, too.

What comes from WordPress was HTML over there: its text is but its words.
"""

from django.db import migrations
from django.db.models import Q

from newsroom.database.rewriting import Stored, made_again
from newsroom.text import render_comment


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("comments", "0018_untouched")]

    operations = [
        made_again(
            "comments",
            Stored("Comment", "text", render_comment, ~Q(source="wordpress")),
            Stored("CommentRevision", "text", render_comment, ~Q(comment__source="wordpress")),
        )
    ]
