"""A failure for people: a table of what its absence changes, and a module that Python can read."""

import ast

from tests.scenarios.worlds.small_world import small_world
from uplab.scenarios.worlds.plan import plan_of
from uplab.scenarios.worlds.shrinking.shown import as_pytest, told
from uplab.scenarios.worlds.shrinking.shrink import Shrunk

WORLD = small_world({"do": "post", "device": "a", "change": {"note": 'C:\\new "quoted"'}})


def test_module_holds_the_world() -> None:
    module = ast.parse(as_pytest(WORLD, 'why """ \\ \n it failed'))
    [text] = [node.value for node in module.body if isinstance(node, ast.Assign)]
    assert plan_of(ast.literal_eval(text)) == WORLD


def test_table_says_how_often() -> None:
    said = told(Shrunk(WORLD, 3, 3, (("connection y", 0),), False, 12))
    assert "fails 3 of 3 times as it is" in said
    assert "0 of 3 without connection y" in said
    assert "--budget" in said
