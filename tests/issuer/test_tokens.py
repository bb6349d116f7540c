"""Tokens of the issuer, good ones and every kind of bad one."""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from api.errors import InvalidToken
from api.issuer import Issuer
from api.settings import Settings, SettingsError
from tests.sign_in import AUDIENCE, claims, jwks, part, private_key, public_jwk, token, with_sign_in

KINDS = ("RS256", "ES256", "ES384", "ES512", "EdDSA")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "jwks.json"
    path.write_bytes(jwks(public_jwk("a"), *(public_jwk(kind, kind) for kind in KINDS)))
    return path


@pytest.fixture
def issuer(file: Path) -> Issuer:
    return Issuer(with_sign_in(Settings(), file, oidc_leeway_seconds=30))


def refusal(issuer: Issuer, sent: str) -> str:
    with pytest.raises(InvalidToken) as refused:
        issuer.claims(sent)
    return refused.value.detail


@pytest.mark.parametrize("kind", KINDS)
def test_a_good_token_is_taken_by_every_kind_of_signature(issuer: Issuer, kind: str) -> None:
    assert issuer.claims(token(claims("ada"), kind, kind))["sub"] == "ada"


def test_an_rsa_key_serves_the_other_signatures_it_can_make(issuer: Issuer) -> None:
    for kind in ("RS384", "RS512", "PS256", "PS384", "PS512"):
        assert issuer.claims(jwt.encode(claims(), private_key("a"), kind, {"kid": "a"}))


@pytest.mark.parametrize("typ", ["JWT", "at+jwt", "application/at+jwt", "AT+JWT", None])
def test_access_tokens_say_so_in_several_ways_or_not_at_all(issuer: Issuer, typ: str | None) -> None:
    assert issuer.claims(token(claims(), typ=typ))


def test_a_token_may_be_for_others_too(issuer: Issuer) -> None:
    assert issuer.claims(token(claims(aud=["account", AUDIENCE])))


def bad() -> dict[str, tuple[dict[str, Any], str]]:
    """What is wrong: such claims, as of now, and words of the refusal."""
    now = int(time.time())
    return {
        "expired": (claims(exp=now - 3600), "The token has expired."),
        "not yet valid": (claims(nbf=now + 3600), "The token is not valid yet."),
        "issued in the future": (claims(iat=now + 3600), "The token is not valid yet."),
        "of another issuer": (claims(iss="https://sign-in.example/realms/other"), "The token is from another issuer."),
        "of an issuer that only looks alike": (claims(iss="https://sign-in.example/realms/desk/"), "another issuer"),
        "for another audience": (claims(aud="account"), "The token is for another audience."),
        "for others only": (claims(aud=["account", "claimspan2"]), "another audience"),
        "for an audience in another shape": (claims(aud={"claimspan": 1}), "another audience"),
        "without audience": (claims(aud=None), "lacks one of the claims"),
        "without issuer": (claims(iss=None), "lacks one of the claims"),
        "without subject": (claims(sub=None), "lacks one of the claims"),
        "without end": (claims(exp=None), "lacks one of the claims"),
        "subject empty": (claims(""), "The subject"),
        "subject a number": (claims(sub=7), "can be read"),
        "subject a lone surrogate": (claims("\ud800"), "The subject"),
        "subject with NUL": (claims("a\0"), "The subject"),
        "subject too long": (claims("x" * 256), "The subject"),
        "end a text": (claims(exp=str(now + 300)), "can be read"),
        "end true": (claims(exp=True), "expired"),
        "end infinite": (claims(exp=float("inf")), "can be read"),
        "end not a number": (claims(exp=float("nan")), "can be read"),
        "issued a text": (claims(iat="1"), "can be read"),
        "not before a list": (claims(nbf=[1]), "can be read"),
    }


@pytest.mark.parametrize("case", bad())
def test_claims_that_do_not_fit_are_refused(issuer: Issuer, case: str) -> None:
    said, why = bad()[case]
    assert why in refusal(issuer, token(said))


