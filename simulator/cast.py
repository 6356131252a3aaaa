"""The residents a fresh world begins with."""

from simulator.street_files import Building, Street

# She has scanned the code on the door of her building; the others are strangers to the bot.
BOUND, HER_BUILDING = "王阿姨", "紫荆苑3栋"
OTHERS = ("李大爷", "孙师傅")


def home(street: Street) -> Building | None:
    """Her building, or the first one there is."""
    return next((b for b in street.buildings if b.name == HER_BUILDING), next(iter(street.buildings), None))


def home_scene(street: Street) -> str:
    """The scene code on its door (contract §6)."""
    building = home(street)
    return f"b-{building.code}" if building else ""
