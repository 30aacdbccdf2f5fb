-- What is known of the desk, the customers and their conversations, what is owed to WhatsApp, and
-- what terminals have yet to hear. Instants are microseconds since 1970, UTC.

CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
);

CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
);

CREATE TABLE numbers (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    phone TEXT NOT NULL,
    team TEXT,
    claimed INTEGER NOT NULL,
    paused TEXT NOT NULL
);

CREATE TABLE agents (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    teams TEXT NOT NULL,
    presence TEXT NOT NULL,
    revoked_at INTEGER
);

-- Only a digest of the secret is kept: a stolen file opens nothing.
CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    agent TEXT NOT NULL,
    digest TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
);

CREATE TABLE customers (
    id INTEGER PRIMARY KEY,
    created_at INTEGER NOT NULL,
    name TEXT NOT NULL,
    username TEXT NOT NULL,
    phone TEXT NOT NULL,
    user_id TEXT NOT NULL,
    language TEXT NOT NULL,
    vip INTEGER NOT NULL,
    tags TEXT NOT NULL,
    merged_into INTEGER,
    same_as INTEGER,
    number_reused INTEGER NOT NULL
);
CREATE INDEX customers_merged ON customers (merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE identities (
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    scope TEXT NOT NULL,
    customer INTEGER NOT NULL,
    superseded_at INTEGER
);
CREATE UNIQUE INDEX identities_live ON identities (value, kind, scope) WHERE superseded_at IS NULL;
CREATE INDEX identities_customer ON identities (customer);

CREATE TABLE threads (
    id INTEGER PRIMARY KEY,
    number TEXT NOT NULL,
    customer INTEGER,
    peer_group TEXT NOT NULL
);
CREATE UNIQUE INDEX threads_customer ON threads (customer, number) WHERE customer IS NOT NULL;
CREATE UNIQUE INDEX threads_group ON threads (peer_group, number) WHERE peer_group <> '';

CREATE TABLE conversations (
    id INTEGER PRIMARY KEY,
    ref INTEGER NOT NULL UNIQUE,
    number TEXT NOT NULL,
    thread INTEGER NOT NULL,
    customer INTEGER,
    opened_at INTEGER NOT NULL,
    status TEXT NOT NULL,
    flags TEXT NOT NULL,
    priority TEXT NOT NULL,
    language TEXT NOT NULL,
    team TEXT,
    assignee TEXT,
    last_owner TEXT,
    resolver TEXT,
    tags TEXT NOT NULL,
    outcome TEXT NOT NULL,
    waiting_since INTEGER,
    last_in_at INTEGER,
    last_in INTEGER,
    last_in_wamid TEXT,
    last_out INTEGER,
    last_out_by TEXT NOT NULL,
    last_id INTEGER,
    last_at INTEGER,
    last_direction TEXT,
    last_kind TEXT,
    last_text TEXT,
    last_author TEXT,
    last_delivery TEXT,
    last_wamid TEXT,
    unread INTEGER NOT NULL,
    unconfirmed INTEGER NOT NULL,
    undelivered INTEGER NOT NULL,
    sending INTEGER NOT NULL,
    resolve_when_sent INTEGER NOT NULL,
    snoozed_until INTEGER,
    resolved_at INTEGER,
    merged_into INTEGER,
    spam INTEGER NOT NULL,
    undo TEXT,
    version INTEGER NOT NULL,
    sort_key INTEGER NOT NULL,
    phone_said TEXT NOT NULL
);
-- One piece of work at a time for each thread, whatever the code above believes.
CREATE UNIQUE INDEX conversations_unresolved ON conversations (thread) WHERE status <> 'resolved';
CREATE INDEX conversations_thread ON conversations (thread, id);
CREATE INDEX queue_all ON conversations (sort_key, id) WHERE status <> 'resolved';
CREATE INDEX queue_assignee ON conversations (assignee, sort_key, id) WHERE status <> 'resolved';
CREATE INDEX queue_team ON conversations (team, sort_key, id) WHERE status <> 'resolved';
CREATE INDEX queue_language ON conversations (language, sort_key, id) WHERE status <> 'resolved';
CREATE INDEX queue_status ON conversations (status, sort_key, id)
    WHERE status IN ('bot', 'waiting', 'snoozed');
CREATE INDEX queue_flagged ON conversations (sort_key, id)
    WHERE status <> 'resolved' AND flags <> '';
CREATE INDEX queue_resolved ON conversations (sort_key, id) WHERE status = 'resolved';

CREATE TABLE conversation_tags (
    tag TEXT NOT NULL,
    conversation INTEGER NOT NULL,
    PRIMARY KEY (tag, conversation)
) WITHOUT ROWID;

CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    thread INTEGER NOT NULL,
    conversation INTEGER NOT NULL,
    number TEXT NOT NULL,
    direction TEXT NOT NULL,
    content TEXT NOT NULL,
    at INTEGER NOT NULL,
    arrived_at INTEGER NOT NULL,
    wamid TEXT,
    sid TEXT,
    customer INTEGER,
    author TEXT NOT NULL,
    delivery TEXT,
    delivery_at INTEGER,
    attempt INTEGER NOT NULL,
    failure TEXT,
    then_status TEXT,
    cleared INTEGER,
    leaves_at INTEGER,
    twice INTEGER NOT NULL,
    order_unsure INTEGER NOT NULL,
    quote INTEGER,
    quote_wamid TEXT,
    forwarded INTEGER NOT NULL,
    referral TEXT NOT NULL,
    reactions TEXT,
    edited_at INTEGER,
    edit_wamid TEXT NOT NULL,
    original TEXT NOT NULL,
    revoked_at INTEGER,
    media TEXT,
    media_digest TEXT,
    price_category TEXT,
    price_billing TEXT
);
CREATE INDEX entries_thread ON entries (thread, at, id);
CREATE INDEX entries_notes ON entries (thread, at, id) WHERE direction = 'note';
CREATE UNIQUE INDEX entries_wamid ON entries (wamid, number) WHERE wamid IS NOT NULL;
CREATE UNIQUE INDEX entries_sid ON entries (sid) WHERE sid IS NOT NULL;
-- A file in the media folder is kept as long as one entry names it.
CREATE INDEX entries_media ON entries (media_digest) WHERE media_digest IS NOT NULL;

