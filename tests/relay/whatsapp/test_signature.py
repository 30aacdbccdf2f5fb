import hashlib
import hmac
import json

import pytest

from wainbox_relay.whatsapp.signature import Signatures, handshake

SECRET, PREVIOUS, ANOTHERS = "present-secret", "previous-secret", "another-tenant"
BODY = '{"a": "مرحبا é", "b": "\\u0645"}'.encode()


def mac(body: bytes = BODY, secret: str = SECRET, by: str = "sha256") -> str:
    return hmac.new(secret.encode(), body, by).hexdigest()


SIGNED = f"sha256={mac()}"


@pytest.fixture
def signatures() -> Signatures:
    return Signatures([SECRET, PREVIOUS])


@pytest.mark.parametrize("secret", [SECRET, PREVIOUS])
def test_either_secret_signs(signatures, secret):
    """While one secret replaces the other, both are good."""
    assert signatures.accepts(BODY, f"sha256={mac(secret=secret)}")


def test_upper_case_digits_pass(signatures):
    assert signatures.accepts(BODY, f"sha256={mac().upper()}")


def test_a_signature_is_good_more_than_once(signatures):
    """Checking one body leaves nothing behind that the next one would feel."""
    other = b"another body"
    assert signatures.accepts(BODY, SIGNED)
    assert signatures.accepts(other, f"sha256={mac(other)}")
    assert signatures.accepts(BODY, SIGNED)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "sha256=",
        f"sha1={mac(by='sha1')}",
        f"sha1={mac()}",
        mac(),
        SIGNED[:-1],
        SIGNED + "0",
        "sha256=" + "g" * 64,
        f"sha256={mac(secret='wrong')}",
        f"sha256={mac(json.dumps(json.loads(BODY)).encode())}",
        f"sha256={mac(secret=ANOTHERS)}",
        f" {SIGNED}",
        f"{SIGNED} ",
        f"{SIGNED}, {SIGNED}",
        f"{SIGNED},{SIGNED}",
        "sha256=" + "é" * 64,
        "sha256=" + "\ud800" * 64,
        "sha256=" + "٠" * 64,
        f"SHA256={mac()}",
        "sha256=" + hashlib.sha256(BODY).hexdigest(),
    ],
)
def test_anything_else_is_refused(signatures, header):
    """Missing, cut, foreign or re-encoded signatures are refused, and none raises."""
    assert not signatures.accepts(BODY, header)


def test_one_changed_byte_is_refused(signatures):
    assert not signatures.accepts(BODY + b" ", SIGNED)


@pytest.mark.parametrize("secrets", [[], [""], [SECRET, ""]])
def test_without_a_secret_there_is_no_check(secrets):
    """An empty secret would let everybody sign."""
    with pytest.raises(ValueError, match="app secret"):
        Signatures(secrets)


def test_renewed_secrets_count_at_once(signatures):
    """After a reload the old secret signs nothing any more."""
    signatures.renew(["new-secret"])
    assert signatures.accepts(BODY, f"sha256={mac(secret='new-secret')}")
    assert not signatures.accepts(BODY, SIGNED)


def asked(**changed):
    params = {"hub.mode": ["subscribe"], "hub.verify_token": ["word"], "hub.challenge": ["1158201"]}
    return params | {key.replace("_", ".", 1): value for key, value in changed.items()}


def test_the_handshake_gives_the_challenge_back():
    assert handshake(asked(), "word") == "1158201"


@pytest.mark.parametrize(
    "params",
    [
        {},
        asked(hub_mode=["unsubscribe"]),
        asked(hub_mode=[]),
        asked(hub_verify_token=["other"]),
        asked(hub_verify_token=[]),
        asked(hub_verify_token=[""]),
        asked(hub_verify_token=["word", "word"]),
        asked(hub_verify_token=["wörd\ud800"]),
        asked(hub_challenge=[]),
        asked(hub_challenge=["1", "2"]),
        asked(hub_challenge=["9" * 10_000]),
        asked(hub_challenge=["a\r\nSet-Cookie: x"]),
    ],
)
def test_any_other_handshake_gets_nothing(params):
    assert handshake(params, "word") is None


def test_no_verify_token_means_no_handshake():
    """An empty setting must not equal an empty parameter."""
    assert handshake(asked(hub_verify_token=[""]), "") is None