def test_times_may_be_beyond_all_numbers_of_the_machine(issuer: Issuer) -> None:
    assert issuer.claims(token(claims(exp=10**400, nbf=-(10**400), iat=-(10**400))))


def test_the_clock_may_be_off_by_the_leeway_and_no_more(issuer: Issuer) -> None:
    now = int(time.time())
    assert issuer.claims(token(claims(exp=now - 25)))
    assert issuer.claims(token(claims(nbf=now + 29, iat=now + 29)))
    assert "expired" in refusal(issuer, token(claims(exp=now - 31)))
    assert "not valid yet" in refusal(issuer, token(claims(nbf=now + 40)))
    assert "not valid yet" in refusal(issuer, token(claims(iat=now + 40)))


def signed_with_the_public_key(said: dict[str, Any], algorithm: str, secret: bytes) -> str:
    head = f"{part({'alg': algorithm, 'kid': 'a', 'typ': 'JWT'})}.{part(said)}"
    digest = hmac.new(secret, head.encode(), sha256).digest()
    return f"{head}.{urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def test_the_public_key_is_no_shared_secret(issuer: Issuer) -> None:
    public = private_key("a").public_key()
    encoding, form = serialization.Encoding, serialization.PublicFormat
    secrets = [
        public.public_bytes(encoding.PEM, form.SubjectPublicKeyInfo),
        public.public_bytes(encoding.DER, form.SubjectPublicKeyInfo),
        public.public_bytes(encoding.PEM, form.PKCS1),
        json.dumps(public_jwk("a")).encode(),
    ]
    for secret in secrets:
        for algorithm in ("HS256", "RS256"):
            refusal(issuer, signed_with_the_public_key(claims(), algorithm, secret))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", None, 7, ["RS256"], "RS1", "ES256K", "HS256", "dir"])
def test_unsigned_tokens_and_other_algorithms_are_refused(issuer: Issuer, algorithm: Any) -> None:
    head, body = part({"alg": algorithm, "kid": "a"}), part(claims())
    for signature in ("", "AAAA"):
        assert refusal(issuer, f"{head}.{body}.{signature}")


def test_a_key_is_good_for_its_own_algorithms_only(issuer: Issuer) -> None:
    good = token(claims(), "ES256", "ES256").split(".")
    assert "unknown key" in refusal(issuer, ".".join([part({"alg": "RS256", "kid": "ES256"}), *good[1:]]))


def test_what_was_tampered_with_is_refused(issuer: Issuer) -> None:
    head, body, signature = token(claims()).split(".")
    assert "does not fit" in refusal(issuer, f"{head}.{part(claims('admin'))}.{signature}")
    flipped = signature[:10] + ("A" if signature[10] != "A" else "B") + signature[11:]
    assert "does not fit" in refusal(issuer, f"{head}.{body}.{flipped}")


def test_another_key_of_the_same_id_does_not_sign_for_it(issuer: Issuer) -> None:
    assert "does not fit" in refusal(issuer, token(claims(), "stolen", kid="a"))


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "logout+jwt"},
        {"typ": "secevent+jwt"},
        {"typ": "dpop+jwt"},
        {"crit": ["exp"]},
        {"b64": True, "crit": ["b64"]},
        {"kid": "unknown"},
        {"kid": ""},
    ],
)
def test_headers_that_ask_for_more_are_refused(issuer: Issuer, header: dict[str, Any]) -> None:
    head = {"alg": "RS256", "kid": "a", "typ": "JWT", **header}
    good = token(claims()).split(".")
    assert refusal(issuer, ".".join([part(head), *good[1:]]))


def test_keys_in_the_token_itself_count_for_nothing(issuer: Issuer) -> None:
    own = public_jwk("mine")
    for header in ({"jwk": own}, {"jku": "https://mine.example/jwks"}, {"x5u": "https://mine.example/x"}):
        assert "unknown key" in refusal(issuer, token(claims(), "mine", **header))


