"""Beside the checklist: who asked the patient when, who asks next, and who is left out of monitoring."""

from dataclasses import dataclass
from datetime import date

from patients.follow_up.contacts import plan_state
from patients.follow_up.overdue import overdue_days
from patients.follow_up.standing import Standing
from patients.models import Contact, LeftOut
from patients.report.panel import Panel


@dataclass(frozen=True)
class FollowUpCard:
    """The part of the checklist that people write. Times are the clinic's."""

    today: date
    died: bool
    # Left out today; the other rows of `left_out_before` are lifted or have run out.
    left_out: LeftOut | None
    left_out_before: tuple[LeftOut, ...]
    contacts: tuple[Contact, ...]
    # The latest that stands, and what became of the next attempt that it planned (`plan_state`).
    latest: Contact | None
    plan: str
    # Some test is overdue and counts so.
    overdue: bool

    @property
    def next_is_due(self) -> bool:
        return self.plan == "open" and self.latest.next_on <= self.today

    @property
    def nothing_planned(self) -> bool:
        return self.overdue and self.plan != "open"

    @property
    def earlier(self) -> list[Contact]:
        return [contact for contact in self.contacts if contact is not self.latest]


def follow_up_card(panel: Panel, standing: Standing) -> FollowUpCard:
    today = panel.case.as_of.date()
    died_on = panel.case.died_on if panel.case.died_on and panel.case.died_on <= today else None
    lasting = next((row for row in standing.left_out if row.lifted_at is None), None)
    left_out = lasting if lasting and lasting.holds_on(today) else None
    latest = next((row for row in standing.contacts if row.withdrawn_at is None), None)
    days = list(overdue_days(panel.report.monitoring))
    drawn = [draw.taken_at.date() for draw in panel.case.draws]
    return FollowUpCard(
        today=today,
        died=died_on is not None,
        left_out=left_out,
        left_out_before=tuple(row for row in standing.left_out if row is not left_out),
        contacts=standing.contacts,
        latest=latest,
        plan=plan_state(
            latest,
            left_out=lasting,
            died_on=died_on,
            overdue_on=days,
            last_draw_on=max(drawn, default=None),
        ),
        overdue=left_out is None and any(day <= today for day in days),
    )
