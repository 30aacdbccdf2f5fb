"""Agents and their tokens."""

from typing import Annotated, Any

from cyclopts import Parameter, validators

from wainbox_relay.cli.base import CONFIG, Config, Json, Skills, Teams, agent, print_json, request
from wainbox_relay.contract.vocabulary import Role

Handle = Annotated[str, Parameter(help="The name they sign in as, such as nadia.")]


@agent.command(name="add")
def agent_add(
    name: Annotated[str, Parameter(help="As colleagues see it, such as Nadia.")],
    /,
    *,
    role: Annotated[Role, Parameter(help="What they may do.")] = Role.AGENT,
    team: Teams = None,
    json: Json = False,
    config: Config = CONFIG,
) -> None:
    """Add an agent and print their token, this once."""
    made = request(config, "agent add", name=name, role=role, teams=team or [])
    _print_token(made, json=json)


@agent.command(name="list")
def agent_list(*, json: Json = False, config: Config = CONFIG) -> None:
    """List the agents."""
    for each in request(config, "agent list")["agents"]:
        if json:
            print_json(each)
        else:
            state = "revoked" if each["revoked"] else each["presence"]
            print(f"{each['agent']:<20} {each['role']:<7} {state:<8} {' '.join(each['teams'])}")


@agent.command(name="change")
def agent_change(
    handle: Handle,
    /,
    *,
    role: Annotated[Role | None, Parameter(help="What they may do.")] = None,
    team: Teams = None,
    capacity: Annotated[int | None, Parameter(validator=validators.Number(gte=0))] = None,
    topic: Skills = None,
    language: Skills = None,
    vip: Annotated[bool | None, Parameter(negative="--no-vip")] = None,
    json: Json = False,
    config: Config = CONFIG,
) -> None:
    """Give an agent another role, other teams, another capacity or other skills.

    Who has no topics and no languages takes all of them. What is left out stays as it is.

    Parameters
    ----------
    capacity
        Open conversations that automation lets them hold; 0 for the usual number. Leads get work
        by themselves only with a capacity of their own.
    topic
        What they can take, such as returns,payments; an empty word for everything.
    language
        What they read, such as ar,fr; an empty word for everything. Who has ar gets Arabic in Latin
        letters (ar-Latn) too.
    vip
        Whether they look after VIPs.
    """
    changed = request(
        config,
        "agent change",
        agent=handle,
        role=role,
        teams=team,
        capacity=capacity,
        topics=_words(topic),
        languages=_words(language),
        vip=vip,
    )
    if json:
        print_json(changed)
    else:
        print(f"{changed['agent']} is {changed['role']} now, {_skills(changed)}")


def _words(given: list[str] | None) -> list[str] | None:
    """Repeated, or with commas between; an empty word empties the list."""
    if given is None:
        return None
    return [word for each in given for part in each.split(",") if (word := part.strip())]


def _skills(agent: dict[str, Any]) -> str:
    """What somebody can take, in one line."""
    parts = {
        "teams": " ".join(agent["teams"]) or "all",
        "languages": " ".join(agent["languages"]) or "all",
        "topics": " ".join(agent["topics"]) or "all",
        "capacity": str(agent["capacity"] or "the usual"),
    }
    told = ", ".join(f"{name}: {value}" for name, value in parts.items())
    return f"{told}, VIPs" if agent["vip"] else told


@agent.command(name="revoke")
def agent_revoke(handle: Handle, /, *, config: Config = CONFIG) -> None:
    """End an agent's access at once: tokens and open terminals."""
    request(config, "agent revoke", agent=handle)
    print(f"{handle} has no access any more.")


@agent.command(name="rotate")
def agent_rotate(handle: Handle, /, *, json: Json = False, config: Config = CONFIG) -> None:
    """Give an agent a new token in place of the old one, and print it, this once."""
    _print_token(request(config, "agent rotate", agent=handle), json=json)


def _print_token(made: dict[str, Any], *, json: bool) -> None:
    if json:
        print_json(made)
        return
    print(f"{made['name']} signs in as {made['agent']} ({made['role']}). The token, shown once:")
    print(made["token"])
    print("On their machine: wainbox login")
