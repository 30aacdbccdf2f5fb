"""`[oncall]` and its blocks, as an operator writes them."""

import pytest

from wainbox_relay.config import ConfigError, Settings, policy
from wainbox_relay.contract.vocabulary import MINUTE

BACKWARDS = {"holder": "x", "starts": "2026-12-26T09:00:00", "ends": "2026-12-24T09:00:00"}
WEBHOOK = {"app_secret": "s", "verify_token": "v"}


def of(**raw: object) -> Settings:
    return Settings.of({"webhook": WEBHOOK, **raw}, {})


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ({"oncall": {"handover": "mondays 9"}}, "oncall.handover: found"),
        ({"oncall": {"zone": "Morocco/Casa"}}, "a time zone such as Africa/Casablanca"),
        ({"oncall": {"template": "page"}}, "oncall.template_number: found nothing"),
        ({"oncall_agents": [{"agent": "nadia", "urls": "nadia@example.com"}]}, "addresses such as"),
        ({"oncall_agents": [{"agent": "nadia"}, {"agent": "nadia"}]}, "each agent once"),
        ({"oncall_agents": [{"agent": "nadia", "phone": "0600"}]}, "the agent's own WhatsApp"),
        ({"oncall_overrides": [BACKWARDS]}, "a moment after starts"),
    ],
)
def test_a_fault_says_what_was_expected(raw: dict[str, object], told: str) -> None:
    """By key, and never with the address itself, which may hold a password."""
    with pytest.raises(ConfigError) as refused:
        of(**raw)
    assert told in str(refused.value)
    assert "nadia@example.com" not in str(refused.value)


def test_the_rules_get_rota_ladder_and_phones() -> None:
    """In the rules' own units; without a rota there is nobody."""
    assert policy(of()).oncall is None
    made = policy(
        of(
            oncall={
                "rota": ["nadia", "amine"],
                "zone": "Africa/Cairo",
                "handover": "thursday 21:30",
                "begins": "2026-12-03",
                "leads": ["samir"],
                "climb_minutes": 15,
            },
            oncall_agents=[{"agent": "nadia", "phone": "+212611111111"}],
            oncall_overrides=[
                {"holder": "lina", "starts": "2026-12-24T09:00:00", "ends": "2026-12-26T09:00:00"}
            ],
        )
    ).oncall
    assert made is not None
    rota, override = made.rota, made.rota.overrides[0]
    assert (rota.zone.key, rota.weekday, rota.begins.day) == ("Africa/Cairo", 3, 3)
    assert (override.holder, override.end - override.start) == ("lina", 48 * 60 * MINUTE)
    assert (made.leads, made.repeat, made.climb) == (("samir",), 5 * MINUTE, 15 * MINUTE)
    assert made.phones == {"212611111111": "nadia"}
