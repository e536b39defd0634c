"""What README and docs show is executed, and its output is what they print."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

from claw_gym.cli import main
from claw_gym.services import SERVICES
from claw_gym.tasks import FAMILIES
from claw_gym.testing import check_task_family

REPOSITORY = Path(__file__).parents[2]
PYTHON = re.compile(r"```python\n(.*?)```", re.DOTALL)
SHOWN = re.compile(r"```python\n(.*?)```\n\n```text\n(.*?)```", re.DOTALL)


def test_the_example_of_the_readme_prints_what_it_shows() -> None:
    code, shown = SHOWN.findall((REPOSITORY / "README.md").read_text(encoding="utf-8"))[0]
    assert len([line for line in code.splitlines() if line.strip()]) == 12
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "README.md", "exec", dont_inherit=True), {})
    assert printed.getvalue().strip() == shown.strip()


def test_the_service_of_the_docs_passes_its_check() -> None:
    (code,) = PYTHON.findall((REPOSITORY / "docs" / "adding_a_service.md").read_text(encoding="utf-8"))
    try:
        exec(compile(code, "adding_a_service.md", "exec", dont_inherit=True), {"__name__": "adding_a_service"})
        assert [item.name for item in SERVICES["parcels"].tools()] == ["parcels_list", "parcels_pick_up"]
    finally:
        SERVICES.discard("parcels")


def test_the_storyline_of_the_docs_is_what_the_life_tells(capsys) -> None:
    page = (REPOSITORY / "docs" / "lives.md").read_text(encoding="utf-8")
    asked, told = re.findall(r"\n`claw-gym (life show [^`]*)`.*?```\n(.*?)```", page, re.DOTALL)[0]
    assert main(asked.split()) == 0
    shown = " ".join(capsys.readouterr().out.split())
    heads = re.findall(r"^2\d{3}-.*$", told, re.MULTILINE)
    paragraphs = re.split(r"^2\d{3}-.*$", told, flags=re.MULTILINE)
    assert len({head.split()[2] for head in heads}) >= 4, "a storyline in at least four services"
    for line in (*heads, *paragraphs[1:]):
        # Lines are wrapped on the page, and signatures are left out.
        assert " ".join(line.split()) in shown


@pytest.mark.parametrize("page", sorted(REPOSITORY.glob("*.md")) + sorted((REPOSITORY / "docs").glob("*.md")), ids=str)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_id_family_and_service_is_documented() -> None:
    from claw_gym.envs.ids import env_ids

    text = "".join(path.read_text(encoding="utf-8") for path in (REPOSITORY / "docs").glob("*.md"))
    for name in [*env_ids(), *SERVICES]:
        assert name in text, f"{name} stands on no page of docs/"


def test_the_family_of_the_docs_passes_its_check() -> None:
    (code,) = PYTHON.findall((REPOSITORY / "docs" / "adding_a_family.md").read_text(encoding="utf-8"))
    try:
        exec(compile(code, "adding_a_family.md", "exec", dont_inherit=True), {"__name__": "adding_a_family"})
        check_task_family("confirm_order", seeds=5)
    finally:
        FAMILIES.discard("confirm_order")
