import os
import re
import tomllib
import traceback
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from wainbox_relay.config import ConfigError, Settings, numbers, policy
from wainbox_relay.config_file import default, written
from wainbox_relay.config_problems import fields, keys
from wainbox_relay.contract.variables import names
from wainbox_relay.contract.vocabulary import DAY, HOUR, MINUTE, Moment
from wainbox_relay.domain.model import Policy
from wainbox_relay.domain.rules.closed import AfterHours
from wainbox_relay.domain.rules.targets import Promises, Row, Targets
from wainbox_relay.explain import Question, explain
from wainbox_relay.sections.closed import TextsSection, shipped
from wainbox_relay.sections.closing import courtesies
from wainbox_relay.sections.menu import EXAMPLE as MENU_EXAMPLE

ROOT = Path(__file__).parents[2]
SECRETS = {"app_secret": "s3cret-app", "verify_token": "s3cret-verify"}


def refused(raw: dict, env: dict | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        Settings.of(raw, env)
    return "\n".join(caught.value.problems)


def test_every_fault_is_told_at_once() -> None:
    """Faults of every kind, in file and environment, come in one list with key and remedy."""
    raw = {
        "relay": {"log_level": "loud", "data_dri": "x"},
        "webhook": {"listen": "8080x", "app_secret_file": "/nowhere/app"},
        "graph": {"version": "25", "url": "ftp", "token": 12},
        "limits": {"webhook_bytes": -1},
        "numbers": [{"id": "abc", "taem": "x"}, {"name": "no id"}],
        "desk": 3,
        "grpah": {},
    }
    env = {"WAINBOX_RELAY_GRPAH__TOKEN": "t0ken", "WAINBOX_RELAY_COMPOSE__UNDO_SECONDS": "many"}
    told = refused(raw, env)
    for line in (
        "relay.log_level: found \"loud\"; expected 'debug', 'info', 'warning' or 'error'",
        "relay.data_dri: no such setting; did you mean data_dir?",
        'webhook.listen: found "8080x"; expected host:port, such as 127.0.0.1:8080',
        'webhook.app_secret_file: found "/nowhere/app"; expected a file that can be read',
        "webhook.verify_token: found nothing; expected a value",
        'graph.version: found "25"; expected its version, such as v25.0',
        'graph.url: found "ftp"; expected an address that begins with https://',
        "graph.token: found a number (not shown); expected text in quotes",
        "limits.webhook_bytes: found -1; expected 1024 or more",
        'numbers.0.id: found "abc"; expected WhatsApp\'s phone_number_id',
        "numbers.0.taem: no such setting; did you mean team?",
        "numbers.1.id: found nothing",
        "desk: found a number (not shown); expected a table",
        "grpah: no such setting; did you mean graph?",
        'compose.undo_seconds: found "many"; expected a whole number',
        "WAINBOX_RELAY_GRPAH__TOKEN (environment): no such setting; did you mean WAINBOX_RELAY_G",
    ):
        assert line in told


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"shifts": [{"calendar": "no"}]}, "an agent or a team"),
        ({"compose": {"undo_seconds": 61}}, "60 or less"),
        ({"api": {"listen": "localhost:65536"}}, "host:port"),
        ({"timing": {"beat": 0}}, "more than 0"),
        ({"timing": {"graph": float("inf")}}, "a finite number"),
        ({"relay": {"secrets_dir": "/nowhere"}}, "/nowhere is no folder that can be read"),
        ({"relay": {"data_dir": 5}}, "found 5; expected a path in quotes"),
        ({"numbers": {"id": "1"}}, "numbers: found a table (not shown); expected a list of tables"),
        ({"desk": {"reopen_hours": "soon"}}, "expected a number"),
        ({"api": {"public_url": "https://x/path"}}, "an address without a path, such as https://"),
        ({"graph": {"url": "http://graph.example.org"}}, "must not travel in the clear"),
        ({"graph": {"url": "http://127.0.0.1.example.org"}}, "must not travel in the clear"),
        ({"graph": {"url": "https://[::1"}}, "an address that begins with https://"),
    ],
)
def test_a_single_fault_says_what_was_expected(raw: dict, expected: str) -> None:
    """A value out of its range, or at odds with another, is told in words."""
    assert expected in refused({"webhook": SECRETS, **raw})


