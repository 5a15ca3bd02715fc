"""Datasets, reports, dashboards, metrics, forecasts."""
