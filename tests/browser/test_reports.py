"""Reports as a browser shows them: on a phone and on a desk, light and dark. Run by `make browser`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from pipeline import texts
from pipeline.reporting import Manner, advise, render
from tests.browser.chromium import Browser, chromium
from tests.reporting.samples import REPORTS

pytestmark = pytest.mark.browser

#: What stands out of the window, what is too small to read, and what is too faint (WCAG 2.2, 1.4.3 and 1.4.11).
SCRIPT: Final = """
(() => {
  const numbers = colour => colour.match(/[0-9.]+/g).map(Number);
  const luminance = colour => numbers(colour).slice(0, 3).map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, n) => sum + c * [0.2126, 0.7152, 0.0722][n], 0);
  const contrast = (a, b) => { const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
  const ground = node => {
    for (; node; node = node.parentElement) {
      const colour = getComputedStyle(node).backgroundColor;
      if (numbers(colour)[3] !== 0) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const shown = node => { const box = node.getBoundingClientRect(); return box.width > 1 && box.height > 1 && box.right > 0; };
  const faint = [], small = [], outside = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text; (text = walker.nextNode());) {
    const node = text.parentElement;
    if (!text.data.trim() || !shown(node) || node.closest('style')) continue;
    const style = getComputedStyle(node), told = contrast(style.color, ground(node));
    if (told < 4.5) faint.push([text.data.trim().slice(0, 40), told]);
    if (parseFloat(style.fontSize) < 12) small.push([text.data.trim().slice(0, 40), style.fontSize]);
    const box = node.getBoundingClientRect();
    if (box.right > innerWidth + 1) outside.push([text.data.trim().slice(0, 40), box.right]);
  }
  for (const part of document.querySelectorAll('.stack rect, .plot rect')) {
    const told = contrast(getComputedStyle(part).fill, ground(part.closest('section')));
    if (told < 3) faint.push([part.getAttribute('class'), told]);
  }
  return {faint, small, outside, width: document.documentElement.scrollWidth, words: document.body.innerText.length,
          alert: document.body.innerText.includes('<script>alert'), dark: luminance(ground(document.body)) < 0.2};
})()
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as made:
        yield made


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 1440])
@pytest.mark.parametrize("lang", texts.LANGUAGES)
@pytest.mark.parametrize("which", REPORTS)
def test_a_report_can_be_read(browser: Browser, tmp_path: Path, which: str, lang: str, width: int, scheme: str) -> None:
    page = tmp_path / "report.html"
    report = REPORTS[which]
    page.write_text(render(report, advise(report), Manner(lang, "America/Sao_Paulo")), "utf-8")

    seen = browser.look(page, width=width, scheme=scheme, script=SCRIPT)

    assert seen.complaints == []
    assert seen.requests == [page.as_uri()], "a request outside of itself"
    told = seen.result
    assert (told["faint"], told["small"], told["outside"]) == ([], [], [])
    assert told["width"] <= width
    assert told["words"] > 300
    assert told["dark"] == (scheme == "dark")
    assert told["alert"] == (which != "bare"), "names are shown as they are, and not obeyed"
