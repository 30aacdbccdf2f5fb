-- What leads and operators set beside the configuration: teams, other hours, an order of the rota.

CREATE TABLE teams (
    name TEXT PRIMARY KEY,
    at INTEGER NOT NULL
) WITHOUT ROWID;

-- `whom` is an agent's handle with an @, or a team; `hours` a calendar's name, or on, off, usual.
CREATE TABLE duties (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    by_actor TEXT NOT NULL,
    whom TEXT NOT NULL,
    starts INTEGER NOT NULL,
    ends INTEGER,
    hours TEXT NOT NULL
);

-- The newest counts; no holders are the configured ones.
CREATE TABLE turns (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    by_actor TEXT NOT NULL,
    holders TEXT NOT NULL,
    begins TEXT NOT NULL
);
