"""
Sallyport for Django REST framework: verifies the access token in `Authorization: Bearer ...`.

This is one file to copy into a project. It needs PyJWT with `cryptography`. It verifies tokens without a call for each request: it
fetches the signing keys every ten minutes and for unknown key ids, and a thread follows the auth server's revocation stream. So a
session that has just ended is refused. While keys or revocations are not available, the response is 503.

    # settings.py
    SALLYPORT = {
        "ISSUER": "https://auth.example.com",
        "AUDIENCE": "my-api",  # one of the names in SALLYPORT_AUDIENCE of the auth server
        "VERIFIER_SECRET": os.environ["SALLYPORT_VERIFIER_SECRET"],
        "ACCESS": BASE_DIR / "access.json",  # optional: roles and permissions, from `sallyport access export access.ts > access.json`
    }
    REST_FRAMEWORK = {
        "DEFAULT_AUTHENTICATION_CLASSES": ["sallyport.SallyportAuthentication"],
        "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
        "UNAUTHENTICATED_USER": None,  # so that django.contrib.auth need not be installed
        "EXCEPTION_HANDLER": "sallyport.exception_handler",  # 401, 403 and 503 as application/problem+json, with a code
    }

    # views.py
    @api_view(["GET"])
    @permission_classes([HasRole("finance", "owner")])  # or HasPermission("report:read")
    def reports(request):
        return Response({"for": request.user.id})

The rules are those of RFC 8725, RFC 7515 and RFC 9068. The numbers in the comments are their sections. Every invalid token gets
`token_invalid`, without the reason. `token_expired` and `token_stale` tell the caller to refresh.
"""

import base64
import heapq
import http.client
import json
import logging
import math
import random
import re
import threading
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.exceptions import PermissionDenied as DeniedByDjango
from jwt.algorithms import ECAlgorithm
from jwt.exceptions import InvalidKeyError
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException, AuthenticationFailed, NotAuthenticated, PermissionDenied
from rest_framework.permissions import BasePermission

log = logging.getLogger("sallyport")

LONGEST_TOKEN = 8192
CLOCK_TOLERANCE_SECONDS = 5
LONGEST_LIFE_SECONDS = 3600
DEEPEST_NESTING = 16


@dataclass(frozen=True)
class Principal:
    """The verified caller, `request.user` in Django REST framework."""

    id: str
    session_id: str
    roles: tuple
    permissions: tuple
    acr: str  # "aal1" for one factor, "aal2" for two; tokens of older versions count as "aal1"
    authenticated_at: int  # when the user last authenticated, in seconds since 1970
    organization_id: str = None  # the organization of the token; roles and permissions are those in it
    claims: dict = field(default_factory=dict, hash=False)  # all claims, including those that a hook has added
    is_authenticated: bool = True


class TokenRefused(AuthenticationFailed):
    """401. The code tells the client whether a refresh helps."""

    def __init__(self, code, detail="Sign in first."):
        super().__init__({"code": code, "title": detail}, code)


class Unavailable(APIException):
    """503: the token cannot be verified at the moment. The client must not sign out."""

    status_code = 503
    wait = 1  # seconds, as Retry-After

    def __init__(self):
        super().__init__({"code": "unavailable", "title": "Try again in a moment."})


class AuthenticationInsufficient(APIException):
    """401 with the challenge of RFC 9470 section 3: the user must authenticate again, or with two factors."""

    status_code = 401

    def __init__(self, acr=None, max_age_seconds=None):
        asked = {"acr": acr, "maxAgeSeconds": max_age_seconds}
        super().__init__("")
        self.problem = {
            "code": "insufficient_user_authentication",
            "title": "Confirm that it is you, then try again.",
            **{name: value for name, value in asked.items() if value is not None},
        }
        parts = ['Bearer error="insufficient_user_authentication"']
        if acr is not None:
            parts.append(f'acr_values="{acr}"')
        if max_age_seconds is not None:
            parts.append(f'max_age="{max_age_seconds}"')
        self.auth_header = ", ".join(parts)  # REST framework sends it as WWW-Authenticate


class SallyportAuthentication(BaseAuthentication):
    """Reads and verifies the bearer token of a request."""

    def authenticate(self, request):
        header = request.META.get("HTTP_AUTHORIZATION", "")
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token:
            return None
        return verifier().verify(token), token

    def authenticate_header(self, request):
        return 'Bearer realm="api"'


