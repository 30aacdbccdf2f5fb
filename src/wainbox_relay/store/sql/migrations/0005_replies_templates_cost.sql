-- Words that the team keeps, what WhatsApp says of our templates, and the way to a month's messages
-- that have a price. Bodies are JSON of the contract's models.

CREATE TABLE replies (
    name TEXT PRIMARY KEY,
    body TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE templates (
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (account, name, language)
) WITHOUT ROWID;

CREATE INDEX entries_priced ON entries (at) WHERE price_category IS NOT NULL;
