"""Builds the wheel and the source distribution, tries them in clean environments, and writes their
checksums: ``make release``.

The files go to ``build/release``, whole or not at all. Nothing is published."""

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parent.parent
OUT = ROOT / "build" / "release"
PYTHONS = ("3.11", "3.12", "3.13")
TRIED = (("--version",), ("estimate", "digits-ternary", "--target", "ice40up5k"),
         ("build", "digits-binary", "--target", "ecp5-25k", "-o", "out"))


def said(*words: object, cwd: Path = ROOT) -> str:
    """Runs a program; returns its output, or ends with it."""
    done = subprocess.run([str(word) for word in words], cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, words))}\n{done.stdout}{done.stderr}")
    return done.stdout


def version() -> str:
    """The version, whose section the changelog must have with a date."""
    found = re.search(r'__version__ = "(.+)"', (ROOT / "qhw/version.py").read_text())
    assert found
    if not re.search(rf"^## {re.escape(found[1])} \(\d{{4}}-\d\d-\d\d\)$",
                     (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE):
        sys.exit(f"CHANGELOG.md has no section '## {found[1]} (YYYY-MM-DD)'")
    if found[1] not in (ROOT / "CITATION.cff").read_text():
        sys.exit(f"CITATION.cff is not of version {found[1]}")
    return found[1]


def interpreter(minor: str) -> str | None:
    """A Python of this version: of PATH, or of pyenv."""
    if found := shutil.which(f"python{minor}"):
        done = subprocess.run([found, "--version"], capture_output=True, text=True)
        if done.returncode == 0 and f" {minor}." in done.stdout:
            return found
    known = sorted(Path.home().glob(f".pyenv/versions/{minor}.*/bin/python{minor}"))
    return str(known[-1]) if known else None


def tried(package: Path, python: str, wanted: str) -> None:
    """Installs a package in a clean environment, and runs commands there."""
    with TemporaryDirectory(prefix="qhw-release-") as folder:
        place = Path(folder)
        said(python, "-m", "venv", place / "venv")
        said(place / "venv/bin/python", "-m", "pip", "install", "--quiet", package)
        for words in TRIED:
            text = said(place / "venv/bin/qhw", *words, cwd=place)
            if words == ("--version",) and text.split()[-1] != wanted:
                sys.exit(f"{package.name} is of version {text.split()[-1]}, not {wanted}")


def main() -> None:
    wanted = version()
    if changed := said("git", "status", "--porcelain"):
        sys.exit(f"Commit first:\n{changed}")
    with TemporaryDirectory(prefix="qhw-release-") as folder:
        made = Path(folder) / "release"
        said(sys.executable, "-m", "build", "--outdir", made)
        packages = sorted(made.iterdir(), key=lambda path: path.suffix != ".whl")
        said(sys.executable, "-m", "twine", "check", "--strict", *packages)
        for minor in PYTHONS:
            python = interpreter(minor)
            if python is None:
                print(f"Python {minor}: not at hand, not tried", flush=True)
                continue
            for package in packages[:2 if minor == PYTHONS[0] else 1]:
                tried(package, python, wanted)
                print(f"Python {minor}: {package.name} installs and runs", flush=True)
        (made / "SHA256SUMS").write_text("".join(
            f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.name}\n" for p in packages))
        shutil.rmtree(OUT, ignore_errors=True)
        OUT.parent.mkdir(exist_ok=True)
        shutil.copytree(made, OUT)
    print(f"{OUT.relative_to(ROOT)}: {', '.join(sorted(p.name for p in OUT.iterdir()))}")


if __name__ == "__main__":
    main()
