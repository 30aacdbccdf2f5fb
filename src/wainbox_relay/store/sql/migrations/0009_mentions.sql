-- Whom a note named who has not looked since, resolved or not.

ALTER TABLE conversations ADD COLUMN mentions TEXT NOT NULL DEFAULT '';

CREATE INDEX queue_mentioned ON conversations (sort_key, id) WHERE mentions <> '';

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
    c.greeted, c.kept_from, c.kept_until, c.clocks, c.bot, c.escalation, c.rating, c.custody,
    c.mentions
FROM conversations AS c;
