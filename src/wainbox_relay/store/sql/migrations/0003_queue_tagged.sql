-- The way through the queue for a tag: only conversations that bear any, with all that the look for
-- a tag needs in the index itself.
CREATE INDEX queue_tagged ON conversations (sort_key, id, tags)
    WHERE status <> 'resolved' AND tags <> '';
