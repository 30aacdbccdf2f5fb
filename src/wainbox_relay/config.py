"""What an operator decides: one TOML file, over it a folder of secrets, over that the environment
(`docs/config.md`).

Every fault in it is found at once and told by key. Secrets are `SecretStr`: they have no `repr`.
"""

import os
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    BeforeValidator,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings.exceptions import SettingsError

from wainbox_relay.config_problems import misnamed, sentence, unknown_variables
from wainbox_relay.contract.vocabulary import HOUR, MINUTE, SECOND, NumberId, TeamId
from wainbox_relay.domain.model import Number, Policy
from wainbox_relay.sections.assignment import (
    AssignmentSection,
    Shifts,
    known_shifts,
    routing,
)
from wainbox_relay.sections.assignment import known as known_routes
from wainbox_relay.sections.base import (
    comma_separated,
    sound,
)
from wainbox_relay.sections.closed import AfterHoursSection, TextsSection, UrgencySection
from wainbox_relay.sections.closing import (
    ClosingSection,
    RatingSection,
    asking,
    courtesies,
    silence,
)
from wainbox_relay.sections.desk import EXAMPLE as NUMBER_EXAMPLE
from wainbox_relay.sections.desk import ComposeSection, DeskSection, NumberSection, at_odds
from wainbox_relay.sections.hours import Calendars, calendars
from wainbox_relay.sections.limits import LimitsSection, RetentionSection, TimingSection
from wainbox_relay.sections.menu import EXAMPLE as MENU_EXAMPLE
from wainbox_relay.sections.menu import BotSection, Menu, NodeSection, tree, unsendable
from wainbox_relay.sections.oncall import OnCallSection, Overrides, Reached, oncall
from wainbox_relay.sections.running import ApiSection, GraphSection, RelaySection, WebhookSection
from wainbox_relay.sections.sla import EXAMPLE as SLA_EXAMPLE
from wainbox_relay.sections.sla import Policies, SlaSection, known, promises

PREFIX = "WAINBOX_RELAY_"
CONFIG_VARIABLE = "WAINBOX_RELAY_CONFIG"
"""Names the file itself, so it is no setting."""


