"""Putting many questions through one channel at once.

No task, lock or timer of its own for any of them: answers are callbacks, and since all questions of a pass are given the
same patience, they lose it in the order in which they were sent.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from functools import partial
from typing import Final, Generic, TypeVar

import aiodns
import pycares

from pipeline.lookups import answers
from pipeline.lookups.answers import Answer, Question
from pipeline.lookups.hosts import Steps
from pipeline.lookups.throttle import Throttle

T = TypeVar("T")

#: How often, in seconds, to look for lost patience, and whether more may be asked than before.
_TICK: Final = 0.05


class Pass(Generic[T]):
    """Walks through many ``steps``, giving each question ``patience`` seconds; the same question is asked once.

    What was begun goes on before anything else is begun, so that no more is half done than must be.
    """

    def __init__(
        self, channel: aiodns.DNSResolver, steps: Iterable[Steps[T]], patience: float, throttle: Throttle
    ) -> None:
        self._channel = channel
        self._unbegun: Iterator[Steps[T]] | None = iter(steps)
        self._patience = patience
        self._throttle = throttle
        self._known: dict[Question, Answer] = {}
        self._walkers: dict[Question, list[_Walker[T]]] = {}  # who waits for the answer to a question
        self._questions: deque[Question] = deque()  # to be sent
        self._sent: dict[Question, asyncio.Future[pycares.DNSResult]] = {}
        self._just_sent: list[Question] = []  # since the last tick
        self._ends: deque[tuple[float, list[Question]]] = deque()  # when patience is lost
        self._results: list[T] = []
        self._go_on = asyncio.Event()  # for the sender: there may be more to send
        self._news = asyncio.Event()  # for the one who takes the results

    async def results(self, ends: float) -> AsyncGenerator[list[T], None]:
        """Yield results, some at a time, until the monotonic clock shows ``ends``. Raises what the throttle raises."""
        sender = asyncio.create_task(self._send())
        sender.add_done_callback(lambda _: self._news.set())
        loop = asyncio.get_running_loop()
        deadline = loop.call_later(max(ends - time.monotonic(), 0), sender.cancel)
        self._tick(loop)
        try:
            while not sender.done() or self._results:
                await self._news.wait()
                self._news.clear()
                results, self._results = self._results, []
                if results:
                    yield results
            if not sender.cancelled():
                sender.result()
        finally:
            deadline.cancel()
            self._ticking.cancel()
            sender.cancel()
            self._walkers.clear()
            await asyncio.wait({sender})

    async def _send(self) -> None:
        while self._unbegun is not None or self._questions or self._sent:
            while len(self._sent) < self._throttle.in_flight and (self._questions or self._begin()):
                await self._throttle.admit()
                self._ask(self._questions.popleft())
            self._go_on.clear()
            if self._unbegun is not None or self._questions or self._sent:
                await self._go_on.wait()

    def _begin(self) -> bool:
        """Begin something; False where nothing is left that asks a question."""
        while self._unbegun is not None and not self._questions:
            steps = next(self._unbegun, None)
            if steps is None:
                self._unbegun = None
            else:
                self._walk(_Walker(steps))
        return bool(self._questions)

    def _walk(self, walker: _Walker[T]) -> None:
        """Hand the walker the answers that it waited for, until it waits for others."""
        while not walker.missing:
            try:
                questions = walker.advance()
            except StopIteration as end:
                self._results.append(end.value)
                self._news.set()
                return
            for question in questions:
                if (answer := self._known.get(question)) is not None:
                    walker.hear(question, answer)
                elif (others := self._walkers.get(question)) is not None:
                    others.append(walker)
                else:
                    self._walkers[question] = [walker]
                    self._questions.append(question)

    def _ask(self, question: Question) -> None:
        name, kind = question
        if not answers.is_askable(name):
            self._tell(question, answers.ERROR)
            return
        query = self._channel.query_dns(name, kind)
        self._sent[question] = query
        self._just_sent.append(question)
        query.add_done_callback(partial(self._heard, question))

    def _heard(self, question: Question, query: asyncio.Future[pycares.DNSResult]) -> None:
        del self._sent[question]
        self._tell(question, answers.read(question, query))
        self._go_on.set()

    def _tell(self, question: Question, answer: Answer) -> None:
        if question[1] in answers.SHARED:
            self._known[question] = answer
        for walker in self._walkers.pop(question, ()):
            walker.hear(question, answer)
            self._walk(walker)

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        now = time.monotonic()
        if self._just_sent:
            self._ends.append((now + self._patience, self._just_sent))
            self._just_sent = []
        while self._ends and self._ends[0][0] <= now:
            for question in self._ends.popleft()[1]:
                if (query := self._sent.get(question)) is not None:
                    query.cancel()  # for us; the library goes on until it has tried often enough
        self._go_on.set()
        self._ticking = loop.call_later(_TICK, self._tick, loop)


class _Walker(Generic[T]):
    """Somebody on the way through steps, who waits for the answers to the questions asked last."""

    __slots__ = ("_asked", "_heard", "_steps", "missing")

    def __init__(self, steps: Steps[T]) -> None:
        self._steps = steps
        self._asked: Sequence[Question] = ()
        self._heard: dict[Question, Answer] = {}
        self.missing = 0

    def advance(self) -> Sequence[Question]:
        """Go on with the answers, and return what is asked now. Raises StopIteration with the result."""
        heard = self._heard
        self._asked = self._steps.send([heard[each] for each in self._asked]) if heard else next(self._steps)
        self._heard = {}
        self.missing = len(self._asked)
        return self._asked

    def hear(self, question: Question, answer: Answer) -> None:
        """Take note of an answer."""
        self._heard[question] = answer
        self.missing -= 1
