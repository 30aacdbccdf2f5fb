"""What an operator decides: one TOML file, over it a folder of secrets, over that the environment
(`docs/config.md`).

Every fault in it is found at once and told by key. Secrets are `SecretStr`: they have no `repr`.
"""

import ipaddress
import os
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Field,
    SecretStr,
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

from wainbox_relay.config_problems import sentence, unknown_variables
from wainbox_relay.contract.vocabulary import HOUR, MINUTE, SECOND, NumberId, TeamId
from wainbox_relay.domain.model import Number, Policy
from wainbox_relay.sections.assignment import (
    AssignmentSection,
    ModelName,
    Shifts,
    known_shifts,
    routing,
)
from wainbox_relay.sections.assignment import known as known_routes
from wainbox_relay.sections.base import (
    Address,
    Amount,
    BaseUrl,
    Positive,
    ReadableFile,
    Section,
    Words,
    comma_separated,
)
from wainbox_relay.sections.closed import AfterHoursSection, TextsSection, UrgencySection
from wainbox_relay.sections.closing import (
    ClosingSection,
    RatingSection,
    asking,
    courtesies,
    silence,
)
from wainbox_relay.sections.hours import Calendars, calendars
from wainbox_relay.sections.menu import EXAMPLE as MENU_EXAMPLE
from wainbox_relay.sections.menu import BotSection, Menu, NodeSection, tree, unsendable
from wainbox_relay.sections.oncall import OnCallSection, Overrides, Reached, oncall
from wainbox_relay.sections.sla import Policies, SlaSection, known, promises

PREFIX = "WAINBOX_RELAY_"
CONFIG_VARIABLE = "WAINBOX_RELAY_CONFIG"
"""Names the file itself, so it is no setting."""


