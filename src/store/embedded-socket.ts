import { join } from 'node:path'

/** Names the socket file only: the server does not listen on TCP, so no port can be taken. */
export const port = 5432
const socketPathBytesMax = 107

/** What a cluster's connection address depends on. */
export type SocketOwner = { readonly home: string; readonly id: string; readonly password: string }

/** Where clients connect; beneath /tmp only if the path in the cluster would not fit a socket address. */
export const socketDirOf = ({ home, id }: SocketOwner): string => {
  const own = join(home, 'run')
  const bytes = Buffer.byteLength(`${own}/.s.PGSQL.${String(port)}`)
  return bytes <= socketPathBytesMax ? own : `/tmp/zhengqiao-${id}`
}

export const urlOf = (cluster: SocketOwner, database = 'zhengqiao'): string => {
  const host = encodeURIComponent(socketDirOf(cluster))
  const { password } = cluster
  return `postgresql://zhengqiao:${password}@${host}:${String(port)}/${database}?sslmode=disable`
}