SHOP_HOURS = {"name": "shop", "zone": "Africa/Casablanca", "week": {"monday": "9:00-21:00"}}


def test_whatever_names_what_does_not_exist_is_told_by_its_own_key() -> None:
    """Teams, numbers, hours, topics and languages, all of them at once, with what there is."""
    raw = {
        "webhook": SECRETS,
        "desk": {"teams": ["care"]},
        "calendars": [SHOP_HOURS],
        "menu": MENU_EXAMPLE,
        "numbers": [{"id": "1", "team": "care", "calendar": "shop"}],
        "sla_policies": [{"teams": ["care", "x"], "numbers": ["9"]}],
        "assignment": {
            "rules": [
                {"name": "a", "team": "x", "numbers": ["1", "9"]},
                {"name": "a", "topics": ["payment", "refund"], "vip": True},
            ],
            "teams": [{"team": "y", "model": "manual"}, {"team": "y", "model": "manual"}],
        },
        "shifts": [
            {"team": "care", "calendar": "night"},
            {"team": "x", "calendar": "shop"},
            {"team": "care", "calendar": "shop"},
        ],
    }
    topics = "one of the topics in [[menu]]: order, return, payment"
    assert refused(raw).splitlines() == [
        'sla_policies.0.teams.1: found "x"; expected one of desk.teams: care',
        'sla_policies.0.numbers.0: found "9"; expected one of the ids in [[numbers]]: 1',
        'assignment.rules.0.team: found "x"; expected one of desk.teams: care',
        'assignment.teams.0.team: found "y"; expected one of desk.teams: care',
        'assignment.teams.1.team: found "y"; expected one of desk.teams: care',
        'assignment.rules.0.numbers.1: found "9"; expected one of the ids in [[numbers]]: 1',
        f'assignment.rules.1.topics.1: found "refund"; expected {topics}',
        'assignment.rules.1.name: found "a"; expected each name once',
        'assignment.teams.1.team: found "y"; expected each team once',
        'shifts.1.team: found "x"; expected one of desk.teams: care',
        'shifts.0.calendar: found "night"; expected one of the names in [[calendars]]: shop',
        'shifts.2.team: found "care"; expected each team once',
    ]


def test_numbers_fit_the_desk_and_its_hours() -> None:
    """A desk without teams or calendars has none to name."""
    numbers = [{"id": "1", "team": "x", "calendar": "night"}, {"id": "1"}]
    told = refused({"webhook": SECRETS, "numbers": numbers}).splitlines()
    hours = "one of the names in [[calendars]], which has none"
    assert told == [
        'numbers.1.id: found "1"; expected each id once',
        'numbers.0.team: found "x"; expected one of desk.teams, which has none',
        f'numbers.0.calendar: found "night"; expected {hours}',
    ]


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        ({}, {"vip": True}),
        ({"words": ["refund"]}, {"words": ["a full refund"]}),
        ({"languages": ["ar", "fr"]}, {"languages": ["fr"], "tags": ["gift"]}),
        ({"tags": ["gift"]}, {"tags": ["gift", "late"]}),
        ({"numbers": ["1"], "advert": True}, {"numbers": ["1"], "advert": True, "vip": False}),
        ({"hours": "open"}, {"hours": "open", "topics": ["payment"]}),
    ],
)
def test_a_rule_that_can_never_count_is_a_fault(wide: dict, narrow: dict) -> None:
    """The one before takes all that would fit it. The other way round both count."""
    rules = [{"name": "wide", **wide}, {"name": "narrow", **narrow}]
    raw = {"webhook": SECRETS, "menu": MENU_EXAMPLE, "numbers": [{"id": "1"}]}
    assert refused(raw | {"assignment": {"rules": rules}}) == (
        "assignment.rules.1: found a table (not shown); expected a rule that can count: "
        "rule wide, which goes before, takes all of it"
    )
    assert Settings.of(raw | {"assignment": {"rules": rules[::-1]}})


