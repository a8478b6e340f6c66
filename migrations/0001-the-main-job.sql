-- additive
-- Rooms own their tables; the prefix or the comment says which. Personal data stands only in AEAD blobs
-- ("…_blob", with the id of the data key) or as keyed hashes ("…_index").

-- store -------------------------------------------------------------------------------------------
create table setting (
  name text primary key,
  value jsonb not null
);

-- access ------------------------------------------------------------------------------------------
create table organisation (
  organisation_id text primary key,
  name_zh text not null,
  uscc text not null unique,
  parent_id text references organisation,
  roles text[] not null,
  connected boolean not null default true,
  created_at timestamptz not null
);
create table client (
  client_id text primary key,
  kind text not null check (kind in ('system', 'person')),
  organisation_id text not null references organisation,
  roles text[] not null,
  operator_id text,
  suspended_at timestamptz,
  created_at timestamptz not null
);
create table client_certificate (
  certificate_id text primary key,
  client_id text not null references client,
  der bytea not null,
  not_before timestamptz not null,
  not_after timestamptz not null,
  revoked_at timestamptz,
  revocation_reason text,
  created_at timestamptz not null
);
create index client_certificate_client on client_certificate (client_id);
-- Of which certificates was warned that they end within so many days.
create table certificate_warning (
  certificate_id text not null references client_certificate,
  within_days integer not null,
  created_at timestamptz not null,
  primary key (certificate_id, within_days)
);
-- A key is put in by two people: one brings the request, another lets the certificate be issued.
create table certificate_request (
  request_id uuid primary key,
  client_id text not null references client,
  csr bytea not null,
  valid_for_days integer not null,
  requested_by text not null references client,
  issued_by text references client,
  certificate_id text references client_certificate,
  created_at timestamptz not null,
  issued_at timestamptz
);
create index certificate_request_client on certificate_request (client_id);
create table operator (
  operator_id text primary key,
  organisation_id text not null references organisation,
  client_id text references client,
  name_blob bytea not null,
  key_id text not null,
  service_window text,
  suspended_at timestamptz,
  created_at timestamptz not null
);
create index operator_client on operator (client_id);
create table access_grant (
  grant_id uuid primary key,
  client_id text not null references client,
  type_code text not null,
  item_code text not null,
  item_version integer,
  fields text[],
  legal_basis text not null,
  status text not null check (status in ('proposed', 'active', 'revoked')),
  proposed_by text not null,
  approved_by text,
  revoked_by text,
  created_at timestamptz not null,
  decided_at timestamptz
);
create index access_grant_use on access_grant (client_id, item_code, type_code) where status = 'active';
-- Every node keeps callers and grants in memory and reads this number twice a second; a change of any of
-- the tables, whoever makes it, raises it with its own commit.
create function raise_access_revision() returns trigger language plpgsql as $$
begin
  insert into setting (name, value) values ('access_revision', '1')
  on conflict (name) do update set value = to_jsonb((setting.value::text)::bigint + 1);
  return null;
end $$;
do $$
declare
  watched text;
