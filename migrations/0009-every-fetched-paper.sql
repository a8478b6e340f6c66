-- additive
-- cases: of a material with several papers a case may have fetched more than one, and read each again.
alter table case_material drop constraint case_material_pkey,
  add primary key (case_id, material_code, licence_id);
