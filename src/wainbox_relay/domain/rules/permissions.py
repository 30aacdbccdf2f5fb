"""Who may do what (`docs/design.md` section 6): viewers only look; agents do everything on
conversations; leads and admins also act in a colleague's place."""

from wainbox_relay.contract.vocabulary import AgentId, Role
from wainbox_relay.domain.model import Policy

_RANK = {Role.VIEWER: 0, Role.AGENT: 1, Role.LEAD: 2, Role.ADMIN: 3}
_IN_CHARGE = frozenset({Role.LEAD, Role.ADMIN})


def in_charge(role: Role) -> bool:
    """Whether one decides about the floor: its people, and who holds more than they should."""
    return role in _IN_CHARGE


def may_work(role: Role) -> bool:
    """Whether commands on conversations are this role's business at all."""
    return role is not Role.VIEWER


def may_take_over(role: Role, policy: Policy) -> bool:
    """Whether one may take what a colleague holds without asking."""
    return role in _IN_CHARGE or (may_work(role) and policy.takeover_by_agents)


def may_look_after(role: Role, other: Role) -> bool:
    """Whether one may set teams, skills and capacity of somebody in that role."""
    return role in _IN_CHARGE and _RANK[other] <= _RANK[role]


def may_let_in(role: Role, other: Role) -> bool:
    """Whether one may give that role, or end the access of somebody who has it: nobody does so to
    their equals but admins."""
    return role is Role.ADMIN or (role in _IN_CHARGE and _RANK[other] < _RANK[role])


def may_act_for(role: Role, agent: AgentId, owner: str | None) -> bool:
    """Whether one may undo, hold back or give away what is `owner`'s."""
    return role in _IN_CHARGE or agent == owner
