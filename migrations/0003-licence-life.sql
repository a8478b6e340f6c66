-- additive
-- stock: what a steward allows a department's systems to issue one by one, and how much of it was used.
create table standing_order (
  order_id text primary key,
  issuer_code text not null,
  jws text not null,
  certificate bytea not null,
  type_codes text[] not null,
  per_day_max integer not null,
  until_day text not null,
  created_at timestamptz not null,
  revoked_at timestamptz
);
create index standing_order_issuer on standing_order (issuer_code);
create table standing_order_use (
  order_id text not null references standing_order,
  day text not null,
  used integer not null,
  primary key (order_id, day)
);
-- A licence issued singly is a batch of one row, released under this order.
alter table batch add column standing_order_id text references standing_order;
