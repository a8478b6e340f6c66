-- additive
-- cases: what the registrar says it has registered, and which self-opened cases were held against that.
create table case_confirmation (
  registrar_id text not null references client,
  case_no text not null,
  item_code text not null,
  created_at timestamptz not null,
  primary key (registrar_id, case_no, item_code)
);
alter table case_file add column reconciled_at timestamptz;
create index case_file_unreconciled on case_file (created_at)
  where assurance = 'asserted' and reconciled_at is null;
