-- What an engine defines, so that the others know whether anybody has a saga's definition: a JSON array of type, version,
-- fingerprint, type, ... NULL: it did not say, as an engine of schema version 1 does not.
ALTER TABLE engine ADD COLUMN plans text;
