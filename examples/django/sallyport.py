"""
Sallyport for Django REST framework: who is asking, by the access token in `Authorization: Bearer ...`.

One file to copy into a project. It needs PyJWT with `cryptography`, and asks nobody for a request: the signing keys are fetched
once and when they change, and a thread follows the auth server's revocation stream, so that a session that was ended a moment ago
is refused here too.

    # settings.py
    SALLYPORT = {
        "ISSUER": "https://auth.example.com",
        "AUDIENCE": "billing-api",
        "VERIFIER_SECRET": os.environ["SALLYPORT_VERIFIER_SECRET"],
    }
    REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": ["sallyport.SallyportAuthentication"]}

    # views.py
    @api_view(["GET"])
    @permission_classes([HasRole("finance", "owner")])
    def reports(request):
        return Response({"for": request.user.id})

The rules are those of RFC 8725, RFC 7515 and RFC 9068; the numbers in the comments are their sections. What is wrong with a token is
never told: `token_invalid` for all of it. `token_expired` and `token_stale` ask the caller to refresh.
"""

import base64
import json
import logging
import threading
import time
import urllib.request
from dataclasses import dataclass, field

from django.conf import settings
from jwt.algorithms import ECAlgorithm
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException, AuthenticationFailed
from rest_framework.permissions import BasePermission

log = logging.getLogger("sallyport")

LONGEST_TOKEN = 8192
CLOCK_TOLERANCE_SECONDS = 5
LONGEST_LIFE_SECONDS = 3600
DEEPEST_NESTING = 16


@dataclass(frozen=True)
class Principal:
    """Whoever is asking; DRF finds it as `request.user`."""

    id: str
    session_id: str
    roles: tuple
    permissions: tuple
    claims: dict = field(default_factory=dict, hash=False)  # all of them, those that a hook has added too
    is_authenticated: bool = True


class TokenRefused(AuthenticationFailed):
    """401, with the code by which a client knows whether a refresh helps."""

    def __init__(self, code, detail="Sign in first."):
        super().__init__({"code": code, "title": detail, "status": 401}, code)


class Unavailable(APIException):
    """Nobody can tell right now: that is 503, and no reason to sign anybody out."""

    status_code = 503

    def __init__(self):
        super().__init__({"code": "unavailable", "title": "Try again in a moment.", "status": 503})


class SallyportAuthentication(BaseAuthentication):
    """Reads and judges the bearer token of a request."""

    def authenticate(self, request):
        header = request.META.get("HTTP_AUTHORIZATION", "")
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token:
            return None
        return verifier().verify(token), token

    def authenticate_header(self, request):
        return 'Bearer realm="api"'


class HasRole(BasePermission):
    """`permission_classes([HasRole("finance", "owner")])`: one of these is enough."""

    def __init__(self, *roles):
        self.roles = roles

    def __call__(self):
        return self

    def has_permission(self, request, view):
        user = request.user
        return isinstance(user, Principal) and not set(self.roles).isdisjoint(user.roles)


class Verifier:
    """Judges tokens of one issuer for one audience. `clock` is seconds since 1970."""

    def __init__(self, issuer, audience, keys, revocations, clock=time.time):
        self.issuer = issuer
        self.audience = audience
        self.keys = keys
        self.revocations = revocations
        self.clock = clock

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
            permissions=tuple(claims.get("permissions", [])),
            claims=claims,
        )

    def check_claims(self, claims, now):
        """RFC 9068 section 4; RFC 8725 sections 3.8 to 3.10."""
        require(claims.get("iss") == self.issuer)
        audience = claims.get("aud")
        audiences = [audience] if isinstance(audience, str) else audience
        require(is_list_of_text(audiences) and self.audience in audiences)
        require("cnf" not in claims)  # bound to a key: not a bearer token
        for name in ("sub", "sid", "jti"):
            require(is_identifier(claims.get(name)))
        for name in ("iat", "exp", "auth_time", "ver"):
            require(is_whole(claims.get(name)))
        require(claims["iat"] < claims["exp"] <= claims["iat"] + LONGEST_LIFE_SECONDS)
        latest = now + CLOCK_TOLERANCE_SECONDS
        require(claims["iat"] <= latest and claims["auth_time"] <= latest)
        if "nbf" in claims:
            require(is_whole(claims["nbf"]) and claims["nbf"] <= latest)
        if "org" in claims:
            require(is_identifier(claims["org"]))
        for name in ("roles", "amr"):
            require(is_list_of_text(claims.get(name)))
        require(is_list_of_text(claims.get("permissions", [])))


