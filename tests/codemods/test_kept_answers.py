"""Questions that may lead back to themselves: each is answered once, and as if all were asked anew."""

import pytest

from rehandle_codemods.flow.kept_answers import KeptAnswers

pytestmark = [pytest.mark.prefect(None), pytest.mark.once]

# What each question leads to; its answer is whether none of them comes to the end of a circle.
ROUND = {"a": "b", "b": "c", "c": "a"}
LEVELS = {f"{n}": f"{n + 1} {n + 1}" for n in range(40)}
OUT_OF_A_CIRCLE = {"a": "b d", "b": "a", "d": "e e", "e": ""}


class Asked:
    def __init__(self, links):
        self.links = links
        self.version = 0
        self.found = []
        self.answers = KeptAnswers(lambda: self.version)

    def ask(self, about):
        return self.answers.ask(about, lambda: self.find(about), False)

    def find(self, about):
        self.found.append(about)
        found = [self.ask(each) for each in self.links.get(about, "").split()]  # each is asked
        return all(found)


@pytest.mark.parametrize(
    ("links", "about", "answer", "times"),
    [
        pytest.param({}, "a", True, 1, id="one"),
        pytest.param(LEVELS, "0", True, 41, id="each twice"),
        pytest.param(ROUND, "a", False, 3, id="round"),
        pytest.param(OUT_OF_A_CIRCLE, "a", False, 4, id="a circle, and what isn't in it"),
    ],
)
def test_each_is_found_once(links, about, answer, times):
    asked = Asked(links)
    assert asked.ask(about) is answer
    assert len(asked.found) == times


def test_what_was_found_by_a_circle_is_no_answer_to_another_question():
    asked = Asked({"a": "b", "b": "a c", "c": ""})
    assert [asked.ask("a"), asked.ask("b"), asked.ask("c")] == [False, False, True]
    assert asked.found == ["a", "b", "c", "b"]  # b led back to a, and a and c are known


def test_nothing_is_kept_once_something_changed():
    asked = Asked({"a": "b"})
    assert asked.ask("a")
    asked.version += 1
    asked.links["b"] = "b"
    assert not asked.ask("a")


def test_an_error_leaves_no_question_open():
    asked = Asked({"a": "b"})
    asked.links["b"] = None
    with pytest.raises(AttributeError):
        asked.ask("a")
    asked.links["b"] = ""
    assert asked.ask("a")
