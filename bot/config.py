"""Settings: config.toml and the environment become one typed object; a wrong or unknown key stops the start.

Order: environment (`YUNGE_SECTION__KEY`, secrets also as `…_FILE`), then the file named by `YUNGE_CONFIG`
(default `config.toml`), then the defaults here. `config.example.toml` says why each setting exists.
"""

import os
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from models.working_time import periods_from


class ConfigError(Exception):
    """The configuration cannot be used; the text says which key and what to do."""


def _known_zone(name: str) -> str:
    ZoneInfo(name)
    return name


def _aes_key(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value()) not in (0, 43):
        raise ValueError("must have 43 characters (EncodingAESKey), or be empty")
    return value


AesKey = Annotated[SecretStr, AfterValidator(_aes_key)]
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Period = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")]


class Section(BaseModel):
    """One table of the file; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Deployment(Section):
    name: str = "云格"
    public_url: str = ""
    timezone: Annotated[str, AfterValidator(_known_zone)] = "Asia/Shanghai"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class Server(Section):
    bind: Annotated[str, Field(pattern=r"^[^:]*:\d+$")] = "127.0.0.1:8000"
    workers: Annotated[int, Field(ge=1)] = 2
    threads: Annotated[int, Field(ge=1)] = 8
    callback_window_seconds: Annotated[float, Field(gt=0)] = 600


class DatabaseSection(Section):
    url: str = "sqlite:///var/yunge.db"


class OfficialAccount(Section):
    app_id: str = ""
    app_secret: SecretStr = SecretStr("")
    original_id: str = ""
    token: SecretStr = SecretStr("")
    aes_key: AesKey = SecretStr("")
    allow_plain: bool = False
    api_base_url: str = "https://api.weixin.qq.com"

    @model_validator(mode="after")
    def _encrypted_unless_allowed(self) -> "OfficialAccount":
        if self.app_id and not self.token.get_secret_value():
            raise ValueError("token is empty: what anybody can sign proves nothing")
        if self.token.get_secret_value() and not self.aes_key.get_secret_value() and not self.allow_plain:
            raise ValueError("aes_key is empty: set it, or set allow_plain = true for a test account")
        return self


class GroupBot(Section):
    name: str = "云格"
    token: SecretStr = SecretStr("")
    aes_key: AesKey = SecretStr("")


class GroupPush(Section):
    api_base_url: str = "https://qyapi.weixin.qq.com"
    per_minute: Annotated[int, Field(ge=1)] = 20


class Scheduler(Section):
    tick_seconds: Annotated[float, Field(gt=0)] = 5
    lease_seconds: Annotated[float, Field(gt=0)] = 30
    clock_jump_minutes: Annotated[float, Field(ge=0)] = 30


class Delivery(Section):
    retry_first_seconds: Annotated[float, Field(gt=0)] = 5
    retry_longest_seconds: Annotated[float, Field(gt=0)] = 3600
    send_deadline_seconds: Annotated[float, Field(gt=0)] = 10
    poison_attempts: Annotated[int, Field(ge=1)] = 8


class WorkingTime(Section):
    periods: list[Period] = ["09:00-12:00", "13:30-17:30"]
    weekdays: list[Annotated[int, Field(ge=1, le=7)]] = [1, 2, 3, 4, 5]

    @model_validator(mode="after")
    def _periods_in_order(self) -> "WorkingTime":
        periods_from(self.periods)
        return self


class Promises(Section):
    response_minutes: Annotated[float, Field(gt=0)] = 30
    emergency_minutes: Annotated[float, Field(gt=0)] = 2
    emergency_step_minutes: Annotated[float, Field(gt=0)] = 5
    small_hours: Annotated[float, Field(gt=0)] = 2
    slow_days: Annotated[float, Field(gt=0)] = 2
    complex_days: Annotated[float, Field(gt=0)] = 7
    step_minutes: Annotated[float, Field(gt=0)] = 30
    warn_percent: Annotated[float, Field(gt=0, lt=100)] = 80
    handling_percent: Annotated[float, Field(gt=0, le=100)] = 75
    report_in_minutes: Annotated[float, Field(gt=0)] = 60
    supply_days: Annotated[float, Field(gt=0)] = 3
    remind_hours: Annotated[float, Field(ge=0)] = 4
    extension_days: Annotated[float, Field(ge=0)] = 5
    deferral_days: Annotated[float, Field(ge=0)] = 30
    reopen_hours: Annotated[float, Field(gt=0)] = 72
    silence_days: Annotated[float, Field(gt=0)] = 7
    return_limit: Annotated[int, Field(ge=0)] = 2


class UnderstandingSection(Section):
    sure_margin: Annotated[float, Field(ge=0)] = 2.5
    alarm_from: float = -0.55
    gather_seconds: Annotated[float, Field(ge=0)] = 120


class Duplicates(Section):
    days: Annotated[float, Field(ge=0)] = 14


class Announcements(Section):
    delay_minutes: Annotated[float, Field(ge=0)] = 5
    daily_cap: Annotated[int, Field(ge=1)] = 3
    subscribe_template: str = ""
    subscribe_fields: Annotated[list[str], Field(min_length=3, max_length=3)] = ["thing1", "time2", "thing3"]
    subscribe_lasting: bool = False
    unread_hours: Annotated[float, Field(gt=0)] = 24


class QuietHours(Section):
    start: Clock = "22:00"
    end: Clock = "07:00"


class Settings(BaseSettings):
    """设置: everything an operator may choose, typed."""

    model_config = SettingsConfigDict(
        env_prefix="YUNGE_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    deployment: Deployment = Deployment()
    server: Server = Server()
    database: DatabaseSection = DatabaseSection()
    official_account: OfficialAccount = OfficialAccount()
    group_bot: GroupBot = GroupBot()
    group_push: GroupPush = GroupPush()
    scheduler: Scheduler = Scheduler()
    delivery: Delivery = Delivery()
    working_time: WorkingTime = WorkingTime()
    promises: Promises = Promises()
    understanding: UnderstandingSection = UnderstandingSection()
    duplicates: Duplicates = Duplicates()
    announcements: Announcements = Announcements()
    quiet_hours: QuietHours = QuietHours()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=_config_path())


def _config_path() -> Path | None:
    chosen = os.environ.get("YUNGE_CONFIG")
    if chosen and not Path(chosen).is_file():
        raise ConfigError(f"YUNGE_CONFIG={chosen}: no such file. Copy config.example.toml and fill it in.")
    return Path(chosen) if chosen else Path("config.toml")


def _secrets_from_files() -> None:
    """`YUNGE_X__Y_FILE=/path` stands for `YUNGE_X__Y=` with the file's content (container secrets)."""
    for name, path in list(os.environ.items()):
        if name.startswith("YUNGE_") and name.endswith("_FILE"):
            os.environ[name.removesuffix("_FILE")] = Path(path).read_text(encoding="utf-8").strip()
            del os.environ[name]


def load_settings() -> Settings:
    """Read and check the configuration. Raises ConfigError in words an operator can act on."""
    try:
        _secrets_from_files()
        return Settings()
    except ValidationError as error:
        lines = [f"  [{'.'.join(str(part) for part in e['loc'])}] {e['msg']}" for e in error.errors()]
        raise ConfigError("configuration:\n" + "\n".join(lines)) from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"configuration: {error}") from None
