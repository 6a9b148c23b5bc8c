"""Signs that the Markdown of earlier releases took for marks ("Leser*innen") are shown in stored texts, too."""

from django.db import migrations

from newsroom.database.rewriting import Stored, made_again
from newsroom.text import render_article


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0007_directions")]

    operations = [made_again("accounts", Stored("LegalPage", "body", render_article))]
