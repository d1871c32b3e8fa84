-- What an engine defines, so that the others know whether anybody has a saga's definition: a JSON array of type, version,
-- fingerprint, type, ... NULL: it did not say, as an engine of schema version 1 does not.
ALTER TABLE engine ADD COLUMN plans text;

-- The cluster that an engine belongs to, and into how many partitions that divides the sagas: all rows of a cluster's engines
-- say the same. NULL: a Local engine, or one of schema version 1, which did not say.
ALTER TABLE engine ADD COLUMN cluster_id text, ADD COLUMN service_id text, ADD COLUMN partitions int;

-- The newest stored form that an engine can read. NULL: it did not say, as an engine of schema version 1 does not, and knows the first.
ALTER TABLE engine ADD COLUMN stored_form int;

-- The id of the root of the tree of sagas that a saga belongs to. NULL: it is the root itself.
-- request_caller: who sent the request that started it. NULL: schema version 1 did not say.
ALTER TABLE saga ADD COLUMN root_id text COLLATE "C", ADD COLUMN request_caller text COLLATE "C";
CREATE INDEX saga_root ON saga (root_id, namespace, no) WHERE root_id IS NOT NULL;

-- The key that the codec of the payload used. NULL: none.
ALTER TABLE history ADD COLUMN key_id text;

-- Two callers may use the same key. The empty caller: schema version 1 did not say who asked, and so it may be anyone. It is no
-- NULL, because two of them would be two different keys.
-- hash_version: what of the body was hashed. NULL: 1, its bytes as they came.
ALTER TABLE request ADD COLUMN caller text COLLATE "C" NOT NULL DEFAULT '', ADD COLUMN hash_version smallint;
ALTER TABLE request ALTER COLUMN caller DROP DEFAULT, DROP CONSTRAINT request_pkey, ADD PRIMARY KEY (key, namespace, caller);

DROP FUNCTION commit_batch;
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
  r_at int[], r_namespace text[], r_caller text[], r_key text[], r_hash bytea[], r_saga text[], r_verb boolean[], r_hash_version smallint[],
  -- new sagas
  n_namespace text[], n_id text[], n_type text[], n_version int[], n_fingerprint text[], n_started_at bigint[],
  n_correlation_id text[], n_parent_id text[], n_root_id text[], n_request_caller text[], n_request_key text[],
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
  e_causation_id text[], e_trace_parent text[], e_content_type text[], e_codec text[], e_key_id text[], e_body bytea[], e_data bytea[],
  OUT numbers bigint[], OUT conflicts int[], OUT duplicates int[])
LANGUAGE plpgsql AS $$
DECLARE
  retagged bigint[];
BEGIN
  IF r_at IS NOT NULL THEN
    SELECT array_agg(DISTINCT r_at[i]) INTO duplicates
    FROM generate_series(1, cardinality(r_at)) AS i
    JOIN request q ON q.namespace = r_namespace[i] AND q.key = r_key[i] AND q.caller IN (r_caller[i], '');
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
    INSERT INTO request (namespace, caller, key, hash, saga, verb, hash_version)
    SELECT r_namespace[i], r_caller[i], r_key[i], r_hash[i], r_saga[i], r_verb[i], r_hash_version[i] FROM generate_series(1, cardinality(r_at)) AS i;
  END IF;

  IF n_namespace IS NOT NULL THEN
    SELECT array_agg(nextval('saga_no')) INTO numbers FROM generate_series(1, cardinality(n_namespace));
    INSERT INTO saga (no, namespace, id, type, version, fingerprint, started_at, correlation_id, parent_id, root_id, request_caller, request_key,
      status, reason, owner, wake_at, ended_at, problem, tags, snapshot_revision, snapshot)
    SELECT numbers[i], n_namespace[i], n_id[i], n_type[i], n_version[i], n_fingerprint[i], n_started_at[i],
      n_correlation_id[i], n_parent_id[i], n_root_id[i], n_request_caller[i], n_request_key[i],
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
    INSERT INTO history (saga, revision, at, commit_id, format, name, actor, causation_id, trace_parent, content_type, codec, key_id, body, data)
    SELECT CASE WHEN e_saga[i] < 0 THEN numbers[-e_saga[i]] ELSE e_saga[i] END,
      e_revision[i], e_at[i], e_commit_id[i], e_format[i], e_name[i], e_actor[i], e_causation_id[i], e_trace_parent[i], e_content_type[i], e_codec[i],
      e_key_id[i], e_body[i], e_data[i]
    FROM generate_series(1, cardinality(e_saga)) AS i;
  END IF;
END $$;

-- Removes the request rows of sagas that need them no longer.
CREATE OR REPLACE FUNCTION remove_requests(sagas bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM request r USING saga s
  WHERE s.no = ANY (sagas) AND r.namespace = s.namespace AND r.key = s.request_key AND r.caller = coalesce(s.request_caller, '') AND r.saga = s.id AND r.expires_at IS NULL;
  DELETE FROM request r USING saga s
  WHERE s.no = ANY (sagas) AND r.namespace = s.namespace AND r.saga = s.id AND r.verb IS NOT NULL AND r.expires_at IS NULL;
END $$;

-- Removes up to max_count sagas that ended before, and as many request rows that have expired. Several engines may do it at the same time.
CREATE OR REPLACE FUNCTION purge(ended_before bigint, at bigint, max_count int, retention bigint) RETURNS int
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
    WHERE s.no = ANY (gone) AND s.ended_at + retention > at AND r.namespace = s.namespace AND r.key = s.request_key AND r.caller = coalesce(s.request_caller, '') AND r.saga = s.id AND r.expires_at IS NULL;
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

  DELETE FROM request WHERE (namespace, key, caller) IN (SELECT namespace, key, caller FROM request WHERE expires_at <= at LIMIT max_count);

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
