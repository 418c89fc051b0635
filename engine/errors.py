"""What can be wrong with what a user gives us: always where, what, and what would be right."""

from __future__ import annotations


class EngineError(Exception):
    """Bad input. where: the place in it. what: the fault. instead: what would be right.

    It is said in English, except by what is asked about a run that is told in another language.
    """

    language = "en"

    def __init__(self, where: str, what: str, instead: str) -> None:
        super().__init__(where, what, instead)
        self.where, self.what, self.instead = where, what, instead

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.instead}"


class BadScenario(EngineError):
    """A scenario that cannot be set up."""


class BadSchedule(EngineError):
    """A schedule that does not parse, or names what is not there."""


class BadLink(EngineError):
    """A link payload that does not decode."""


class UnknownKernel(EngineError):
    """No kernel of that name."""


class UnknownLanguage(EngineError):
    """No messages in that language."""


class BadMessages(EngineError):
    """A file of messages that cannot be used."""


class NotBuilt(EngineError):
    """Something of the page is needed that its build has not made yet."""


class BudgetExceeded(EngineError):
    """The run is larger than the limits allow."""


class TookTooLong(EngineError):
    """The run takes longer than whoever runs it allows."""


class HandlerError(Exception):
    """A handler of ours broke its rules: it raised, or yielded what is not an op."""
