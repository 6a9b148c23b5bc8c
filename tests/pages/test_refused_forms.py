"""A form of the admin that is refused comes back with all that was typed, and says at each field what is wrong."""

from __future__ import annotations

from typing import Any

import html5lib
import pytest
from django.contrib import admin
from django.forms import CharField, Field, SlugField
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db


def forms() -> list[str]:
    return [f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry]


@pytest.mark.parametrize("name", forms())
def test_a_refused_form_of_the_admin_comes_back_filled_with_its_errors_at_their_fields(
    name, ada, article, item, comment, chat
):
    browser = Client()
    browser.force_login(ada)
    model = next(each for each in admin.site._registry if f"{each._meta.app_label}_{each._meta.model_name}" == name)
    row = model.objects.first()
    addresses = [reverse(f"admin:{name}_add")]
    addresses += [reverse(f"admin:{name}_change", args=[row.pk])] if row is not None else []
    for address in addresses:
        answer = browser.get(address)
        if answer.status_code != 200 or not answer.context["adminform"].form.fields:
            continue  # nobody fills that in
        shown = {each.get("name") for each in _form(answer.text).iter()}
        form = answer.context["adminform"].form
        fields = {each: form.fields[each] for each in form.fields.keys() & shown if _is_text(form.fields[each])}
        for wrong in fields:
            _refused(browser, address, fields, wrong)


def _refused(browser: Client, address: str, fields: dict[str, Field], wrong: str) -> None:
    typed = {name: _typed(name, field) for name, field in fields.items()}
    typed[wrong] = "\U0001f6a2" * ((getattr(fields[wrong], "max_length", None) or 200_000) + 1)
    answer = browser.post(address, typed | _management(browser.get(address).text))

    assert answer.status_code == 200, (address, wrong)
    form = answer.context["adminform"].form
    assert form.errors, (address, wrong)
    assert {name: form[name].value() for name in fields} == typed
    page = html5lib.parse(answer.text, namespaceHTMLElements=False)
    ids = {each.get("id"): "".join(each.itertext()).strip() for each in page.iter() if each.get("id")}
    for name in form.errors.keys() & fields.keys():
        field = next(each for each in _form(answer.text).iter() if each.get("name") == name)
        assert field.get("aria-invalid") == "true", (address, name)
        told = [ids[each] for each in field.get("aria-describedby").split()]
        assert str(form.errors[name][0]) in " ".join(told), (address, name)


def _is_text(field: Field) -> bool:
    return isinstance(field, CharField)


def _form(page: str) -> Any:
    """The form in the middle of the page, among those of its menus."""
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    return next(each for each in tree.iter("form") if (each.get("id") or "").endswith("_form"))


def _typed(name: str, field: Field) -> str:
    return f"getippt-{name}"[:10] if isinstance(field, SlugField) else f"Getippt: {name}"[: field.max_length or 100]


def _management(page: str) -> dict[str, Any]:
    """What a form with rows below it sends along."""
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    return {
        each.get("name"): each.get("value") or ""
        for each in tree.iter("input")
        if (each.get("name") or "").endswith("_FORMS")
    }
