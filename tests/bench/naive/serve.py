from __future__ import annotations

import os
import sys

import dj_database_url
import django
import uvicorn
from django.conf import settings

settings.configure(
    SECRET_KEY="b" * 50,
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF="tests.bench.naive.pages",
    DATABASES={"default": dj_database_url.parse(os.environ["DATABASE_URL"], conn_max_age=600)},
    USE_TZ=True,
    LANGUAGE_CODE="de",
    AUTH_USER_MODEL="naive.Person",
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "tests.bench.naive",
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.middleware.gzip.GZipMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                ]
            },
        }
    ],
)
django.setup()

if __name__ == "__main__":
    from django.core.asgi import get_asgi_application

    application = get_asgi_application()
    uvicorn.run(application, port=int(sys.argv[1]), lifespan="off", access_log=False, log_level="warning")