def exception_handler(error, context):
    """
    The EXCEPTION_HANDLER of Django REST framework. It sends 401, 403 and 503 as `application/problem+json` (RFC 9457) with the codes
    of docs/errors.md. It does not change other responses.
    """
    # This import is not at the top, because rest_framework.views imports this module by its name in DEFAULT_AUTHENTICATION_CLASSES.
    from rest_framework.views import exception_handler as answer_of_rest_framework

    answer = answer_of_rest_framework(error, context)
    problem = problem_of(error)
    if problem is None:
        return answer
    # The text of PermissionDenied("...") in your view is kept, as `detail`.
    said = {"detail": answer.data["detail"]} if isinstance(answer.data, dict) and "detail" in answer.data else {}
    answer.data = {**problem, "status": answer.status_code, **said}
    answer["Cache-Control"] = "private, no-store"
    renderer = getattr(context.get("request"), "accepted_renderer", None)
    if getattr(renderer, "format", "json") == "json":  # the browsable API is HTML
        answer.content_type = "application/problem+json"
    return answer


def problem_of(error):
    if isinstance(error, (TokenRefused, Unavailable)):
        return dict(error.detail)
    if isinstance(error, AuthenticationInsufficient):
        return error.problem
    if isinstance(error, NotAuthenticated):
        return {"code": "token_missing", "title": "Sign in first. The request has no access token."}
    if isinstance(error, (PermissionDenied, DeniedByDjango)):
        return {"code": "forbidden", "title": "You are signed in, but not allowed to do this."}
    return None


class HasOneOf(BasePermission):
    """One of the names is enough. With the setting ACCESS, another name than those of the definition is an error at the start."""

    def __init__(self, *names):
        if not names or not all(isinstance(name, str) and name for name in names):
            raise TypeError(f'{type(self).__name__} takes one or more names, such as {type(self).__name__}("{self.example}").')
        definition = access()
        for name in names if definition else ():
            fault = definition.fault_of_name(self.kind, name)
            if fault:
                raise TypeError(fault)
        self.names = names

    def __call__(self):
        return self

    def has_permission(self, request, view):
        user = request.user
        return isinstance(user, Principal) and not set(self.names).isdisjoint(self.names_of(user))


class HasRole(HasOneOf):
    """`permission_classes([HasRole("finance", "owner")])`: one of these is enough."""

    kind = "role"
    example = "finance"

    def names_of(self, user):
        return user.roles


class HasPermission(HasOneOf):
    """`permission_classes([HasPermission("report:read")])`: one of these is enough. The auth server assigns permissions to roles."""

    kind = "permission"
    example = "report:read"

    def names_of(self, user):
        return user.permissions


class StepUp(BasePermission):
    """
    `permission_classes([HasRole("finance"), StepUp(max_age_seconds=600)])`: the user must have authenticated in the last ten minutes.
    `StepUp(acr="aal2")`: with two factors. Put it last, because the first class that refuses decides the response.
    """

    def __init__(self, acr=None, max_age_seconds=None):
        is_age = isinstance(max_age_seconds, int) and not isinstance(max_age_seconds, bool) and max_age_seconds > 0
        if acr not in (None, "aal2") or not (max_age_seconds is None or is_age) or (acr is None and max_age_seconds is None):
            raise TypeError('StepUp takes acr="aal2", max_age_seconds with a positive whole number, or both.')
        self.acr = acr
        self.max_age_seconds = max_age_seconds

    def __call__(self):
        return self

    def has_permission(self, request, view):
        user = request.user
        if not isinstance(user, Principal):
            return False
        is_strong = self.acr is None or user.acr == self.acr
        is_recent = self.max_age_seconds is None or verifier().clock() - user.authenticated_at <= self.max_age_seconds
        if is_strong and is_recent:
            return True
        raise AuthenticationInsufficient(self.acr, self.max_age_seconds)