class ConfigError(Exception):
    """The configuration cannot be used; `problems` names every fault with its key."""

    def __init__(self, source: str, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n  ".join([f"{source} cannot be used:", *self.problems]))


def split_address(address: str) -> tuple[str, int]:
    """`127.0.0.1:8080` or `[::1]:8080` as host and port."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


# -- the sections ------------------------------------------------------------------------------


class RelaySection(Section):
    """Where the relay keeps its files and what it writes to its log."""

    data_dir: Path = Field(
        Path("var"),
        description="Folder of the database, the journal, the media and the control socket. "
        "Made with mode 0700 when missing. Relative paths start at this file's folder.",
    )
    secrets_dir: str = Field(
        "",
        description="Folder with one file a secret, named like graph__token. "
        "Empty: the folder systemd gives (CREDENTIALS_DIRECTORY), if any.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info",
        description="debug, info, warning or error. Below info, error texts of libraries are "
        "logged too, and those may quote what customers wrote.",
    )
    log_format: Literal["auto", "json", "console"] = Field(
        "auto", description="json, console, or auto: console when a person is watching."
    )
    log_file: str = Field("", description="File to log to. Empty: standard error.")
    trusted_proxies: Words = Field(
        (),
        description="Addresses of reverse proxies whose X-Forwarded-For is believed. "
        "Limits by address count the forwarded one.",
    )


class WebhookSection(Section):
    """Where WhatsApp calls. The app secret and the verify token are needed to start."""

    listen: Address = Field("127.0.0.1:8080", description="Address for WhatsApp's webhooks.")
    verify_token_file: ReadableFile = Field("", description="File that holds verify_token.")
    verify_token: SecretStr = Field(
        SecretStr(""),
        description="The word you enter beside the callback URL in Meta's App Dashboard.",
    )
    app_secret_file: ReadableFile = Field("", description="File that holds app_secret.")
    app_secret: SecretStr = Field(
        SecretStr(""), description="The app secret from Meta's App Dashboard, Basic settings."
    )
    app_secret_previous_file: ReadableFile = Field(
        "", description="File that holds app_secret_previous."
    )
    app_secret_previous: SecretStr = Field(
        SecretStr(""),
        description="The secret before, accepted as well while you change it in Meta's dashboard.",
    )

    @field_validator("verify_token", "app_secret", mode="after")
    @classmethod
    def _needed(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        unreadable = f"{info.field_name}_file" not in info.data
        if not value.get_secret_value() and not unreadable:
            raise ValueError("a value: without it nothing proves that a call is WhatsApp's")
        return value

    @property
    def secrets(self) -> tuple[str, ...]:
        """The app secrets that a signature may be made with, the present one first."""
        both = (self.app_secret, self.app_secret_previous)
        return tuple(value for secret in both if (value := secret.get_secret_value()))


class ApiSection(Section):
    """Where terminals connect, and where health and metrics are."""

    listen: Address = Field(
        "127.0.0.1:8081",
        description="Address for terminals, /healthz, /readyz and /metrics. "
        "May equal webhook.listen. Terminals on other machines insist on TLS: give a certificate "
        "here, or put a reverse proxy before it.",
    )
    tls_certificate_file: ReadableFile = Field(
        "", description="Certificate chain (PEM) for api.listen. Empty: plain HTTP."
    )
    tls_key_file: ReadableFile = Field("", description="The certificate's private key (PEM).")
    behind_tls_proxy: bool = Field(
        False, description="A reverse proxy before api.listen speaks TLS to the outside."
    )
    public_url: str = Field(
        "",
        description="Where terminals reach the API, for links. Empty: as they addressed it.",
        pattern=r"^(https?://[^/]+)?$",
    )

    @field_validator("tls_key_file", mode="after")
    @classmethod
    def _both_or_none(cls, value: str, info: ValidationInfo) -> str:
        if bool(value) != bool(info.data.get("tls_certificate_file", value)):
            raise ValueError("a certificate and its key together, or neither")
        return value

    @field_validator("behind_tls_proxy", mode="after")
    @classmethod
    def _no_token_in_the_clear(cls, value: bool, info: ValidationInfo) -> bool:  # noqa: FBT001 - a setting
        host, _ = split_address(info.data.get("listen", "127.0.0.1:0"))
        if not (value or info.data.get("tls_certificate_file") or is_loopback(host)):
            raise ValueError(
                "true, or a tls_certificate_file: other machines reach api.listen, and tokens "
                "must not travel in the clear. Or listen on 127.0.0.1"
            )
        return value


class GraphSection(Section):
    """WhatsApp's Cloud API, which the relay calls."""

    url: BaseUrl = Field("https://graph.facebook.com", description="Where the Cloud API is.")
    version: str = Field("v25.0", pattern=r"^v\d+\.\d+$", description="Its version, such as v25.0.")
    token_file: ReadableFile = Field("", description="File that holds token.")
    token: SecretStr = Field(
        SecretStr(""),
        description="A system user's access token. Without one, messages are received and "
        "none can be sent.",
    )
    media_hosts: Words = Field(
        ("lookaside.fbsbx.com",),
        description="The only hosts, beside the Cloud API's own, that files are fetched from "
        "and the token is shown to. A name with a dot in front stands for all hosts below it.",
    )


class NumberSection(Section):
    """One business number. A number that is not listed is stored and not shown to agents."""

    id: NumberId = Field(
        description="WhatsApp's phone_number_id: digits, not the phone number.",
        pattern=r"^\d+$",
        examples=["106540352242922"],
    )
    name: str = Field("", description="What agents call it.")
    phone: str = Field("", description="The phone number, for show, such as +966500000000.")
    waba: str = Field("", description="Id of its WhatsApp Business account.")
    team: str = Field("", description="The team whose queue its conversations join.")
    calendar: str = Field(
        "",
        description="Its business hours, by their name in [[calendars]]. Empty: always open.",
        examples=["shop"],
    )
    language: Literal["", "ar", "fr", "en"] = Field(
        "",
        description="What Wainbox speaks by itself to whose language it cannot tell: ar, fr or en. "
        "Empty: en.",
    )
    model: ModelName = Field("", description="Who gets its work. Empty: as in [assignment].")
    portfolio: str = Field(
        "",
        description="Any word for its business portfolio. Numbers of one portfolio share "
        "customers' user ids; needed only with several portfolios.",
    )


class DeskSection(Section):
    """How the team works."""

    teams: Words = Field((), description="The teams, by the names agents type.")
    takeover: Literal["agents", "leads"] = Field(
        "agents", description="Who may take a conversation that a colleague holds."
    )
    reopen_hours: Amount = Field(
        72, description="A customer who writes this long after a resolve reopens the same case."
    )
    undo_minutes: Amount = Field(
        10, description="How long a change of owner, status, tags or priority can be undone."
    )
    outcomes: Words = Field(
        (), description="Words that a resolve may carry. Empty: none is asked for."
    )


class ComposeSection(Section):
    """Writing to customers."""

    undo_seconds: Annotated[int, Field(ge=0, le=60)] = Field(
        3, description="Seconds a message is held back so that its writer can take it back."
    )
    mark_read: bool = Field(
        True, description="Customers see blue ticks once the owner opened the conversation."
    )
    typing: bool = Field(True, description="Customers see that the owner is writing.")


class LimitsSection(Section):
    """What the relay takes at most."""

    webhook_bytes: Annotated[int, Field(ge=1024)] = Field(
        4 * 1024 * 1024, description="Largest webhook body; WhatsApp sends up to 3 MB."
    )
    upload_bytes: Annotated[int, Field(ge=1024)] = Field(
        100 * 1024 * 1024, description="Largest file an agent can send."
    )
    download_bytes: Annotated[int, Field(ge=1024)] = Field(
        100 * 1024 * 1024, description="Largest file taken from a customer."
    )
    webhook_connections: Annotated[int, Field(ge=1)] = Field(
        1024, description="Open connections on webhook.listen."
    )
    api_connections: Annotated[int, Field(ge=1)] = Field(
        512, description="Open connections on api.listen."
    )
    address_connections: Annotated[int, Field(ge=1)] = Field(
        256, description="Open connections from one address (a trusted proxy may have all)."
    )
    logins_per_minute: Annotated[int, Field(ge=1)] = Field(
        10, description="Wrong tokens from one address in a minute before it must wait."
    )
    number_per_second: Positive = Field(
        80, description="Messages one of our numbers may send in a second."
    )
    pair_seconds: Amount = Field(
        6, description="WhatsApp's pace for one customer: one message in so many seconds."
    )
    pair_burst: Annotated[int, Field(ge=1)] = Field(
        45, description="Messages one customer may be sent at once, on credit."
    )


class RetentionSection(Section):
    """How long things are kept."""

    journal_days: Positive = Field(
        90, description="Webhook bodies as they came; replay reaches back as far."
    )
    events_hours: Positive = Field(
        72, description="Events for terminals that were away; older ones start over."
    )
    answers_hours: Positive = Field(
        24, description="Answers to commands, so that a repeated one is harmless."
    )


class TimingSection(Section):
    """Delays in seconds. The defaults are right; tests make them short."""

    header: Amount = Field(10, description="A connection's time to finish a request's header.")
    body: Amount = Field(20, description="A webhook's time to finish its body.")
    stop: Amount = Field(5, description="Time to finish what is under way when stopping.")
    slice: Amount = Field(0.045, description="Time events are gathered before they are sent.")
    beat: Positive = Field(5, description="Between two beats of a stream.")
    counts: Amount = Field(0.5, description="Between two sets of counts for terminals.")
    presence: Positive = Field(
        45, description="Time an agent stays present after their terminal last spoke."
    )
    graph: Positive = Field(30, description="Time for the Cloud API to answer a request.")
    media: Positive = Field(300, description="Time for one file to come or go.")
    unconfirmed: Amount = Field(
        20, description="Time an unconfirmed message holds back the next one to its customer."
    )
    retry_scale: Amount = Field(1, description="Factor for every wait before another try.")
    sweep: Positive = Field(
        600, description="Between two rounds of removing what retention has let go."
    )


# -- the whole ---------------------------------------------------------------------------------


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
    numbers: Annotated[tuple[NumberSection, ...], BeforeValidator(comma_separated)] = ()
    sla_policies: Policies = ()
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
        ids = [number.id for number in numbers]
        if twice := sorted({each for each in ids if ids.count(each) > 1}):
            raise ValueError(f"each id once ({', '.join(twice)} comes twice)")
        desk = info.data.get("desk")
        strange = {n.team for n in numbers if n.team} - set(desk.teams) if desk else set()
        if strange:
            raise ValueError(f"teams of desk.teams ({', '.join(sorted(strange))} is none)")
        named = {"", *(each.name for each in info.data.get("calendars", ()))}
        unnamed = sorted({n.calendar for n in numbers} - named)
        if unnamed and "calendars" in info.data:
            raise ValueError(f"names of [[calendars]] ({', '.join(unnamed)} is none)")
        return numbers

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
