"""Processes that work at once: each with a connection of its own, each told what to do next through a pipe."""

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

from django.db import connections

Work = Callable[[int, Any], Any]  # which member, and what it is told; what it answers


class Crew:
    def __init__(self, pipes: list[Connection]) -> None:
        self.pipes = pipes

    def do(self, orders: Sequence[Any]) -> list[Any]:
        """Each member its own order, all at once; their answers, in the same order.

        What a member raised is raised here.
        """
        for pipe, order in zip(self.pipes, orders, strict=False):
            pipe.send(order)
        answers = [pipe.recv() for pipe, _ in zip(self.pipes, orders, strict=False)]
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
        return answers


@contextmanager
def crew(size: int, work: Work) -> Iterator[Crew]:
    """So many processes, forked, that carry out `work` order by order until the block ends."""
    context = multiprocessing.get_context("fork")
    connections.close_all()  # a connection is nobody's to share
    pipes: list[Connection] = []
    members = []
    for number in range(size):
        ours, theirs = context.Pipe()
        member = context.Process(target=serve, args=(number, work, theirs, [*pipes, ours]), daemon=True)
        member.start()
        theirs.close()
        pipes.append(ours)
        members.append(member)
    try:
        yield Crew(pipes)
    finally:
        for pipe in pipes:
            pipe.close()
        for member in members:
            member.join(5)
            if member.is_alive():
                member.kill()
                member.join()


def serve(number: int, work: Work, pipe: Connection, not_ours: list[Connection]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the bench hears it, and closes the pipe
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for other in not_ours:
        other.close()
    while True:
        try:
            order = pipe.recv()
        except EOFError:
            return
        try:
            answer = work(number, order)
        except Exception as error:  # noqa: BLE001 - it is raised again by whoever gave the order
            answer = RuntimeError(f"{type(error).__name__}: {error}")
        try:
            pipe.send(answer)
        except BrokenPipeError:
            return
