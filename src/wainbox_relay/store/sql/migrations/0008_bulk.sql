-- Orders for many conversations, and how far each has come.

CREATE TABLE bulks (
    id TEXT PRIMARY KEY,
    agent TEXT NOT NULL,
    role TEXT NOT NULL,
    at INTEGER NOT NULL,
    command TEXT NOT NULL,
    conversations TEXT NOT NULL,
    place INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    why TEXT NOT NULL,
    undoing INTEGER NOT NULL,
    done INTEGER NOT NULL
);
