"""Fields of the entry forms in templates: what a field of days and times is, and how it was read."""

from django import template
from django.forms import BoundField, MultiWidget

from patients.forms.said import kind_of, said

register = template.Library()


@register.filter
def date_kind(bound: BoundField) -> str:
    return kind_of(bound.field)


@register.filter
def date_said(bound: BoundField) -> str:
    """The value as it was read, "" where none is typed or none could be read."""
    form = bound.form
    value = getattr(form, "cleaned_data", {}).get(bound.name) if form.is_bound else bound.initial
    return said(value, kind_of(bound.field), form.zone)


@register.filter
def input_names(bound: BoundField) -> str:
    """The names of the field's inputs: of nothing else in the form is anything sent."""
    widget = bound.field.widget
    suffixes = widget.widgets_names if isinstance(widget, MultiWidget) else [""]
    return ",".join(bound.html_name + suffix for suffix in suffixes)
