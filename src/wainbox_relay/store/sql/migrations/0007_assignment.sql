-- Who can take what, who said what of themselves, and how work came to whoever holds it.

ALTER TABLE agents ADD COLUMN state TEXT NOT NULL DEFAULT 'online';
ALTER TABLE agents ADD COLUMN until INTEGER;
ALTER TABLE agents ADD COLUMN presence_since INTEGER NOT NULL DEFAULT 0;
ALTER TABLE agents ADD COLUMN assigned_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE agents ADD COLUMN capacity INTEGER;
ALTER TABLE agents ADD COLUMN topics TEXT NOT NULL DEFAULT '[]';
ALTER TABLE agents ADD COLUMN languages TEXT NOT NULL DEFAULT '[]';
ALTER TABLE agents ADD COLUMN vip INTEGER NOT NULL DEFAULT 0;

ALTER TABLE customers ADD COLUMN served_by TEXT;
ALTER TABLE customers ADD COLUMN served_at INTEGER;

ALTER TABLE conversations ADD COLUMN custody TEXT;

DROP VIEW conversations_now;
CREATE VIEW conversations_now AS SELECT
    c.id, c.ref, c.number, c.thread, c.customer, c.opened_at, c.status, c.flags, c.priority,
    c.language, c.team, c.assignee, c.last_owner, c.resolver, c.tags, c.outcome,
    c.waiting_since, c.last_in_at, c.last_in, c.last_in_wamid, c.last_out, c.last_out_by,
    c.last_id, c.last_at, c.last_direction, c.last_kind, c.last_text, c.last_author,
    CASE WHEN c.last_delivery IS NOT NULL THEN
        (SELECT e.delivery FROM entries AS e WHERE e.id = c.last_id) END AS last_delivery,
    c.last_wamid, c.unread, c.unconfirmed, c.undelivered, c.sending, c.resolve_when_sent,
    c.snoozed_until, c.resolved_at, c.merged_into, c.spam, c.undo, c.version, c.sort_key,
    c.phone_said, c.topic, c.complex, c.language_by, c.language_hint, c.answered, c.spoken_at,
    c.greeted, c.kept_from, c.kept_until, c.clocks, c.bot, c.escalation, c.rating, c.custody
FROM conversations AS c;
