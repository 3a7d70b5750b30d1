"""How a sentence is made, and the few facts that several of them ask for."""

from functools import cache

from interpretation.record.records import Case, Statement
from interpretation.rule.dissociation import Dissociation

from .. import knowledge
from ..knowledge import limits, load, sentences
from ..usage import USAGE
from ..words import age

LIMITS = limits("dissociation").read_by(__name__, "adult_age")
DATA = load("panel").read_by(__name__, "shows own")


class PanelSection:
    """What a module says in one section of the panel; each sentence stands in panel.toml under its name."""

    def __init__(self, module: str, section: str) -> None:
        self.section = section
        self._ids: dict[str, str] = {
            name: row["sources"][0] for name, row in DATA["shows"].get(section, {}).items()
        }
        self._own = sentences("panel", "own", section) if section in DATA["own"] else {}
        USAGE.says(module, section, self._ids.values())

    def id(self, name: str) -> str:
        """The statement of statements.toml that is shown under this name."""
        return self._ids[name]

    def general(self, name: str, draws: tuple[str, ...] = (), text: str = "") -> Statement:
        """A sentence of statements.toml, or the patient's own sentence that rests on it."""
        words, sources = _known(self._ids[name])
        return Statement(self._ids[name], text or words, sources, draws, self.section)

    def general_text(self, name: str) -> str:
        """The sentence without its caveat, to say more after it."""
        return knowledge.statement(self._ids[name]).text

    def own(self, key: str, draws: tuple[str, ...] = (), /, **words: object) -> Statement:
        """A sentence about this patient; "restore.drug" is one wording of the sentence "restore"."""
        said = self._own[key]
        return Statement(said.code, said.text.format(**words), said.sources, draws, self.section)

    def own_text(self, key: str, /, **words: object) -> str:
        """The words of such a sentence, for a general one that rests on them."""
        return self._own[key].text.format(**words)


@cache
def _known(id: str) -> tuple[str, tuple[str, ...]]:
    """The sentence with its caveat, and its sources after itself."""
    known = knowledge.statement(id)
    return f"{known.text} {known.caveat}".strip(), (id, *known.sources)


def kinds(case: Case) -> set[str]:
    return {diagnosis.kind for diagnosis in case.diagnoses}


def is_child(case: Case, d: Dissociation) -> bool:
    return case.birth_date is not None and age(case.birth_date, d.latest_at or case.as_of) < LIMITS.adult_age


def is_improving(d: Dissociation) -> bool:
    """Bilirubin falls while INR rises: the other markers speak against failing. [clinical.md 4.4 f]"""
    return any(cap.code == "improving" for cap in d.caps)


def bad_sample(d: Dissociation) -> bool:
    return bool(d.confounded_by) and all(
        c.key in ("bad_sample", "sample_haematocrit") for c in d.confounded_by
    )
