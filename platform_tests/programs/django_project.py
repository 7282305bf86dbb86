# /// script
# dependencies = ["django"]
# ///
"""A project made from Django's templates: migrations, the admin site's pages and static files, translations."""

import io
import multiprocessing
import os
import sys

import django
from django.core.management import call_command, execute_from_command_line

for command in (["startproject", "site_of_mine", "."], ["startapp", "tea"]):  # they configure the process they are in
    arguments = (["django-admin", *command],)
    process = multiprocessing.get_context("fork").Process(target=execute_from_command_line, args=arguments)
    process.start()
    process.join()
with open("site_of_mine/settings.py", "a") as settings:
    settings.write("\nINSTALLED_APPS.append('tea')\nSTATIC_ROOT = BASE_DIR / 'static'\nALLOWED_HOSTS = ['*']\n")
with open("tea/models.py", "a") as models:
    models.write("\n\nclass Pot(models.Model):\n    name = models.CharField(max_length=20)\n")
for directory, _, files in sorted(os.walk(".")):
    print(directory, sorted(file for file in files if not file.endswith((".pyc", ".sqlite3"))))
sys.path.insert(0, os.getcwd())
os.environ["DJANGO_SETTINGS_MODULE"] = "site_of_mine.settings"
django.setup()
out = io.StringIO()
call_command("makemigrations", "tea", stdout=out)
call_command("migrate", verbosity=1, stdout=out)
print(out.getvalue())
call_command("collectstatic", interactive=False, stdout=out, verbosity=0)
print(sum(len(files) for _, _, files in os.walk("static")) > 100, os.access("static/admin/css/base.css", os.W_OK))

from django.contrib.auth.models import User
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils import formats, translation
from tea.models import Pot

User.objects.create_superuser("ada", "ada@example.org", "secret")
Pot.objects.create(name="brown")
client = Client()
print(client.get("/admin/").status_code, client.login(username="ada", password="secret"))
page = client.get("/admin/", headers={"accept-language": "de"}).content.decode()
print("Website-Verwaltung" in page, Pot.objects.filter(name__contains="row").count())
for language in ("de", "fr", "ja"):
    with translation.override(language):
        print(language, translation.gettext("Log in"), formats.localize(1234567.5, use_l10n=True))
print(finders.find("admin/js/core.js").endswith("contrib/admin/static/admin/js/core.js"))
out = io.StringIO()
call_command("check", stdout=out)
call_command("diffsettings", stdout=out)
print("no issues" in out.getvalue(), "INSTALLED_APPS" in out.getvalue())
