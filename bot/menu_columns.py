"""Columns 栏目: the menu under the account's chat, as data, checked before the platform sees it (protocol.md §2.11)."""

import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.database import Refused

COLUMNS, ENTRIES = 3, 5
COLUMN_LETTERS, ENTRY_LETTERS = 4, 7
"""Characters phones show; the platform takes 16 and 60 bytes, and cuts what is longer than the screen."""
COLUMN_BYTES, ENTRY_BYTES, KEY_BYTES, URL_BYTES = 16, 60, 128, 1_024


class MenuEntry(BaseModel):
    """菜单项: what a tap does: begin a service, or open an address."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    key: str = ""
    url: str = ""

    def button(self) -> dict[str, Any]:
        """As the platform wants it."""
        if self.url:
            return {"type": "view", "name": self.name, "url": self.url}
        return {"type": "click", "name": self.name, "key": self.key}


class Column(MenuEntry):
    """栏目: one of the buttons at the bottom, alone or with entries above it."""

    entry: tuple[MenuEntry, ...] = ()

    def button(self) -> dict[str, Any]:
        if not self.entry:
            return super().button()
        return {"name": self.name, "sub_button": [entry.button() for entry in self.entry]}


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    column: Annotated[tuple[Column, ...], Field(min_length=1)]


def read_columns(path: Path, services: Collection[str]) -> tuple[Column, ...]:
    """The columns of a file. Raises Refused with everything the platform or our own services would not take."""
    try:
        columns = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).column
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise Refused(f"{path.name}：读不懂（{str(error).splitlines()[0]}）。") from error
    wrong = [f"最多{COLUMNS}个栏目，现在{len(columns)}个。"] if len(columns) > COLUMNS else []
    for column in columns:
        wrong += _wrong_column(column, services)
    if wrong:
        raise Refused("菜单没有发布，请改好再来：\n" + "\n".join(wrong))
    return columns


def _wrong_column(column: Column, services: Collection[str]) -> list[str]:
    wrong = _wrong_name(column, COLUMN_LETTERS, COLUMN_BYTES)
    if not column.entry:
        return wrong + _wrong_target(column, services)
    if column.key or column.url:
        wrong.append(f"“{column.name}”有子菜单，自己不能再有 key 或 url。")
    if len(column.entry) > ENTRIES:
        wrong.append(f"“{column.name}”最多{ENTRIES}个子菜单，现在{len(column.entry)}个。")
    for entry in column.entry:
        wrong += _wrong_name(entry, ENTRY_LETTERS, ENTRY_BYTES) + _wrong_target(entry, services)
    return wrong


def _wrong_name(entry: MenuEntry, letters: int, most_bytes: int) -> list[str]:
    length = sum(0.5 if letter.isascii() else 1 for letter in entry.name)
    if entry.name.strip() and length <= letters and len(entry.name.encode()) <= most_bytes:
        return []
    return [f"“{entry.name}”：名称要有，最多{letters}个汉字。"]


def _wrong_target(entry: MenuEntry, services: Collection[str]) -> list[str]:
    if bool(entry.key) == bool(entry.url):
        return [f"“{entry.name}”：key 和 url 要有一个，也只能有一个。"]
    if entry.key and (entry.key not in services or len(entry.key.encode()) > KEY_BYTES):
        return [f"“{entry.name}”：没有 {entry.key} 这项服务。"]
    if entry.url and (not entry.url.startswith("https://") or len(entry.url.encode()) > URL_BYTES):
        return [f"“{entry.name}”：网址要以 https:// 开头，不超过{URL_BYTES}字节。"]
    return []


def menu_of(columns: Collection[Column]) -> dict[str, Any]:
    """The body of menu/create."""
    return {"button": [column.button() for column in columns]}


def shown(columns: Collection[Column]) -> str:
    """The columns as text, as `flask menu show` prints them."""
    lines = []
    for column in columns:
        lines.append(f"{column.name}{_target(column)}")
        lines += [f"  {entry.name}{_target(entry)}" for entry in column.entry]
    return "\n".join(lines)


def _target(entry: MenuEntry) -> str:
    return f" → {entry.key or entry.url}" if entry.key or entry.url else ""
