"""A Django with SimpleJWT in one file: `python3 backend.py PORT`. In your project, these parts are in settings, urls and views.

It has no code of Sallyport. Rotation and blacklist are on, and roles are Django's groups.
"""

import json
import os
import sys
from datetime import timedelta
from socketserver import ThreadingMixIn
from uuid import uuid4
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

PRIVATE_KEY = os.environ.get("JWT_PRIVATE_KEY")

settings.configure(
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["127.0.0.1", "localhost"],
    SECRET_KEY=os.environ["DJANGO_SECRET_KEY"],
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.environ["DATABASE_FILE"],
            "OPTIONS": {"timeout": 20},
        }
    },
    INSTALLED_APPS=[
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "rest_framework",
        "rest_framework_simplejwt.token_blacklist",
    ],
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework_simplejwt.authentication.JWTAuthentication"],
        "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    },
    SIMPLE_JWT={
        "ACCESS_TOKEN_LIFETIME": timedelta(seconds=int(os.environ.get("ACCESS_TOKEN_SECONDS", "300"))),
        "ROTATE_REFRESH_TOKENS": True,
        "BLACKLIST_AFTER_ROTATION": True,
        # With a key pair, the front end verifies tokens itself. With HS256, SimpleJWT's default, it must call this server.
        **({"ALGORITHM": "RS256", "SIGNING_KEY": PRIVATE_KEY, "VERIFYING_KEY": os.environ["JWT_PUBLIC_KEY"]} if PRIVATE_KEY else {}),
    },
)
django.setup()

from django.contrib.auth.models import Group, User  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework.decorators import api_view, permission_classes  # noqa: E402
from rest_framework.exceptions import AuthenticationFailed  # noqa: E402
from rest_framework.permissions import BasePermission  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework_simplejwt.serializers import (  # noqa: E402
    TokenObtainPairSerializer,
    TokenRefreshSerializer,
)
from rest_framework_simplejwt.views import (  # noqa: E402
    TokenBlacklistView,
    TokenObtainPairView,
    TokenRefreshView,
)

def roles_of(user):
    return sorted(group.name for group in user.groups.all())


def permissions_of(user):
    reports = ["report:read"] if {"owner", "finance"} & set(roles_of(user)) else []
    return ["invoice:read", "invoice:write", "customer:read", *reports]


class TokenSerializer(TokenObtainPairSerializer):
    """Both tokens get the roles, and an id that all tokens of one sign-in share."""

    @classmethod
    def get_token(cls, user):
        token = super().get_token(user)
        token["roles"] = roles_of(user)
        token["permissions"] = permissions_of(user)
        token["sid"] = uuid4().hex
        return token


class RefreshSerializer(TokenRefreshSerializer):
    """SimpleJWT copies the claims of the sign-in from token to token. This class loads the user at each refresh."""

    def validate(self, attrs):
        token = self.token_class(attrs["refresh"])
        user = User.objects.filter(pk=token["user_id"], is_active=True).first()
        if user is None:
            raise AuthenticationFailed()
        token["roles"] = roles_of(user)
        token["permissions"] = permissions_of(user)
        return super().validate({"refresh": str(token)})


class MayReadReports(BasePermission):
    def has_permission(self, request, view):
        return request.user.groups.filter(name__in=["owner", "finance"]).exists()


@api_view(["GET"])
def me(request):
    user = request.user
    name, email = user.get_full_name(), user.email
    return Response(
        {"id": user.id, "name": name, "email": email, "roles": roles_of(user), "permissions": permissions_of(user)}
    )


with open(os.environ["BILLING_ANSWERS"], encoding="utf-8") as file:
    ANSWERS = json.load(file)


@api_view(["GET"])
def summary(request):
    return Response(ANSWERS["summary"])


@api_view(["GET"])
def invoices(request):
    return Response(ANSWERS["invoices"])


@api_view(["GET"])
@permission_classes([MayReadReports])
def revenue(request):
    return Response(ANSWERS["revenue"])


urlpatterns = [
    path("api/token/", TokenObtainPairView.as_view(serializer_class=TokenSerializer)),
    path("api/token/refresh/", TokenRefreshView.as_view(serializer_class=RefreshSerializer)),
    path("api/token/blacklist/", TokenBlacklistView.as_view()),
    path("api/me/", me),
    path("billing/summary", summary),
    path("billing/invoices", invoices),
    path("billing/reports/revenue", revenue),
]


def add_users(users):
    for entry in users:
        user = User.objects.create_user(
            entry["email"], entry["email"], entry["password"], first_name=entry["first"], last_name=entry["last"]
        )
        user.groups.add(Group.objects.get_or_create(name=entry["role"])[0])


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 128


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    if not User.objects.exists():
        add_users(json.loads(os.environ.get("USERS", "[]")))
    server = make_server("127.0.0.1", int(sys.argv[1]), get_wsgi_application(), Server, Quiet)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
