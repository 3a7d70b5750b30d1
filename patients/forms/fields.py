"""Fields that several forms share: times in the clinic's zone, dates, lists of codes."""

import re
from datetime import UTC, date, datetime, tzinfo

from django import forms
from django.utils import timezone

from interpretation.record.date_alone import DateAlone
from interpretation.words import day
from patients.values.dates import EXAMPLE, Undated, impossible, read_day, read_moment

TIME_FORMAT = "%Y-%m-%dT%H:%M"
TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?")
# A year outside is a slip or stands for "unknown"; the first and last that exist fit into no other zone.
YEARS = range(1850, 2200)
CODES = 40
HOUR_ASKED = f"Enter the time of day too, such as {EXAMPLE}, or tick that it is not known."


def check_year(moment: date) -> None:
    if moment.year not in YEARS:
        sentence = f"Check the year {moment.year}: it must lie from {YEARS[0]} to {YEARS[-1]}."
        raise forms.ValidationError(sentence, "year")


class ClinicTimeField(forms.CharField):
    """A time as the clock of the clinic shows it, to the minute; cleaned to a time with a zone.

    Of an hour that comes twice, when the clocks go back, the first is meant.
    """

    def __init__(self, **options) -> None:
        options.setdefault("widget", forms.TextInput(attrs={"type": "datetime-local"}))
        super().__init__(**options)
        self.zone = UTC

    def prepare_value(self, value: datetime | str | None) -> str | None:
        return value.astimezone(self.zone).strftime(TIME_FORMAT) if isinstance(value, datetime) else value

    def clean(self, value: str | None) -> datetime | None:
        text = super().clean(value)
        return self._time(text) if text else None

    def _time(self, text: str) -> datetime:
        naive = self._read(text)
        check_year(naive)
        local = naive.replace(tzinfo=self.zone, second=0, microsecond=0)
        if local.astimezone(UTC).astimezone(self.zone).replace(tzinfo=None) != local.replace(tzinfo=None):
            sentence = "This time did not exist: the clocks went forward."
            raise forms.ValidationError(sentence, "skipped")
        return local

    def _read(self, text: str) -> datetime:
        if not TIME.fullmatch(text):
            raise forms.ValidationError("Enter date and time as 2026-11-23T08:30.", "unreadable")
        return _read_moment(text)


class WrittenTimeField(ClinicTimeField):
    """A time typed as text, the same in every browser: day first with the month's name, or year first.

    `takes_day`: a day without its hour is cleaned to a `DateAlone`; else it is asked for.
    """

    takes_day = False

    def __init__(self, **options) -> None:
        attrs = {"autocomplete": "off", "placeholder": f"such as {EXAMPLE}"}
        super().__init__(widget=forms.TextInput(attrs=attrs), **options)

    def prepare_value(self, value: datetime | str | None) -> str | None:
        if isinstance(value, DateAlone):
            return day(value)
        return written(value.astimezone(self.zone)) if isinstance(value, datetime) else value

    def _time(self, text: str) -> datetime:
        alone = read_day(text)
        if alone is None:
            return super()._time(text)
        if not self.takes_day:
            raise forms.ValidationError(HOUR_ASKED, "no_hour")
        check_year(alone)
        return alone.replace(tzinfo=self.zone)

    def _read(self, text: str) -> datetime:
        return _read_moment(text)


def written(at: datetime) -> str:
    """ "23 Nov 2026 08:30": a time as one would type it."""
    return f"{day(at)} {at:%H:%M}"


def _read_moment(text: str) -> datetime:
    try:
        return read_moment(text)
    except Undated as error:
        sentence = str(error) or f"Enter date and time such as {EXAMPLE}."
        raise forms.ValidationError(sentence, "unreadable") from None


