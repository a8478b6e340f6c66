import type pg from 'pg'
import type { RandomBytes } from '../../src/contract/uuid.ts'

export type FrontendAccess = {
  readonly role: string
  readonly password: string
  readonly database: string
}

/** Tables as the department's vendor lays them out; the policy shows each unit its own rows only. */
const layout = `
  create table if not exists cxsq (
    sqid text primary key, dwdm text not null, jkbm text not null, qlrmc text, zjzl text, zjh text,
    czybh text, ywbh text, sqsj timestamptz not null default now(), zt smallint not null default 0);
  create index if not exists cxsq_new on cxsq (sqsj) where zt = 0;
  create table if not exists cxjg (
    jgid bigint generated always as identity primary key, sqid text not null, dwdm text not null,
    xh integer not null, zs integer not null, jglx smallint not null, nr text,
    jgsj timestamptz not null default now());
  create index if not exists cxjg_sqid on cxjg (sqid);
  alter table cxsq enable row level security;
  alter table cxjg enable row level security;
  drop policy if exists own_rows on cxsq;
  drop policy if exists own_rows on cxjg;
  create policy own_rows on cxsq using (dwdm = 'zhengqiao') with check (dwdm = 'zhengqiao');
  create policy own_rows on cxjg using (dwdm = 'zhengqiao');`

/** Makes tables and a fresh role for the gateway: it may ask, withdraw, read and clear its own rows. */
export const prepareFrontend = async (
  pool: pg.Pool,
  random: RandomBytes,
): Promise<FrontendAccess> => {
  const role = `zq_front_${Buffer.from(random(6)).toString('hex')}`
  const password = Buffer.from(random(18)).toString('hex')
  await pool.query(layout)
  await pool.query(`create role ${role} login`)
  await setRolePassword(pool, role, password)
  await pool.query(`grant select, insert, update, delete on cxsq to ${role}`)
  await pool.query(`grant select, delete on cxjg to ${role}`)
  const { rows } = await pool.query<{ name: string }>('select current_database() as name')
  return { role, password, database: rows[0]?.name ?? '' }
}

/** Role and password are hexadecimal of our own making: nothing to quote. */
export const setRolePassword = async (
  pool: pg.Pool,
  role: string,
  password: string,
): Promise<void> => {
  await pool.query(`alter role ${role} password '${password}'`)
}

export const dropRole = async (pool: pg.Pool, role: string): Promise<void> => {
  await pool.query(`drop owned by ${role}`)
  await pool.query(`drop role ${role}`)
}
