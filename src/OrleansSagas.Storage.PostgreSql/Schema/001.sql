-- Runs with search_path on the store's own schema. Times are Unix milliseconds; text that is searched compares ordinally.

CREATE SEQUENCE incarnation_no AS bigint;
CREATE SEQUENCE saga_no AS bigint;

-- Who may commit: one row for each engine that has opened the store and neither closed it nor was fenced.
CREATE TABLE engine (
  incarnation bigint PRIMARY KEY,
  mode text NOT NULL CHECK (mode IN ('local', 'cluster')),
  name text NOT NULL,              -- what the cluster's membership calls it
  opened_at timestamptz NOT NULL DEFAULT now()
);

-- The writers of each engine. Every commit reads its writer's row under a share lock; who deletes the row, as the engine's
-- goes, or raises its epoch, therefore waits for the commits that are under way, and none comes after.
CREATE TABLE writer (
  engine bigint NOT NULL REFERENCES engine ON DELETE CASCADE,
  no int NOT NULL,
  epoch bigint NOT NULL DEFAULT 0, -- rises with each connection of the writer: an earlier one cannot commit any more
  session int,                     -- the writer's session, by process and start, so that the one after it can end it
  session_began timestamptz,
  PRIMARY KEY (engine, no)
);

-- One row: how far the purge has come. The requests of sagas that ended before are gone.
CREATE TABLE purge_state (one int PRIMARY KEY CHECK (one = 1), swept_to bigint NOT NULL);
INSERT INTO purge_state (one, swept_to) VALUES (1, 0);

-- The versions of which sagas may be stored.
CREATE TABLE plan (
  type text COLLATE "C" NOT NULL,
  version int NOT NULL,
  fingerprint text COLLATE "C" NOT NULL,
  PRIMARY KEY (type, version, fingerprint)
);

CREATE TABLE saga (
  no bigint PRIMARY KEY,
  started_at bigint NOT NULL,
  owner bigint,
  wake_at bigint,
  ended_at bigint,
  snapshot_revision bigint NOT NULL,
  version int NOT NULL,
  status smallint NOT NULL,
  reason smallint,
  namespace text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  fingerprint text COLLATE "C" NOT NULL,
  correlation_id text COLLATE "C",
  parent_id text COLLATE "C",
  request_key text COLLATE "C", -- the request that started it, so that a purge finds it without an index
  problem text,
  tags text,                    -- a JSON array: name, value, name, value ...
  snapshot bytea,
  UNIQUE (id, namespace)
);
-- Every index costs each saga: the last five are partial and hold a saga only while it is looked for there. 5 is Completed.
-- The namespace never comes first: it tells few sagas apart, so that each comparison in the index would cost a second one; and
-- a planner without statistics would take any index that begins with it for as good as the one by id.
CREATE INDEX saga_type ON saga (type, namespace, no);
CREATE INDEX saga_status ON saga (status, namespace, no) WHERE status <> 5;
CREATE INDEX saga_correlation ON saga (correlation_id, namespace, no) WHERE correlation_id IS NOT NULL;
CREATE INDEX saga_owner ON saga (owner, no) WHERE owner IS NOT NULL;
CREATE INDEX saga_wake ON saga (wake_at, no) WHERE wake_at IS NOT NULL;
CREATE INDEX saga_ended ON saga (ended_at, no) WHERE ended_at IS NOT NULL;

-- The truth. Rows lie in the order in which they were written.
CREATE TABLE history (
  saga bigint NOT NULL,
  revision bigint NOT NULL,
  at bigint NOT NULL,
  commit_id bigint NOT NULL,
  format int NOT NULL,
  name text COLLATE "C" NOT NULL,
  actor text,
  causation_id text,
  trace_parent text,
  content_type text, -- NULL: application/json
  codec text,        -- NULL: identity
  body bytea NOT NULL,
  data bytea,
  PRIMARY KEY (saga, revision)
);

