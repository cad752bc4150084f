"""Returns as JSON the request that a Django view gets: `django_api:wsgi` for gunicorn, `django_api:asgi` for uvicorn."""

import hashlib

from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="not a secret, in a test",
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    INSTALLED_APPS=["rest_framework"],
    REST_FRAMEWORK={"DEFAULT_AUTHENTICATION_CLASSES": [], "UNAUTHENTICATED_USER": None},
)

from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import JsonResponse
from django.urls import path, re_path
from rest_framework.response import Response
from rest_framework.views import APIView


def told(request):
    body = request.read()
    forwarded = [request.META.get(f"HTTP_X_{name}", "") for name in ("FORWARDED_FOR", "FORWARDED_PROTO", "REAL_IP")]
    return {
        **({"forwarded": forwarded} if request.GET.get("forwarded") else {}),
        "method": request.method,
        "path": request.path_info,
        "query": request.META.get("QUERY_STRING", ""),
        "length": len(body),
        "hash": hashlib.sha256(body).hexdigest(),
        "type": request.headers.get("content-type", ""),
        "agent": request.headers.get("user-agent", ""),
    }


def echo(request, **_):
    return JsonResponse(told(request))


class Things(APIView):
    def get(self, request):
        return Response({"items": []}, headers={"X-Total-Count": "0"})

    def post(self, request):
        return Response(request.data, status=201, headers={"Location": request.build_absolute_uri("7/")})


urlpatterns = [
    path("things/rest/", Things.as_view()),
    re_path(r"^(?P<rest>.*)/$", echo),
    re_path(r"^things/open(?P<rest>.*)$", echo),
]

wsgi = get_wsgi_application()
asgi = get_asgi_application()
