"""axe-core at its locked version: what it finds wrong with a page for people who do not see it or use no mouse."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import Page

_HERE = Path(__file__).parent
_SOURCE = _HERE / "node_modules/axe-core/axe.min.js"
_NPM_CI = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]


@cache
def source() -> str:
    """Installed unless it is there. Blocking; needs npm once."""
    if not _SOURCE.exists():
        subprocess.run(_NPM_CI, cwd=_HERE, check=True, capture_output=True, timeout=300)
    return _SOURCE.read_text(encoding="utf-8")


async def violations(page: Page) -> list[str]:
    """Serious and critical ones, each with the elements concerned."""
    await page.evaluate(source())
    result: dict[str, Any] = await page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{found['id']} ({found['impact']}): {node['html'][:200]} — {node['failureSummary']}"
        for found in result["violations"]
        if found["impact"] in ("serious", "critical")
        for node in found["nodes"]
    ]
