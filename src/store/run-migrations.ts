import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PoolClient } from 'pg'
import { digest, type DigestName } from '../crypto/digest.ts'
import type { Store } from './open-store.ts'
import { messageOf, StoreError } from './store-error.ts'

type Migration = {
  readonly number: number
  readonly name: string
  readonly kind: 'additive' | 'breaking'
  readonly digest: string
  readonly sql: string
}
type Landed = { number: number; name: string; kind: string; digest: string }

/** Any number will do, as long as every version of the gateway takes the same one. */
const advisoryLock = 7_205_180_018

/**
 * Brings the schema up to the numbered files of a folder (`NNNN-name.sql`, first line `-- additive` or
 * `-- breaking`), each in its own transaction, under an advisory lock. Files that have run are known by their digest. Returns the names it applied.
 * @throws StoreError migration_edited, schema_newer, migration_invalid, migration_failed
 */
export const runMigrations = async (
  store: Pick<Store, 'pool'>,
  dir: string,
  digestName: DigestName = 'sha-256',
): Promise<readonly string[]> => {
  const migrations = await readMigrations(dir, digestName)
  const client = await store.pool.connect()
  let failed = true
  try {
    await client.query('select pg_advisory_lock($1)', [advisoryLock])
    const applied = await catchUp(client, migrations)
    await client.query('select pg_advisory_unlock($1)', [advisoryLock])
    failed = false
    return applied
  } finally {
    // A connection that may still hold the lock or a broken transaction is closed, not reused.
    client.release(failed)
  }
}

const readMigrations = async (
  dir: string,
  digestName: DigestName,
): Promise<readonly Migration[]> => {
  const files = (await readdir(dir)).filter((file) => file.endsWith('.sql')).sort()
  return Promise.all(
    files.map(async (file, index) => {
      const sql = await readFile(join(dir, file), 'utf8')
      const number = Number(/^(\d{4})-[a-z0-9-]+\.sql$/.exec(file)?.[1])
      const kind = /^-- (additive|breaking)\r?\n/.exec(sql)?.[1]
      if (number !== index + 1 || (kind !== 'additive' && kind !== 'breaking')) throw invalid(file)
      const fingerprint = Buffer.from(digest(digestName, sql)).toString('hex')
      return { number, name: file, kind, digest: fingerprint, sql }
    }),
  )
}

const catchUp = async (client: PoolClient, migrations: readonly Migration[]): Promise<string[]> => {
  await client.query(`create table if not exists schema_migration (
    number integer primary key,
    name text not null,
    kind text not null,
    digest text not null,
    applied_at timestamptz not null default now()
  )`)
  const { rows } = await client.query<Landed>(
    'select number, name, kind, digest from schema_migration order by number',
  )
  requireSameHistory(rows, migrations)
  const pending = migrations.slice(rows.length)
  for (const migration of pending) await apply(client, migration)
  return pending.map((migration) => migration.name)
}

const requireSameHistory = (landed: readonly Landed[], known: readonly Migration[]): void => {
  const edited = landed.find((row, at) => known[at] && known[at].digest !== row.digest)
  if (edited) {
    throw new StoreError(
      'migration_edited',
      `迁移 ${edited.name} 已在此数据库执行过,之后文件被改动;请恢复原文件,把改动写成新的迁移。`,
      `Migration ${edited.name} has run on this database and its file was edited since; restore the file and put the change into a new migration.`,
    )
  }
  const breaking = landed.slice(known.length).find((row) => row.kind !== 'additive')
  if (breaking) {
    throw new StoreError(
      'schema_newer',
      `数据库结构比本程序新(${breaking.name} 不兼容旧版本);请升级本程序,或恢复升级前的数据库备份。`,
      `The database schema is newer than this program (${breaking.name} does not suit older versions); upgrade the program or restore the backup made before the upgrade.`,
    )
  }
}

const apply = async (client: PoolClient, migration: Migration): Promise<void> => {
  try {
    await client.query('begin')
    await client.query(migration.sql)
    await client.query(
      'insert into schema_migration (number, name, kind, digest) values ($1, $2, $3, $4)',
      [migration.number, migration.name, migration.kind, migration.digest],
    )
    await client.query('commit')
  } catch (error) {
    throw new StoreError(
      'migration_failed',
      `迁移 ${migration.name} 执行失败,数据库保持原样:${messageOf(error)}`,
      `Migration ${migration.name} failed and was undone: ${messageOf(error)}`,
      error,
    )
  }
}

const invalid = (file: string): StoreError =>
  new StoreError(
    'migration_invalid',
    `迁移文件 ${file} 须按 NNNN-name.sql 连续编号,首行为“-- additive”或“-- breaking”。`,
    `Migration file ${file} must be numbered NNNN-name.sql without gaps, its first line "-- additive" or "-- breaking".`,
  )
