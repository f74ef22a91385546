"""The page about the architecture names every room, and the picture has them all."""

from pathlib import Path

from sim.house import PICTURE, WAYS, floors, rooms

ROOT = Path(__file__).parents[2]


def test_every_room_has_its_words_and_its_box():
    page = (ROOT / "docs/how/architecture.md").read_text(encoding="utf-8")
    picture = PICTURE.read_text(encoding="utf-8")
    for name in rooms():
        assert f"**{name}**" in page or f"`{name}.py`" in page, name
        assert f">{name}</text>" in picture, name


def test_imports_point_downward_in_the_picture():
    known = rooms()
    level = floors(known)
    assert all(level[other] < level[room.name] for room in known.values() for other in room.imports)
    assert all(name in known for _, way in WAYS.values() for name in way)
