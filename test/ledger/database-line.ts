import { connect, createServer, type Socket } from 'node:net'
import pg from 'pg'
import type { Store } from '../../src/store/open-store.ts'

/**
 * A line between a ledger and its database that a test can cut, or cut after the next commit has gone
 * out, so that the commit is done and its reply lost.
 */
export const openLine = async (url: string) => {
  const target = new pg.Client({ connectionString: url })
  const sockets = new Set<Socket>()
  const state = { isCut: false, losesCommitReply: false, commitsSeen: 0 }
  const hold = (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
  }
  const server = createServer((client) => {
    hold(client)
    if (state.isCut) {
      client.destroy()
      return
    }
    const database = target.host.startsWith('/')
      ? connect(`${target.host}/.s.PGSQL.${String(target.port)}`)
      : connect(target.port, target.host)
    hold(database)
    let isMuted = false
    client.on('data', (bytes: Buffer) => {
      if (bytes.includes('ledger-commit')) {
        state.commitsSeen++
        isMuted = state.losesCommitReply
        state.losesCommitReply = false
      }
      database.write(bytes)
    })
    database.on('data', (bytes: Buffer) => {
      if (isMuted) {
        client.destroy()
        database.destroy()
      } else client.write(bytes)
    })
    client.on('close', () => database.destroy())
    database.on('close', () => client.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const login = `${encodeURIComponent(target.user ?? '')}:${encodeURIComponent(target.password ?? '')}`
  const through = `postgresql://${login}@127.0.0.1:${String(address.port)}/${target.database ?? ''}`
  const cut = () => {
    state.isCut = true
    for (const socket of sockets) socket.destroy()
  }
  return {
    /** The store's own pool stays on the direct line; only the writer takes this one. */
    storeOf: (store: Store) => ({ db: store.db, url: through }),
    cut,
    mend: () => {
      state.isCut = false
    },
    loseNextCommitReply: () => {
      state.losesCommitReply = true
    },
    commitsSeen: () => state.commitsSeen,
    close: () => {
      cut()
      server.close()
    },
  }
}
