import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pemOf, type MadeChain } from './chain-spec.ts'

export type OpensslAnswer = { readonly accepted: boolean; readonly said: string }

/** Judges chains with `openssl verify`, strict, with CRLs for every certificate, in a folder of its own. */
export const openOpenssl = async (at: Date) => {
  const folder = await mkdtemp(join(tmpdir(), 'differential-'))
  const verify = async (chain: MadeChain, options: readonly string[]): Promise<OpensslAnswer> => {
    const file = async (name: string, text: string): Promise<string> => {
      await writeFile(join(folder, name), text)
      return join(folder, name)
    }
    const trusted = await file('root.pem', pemOf('CERTIFICATE', chain.anchors))
    const untrusted = await file('pool.pem', pemOf('CERTIFICATE', chain.pool))
    const crls = await file('crls.pem', pemOf('X509 CRL', chain.crls))
    const leaf = await file('leaf.pem', pemOf('CERTIFICATE', [chain.leaf]))
    const args = ['verify', '-x509_strict', '-crl_check_all', '-extended_crl', '-policy_check']
      .concat(['-purpose', 'sslclient', '-auth_level', '2', '-no-CApath', '-no-CAstore'])
      .concat(['-attime', String(Math.floor(at.getTime() / 1000)), ...options])
      .concat(['-CAfile', trusted, ...(chain.pool.length > 0 ? ['-untrusted', untrusted] : [])])
      .concat(chain.crls.length > 0 ? ['-CRLfile', crls] : [])
    return run([...args, leaf])
  }
  return { verify, close: () => rm(folder, { recursive: true }) }
}

const run = (args: readonly string[]): Promise<OpensslAnswer> =>
  new Promise((resolve) => {
    execFile('openssl', args, (error, stdout, stderr) => {
      const said = /error \d+ at .*?: .*|unable to load .*|Could not .*/i.exec(stdout + stderr)
      resolve({ accepted: error === null, said: said?.[0].split('\n')[0] ?? '' })
    })
  })
