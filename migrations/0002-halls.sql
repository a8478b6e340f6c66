-- additive
-- halls ------------------------------------------------------------------------------------------
create table hall (
  hall_id text primary key,
  position integer not null,
  enabled boolean not null default true,
  definition jsonb not null,
  updated_at timestamptz not null
);
-- A question that a hall answers later, or that is asked again when the hall is back.
create table hall_ticket (
  ticket_id uuid primary key,
  hall_id text not null,
  kind text not null check (kind in ('pending', 'back_fetch')),
  state text not null check (state in ('waiting', 'done', 'expired')),
  question_index bytea not null,
  case_id uuid not null,
  material_code text not null,
  type_code text not null,
  blob bytea not null,
  key_id text not null,
  retry_at timestamptz not null,
  expires_at timestamptz not null,
  attempts integer not null default 0,
  lease_until timestamptz,
  lease_by text,
  result_blob bytea,
  result_key_id text,
  created_at timestamptz not null,
  settled_at timestamptz
);
create unique index hall_ticket_waiting on hall_ticket (question_index) where state = 'waiting';
create index hall_ticket_question on hall_ticket (question_index, created_at);
create index hall_ticket_due on hall_ticket (hall_id, retry_at) where state = 'waiting';
create index hall_ticket_case on hall_ticket (case_id, created_at);
-- Something for a department to put right; one open row a finding.
create table hall_data_quality (
  quality_id uuid primary key,
  kind text not null,
  issuer_code text not null,
  hall_id text,
  type_code text not null,
  subject_index bytea not null,
  case_id uuid,
  detail jsonb not null,
  blob bytea not null,
  key_id text not null,
  occurrences integer not null default 1,
  opened_at timestamptz not null,
  last_seen_at timestamptz not null,
  closed_at timestamptz
);
create unique index hall_data_quality_open
  on hall_data_quality (kind, type_code, subject_index) where closed_at is null;
create index hall_data_quality_issuer on hall_data_quality (issuer_code, opened_at);
-- Events kept for delivery; no personal data in the body.
create table hall_event (
  event_id uuid primary key,
  position bigint generated always as identity unique,
  kind text not null check (kind in
    ('material.available', 'material.unavailable', 'hall.down', 'hall.recovered', 'hall.maintenance')),
  hall_id text not null,
  case_id uuid,
  ticket_id uuid,
  body jsonb not null,
  created_at timestamptz not null,
  delivered_at timestamptz
);
create index hall_event_undelivered on hall_event (position) where delivered_at is null;
create index hall_event_case on hall_event (case_id, position) where case_id is not null;
