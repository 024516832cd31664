"""The page of a report: whole, self-contained, escaped, readable, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from db.statuses import ConsentSource, LegalBasis, OptOutKind, VerdictStatus
from pipeline import texts
from pipeline.gate import GateRule
from pipeline.reporting import Manner, advise, render
from pipeline.reporting.advice import Act
from pipeline.reporting.figures import FINDINGS, LEFT_OUT
from pipeline.reporting.history import OF_CONTACTS, OF_RECORDS
from pipeline.reporting.panels import SHOWN_SHARES
from pipeline.verdicts import ReasonCode
from tests.house.repository import ROOT
from tests.reporting.samples import EVIL, REPORTS

VOID = {"meta", "rect", "circle", "br", "link", "img", "input", "hr"}
#: Attributes by which a page fetches something.
FETCHING = {"src", "srcset", "action", "poster", "background", "xlink:href"}


class Page(HTMLParser):
    """The page as a tree of tags that close where they should."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, self.getpos()

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def page(which: str, lang: str = "en") -> str:
    report = REPORTS[which]
    return render(report, advise(report), Manner(lang, "America/Sao_Paulo"))


@pytest.fixture(params=[(which, lang) for which in REPORTS for lang in texts.LANGUAGES], ids=lambda p: f"{p[0]}-{p[1]}")
def made(request: pytest.FixtureRequest) -> str:
    which, lang = request.param
    return page(which, lang)


