import { z } from 'zod'

/** `alg` of a credential's header, only to be shown: verification judges it. */
export const credentialAlg = (sdJwt: string): string => {
  const [head = ''] = sdJwt.split('.', 1)
  const header: unknown = JSON.parse(Buffer.from(head, 'base64url').toString('utf8'))
  return z.object({ alg: z.string() }).parse(header).alg
}
