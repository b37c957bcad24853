"""The places that hold something about a person. Each app names its own in DIAGNOSTICS["PERSONAL_STORES"]."""

from diagnostics.privacy.stores.registry import Counts, Page, Store, load_stores

__all__ = ["Counts", "Page", "Store", "load_stores"]
