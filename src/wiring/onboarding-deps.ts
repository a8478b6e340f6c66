import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { clientUri, type Environment } from '../access/environment.ts'
import type { ClientAuthority, OnboardingDeps } from '../access/onboarding-deps.ts'
import type { Clock } from '../contract/clock.ts'
import { issueCertificate } from '../trust/dev-ca.ts'
import { loadP256Key } from '../trust/issuing-key.ts'
import { parseCertificate } from '../trust/parse-certificate.ts'
import { readPem } from '../trust/read-pem.ts'
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
}: House): Promise<OnboardingDeps> => ({
  db: store.db,
  keys,
  clock,
  randomBytes,
  authority: await openAuthority(folder, clock, environmentOfMode(gateway.mode)),
})

const clockToleranceMs = 300_000
const dayMs = 86_400_000

/** Undefined where the data folder has no CA: certificates then come from outside. */
const openAuthority = async (
  folder: DataFolder,
  clock: Clock,
  environment: Environment,
): Promise<ClientAuthority | undefined> => {
  const keyPem = await readOptional(join(folder.authority, 'issuing.key.pem'))
  const pem = await readOptional(join(folder.trust, 'issuing.pem'))
  const [block] = pem === undefined ? [] : readPem(pem)
  if (keyPem === undefined || block === undefined) return undefined
  const { subject } = parseCertificate(block.der)
  const issuer = { name: subject.encoding, key: loadP256Key(keyPem) }
  return {
    issue: async ({ clientId, organisationNameZh, spki, validForDays }) => {
      const now = Math.floor(clock.now().getTime() / 1000) * 1000
      const leaf = await issueCertificate({
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
      return { chain: [leaf, block.der] }
    },
  }
}

const readOptional = (path: string): Promise<string | undefined> =>
  readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  })
