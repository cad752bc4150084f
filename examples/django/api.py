"""A billing API in one file: `python3 api.py PORT`. In your project, these parts are in settings, urls and views."""

import os
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import path

settings.configure(
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["127.0.0.1", "localhost"],
    SECRET_KEY=os.urandom(32).hex(),
    INSTALLED_APPS=["rest_framework"],
    SALLYPORT={
        "ISSUER": os.environ["SALLYPORT_ISSUER"],
        "AUDIENCE": os.environ.get("SALLYPORT_AUDIENCE", "my-api"),  # one of the names in SALLYPORT_AUDIENCE of the auth server
        "VERIFIER_SECRET": os.environ["SALLYPORT_VERIFIER_SECRET"],
        # The file of `sallyport access export`, if you have a definition of roles and permissions.
        **({"ACCESS": os.environ["SALLYPORT_ACCESS"]} if "SALLYPORT_ACCESS" in os.environ else {}),
    },
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": ["sallyport.SallyportAuthentication"],
        "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
        "UNAUTHENTICATED_USER": None,
        "EXCEPTION_HANDLER": "sallyport.exception_handler",
    },
)
django.setup()

from rest_framework.decorators import api_view, permission_classes  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402

from sallyport import HasPermission, HasRole, StepUp  # noqa: E402


# Guards are created at the start. So a name that the definition does not have stops the start.
MAY_READ = HasPermission("invoice:read")
MAY_WRITE = HasRole("finance")


class Invoices(APIView):
    def get_permissions(self):
        return [MAY_WRITE] if self.request.method == "POST" else [MAY_READ]

    def get(self, request):
        user = request.user
        # An API for organizations reads only rows of `organization_id`. Without organizations, it is None.
        of = {"organization": user.organization_id} if user.organization_id else {}
        return Response({"for": user.id, "roles": user.roles, **of})

    def post(self, request):
        return Response({"number": request.data["number"]}, status=201)


@api_view(["GET"])
@permission_classes([HasRole("finance", "owner")])
def reports(request):
    return Response({"revenue": 42})


@api_view(["GET"])
@permission_classes([HasRole("finance", "owner"), StepUp(max_age_seconds=600)])
def export(request):
    return Response({"rows": []})


@api_view(["GET"])
@permission_classes([HasRole("finance", "owner"), StepUp(acr="aal2")])
def payouts(request):
    return Response({"payouts": []})


urlpatterns = [
    path("invoices", Invoices.as_view()),
    path("reports", reports),
    path("export", export),
    path("payouts", payouts),
]


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


if __name__ == "__main__":
    with make_server("127.0.0.1", int(sys.argv[1]), get_wsgi_application(), Server, Quiet) as server:
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()
