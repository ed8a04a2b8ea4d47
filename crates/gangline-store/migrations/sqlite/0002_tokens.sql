-- What lets people in who are not at this machine. Folded from the events.
CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    body TEXT NOT NULL
) STRICT;
