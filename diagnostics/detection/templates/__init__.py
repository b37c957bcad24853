"""Mining of message templates: what a line says without what varies in it. Pure: no database, no Django.

miner = TemplateMiner()
number = miner.add("order 17 paid in 12 ms")  # the template's id, the same in every process
miner.template(number)  # "order <*> paid in <*>"
"""

from diagnostics.detection.templates.miner import TemplateMiner

__all__ = ["TemplateMiner"]
