"""The catalogues are complete and hold what the code says now: makemessages in a copy must find nothing new."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("de", "ru")  # the code itself speaks English
PARTS = ("newsroom", "accounts", "articles", "comments")


def main() -> None:
    faults = [fault for language in LANGUAGES for fault in incomplete(language)]
    with tempfile.TemporaryDirectory() as folder:
        for part in PARTS:
            shutil.copytree(ROOT / part, Path(folder, part), ignore=shutil.ignore_patterns("__pycache__"))
        collect(Path(folder))
        faults += [fault for language in LANGUAGES for fault in stale(language, Path(folder))]
    print("\n".join(faults) or f"{', '.join(LANGUAGES)}: complete and fresh")
    sys.exit(bool(faults))


def catalogue(root: Path, language: str) -> Path:
    return root / "newsroom" / "locale" / language / "LC_MESSAGES" / "django.po"


def incomplete(language: str) -> list[str]:
    """What msgfmt finds: untranslated, fuzzy or broken entries, or a compiled file that says something else."""
    path = catalogue(ROOT, language)
    if not path.exists():
        return [f"{language}: there is no catalogue"]
    with tempfile.TemporaryDirectory() as folder:
        compiled = Path(folder, "django.mo")
        command = ["msgfmt", "--check", "--statistics", "-o", str(compiled), str(path)]
        result = subprocess.run(command, check=False, capture_output=True, text=True, env=os.environ | {"LC_ALL": "C"})
        if result.returncode or re.search("untranslated|fuzzy", result.stderr):
            return [f"{language}: {result.stderr.strip()}"]
        kept = path.with_suffix(".mo")
        if not kept.exists() or said(kept) != said(compiled):
            return [f"{language}: the compiled catalogue is another: run `uv run manage.py compilemessages`"]
    return []


def said(compiled: Path) -> str:
    return subprocess.run(["msgunfmt", str(compiled)], check=True, capture_output=True, text=True).stdout


def collect(root: Path) -> None:
    command = ["django-admin", "makemessages", "--no-obsolete", "--no-location", "-v", "0"]
    for language in LANGUAGES:
        command += ["-l", language]
    subprocess.run(command, cwd=root, check=True, env=environment(root))


def environment(root: Path) -> dict[str, str]:
    settings = root / "catalogue_settings.py"
    settings.write_text(f"LOCALE_PATHS = [{str(root / 'newsroom' / 'locale')!r}]\nSECRET_KEY = 'x'\n")
    return os.environ | {"DJANGO_SETTINGS_MODULE": "catalogue_settings", "PYTHONPATH": str(root)}


def stale(language: str, root: Path) -> list[str]:
    before, after = messages(catalogue(ROOT, language)), messages(catalogue(root, language))
    faults = [f"{language}: not in the catalogue: {each}" for each in sorted(after - before)]
    return faults + [f"{language}: no longer in the code: {each}" for each in sorted(before - after)]


def messages(path: Path) -> set[str]:
    """The msgids, with their contexts, of a catalogue."""
    if not path.exists():
        return set()
    command = ["msgcat", "--no-wrap", "--no-location", str(path)]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    entries = re.findall(r'^((?:msgctxt .*\n)?msgid (?:".*"\n)+)', text, re.MULTILINE)
    return {each.strip() for each in entries} - {'msgid ""'}


main()
