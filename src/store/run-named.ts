import { CompiledQuery } from 'kysely'
import type { Kysely, PostgresPool, PostgresPoolClient } from 'kysely'
import type { Pool, PoolClient } from 'pg'
import type { Database } from './schema.ts'

/** Travels as a last parameter through kysely, which knows no statement names, to the driver below. */
class StatementName {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/**
 * Runs a compiled query as a named prepared statement: parsed and planned once per connection. For hot
 * paths only; one name must always carry the same SQL (PostgreSQL's driver refuses otherwise).
 */
export const runNamedQuery = async <Row>(
  executor: Kysely<Database>,
  name: string,
  query: CompiledQuery<Row>,
): Promise<readonly Row[]> => {
  const parameters = [...query.parameters, new StatementName(name)]
  const { rows } = await executor.executeQuery<Row>({ ...query, parameters })
  return rows
}

/** As runNamedQuery for SQL text with $1… placeholders; the rows are not typed: parse what you take. */
export const runNamed = (
  executor: Kysely<Database>,
  name: string,
  sqlText: string,
  parameters: readonly unknown[],
): Promise<readonly Record<string, unknown>[]> =>
  runNamedQuery(executor, name, CompiledQuery.raw(sqlText, [...parameters]))

/** A pool as kysely's dialect wants it, with statement names taken off the parameters. */
export const namingPool = (pool: Pool): PostgresPool => {
  const known = new WeakMap<PoolClient, PostgresPoolClient>()
  return {
    connect: async () => {
      const client = await pool.connect()
      const naming = known.get(client) ?? asDialectClient(namingClient(client))
      known.set(client, naming)
      return naming
    },
    end: () => pool.end(),
  }
}

const namingClient = (client: PoolClient) => ({
  query: (text: string, parameters: readonly unknown[]) => {
    const name = parameters.at(-1)
    return name instanceof StatementName
      ? client.query({ name: name.text, text, values: parameters.slice(0, -1) })
      : client.query(text, [...parameters])
  },
  release: () => {
    client.release()
  },
})

/** kysely wants a generic over rows, and cursors, which only its streams use and we do not have. */
const asDialectClient = (client: object): PostgresPoolClient => client as PostgresPoolClient
