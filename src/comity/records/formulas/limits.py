"""How large a formula and its values may be, so that none keeps the house busy."""

from decimal import Decimal

LENGTH = 2_000  # signs of a formula
DEPTH = 30  # brackets and calls within each other
NODES = 300  # parts of a formula
STEPS = 10_000  # parts calculated for one value
TEXT = 10_000  # signs of a text value
DIGITS = 40  # of a number while it is calculated
LARGEST = Decimal(10) ** 18  # beyond any number a field keeps