def test_so_is_a_policy_of_that_kind() -> None:
    """The first block of [[sla_policies]] that fits counts."""
    policies = [{"vip": "yes"}, {"vip": "yes", "priorities": ["high"]}]
    assert refused({"webhook": SECRETS, "sla_policies": policies}) == (
        "sla_policies.1: found a table (not shown); expected a policy that can count: "
        "policy 0, which goes before, takes all of it"
    )


def test_an_urgent_word_is_one():
    """Signs alone stand in no message as a word, and would make nothing urgent."""
    assert refused({"webhook": SECRETS, "urgency": {"words": ["charged twice", "!!"]}}) == (
        'urgency.words.1: found "!!"; expected a word or more'
    )


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"languages": ["arabic"]}, "a language such as ar, ar-Latn, fr or en"),
        ({"words": ["refund", "?!"]}, "a word or more"),
        ({"hours": "closed"}, "a number with a calendar; this never closes"),
        ({"topics": ["refund"]}, "one of the topics in [[menu]], which has none"),
    ],
)
def test_a_condition_that_nothing_can_meet_is_a_fault(rule: dict, told: str) -> None:
    """Rather than a rule that is silently never, or always, true."""
    raw = {"webhook": SECRETS, "numbers": [{"id": "1"}]}
    assert told in refused(raw | {"assignment": {"rules": [{"name": "a", **rule}]}})


@pytest.mark.parametrize("missing", ["app_secret", "verify_token"])
def test_without_a_webhook_secret_there_is_no_start(missing: str) -> None:
    """No app secret or no verify token: the settings cannot be had at all."""
    raw = {"webhook": {key: value for key, value in SECRETS.items() if key != missing}}
    assert refused(raw) == (
        f"webhook.{missing}: found nothing; expected a value: "
        "without it nothing proves that a call is WhatsApp's"
    )


def test_the_environment_beats_the_secrets_folder_which_beats_the_file(tmp_path: Path) -> None:
    """The same setting from all three places comes from the strongest; others stay."""
    (tmp_path / "graph__token").write_text("from-folder\n")
    (tmp_path / "webhook__app_secret").write_text("app-from-folder")
    raw = {
        "relay": {"secrets_dir": str(tmp_path)},
        "webhook": SECRETS,
        "graph": {"token": "from-file", "version": "v24.0"},
    }
    settings = Settings.of(raw, {"WAINBOX_RELAY_WEBHOOK__APP_SECRET": "app-from-env"})
    assert settings.graph.token.get_secret_value() == "from-folder"
    assert settings.webhook.app_secret.get_secret_value() == "app-from-env"
    assert settings.webhook.verify_token.get_secret_value() == "s3cret-verify"
    assert settings.graph.version == "v24.0"


def test_a_secret_under_a_wrong_name_is_told(tmp_path: Path) -> None:
    """A file that nearly is a setting would be passed over in silence; a stranger's is let be."""
    for name in ("webhook__app_secret", "graph_token", "database_password", ".hidden"):
        (tmp_path / name).write_text("s3cret")
    raw = {"relay": {"secrets_dir": str(tmp_path)}, "webhook": SECRETS}
    told = refused(raw)
    assert told == "relay.secrets_dir: graph_token is no setting; did you mean graph__token?"