def take_apart(token):
    """Three parts of canonical base64url, and nothing else (RFC 7515 section 7.1)."""
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
    # Python forgives other alphabets, padding and unused bits: only the one spelling survives the way back.
    require(base64.urlsafe_b64encode(found).rstrip(b"=").decode("ascii") == text)
    return found


def parse_object(data):
    """One JSON object in UTF-8, no member twice, no number that JSON does not know (RFC 8725 section 3.7)."""
    try:
        text = data.decode("utf-8", "strict")
        value = json.loads(text, object_pairs_hook=once_each, parse_constant=never)
    except (ValueError, RecursionError):
        raise TokenRefused("token_invalid") from None
    require(isinstance(value, dict) and depth(value) <= DEEPEST_NESTING)
    return value


def once_each(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member stands there twice")
    return found


def never(constant):
    raise ValueError(constant)


def depth(value):
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inside is None else 1 + max((depth(one) for one in inside), default=0)


def check_header(header):
    """The algorithm is ours to choose, never the token's (RFC 8725 section 3.1); the type is explicit (section 3.11)."""
    require(header.get("alg") == "ES256")
    require(isinstance(header.get("kid"), str))
    typ = header.get("typ")
    require(isinstance(typ, str) and typ.lower() in ("at+jwt", "application/at+jwt"))
    # We know no extension, so a token that insists on one is refused (RFC 7515 section 4.1.11); nor tokens in tokens.
    require(not any(name in header for name in ("crit", "b64", "cty")))


def require(holds):
    if not holds:
        raise TokenRefused("token_invalid")


def is_whole(value):
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53


def is_identifier(value):
    return isinstance(value, str) and 0 < len(value) < 256 and not any("\ud800" <= c <= "\udfff" for c in value)


def is_list_of_text(value):
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


class KeySet:
    """The issuer's public keys, by `kid`. An unknown one is looked for again, but not by every forger's request."""

    def __init__(self, url, fetch=None, clock=time.monotonic):
        self.url = url
        self.fetch = fetch or (lambda: urllib.request.urlopen(url, timeout=5).read())
        self.clock = clock
        self.keys = {}
        self.asked_at = None
        self.lock = threading.Lock()

    def find(self, kid):
        if kid not in self.keys:
            self.renew()
        return self.keys.get(kid)

    def renew(self):
        with self.lock:
            now = self.clock()
            if self.asked_at is not None and now - self.asked_at < 10:
                return
            self.asked_at = now
            try:
                found = json.loads(self.fetch())["keys"]
            except (OSError, ValueError, KeyError, TypeError):
                log.warning("the signing keys cannot be had from %s", self.url)
                if not self.keys:
                    self.asked_at = None
                    raise Unavailable() from None
                return
            # One key is for one algorithm (RFC 8725 section 3.1).
            usable = [key for key in found if key.get("alg") == "ES256" and key.get("crv") == "P-256"]
            self.keys = {key["kid"]: ECAlgorithm.from_jwk(json.dumps(key)) for key in usable}


class Revocations:
    """Sessions, users and keys whose tokens count no more. Filled by the stream; `until` is milliseconds."""

    def __init__(self):
        self.sessions, self.users, self.signing_keys = {}, {}, {}

    def refusal(self, claims, kid):
        if claims["sid"] in self.sessions:
            return "session_ended"
        if kid in self.signing_keys or claims["ver"] < self.users.get(claims["sub"], (0, 0))[0]:
            return "token_stale"
        return None

    def add(self, entry):
        until = entry["until"]
        if "sid" in entry:
            self.sessions[entry["sid"]] = max(until, self.sessions.get(entry["sid"], 0))
        elif "kid" in entry:
            self.signing_keys[entry["kid"]] = max(until, self.signing_keys.get(entry["kid"], 0))
        else:
            version, end = self.users.get(entry["sub"], (0, 0))
            self.users[entry["sub"]] = (max(entry["minVersion"], version), max(until, end))

    def drop_ended(self, now_ms):
        self.sessions = {key: until for key, until in self.sessions.items() if until > now_ms}
        self.signing_keys = {key: until for key, until in self.signing_keys.items() if until > now_ms}
        self.users = {key: known for key, known in self.users.items() if known[1] > now_ms}


class RevocationStream(Revocations):
    """
    Follows `GET /api/auth/revocations` (Server-Sent Events) in a thread: all that count first, then each as it happens. A line comes
    every three seconds; after ten without one nothing is known, and requests get 503 rather than a guess.
    """

    STALE_SECONDS = 10

    def __init__(self, url, secret):
        super().__init__()
        self.url, self.secret = url, secret
        self.last_id = None
        self.last_line_at = None
        self.is_complete = threading.Event()
        self.starting = threading.Lock()
        self.thread = None

    def refusal(self, claims, kid):
        self.start()
        if not self.is_complete.wait(5) or time.monotonic() - self.last_line_at > self.STALE_SECONDS:
            raise Unavailable()
        return super().refusal(claims, kid)

    def start(self):
        with self.starting:
            # A server that forks takes no threads along: each of its processes follows by itself.
            if self.thread is None or not self.thread.is_alive():
                self.thread = threading.Thread(target=self.run, name="sallyport-revocations", daemon=True)
                self.thread.start()

    def run(self):
        while True:
            try:
                self.follow()
            except Exception as error:  # whatever it was: what we know may be incomplete, and we ask again
                log.warning("the revocation stream ended: %s", error)
            time.sleep(0.25)

    def follow(self):
        headers = {"Authorization": f"Bearer {self.secret}", "Accept": "text/event-stream"}
        if self.last_id is not None:
            headers["Last-Event-ID"] = self.last_id
        request = urllib.request.Request(self.url, headers=headers)
        with urllib.request.urlopen(request, timeout=self.STALE_SECONDS) as stream:
            event = {}
            for line in stream:
                text = line.decode("utf-8").rstrip("\r\n")
                if text == "":
                    self.take(event)
                    event = {}
                elif not text.startswith(":"):  # a comment is the heartbeat
                    name, _, value = text.partition(":")
                    event[name] = value.removeprefix(" ")
                self.last_line_at = time.monotonic()

    def take(self, event):
        kind = event.get("event")
        if kind not in ("snapshot", "revocations", "revocation"):
            return
        try:
            data = json.loads(event["data"])
            for entry in [data] if kind == "revocation" else data["revocations"]:
                self.add(entry)
        except (ValueError, KeyError, TypeError):
            # What cannot be read may have ended anything: only all of it anew mends that.
            self.last_id = None
            self.is_complete.clear()
            raise
        self.last_id = event.get("id", self.last_id)
        if kind == "snapshot":
            self.drop_ended(time.time() * 1000)
            self.is_complete.set()
        self.last_line_at = time.monotonic()


_verifier = None
_making = threading.Lock()


def verifier():
    """The one of this process, made of `settings.SALLYPORT` when the first token comes."""
    global _verifier
    with _making:
        if _verifier is None:
            mine = settings.SALLYPORT
            base = mine.get("URL", mine["ISSUER"])
            _verifier = Verifier(
                issuer=mine["ISSUER"],
                audience=mine["AUDIENCE"],
                keys=KeySet(f"{base}/.well-known/jwks.json"),
                revocations=RevocationStream(f"{base}/api/auth/revocations", mine["VERIFIER_SECRET"]),
            )
        return _verifier