CREATE TABLE request (
  namespace text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  hash bytea NOT NULL,
  saga text COLLATE "C" NOT NULL,
  expires_at bigint, -- NULL: 24 hours after the saga ended, which the saga's row says
  verb boolean,      -- true: not the request that started the saga, which the saga's row names
  PRIMARY KEY (key, namespace)
);
CREATE INDEX request_verb ON request (saga, namespace) WHERE verb IS NOT NULL;
CREATE INDEX request_expires ON request (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE tag (
  namespace text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  value text COLLATE "C" NOT NULL,
  saga bigint NOT NULL,
  PRIMARY KEY (value, name, namespace, saga)
);

-- A saga's row has two lives, begun and ended, and its first version is dead within seconds: vacuum early, in small portions.
ALTER TABLE saga SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 10000, autovacuum_analyze_scale_factor = 0.05);

-- Only written while a disk that was full is asked whether it has room again.
CREATE TABLE probe (filling text);
ALTER TABLE probe ALTER COLUMN filling SET STORAGE PLAIN;

-- Writes one batch of commits in the caller's transaction: one call, one round trip, one sync. No two of them concern the same
-- saga or the same request key. First everything is read: where a guard does not hold or a request key is taken, the answer
-- names those commits by their position and nothing is written. What another engine writes between the reading and the
-- writing is a unique violation, which rolls all of it back; the caller tries again and then reads it.
CREATE FUNCTION commit_batch(
  me bigint, my_no int, my_epoch bigint,
  -- guards: the saga stands at this revision
  g_at int[], g_saga bigint[], g_revision bigint[], g_alone bigint[],
  -- guards: there is no saga of this name
  f_at int[], f_namespace text[], f_id text[],
  -- requests
  r_at int[], r_namespace text[], r_key text[], r_hash bytea[], r_saga text[], r_verb boolean[],
  -- new sagas
  n_namespace text[], n_id text[], n_type text[], n_version int[], n_fingerprint text[], n_started_at bigint[],
  n_correlation_id text[], n_parent_id text[], n_request_key text[],
  n_status smallint[], n_reason smallint[], n_owner bigint[], n_wake_at bigint[], n_ended_at bigint[], n_problem text[],
  n_tags text[], n_snapshot_revision bigint[], n_snapshot bytea[],
  -- rows of sagas that exist
  u_no bigint[],
  u_status smallint[], u_reason smallint[], u_owner bigint[], u_wake_at bigint[], u_ended_at bigint[], u_problem text[],
  u_tags text[], u_snapshot_revision bigint[], u_snapshot bytea[],
  -- tags; a saga of -1 is the first of the new ones
  t_saga bigint[], t_namespace text[], t_name text[], t_value text[],
  -- entries; the same
  e_saga bigint[], e_revision bigint[], e_at bigint[], e_commit_id bigint[], e_format int[], e_name text[], e_actor text[],
  e_causation_id text[], e_trace_parent text[], e_content_type text[], e_codec text[], e_body bytea[], e_data bytea[],
  OUT numbers bigint[], OUT conflicts int[], OUT duplicates int[])
LANGUAGE plpgsql AS $$
DECLARE
  retagged bigint[];
