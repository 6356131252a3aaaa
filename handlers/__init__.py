"""What can be asked: the folders are the registry. Each module names its one `SERVICE` or `COMMAND`."""

import importlib
import pkgutil
from types import ModuleType

from bot.command import Command
from bot.service import Service
from handlers import commands as command_folder
from handlers import services as service_folder


def _modules(folder: ModuleType) -> list[ModuleType]:
    names = sorted(name for _, name, _ in pkgutil.iter_modules(folder.__path__))
    return [importlib.import_module(f"{folder.__name__}.{name}") for name in names]


def all_services() -> list[Service]:
    """Every service, in the order of the menu."""
    return sorted(
        (module.SERVICE for module in _modules(service_folder)), key=lambda service: (service.order, service.code)
    )


def all_commands() -> list[Command]:
    """Everything grid workers can say."""
    return [module.COMMAND for module in _modules(command_folder)]
