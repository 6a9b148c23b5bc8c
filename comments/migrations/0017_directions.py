"""Each block of a stored text finds its own direction; links say where they lead."""

from django.db import migrations

from newsroom.database.rewriting import sanitised_again
from newsroom.text import sanitise_comment


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("comments", "0016_names_of_fields")]

    operations = [sanitised_again("comments", ["Comment", "CommentRevision"], sanitise_comment)]
