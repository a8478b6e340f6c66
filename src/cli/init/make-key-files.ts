import { generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import type { Algorithms } from '../../crypto/algorithms.ts'
import { formatVerifierKey, makeVerifierKey, type NoteVerifierKey } from '../../crypto/note-key.ts'
import type { SigningAlgorithm } from '../../crypto/signer.ts'
import type { Sm2Engine } from '../../crypto/sm2/engine.ts'
import { sm2NoteSigner } from '../../crypto/sm2/sm2-signer.ts'
import { writeSm2PrivateKeyPem } from '../../crypto/sm2/write-private-key.ts'
import { custodyPolicies } from '../../verification/key-custody.ts'
import { initSignerFolder } from '../../signer/signer-folder.ts'
import { toPem } from '../../trust/pem.ts'
import { clientUri, type Environment } from '../../access/environment.ts'
import type { CityFile } from './city-file.ts'
import type { DataFolder } from '../../config.ts'
import { writePublic, writeSecret } from './write-whole.ts'
import type { DevelopmentAuthority, IssuedLeaf } from './make-authority.ts'

/** Under which algorithm an organisation's keys sign. */
export type AlgorithmOf = (organisationId: string) => SigningAlgorithm

export type IssuedClient = { readonly clientId: string; readonly certificate: Uint8Array }

export type IssuedSigner = {
  readonly issuerCode: string
  readonly leaf: IssuedLeaf
  readonly keyCustody: 'department' | 'gateway'
  readonly signerUrl: string | null
}

/** One key and certificate for every client of the city, each in a folder of its own. */
export const makeClientKeys = async (
  folder: DataFolder,
  authority: DevelopmentAuthority,
  {
    city,
    environment,
    algOf,
  }: {
    readonly city: CityFile
    readonly environment: Environment
    readonly algOf: AlgorithmOf
  },
): Promise<readonly IssuedClient[]> => {
  const organisations = new Map(city.organisations.map((each) => [each.id, each]))
  const issued: IssuedClient[] = []
  for (const client of city.clients) {
    const leaf = await authority.issue({
      alg: algOf(client.organisation),
      profile: 'client',
      subject: {
        organizationName: organisations.get(client.organisation)?.nameZh ?? client.organisation,
        commonName: client.id,
      },
      uri: clientUri(environment, client.id),
    })
    await writeSecret(join(folder.clients, client.id, 'key.pem'), leaf.privateKeyPem)
    await writePublic(
      join(folder.clients, client.id, 'cert.pem'),
      toPem('CERTIFICATE', leaf.certificate),
    )
    issued.push({ clientId: client.id, certificate: leaf.certificate })
  }
  return issued
}

/**
 * A licence-signing key for every department: into its own signer's folder where it runs one, with the
 * certificates of the stewards whose orders count there, else into the gateway's custody.
 */
export const makeSigningKeys = async (
  folder: DataFolder,
  authority: DevelopmentAuthority,
  {
    city,
    clients,
    publicUrl,
    algOf,
  }: {
    readonly city: CityFile
    readonly clients: readonly IssuedClient[]
    readonly publicUrl: string
    readonly algOf: AlgorithmOf
  },
): Promise<readonly IssuedSigner[]> => {
  const urls = new Map(city.signers.map(({ organisation, url }) => [organisation, url]))
  const issued: IssuedSigner[] = []
  for (const organisation of city.organisations) {
    const { id, uscc, nameZh, roles } = organisation
    if (!roles.includes('D')) continue
    const signerUrl = urls.get(id) ?? null
    const keyCustody = signerUrl === null ? 'gateway' : 'department'
    const leaf = await authority.issue({
      alg: algOf(id),
      profile: 'licenceSigning',
      subject: { organizationName: nameZh, organizationIdentifier: uscc, commonName: nameZh },
      uri: `${publicUrl}/issuers/${uscc}`,
      policies: [custodyPolicies[keyCustody]],
    })
    if (signerUrl === null) await writeCustody(join(folder.custody, uscc), leaf)
    else await writeSigner(join(folder.signers, id), leaf, stewardsOf(organisation, city, clients))
    issued.push({ issuerCode: uscc, leaf, keyCustody, signerUrl })
  }
  return issued
}

const writeCustody = async (home: string, leaf: IssuedLeaf): Promise<void> => {
  await writeSecret(join(home, 'key.pem'), leaf.privateKeyPem)
  await writePublic(join(home, 'chain.pem'), leaf.chainPem)
}

const writeSigner = (home: string, leaf: IssuedLeaf, stewards: readonly Steward[]): Promise<void> =>
  initSignerFolder(home, { keyPem: leaf.privateKeyPem, chainPem: leaf.chainPem, stewards })

type Steward = { readonly name: string; readonly der: Uint8Array }

/** The department's own stewards and those of the one above it. */
const stewardsOf = (
  { id, parent }: CityFile['organisations'][number],
  city: CityFile,
  clients: readonly IssuedClient[],
): readonly Steward[] => {
  const certificates = new Map(clients.map(({ clientId, certificate }) => [clientId, certificate]))
  return city.clients.flatMap((client) => {
    const der = certificates.get(client.id)
    const isTheirs = client.organisation === id || client.organisation === parent
    return isTheirs && client.roles.includes('S') && der !== undefined
      ? [{ name: client.id, der }]
      : []
  })
}

/**
 * The ledger's note keys (with their public halves in trust/) and the gateway's attestation key: Ed25519
 * and, beside it, SM2; under the gm profile SM2 alone.
 */
export const makeGatewayKeys = async (
  folder: DataFolder,
  authority: DevelopmentAuthority,
  {
    gateway,
    algorithms,
  }: {
    readonly gateway: { readonly name: string; readonly publicUrl: string }
    readonly algorithms: Algorithms
  },
): Promise<void> => {
  const { signing, gm } = algorithms
  const [alg] = signing
  if (signing.includes('ES256')) await makeNoteKey(folder, gateway.name)
  await makeSm2NoteKey(folder, gateway.name, gm.sm2)
  const leaf = await authority.issue({
    alg,
    profile: 'ledgerAttestation',
    subject: { organizationName: gateway.name, commonName: `${gateway.name} attestation` },
    uri: `${gateway.publicUrl}/gateway`,
  })
  await writeSecret(folder.attestationKey, leaf.privateKeyPem)
  await writePublic(folder.attestationChain, leaf.chainPem)
}

const makeNoteKey = async (folder: DataFolder, name: string): Promise<void> => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  await writeSecret(folder.noteKey, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  await writeVerifierKey(folder, 'gateway', makeVerifierKey(name, 'ed25519', spki.subarray(-32)))
}

const makeSm2NoteKey = async (folder: DataFolder, name: string, sm2: Sm2Engine): Promise<void> => {
  const key = sm2.generateKey()
  await writeSecret(folder.sm2NoteKey, writeSm2PrivateKeyPem(key))
  await writeVerifierKey(folder, 'gateway-sm2', sm2NoteSigner(sm2, key, name).key)
}

const writeVerifierKey = (folder: DataFolder, file: string, key: NoteVerifierKey): Promise<void> =>
  writePublic(join(folder.trust, `${file}.vkey`), `${formatVerifierKey(key)}\n`)
