import { execFile } from 'node:child_process'
import { randomBytes, X509Certificate } from 'node:crypto'
import { mkdir, mkdtemp, copyFile, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { runCaptured } from './captured-io.ts'

const home = await mkdtemp(join(tmpdir(), 'zhengqiao-cert-'))
afterAll(() => rm(home, { recursive: true }))
await writeFile(join(home, 'pass'), `${randomBytes(12).toString('hex')}\n`)
await writeFile(join(home, 'other'), 'something else\n')

const run = (...args: readonly string[]) => runCaptured(['cert', ...args], { workingDir: home })
const made = async (...args: readonly string[]): Promise<string> => {
  const { code, out, err } = await run(...args)
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return out
}
const secret = ['--passphrase-file', 'pass']
const openssl = (...args: readonly string[]) => promisify(execFile)('openssl', args, { cwd: home })

describe.each(['sm2', 'p256'])('a CA of one’s own, %s', (alg) => {
  const at = (name: string): string => join(alg, name)
  const uri = ['--uri', 'urn:zhengqiao:client:desk']

  it('makes root, issuing CA, request and certificate, whose path verifies until it is revoked', async () => {
    await made('ca', '测试根', '--out', at('root'), '--alg', alg, ...secret)
    const parent = ['--parent', at('root'), '--parent-passphrase-file', 'pass']
    await made('ca', '测试签发', '--out', at('ca'), '--alg', alg, ...parent)
    await made('request', 'desk', '--out', at('desk'), '--alg', alg)
    const csr = ['--csr', join(at('desk'), 'request.pem')]
    const cert = join(at('desk'), 'cert.pem')
    await made('issue', '--ca', at('ca'), ...csr, ...uri, '--out', cert)
    expect(await made('show', cert)).toContain(
      alg === 'sm2' ? 'SM2 with SM3' : 'ECDSA with SHA-256',
    )
    for (const file of [join(at('root'), 'key.pem'), join(at('desk'), 'key.pem')])
      expect((await stat(join(home, file))).mode & 0o777).toBe(0o600)

    // The other judge. It takes a user id for the last certificate only, so it sees link by link.
    const id = alg === 'sm2' ? ['-vfyopt', 'distid:1234567812345678'] : []
    const link = (trusted: string, file: string) =>
      openssl('verify', ...id, '-partial_chain', '-trusted', join(at(trusted), 'cert.pem'), file)
    for (const [above, file] of [
      ['root', join(at('root'), 'cert.pem')],
      ['root', join(at('ca'), 'cert.pem')],
      ['ca', cert],
    ] as const)
      expect((await link(above, file)).stdout).toContain('OK')
    await expect(link('root', cert)).rejects.toThrow()
    await openssl('req', '-verify', '-noout', '-in', join(at('desk'), 'request.pem'), ...id)

    await mkdir(join(home, at('trust')))
    const trust = async (ca: string, file: string): Promise<void> =>
      copyFile(join(home, at(ca), file), join(home, at('trust'), `${ca}-${file}`))
    await Promise.all([trust('root', 'cert.pem'), trust('root', 'crl.pem'), trust('ca', 'crl.pem')])
    const verify = () => runCaptured(['verify', cert, '--trust', at('trust')], { workingDir: home })
    expect(await verify()).toMatchObject({ code: 0 })
    const shown = await made('crl', '--ca', at('ca'), '--revoke', cert, '--reason', 'keyCompromise')
    const { serialNumber } = new X509Certificate(await readFile(join(home, cert)))
    expect(shown).toContain(serialNumber.toLowerCase())
    await trust('ca', 'crl.pem')
    expect((await verify()).code).toBe(1)
  }, 120_000)

  it('keeps the key of a CA behind its passphrase, and never overwrites one', async () => {
    const crl = ['crl', '--ca', at('root')]
    expect((await run(...crl)).err).toContain('--passphrase-file')
    expect((await run(...crl, '--passphrase-file', 'other')).err).toContain('wrong passphrase')
    expect(await made(...crl, ...secret)).toContain('crl')
    expect((await run('ca', 'x', '--out', at('root'))).err).toContain('there is a key already')
  }, 120_000)

  it('issues nothing for a request that its key did not sign', async () => {
    const request = await readFile(join(home, at('desk'), 'request.pem'), 'utf8')
    const [head = '', body = '', tail = ''] = request.split(/(?<=-----\n)|(?=-----END)/)
    const der = Buffer.from(body, 'base64')
    der.writeUInt8(der.readUInt8(der.length - 5) ^ 1, der.length - 5)
    const forged = `${head}${der.toString('base64').replace(/.{1,64}/g, '$&\n')}${tail}`
    await writeFile(join(home, at('forged.pem')), forged)
    const issue = ['issue', '--ca', at('ca'), ...uri, '--csr']
    expect((await run(...issue, at('forged.pem'))).code).toBe(1)
    expect((await run(...issue, 'pass')).code).toBe(1)
    expect((await run(...issue, 'missing')).code).toBe(1)
  })
})

it('answers a wrong line with its usage', async () => {
  expect((await run('ca', 'x', '--out', 'y', '--alg', 'rsa')).code).toBe(3)
  expect((await run('crl')).code).toBe(3)
})
