"""Everything a user can set: one frozen `Settings`, read once, by the command line."""

from wyoming_indextts.settings.edges import Address
from wyoming_indextts.settings.loading import SettingsError, blame, load, texts_named
from wyoming_indextts.settings.schema import Settings

__all__ = ["Address", "Settings", "SettingsError", "blame", "load", "texts_named"]
