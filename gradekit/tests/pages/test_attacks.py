"""What students wrote runs nothing and loads nothing: on pages from disk, in formgrader stand-alone, and on a hub.

Each vector works on nbgrader's own page; each of our layers alone holds what it has to hold.
"""

from __future__ import annotations

import pytest
from nbformat.v4 import new_markdown_cell

from tests.hub.small_hub import Teacher, course_hub

from . import scene, vectors

pytestmark = pytest.mark.days

ON_DISK = [name for name in vectors.NAMES if name not in vectors.NEED_A_SERVER]
LEADS_AWAY = {"refresh"}  # a policy in a page can't forbid that it leads elsewhere: only what is sanitized can


def test_there_are_enough():
    assert len(set(vectors.NAMES)) == len(vectors.NAMES) >= 60


def test_each_works_on_the_page_of_nbgrader(tmp_path, browser):
    names = [name for name in ON_DISK if name not in vectors.UNDONE]
    address = scene.gallery(tmp_path / "plain", scene.of_nbgrader, names, browser.listener)
    assert set(names) - browser.open(address, set(names)) == set()


def test_each_works_where_our_protection_is_taken_away(tmp_path, browser):
    names = [*vectors.UNDONE, "script", "css-import", "markdown-link", "output-error-of-a-picture"]
    address = scene.gallery(tmp_path / "plain", scene.without_protection, names, browser.listener)
    assert set(names) - browser.open(address, set(names)) == set()


@pytest.mark.parametrize("make", [scene.ours, scene.sanitized_alone])
def test_none_works_on_a_page_of_ours(tmp_path, browser, make):
    assert browser.open(scene.gallery(tmp_path / "ours", make, ON_DISK, browser.listener)) == set()


def test_the_policy_alone_holds_too(tmp_path, browser):
    address = scene.gallery(tmp_path / "policy", scene.with_policy_alone, ON_DISK, browser.listener)
    assert browser.open(address) <= LEADS_AWAY


def attacks(listener):
    cells = [cell for name in vectors.NAMES for cell in vectors.cells(name, listener)]
    return [new_markdown_cell(scene.TAKE_POINTS), *cells]


@pytest.mark.parametrize(
    ("config", "settings"), [(scene.ADOPTED, {}), (scene.PLAIN, scene.HUB)], ids=["adopted", "settings of the hub"]
)
def test_none_works_in_formgrader(tmp_path, browser, config, settings):
    root, home = tmp_path / "course", tmp_path / "home"
    root.mkdir(), home.mkdir()
    pages = scene.make_course(root, config, attacks(browser.listener))
    with scene.formgrader(root, home, settings) as address:
        worked = {"opened": browser.open(address(pages.pop("submission")), ready=scene.READY)}
        worked |= {name: browser.open(address(path)) for name, path in pages.items()}
    assert {name: found for name, found in worked.items() if found} == {}
    assert scene.score(root) == 0


def test_none_works_in_formgrader_on_a_hub(tmp_path, browser):
    root = tmp_path / "course"
    root.mkdir()
    pages = scene.make_course(root, scene.PLAIN.replace("toy", "convkit"), attacks(browser.listener))
    hub = course_hub(tmp_path, root).start()
    try:
        cookies = Teacher(hub, "ida").session.cookies
        browser.context.add_cookies(
            [{"name": one.name, "value": one.value, "domain": "127.0.0.1", "path": one.path} for one in cookies]
        )
        ready = {"submission": scene.READY}
        worked = {
            name: browser.open(f"{hub.url}/services/convkit/{path}", ready=ready.get(name, "true"))
            for name, path in pages.items()
        }
    finally:
        browser.context.clear_cookies()
        hub.stop()
    assert {name: found for name, found in worked.items() if found} == {}
    assert scene.score(root) == 0


def test_they_work_in_formgrader_as_it_comes(tmp_path, browser):
    root, home = tmp_path / "course", tmp_path / "home"
    root.mkdir(), home.mkdir()
    some = [*vectors.cells("output-javascript", browser.listener), *vectors.cells("script", browser.listener)]
    some += vectors.cells("picture-without-scheme", browser.listener)
    pages = scene.make_course(root, scene.PLAIN, [new_markdown_cell(scene.TAKE_POINTS), *some])
    expected = {
        "submission": {"output-javascript", "script", "picture-without-scheme", "name"},
        "file": {"file"},
        "picture": {"file"},
        "address": {"address"},
        "address-of-a-student": {"address"},
    }
    with scene.formgrader(root, home, {}) as address:
        worked = {name: browser.open(address(pages[name]), wanted) for name, wanted in expected.items()}
    assert worked == expected
    assert scene.score(root) == 8
