"""A pretend WhatsApp with pretend customers, for the demo, the tests and the load generator.

It shares no code with the relay's own adapter, so that a mistake of ours cannot cancel itself out.
"""
