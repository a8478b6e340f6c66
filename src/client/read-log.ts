import { ConnectionError } from './client-error.ts'
import type { ClientOptions } from './gateway-client.ts'
import { readBytes } from './read-bytes.ts'

/** Reads a file of a public log by HTTP; nothing is signed. */
export const logReader =
  ({
    publicUrl,
    connectUrl = publicUrl,
    timeoutMs = 30_000,
    read = fetch,
  }: Pick<ClientOptions, 'publicUrl' | 'connectUrl' | 'timeoutMs'> & {
    readonly read?: typeof fetch
  }) =>
  async (origin: string, path: string): Promise<Uint8Array> => {
    const url = `${connectUrl.replace(/\/+$/, '')}/log/${origin}/${path}`
    try {
      const response = await read(url, {
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      })
      if (!response.ok) throw new Error(`status ${String(response.status)}`)
      return await readBytes(response)
    } catch (cause) {
      throw new ConnectionError(cause)
    }
  }