class DayTimeWidget(forms.MultiWidget):
    """A date and, beside it, a time of day that may stay empty."""

    use_fieldset = True

    def __init__(self, attrs=None) -> None:
        date = forms.TextInput(attrs={"type": "date", "aria-label": "Day"})
        time = forms.TextInput(attrs={"type": "time", "aria-label": "Time of day"})
        super().__init__({"day": date, "clock": time}, attrs)

    def decompress(self, value: datetime | None) -> list[str]:
        if not value:
            return ["", ""]
        return [
            value.strftime("%Y-%m-%d"),
            "" if (value.hour, value.minute) == (0, 0) else value.strftime("%H:%M"),
        ]


class DayTimeField(forms.MultiValueField):
    """A day of the clinic with an optional time; without one the day starts at midnight."""

    widget = DayTimeWidget

    def __init__(self, **options) -> None:
        fields = (forms.CharField(required=False), forms.CharField(required=False))
        super().__init__(fields, require_all_fields=False, **options)
        self.zone = UTC

    def prepare_value(self, value: datetime | list[str] | None) -> datetime | list[str] | None:
        return value.astimezone(self.zone) if isinstance(value, datetime) else value

    def compress(self, parts: list[str]) -> datetime | None:
        day, clock = (*parts, "", "")[:2]
        if not day:
            if clock:
                raise forms.ValidationError("Enter the day too.", "no_day")
            return None
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", day):
            raise forms.ValidationError("Enter the day as 2026-11-23.", "unreadable")
        time = ClinicTimeField()
        time.zone = self.zone
        return time.clean(f"{day}T{clock or '00:00'}")


class DateField(forms.DateField):
    """A date as the browser sends it; nothing that could be read two ways."""

    def __init__(self, **options) -> None:
        options.setdefault("widget", forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
        options.setdefault("input_formats", ["%Y-%m-%d"])
        options.setdefault("error_messages", {"invalid": "Enter the date as 1961-04-02."})
        super().__init__(validators=[check_year], **options)

    def to_python(self, value: date | str | None) -> date | None:
        try:
            return super().to_python(value)
        except forms.ValidationError:
            if sentence := impossible(str(value)):
                raise forms.ValidationError(sentence, "impossible") from None
            raise


class CodesField(forms.CharField):
    """Codes of a classification, separated by commas or spaces."""

    def prepare_value(self, value: list[str] | str | None) -> str | None:
        return ", ".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: str | None) -> list[str]:
        codes = re.split(r"[\s,;]+", super().clean(value))
        if long := next((code for code in codes if len(code) > 20), None):
            raise forms.ValidationError(f"“{long[:24]}…” is too long for a code.", "too_long")
        codes = [code for code in codes if code]
        if len(codes) > CODES:
            raise forms.ValidationError(f"These are {len(codes)} codes: enter at most {CODES}.", "too_many")
        return codes


class EntryForm(forms.Form):
    """A form in the clinic's zone whose fields are `entry-NAME` on the page, unless told otherwise."""

    def __init__(self, *args, zone: tzinfo = UTC, **options) -> None:
        super().__init__(*args, **{"auto_id": "entry-%s", **options})
        self.zone = zone
        for field in self.fields.values():
            if hasattr(field, "zone"):
                field.zone = zone

    @property
    def today(self) -> date:
        return timezone.now().astimezone(self.zone).date()

    def unless_same_minute(self, name: str, value: datetime | None) -> datetime | None:
        """The stored time where the form still shows it: seconds, and which of two equal hours, are kept."""
        stored = self.initial.get(name)
        if stored is None or value is None:
            return value
        return (
            stored if f"{stored.astimezone(self.zone):{TIME_FORMAT}}" == f"{value:{TIME_FORMAT}}" else value
        )

    def refuse(self, sentence: str, field: str = "") -> None:
        """What an action refused, at its field."""
        self.add_error(field if field in self.fields else None, sentence)


class WithdrawForm(EntryForm):
    reason = forms.CharField(
        label="Reason",
        max_length=300,
        error_messages={"required": "Say why."},
        help_text="Kept with the record, with your name and the time.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
