-- additive
-- store: the algorithms that a database was set up with are never changed, since nothing stored under
-- others could be read or compared any more.
create function keep_profile() returns trigger language plpgsql as $$
begin
  if old.name = 'profile' then
    raise exception 'the profile of a database cannot be changed';
  end if;
  if tg_op = 'DELETE' then
    return old;
  end if;
  return new;
end
$$;
create trigger setting_keep_profile before update or delete on setting
  for each row execute function keep_profile();
