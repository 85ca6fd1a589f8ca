"""Everything a user can set: one frozen `Settings`, read once, by the command line."""

from wyoming_indextts.settings.loading import SettingsError, blame, load, texts_named
from wyoming_indextts.settings.schema import Address, Settings

__all__ = ["Address", "Settings", "SettingsError", "blame", "load", "texts_named"]
