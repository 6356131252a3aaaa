"""One prepared database a kind, copied for each deployment; what no log and no card may ever say is checked at every end."""

import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from blackbox import little_street
from blackbox.platform_ledger import Ledger
from blackbox.running import ACCOUNT, BOT, SECRET, Product
from sqlalchemy import create_engine, make_url, text

PERSONAL = ["13812340000", "钱多多", "oBlackbox", *little_street.NAMES, "欧阳若水", "1390000"]
SECRETS = [SECRET, ACCOUNT.token, ACCOUNT.aes_key, BOT.token, BOT.aes_key, "TOKEN-CANARY", "key-990199", "key-cg"]
Deploy = Callable[..., Product]


class Databases:
    """样板库: an imported street of each kind."""

    def __init__(self, folder: Path, server: Callable[[], str]) -> None:
        self.folder, self._server = folder, server
        self._templates: dict[str, str] = {}

    def fresh(self, kind: str) -> str:
        if kind not in self._templates:
            self._templates[kind] = self._create(kind, "")
            self._fill(kind, self._templates[kind])
        return self._url(kind, self._create(kind, self._templates[kind]))

    def _fill(self, kind: str, name: str) -> None:
        little_street.write(self.folder / "street")
        product = Product(self.folder / f"prepare-{kind}", self._url(kind, name), "http://127.0.0.1:9")
        for command in (["init"], ["import", str(self.folder / "street")]):
            done = product.flask(*command)
            assert done.returncode == 0, done.stdout + done.stderr

    def _url(self, kind: str, name: str) -> str:
        if kind == "sqlite":
            return f"sqlite:///{self.folder / name}.db"
        return make_url(self._server()).set(database=name).render_as_string(hide_password=False)

    def _create(self, kind: str, template: str) -> str:
        name = f"blackbox_{uuid.uuid4().hex[:10]}"
        if kind == "sqlite" and template:
            for path in self.folder.glob(f"{template}.db*"):
                shutil.copy(path, self.folder / path.name.replace(template, name))
        if kind == "postgres":
            engine = create_engine(self._server(), isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.execute(text(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else "")))
            engine.dispose()
        return name


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Databases:
    return Databases(tmp_path_factory.mktemp("blackbox"), lambda: str(request.getfixturevalue("postgres_server")))


@pytest.fixture
def platform() -> Iterator[Ledger]:
    ledger = Ledger()
    yield ledger
    ledger.shutdown()
    ledger.server_close()


@pytest.fixture
def deploy(databases: Databases, platform: Ledger, tmp_path: Path) -> Iterator[Deploy]:
    products: list[Product] = []

    def new(kind: str = "sqlite", **settings: str) -> Product:
        folder = tmp_path / f"product{len(products)}"
        products.append(Product(folder, databases.fresh(kind), platform.url, **settings))
        return products[-1]

    yield new
    for product in products:
        product.close()
        assert_nothing_leaked(product.log("web") + product.log("work"), PERSONAL + SECRETS, "a log")
    for call in platform.of("webhook/send"):
        assert_nothing_leaked(call.raw.decode(), PERSONAL, "a group card")
        assert b"\\u" not in call.raw and len(call.text.encode()) <= 4096


def assert_nothing_leaked(said: str, canaries: list[str], where: str) -> None:
    for canary in canaries:
        spot = said.find(canary)
        assert spot < 0, f"{canary} in {where}: …{said[max(0, spot - 200) : spot + 100]}"
