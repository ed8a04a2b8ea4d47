-- "GNGL": tells this file from any other SQLite database.
PRAGMA application_id = 1196312396;

-- One row: who leads, and where the sequence of events ends.
CREATE TABLE meta (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    -- The migrations that have been applied.
    schema INTEGER NOT NULL,
    -- The version of the bodies in all tables but `events`; older ones are folded anew.
    rows INTEGER NOT NULL,
    -- Grows with each leader.
    epoch INTEGER NOT NULL,
    -- The last event.
    seq INTEGER NOT NULL,
    -- The counter of the last fence.
    fences INTEGER NOT NULL
) STRICT;

INSERT INTO meta (id, schema, rows, epoch, seq, fences) VALUES (1, 0, 0, 0, 0, 0);

-- The truth. Rows are never changed and never deleted.
CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    epoch INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    project TEXT,
    ticket TEXT,
    -- JSON, as are all bodies.
    actor TEXT NOT NULL,
    idem_key TEXT,
    type TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;

CREATE INDEX events_of_ticket ON events (ticket, seq);

-- Answers to repeated commands are read from this index alone, backwards.
CREATE INDEX events_with_key ON events (seq, idem_key, ticket) WHERE idem_key IS NOT NULL;

-- Everything below is folded from the events.
CREATE TABLE projects (
    id TEXT PRIMARY KEY,
    body TEXT NOT NULL
) STRICT;

-- A closed ticket stays when its project goes, so there is no reference to it.
CREATE TABLE tickets (
    id TEXT PRIMARY KEY,
    project TEXT NOT NULL,
    key_prefix TEXT NOT NULL,
    key_number INTEGER NOT NULL,
    state TEXT NOT NULL,
    priority TEXT NOT NULL,
    created_at_us INTEGER NOT NULL,
    since_us INTEGER NOT NULL,
    -- How it was closed; NULL while it lives.
    closed TEXT,
    body TEXT NOT NULL
) STRICT;

CREATE INDEX tickets_live ON tickets (id) WHERE closed IS NULL;

-- The board needs no more of closed tickets than what stands here, so their bodies are not read.
CREATE INDEX tickets_closed ON tickets (project, since_us, id, closed) WHERE closed IS NOT NULL;

CREATE TABLE circuits (
    kind TEXT PRIMARY KEY,
    why TEXT NOT NULL
) STRICT;
