"""Each block of a stored text finds its own direction; links say where they lead."""

from django.db import migrations

from newsroom.database.rewriting import sanitised_again
from newsroom.text import sanitise_article


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("articles", "0006_names_of_fields")]

    operations = [sanitised_again("articles", ["Article", "TickerItem"], sanitise_article)]
