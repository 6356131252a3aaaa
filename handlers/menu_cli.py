"""`flask menu`: look at the account's columns, and publish them."""

import json
import sys
from pathlib import Path

import click
from flask.cli import with_appcontext

from bot.at_terminal import this_office
from bot.menu_columns import Column, menu_of, read_columns, shown
from bot.message import DeliveryFailed
from bot.official_account_api import OfficialAccountApi
from bot.token_store import SqlTokenStore
from models.database import Refused

SHIPPED = Path(__file__).with_name("columns.toml")
_FILE = click.option(
    "--file", "path", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=SHIPPED,
    help="Columns of your own; default: those that are shipped.",
)  # fmt: skip


@click.group("menu")
def menu() -> None:
    """The menu under the official account's chat."""


def _columns(path: Path) -> tuple[Column, ...]:
    try:
        return read_columns(path, this_office().services)
    except Refused as refused:
        sys.exit(str(refused))


@menu.command("show")
@_FILE
@click.option("--json", "as_json", is_flag=True, help="What the platform would get.")
@with_appcontext
def show(path: Path, as_json: bool) -> None:
    """Check the columns and print them; nothing is published."""
    columns = _columns(path)
    click.echo(json.dumps(menu_of(columns), ensure_ascii=False) if as_json else shown(columns))


@menu.command("push")
@_FILE
@with_appcontext
def push(path: Path) -> None:
    """Publish the columns; they replace the account's menu."""
    office, columns = this_office(), _columns(path)
    tokens = SqlTokenStore(office.database, f"official_account:{office.settings.official_account.app_id}", office.now)
    try:
        OfficialAccountApi(office.settings, tokens, office.now).create_menu(menu_of(columns))
    except DeliveryFailed as failure:
        sys.exit(f"没有发布成功：{failure}。flask doctor 可以查密钥和 IP 白名单。")
    click.echo(f"已发布 {len(columns)} 个栏目。手机上重新进入公众号或过5分钟就能看到。")


COMMANDS = (menu,)
