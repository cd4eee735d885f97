"""The contract as a suite that anyone can run against a harness: `reins harness check AGENT`.

The promises are in `checks`, the prompts in `prompts_for_checks`. What a profile says it `cannot` do is run too: a
harness that can after all makes the profile wrong, and that fails.
"""

from __future__ import annotations

import asyncio
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from harnesses.at_hand import TURN_TIMEOUT, AtHand, CheckFailed, Skipped
from harnesses.checks import CHECKS
from harnesses.errors import HarnessError
from harnesses.profile import Profile, Provider, Spec
from harnesses.prompts_for_checks import FOR_A_MODEL, ControlledModel, Scripted

__all__ = ["CHECKS", "Result", "check"]


@dataclass(frozen=True)
class Result:
    """``ok`` is None for a check that says nothing about this harness; ``detail`` is a sentence, empty when all is
    well."""

    name: str
    ok: bool | None
    detail: str = ""


async def check(
    profile: Profile,
    *,
    install_dir: Path,
    provider: Provider | None,
    model: str | None = None,
    other_model: str | None = None,
    controlled: ControlledModel | None = None,
    only: Iterable[str] = CHECKS,
    scrub: Callable[[str], str] = str,
) -> list[Result]:
    """Run the checks named in ``only``, each in directories of its own; one result per check, in order. Takes seconds
    per check, and costs a few short turns where the provider does.

    ``other_model``: a second model that the harness offers. ``controlled``: the model behind ``provider``, where it
    does as it is told; without it, provider errors cannot be checked."""
    if controlled is None and profile.name == "scripted":
        controlled = Scripted()
    root = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="reins-check-"))
    try:
        results = []
        for name in only:
            place = root / secrets.token_hex(4)
            spec = Spec("check", place / "home", place / "tmp", place / "workspace", install_dir, model, "", provider)
            spec.workspace.mkdir(parents=True)
            at_hand = AtHand(
                profile,
                spec,
                controlled.words if controlled is not None else FOR_A_MODEL,
                f"plum{secrets.token_hex(4)}",
                other_model,
                controlled.failing_provider if controlled is not None else None,
                scrub,
            )
            if controlled is not None:
                await controlled.prepare(spec, at_hand.secret)
            results.append(await _one(at_hand, name))
        return results
    finally:
        await asyncio.to_thread(shutil.rmtree, root, ignore_errors=True)


async def _one(at_hand: AtHand, name: str) -> Result:
    cannot = at_hand.profile.cannot.get(name)
    try:
        await CHECKS[name].run(at_hand)
    except Skipped as skipped:
        return Result(name, None, str(skipped))
    except (CheckFailed, HarnessError) as error:
        return Result(name, None, cannot) if cannot is not None else Result(name, False, str(error))
    except TimeoutError:
        detail = f"a turn took longer than {TURN_TIMEOUT:g} s"
        return Result(name, None, cannot) if cannot is not None else Result(name, False, detail)
    if cannot is not None:
        return Result(name, False, f"its profile says that it cannot ({cannot}), and it can")
    return Result(name, True)
