-- Who was paged and how, and shifts on call that changed hands by command.

-- A row is written before its page leaves: whatever a crash cuts off is not paged a second time.
CREATE TABLE pages (
    conversation INTEGER NOT NULL,
    since INTEGER NOT NULL,
    page INTEGER NOT NULL,
    channel TEXT NOT NULL,
    agent TEXT NOT NULL,
    state TEXT NOT NULL,
    at INTEGER NOT NULL,
    wamid TEXT NOT NULL,
    PRIMARY KEY (conversation, since, page, channel)
) WITHOUT ROWID;
CREATE INDEX pages_of ON pages (agent, at);

CREATE TABLE covers (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    by_agent TEXT NOT NULL,
    starts INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    holder TEXT NOT NULL
);