class Access:
    """
    The definition of the product's roles and permissions, from the JSON of `sallyport access export`. A token with the claim
    `permissions_of: "roles"` gets the permissions of its roles from the definition. Raises ValueError if it is not a definition.
    """

    def __init__(self, definition):
        permissions, roles = (definition.get("permissions"), definition.get("roles")) if isinstance(definition, dict) else (None, None)
        if not is_list_of_text(permissions) or not isinstance(roles, dict) or len(definition) != 2:
            raise ValueError("a definition has `permissions`, a list of names, and `roles`, which gives each role its permissions")
        self.permissions = tuple(permissions)
        self.roles = {role: self.permissions if held == "*" else self.held_by(role, held) for role, held in roles.items()}

    def held_by(self, role, held):
        if not is_list_of_text(held):
            raise ValueError(f"the role {role} must have a list of permissions, or '*' for all of them")
        unknown = next((name for name in held if name not in self.permissions), None)
        if unknown is not None:
            raise ValueError(f"the role {role} has {unknown}, which `permissions` does not list")
        return tuple(held)

    def permissions_of(self, roles):
        """Returns the permissions of these roles, each of them once. A role that is not defined has none."""
        return tuple(dict.fromkeys(name for role in roles for name in self.roles.get(role, ())))

    def fault_of_name(self, kind, name):
        """Returns a sentence if there is no such role or permission (`kind`), or None."""
        defined = self.roles if kind == "role" else self.permissions
        return None if name in defined else f"There is no {kind} {json.dumps(name, ensure_ascii=False)}.{did_you_mean(name, defined)}"


def did_you_mean(name, known):
    """Returns the end of the sentence with the most similar name. At most a third of its characters, and at most three, may be wrong."""
    nearest, fewest = None, min(3, math.ceil(len(name) / 3)) + 1
    for candidate in known:
        changes = changes_between(name.lower(), candidate.lower())
        if changes < fewest:
            nearest, fewest = candidate, changes
    return "" if nearest is None else f" Did you mean {nearest}?"


def changes_between(one, other):
    """Optimal string alignment: an insertion, a deletion, a replacement and a swap of two neighbours each count as one."""
    before, row = [], list(range(len(other) + 1))
    for i in range(1, len(one) + 1):
        below = [i]
        for j in range(1, len(other) + 1):
            least = min(row[j] + 1, below[j - 1] + 1, row[j - 1] + (one[i - 1] != other[j - 1]))
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                least = min(least, before[j - 2] + 1)
            below.append(least)
        before, row = row, below
    return row[-1]


class Verifier:
    """Verifies tokens of one issuer for one audience. `clock` returns seconds since 1970."""

    def __init__(self, issuer, audience, keys, revocations, clock=time.time, access=None):
        self.issuer = issuer
        self.audience = audience
        self.keys = keys
        self.revocations = revocations
        self.clock = clock
        self.access = access
        self.has_told_audience = False

    def verify(self, token):
        header, claims, signing_input, signature = take_apart(token)
        check_header(header)
        key = self.keys.find(header["kid"])
        if key is None or not ECAlgorithm(ECAlgorithm.SHA256).verify(signing_input, key, signature):
            raise TokenRefused("token_invalid")
        claims = parse_object(claims)
        now = self.clock()
        self.check_claims(claims, now)
        if claims["exp"] <= now:
            raise TokenRefused("token_expired")
        refusal = self.revocations.refusal(claims, header["kid"])
        if refusal:
            raise TokenRefused(refusal)
        return Principal(
            id=claims["sub"],
            session_id=claims["sid"],
            roles=tuple(claims["roles"]),
            permissions=self.permissions_in(claims),
            acr=claims.get("acr", "aal1"),
            authenticated_at=claims["auth_time"],
            organization_id=claims.get("org"),
            claims=claims,
        )

    def permissions_in(self, claims):
        if "permissions" in claims:
            return tuple(claims["permissions"])
        # Only the issuer knows whether the user has all permissions of the roles. Without its word, the user has none.
        is_derived = claims.get("permissions_of") == "roles" and self.access is not None
        return self.access.permissions_of(claims["roles"]) if is_derived else ()

    def check_claims(self, claims, now):
        """RFC 9068 section 4; RFC 8725 sections 3.8 to 3.10."""
        require(claims.get("iss") == self.issuer)
        audience = claims.get("aud")
        audiences = [audience] if isinstance(audience, str) else audience
        if not is_list_of_text(audiences) or self.audience not in audiences:
            self.tell_audience(audiences)
            raise TokenRefused("token_invalid")
        # Everybody can be the owner of an organization, so tokens for one have an audience of their own.
        require(("org" in claims) == self.audience.endswith("/organization"))
        require("cnf" not in claims)  # such a token is bound to a key, so it is not a bearer token
        for name in ("sub", "sid", "jti"):
            require(is_identifier(claims.get(name)))
        for name in ("iat", "exp", "auth_time", "ver"):
            require(is_whole(claims.get(name)))
        require(claims["iat"] < claims["exp"] <= claims["iat"] + LONGEST_LIFE_SECONDS)
        latest = now + CLOCK_TOLERANCE_SECONDS
        require(claims["iat"] <= latest and claims["auth_time"] <= latest)
        if "nbf" in claims:
            require(is_whole(claims["nbf"]) and claims["nbf"] <= latest)
        if "org_ver" in claims:
            require(is_whole(claims["org_ver"]))
        for name in ("org", "client_id", "acr"):  # older tokens have no client_id and no acr
            if name in claims:
                require(is_identifier(claims[name]))
        for name in ("roles", "amr"):
            require(is_list_of_text(claims.get(name)))
        require(is_list_of_text(claims.get("permissions", [])))


    def tell_audience(self, audiences):
        """Logs the reason once. The caller never gets it. At this point, signature and issuer are valid."""
        if self.has_told_audience:
            return
        self.has_told_audience = True
        names = [shown(one) for one in audiences if isinstance(one, str)] if isinstance(audiences, list) else []
        log.warning(
            "A token for %s was refused here, because AUDIENCE of settings.SALLYPORT is %s. Set it to one of the names in SALLYPORT_AUDIENCE. "
            "Or add it there, start the auth server again and sign in again. This warning is shown only once.",
            ", ".join(names[:10]) or "nobody",
            shown(self.audience),
        )


