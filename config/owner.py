"""The settings, with the owner of the tables in place of the runtime role.

For what makes tables or deletes what is kept: manage.py chooses it by the command, and the tests begin with it.
"""

from config.settings import *  # noqa: F403
from config.settings import OWNER

DATABASES = {"default": OWNER}