class ConfigError(Exception):
    """The configuration cannot be used; `problems` names every fault with its key."""

    def __init__(self, source: str, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n  ".join([f"{source} cannot be used:", *self.problems]))


class Settings(BaseSettings):
    """Everything an operator decides. `load` it; sections are attributes."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        validate_default=True,
        hide_input_in_errors=True,
        enable_decoding=False,
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        env_ignore_empty=True,
    )

    relay: RelaySection = Field(default_factory=RelaySection)
    webhook: WebhookSection
    api: ApiSection = Field(default_factory=ApiSection)
    graph: GraphSection = Field(default_factory=GraphSection)
    desk: DeskSection = Field(default_factory=DeskSection)
    compose: ComposeSection = Field(default_factory=ComposeSection)
    closing: ClosingSection = Field(default_factory=ClosingSection)
    rating: RatingSection = Field(default_factory=RatingSection)
    sla: SlaSection = Field(default_factory=SlaSection)
    oncall: OnCallSection = Field(default_factory=OnCallSection)
    limits: LimitsSection = Field(default_factory=LimitsSection)
    retention: RetentionSection = Field(default_factory=RetentionSection)
    timing: TimingSection = Field(default_factory=TimingSection)
    oncall_agents: Reached = ()
    oncall_overrides: Overrides = ()
    after_hours: AfterHoursSection = Field(default_factory=AfterHoursSection)
    urgency: UrgencySection = Field(default_factory=UrgencySection)
    texts: TextsSection = Field(default_factory=TextsSection)
    bot: BotSection = Field(default_factory=BotSection)
    menu: Menu = Field((), examples=list(MENU_EXAMPLE))
    calendars: Calendars = ()
    numbers: Annotated[tuple[NumberSection, ...], BeforeValidator(comma_separated)] = Field(
        (), examples=list(NUMBER_EXAMPLE)
    )
    sla_policies: Policies = Field((), examples=list(SLA_EXAMPLE))
    assignment: AssignmentSection = Field(default_factory=AssignmentSection)
    shifts: Shifts = ()

    _rules_name_what_exists = field_validator("assignment", mode="after")(known_routes)
    _shifts_name_what_exists = field_validator("shifts", mode="after")(known_shifts)
    _policies_name_what_exists = field_validator("sla_policies", mode="after")(known)

    @field_validator("menu", mode="after")
    @classmethod
    def _can_be_sent(
        cls, nodes: tuple[NodeSection, ...], info: ValidationInfo
    ) -> tuple[NodeSection, ...]:
        bot, texts = info.data.get("bot"), info.data.get("texts")
        made = tree(bot, nodes, texts.rules()) if bot and texts else None
        if made is not None and (found := "; ".join(unsendable(made))):
            raise ValueError(f"a menu that WhatsApp takes ({found})")
        return nodes

    @field_validator("numbers", mode="after")
    @classmethod
    def _fits_the_desk(
        cls, numbers: tuple[NumberSection, ...], info: ValidationInfo
    ) -> tuple[NumberSection, ...]:
        return sound(numbers, at_odds(numbers, info.data))

    @classmethod
    def load(cls, path: Path, env: Mapping[str, str] | None = None) -> "Settings":
        """Reads file, secrets folder and environment. Raises `ConfigError`."""
        return cls.of(read_toml(path), os.environ if env is None else env, source=str(path))

    @classmethod
    def of(
        cls, raw: Mapping[str, Any], env: Mapping[str, str] | None = None, source: str = "config"
    ) -> "Settings":
        """The same from what a file would hold. Raises `ConfigError`."""
        env = env or {}
        settable = {name: value for name, value in env.items() if name != CONFIG_VARIABLE}
        problems = list(unknown_variables(cls, PREFIX, settable))
        folder = _secrets_folder(raw, env)
        if folder is not None and not os.access(folder, os.R_OK | os.X_OK):
            problems.append(f"relay.secrets_dir: {folder} is no folder that can be read")
            folder = None
        if folder is not None:
            problems += misnamed(cls, folder)
        try:
            settings = cls(_build_sources=(_sources(raw, env, folder), {}))
        except SettingsError as error:
            raise ConfigError(source, [*problems, f"relay.secrets_dir: {error}"]) from None
        except ValidationError as error:
            found = (sentence(cls, each) for each in error.errors(include_url=False))
            raise ConfigError(source, [*problems, *found]) from None
        if problems:
            raise ConfigError(source, problems)
        return settings

    @property
    def topics(self) -> frozenset[str]:
        """What a conversation can be about: what the menu's choices give."""
        choices = (choice for node in self.menu for choice in node.choices)
        return frozenset(choice.topic for choice in choices if choice.topic)

    @property
    def lock_file(self) -> Path:
        return self.relay.data_dir / "lock"

    @property
    def control_socket(self) -> Path:
        return self.relay.data_dir / "control"


def policy(settings: Settings) -> Policy:
    """What the rules need to know of the settings."""
    return Policy(
        reopen_window=int(settings.desk.reopen_hours * HOUR),
        undo_window=int(settings.desk.undo_minutes * MINUTE),
        takeover_by_agents=settings.desk.takeover == "agents",
        mark_read=settings.compose.mark_read,
        unconfirmed_blocks_for=int(settings.timing.unconfirmed * SECOND),
        outcomes=settings.desk.outcomes,
        calendars=calendars(settings.calendars),
        menu=tree(settings.bot, settings.menu, settings.texts.rules()),
        after_hours=settings.after_hours.rules(),
        urgency=settings.urgency.rules(),
        texts=settings.texts.rules(),
        courtesies=courtesies(settings.closing.thanks),
        silence=silence(settings.closing),
        sla=promises(settings.sla, settings.sla_policies),
        oncall=oncall(settings.oncall, settings.oncall_agents, settings.oncall_overrides),
        routing=routing(settings.assignment, settings.shifts, settings.numbers),
        rating=asking(settings.rating, int(settings.desk.undo_minutes * MINUTE)),
    )


def numbers(settings: Settings) -> dict[NumberId, Number]:
    """The configured numbers as the rules know them."""
    return {
        each.id: Number(
            each.id,
            each.name,
            each.phone,
            TeamId(each.team) if each.team else None,
            calendar=each.calendar,
            language=each.language,
        )
        for each in settings.numbers
    }


# -- reading -----------------------------------------------------------------------------------


class _Environment(EnvSettingsSource):
    """The environment that was handed in, which need not be the process's own."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        super().__init__(Settings)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {name.lower(): value for name, value in self._env.items() if value}


def _secrets_folder(raw: Mapping[str, Any], env: Mapping[str, str]) -> Path | None:
    relay = raw.get("relay")
    named = relay.get("secrets_dir") if isinstance(relay, dict) else None
    folder = env.get(f"{PREFIX}RELAY__SECRETS_DIR") or named or env.get("CREDENTIALS_DIRECTORY")
    return Path(folder) if folder and isinstance(folder, str) else None


def _sources(
    raw: Mapping[str, Any], env: Mapping[str, str], folder: Path | None
) -> tuple[PydanticBaseSettingsSource, ...]:
    """Where values come from, the strongest first."""
    files = SecretsSettingsSource(Settings)
    secrets = NestedSecretsSettingsSource(files, secrets_dir=folder, secrets_prefix="")
    return _Environment(env), secrets, InitSettingsSource(Settings, {"webhook": {}, **raw})


def read_toml(path: Path) -> dict[str, Any]:
    """A file's tables, with relative paths anchored at its folder. Raises `ConfigError`."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        advice = "there is no such file; `wainbox-relay init` writes one"
        raise ConfigError(str(path), [advice]) from None
    except OSError as error:
        raise ConfigError(str(path), [f"it cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError:
        raise ConfigError(str(path), ["it is not UTF-8 text"]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(str(path), [f"it is not TOML: {error}"]) from None
    if isinstance(relay := raw.setdefault("relay", {}), dict):
        relay.setdefault("data_dir", "var")
    for section in raw.values():
        for table in section if isinstance(section, list) else (section,):
            if isinstance(table, dict):
                _anchor(table, path.resolve().parent)
    return raw


def _anchor(section: dict[str, Any], folder: Path) -> None:
    for key, value in section.items():
        if key.endswith(("_dir", "_file")) and isinstance(value, str) and value:
            section[key] = str(folder / Path(value).expanduser())
