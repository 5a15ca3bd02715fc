"""Products, services, prices, units."""
