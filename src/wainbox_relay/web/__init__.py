"""The relay's web side: WhatsApp's calls, the API, the event stream, health and metrics."""