@pytest.mark.parametrize(
    "sent",
    [
        "..",
        "a.b.c",
        "a.b",
        "a.b.c.d",
        ".e30.",
        "e30.e30.e30",
        "é.é.é",
        "W10.W10.AA",
        "e30=.e30=.AA",
        "x" * 17_000 + "..",
    ],
)
def test_what_is_no_token_is_refused(issuer: Issuer, sent: str) -> None:
    assert refusal(issuer, sent)


def test_what_is_too_long_is_not_even_read(issuer: Issuer) -> None:
    assert refusal(issuer, token(claims(padding="x" * 17_000))) == "The token is too long."


def test_a_very_deep_header_or_body_is_refused(issuer: Issuer) -> None:
    deep = urlsafe_b64encode(b"[" * 5000).rstrip(b"=").decode()
    assert refusal(issuer, f"{deep}.{part(claims())}.AA")
    assert refusal(issuer, f"{part({'alg': 'RS256', 'kid': 'a'})}.{deep}.AA")


def test_without_an_id_the_only_key_there_is_counts(file: Path) -> None:
    file.write_bytes(jwks(public_jwk("a")))
    alone = Issuer(with_sign_in(Settings(), file))
    assert alone.claims(token(claims(), kid=None))
    file.write_bytes(jwks(public_jwk("a"), public_jwk("b")))
    assert "unknown key" in refusal(Issuer(with_sign_in(Settings(), file)), token(claims(), kid=None))


def test_reasons_fit_into_a_header_and_tell_nothing_of_the_token(issuer: Issuer) -> None:
    for said, _ in bad().values():
        detail = refusal(issuer, token(said))
        assert detail.isascii()
        assert not set(detail) & {'"', "\\"}
        assert "0001" not in detail


def small() -> dict[str, Any]:
    key = rsa.generate_private_key(65537, 1024).public_key()
    return {**RSAAlgorithm.to_jwk(key, as_dict=True), "kid": "a"}


@pytest.mark.parametrize(
    "keys",
    [
        [],
        [{"kty": "oct", "k": "c2VjcmV0", "kid": "a"}],
        [public_jwk("a", use="enc")],
        [public_jwk("a", key_ops=["sign"])],
        [public_jwk("a", alg="RSA-OAEP")],
        [public_jwk("a", n="!")],
        [{**public_jwk("a"), "kid": 7}],
        [{"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA", "kid": "a"}],
        [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "a"}],
        [{"kty": "OKP", "crv": ["Ed25519"], "x": "AA", "kid": "a"}],
        ["x"],
        [small()],
    ],
)
def test_a_start_without_a_key_that_can_be_used_is_refused(file: Path, keys: list[Any]) -> None:
    file.write_bytes(jwks(*keys))
    with pytest.raises(SettingsError, match="CLAIMSPAN_OIDC_JWKS: found no key"):
        Issuer(with_sign_in(Settings(), file))


def test_keys_of_other_kinds_are_passed_over(file: Path) -> None:
    file.write_bytes(
        jwks({"kty": "oct", "k": "AA", "kid": "a"}, {"kty": "new"}, public_jwk("b"), public_jwk("a", n="!"))
    )
    assert Issuer(with_sign_in(Settings(), file)).claims(token(claims(), "b"))


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"keys": {}}', b"\xff", b"[" * 5000])
def test_a_file_that_is_no_key_set_is_refused_at_the_start(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(SettingsError, match="CLAIMSPAN_OIDC_JWKS: expected"):
        Issuer(with_sign_in(Settings(), file))


def test_a_private_key_in_the_file_is_used_as_a_public_one(file: Path) -> None:
    whole = RSAAlgorithm.to_jwk(private_key("a"), as_dict=True)
    file.write_bytes(jwks({**whole, "kid": "a", "key_ops": ["sign", "verify"]}))
    assert Issuer(with_sign_in(Settings(), file)).claims(token(claims()))
