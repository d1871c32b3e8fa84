-- Times are Unix milliseconds. Text compares as BINARY: ordinally, case-sensitively.

-- One row: what belongs to the file as a whole.
CREATE TABLE engine (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  incarnation INTEGER NOT NULL, -- the last one that was handed out
  purged_to INTEGER NOT NULL,   -- the greatest number of a saga that was purged: numbers are not handed out twice
  swept_to INTEGER NOT NULL,    -- the requests of sagas that ended before are gone
  barrier INTEGER NOT NULL      -- counts the writes that settle commits of unknown outcome
);
INSERT INTO engine (one, incarnation, purged_to, swept_to, barrier) VALUES (1, 0, 0, 0, 0);

-- The versions of which sagas may be stored.
CREATE TABLE plan (
  type TEXT NOT NULL,
  version INTEGER NOT NULL,
  fingerprint TEXT NOT NULL,
  PRIMARY KEY (type, version, fingerprint)
) WITHOUT ROWID;

CREATE TABLE saga (
  no INTEGER PRIMARY KEY,
  namespace TEXT NOT NULL,
  id TEXT NOT NULL,
  type TEXT NOT NULL,
  version INTEGER NOT NULL,
  fingerprint TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  correlation_id TEXT,
  parent_id TEXT,
  request_key TEXT, -- the request that started it, so that a purge finds it without an index
  status INTEGER NOT NULL,
  reason INTEGER,
  owner INTEGER,
  wake_at INTEGER,
  ended_at INTEGER,
  problem TEXT,
  tags TEXT, -- a JSON array: name, value, name, value ...
  snapshot_revision INTEGER NOT NULL,
  snapshot BLOB,
  UNIQUE (namespace, id)
);
-- Every index costs each saga: all but the first are partial and hold a saga only while it is looked for there.
CREATE INDEX saga_type ON saga (namespace, type, no);
CREATE INDEX saga_status ON saga (namespace, status, no) WHERE status <> 5;
CREATE INDEX saga_correlation ON saga (namespace, correlation_id, no) WHERE correlation_id IS NOT NULL;
CREATE INDEX saga_owner ON saga (owner, no) WHERE owner IS NOT NULL;
CREATE INDEX saga_wake ON saga (wake_at, no) WHERE wake_at IS NOT NULL;
CREATE INDEX saga_ended ON saga (ended_at, no) WHERE ended_at IS NOT NULL;

-- Rows lie in the order in which they were written, not by saga: a transaction then writes a few pages at the end, where
-- clustered by saga it would write one for nearly every saga that is under way.
CREATE TABLE history (
  no INTEGER PRIMARY KEY,
  saga INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  name TEXT NOT NULL,
  format INTEGER NOT NULL,
  at INTEGER NOT NULL,
  commit_id INTEGER NOT NULL,
  actor TEXT,
  causation_id TEXT,
  trace_parent TEXT,
  content_type TEXT, -- NULL: application/json
  codec TEXT,        -- NULL: identity
  body BLOB NOT NULL,
  data BLOB
);
CREATE UNIQUE INDEX history_saga ON history (saga, revision);

CREATE TABLE request (
  namespace TEXT NOT NULL,
  key TEXT NOT NULL,
  hash BLOB NOT NULL,
  saga TEXT NOT NULL,
  expires_at INTEGER, -- NULL: 24 hours after the saga ended, which the saga's row says
  verb INTEGER,       -- 1: not the request that started the saga, which the saga's row names
  PRIMARY KEY (namespace, key)
) WITHOUT ROWID;
CREATE INDEX request_verb ON request (namespace, saga) WHERE verb IS NOT NULL;
CREATE INDEX request_expires ON request (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE tag (
  namespace TEXT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  saga INTEGER NOT NULL,
  PRIMARY KEY (namespace, name, value, saga)
) WITHOUT ROWID;
