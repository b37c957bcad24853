"""A pattern finds the lines that it stands for, wherever a sentence quotes one, and nothing else of the sentence."""

import pytest

from alerts.gaps import Gapped


@pytest.mark.parametrize(
    ("text", "sentence", "left"),
    [
        ("account * of Wombat", "it said: account 79 of Wombat.", "it said: [erased]."),
        ("account <*> of Wombat", "account <*> of Wombat, 3 times", "[erased], 3 times"),
        ("account * of Wombat", "account 79\nor 80 of Wombat", None),  # a gap ends with its line
        ("account * of Wombat", "account  79 of\tWombat", "[erased]"),
        ("account * of Wombat", "an account of Wombats", None),
        ("* was refused", 'job: "Jane Doe" was refused', "job: [erased]"),
        ("* was refused", "job: Jane was refused", "job: [erased]"),
        ("refused: <*>", "refused: Jane, again", "[erased] again"),
        ("a.b+c (<*>) failed", "a.b+c (1) failed", "[erased]"),
        ("a.b+c (<*>) failed", "aXbbc (1) failed", None),
        ("so many words <*> and …", "so many words 3 and what came after\nnext", "[erased]\nnext"),
        ("word " * 39 + "these", "word " * 39 + "these and those", "[erased]"),  # an error's words are cut
    ],
)
def test_lines_are_found(text, sentence, left):
    assert Gapped.read(text).scrub(sentence) == (sentence if left is None else left)


@pytest.mark.parametrize("text", ["no gap at all", "<*> <*>", "* is *", "a b c d e f g h *"])
def test_what_cannot_tell_a_line_is_no_pattern(text):
    assert Gapped.read(text) is None


def test_it_is_linear():
    assert Gapped.read("x * " * 40 + "wombat").scrub("x 1 " * 20_000).startswith("x 1")
