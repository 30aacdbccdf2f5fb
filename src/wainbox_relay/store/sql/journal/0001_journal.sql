-- Every signed webhook body as it came. A row's number is never given twice.
CREATE TABLE bodies (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    arrived_at INTEGER NOT NULL,
    raw BLOB NOT NULL
);
CREATE INDEX bodies_arrived ON bodies (arrived_at);
