-- Conversations as they stand. A tick moves its message alone, which costs one row; how far the
-- newest message has come is read from there.

CREATE VIEW conversations_now AS SELECT
    c.id, c.ref, c.number, c.thread, c.customer, c.opened_at, c.status, c.flags, c.priority,
    c.language, c.team, c.assignee, c.last_owner, c.resolver, c.tags, c.outcome,
    c.waiting_since, c.last_in_at, c.last_in, c.last_in_wamid, c.last_out, c.last_out_by,
    c.last_id, c.last_at, c.last_direction, c.last_kind, c.last_text, c.last_author,
    CASE WHEN c.last_delivery IS NOT NULL THEN
        (SELECT e.delivery FROM entries AS e WHERE e.id = c.last_id) END AS last_delivery,
    c.last_wamid, c.unread, c.unconfirmed, c.undelivered, c.sending, c.resolve_when_sent,
    c.snoozed_until, c.resolved_at, c.merged_into, c.spam, c.undo, c.version, c.sort_key,
    c.phone_said
FROM conversations AS c;