CREATE TABLE further_wamids (
    wamid TEXT NOT NULL,
    number TEXT NOT NULL,
    entry INTEGER NOT NULL,
    PRIMARY KEY (wamid, number)
) WITHOUT ROWID;

CREATE TABLE attempts (
    sid TEXT NOT NULL,
    n INTEGER NOT NULL,
    state TEXT NOT NULL,
    boot TEXT NOT NULL,
    at INTEGER NOT NULL,
    wamid TEXT,
    error TEXT NOT NULL,
    PRIMARY KEY (sid, n)
) WITHOUT ROWID;
CREATE INDEX attempts_unfinished ON attempts (at) WHERE state = 'sending';

-- Ids, words of closed sets and figures only: erasing a customer leaves history as it is.
CREATE TABLE history (
    id INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    kind TEXT NOT NULL,
    data TEXT NOT NULL
);
CREATE INDEX history_conversation ON history (conversation, at, id);

-- Each row's hash covers the one before it, so that none can be changed or taken out unseen.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    act TEXT NOT NULL,
    subject TEXT NOT NULL,
    data TEXT NOT NULL,
    prev BLOB NOT NULL,
    hash BLOB NOT NULL
);

CREATE TABLE alarms (
    conversation INTEGER NOT NULL,
    reason TEXT NOT NULL,
    due INTEGER NOT NULL,
    PRIMARY KEY (conversation, reason)
) WITHOUT ROWID;
CREATE INDEX alarms_due ON alarms (due);

-- The id is the order in which wishes were made: of one thread, sends leave in that order.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    due INTEGER NOT NULL,
    number TEXT NOT NULL,
    lane INTEGER,
    body TEXT NOT NULL,
    tries INTEGER NOT NULL,
    UNIQUE (kind, key)
);

CREATE TABLE parked (
    id INTEGER PRIMARY KEY,
    number TEXT NOT NULL,
    wamid TEXT NOT NULL,
    fact TEXT NOT NULL,
    at INTEGER NOT NULL
);
CREATE INDEX parked_wamid ON parked (wamid, number);

CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY,
    journal INTEGER NOT NULL,
    path TEXT NOT NULL,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL
);

CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    conversation INTEGER,
    body BLOB NOT NULL
);

CREATE TABLE results (
    command_id TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    agent TEXT NOT NULL,
    body BLOB NOT NULL,
    at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX results_at ON results (at);

-- Which journal rows speak of whom, by a keyed hash: what erasing a customer looks for.
CREATE TABLE journal_subjects (
    journal INTEGER NOT NULL,
    subject TEXT NOT NULL,
    PRIMARY KEY (journal, subject)
) WITHOUT ROWID;

-- Entries' text, folded for search; the triggers keep the index in step.
CREATE TABLE texts (
    entry INTEGER PRIMARY KEY,
    folded TEXT NOT NULL
);
CREATE VIRTUAL TABLE search USING fts5 (
    folded, content = 'texts', content_rowid = 'entry', tokenize = 'unicode61', columnsize = 0
);
-- Merging sixteen small segments at once costs under half of merging four by four.
INSERT INTO search (search, rank) VALUES ('automerge', 16), ('crisismerge', 32);
CREATE TRIGGER texts_added AFTER INSERT ON texts BEGIN
    INSERT INTO search (rowid, folded) VALUES (new.entry, new.folded);
END;
CREATE TRIGGER texts_changed AFTER UPDATE ON texts BEGIN
    INSERT INTO search (search, rowid, folded) VALUES ('delete', old.entry, old.folded);
    INSERT INTO search (rowid, folded) VALUES (new.entry, new.folded);
END;
CREATE TRIGGER texts_removed AFTER DELETE ON texts BEGIN
    INSERT INTO search (search, rowid, folded) VALUES ('delete', old.entry, old.folded);
END;

-- Customers' names, phones and ids, folded, so that a person is found like a word.
CREATE TABLE people_texts (
    customer INTEGER PRIMARY KEY,
    folded TEXT NOT NULL
);
CREATE VIRTUAL TABLE people USING fts5 (
    folded, content = 'people_texts', content_rowid = 'customer', tokenize = 'unicode61',
    columnsize = 0
);
INSERT INTO people (people, rank) VALUES ('automerge', 16), ('crisismerge', 32);
CREATE TRIGGER people_added AFTER INSERT ON people_texts BEGIN
    INSERT INTO people (rowid, folded) VALUES (new.customer, new.folded);
END;
CREATE TRIGGER people_changed AFTER UPDATE ON people_texts BEGIN
    INSERT INTO people (people, rowid, folded) VALUES ('delete', old.customer, old.folded);
    INSERT INTO people (rowid, folded) VALUES (new.customer, new.folded);
END;
CREATE TRIGGER people_removed AFTER DELETE ON people_texts BEGIN
    INSERT INTO people (people, rowid, folded) VALUES ('delete', old.customer, old.folded);
END;
