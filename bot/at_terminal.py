"""What the commands of staff share at the terminal: the office, and what is said when the rules or the database say no."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app
from sqlalchemy.exc import OperationalError

from bot.office import Office
from models.database import Refused


@contextmanager
def refusals() -> Iterator[None]:
    """What the rules refuse ends the command with their words; so does a database that is held by others."""
    try:
        yield
    except Refused as refused:
        sys.exit(str(refused))
    except OperationalError:
        sys.exit("数据库正忙，什么都没有改。请过一会儿再试；一直这样请运行 flask doctor。")


def this_office() -> Office:
    office: Office = current_app.extensions["yunge"]
    return office