def shown(name):
    """Makes text safe for a log: no line breaks, no control characters, a limited length."""
    return re.sub(r"[^\x21-\x7e]", "?", name[:64])


def take_apart(token):
    """Splits a token into its three parts. Each must be canonical base64url (RFC 7515 section 7.1)."""
    require(len(token) <= LONGEST_TOKEN)
    parts = token.split(".")
    require(len(parts) == 3)
    header, payload, signature = (decode(part) for part in parts)
    signing_input = token[: token.rindex(".")].encode("ascii")
    return parse_object(header), payload, signing_input, signature


def decode(text):
    require(text != "" and text.isascii())
    try:
        found = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise TokenRefused("token_invalid") from None
    # Python accepts other alphabets, padding and unused bits. Only the canonical form is the same after encoding it again.
    require(base64.urlsafe_b64encode(found).rstrip(b"=").decode("ascii") == text)
    return found


def parse_object(data):
    """Parses one JSON object in UTF-8, without duplicate members and invalid numbers (RFC 8725 section 3.7)."""
    try:
        text = data.decode("utf-8", "strict")
        value = json.loads(text, object_pairs_hook=once_each, parse_constant=never, parse_float=finite, parse_int=whole)
    except (ValueError, RecursionError):
        raise TokenRefused("token_invalid") from None
    require(isinstance(value, dict) and depth(value) <= DEEPEST_NESTING)
    return value


