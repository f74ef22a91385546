"""Pages of the site that are made as it is built: the README as its first page, the project's other
pages, and the reference of the command line from the commands themselves.

A hook of MkDocs: ``mkdocs.yml`` names it.
"""

import os.path
import re
from pathlib import Path, PurePosixPath
from typing import Any

import typer.main
from mkdocs.structure.files import File

from qhw.cli import app

ROOT = Path(__file__).resolve().parent.parent
PAGES = {"README.md": "index.md", **{name: name for name in (
    "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")}}
"""Pages beside ``docs`` by their names on the site."""
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)#:\s]+)(#[^)\s]*)?\)")


def on_config(config: Any) -> Any:
    """Adds pages that the navigation does not order at the end of their folder's section."""
    named = set(re.findall(r"[\w/-]+\.md", str(config.nav)))
    for section in config.nav:
        (pages,) = section.values()
        if isinstance(pages, list):
            folder = next(iter(re.findall(r"(\w+)/", str(pages))), "")
            found = sorted((ROOT / "docs" / folder).glob("*.md")) if folder else []
            pages += [name for page in found
                      if (name := f"{folder}/{page.name}") not in named]
    return config


def on_files(files: Any, config: Any) -> Any:
    """Adds the pages that are not files of ``docs``."""
    made = {site: (ROOT / name).read_text(encoding="utf-8") for name, site in PAGES.items()}
    made["reference/cli.md"] = commands()
    for site, text in made.items():
        files.append(File.generated(config, site, content=text))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Leads the links of a page to the site's pages; a link to a source file becomes its text."""
    site = page.file.src_uri
    source = {v: k for k, v in PAGES.items()}.get(site, f"docs/{site}")

    def led(link: re.Match[str]) -> str:
        target = os.path.normpath(PurePosixPath(source).parent / link[3])
        there = PAGES.get(target) or (target[5:] if target.startswith("docs/") else None)
        if there is None:
            return link[2]
        way = os.path.relpath(there, PurePosixPath(site).parent)
        return f"{link[1]}[{link[2]}]({way}{link[4] or ''})"

    return LINK.sub(led, markdown)


def commands() -> str:
    """Writes the reference of the command line: a section a command, a row an option."""
    group: Any = typer.main.get_command(app)
    lines = ["# Command line", "", str(group.help), "",
             "Made from the commands when this site is built; `qhw COMMAND --help` says the same.",
             ""]
    for name, command in group.commands.items():
        lines += _command(name, command)
    return "\n".join(lines)


def _command(name: str, command: Any) -> list[str]:
    context = command.context_class(command, info_name=f"qhw {name}")
    usage = " ".join(command.collect_usage_pieces(context))
    lines = [f"## {name}", "", str(command.help or "").strip(), "",
             "```console", f"$ qhw {name} {usage}", "```", "", "| option | meaning |", "|---|---|"]
    for parameter in command.params:
        record = parameter.get_help_record(context)
        if record is not None:
            lines.append(_row(*record))
        else:
            lines.append(_row(parameter.make_metavar(context), getattr(parameter, "help", "")))
    return [*lines, ""]


def _row(name: str, text: str | None) -> str:
    cells = (f"`{' '.join(name.split())}`", " ".join((text or "").split()))
    return "| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |"
