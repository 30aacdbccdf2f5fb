"""`[oncall]`: the rota, the ladder and the ways to reach people, made into the rules' `OnCall`."""

import importlib.util
import re
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
)

from wainbox_relay.contract.content import TemplateMessage
from wainbox_relay.contract.vocabulary import MINUTE, SECOND, AgentId, Moment, NumberId
from wainbox_relay.domain.rules.ladder import OnCall
from wainbox_relay.domain.rules.rota import Rota, Shift
from wainbox_relay.sections.base import Positive, ReadableFile, Section, Words, comma_separated
from wainbox_relay.sections.hours import zone

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HANDOVER = re.compile(rf"({'|'.join(WEEKDAYS)}) ([01]\d|2[0-3]):([0-5]\d)")
_ADDRESS = re.compile(r"[a-z][a-z0-9+]*://\S+", re.IGNORECASE)


def _zone(value: str) -> str:
    zone(value)
    return value


def _handover(value: str) -> str:
    if _HANDOVER.fullmatch(value) is None:
        raise ValueError("a day and a time, such as monday 09:00")
    return value


class OverrideSection(Section):
    """Somebody else is on call for a time, whoever's week it is. Later blocks go before earlier."""

    holder: str = Field(description="The agent's handle.", examples=["lina"])
    starts: datetime = Field(
        description="From then on, in the rota's zone.",
        examples=[datetime(2026, 12, 24, 9)],  # noqa: DTZ001 - wall time
    )
    ends: datetime = Field(
        description="Until then.",
        examples=[datetime(2026, 12, 26, 9)],  # noqa: DTZ001 - wall time
    )

    @field_validator("ends", mode="after")
    @classmethod
    def _in_order(cls, ends: datetime, info: ValidationInfo) -> datetime:
        starts = info.data.get("starts", ends)
        if (starts.tzinfo is None) != (ends.tzinfo is None) or ends < starts:
            raise ValueError("a moment after starts, written like it")
        return ends

    def rules(self, where: ZoneInfo) -> Shift:
        start, end = (_instant(moment, where) for moment in (self.starts, self.ends))
        return Shift(start, end, AgentId(self.holder))


class ReachSection(Section):
    """How an agent is reached when on call; one block an agent."""

    agent: str = Field(description="The agent's handle.", min_length=1, examples=["nadia"])
    urls_file: ReadableFile = Field("", description="File that holds urls.")
    urls: SecretStr = Field(
        SecretStr(""),
        description="Addresses, with spaces between: https://... is posted a page as JSON; others, "
        "such as mailtos://, ntfys:// or tgram://, are apprise's (the extra wainbox[oncall]).",
    )
    phone: str = Field(
        "",
        description="The agent's own WhatsApp, such as +212600000000. Pages go there by "
        "oncall.template, and what it writes to our numbers is for the relay, never a case: "
        '"I have it" acknowledges.',
        pattern=r"^(\+[0-9]{6,15})?$",
        examples=["+212600000000"],
    )

    @field_validator("urls", mode="after")
    @classmethod
    def _known(cls, value: SecretStr) -> SecretStr:
        for address in value.get_secret_value().split():
            if _ADDRESS.fullmatch(address) is None:
                raise ValueError("addresses such as https://example.com/page or ntfys://topic")
            plain = address.startswith(("http://", "https://"))
            if not plain and importlib.util.find_spec("apprise") is None:
                raise ValueError("https:// addresses only, or the extra: install wainbox[oncall]")
        return value

    @property
    def digits(self) -> str:
        """The phone as WhatsApp names it."""
        return self.phone.removeprefix("+")

    @property
    def addresses(self) -> list[str]:
        return self.urls.get_secret_value().split()


def _each_once(agents: tuple[ReachSection, ...]) -> tuple[ReachSection, ...]:
    for key in ("agent", "phone"):
        values = [value for agent in agents if (value := getattr(agent, key))]
        if len(set(values)) < len(values):
            raise ValueError(f"each {key} once")
    return agents


Overrides = Annotated[tuple[OverrideSection, ...], BeforeValidator(comma_separated)]
Reached = Annotated[
    tuple[ReachSection, ...], BeforeValidator(comma_separated), AfterValidator(_each_once)
]


class OnCallSection(Section):
    """Who is called while we are closed. Shifts can change hands any time with wainbox swap."""

    rota: Words = Field(
        (),
        description="Agents' handles, in the order in which they hold a week. Empty: nobody is "
        "on call.",
    )
    zone: Annotated[str, AfterValidator(_zone)] = Field("UTC", description="The rota's time zone.")
    handover: Annotated[str, AfterValidator(_handover)] = Field(
        "monday 09:00", description="When a week on call ends and the next begins."
    )
    begins: date = Field(
        date(2026, 1, 5), description="The first in the rota begins at the hand-over from then on."
    )
    leads: Words = Field(
        (), description="Who is paged last, when nobody has acknowledged: agents' handles."
    )
    repeat_minutes: Positive = Field(
        5, description="A page is repeated this often until somebody acknowledges."
    )
    climb_minutes: Positive = Field(
        10, description="After this long the next one is paged: the next holder, then the leads."
    )
    details: bool = Field(
        False,
        description="Pages also tell the customer's name and last words. They pass through other "
        "people's servers; without it they hold reference, topic and waiting time.",
    )
    template: str = Field(
        "",
        description="An approved WhatsApp template with one variable that pages the agents whose "
        "phone is known. Empty: nobody is paged by WhatsApp.",
    )
    template_language: str = Field("en", description="The template's language.")
    template_number: NumberId = Field(
        NumberId(""),
        description="Our number that sends the template, by its id: digits.",
        pattern=r"^\d*$",
    )

    @field_validator("template_number", mode="after")
    @classmethod
    def _needed(cls, value: NumberId, info: ValidationInfo) -> NumberId:
        if info.data.get("template") and not value:
            raise ValueError("the id of one of our numbers, since a template is named")
        return value

    @property
    def content(self) -> TemplateMessage:
        return TemplateMessage(name=self.template, language=self.template_language)


def oncall(
    section: OnCallSection, agents: Iterable[ReachSection], overrides: Iterable[OverrideSection]
) -> OnCall | None:
    """What the rules need to know; None when nobody is on call."""
    if not section.rota:
        return None
    return OnCall(
        rota=_rota(section, overrides),
        leads=tuple(map(AgentId, section.leads)),
        repeat=int(section.repeat_minutes * MINUTE),
        climb=int(section.climb_minutes * MINUTE),
        phones={each.digits: AgentId(each.agent) for each in agents if each.phone},
        details=section.details,
    )


def _rota(section: OnCallSection, overrides: Iterable[OverrideSection]) -> Rota:
    day, clock = section.handover.split()
    where = zone(section.zone)
    return Rota(
        zone=where,
        weekday=WEEKDAYS.index(day),
        handover=time.fromisoformat(clock),
        holders=tuple(map(AgentId, section.rota)),
        begins=section.begins,
        overrides=tuple(each.rules(where) for each in overrides),
    )


def _instant(moment: datetime, where: ZoneInfo) -> Moment:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=where)
    return Moment(int(aware.timestamp()) * SECOND)
