import { once } from 'node:events'
import { createConnection, createServer, type Socket } from 'node:net'
import pg from 'pg'

/** A loopback port in front of a database that can be closed and opened again under the same number. */
export type Relay = {
  readonly port: number
  readonly open: () => Promise<void>
  readonly close: () => Promise<void>
}

export const startRelay = async (databaseUrl: string, port: number): Promise<Relay> => {
  const { host, port: targetPort } = new pg.Client({ connectionString: databaseUrl })
  const sockets = new Set<Socket>()
  const server = createServer((incoming) => {
    const outgoing = host.startsWith('/')
      ? createConnection(`${host}/.s.PGSQL.${String(targetPort)}`)
      : createConnection(targetPort, host)
    join(incoming, outgoing, sockets)
    join(outgoing, incoming, sockets)
  })
  const open = async (on: number): Promise<number> => {
    if (!server.listening) {
      server.listen(on, '127.0.0.1')
      await once(server, 'listening')
    }
    const address = server.address()
    return address === null || typeof address === 'string' ? on : address.port
  }
  const opened = await open(port)
  return {
    port: opened,
    open: async () => {
      await open(opened)
    },
    close: async () => {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

const join = (from: Socket, to: Socket, sockets: Set<Socket>): void => {
  sockets.add(from)
  from.on('error', () => to.destroy())
  from.on('close', () => {
    sockets.delete(from)
    to.destroy()
  })
  from.pipe(to)
}
