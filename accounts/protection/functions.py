"""What the database says no with. `{schema}` is written out: a temporary table must not stand in for one of ours."""

# Only the owner, only where a transaction says why: SET LOCAL liver.purge = 'why'.
PURGING = """
CREATE OR REPLACE FUNCTION {schema}.liver_purging() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF coalesce(current_setting('liver.purge', true), '') = '' THEN
        RETURN FALSE;
    END IF;
    RETURN pg_has_role(
        current_user, (SELECT relowner FROM pg_class WHERE oid = '{schema}.accounts_purge'::regclass), 'USAGE');
END $$;
"""
# Once a statement, whether or not it would meet a row.
REFUSE = """
CREATE OR REPLACE FUNCTION {schema}.liver_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {schema}.liver_purging() THEN
        INSERT INTO {schema}.accounts_purge (at, role, table_name, statement, reason)
        VALUES (clock_timestamp(), session_user, TG_TABLE_NAME, TG_OP, current_setting('liver.purge'));
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'Cannot % rows of %: they are kept for good', TG_ARGV[0], TG_TABLE_NAME;
END $$;
"""
# Within a day, and only more of it: a request may say more than it did when it wrote its first row.
KEEP_CONTEXT = """
CREATE OR REPLACE FUNCTION {schema}.liver_keep_context() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {schema}.liver_purging() OR NEW.id = OLD.id AND NEW.created_at = OLD.created_at AND NEW.metadata @> OLD.metadata
            AND OLD.created_at > now() - interval '1 day' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Cannot update rows of %: they may only grow while their request lasts', TG_TABLE_NAME;
END $$;
"""
# In place of pghistory's: what was said first stays, and no subtransaction for each row of history.
CONTEXT = """
CREATE OR REPLACE FUNCTION {schema}._pgh_attach_context() RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    context uuid := nullif(current_setting('pghistory.context_id', true), '');
    said jsonb := nullif(current_setting('pghistory.context_metadata', true), '');
BEGIN
    IF context IS NULL OR said IS NULL THEN
        RETURN NULL;
    END IF;
    INSERT INTO {schema}.pghistory_context AS kept (id, metadata, created_at, updated_at)
    VALUES (context, said, now(), now())
    ON CONFLICT (id) DO UPDATE
        SET metadata = EXCLUDED.metadata || kept.metadata, updated_at = EXCLUDED.updated_at
        WHERE NOT kept.metadata @> EXCLUDED.metadata;
    RETURN context;
END $$;
"""
# In place of pgtrigger's: a session could turn the writing of history off by a setting of its own.
IGNORE = """
CREATE OR REPLACE FUNCTION {schema}._pgtrigger_should_ignore(trigger_name name)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    RETURN {schema}.liver_purging();
END $$;
"""
# Only an owner may have a table counted: in its name.
ANALYZE = """
CREATE OR REPLACE FUNCTION {schema}.liver_analyze(names text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
BEGIN
    EXECUTE 'ANALYZE (SKIP_LOCKED) ' || (SELECT string_agg(format('%I', name), ', ') FROM unnest(names) AS name);
END $$;
"""
ALL = (PURGING, REFUSE, KEEP_CONTEXT, CONTEXT, IGNORE, ANALYZE)
