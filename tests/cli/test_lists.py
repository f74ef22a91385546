"""Lists of schemes, chips and boards."""

from tests.command import asked, run


def test_boards():
    rows = {row["name"]: row for row in asked("boards")}
    assert rows["icebreaker"] == {
        "name": "icebreaker", "target": "ice40up5k", "luts": 5280, "brams": 30, "dsps": 8,
        "clock_mhz": 12, "reserve": rows["icebreaker"]["reserve"],
        "link": "USB, the second port of its FT2232H", "baud": 1000000,
        "programmers": ["iceprog", "openFPGALoader"], "bitstream": True,
        "verified": "bitstream", "about": "1BitSquared iCEBreaker"}
    shown = run("boards").stdout
    assert all(name in shown for name in rows)


def test_schemes_and_targets():
    assert {row["name"] for row in asked("schemes")} >= {"binary", "ternary", "fixed"}
    assert {row["name"] for row in asked("targets")} >= {"ice40hx8k", "ecp5-25k", "xc7", "asic"}
