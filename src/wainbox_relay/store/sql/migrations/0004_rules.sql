-- What the rules of the floor remember of a case, a customer and a message.

ALTER TABLE conversations ADD COLUMN topic TEXT NOT NULL DEFAULT '';
ALTER TABLE conversations ADD COLUMN complex INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN language_by TEXT NOT NULL DEFAULT '';
ALTER TABLE conversations ADD COLUMN language_hint TEXT NOT NULL DEFAULT '';
ALTER TABLE conversations ADD COLUMN answered INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN spoken_at INTEGER;
ALTER TABLE conversations ADD COLUMN greeted INTEGER;
ALTER TABLE conversations ADD COLUMN kept_from TEXT;
ALTER TABLE conversations ADD COLUMN kept_until INTEGER;
ALTER TABLE conversations ADD COLUMN clocks TEXT;
ALTER TABLE conversations ADD COLUMN bot TEXT;
ALTER TABLE conversations ADD COLUMN escalation TEXT;
ALTER TABLE conversations ADD COLUMN rating TEXT;

ALTER TABLE customers ADD COLUMN manager TEXT;
ALTER TABLE customers ADD COLUMN manager_backup TEXT;
ALTER TABLE customers ADD COLUMN opted_out INTEGER NOT NULL DEFAULT 0;
ALTER TABLE customers ADD COLUMN rating_asked_at INTEGER;

ALTER TABLE entries ADD COLUMN auto TEXT NOT NULL DEFAULT '';

-- Unowned work in the order it is handed out.
CREATE INDEX queue_pool ON conversations (sort_key, id)
    WHERE status = 'open' AND assignee IS NULL;

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
    c.greeted, c.kept_from, c.kept_until, c.clocks, c.bot, c.escalation, c.rating
FROM conversations AS c;
