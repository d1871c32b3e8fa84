-- What an engine defines, so that the others know whether anybody has a saga's definition: a JSON array of type, version,
-- fingerprint, type, ... NULL: it did not say, as an engine of schema version 1 does not.
ALTER TABLE engine ADD COLUMN plans text;

-- The cluster that an engine belongs to, and into how many partitions that divides the sagas: all rows of a cluster's engines
-- say the same. NULL: a Local engine, or one of schema version 1, which did not say.
ALTER TABLE engine ADD COLUMN cluster_id text, ADD COLUMN service_id text, ADD COLUMN partitions int;
