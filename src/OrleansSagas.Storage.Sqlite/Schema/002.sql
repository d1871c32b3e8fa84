-- The id of the root of the tree of sagas that a saga belongs to. NULL: it is the root itself.
ALTER TABLE saga ADD COLUMN root_id TEXT;
CREATE INDEX saga_root ON saga (namespace, root_id, no) WHERE root_id IS NOT NULL;

-- Who sent the request that started the saga; beside request_key. NULL: version 1 of the schema did not say.
ALTER TABLE saga ADD COLUMN request_caller TEXT;

-- The key that the codec of the payload used. NULL: none.
ALTER TABLE history ADD COLUMN key_id TEXT;

-- Two callers may use the same key. The empty caller: version 1 of the schema did not say who asked, and so it may be anyone.
-- It is no NULL, because a part of a primary key is none.
CREATE TABLE request_of_caller (
  namespace TEXT NOT NULL,
  key TEXT NOT NULL,
  caller TEXT NOT NULL,
  hash BLOB NOT NULL,
  saga TEXT NOT NULL,
  expires_at INTEGER,   -- NULL: 24 hours after the saga ended, which the saga's row says
  verb INTEGER,         -- 1: not the request that started the saga, which the saga's row names
  hash_version INTEGER, -- what of the body was hashed. NULL: 1, its bytes as they came
  PRIMARY KEY (namespace, key, caller)
) WITHOUT ROWID;
INSERT INTO request_of_caller (namespace, key, caller, hash, saga, expires_at, verb)
SELECT namespace, key, '', hash, saga, expires_at, verb FROM request;
DROP TABLE request;
ALTER TABLE request_of_caller RENAME TO request;
CREATE INDEX request_verb ON request (namespace, saga) WHERE verb IS NOT NULL;
CREATE INDEX request_expires ON request (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX request_unknown_caller ON request (namespace, key) WHERE caller = '';
