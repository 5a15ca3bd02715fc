"""Django settings of one installation, read from the environment and the data folder."""

from comity.config import home
from comity.config.address import read_address
from comity.config.database import database_config
from comity.config.home import api_rate, file_limit, outbound_allow
from comity.config.logs import LOGGING as LOGGING

HOME = home.data_folder()
BASE_DIR = home.PACKAGE

SECRET_KEY = home.secret("secret-key")
DEBUG = False

ADDRESS = read_address()
ALLOWED_HOSTS = ADDRESS.allowed_hosts
SESSION_COOKIE_SECURE = ADDRESS.secure
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if ADDRESS.secure else 0

ROOMS = [
    "kernel", "identity", "records", "access", "timeline", "changes",
    "search", "notices", "ui", "parties", "work", "exchange", "api", "insight", "sales",
]  # fmt: skip
INSTALLED_APPS = [f"comity.{room}" for room in ROOMS] + ["comity.config"]

DATABASES = {"default": database_config(HOME)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("ru", "Русский"),
    ("uk", "Українська"),
    ("bg", "Български"),
    ("id", "Bahasa Indonesia"),
    ("ar", "العربية"),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
ROOT_URLCONF = "comity.config.urls"
MIDDLEWARE = ["comity.ui.middleware.FrameMiddleware"]
FILE_LIMIT = file_limit()
API_RATE = api_rate()
OUTBOUND_ALLOW = outbound_allow()
STATIC_URL = "/static/"
