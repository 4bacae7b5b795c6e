"""Doors over HTTP: webhooks, REST, pages, health and metrics."""
