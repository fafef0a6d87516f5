"""Answers to questions that may lead back to themselves, kept so that each is found once."""

from __future__ import annotations

import sys
from typing import Any, Callable, TypeVar, cast

_Answer = TypeVar("_Answer")


class KeptAnswers:
    """Asks questions, and keeps the answers.

    A question that leads back to itself gets a first answer there. What was found with the help of that is right for
    the question that was asked first, and for no other: it is kept until that one is answered.
    """

    def __init__(self, version: Callable[[], int]) -> None:
        """Begin without any.

        Args:
            version: a number that is another one once what answers are found by has changed: none is kept then.
        """
        self._version = version
        self._kept_for = version()
        self._kept: dict[object, Any] = {}
        self._kept_inside: dict[int, dict[object, Any]] = {}
        self._depths: dict[object, int] = {}
        self._led_back_to = sys.maxsize

    def ask(self, about: object, find: Callable[[], _Answer], in_circle: _Answer, *, keep: bool = True) -> _Answer:
        """Find the answer to a question, or remember it.

        Args:
            about: what the question is about.
            find: finds the answer.
            in_circle: the answer where the question leads back to itself.
            keep: whether to keep the answer; one that is found fast needn't be.

        Returns:
            The answer.
        """
        if self._version() != self._kept_for:
            self._kept.clear()
            self._kept_for = self._version()
        if about in self._kept:
            return cast("_Answer", self._kept[about])
        if about in self._depths:
            self._led_back_to = min(self._led_back_to, self._depths[about])
            return in_circle
        for depth, answers in self._kept_inside.items():
            if about in answers:
                self._led_back_to = min(self._led_back_to, depth)
                return cast("_Answer", answers[about])
        outside, self._led_back_to = self._led_back_to, sys.maxsize
        depth = self._depths[about] = len(self._depths)
        try:
            found = find()
        finally:
            del self._depths[about]
            self._kept_inside.pop(depth, None)
            first = self._led_back_to
            self._led_back_to = min(outside, first) if first < depth else outside
        if keep and self._version() == self._kept_for:
            kept = self._kept if first >= depth else self._kept_inside.setdefault(first, {})
            kept[about] = found
        return found
