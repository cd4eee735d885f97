"""docs/harnesses.md says what the profiles and the checks say."""

from __future__ import annotations

import runpy
from pathlib import Path

from harnesses import catalog
from harnesses.checks import CHECKS

DOCS = Path(__file__).parent.parent.parent / "docs"


def test_the_page_is_current() -> None:
    page = runpy.run_path(str(DOCS / "generate_harnesses.py"))["page"]()
    assert (DOCS / "harnesses.md").read_text() == page, "run: python docs/generate_harnesses.py"


def test_every_exception_is_about_a_check() -> None:
    for name in catalog.names():
        assert catalog.get(name).cannot.keys() <= CHECKS.keys()
