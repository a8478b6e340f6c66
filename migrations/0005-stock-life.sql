-- additive
-- stock: who asked for a rollback; a second person carries it out.
alter table batch add column rollback_asked_by text;
alter table batch add column rollback_asked_at timestamptz;
-- Of which licence a re-signed one is the new credential.
create table licence_resign (
  licence_id uuid primary key,
  source_id uuid not null,
  batch_id uuid not null
);
create index licence_resign_batch on licence_resign (batch_id);
-- "We hold so many of this type on that day": the denominator of progress. The newest counts.
create table declaration (
  declaration_id uuid primary key,
  issuer_code text not null,
  type_code text not null,
  rows bigint not null check (rows >= 0),
  as_of text not null,
  declared_by text not null,
  created_at timestamptz not null
);
create index declaration_type on declaration (issuer_code, type_code, created_at);
