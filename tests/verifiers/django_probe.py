"""Controls the Django class by lines of JSON. Each line is a request with a time, and gets one line as response."""

import json
import logging
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "examples/django"))

from django.conf import settings  # noqa: E402

settings.configure()

import django  # noqa: E402

django.setup()
logging.disable()

import sallyport  # noqa: E402

now = 0.0


def clock():
    return now


class Wait:
    """Records how long the stream would wait, and waits only briefly. After another verifier was opened, it waits for ever."""

    def __init__(self):
        self.delays = []
        self.is_over = False

    def __call__(self, seconds):
        self.delays.append(seconds)
        if self.is_over:
            threading.Event().wait()
        time.sleep(0.01)


def open_verifier(issuer, audience, credential, wait, jwksUrl=None, jwks=None, feedUrl=None, maxEntries=None):
    revocations = sallyport.Revocations()
    if feedUrl:
        revocations = sallyport.RevocationStream(feedUrl, credential, clock=clock, wait=wait)
        revocations.FIRST_SECONDS = 0.2
        revocations.MOST_ENTRIES = maxEntries or revocations.MOST_ENTRIES
    keys = sallyport.KeySet(jwksUrl, fetch=(lambda: jwks) if jwks else None, clock=clock)
    return sallyport.Verifier(issuer, audience, keys, revocations, clock=clock)


def verdict(verifier, token):
    try:
        verifier.verify(token)
        return "accepted"
    except (sallyport.TokenRefused, sallyport.Unavailable) as refused:
        return refused.detail["code"]


verifier = None
wait = Wait()
for line in sys.stdin:
    asked = json.loads(line)
    now = asked.get("now", now)
    answer = None
    if "open" in asked:
        wait.is_over = True
        wait = Wait()
        verifier = open_verifier(wait=wait, **asked["open"])
    elif "token" in asked:
        answer = verdict(verifier, asked["token"])
    elif "size" in asked:
        answer = len(verifier.revocations)
    elif "delays" in asked:
        answer = wait.delays[:]
    print(json.dumps(answer), flush=True)
