"""Which templates a number may send, and how one reads once it is filled (`docs/design.md`
section 5). A number whose templates were never heard of may try any: WhatsApp decides."""

from wainbox_relay.contract.commands import SendTemplate
from wainbox_relay.contract.content import TemplateMessage
from wainbox_relay.contract.problems import Code
from wainbox_relay.contract.variables import fill, names
from wainbox_relay.contract.vocabulary import NumberId
from wainbox_relay.domain.model import Desk
from wainbox_relay.domain.outcome import Outcome
from wainbox_relay.domain.rules.sentences import refused


def refuses(desk: Desk, number: NumberId, command: SendTemplate) -> Outcome | None:
    approved = desk.templates.get(number)
    if approved is None:
        return None
    body = approved.get((command.name, command.language))
    if body is None:
        message = "There is no approved template of this name and language; choose another."
        return refused(Code.INVALID, message)
    wanted = names(body)
    given = [name for name, _ in command.named] or [str(n) for n, _ in _numbered(command)]
    if sorted(given) != sorted(wanted):
        told = ", ".join(wanted) or "none"
        return refused(Code.INVALID, f"The template wants other values: {told}.")
    return None


def read(desk: Desk, number: NumberId, command: SendTemplate) -> str:
    """The body as the customer will read it; empty where it is not known."""
    body = desk.templates.get(number, {}).get((command.name, command.language), "")
    by_place = {str(n): value for n, value in _numbered(command)}
    return fill(body, dict(command.named) or by_place)


def language_for(desk: Desk, number: NumberId, name: str, language: str) -> str:
    """The language in which a template speaks to somebody: theirs to the letter, else any kind of
    it (`ar` is served by `ar_EG`); empty when there is none."""
    own = language.partition("-")[0]
    known = [lang for name_, lang in desk.templates.get(number, {}) if name_ == name]
    kin = sorted(lang for lang in known if lang.partition("_")[0] == own)
    return own if own in known else next(iter(kin), "")


def by_itself(
    desk: Desk, number: NumberId, name: str, language: str, ref: str
) -> TemplateMessage | None:
    """A template that Wainbox sends without anybody who could fill it in: one place at most, which
    takes the conversation's reference. None where there is no such for this language."""
    if number not in desk.templates:
        return TemplateMessage(name=name, language=language.partition("-")[0])
    found = language_for(desk, number, name, language)
    places = names(desk.templates[number].get((name, found), ""))
    if not found or len(places) > 1:
        return None
    by_name = bool(places) and not places[0].isdecimal()
    command = SendTemplate(
        name=name,
        language=found,
        variables=() if by_name else (ref,) * len(places),
        named=((places[0], ref),) if by_name else (),
    )
    return TemplateMessage(
        name=name,
        language=found,
        variables=command.variables,
        named=command.named,
        text=read(desk, number, command),
    )


def _numbered(command: SendTemplate) -> list[tuple[int, str]]:
    return list(enumerate(command.variables, 1))
