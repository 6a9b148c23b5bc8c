"""The table of the desk in which duties are given: a row for each duty, a box for all sections and one for each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import sections
from accounts.duties import Duties, Duty
from accounts.models import User

type Pair = tuple[Duty, int | None]
ALLOWS = {
    Duty.CONTRIBUTE: _("drafts own articles"),
    Duty.WRITE: _("drafts articles, and changes all drafts"),
    Duty.MODERATE: _("decides on comments, and restricts people"),
    Duty.HEAD: _("moderates, changes rules, decides on very many comments at once"),
    Duty.EDIT: _("writes, publishes, corrects and retracts"),
    Duty.ADMINISTRATE: _("may do everything, and gives duties"),
}


def named(pair: Pair) -> str:
    """A pair as a value of the form: "moderate:" everywhere, "moderate:7" in one section."""
    duty, section = pair
    return f"{duty.value}:{'' if section is None else section}"


class DutiesWidget(forms.CheckboxSelectMultiple):
    """Boxes that are not `open` to this administrator are shown, and cannot be ticked."""

    use_fieldset = False  # each box says itself what is wrong
    open: Collection[str] = ()
    places: Mapping[int, str] = {}  # names of sections by their ids

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        ticked = {str(each) for each in value or ()}
        told = {key: each for key, each in (attrs or {}).items() if key.startswith("aria-")}
        rows = format_html_join("", "{}", ((self._row(name, duty, ticked, told),) for duty in Duty))
        heads = (gettext("Duty"), gettext("All sections"), gettext("Only in"))
        head = format_html_join("", '<th scope="col">{}</th>', ((each,) for each in heads))
        table = '<table class="duties"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>'
        return format_html(table, head, rows)

    def _row(self, name: str, duty: Duty, ticked: Collection[str], told: Mapping[str, Any]) -> SafeString:
        each = ((self._box(name, (duty, pk), title, ticked, told),) for pk, title in self.places.items())
        return format_html(
            '<tr><th scope="row">{}<small>{}</small></th><td>{}</td><td>{}</td></tr>',
            duty.label,
            ALLOWS[duty],
            self._box(name, (duty, None), gettext("All sections"), ticked, told),
            format_html_join(" ", "{}", each),
        )

    def _box(self, name: str, pair: Pair, title: str, ticked: Collection[str], told: Mapping[str, Any]) -> SafeString:
        value = named(pair)
        marks = {"checked": value in ticked, "disabled": value not in self.open}
        label = f"{pair[0].label}: {title}"
        said = {"type": "checkbox", "name": name, "value": value, "aria-label": label, **told, **marks}
        return format_html("<label><input{}>{}</label>", flatatt(said), title)


class UserForm(forms.ModelForm[User]):
    """`actor`, who gives, is set by `made_for`."""

    actor: User
    given = forms.MultipleChoiceField(label=_("duties"), required=False, widget=DutiesWidget)

    class Meta:
        model = User
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.had = self.instance.given
        field = self.fields.get("given")
        if not isinstance(field, forms.MultipleChoiceField):
            return  # the person is only looked at
        places = {each.id: each.name for each in sections.every()}
        titles: dict[int | None, str] = {None: gettext("all sections")}
        titles.update(places.items())
        self.pairs = {named((duty, at)): (duty, at) for duty in Duty for at in titles}
        self.pairs |= {named(pair): pair for pair in self.had.given}  # a section may have gone
        field.choices = [(value, f"{duty.label}: {titles.get(at, at)}") for value, (duty, at) in self.pairs.items()]
        widget: Any = field.widget
        widget.places = places
        widget.open = {value for value, (_duty, at) in self.pairs.items() if self.actor.may(Duty.ADMINISTRATE, at)}
        self.initial["given"] = [value for value, pair in self.pairs.items() if pair in self.had.given]

    @property
    def chosen(self) -> Duties:
        """What is ticked, with what this administrator can neither give nor take: browsers send no such boxes."""
        kept = {pair for pair in self.had.given if not self.actor.may(Duty.ADMINISTRATE, pair[1])}
        return Duties.of(kept | {self.pairs[value] for value in self.cleaned_data["given"]})


def made_for(actor: User) -> type[UserForm]:
    return type("UserForm", (UserForm,), {"actor": actor})
