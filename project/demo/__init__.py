"""A small simulated shop that sends real telemetry, so that every page has something true to show."""