BEGIN
  IF r_at IS NOT NULL THEN
    SELECT array_agg(r_at[i]) INTO duplicates
    FROM generate_series(1, cardinality(r_at)) AS i
    JOIN request q ON q.namespace = r_namespace[i] AND q.key = r_key[i];
  END IF;
  IF f_at IS NOT NULL THEN
    SELECT array_agg(f_at[i]) INTO conflicts
    FROM generate_series(1, cardinality(f_at)) AS i
    JOIN saga s ON s.namespace = f_namespace[i] AND s.id = f_id[i];
  END IF;
  IF g_at IS NOT NULL THEN
    SELECT conflicts || array_agg(g_at[i]) INTO conflicts
    FROM generate_series(1, cardinality(g_at)) AS i
    WHERE (SELECT h.revision FROM history h WHERE h.saga = g_saga[i] ORDER BY h.revision DESC LIMIT 1) IS DISTINCT FROM g_revision[i];
  END IF;
  IF conflicts IS NOT NULL OR duplicates IS NOT NULL THEN
    RETURN;
  END IF;

  PERFORM 1 FROM writer WHERE engine = me AND no = my_no AND epoch = my_epoch FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'This engine was fenced.' USING ERRCODE = 'SG001';
  END IF;

  IF r_at IS NOT NULL THEN
    INSERT INTO request (namespace, key, hash, saga, verb)
    SELECT r_namespace[i], r_key[i], r_hash[i], r_saga[i], r_verb[i] FROM generate_series(1, cardinality(r_at)) AS i;
  END IF;

  IF n_namespace IS NOT NULL THEN
    SELECT array_agg(nextval('saga_no')) INTO numbers FROM generate_series(1, cardinality(n_namespace));
    INSERT INTO saga (no, namespace, id, type, version, fingerprint, started_at, correlation_id, parent_id, request_key,
      status, reason, owner, wake_at, ended_at, problem, tags, snapshot_revision, snapshot)
    SELECT numbers[i], n_namespace[i], n_id[i], n_type[i], n_version[i], n_fingerprint[i], n_started_at[i], n_correlation_id[i], n_parent_id[i], n_request_key[i],
      n_status[i], n_reason[i], n_owner[i], n_wake_at[i], n_ended_at[i], n_problem[i], n_tags[i], n_snapshot_revision[i], n_snapshot[i]
    FROM generate_series(1, cardinality(n_namespace)) AS i;
  END IF;

  IF u_no IS NOT NULL THEN
    SELECT array_agg(s.no) INTO retagged
    FROM generate_series(1, cardinality(u_no)) AS i JOIN saga s ON s.no = u_no[i]
    WHERE s.tags IS DISTINCT FROM u_tags[i];
    IF retagged IS NOT NULL THEN
      DELETE FROM tag t
      USING unnest(retagged) AS r (no)
      JOIN saga s ON s.no = r.no
      CROSS JOIN LATERAL (SELECT array_agg(p.part ORDER BY p.at) AS parts FROM jsonb_array_elements_text(s.tags::jsonb) WITH ORDINALITY AS p (part, at)) AS old
      CROSS JOIN LATERAL generate_series(1, cardinality(old.parts), 2) AS i (at)
      WHERE t.namespace = s.namespace AND t.name = old.parts[i.at] AND t.value = old.parts[i.at + 1] AND t.saga = s.no;
    END IF;
    UPDATE saga s SET status = u_status[i], reason = u_reason[i], owner = u_owner[i], wake_at = u_wake_at[i], ended_at = u_ended_at[i],
      problem = u_problem[i], tags = u_tags[i], snapshot_revision = u_snapshot_revision[i], snapshot = u_snapshot[i]
    FROM generate_series(1, cardinality(u_no)) AS i
    WHERE s.no = u_no[i];

    -- Where no entry follows that would collide, the guard is read once more now that the row is locked.
    IF g_alone IS NOT NULL THEN
      PERFORM 1
      FROM generate_series(1, cardinality(g_saga)) AS i
      WHERE g_saga[i] = ANY (g_alone)
        AND (SELECT h.revision FROM history h WHERE h.saga = g_saga[i] ORDER BY h.revision DESC LIMIT 1) IS DISTINCT FROM g_revision[i];
      IF FOUND THEN
        RAISE EXCEPTION 'Another engine was faster.' USING ERRCODE = '40001';
      END IF;
    END IF;
  END IF;

  IF t_saga IS NOT NULL THEN
    INSERT INTO tag (namespace, name, value, saga)
    SELECT t_namespace[i], t_name[i], t_value[i], CASE WHEN t_saga[i] < 0 THEN numbers[-t_saga[i]] ELSE t_saga[i] END
    FROM generate_series(1, cardinality(t_saga)) AS i
    WHERE t_saga[i] < 0 OR t_saga[i] = ANY (retagged);
  END IF;

  IF e_saga IS NOT NULL THEN
    INSERT INTO history (saga, revision, at, commit_id, format, name, actor, causation_id, trace_parent, content_type, codec, body, data)
    SELECT CASE WHEN e_saga[i] < 0 THEN numbers[-e_saga[i]] ELSE e_saga[i] END,
      e_revision[i], e_at[i], e_commit_id[i], e_format[i], e_name[i], e_actor[i], e_causation_id[i], e_trace_parent[i], e_content_type[i], e_codec[i], e_body[i], e_data[i]
    FROM generate_series(1, cardinality(e_saga)) AS i;
  END IF;
