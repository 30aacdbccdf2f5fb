"""WhatsApp's Cloud API: what it signs, says, takes and refuses. Only `client` connects."""
