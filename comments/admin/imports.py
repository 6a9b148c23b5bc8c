"""The desk's page for imports of comments: hand a file in, look at what is in it, have it come in, keep the report."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.urls import URLPattern, path, reverse
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextareaWidget

from accounts.admin import HistoryAdmin
from accounts.models import User
from comments import actions
from comments.models import CommentImport
from comments.models.imports import CROSSED, SITELESS
from comments.tasks import move_in
from newsroom.desk.admin import Button

EVERY = 3  # seconds until a page of an import that is at work is asked for again
NUMBERS = {
    "new": gettext_lazy("come in and are published"),
    "held": gettext_lazy("come in and wait for a moderator"),
    "tombstone": gettext_lazy("places of deleted comments that have answers"),
    "known": gettext_lazy("are here already"),
    "deleted": gettext_lazy("were deleted there, with nothing below them"),
    "spam": gettext_lazy("were spam there, or rejected"),
    "foreign_host": gettext_lazy("stand on pages of other hosts"),
    "no_thread": gettext_lazy("stand on pages that are not in the file, or have no address"),
    "empty": gettext_lazy("have no text"),
    "repeated": gettext_lazy("have an id that came before"),
    "broken": gettext_lazy("cannot be understood"),
}
BESIDE = {
    "rerooted": gettext_lazy("of these answer what is not on their page, and stand at the top"),
    "votes": gettext_lazy("votes on these"),
    "discussions": gettext_lazy("discussions that these stand in"),
}


def _begin(pk: int, *, actor: User) -> CommentImport:
    job = actions.begin_import(pk, actor=actor)
    move_in.enqueue(pk)
    return job


class ImportForm(forms.ModelForm[CommentImport]):
    upload = forms.FileField(
        label=_("File"),
        widget=UnfoldAdminFileFieldWidget(),
        help_text=_("As the other system gives it: plain, gzip, or zip with one file in it."),
    )

    class Meta:
        model = CommentImport
        fields = ("format", "sites", "instance", "zone")
        widgets = {"sites": UnfoldAdminTextareaWidget(attrs={"rows": 3})}


@admin.register(CommentImport)
class ImportAdmin(HistoryAdmin):
    form = ImportForm
    recorded_as = "import"
    list_display = ("created_at", "file_name", "format", "state", "person")
    list_select_related = ("person",)
    ordering = ("-id",)
    fields_of_actions = {"file": "upload", "system": "format"}
    buttons = (
        Button(
            "begin",
            _("Have it come in"),
            run=_begin,
            states=frozenset({CommentImport.State.READ}),
            done=_("“%s” is coming in."),
            is_for_many=False,
        ),
        Button(
            "again",
            _("Try again"),
            run=_begin,
            states=frozenset({CommentImport.State.STOPPED}),
            done=_("“%s” goes on."),
            is_for_many=False,
        ),
    )

    def get_fields(self, request: HttpRequest, obj: CommentImport | None = None) -> list[str]:
        if obj is None:
            return ["format", "upload", "sites", "instance", "zone"]
        return ["where", "numbers", "lines", "format", "file_name", "sites", "instance", "zone", "person", "created_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: CommentImport | None = None) -> list[str]:
        return [] if obj is None else self.get_fields(request, obj)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is not None:
            kwargs |= {"form": forms.ModelForm, "fields": ()}
        return super().get_form(request, obj, change, **kwargs)

    def store(self, request: HttpRequest, obj: CommentImport, form: ImportForm, *, is_new: bool) -> Model:
        given = {name: form.cleaned_data[name] for name in ("sites", "instance", "zone")}
        file, system = form.cleaned_data["upload"], form.cleaned_data["format"]
        job = actions.add_import(file, actor=request.user, system=system, **given)  # type: ignore[arg-type]
        move_in.enqueue(job.pk)
        return job

    def said(self, obj: CommentImport, pressed: Button | None, *, is_changed: bool) -> str:
        return str(pressed.done) % obj if pressed else ""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(self.has_change_permission(request, obj))

    def discard(self, request: HttpRequest, obj: CommentImport) -> None:
        actions.drop_import(obj.pk, actor=request.user)  # type: ignore[arg-type]

    def response_add(self, request: HttpRequest, obj: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """To its page, where one sees how far it is."""
        answer: HttpResponse = self.response_post_save_add(request, obj)
        answer["Location"] = self._page_of(obj.pk)
        return answer

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        answer: HttpResponse = super().response_change(request, obj)
        answer["Location"] = self._page_of(obj.pk)
        return answer

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        none = {"show_save": False, "show_save_and_continue": False, "show_save_and_add_another": False}
        extra = {**(none if object_id else {"show_save_and_continue": False, "show_save_and_add_another": False})}
        # Buttons and progress come from looks at the row in between: it may change state from one to the next.
        was_at_work = self._is_at_work(request, object_id)
        answer = super().changeform_view(request, object_id, form_url, {**extra, **(extra_context or {})})
        if was_at_work or self._is_at_work(request, object_id):
            answer["Refresh"] = str(EVERY)
        return answer

    def _is_at_work(self, request: HttpRequest, object_id: str | None) -> bool:
        job = self.get_object(request, object_id) if object_id and request.method == "GET" else None
        return job is not None and job.is_at_work

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.report_view)
        return [path("<int:pk>/report/", view, name="comments_commentimport_report"), *super().get_urls()]

    def report_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The report as a text to keep."""
        job = self.get_object(request, str(pk)) if self.has_view_permission(request) else None
        if job is None or not job.report:
            return HttpResponseNotFound()
        head = [job.file_name, job.get_format_display(), job.created_at.isoformat(timespec="seconds"), ""]
        answer = HttpResponse("\n".join([*head, *job.report["lines"], ""]), content_type="text/plain; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="import-{job.pk}.txt"'
        return answer

    @admin.display(description=_("state"))
    def where(self, job: CommentImport) -> str:
        """What it does now, how far it is, and what comes next."""
        if job.state == CommentImport.State.FAILED:
            return format_html("<strong>{}</strong> {}", gettext("Refused; nothing was written:"), _reason(job))
        if job.state == CommentImport.State.READ:
            return gettext("Nothing has been written yet. Look at the numbers, and have it come in.")
        if job.state == CommentImport.State.STOPPED:
            return format_html("<strong>{}</strong> {}", gettext("Interrupted."), _way_on(job))
        if job.state == CommentImport.State.DONE:
            return gettext("It has come in.")
        done = ngettext("%d record", "%d records", job.records) % job.records
        return format_html(
            '<progress max="100" value="{}" aria-label="{}"></progress> {} · {} % · {}',
            *(job.share, job.get_state_display(), job.get_state_display(), job.share, done),
        )

    @admin.display(description=_("what is in it"))
    def numbers(self, job: CommentImport) -> str:
        if not job.report:
            return "–"
        found = job.report["numbers"]
        counts = {**found, **found["left"]}
        read = ngettext(
            "%d comment in the file. Of these:", "%d comments in the file. Of these:", found["read"]["comments"]
        )
        rows = [(_number(counts[name]), words) for name, words in NUMBERS.items() if counts[name]]
        beside = [(_number(counts[name]), words) for name, words in BESIDE.items() if counts[name]]
        cells = "<tr><td>{}</td><td>{}</td></tr>"
        return format_html(
            '<p>{}</p><table class="desk-numbers"><tbody>{}</tbody><tbody>{}</tbody></table>',
            read % found["read"]["comments"],
            format_html_join("", cells, rows),
            format_html_join("", cells, beside),
        )

    @admin.display(description=_("In full"))
    def lines(self, job: CommentImport) -> str:
        if not job.report:
            return "–"
        address = reverse("admin:comments_commentimport_report", args=[job.pk])
        return format_html(
            '<a class="desk-link" href="{}">{}</a><pre class="desk-report">{}</pre>',
            address,
            gettext("Keep it as a file"),
            "\n".join(job.report["lines"]),
        )

    def _page_of(self, pk: int) -> str:
        return reverse("admin:comments_commentimport_change", args=[pk])


def _reason(job: CommentImport) -> str:
    if job.error != SITELESS:
        return job.error
    return gettext("The file does not say on which site its pages are. Hand it in again, with the site's address.")


def _way_on(job: CommentImport) -> str:
    if job.error == CROSSED:
        said = gettext("Something else has brought in the same comments at the same moment.")
        way = gettext("Try again: what is still missing comes in, and nothing comes in twice.")
        return f"{said} {way}"
    if job.report:
        said = gettext("Part of it may have come in. Try again: it goes on where it ended, and nothing comes in twice.")
    else:
        said = gettext("Nothing was written. Try again: the file is still here.")
    why = gettext("If it ends like this again, drop it, and have a look at the failed task in the list of tasks.")
    return f"{said} {why}"


def _number(value: int) -> str:
    return str(number_format(value, use_l10n=True, force_grouping=True))