def once_each(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member occurs twice")
    return found


def finite(text):
    """JSON has one kind of number: 3.0 is 3. A number too large for a double would become infinite (RFC 7493 section 2.2)."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("a number is too large")
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def whole(text):
    finite(text)
    return int(text)


def never(constant):
    raise ValueError(constant)


def depth(value):
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inside is None else 1 + max((depth(one) for one in inside), default=0)


def check_header(header):
    """The algorithm is fixed here and never chosen by the token (RFC 8725 section 3.1). The type is explicit (section 3.11)."""
    require(header.get("alg") == "ES256")
    require(is_identifier(header.get("kid")))
    typ = header.get("typ")
    require(isinstance(typ, str) and typ.lower() in ("at+jwt", "application/at+jwt"))
    # Extensions (RFC 7515 section 4.1.11) and nested tokens are not supported, so such tokens are refused.
    require(not any(name in header for name in ("crit", "b64", "cty")))


def require(holds):
    if not holds:
        raise TokenRefused("token_invalid")


def is_whole(value):
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53


def is_identifier(value):
    """Returns whether a value is a text of 1 to 255 UTF-16 units. All verifiers count in this unit."""
    if not isinstance(value, str) or any("\ud800" <= c <= "\udfff" for c in value):
        return False
    return 0 < len(value.encode("utf-16-le")) // 2 < 256


def is_list_of_text(value):
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """Does not follow redirects, because the credential would be sent to their target."""

    def redirect_request(self, *_):
        return None


web = urllib.request.build_opener(NoRedirects)
WEB_FAILURES = (OSError, http.client.HTTPException, ValueError)
JSON_TYPE = re.compile(r"application/([\w.!#$&^-]+\+)?json", re.IGNORECASE)
EVENT_STREAM_TYPE = re.compile(r"text/event-stream", re.IGNORECASE)
LARGEST_ANSWER = 64 * 1024


def open_answer(request, media_type, timeout):
    """Accepts only a 200 with the right media type, so that a proxy's page with status 200 is ignored."""
    answer = web.open(request, timeout=timeout)
    found = answer.headers.get("Content-Type", "").partition(";")[0].strip()
    if answer.status != 200 or not media_type.fullmatch(found):
        answer.close()
        raise ValueError(f"the response has status {answer.status} and {found[:100] or 'no media type'}")
    return answer


def get_json(url, seconds=5):
    """Fetches JSON, with limits for the total time and the size."""
    deadline = time.monotonic() + seconds
    body = b""
    request = urllib.request.Request(url, headers={"Accept": "application/jwk-set+json, application/json"})
    with open_answer(request, JSON_TYPE, seconds) as answer:
        while piece := answer.read1(LARGEST_ANSWER):
            body += piece
            if len(body) > LARGEST_ANSWER or time.monotonic() > deadline:
                raise ValueError("the response is too large or too slow")
    return json.loads(body)


class KeySet:
    """
    The issuer's public keys, by `kid`. They are fetched again when they are ten minutes old, so that withdrawn keys are removed. While
    that fails, they are used until they are an hour old. After that, no token can be verified. For an unknown key, the keys are
    fetched again, but not for every request.
    """

    COOL_DOWN_SECONDS = 10
    RETRY_SECONDS = 1  # while there is no key at all
    MAX_AGE_SECONDS = 600
    MAX_STALE_SECONDS = 3600
    MOST_KEYS = 64

    def __init__(self, url, fetch=None, clock=time.time):
        self.url = url
        self.fetch = fetch or (lambda: get_json(url))
        self.clock = clock
        self.keys = {}
        self.fetched_at = self.asked_at = None
        self.failed = False
        self.lock = threading.Lock()

    def find(self, kid):
        if not self.is_settled(kid):
            # A request with a known key does not wait. A request with an unknown key waits for the fetch that is running.
            with self.lock:
                wait = self.COOL_DOWN_SECONDS if self.is_usable() else self.RETRY_SECONDS
                if not self.is_settled(kid) and self.age(self.asked_at) >= wait:
                    self.renew()
        key = self.keys.get(kid)
        # The issuer may have published this key a moment ago. While the key set cannot be fetched, the token can be neither accepted nor
        # refused.
        if not self.is_usable() or (key is None and self.failed):
            raise Unavailable()
        return key

    def is_settled(self, kid):
        if kid not in self.keys:
            return False
        waits = self.failed and self.is_usable() and self.age(self.asked_at) < self.COOL_DOWN_SECONDS
        return waits or self.age(self.fetched_at) < self.MAX_AGE_SECONDS

    def is_usable(self):
        return self.age(self.fetched_at) < self.MAX_STALE_SECONDS

    def age(self, since):
        """Returns the age in seconds. If the clock was set back, the age would be negative. In this case, the key set counts as old."""
        age = math.inf if since is None else self.clock() - since
        return age if age >= 0 else math.inf

    def renew(self):
        started = self.asked_at = self.clock()
        try:
            keys = self.read(self.fetch())
        except WEB_FAILURES as error:
            log.warning("the signing keys could not be fetched from %s: %s", self.url, error)
            self.failed = True
            return
        # A key set without a usable key withdraws the current keys. After that, no token can be verified.
        self.keys, self.failed, self.fetched_at = keys, not keys, started if keys else None

    def read(self, document):
        found = document.get("keys") if isinstance(document, dict) else None
        if not isinstance(found, list) or len(found) > self.MOST_KEYS:
            raise ValueError("the response is not a key set")
        usable = [key for key in found if is_usable_key(key)]
        # Two keys with one `kid` are ambiguous, so neither is used.
        times = Counter(key.get("kid") for key in found if isinstance(key, dict) and isinstance(key.get("kid"), str))
        keys = {}
        for key in usable:
            try:
                if times[key["kid"]] == 1:
                    keys[key["kid"]] = ECAlgorithm.from_jwk(json.dumps(key))
            except (InvalidKeyError, ValueError):
                log.warning("a signing key is not a point of its curve, and is ignored")
        return keys


SECRET_MEMBERS = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")


def is_usable_key(key):
    """A key must be public, for signatures, and for one algorithm (RFC 8725 section 3.1). An invalid key does not affect the others."""
    return (
        isinstance(key, dict)
        and is_identifier(key.get("kid"))
        and (key.get("kty"), key.get("crv"), key.get("alg", "ES256"), key.get("use", "sig")) == ("EC", "P-256", "ES256", "sig")
        and ("key_ops" not in key or (isinstance(key["key_ops"], list) and "verify" in key["key_ops"]))
        and not any(name in key for name in SECRET_MEMBERS)
        and all(is_coordinate(key.get(name)) for name in ("x", "y"))
    )


def is_coordinate(text):
    try:
        return isinstance(text, str) and len(decode(text)) == 32
    except TokenRefused:
        return False


class Revocations:
    """Revoked sessions, users, organizations and keys. Each entry has an end, in milliseconds, after which it is no longer needed."""

    def __init__(self):
        # For each kind and name: the end of the entry, and the lowest version of tokens that is still valid.
        self.known = {"sid": {}, "sub": {}, "org": {}, "kid": {}}
        self.ends = []  # a heap, so that ended entries are found without reading the others

    def __len__(self):
        return sum(len(entries) for entries in self.known.values())

    def refusal(self, claims, kid):
        if claims["sid"] in self.known["sid"]:
            return "session_ended"
        if kid in self.known["kid"] or claims["ver"] < self.known["sub"].get(claims["sub"], (0, 0))[1]:
            return "token_stale"
        # Tokens of a session have no organization.
        if "org" in claims and claims.get("org_ver", 0) < self.known["org"].get(claims["org"], (0, 0))[1]:
            return "token_stale"
        return None

    def add(self, entry):
        kind = next((kind for kind in self.known if isinstance(entry, dict) and kind in entry), None)
        name, until = (entry[kind], entry.get("until")) if kind else (None, None)
        least = entry.get("minVersion") if kind in ("sub", "org") else 0
        if not isinstance(name, str) or not name or type(until) is not int or type(least) is not int or least < 0:
            raise ValueError("an entry cannot be read")
        # If this name already has an entry, the later end and the higher version are used.
        before = self.known[kind].get(name)
        self.known[kind][name] = (max(until, before[0]), max(least, before[1])) if before else (until, least)
        if before is None or until > before[0]:
            heapq.heappush(self.ends, (until, kind, name))

    def drop_ended(self, now_ms):
        while self.ends and self.ends[0][0] <= now_ms:
            _, kind, name = heapq.heappop(self.ends)
            if name in self.known[kind] and self.known[kind][name][0] <= now_ms:
                del self.known[kind][name]


class EventStream:
    """Parses Server-Sent Events from chunks of any size. An event that is too long, or not UTF-8, is an error."""

    LARGEST_EVENT = 1024 * 1024

    def __init__(self, take):
        self.take = take
        self.rest = b""
        self.size = 0
        self.fields = {}

    def push(self, piece):
        """Returns whether the chunk completed a line. Comments count, because they are heartbeats."""
        self.rest += piece
        whole = self.rest[:-1] if self.rest.endswith(b"\r") else self.rest  # its line feed may be in the next chunk
        *lines, last = re.split(rb"\r\n|\n|\r", whole)
        self.rest = last + self.rest[len(whole) :]
        for line in lines:
            self.take_line(line.decode("utf-8"))
        if self.size + len(self.rest) > self.LARGEST_EVENT:
            raise ValueError("an event is too long")
        return bool(lines)

    def take_line(self, line):
        if line == "":
            event, self.fields, self.size = self.fields, {}, 0
            if "data" in event:
                self.take(event)
        elif not line.startswith(":"):  # a comment is the heartbeat
            self.size += len(line)
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            self.fields[name] = f"{self.fields[name]}\n{value}" if name == "data" and name in self.fields else value


class RevocationStream(Revocations):
    """
    Follows `GET /api/auth/revocations` in a thread. The stream sends all current revocations first, and then each new one. It sends a
    line every three seconds. After ten seconds without a line, the state is unknown, and requests get 503. Known revocations are still
    refused.
    """

    STALE_SECONDS = 10
    HEARTBEAT_SECONDS = 3
    FIRST_SECONDS = 5  # how long requests wait for the first snapshot, from the first request on
    MOST_ENTRIES = 1_000_000
    LONGEST_DELAY_SECONDS = 5

    def __init__(self, url, secret, clock=time.time, wait=time.sleep):
        super().__init__()
        self.url, self.secret, self.clock, self.wait = url, secrets_of(secret)[0], clock, wait
        self.last_id = None
        self.last_line_at = None
        self.is_complete = threading.Event()
        self.starting = threading.Lock()
        self.thread = None
        self.started_at = 0.0
        self.told = None

    def refusal(self, claims, kid):
        self.start()
        self.is_complete.wait(max(0.0, self.started_at + self.FIRST_SECONDS - time.monotonic()))
        refusal = super().refusal(claims, kid)
        if refusal is None and not self.is_current():
            raise Unavailable()
        return refusal

    def is_current(self):
        since = self.last_line_at
        # If the clock was set back, the age is negative.
        return self.is_complete.is_set() and since is not None and 0 <= self.clock() - since <= self.STALE_SECONDS

    def start(self):
        # A fork has no threads of its parent, so each process follows the stream itself.
        if self.thread is not None and self.thread.is_alive():
            return
        with self.starting:
            if self.thread is None or not self.thread.is_alive():
                self.started_at = time.monotonic()
                self.thread = threading.Thread(target=self.run, name="sallyport-revocations", daemon=True)
                self.thread.start()

    def run(self):
        short_lives = 0
        while True:
            began = self.clock()
            try:
                self.follow()
            except Exception as error:  # after any error, revocations may be missing, so connect again
                self.tell(f"the revocation stream ended: {error}")
            # A connection that ends before its first heartbeat counts as failed.
            short_lives = short_lives + 1 if self.clock() - began < self.HEARTBEAT_SECONDS else 0
            delay = min(self.LONGEST_DELAY_SECONDS, 0.25 * 2 ** min(max(short_lives - 1, 0), 10))
            self.wait(delay * random.uniform(0.5, 1))

    def tell(self, message):
        if message != self.told:
            log.warning("%s", message)
        self.told = message

    def follow(self):
        headers = {"Authorization": f"Bearer {self.secret}", "Accept": "text/event-stream"}
        if self.last_id is not None:
            headers["Last-Event-ID"] = self.last_id
        request = urllib.request.Request(self.url, headers=headers)
        with open_answer(request, EVENT_STREAM_TYPE, self.STALE_SECONDS) as stream:
            events = EventStream(self.take)
            lined_at = time.monotonic()
            while piece := stream.read1(LARGEST_ANSWER):
                if self.read(events, piece):
                    lined_at = time.monotonic()
                elif time.monotonic() - lined_at > self.STALE_SECONDS:
                    raise TimeoutError("it sends no complete line")

    def read(self, events, piece):
        try:
            has_line = events.push(piece)
        except (ValueError, KeyError, TypeError, RecursionError):
            # An event that cannot be parsed may have revoked anything, so a new snapshot is needed.
            self.last_id = None
            self.is_complete.clear()
            raise
        if has_line and self.is_complete.is_set():
            self.last_line_at = self.clock()
            self.drop_ended(self.last_line_at * 1000)
            self.told = None
        return has_line

    def take(self, event):
        kind = event.get("event")
        if kind not in ("snapshot", "revocations", "revocation"):
            return
        data = json.loads(event["data"])
        entries = [data] if kind == "revocation" else data["revocations"]
        if not isinstance(entries, list):
            raise ValueError("the revocations are not a list")
        for entry in entries:
            self.add(entry)
        # Entries are never deleted before their end, because revoked tokens would be accepted again.
        if len(self) > self.MOST_ENTRIES:
            raise ValueError("there are more revocations than can be kept")
        self.last_id = event.get("id", self.last_id)
        if kind == "snapshot":
            self.last_line_at = self.clock()
            self.is_complete.set()


SETTINGS = ("ISSUER", "AUDIENCE", "VERIFIER_SECRET", "URL", "ACCESS")


def read_settings():
    """Checks `settings.SALLYPORT`, so that the project does not start with a missing or wrong setting."""
    mine = getattr(settings, "SALLYPORT", None)
    if not isinstance(mine, dict):
        raise ImproperlyConfigured("settings.SALLYPORT is missing: a dict with ISSUER, AUDIENCE and VERIFIER_SECRET.")
    unknown = [name for name in mine if name not in SETTINGS]
    if unknown:
        raise ImproperlyConfigured(f"settings.SALLYPORT has no {unknown[0]}. It has {', '.join(SETTINGS)}.")
    if not is_address(mine.get("ISSUER"), plain=False):
        raise ImproperlyConfigured(
            "SALLYPORT['ISSUER'] must be the exact `iss` of the tokens: an https URL (http on localhost only) without query or user."
        )
    if "URL" in mine and not is_address(mine["URL"], plain=True):
        raise ImproperlyConfigured("SALLYPORT['URL'] must be the address at which this process reaches the auth server, or be left out.")
    if not isinstance(mine.get("AUDIENCE"), str) or not mine["AUDIENCE"]:
        raise ImproperlyConfigured("SALLYPORT['AUDIENCE'] must be the name of this API in the claim `aud` of the tokens.")
    secret = mine.get("VERIFIER_SECRET")
    if not isinstance(secret, str) or not all(re.fullmatch(r"[\x21-\x7e]+", one) for one in secrets_of(secret)):
        raise ImproperlyConfigured(
            "SALLYPORT['VERIFIER_SECRET'] is missing, empty or not visible ASCII. Set it to the SALLYPORT_VERIFIER_SECRET of the auth server."
        )
    if "ACCESS" in mine:
        read_access(mine["ACCESS"])
    return mine


def read_access(given):
    """Reads the definition of roles and permissions: the path of a JSON file, or its content as a dict."""
    try:
        return Access(given if isinstance(given, dict) else json.loads(Path(given).read_text(encoding="utf-8")))
    except (OSError, TypeError, ValueError) as error:
        raise ImproperlyConfigured(f"SALLYPORT['ACCESS'] must be a file of `sallyport access export`: {error}.") from None


def secrets_of(text):
    """During a rotation the setting has two secrets, `new,old`. The first is sent."""
    return [one.strip(" ") for one in text.split(",")]


def is_address(url, plain):
    try:
        parts = urlsplit(url) if isinstance(url, str) else None
        host = parts.hostname if parts else None
    except ValueError:
        return False
    if not host or "@" in parts.netloc or "?" in url or "#" in url:
        return False
    is_local = host in ("localhost", "::1") or host.endswith(".localhost") or re.fullmatch(r"127(\.\d+){3}", host)
    return parts.scheme == "https" or (parts.scheme == "http" and bool(plain or is_local))


_access = None
_verifier = None
_making = threading.RLock()


def access():
    """Returns the definition of `settings.SALLYPORT["ACCESS"]`, or None if the setting is missing. The file is read once."""
    global _access
    given = (getattr(settings, "SALLYPORT", None) or {}).get("ACCESS")
    with _making:
        if _access is None and given is not None:
            _access = read_access(given)
        return _access


def verifier():
    """Returns the verifier of this process, created from `settings.SALLYPORT` at the first token."""
    global _verifier
    with _making:
        if _verifier is None:
            mine = read_settings()
            base = mine.get("URL", mine["ISSUER"]).removesuffix("/")
            _verifier = Verifier(
                issuer=mine["ISSUER"],
                audience=mine["AUDIENCE"],
                keys=KeySet(f"{base}/.well-known/jwks.json"),
                revocations=RevocationStream(f"{base}/api/auth/revocations", mine["VERIFIER_SECRET"]),
                access=access(),
            )
        return _verifier


if hasattr(settings, "SALLYPORT"):
    read_settings()