def test_it_is_one_whole_document_that_says_what_it_is_in(made: str) -> None:
    read = Page(made)
    assert made.startswith("<!DOCTYPE html>")
    assert read.of("html") == [{"lang": "pt-BR" if "Relatório" in made else "en"}]
    assert {"charset": "utf-8"} in read.of("meta")
    assert any(meta.get("name") == "viewport" for meta in read.of("meta"))
    assert len(read.of("h1")) == 1
    headings = [int(tag[1]) for tag, _ in read.tags if re.fullmatch("h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in pairwise(headings))


def test_it_fetches_nothing_and_runs_nothing(made: str) -> None:
    read = Page(made)
    assert {tag for tag, _ in read.tags} & {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "base",
        "form",
    } == set()
    for tag, attributes in read.tags:
        assert not set(attributes) & FETCHING, tag
        assert not [name for name in attributes if name.startswith("on")], tag
        assert not (attributes.get("href") or "#").strip("#").startswith(("http", "//", "javascript"))
    assert not re.search(r"@import|url\(|https?://|@font-face", made)


def test_whatever_people_named_is_shown_and_not_obeyed(made: str) -> None:
    if "Uma" in made:
        return
    assert "<script" not in made
    assert "{{" not in made.replace("{{ 7 * 7 }}", "")
    assert "\u202e" not in made
    assert EVIL.replace("\u202e", "\ufffd") in Page(made).text


def test_no_address_of_a_person_is_in_it(made: str) -> None:
    assert not re.search(r"[\w.+-]+@[\w-]+\.\w", made)


def test_every_table_has_headings_and_every_chart_a_text(made: str) -> None:
    read = Page(made)
    assert len(read.of("table")) >= 3
    assert all(cell.get("scope") in ("col", "row") for cell in read.of("th"))
    assert len([cell for cell in read.of("th") if cell["scope"] == "row"]) >= len(read.of("table"))
    charts = [attributes for tag, attributes in read.tags if attributes.get("role") == "img"]
    assert charts
    assert all(chart.get("aria-label") for chart in charts)
    assert all(svg.get("role") == "img" or svg.get("aria-hidden") == "true" for svg in read.of("svg"))


def test_numbers_are_written_as_the_reader_writes_them() -> None:
    portuguese, english = (Page(page("full", lang)).text for lang in ("pt-BR", "en"))
    assert "40,0 %" in portuguese
    assert "5,9 %" in portuguese
    assert "5.9 %" in english
    assert "1.000 contatos" in portuguese
    assert "1,000 contacts" in english
    assert "28/11/2026" in portuguese
    assert "2026-11-28" in english


def test_the_headline_adds_up() -> None:
    text = Page(page("full")).text
    assert "40.0 % of 1,000 contacts can be reached" in text
    assert "100 % of 1 contact can be reached" in Page(page("bare")).text
    assert "Nobody joined the audience by this import" in Page(page("nobody joined")).text


# Colours


def luminance(colour: str) -> float:
    """Return the relative luminance of ``#rrggbb`` (WCAG 2.2)."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def palette(scheme: str) -> dict[str, str]:
    """Return the colours of the style, as a browser in that scheme has them."""
    style = page("full").split("<style>", 1)[1].split("</style>", 1)[0]
    blocks = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    assert len(blocks) == 2
    colours: dict[str, str] = {}
    for block in blocks if scheme == "dark" else blocks[:1]:
        colours |= dict(re.findall(r"--([a-z_]+): (#[0-9a-f]{6})", block))
    return colours


def test_contrast_is_measured_as_the_standard_has_it() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read_on_what_it_stands_on(scheme: str) -> None:
    colours = palette(scheme)
    texts_ = ("ink", "muted", "accent", "valid", "invalid", "quarantined")
    pairs = [(text, ground) for text in texts_ for ground in ("page", "surface")]
    pairs += [("ink", "chip"), ("accent", "chip")]
    too_faint = {pair: round(contrast(*(colours[name] for name in pair)), 2) for pair in pairs}
    assert {pair: told for pair, told in too_faint.items() if told < 4.5} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_part_of_a_chart_stands_out(scheme: str) -> None:
    colours = palette(scheme)
    parts = {"reachable", *LEFT_OUT, *VerdictStatus, "accent"}
    assert {part: told for part in parts if (told := contrast(colours[part], colours["surface"])) < 3} == {}


def test_every_colour_that_is_used_is_there() -> None:
    style = page("full")
    assert set(re.findall(r"var\(--([a-z_]+)\)", style)) <= set(palette("light"))
    light, dark = (set(palette(scheme)) for scheme in ("light", "dark"))
    assert light == dark


# Words

FAMILIES: dict[str, Iterable[str]] = {
    "left_out": {*LEFT_OUT, "reachable"},
    "verdict": VerdictStatus,
    "opted_out": OptOutKind,
    "basis": LegalBasis,
    "consent_source": {*ConsentSource, "not_stated"},
    "finding": FINDINGS,
    "share": {*OF_RECORDS, *OF_CONTACTS},
    "column": SHOWN_SHARES,
    "rule": GateRule,
    "next": Act,
    "next_one": set(Act) - {Act.NOTHING},
    "month": {f"{month:02}" for month in range(1, 13)},
}


@pytest.mark.parametrize("lang", texts.LANGUAGES)
def test_no_word_is_missing(lang: str) -> None:
    wanted = {f"report.{family}.{value}" for family, values in FAMILIES.items() for value in values}
    assert wanted - texts.keys(lang) == set()
    assert {f"verdicts.{reason}" for reason in ReasonCode} - texts.keys(lang) == set()


def test_both_languages_say_the_same() -> None:
    english, portuguese = (
        {key: placeholders(texts.template(key, lang)) for key in texts.keys(lang) if key.startswith("report.")}
        for lang in texts.LANGUAGES
    )
    assert english == portuguese


def placeholders(template: str) -> list[str]:
    return sorted(re.findall(r"\{(\w+)", template))


def test_no_word_of_the_catalogue_is_idle() -> None:
    """Every key is said by the template, by the code of the reports, or belongs to a family."""
    code = "".join(path.read_text("utf-8") for path in (ROOT / "pipeline/reporting").iterdir() if path.is_file())
    code += (ROOT / "cli/reports.py").read_text("utf-8")
    idle = {
        key
        for key in texts.keys("en")
        if key.startswith("report.")
        and key.split(".")[1] not in FAMILIES
        and f'"{key.removeprefix("report.")}"' not in code
    }
    assert idle - {"report.reachable_of", "report.reachable_one", "report.joined_of", "report.joined_one"} == set()
