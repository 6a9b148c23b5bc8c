"""Signs that the Markdown of earlier releases took for marks ("Leser*innen") are shown in stored texts, too.

The search forgets articles whose HTML changes; it learns them anew in the same transaction.
"""

from django.db import migrations
from django.db.models import Q

from articles.search import INDEX
from newsroom.database.rewriting import Stored, made_again
from newsroom.text import render_article


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("articles", "0007_directions")]

    operations = [
        made_again(
            "articles",
            Stored("Article", "body", render_article, Q(body_format="markdown"), INDEX.learn_rows),
            Stored("TickerItem", "text", render_article),
        )
    ]
