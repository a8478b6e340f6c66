import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { clientUri, type Environment } from '../access/environment.ts'
import type { ClientAuthority, OnboardingDeps } from '../access/onboarding-deps.ts'
import type { Clock } from '../contract/clock.ts'
import { GatewayError } from '../contract/error.ts'
import type { Sm2Engine } from '../crypto/sm2/engine.ts'
import { isSm2Spki } from '../crypto/sm2/public-key.ts'
import { type Authority, issueCertificate } from '../trust/dev-ca.ts'
import { parseCertificate } from '../trust/parse-certificate.ts'
import { readPem } from '../trust/read-pem.ts'
import { createRequestVerifier } from '../trust/signing-request.ts'
import { loadIssuingKey } from '../trust/sm2-issuing-key.ts'
import { writeName } from '../trust/write-name.ts'
import type { DataFolder } from '../config.ts'
import { environmentOfMode } from './environment-of-mode.ts'
import type { House } from './house.ts'

/** Onboarding, with the development CA where `zhengqiao init` has made one. */
export const onboardingDeps = async ({
  store,
  keys,
  clock,
  folder,
  gateway,
  gm,
  algorithms,
}: House): Promise<OnboardingDeps> => ({
  db: store.db,
  keys,
  clock,
  randomBytes,
  keyRules: {
    algorithms: algorithms.signing,
    verifies: createRequestVerifier(gm.verifiers.verifyDer),
  },
  authority: await openAuthorities(folder, gm.sm2, {
    clock,
    environment: environmentOfMode(gateway.mode),
  }),
})

const clockToleranceMs = 300_000
const dayMs = 86_400_000

type Setting = { readonly clock: Clock; readonly environment: Environment }

/** Undefined where the data folder has no CA: certificates then come from outside. */
const openAuthorities = async (
  folder: DataFolder,
  sm2: Sm2Engine,
  setting: Setting,
): Promise<ClientAuthority | undefined> => {
  const found = await Promise.all(
    ['issuing', 'sm2-issuing'].map((name) => openAuthority(folder, name, sm2)),
  )
  const authorities = found.filter((each) => each !== undefined)
  if (authorities.length === 0) return undefined
  return {
    issue: async (order) => {
      const isSm2 = isSm2Spki(order.spki)
      const authority = authorities.find(({ key }) => isSm2Spki(key.spki) === isSm2)
      if (authority === undefined)
        throw new GatewayError('precondition_failed', '本网关的证书机构不签发此算法的证书')
      return { chain: [await issueClient(authority, setting, order), authority.certificate] }
    },
  }
}

const openAuthority = async (
  folder: DataFolder,
  name: string,
  sm2: Sm2Engine,
): Promise<Authority | undefined> => {
  const keyPem = await readOptional(join(folder.authority, `${name}.key.pem`))
  const pem = await readOptional(join(folder.trust, `${name}.pem`))
  const [block] = pem === undefined ? [] : readPem(pem)
  if (keyPem === undefined || block === undefined) return undefined
  const { subject } = parseCertificate(block.der)
  return { name: subject.encoding, key: loadIssuingKey(sm2, keyPem), certificate: block.der }
}

const issueClient = (
  issuer: Authority,
  { clock, environment }: Setting,
  { clientId, organisationNameZh, spki, validForDays }: Parameters<ClientAuthority['issue']>[0],
): Promise<Uint8Array> => {
  const now = Math.floor(clock.now().getTime() / 1000) * 1000
  return issueCertificate({
    issuer,
    profile: 'client',
    subject: writeName({
      countryName: 'CN',
      organizationName: organisationNameZh,
      commonName: clientId,
    }),
    spki,
    uri: clientUri(environment, clientId),
    validity: {
      notBefore: new Date(now - clockToleranceMs),
      notAfter: new Date(now + validForDays * dayMs),
    },
    random: randomBytes,
  })
}

const readOptional = (path: string): Promise<string | undefined> =>
  readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  })
