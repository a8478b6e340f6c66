import type { RandomBytes } from '../contract/uuid.ts'
import { type AtRest, gmAtRest, internationalAtRest } from './at-rest.ts'
import type { DigestName } from './digest.ts'
import { type GmCrypto, openGmCrypto } from './provider/gm-crypto.ts'
import type { SigningAlgorithm } from './signer.ts'

/** `zhengqiao init --profile`; stored in the database and never changed afterwards. */
export const profileNames = ['international', 'gm'] as const
export type ProfileName = (typeof profileNames)[number]

/**
 * What one gateway's own work is done with, chosen once by its profile and handed in by main. What others
 * have signed is verified under the algorithm that it names, and as far as `signing` allows it.
 */
export type Algorithms = {
  readonly profile: ProfileName
  /** Events, commitments, the log's tree, idempotency, whatever else is only compared. */
  readonly digestName: DigestName
  /** Keys that clients and departments may have; the first is what `init` makes. */
  readonly signing: readonly [SigningAlgorithm, ...SigningAlgorithm[]]
  readonly atRest: AtRest
  /** SM2, SM3 and SM4, which every profile must be able to verify. */
  readonly gm: GmCrypto
}

/** The digest of a profile, for whoever needs nothing else of it. */
export const digestNameOf = (profile: ProfileName = 'international'): DigestName =>
  profile === 'gm' ? 'sm3' : 'sha-256'

/**
 * Opens the algorithms of a profile.
 * @throws RangeError when the national ones fail their self-test
 */
export const openAlgorithms = async (
  profile: ProfileName = 'international',
  random: RandomBytes,
): Promise<Algorithms> => {
  const gm = await openGmCrypto({ random })
  const digestName = digestNameOf(profile)
  return profile === 'gm'
    ? { profile, digestName, signing: ['SM2-SM3'], atRest: gmAtRest(gm.sm4Gcm), gm }
    : { profile, digestName, signing: ['ES256', 'SM2-SM3'], atRest: internationalAtRest, gm }
}
