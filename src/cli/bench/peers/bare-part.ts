import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import pg from 'pg'
import { z } from 'zod'
import { type RunPart, serveParent } from '../part.ts'

const question = z.object({ databaseUrl: z.string() })

/**
 * The bare peer of P1 and P2 in a process of its own: Hono, node-postgres, and one named statement that
 * reads the row which the gateway looks up, by its holder index. No signature, no case, no evidence.
 */
export const barePart: RunPart = () =>
  serveParent(async (request) => {
    const { databaseUrl } = question.parse(request)
    const pool = new pg.Pool({ connectionString: databaseUrl, max: 16 })
    pool.on('error', () => undefined)
    return { port: await listen(bareApp(pool)) }
  })

const bareApp = (pool: pg.Pool): Hono => {
  const app = new Hono()
  app.get('/licences/:holder/:type', async (c) => {
    const { holder, type } = c.req.param()
    const { rows } = await pool.query<Record<string, unknown>>({
      name: 'bare-look-up',
      text: lookUpSql,
      values: [Buffer.from(holder, 'base64url'), type],
    })
    return rows[0] === undefined ? c.json({ found: false }, 404) : c.json(rows[0])
  })
  return app
}

// One table, one row, by its primary key: the least that a look-up by holder can cost.
const lookUpSql = `
  select licence_id, type_code, batch_id, key_id from licence_holder
  where holder_index = $1 and type_code = $2`

const listen = (app: Hono): Promise<number> =>
  new Promise((resolve) => {
    serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => {
      resolve(port)
    })
  })
