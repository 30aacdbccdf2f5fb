-- What each merge handed over: earlier merged customers, threads of other numbers, cases.

CREATE TABLE merged_parts (
    customer INTEGER NOT NULL,
    kind TEXT NOT NULL,
    part INTEGER NOT NULL,
    PRIMARY KEY (customer, kind, part)
) WITHOUT ROWID;