begin
  foreach watched in array array['organisation', 'client', 'client_certificate', 'operator', 'access_grant'] loop
    execute format('create trigger raise_access_revision after insert or update or delete on %I
      for each statement execute function raise_access_revision()', watched);
  end loop;
end $$;

-- catalogue ---------------------------------------------------------------------------------------
create table licence_type (
  type_code text not null,
  version integer not null,
  short_code text,
  issuer_code text not null,
  status integer not null,
  definition jsonb not null,
  created_at timestamptz not null,
  primary key (type_code, version)
);
create table service_item (
  item_code text not null,
  version integer not null,
  definition jsonb not null,
  created_at timestamptz not null,
  primary key (item_code, version)
);

-- stock -------------------------------------------------------------------------------------------
create table signing_certificate (
  certificate_id text primary key,
  issuer_code text not null,
  alg text not null,
  chain bytea[] not null,
  key_custody text not null check (key_custody in ('department', 'gateway')),
  signer_url text,
  not_after timestamptz not null,
  retired_at timestamptz,
  created_at timestamptz not null
);
create index signing_certificate_issuer on signing_certificate (issuer_code);
create table batch (
  batch_id uuid primary key,
  issuer_code text not null,
  format text not null,
  type_codes text[],
  expected_rows integer not null,
  expected_chunks integer not null,
  state text not null check (state in
    ('open', 'validating', 'validated', 'releasing', 'released', 'rolled_back', 'failed')),
  certificate_id text references signing_certificate,
  root bytea,
  rows_valid integer,
  rows_warned integer,
  rows_duplicate integer,
  rows_quarantined integer,
  failure text,
  -- Where validation or release stands, so that a restart goes on from there.
  progress jsonb,
  -- Licences of one batch have ascending ids in (chunk, line) order, all within these two.
  first_licence_id uuid,
  last_licence_id uuid,
  release_order jsonb,
  created_at timestamptz not null,
  validated_at timestamptz,
  released_at timestamptz,
  rolled_back_at timestamptz
);
create table batch_hand (
  batch_id uuid not null references batch,
  certificate_id text not null,
  client_id text not null,
  primary key (batch_id, certificate_id)
);
create table batch_chunk (
  batch_id uuid not null references batch,
  chunk integer not null,
  digest bytea not null,
  row_count integer not null,
  created_at timestamptz not null,
  primary key (batch_id, chunk)
);
-- Pushed lines as they came, about 512 KiB of whole lines in one blob; gone when the batch is released.
create table batch_block (
  batch_id uuid not null,
  chunk integer not null,
  first_line integer not null,
  blob bytea not null,
  key_id text not null,
  primary key (batch_id, chunk, first_line)
);
alter table batch_block alter column blob set storage external;
-- What the release of a batch replaces, and what a rollback brings back.
create table batch_supersession (
  batch_id uuid not null,
  licence_id uuid not null,
  successor_id uuid not null,
  prior_status text,
  prior_status_as_of timestamptz,
  prior_status_source text,
  primary key (batch_id, licence_id, successor_id)
);
create table batch_error (
  batch_id uuid not null,
  chunk integer not null,
  line integer not null,
  position integer not null,
  class text not null check (class in ('normalise', 'warn', 'quarantine', 'duplicate')),
  rule text not null,
  pointer text not null,
  detail_blob bytea,
  key_id text,
  primary key (batch_id, chunk, line, position)
);

-- licences ----------------------------------------------------------------------------------------
-- Rows of a batch stand here from its validation on; look-ups see those whose batch is released.
create table licence (
  licence_id uuid not null,
  batch_id uuid not null,
  chunk integer not null,
  line integer not null,
  type_code text not null,
  catalogue_version integer not null,
  version text not null,
  issuer_code text not null,
  certificate_id text not null,
  iat bigint not null,
  issued_at text not null,
  valid_from text not null,
  valid_to text,
  trust_level text not null,
  area_code text,
  status text not null,
  source_status text,
  status_as_of timestamptz not null,
  status_source text not null,
  successor_id uuid,
  content_digest bytea not null,
  blob bytea not null,
  key_id text not null,
  primary key (licence_id)
) partition by hash (licence_id);
create table licence_signature (
  licence_id uuid not null,
  signature bytea not null,
  primary key (licence_id)
) partition by hash (licence_id);
-- Keyed hash of the identifier without version and check character (all versions of a licence), or of
-- a whole identifier that departments use in spite of its wrong check character (legacy).
create table licence_identifier (
  identifier_index bytea not null,
  licence_id uuid not null,
  key_id text not null,
  legacy boolean not null default false,
  primary key (identifier_index, licence_id)
) partition by hash (identifier_index);
create table licence_number (
  number_index bytea not null,
  type_code text not null,
  licence_id uuid not null,
  key_id text not null,
  primary key (number_index, type_code, licence_id)
) partition by hash (number_index);
create table licence_holder (
  holder_index bytea not null,
  type_code text not null,
  licence_id uuid not null,
  batch_id uuid not null,
  name_index bytea not null,
  key_id text not null,
  primary key (holder_index, type_code, licence_id)
) partition by hash (holder_index);
do $$
begin
  for part in 0..7 loop
    execute format('create table licence_%s partition of licence for values with (modulus 8, remainder %s)', part, part);
    execute format('create table licence_signature_%s partition of licence_signature for values with (modulus 8, remainder %s)', part, part);
    execute format('create table licence_identifier_%s partition of licence_identifier for values with (modulus 8, remainder %s)', part, part);
    execute format('create table licence_number_%s partition of licence_number for values with (modulus 8, remainder %s)', part, part);
    execute format('create table licence_holder_%s partition of licence_holder for values with (modulus 8, remainder %s)', part, part);
  end loop;
end $$;

-- cases -------------------------------------------------------------------------------------------
create table case_file (
  case_id uuid primary key,
  case_no text not null,
  registrar_id text not null references client,
  -- The one system that may use the case: the operator's own, or the one that opened it.
  client_id text not null references client,
  item_code text not null,
  item_version integer not null,
  channel text not null,
  division text,
  assurance text not null check (assurance in ('registered', 'present', 'asserted')),
  subject_index bytea not null,
  body_digest bytea not null,
  blob bytea not null,
  key_id text not null,
  state text not null check (state in ('open', 'closed')),
  outcome text,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  closed_at timestamptz,
  unique (registrar_id, case_no, item_code)
);
create table case_fetch (
  fetch_id uuid primary key,
  case_id uuid not null,
  client_id text not null,
  result_blob bytea not null,
  key_id text not null,
  created_at timestamptz not null
);

-- What a chain's case has fetched: later departments reuse it instead of asking again.
create table case_material (
  case_id uuid not null,
  material_code text not null,
  licence_id uuid not null,
  fetch_id uuid not null,
  created_at timestamptz not null,
  primary key (case_id, material_code)
);

-- ledger ------------------------------------------------------------------------------------------
-- One log for each node; a node is held by the one process that has its advisory lock.
create table ledger_node (
  node_id smallint generated always as identity primary key,
  origin text not null unique,
  size bigint not null,
  frontier bytea[] not null
);
create table ledger_event (
  position bigint not null,
  at timestamptz not null,
  case_id uuid,
  node_id smallint not null,
  receipt_no text not null,
  entry bytea not null,
  blob bytea not null,
  key_id text not null,
  action text not null,
  decision text not null,
  client_id text,
  operator_id text,
  item_code text,
  subject_index bytea,
  primary key (node_id, position)
);
create unique index ledger_event_receipt on ledger_event (receipt_no);
create index ledger_event_at on ledger_event (at);
create index ledger_event_case on ledger_event (case_id, at) where case_id is not null;
create index ledger_event_client on ledger_event (client_id, at) where client_id is not null;
create index ledger_event_operator on ledger_event (operator_id, at) where operator_id is not null;
create table ledger_event_licence (
  licence_id uuid not null,
  at timestamptz not null,
  position bigint not null,
  node_id smallint not null,
  primary key (licence_id, at, node_id, position)
);
-- Roots of complete subtrees of 256, 65536, … leaves: level 1, 2, …; level 0 is ledger_event.entry.
create table ledger_subtree (
  node_id smallint not null,
  level smallint not null,
  position bigint not null,
  hash bytea not null,
  primary key (node_id, level, position)
);
create table ledger_checkpoint (
  node_id smallint not null,
  size bigint not null,
  note text not null,
  created_at timestamptz not null,
  primary key (node_id, size)
);
-- Events of writes, inserted with the write itself; the writer moves them into the log.
create table ledger_outbox (
  receipt_no text primary key,
  node_id smallint not null,
  at timestamptz not null,
  entry bytea not null,
  blob bytea not null,
  key_id text not null,
  action text not null,
  decision text not null,
  case_id uuid,
  client_id text,
  operator_id text,
  item_code text,
  subject_index bytea,
  licence_ids uuid[] not null
);
create index ledger_outbox_node on ledger_outbox (node_id);
create table ledger_request (
  receipt_no text primary key,
  blob bytea not null,
  key_id text not null
);
create table ledger_nonce (
  client_id text not null,
  nonce text not null,
  kept_until timestamptz not null,
  primary key (client_id, nonce)
);
create index ledger_nonce_kept_until on ledger_nonce (kept_until);

-- http --------------------------------------------------------------------------------------------
create table idempotency (
  client_id text not null,
  key text not null,
  method_path text not null,
  body_digest bytea not null,
  lease_until timestamptz not null,
  status integer,
  receipt_no text,
  result_blob bytea,
  key_id text,
  created_at timestamptz not null,
  primary key (client_id, key)
);

-- verification ------------------------------------------------------------------------------------
create table verification (
  verification_id uuid primary key,
  client_id text not null,
  report_blob bytea not null,
  key_id text not null,
  created_at timestamptz not null
);
