# /// script
# dependencies = ["djangorestframework", "markdown", "django-filter"]
# [tool.mempip]
# container = true
# ///
"""Templates of installed applications, found by Django's loaders: the browsable interface, forms and a schema."""

import django
from django.conf import settings

settings.configure(
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["*"],
    SECRET_KEY="s",
    INSTALLED_APPS=[
        *("django.contrib." + name for name in ("auth", "contenttypes", "sessions", "staticfiles")),
        *("rest_framework", "django_filters"),
    ],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    STATIC_URL="static/",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    REST_FRAMEWORK={"UNAUTHENTICATED_USER": None, "DEFAULT_AUTHENTICATION_CLASSES": []},
)
django.setup()

from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import path
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView


class Tea(serializers.Serializer):
    name = serializers.CharField(max_length=10)


class Teas(APIView):
    """A list of *teas*."""

    def get(self, request):
        return Response([{"name": "green"}])

    def post(self, request):
        tea = Tea(data=request.data)
        tea.is_valid(raise_exception=True)
        return Response(tea.data, status=201)


urlpatterns = [path("teas/", Teas.as_view())]
client = Client()
print(client.get("/teas/", headers={"accept": "application/json"}).content)
page = client.get("/teas/", headers={"accept": "text/html"}).content.decode()
print("<em>teas</em>" in page, "bootstrap.min.css" in page, len(page) > 5000)
print(client.post("/teas/", {"name": "far too long a name"}, content_type="application/json").json())
print(finders.find("rest_framework/css/bootstrap.min.css") is not None)
