import { readdir } from 'node:fs/promises'
import type { Store } from '../../store/open-store.ts'

export type DatabaseFigures = {
  readonly version: string
  readonly now: Date
  readonly pending: readonly string[]
  /** Certificates of departments that sign: when each ends. */
  readonly signing: readonly { readonly issuerCode: string; readonly notAfter: Date }[]
  /** Clients whose newest certificate ends within 30 days. */
  readonly endingClients: readonly { readonly clientId: string; readonly notAfter: Date }[]
}

const listMax = 200

/** Reads what the doctor wants to know; changes nothing. */
export const readDatabaseFigures = async (
  { pool }: Pick<Store, 'pool'>,
  { migrationsDir, now }: { readonly migrationsDir: string; readonly now: Date },
): Promise<DatabaseFigures> => {
  const server = await pool.query<{ version: string; now: Date }>(
    "select current_setting('server_version') as version, clock_timestamp() as now",
  )
  const applied = await appliedMigrations({ pool })
  const known = (await readdir(migrationsDir)).filter((file) => file.endsWith('.sql')).sort()
  const pending = known.filter((file) => !applied.includes(file))
  const isFilled = applied.length > 0
  const [first] = server.rows
  return {
    version: first?.version ?? '',
    now: first?.now ?? now,
    pending,
    signing: isFilled ? await signingCertificates({ pool }) : [],
    endingClients: isFilled ? await endingClients({ pool }, now) : [],
  }
}

const appliedMigrations = async ({ pool }: Pick<Store, 'pool'>): Promise<readonly string[]> => {
  const found = await pool.query<{ exists: boolean }>(
    "select to_regclass('schema_migration') is not null as exists",
  )
  if (found.rows[0]?.exists !== true) return []
  const { rows } = await pool.query<{ name: string }>(
    'select name from schema_migration order by number limit 10000',
  )
  return rows.map(({ name }) => name)
}

const signingCertificates = async ({ pool }: Pick<Store, 'pool'>) => {
  const { rows } = await pool.query<{ issuerCode: string; notAfter: Date }>(
    `select issuer_code as "issuerCode", max(not_after) as "notAfter" from signing_certificate
     where retired_at is null group by issuer_code order by 2, 1 limit $1`,
    [listMax],
  )
  return rows
}

const endingClients = async ({ pool }: Pick<Store, 'pool'>, now: Date) => {
  const { rows } = await pool.query<{ clientId: string; notAfter: Date }>(
    `select client_id as "clientId", max(not_after) as "notAfter" from client_certificate
     where revoked_at is null group by client_id
     having max(not_after) < $1::timestamptz + interval '30 days' order by 2, 1 limit $2`,
    [now, listMax],
  )
  return rows
}
