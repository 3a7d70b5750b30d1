import json

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Clinic, no_clinic
from patients.review.overrule_counts import RuleCount, counted


class Command(BaseCommand):
    help = (
        "Counts how often each rule was overruled, beside the signed reports in which it spoke; reasons "
        "without patients."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--clinic", metavar="CODE", help="only this clinic")
        parser.add_argument("--json", action="store_true", help="print one object a rule, one a line")

    def handle(self, **options) -> None:
        clinics = Clinic.objects.all()
        if code := options["clinic"]:
            clinics = clinics.filter(code=code)
            if not clinics:
                raise CommandError(no_clinic(code))
        rules = counted(clinics)
        for rule in rules:
            self.stdout.write(
                json.dumps(as_json(rule), ensure_ascii=False) if options["json"] else words(rule)
            )
        if not rules and not options["json"]:
            self.stdout.write("No grade was overruled yet.")


def words(rule: RuleCount) -> str:
    reasons = [f"  {row.grade_said} -> {row.grade_given}: {row.reason}" for row in rule.latest]
    head = (
        f"{rule.rule}: {rule.overruled} overruled ({rule.standing} standing), {rule.signed_off} signed off. "
        f"{rule.words}"
    )
    return "\n".join([head, *reasons])


def as_json(rule: RuleCount) -> dict:
    return {
        "rule": rule.rule,
        "words": rule.words,
        "overruled": rule.overruled,
        "standing": rule.standing,
        "signed_off": rule.signed_off,
        "latest": [
            {
                "grade_said": row.grade_said,
                "grade_given": row.grade_given,
                "reason": row.reason,
                "knowledge_version": row.knowledge_version,
                "at": row.at.isoformat(),
                "ended_at": row.ended_at.isoformat() if row.ended_at else None,
            }
            for row in rule.latest
        ],
    }
