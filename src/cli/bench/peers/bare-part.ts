import cluster, { type Worker } from 'node:cluster'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import pg from 'pg'
import { z } from 'zod'
import { type RunPart, serveParent } from '../part.ts'

const question = z.object({ databaseUrl: z.string(), processes: z.int() })
const ready = z.object({ port: z.int() })

/**
 * The bare peer of P1 and P2 in as many processes as the gateway has: Hono, node-postgres, and one named
 * statement that reads the row which the gateway looks up, by its holder index. No signature, no case,
 * no evidence.
 */
export const barePart: RunPart = () => {
  const { worker } = cluster
  const url = process.env['BARE_DATABASE_URL']
  return worker !== undefined && url !== undefined ? serveAsWorker(worker, url) : serveBare()
}

const serveBare = (): Promise<number> =>
  serveParent(async (request) => {
    const { databaseUrl, processes } = question.parse(request)
    if (processes === 1) return { port: await serveRows(databaseUrl), pids: [process.pid] }
    const workers = Array.from({ length: processes }, () =>
      cluster.fork({ BARE_DATABASE_URL: databaseUrl }),
    )
    const ports = await Promise.all(workers.map(portOf))
    return { port: ports[0], pids: workers.map((worker) => worker.process.pid) }
  })

const portOf = (worker: Worker): Promise<number> =>
  new Promise((resolve, reject) => {
    worker.once('message', (message: unknown) => {
      resolve(ready.parse(message).port)
    })
    worker.once('exit', () => {
      reject(new Error('the bare peer ended'))
    })
  })

/** Ends when the process that started it lets go of the channel or is gone. */
const serveAsWorker = async (worker: Worker, databaseUrl: string): Promise<number> => {
  worker.send({ port: await serveRows(databaseUrl) })
  await new Promise((resolve) => worker.once('disconnect', resolve))
  return 0
}

const serveRows = (databaseUrl: string): Promise<number> => {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 16 })
  pool.on('error', () => undefined)
  return listen(bareApp(pool))
}

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
