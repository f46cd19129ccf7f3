"""The mutants themselves: each has one mistake, and what people read is left alone."""

from __future__ import annotations

import ast

from tests.mutation.mutants import mutants

SOURCE = '''
def greeting(name, polite=True):
    """Said to somebody."""
    log.info("greeted", name=name)
    if polite and name != "":
        return "Dear " + name
    return None
'''


def test_each_mutant_has_one_mistake() -> None:
    """Every mistake that can be made in a function is made once, and each makes another text."""
    made = list(mutants(SOURCE))
    assert [(one.line, one.words) for one in made] == [
        (5, "condition turned round"),
        (5, "And becomes Or"),
        (5, "operand 0 of And left out"),
        (5, "operand 1 of And left out"),
        (5, "NotEq 0 becomes Eq"),
        (5, "text '' becomes another"),
        (6, "None returned"),
        (6, "Add becomes Sub"),
    ]
    texts = [ast.unparse(one.tree) for one in made]
    assert len({*texts, ast.unparse(ast.parse(SOURCE))}) == len(made) + 1
    assert {one.function for one in made} == {"greeting"}