def test_systemds_folder_of_credentials_is_read(tmp_path: Path) -> None:
    """Credentials that systemd loads are found without naming their folder."""
    (tmp_path / "graph__token").write_text("loaded")
    settings = Settings.of({"webhook": SECRETS}, {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert settings.graph.token.get_secret_value() == "loaded"


def test_a_secret_is_read_from_the_file_its_key_names(tmp_path: Path) -> None:
    """`*_file` keys, relative to the configuration's folder, give secrets without newline."""
    (tmp_path / "app").write_text("from-a-file\n")
    config = tmp_path / "wainbox.toml"
    config.write_text('[webhook]\napp_secret_file = "app"\nverify_token = "v"\n')
    settings = Settings.load(config, {})
    assert settings.webhook.app_secret.get_secret_value() == "from-a-file"
    assert settings.webhook.secrets == ("from-a-file",)
    assert settings.control_socket == tmp_path / "var" / "control"


def test_lists_come_from_the_environment_as_words_or_json() -> None:
    """A list setting takes `a, b` and `["a", "b"]`; tables take JSON."""
    env = {
        "WAINBOX_RELAY_DESK__TEAMS": "sales, support",
        "WAINBOX_RELAY_RELAY__TRUSTED_PROXIES": '["127.0.0.1"]',
        "WAINBOX_RELAY_NUMBERS": '[{"id": "1", "team": "sales"}]',
    }
    settings = Settings.of({"webhook": SECRETS}, env)
    assert settings.desk.teams == ("sales", "support")
    assert settings.relay.trusted_proxies == ("127.0.0.1",)
    assert numbers(settings)["1"].team == "sales"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "there is no such file; `wainbox-relay init` writes one"),
        (b"a = = 1", "it is not TOML: Invalid value (at line 1, column 5)"),
        (b"\xff", "it is not UTF-8 text"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(
    tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    """A missing, garbled or foreign file is told with the place of the fault."""
    config = tmp_path / "wainbox.toml"
    if content is not None:
        config.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        Settings.load(config, {})
    assert caught.value.problems == (sentence,)
    assert str(config) in str(caught.value)


def test_secrets_are_in_no_repr_and_in_no_error() -> None:
    """Neither settings as text nor a fault beside a secret shows it, even one in a wrong key."""
    raw = {
        "webhook": {**SECRETS, "app_secret_previous": "s3cret-old"},
        "graph": {"token": "s3cret-token"},
    }
    settings = Settings.of(raw)
    assert "s3cret" not in f"{settings!r} {settings} {settings.webhook!r} {settings.model_dump()}"
    raw["graph"] |= {"tokn": "s3cret-typo", "version": "s3cret" + "0" * 32, "url": ["s3cret"]}
    raw["webhook"]["listen"] = {"s3cret": 1}
    raw["relay"] = "s3cret"
    with pytest.raises(ConfigError) as caught:
        Settings.of(raw)
    told = f"{''.join(traceback.format_exception(caught.value))} {caught.value.__context__}"
    assert "Settings" in told
    assert "s3cret" not in told


EXAMPLE = ROOT / "config.example.toml"


def uncommented() -> dict:
    """The example file with every `#` before a key or a bracket taken away."""
    live = re.sub(r"^#(?=\w+ = |\[)", "", EXAMPLE.read_text(), flags=re.MULTILINE)
    shown = tomllib.loads(live)
    shown["webhook"] |= SECRETS
    return shown


def test_the_example_file_is_the_model() -> None:
    """`config.example.toml` shows every key with its default; made by config_file.written."""
    assert EXAMPLE.read_text() == written({})
    shown = uncommented()
    blocks = {name: shown.pop(name) for name in list(shown) if isinstance(shown[name], list)}
    plain = {name: _without_blocks(section) for name, section in shown.items()}
    teams = plain["desk"].pop("teams")
    assert Settings.of(plain).model_dump() == Settings.of({"webhook": SECRETS}).model_dump()
    assert teams == ["care", "returns"]
    shown |= {name: each[0] for name, each in blocks.items()}
    assert {(s, k) for s in shown for k in shown[s]} == set(keys(Settings))


@pytest.mark.parametrize(
    ("at", "text", "vip", "told"),
    [
        (
            "2026-11-26T21:30",
            "Bonjour, où en est mon colis ?",
            False,
            {
                "hours": "closed; opens Sat 28 Nov 09:00 Casablanca",
                "case": "with the menu, priority normal, after hours, "
                "the reply window shuts before we open",
                "queue": "team care",
            },
        ),
        (
            "2026-11-28T20:00",
            "Je veux un remboursement",
            False,
            {
                "hours": "open until Sat 28 Nov 21:00 Casablanca",
                "case": "with the menu, priority high",
                "queue": "team returns, by the rule refunds",
                "goes to": "after the menu, least loaded: nobody (if everybody on shift is here)",
            },
        ),
        (
            "2026-11-28T20:00",
            "Bonjour",
            True,
            {
                "case": "open, priority high",
                "queue": "team care, by the rule vips",
                "promised": "First response due Sat 28 Nov 20:02 Casablanca, "
                "2 min in the business hours of shop",
            },
        ),
        (
            "2027-02-09T17:00",
            "السلام عليكم",
            False,
            {"hours": "closed; opens Wed 10 Feb 10:00 Casablanca"},
        ),
    ],
    ids=["Thursday night", "a refund", "a VIP", "Ramadan"],
)
def test_the_example_file_runs_a_shop(tmp_path: Path, at: str, text: str, vip, told: dict) -> None:
    """A shop in Casablanca, from Saturday to Thursday, 9 to 21: its example blocks fit together."""
    raw = uncommented()
    raw["relay"]["data_dir"] = str(tmp_path)
    question = Question(text, "main", datetime.fromisoformat(at), vip=vip)
    found: dict[str, str] = {}
    for subject, sentence in explain(Settings.of(raw), question, Moment(0)):
        found.setdefault(subject, sentence)
    assert {subject: found[subject] for subject in told} == told


def _without_blocks(section: dict) -> dict:
    """A section without the examples of what may be repeated in it."""
    return {key: value for key, value in section.items() if not _is_blocks(value)}


def _is_blocks(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(each, dict) for each in value)


def test_every_setting_means_something() -> None:
    """Each key is read somewhere; one is a promise that only the configuration itself checks."""
    code = "".join(
        path.read_text()
        for path in (ROOT / "src/wainbox_relay").rglob("*.py")
        if not path.name.startswith("config_")
    )
    unread = [
        f"{section}.{key}"
        for section, key in keys(Settings)
        if not key.endswith(("_file", "behind_tls_proxy"))
        and not re.search(rf"\.{key}\b(?!\()", code)
    ]
    assert unread == []


def test_the_page_on_configuration_has_every_key_and_default() -> None:
    """`docs/config.md` has every section, and every key with its default and meaning."""
    page = (ROOT / "docs/config.md").read_text()
    for section, key in keys(Settings):
        field = fields(Settings, (section,))[key]
        shown = "needed" if field.is_required() else default(field)
        assert f"[{section}]" in page
        assert f"| `{key}` | `{shown}` | {field.description} |" in page, f"{section}.{key}"


def test_the_rules_get_the_operators_policy() -> None:
    """Policy is in the rules' own units."""
    raw = {"webhook": SECRETS, "desk": {"reopen_hours": 24, "takeover": "leads"}}
    made = policy(Settings.of(raw))
    assert made.reopen_window == 24 * HOUR
    assert not made.takeover_by_agents
    usual = policy(Settings.of({"webhook": SECRETS}))
    assert usual == Policy(
        courtesies=courtesies(),
        silence=3 * DAY,
        sla=Promises(),
        after_hours=AfterHours(),
        texts=TextsSection().rules(),
    )


def test_a_policy_says_only_what_differs() -> None:
    """What a policy leaves out is as in [sla], and what [sla] leaves out as it is usual."""
    raw = {
        "webhook": SECRETS,
        "desk": {"teams": ["care"]},
        "sla": {"next_minutes": 20, "at_risk_percent": 50},
        "sla_policies": [{"vip": "yes", "teams": "care", "first_minutes": 2}],
    }
    made = policy(Settings.of(raw)).sla
    usual = Targets(next=20 * MINUTE)
    vips = Row(replace(usual, first=2 * MINUTE), teams=frozenset({"care"}), vip=True)
    assert made == Promises(usual, (vips,), 0.5)


def test_the_process_environment_is_the_default(tmp_path: Path, monkeypatch) -> None:
    """Without an environment of its own, loading reads the process's."""
    config = tmp_path / "wainbox.toml"
    config.write_text("")
    for key, value in SECRETS.items():
        monkeypatch.setenv(f"WAINBOX_RELAY_WEBHOOK__{key.upper()}", value)
    monkeypatch.setenv("WAINBOX_RELAY_CONFIG", str(config))
    assert Settings.load(Path(os.environ["WAINBOX_RELAY_CONFIG"])).webhook.secrets == (
        "s3cret-app",
    )


def question(*choices: dict, name: str = "start") -> dict:
    return {"name": name, "text": "How can we help?", "choices": list(choices)}


def way(name: str = "order", **more: object) -> dict:
    return {"name": name, "title": name.title(), **more}


def test_every_fault_of_a_menu_is_told_with_its_place() -> None:
    """Lengths, languages and names by their key; loose ends by question and choice, all of them."""
    told = refused(
        {
            "webhook": SECRETS,
            "menu": [
                question(
                    way(title="x" * 25),
                    way("Return"),
                    way("a", title={"ar": "ا", "fr": "a"}),
                    way("b", title={"de": "b"}),
                    way("c", about="y" * 73),
                    way("d", answer="Hello {{who}}"),
                )
            ],
        }
    )
    for line in (
        "menu.0.choices.0.title: found 25 characters (not shown); expected at most 24 characters",
        'menu.0.choices.1.name: found "Return"; expected its name; never change it',
        "menu.0.choices.2.title: found a table (not shown); expected a text in each language (en",
        "menu.0.choices.3.title: found a table (not shown); expected texts in ar, fr, en, ar-Latn",
        "menu.0.choices.4.about: found 73 characters (not shown); expected at most 72 characters",
        'menu.0.choices.5.answer: found "Hello {{who}}"; expected {{who}} is not known',
    ):
        assert line in told


@pytest.mark.parametrize(
    ("menu", "told"),
    [
        ([question(way(to="nowhere"))], "start.order leads to nowhere, which is no block"),
        ([question(way()), question(way(), name="b")], "nothing leads to b"),
        ([question(way(to="start", answer="x"))], "start.order has both to and answer"),
        ([question(way(), way())], "start has two choices of one name"),
        ([question(way(to="a")), question(way(to="a"))], "start is there twice"),
        (
            [question(way(), way("b", title="order"))],
            "start in ar: two choices have the same title",
        ),
        ([question(way(title="Talk to a person"))], "start in en: two choices have the same"),
        ([question(*(way(f"c{n}") for n in range(10)))], "at most 9"),
        ([question()], "start has no choice"),
    ],
)
def test_a_menu_hangs_together_and_can_be_sent(menu: list, told: str) -> None:
    """Ways that lead nowhere, questions nobody comes to, what WhatsApp would refuse."""
    assert told in refused({"webhook": SECRETS, "menu": menu})


def test_the_menu_of_the_example_file_works() -> None:
    """The worked shop, with the marks taken away, is a menu."""
    text = (ROOT / "config.example.toml").read_text()
    shown = tomllib.loads(re.sub(r"^#(?=\w+ = |\[)", "", text, flags=re.MULTILINE))
    menu = policy(Settings.of({"webhook": SECRETS, "menu": shown["menu"]})).menu
    assert menu is not None
    topics = [way.topic for way in menu.nodes[menu.start].ways]
    assert topics == ["order", "return", "payment", ""]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Hello {{order.number}}", "{{order.number}} is not known; a text may name customer.first"),
        ("x" * 2049, "at most 2048 characters"),
        ({"ar": "ا", "en": "a"}, "a text in each language (fr is missing)"),
    ],
)
def test_a_text_that_cannot_be_said_is_a_fault(text: object, told: str) -> None:
    """Unknown places, too long, a language left out: found when the relay starts."""
    assert told in refused({"webhook": SECRETS, "texts": {"closed": text}})


def test_wainboxs_own_texts_are_whole() -> None:
    """Every text exists in the three languages, names only what is always known, and fits."""
    for name, saying in shipped().items():
        assert {"ar", "fr", "en"} == set(saying), name
        for text in saying.values():
            assert set(names(text)) <= {"ticket_id", "hours", "opens_at"}, name
            assert len(text) <= (20 if name in ("person", "opens", "keep") else 1024)
    assert names(shipped()["closed_for_long"]["en"]) == ("ticket_id",)


def test_no_case_is_told_by_the_message() -> None:
    """A rule that opens no case says by which words, or that an advertisement brought it."""
    rule = {"name": "sale", "no_case": True}
    raw = {"webhook": SECRETS, "assignment": {"model": "manual", "rules": [rule]}}
    with pytest.raises(ConfigError, match="no_case with words, or with advert"):
        Settings.of(raw)
    raw["assignment"]["rules"] = [{**rule, "words": ["not interested"]}]
    routing = policy(Settings.of(raw)).routing
    assert routing is not None
    assert routing.rules[0].no_case
