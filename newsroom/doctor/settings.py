"""Examines settings, with the checks of `manage.py check --deploy`."""

from __future__ import annotations

from collections.abc import Iterator

from django.core import checks

from newsroom.doctor.findings import Finding, Level, ok

WHAT = "settings"
ELSEWHERE = {"newsroom.W003"}  # connections, which the examination of the database counts for all processes


def examine() -> Iterator[Finding]:
    told = checks.run_checks(include_deployment_checks=True)
    found = [each for each in told if not each.is_silenced() and each.id not in ELSEWHERE]
    for each in found:
        level: Level = "error" if each.is_serious() else "warning" if each.level >= checks.WARNING else "ok"
        said, remedy = " ".join(str(each.msg).split()), str(each.hint or "")
        if not remedy:  # Django's own say what to do in a second sentence
            said, _, remedy = said.partition(". ")
            remedy = remedy or "See Django's documentation of system checks."
        yield Finding(level, WHAT, f"{said.rstrip('.')} ({each.id})", remedy)
    if not found:
        yield ok(WHAT, "nothing is unsafe or missing")
