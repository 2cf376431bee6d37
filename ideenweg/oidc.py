"""Signing in at a provider (OpenID Connect Core 1.0, code flow with PKCE): asks it who somebody is, checks the answer.

A person is who the provider's issuer and subject say, never who an e-mail address says. What the claims mean for roles
is in sign-in.yaml of the configuration folder.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

TIMEOUT = 10
"""Seconds that the provider has for one answer."""

LEEWAY = 60
"""Seconds by which its clock may differ from ours."""

SCOPE = "openid email profile"
ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "RS384", "RS512"]
"""How an answer may be signed: with the provider's own key, never with a secret that both have."""

MANY_FACTORS = frozenset({"mfa", "otp", "hwk", "swk"})
"""What `amr` says where more than a password was shown (RFC 8176)."""


class ProviderError(Exception):
    """The provider cannot be reached, or what it answered must not be believed. The message is for the log."""


@dataclass(frozen=True, slots=True)
class Question:
    """What was sent along with somebody to the provider; what comes back is held to it."""

    state: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    verifier: str = field(default_factory=lambda: generate_token(64))


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is at the provider. factor: they have shown more than a password there."""

    issuer: str
    subject: str
    email: str | None
    name: str | None
    locale: str | None
    factor: bool
    claims: Mapping[str, Any]


class Provider:
    """One provider, as its discovery document describes it. Threads may share it."""

    def __init__(self, issuer: str, client_id: str, client_secret: str) -> None:
        self.issuer = issuer.rstrip("/")
        self._client = (client_id, client_secret)
        self._lock = Lock()
        self._described: Mapping[str, Any] | None = None
        self._keys: KeySet | None = None

    def address(self, question: Question, back: str) -> str:
        """Where somebody goes to sign in. back: the address of ours they come back to. Raises ProviderError."""
        session = self._session(back)
        address, _ = session.create_authorization_url(
            self._endpoint("authorization_endpoint"),
            state=question.state,
            nonce=question.nonce,
            code_verifier=question.verifier,
        )
        return str(address)

    def answer(self, question: Question, back: str, code: str) -> Identity:
        """Who came back with `code`. Raises ProviderError where that cannot be believed."""
        session = self._session(back)
        try:
            token = session.fetch_token(
                self._endpoint("token_endpoint"), code=code, code_verifier=question.verifier, timeout=TIMEOUT
            )
        except (OAuthError, requests.RequestException, ValueError) as error:
            raise ProviderError(f"no token: {error}") from None
        claims = self._claims(str(token.get("id_token") or ""), question.nonce)
        amr = claims.get("amr")
        return Identity(
            issuer=str(claims["iss"]),
            subject=str(claims["sub"]),
            email=_verified_email(claims),
            name=_text(claims.get("name")),
            locale=_text(claims.get("locale")),
            factor=isinstance(amr, list) and not MANY_FACTORS.isdisjoint(map(str, amr)),
            claims=claims,
        )

    def _session(self, back: str) -> OAuth2Session:
        client_id, secret = self._client
        return OAuth2Session(client_id, secret, scope=SCOPE, redirect_uri=back, code_challenge_method="S256")

    def _claims(self, token: str, nonce: str) -> Mapping[str, Any]:
        """The claims of the ID token, checked as OpenID Connect Core §3.1.3.7 asks."""
        try:
            decoded = jwt.decode(token, self._key_set(), algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            # The provider may have changed its keys: look once more.
            try:
                decoded = jwt.decode(token, self._key_set(anew=True), algorithms=ALGORITHMS)
            except (JoseError, ValueError) as error:
                raise ProviderError(f"the signature of the ID token: {error}") from None
        client_id = self._client[0]
        rules = jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": self._description()["issuer"]},
            aud={"essential": True, "value": client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        claims: Mapping[str, Any] = decoded.claims
        try:
            rules.validate(dict(claims))
        except JoseError as error:
            raise ProviderError(f"the claims of the ID token: {error}") from None
        audience = claims["aud"]
        if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != client_id:
            raise ProviderError("the ID token was made for another client")
        return claims

    def _endpoint(self, name: str) -> str:
        found = str(self._description().get(name) or "")
        if urlsplit(found).scheme != urlsplit(self.issuer).scheme:
            raise ProviderError(f"{name} is missing, or is not as well protected as the issuer")
        return found

    def _description(self) -> Mapping[str, Any]:
        """The discovery document (OpenID Connect Discovery 1.0 §4), read once."""
        with self._lock:
            if self._described is None:
                found = self._read(f"{self.issuer}/.well-known/openid-configuration")
                if str(found.get("issuer", "")).rstrip("/") != self.issuer:
                    raise ProviderError(f"{self.issuer} says that it is {found.get('issuer')}")
                self._described = found
            return self._described

    def _key_set(self, *, anew: bool = False) -> KeySet:
        address = self._endpoint("jwks_uri")
        with self._lock:
            if self._keys is None or anew:
                try:
                    self._keys = KeySet.import_key_set(self._read(address))  # type: ignore[arg-type]
                except (JoseError, KeyError, ValueError) as error:
                    raise ProviderError(f"its keys: {error}") from None
            return self._keys

    def _read(self, address: str) -> Mapping[str, Any]:
        try:
            answer = requests.get(address, timeout=TIMEOUT, allow_redirects=False)
            answer.raise_for_status()
            found = answer.json()
        except (requests.RequestException, ValueError) as error:
            raise ProviderError(f"{address}: {error}") from None
        if not isinstance(found, dict):
            raise ProviderError(f"{address} is no JSON object")
        return found


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _verified_email(claims: Mapping[str, Any]) -> str | None:
    """The address, if the provider has checked it or says nothing of that (as Entra does)."""
    return _text(claims.get("email")) if claims.get("email_verified", True) is True else None
