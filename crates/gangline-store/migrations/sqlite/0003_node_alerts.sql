-- Nodes that run short of something, and of what. Folded from the events.
CREATE TABLE node_alerts (
    node TEXT PRIMARY KEY,
    body TEXT NOT NULL
) STRICT;
