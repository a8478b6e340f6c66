import { z } from 'zod'
import { keyUsageBit, type KeyUsageName } from '../../trust/certificate-extensions.ts'
import { oid } from '../../trust/oid.ts'
import {
  strictPathPolicy,
  type PathPolicy,
  type PeerName,
  type RevocationNeed,
} from '../../trust/path-policy.ts'
import { readPem } from '../../trust/read-pem.ts'
import { validatePath, type PathRequest } from '../../trust/validate-path.ts'
import { limboSignatureOids } from './limbo-signature-oids.ts'
import type { ReadSuite } from './suite.ts'

const peerKinds = { DNS: 'dns', IP: 'ip', RFC822: 'email' } as const
const purposes: Readonly<Record<string, string>> = {
  anyExtendedKeyUsage: oid.anyExtendedKeyUsage,
  serverAuth: oid.serverAuth,
  clientAuth: oid.clientAuth,
  codeSigning: oid.codeSigning,
  emailProtection: oid.emailProtection,
  timeStamping: oid.timeStamping,
  OCSPSigning: oid.ocspSigning,
}

const peerName = z
  .object({ kind: z.enum(['DNS', 'IP', 'RFC822']), value: z.string() })
  .transform(({ kind, value }): PeerName => ({ kind: peerKinds[kind], value }))

/** limbo's `contentCommitment` is nonRepudiation. */
const keyUsage = z
  .string()
  .transform((name) => (name === 'contentCommitment' ? 'nonRepudiation' : name))
  .refine((name): name is KeyUsageName => Object.hasOwn(keyUsageBit, name))

/** What every case must have; the rest is read case by case, so that an odd one is only its own loss. */
const suiteFile = z.object({
  testcases: z.array(
    z.looseObject({ id: z.string(), expected_result: z.enum(['SUCCESS', 'FAILURE']) }),
  ),
})

const caseInputs = z.object({
  validation_kind: z.enum(['CLIENT', 'SERVER']),
  trusted_certs: z.array(z.string()),
  untrusted_intermediates: z.array(z.string()).default([]),
  peer_certificate: z.string(),
  validation_time: z.iso.datetime({ offset: true }).nullish(),
  signature_algorithms: z.array(z.string()).default([]),
  key_usage: z.array(keyUsage).default([]),
  extended_key_usage: z.array(z.string()).default([]),
  expected_peer_name: peerName.nullish(),
  expected_peer_names: z.array(peerName).default([]),
  max_chain_depth: z.number().int().nullish(),
  crls: z.array(z.string()).default([]),
})

type Case = z.infer<typeof caseInputs>

/** Suite `limbo` (C2SP x509-limbo, schema version 1). */
export const readLimboSuite: ReadSuite = async function* ({ json, cpuMs, now }) {
  for (const item of suiteFile.parse(json).testcases) {
    const accepts = async (): Promise<boolean> => {
      const request = requestOf(caseInputs.parse(item), now)
      return (await validatePath({ ...request, cpuNow: cpuMs })).verdict === 'passed'
    }
    const expected = item.expected_result === 'SUCCESS' ? 'accept' : 'reject'
    yield { id: item.id, expected, accepts }
  }
}

const requestOf = (item: Case, now: Date): PathRequest => ({
  leaf: ders([item.peer_certificate])[0] ?? new Uint8Array(),
  pool: ders(item.untrusted_intermediates),
  anchors: ders(item.trusted_certs),
  crls: ders(item.crls),
  at: item.validation_time ? new Date(item.validation_time) : now,
  policy: policyOf(item),
})

const ders = (pems: readonly string[]): readonly Uint8Array[] =>
  pems.flatMap((pem) => readPem(pem).map(({ der }) => der))

/** A case without CRLs asks for no revocation check; with CRLs, for the status of the whole path. */
const policyOf = (item: Case): PathPolicy => {
  const need: RevocationNeed = item.crls.length > 0 ? 'required' : 'ignored'
  const { max_chain_depth: depth, signature_algorithms: names } = item
  const signatures = names.flatMap((name) => limboSignatureOids[name] ?? [])
  return {
    ...strictPathPolicy,
    purposes: purposesOf(item),
    keyUsages: item.key_usage,
    peerNames: [...(item.expected_peer_name ? [item.expected_peer_name] : [])].concat(
      item.expected_peer_names,
    ),
    ...(typeof depth === 'number' ? { intermediatesMax: depth } : {}),
    revocation: { leaf: need, authorities: need },
    algorithms: {
      ...strictPathPolicy.algorithms,
      ...(names.length > 0 ? { signatures } : {}),
    },
  }
}

/** A case that lists no usage is about TLS of its kind; usages stand as names or OIDs. */
const purposesOf = (item: Case): readonly string[] => {
  if (item.extended_key_usage.length === 0) {
    return [item.validation_kind === 'SERVER' ? oid.serverAuth : oid.clientAuth]
  }
  return item.extended_key_usage.map((name) => purposes[name] ?? name)
}
