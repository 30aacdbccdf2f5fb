"""What the relay tells Prometheus of itself, in a registry of its own (`docs/operating.md`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0)


@dataclass(frozen=True, slots=True)
class Readings:
    """What is looked up when somebody asks. `lag` is for how many seconds the oldest webhook that
    is kept but not yet read has been waiting; `sends` counts messages by delivery state."""

    journal_depth: int = 0
    lag: float = 0.0
    sends: Mapping[str, int] = field(default_factory=dict)
    quarantined: int = 0
    streams: int = 0
    stored_seq: int = 0
    contradictions: int = 0


class Gauges:
    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.webhooks = Counter(
            "wainbox_webhooks", "Webhook calls by our answer.", ["status"], registry=registry
        )
        self._by_status: dict[int, Counter] = {}
        self.acknowledged = Histogram(
            "wainbox_webhook_acknowledged_seconds",
            "From a signed webhook in memory to the same safely on the disk.",
            buckets=QUICK,
            registry=registry,
        )
        self.answers = Counter(
            "wainbox_api_answers", "API answers.", ["route", "status"], registry=registry
        )
        self.answered = Histogram(
            "wainbox_api_seconds", "Time of API answers.", buckets=QUICK, registry=registry
        )
        self.busy = Counter(
            "wainbox_unavailable", "Answers 503, by listener.", ["listener"], registry=registry
        )
        for listener in ("webhook", "api"):
            # Shown as 0 from the start: an alert cannot see a series that is not there.
            self.busy.labels(listener)
        self.connections = Gauge(
            "wainbox_connections", "Open connections.", ["listener"], registry=registry
        )
        self._depth = Gauge(
            "wainbox_journal_depth", "Webhooks kept, not yet read.", registry=registry
        )
        self._lag = Gauge("wainbox_lag_seconds", "Age of the oldest of those.", registry=registry)
        self._sends = Gauge(
            "wainbox_sends", "Messages to customers by delivery.", ["delivery"], registry=registry
        )
        self._quarantined = Gauge(
            "wainbox_quarantined", "Webhook items we could not read.", registry=registry
        )
        self._streams = Gauge("wainbox_streams", "Open event streams.", registry=registry)
        self._contradictions = Gauge(
            "wainbox_refused_but_arrived",
            "Messages that arrived although WhatsApp had answered with an error, since the start.",
            registry=registry,
        )
        self._seq = Gauge("wainbox_event_seq", "Number of the newest event.", registry=registry)

    def webhook(self, status: int) -> None:
        """One webhook was answered."""
        counter = self._by_status.get(status)
        if counter is None:
            counter = self._by_status[status] = self.webhooks.labels(status)
        counter.inc()
        if status == 503:
            self.busy.labels("webhook").inc()

    def api(self, route: str, status: int, seconds: float) -> None:
        """One request of the API was answered."""
        self.answers.labels(route, status).inc()
        self.answered.observe(seconds)
        if status == 503:
            self.busy.labels("api").inc()

    def exposition(self, readings: Readings) -> bytes:
        """Everything in Prometheus' text format."""
        self._depth.set(readings.journal_depth)
        self._lag.set(readings.lag)
        self._quarantined.set(readings.quarantined)
        self._streams.set(readings.streams)
        self._seq.set(readings.stored_seq)
        self._contradictions.set(readings.contradictions)
        self._sends.clear()
        for delivery, count in readings.sends.items():
            self._sends.labels(delivery).set(count)
        return generate_latest(self.registry)
