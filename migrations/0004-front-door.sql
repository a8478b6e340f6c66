-- additive
-- access: a key that its holder renewed ends with the key that signed the renewal.
alter table client_certificate add column renewed_with text references client_certificate;
create index client_certificate_renewed on client_certificate (renewed_with) where renewed_with is not null;
-- access: a grant names its fields for good; what was left open is what the item asks for today.
update access_grant g set fields = (
  select coalesce(array_agg(distinct f.field order by f.field), '{}')
  from service_item i, jsonb_array_elements(i.definition -> 'materials') as m (material),
    jsonb_array_elements_text(m.material -> 'fields') as f (field)
  where i.item_code = g.item_code and m.material ->> 'typeCode' = g.type_code
    and i.version = coalesce(g.item_version,
      (select max(n.version) from service_item n where n.item_code = g.item_code)))
where g.fields is null;
