"""The report in a browser, light and dark, on a desktop and on a phone: all of it is there and
can be read. ``browser.js`` looks, in Chromium, at frames as wide as the screens."""

import json
import shutil
import subprocess
from html import escape, unescape
from pathlib import Path

import pytest

from qhw import verbs
from qhw.exact.num import Int
from qhw.graph import Graph
from qhw.layers import Input
from qhw.report.record import Record
from qhw.report.report import report_html
from qhw.schemes import schemes
from qhw.schemes.ternary import Ternary
from qhw.tools.typed import read
from tests.networks import Builder
from tests.whole.test_images import description

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
                None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium to look with")

WIDTHS = {"desktop": 1280, "print": 760, "phone": 390}
PAGES = ("straight", "branched", "long")
DARK = {"light": 1, "dark": 0}


def long_network() -> Graph:
    """Fourteen layers and what is between them."""
    b = Builder(5)
    b.add("input", Input((24,), Int(0, 15)))
    for k in range(14):
        b.dense(f"dense_with_a_long_name_{k}", Ternary(), 24, 24)
        b.norm(f"norm{k}", 24, 20)
        b.activation(f"activation{k}")
    return Graph("long", tuple(b.nodes)).check()


def measured(record):
    """With figures as if it had been synthesized and simulated, and all that a record can have."""
    def some(cost):
        return {key: round(1.07 * value) for key, value in cost.items()}

    layers = [{**layer, "measured": some(layer["estimate"]), "uncertainty": {"luts": .06}}
              for layer in record["layers"]]
    cycles = 20 * record["cycles_per_inference"]
    return {
        **record,
        "layers": layers, "measured": some(record["estimate"]), "uncertainty": {"luts": .06},
        "fmax_mhz": {"estimate": 51.25, "measured": 48.9}, "energy_nj": 41.7,
        "inferences_per_second": {"estimate": 800_781.2, "measured": 764_062.5},
        "storage_bits": 12_928, "primitives": {"DP16KD": 7},
        "accuracy": {"correct": 538, "samples": 540},
        "simulation": {"engine": "verilator", "samples": 20, "matches": 20, "cycles": cycles,
                       "activity": {layer["name"]: {"moved": 20 * k, "blocked": cycles // 9,
                                                    "idle": cycles // 3}
                                    for k, layer in enumerate(layers)}},
        "command": "qhw build straight -o out --target ecp5-85k --input x.npz"}


def compared():
    """Rows as a comparison makes them: some close together, one that failed."""
    rows = [{"scheme": f"{name}:bits=4" if k % 3 == 0 else name,
             "accuracy": .93 + .069 * (k * 7 % 13 / 13) ** .3,
             "luts": k + round(1500 * 1.1 ** (k * 5 % 23)),
             "ffs": 300 + k, "brams": k, "dsps": k % 3, "storage_bits": 1000 * k, "cycles": 64,
             "energy_nj": 3.5 * k + 1, "error": None,
             "layers": [{"name": f"fc{n}", "scheme": name, "luts": 90 * n + k, "ffs": 0,
                         "brams": 0, "dsps": 0, "carries": 0} for n in range(11)]}
            for k, name in enumerate(sorted(schemes))]
    for row in rows:
        row["pareto"] = not any(o["luts"] < row["luts"] and o["accuracy"] >= row["accuracy"]
                                for o in rows)
    rows[3] |= {"accuracy": None, "error": "it cannot be convolved: its windows differ"}
    return {"target": "ecp5-85k", "rows": rows}


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    image = description(tmp_path_factory.mktemp("net") / "net", "fixed")
    return {
        "straight": {
            **measured(verbs.estimate("digits-ternary", "ecp5-85k")), "comparison": compared()},
        "branched": verbs.estimate(image, "ecp5-85k"),
        "long": measured(verbs.estimate(long_network(), "ecp5-85k"))}


def seen(pages: dict[str, str], folder: Path, light: str) -> dict:
    """What there is to see of pages, by name and screen."""
    frames = "".join(
        f'<iframe name="{name} {screen}" width="{width}" height="900" style="border: 0"'
        f' srcdoc="{escape(page)}"></iframe>'
        for name, page in pages.items() for screen, width in WIDTHS.items())
    script = Path(__file__).with_name("browser.js").read_text(encoding="utf-8")
    whole = folder / f"{light}.html"
    whole.write_text(f'<!DOCTYPE html><meta charset="utf-8"/><pre id="found"></pre>{frames}'
                     f"<script>{script}</script>", encoding="utf-8")
    done = subprocess.run(
        [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
         "--disable-dev-shm-usage", f"--user-data-dir={folder / light}",
         f"--blink-settings=preferredColorScheme={DARK[light]}", "--dump-dom", whole.as_uri()],
        capture_output=True, text=True, timeout=240, check=True)
    begin = done.stdout.index('<pre id="found">') + len('<pre id="found">')
    return json.loads(unescape(done.stdout[begin:done.stdout.index("</pre>", begin)]))


@pytest.fixture(scope="module")
def views(records, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    pages = {name: report_html(read(Record, record)) for name, record in records.items()}
    return {light: seen(pages, folder, light) for light in DARK}


@pytest.fixture(params=[(name, screen, light) for name in PAGES for screen in WIDTHS
                        for light in DARK], ids=" ".join)
def view(request, views):
    name, screen, light = request.param
    return views[light][f"{name} {screen}"]


@pytest.fixture
def record(request, view, records):
    return records[request.node.callspec.params["view"][0]]


def test_nothing_is_cut_off_or_hidden(view):
    assert view["wider"] <= 0
    assert view["thin"] == 0
    for what in ("outside", "clipped", "overlapping", "crossed", "cut", "meeting", "empty"):
        assert view[what] == [], what


def test_every_unit_is_drawn_once(view, record):
    names = [layer["name"] for layer in record["layers"]]
    assert sorted(view["units"]) == sorted(["input", "output", *names])
    assert len(view["beats"]) == len(names) + 1


def test_the_figures_are_the_records(view, record):
    rows = view["tables"]["costs"]
    shown = {row[0]: row[1].replace(",", "").split()[0] for row in rows}
    for layer in record["layers"]:
        assert shown[layer["name"]] == str(layer["estimate"]["luts"])
    assert shown["whole"] == str(record["estimate"]["luts"])
    tiles = dict(view["tiles"])
    assert tiles["Cycles per inference"] == f"{record['cycles_per_inference']:,}"
    assert tiles["LUTs"] == f"{(record['measured'] or record['estimate'])['luts']:,}"
    cycles = {row[0]: row[-1].replace(",", "") for row in view["tables"]["shapes"]}
    assert all(cycles[layer["name"]] == str(layer["cycles"]) for layer in record["layers"])


def test_stalls_are_shown_where_they_were_counted(view, record):
    activity = (record.get("simulation") or {}).get("activity", {})
    rows = view["tables"].get("stalls", [])
    assert [[row[0], *(int(n.replace(",", "")) for n in row[2:5])] for row in rows] == [
        [name, of["moved"], of["blocked"], of["idle"]] for name, of in activity.items()]


def test_schemes_are_points_rows_and_bars(view, record):
    rows = (record.get("comparison") or {"rows": []})["rows"]
    works = [row["scheme"] for row in rows if not row["error"]]
    assert view["points"] == len(works)
    assert sorted(view["labels"]) == sorted(works)
    assert sorted(row[0] for row in view["tables"].get("schemes", [])) == sorted(
        row["scheme"] for row in rows)
    assert len(view["tables"].get("stacks", [])) == len(works)


def test_light_and_dark_differ(views):
    light, dark = (views[light]["straight desktop"] for light in DARK)
    assert light["background"] == dark["color"] or light["background"] == "rgb(255, 255, 255)"
    assert light["background"] != dark["background"]
    assert light["color"] != dark["color"]
