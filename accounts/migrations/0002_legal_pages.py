from django.db import migrations


def make(apps, schema_editor):
    pages = apps.get_model("accounts", "LegalPage").objects
    for slug in ("imprint", "privacy", "terms"):
        pages.get_or_create(slug=slug)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
