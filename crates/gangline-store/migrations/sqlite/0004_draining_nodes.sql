-- Nodes on which nothing new starts, as a person wants it. Folded from the events.
CREATE TABLE draining_nodes (
    node TEXT PRIMARY KEY
) STRICT;
