"""Which role may call what (`docs/design.md` section 6). Every route of the API has its row; the
rules decide what a command may do beyond that."""

from collections.abc import Mapping

from wainbox_relay.contract.vocabulary import Role

EVERYBODY = frozenset(Role)
WORKERS = EVERYBODY - {Role.VIEWER}
"""Viewers see boards and counts, and of cards neither what was written nor a phone number."""

LEADS = frozenset({Role.LEAD, Role.ADMIN})
ADMINS = frozenset({Role.ADMIN})

ROLES: Mapping[tuple[str, str], frozenset[Role]] = {
    ("GET", "/openapi.json"): EVERYBODY,
    ("GET", "/snapshot"): EVERYBODY,
    ("GET", "/queue"): EVERYBODY,
    ("GET", "/counts"): EVERYBODY,
    ("GET", "/events"): EVERYBODY,
    ("GET", "/conversations/{ref}"): EVERYBODY,
    ("POST", "/presence"): EVERYBODY,
    ("GET", "/oncall"): EVERYBODY,
    ("POST", "/oncall/changes"): WORKERS,
    ("GET", "/conversations/{ref}/thread"): WORKERS,
    ("GET", "/conversations/{ref}/customer"): WORKERS,
    ("GET", "/conversations/{ref}/why"): WORKERS,
    ("GET", "/search"): WORKERS,
    ("GET", "/templates"): WORKERS,
    ("GET", "/media/{entry}"): WORKERS,
    ("POST", "/media/{entry}/link"): WORKERS,
    ("POST", "/conversations/{ref}/commands"): WORKERS,
    ("POST", "/conversations"): WORKERS,
    ("POST", "/next"): WORKERS,
    ("POST", "/uploads"): WORKERS,
    ("POST", "/typing"): WORKERS,
    ("GET", "/replies"): WORKERS,
    ("POST", "/replies/{name}/upload"): WORKERS,
    ("GET", "/conversations/{ref}/values"): WORKERS,
    ("PUT", "/replies/{name}"): LEADS,
    ("DELETE", "/replies/{name}"): LEADS,
    ("GET", "/cost"): LEADS,
    ("POST", "/bulk/preview"): LEADS,
    ("POST", "/bulk"): LEADS,
    ("POST", "/bulk/{job}/undo"): LEADS,
    ("PUT", "/oncall/order"): LEADS,
    ("GET", "/admin/agents"): LEADS,
    ("POST", "/admin/agents"): LEADS,
    ("PATCH", "/admin/agents/{agent}"): LEADS,
    ("DELETE", "/admin/agents/{agent}"): LEADS,
    ("GET", "/admin/agents/{agent}/tokens"): LEADS,
    ("POST", "/admin/agents/{agent}/tokens"): LEADS,
    ("POST", "/admin/teams"): LEADS,
    ("DELETE", "/admin/teams/{team}"): LEADS,
    ("GET", "/admin/shifts"): LEADS,
    ("POST", "/admin/shifts"): LEADS,
    ("GET", "/admin/quarantine"): ADMINS,
    ("GET", "/admin/numbers"): ADMINS,
}
OPEN = frozenset({("GET", "/links/{secret}")})
"""What needs no token: the link's secret is one."""