END $$;

-- Removes the request rows of sagas that need them no longer.
CREATE FUNCTION remove_requests(sagas bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM request r USING saga s
  WHERE s.no = ANY (sagas) AND r.namespace = s.namespace AND r.key = s.request_key AND r.saga = s.id AND r.expires_at IS NULL;
  DELETE FROM request r USING saga s
  WHERE s.no = ANY (sagas) AND r.namespace = s.namespace AND r.saga = s.id AND r.verb IS NOT NULL AND r.expires_at IS NULL;
END $$;

-- Removes up to max_count sagas that ended before, and as many request rows that have expired. Several engines may do it at the same time.
CREATE FUNCTION purge(ended_before bigint, at bigint, max_count int, retention bigint) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
  gone bigint[];
  kept bigint[];
  ended bigint[];
  swept bigint;
BEGIN
  SELECT array_agg(s.no) INTO gone FROM (
    SELECT no FROM saga WHERE ended_at < ended_before ORDER BY ended_at, no LIMIT max_count FOR UPDATE SKIP LOCKED) s;
  IF gone IS NOT NULL THEN
    -- The requests keep to their own time. The one that started the saga stands in its row; those of operators' verbs have an index.
    UPDATE request r SET expires_at = s.ended_at + retention FROM saga s
    WHERE s.no = ANY (gone) AND s.ended_at + retention > at AND r.namespace = s.namespace AND r.key = s.request_key AND r.saga = s.id AND r.expires_at IS NULL;
    UPDATE request r SET expires_at = s.ended_at + retention FROM saga s
    WHERE s.no = ANY (gone) AND s.ended_at + retention > at AND r.namespace = s.namespace AND r.saga = s.id AND r.verb IS NOT NULL AND r.expires_at IS NULL;
    PERFORM remove_requests(gone);
    DELETE FROM tag t USING saga s
    CROSS JOIN LATERAL (SELECT array_agg(p.part ORDER BY p.at) AS parts FROM jsonb_array_elements_text(s.tags::jsonb) WITH ORDINALITY AS p (part, at)) AS old
    CROSS JOIN LATERAL generate_series(1, cardinality(old.parts), 2) AS i (at)
    WHERE s.no = ANY (gone) AND t.namespace = s.namespace AND t.name = old.parts[i.at] AND t.value = old.parts[i.at + 1] AND t.saga = s.no;
    DELETE FROM history WHERE saga = ANY (gone);
    DELETE FROM saga WHERE no = ANY (gone);
  END IF;

  DELETE FROM request WHERE (namespace, key) IN (SELECT namespace, key FROM request WHERE expires_at <= at LIMIT max_count);

  -- The requests of sagas that are kept longer than they: each is found once, by going on from where the last sweep stopped.
  SELECT swept_to INTO swept FROM purge_state FOR UPDATE SKIP LOCKED;
  IF swept < at - retention THEN
    SELECT array_agg(s.no ORDER BY s.ended_at, s.no), array_agg(s.ended_at ORDER BY s.ended_at, s.no) INTO kept, ended FROM (
      SELECT no, ended_at FROM saga WHERE ended_at >= swept AND ended_at <= at - retention ORDER BY ended_at, no LIMIT max_count) s;
    PERFORM remove_requests(kept);

    -- All of one millisecond fit under the limit in practice; where they do not, the sagas' own purge takes the rest.
    UPDATE purge_state SET swept_to = CASE
      WHEN coalesce(cardinality(ended), 0) < max_count THEN at - retention
      WHEN ended[1] = ended[max_count] THEN ended[max_count] + 1
      ELSE ended[max_count] END;
  END IF;
  RETURN coalesce(cardinality(gone), 0);
END $$;
