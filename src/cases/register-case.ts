import type { ServiceItem } from '../catalogue/service-item.ts'
import type { Caller } from '../contract/caller.ts'
import type { Clock } from '../contract/clock.ts'
import type { Answer } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import { type CaseId, type ClientId, type OperatorId, asId } from '../contract/ids.ts'
import { type RandomBytes, newUuidV7 } from '../contract/uuid.ts'
import { canonicalJson } from '../crypto/canonical-json.ts'
import { digest, type DigestName } from '../crypto/digest.ts'
import { normaliseHolderId } from '../licences/normalise-holder-id.ts'
import { mayBeKept, type People } from '../licences/synthetic-holder.ts'
import type { DataKeys } from '../store/data-keys.ts'
import {
  type CaseFile,
  type CaseRegistration,
  type Subject,
  caseValidForDays,
} from './case-file.ts'
import {
  type CaseDb,
  findCaseByNumber,
  insertCase,
  type SaltedDigest,
  subjectText,
} from './case-store.ts'
import { caseSummary } from './case-summary.ts'
import { requireKnownFacts } from './require-known-facts.ts'

export type RegisterCaseDeps = {
  /** Of what was registered, salted; sha-256 unless the profile says sm3. */
  readonly digestName: DigestName
  readonly clock: Clock
  readonly randomBytes: RandomBytes
  readonly keys: DataKeys
  /** Whose cases are kept; anybody's when it is not said. */
  readonly people?: People
  readonly findItem: (code: string) => Promise<ServiceItem | undefined>
  readonly findOperatorClient: (
    operatorId: OperatorId,
  ) => Promise<{ readonly clientId: ClientId; readonly suspended: boolean } | undefined>
  readonly grantedTypes: (clientId: ClientId, item: ServiceItem) => Promise<readonly string[]>
}

/**
 * Registers a case. A registrar's case binds the operator's system to it (`registered`); a clerk system
 * or portal can only assert its own (`asserted`, existence only). The same number, item and body again
 * answers 200 with the first case.
 * @throws GatewayError item_not_found, operator_unknown, operator_suspended, legal_basis_mismatch,
 * mandate_invalid, id_checksum, validation_failed, case_conflict.
 */
export const registerCase = async (
  deps: RegisterCaseDeps,
  tx: CaseDb,
  caller: Caller,
  body: CaseRegistration,
): Promise<Answer> => {
  const item = await deps.findItem(body.itemCode)
  if (item === undefined) throw new GatewayError('item_not_found')
  requireNoMandate(body)
  requirePeople(deps.people, body)
  requireKnownFacts(item, body.facts)
  requireLegalBasis(item, body)
  const clientId = await ownerOfCase(deps, caller, asId(body.operator.id))
  const content = `case|${canonicalJson(body)}`
  const salt = deps.randomBytes(32)
  const said = { salt, digest: digestOf(deps.digestName, content, salt) }
  const file = newCaseFile(deps, caller, { body, item, clientId })
  const added = await insertCase(tx, deps.keys, { ...file, said })
  if (added) return answer(201, file, item, await deps.grantedTypes(clientId, item))
  const first = await findCaseByNumber(tx, deps.keys, file)
  if (first === undefined || !isSame(deps.digestName, content, first.said))
    throw new GatewayError('case_conflict')
  return answer(200, first.file, item, await deps.grantedTypes(first.file.clientId, item))
}

const digestOf = (name: DigestName, content: string, salt: Uint8Array): Uint8Array =>
  digest(name, Buffer.concat([salt, Buffer.from(content)]))

const isSame = (name: DigestName, content: string, said: SaltedDigest): boolean =>
  Buffer.compare(digestOf(name, content, said.salt), said.digest) === 0

const ownerOfCase = async (
  deps: RegisterCaseDeps,
  caller: Caller,
  operatorId: OperatorId,
): Promise<ClientId> => {
  if (caller.roles.includes('P')) return caller.clientId
  const operator = await deps.findOperatorClient(operatorId)
  const isRegistrar = caller.roles.includes('R')
  if (operator === undefined || (!isRegistrar && operator.clientId !== caller.clientId)) {
    throw new GatewayError('operator_unknown')
  }
  if (operator.suspended) throw new GatewayError('operator_suspended')
  return operator.clientId
}

const newCaseFile = (
  { clock, randomBytes, keys }: RegisterCaseDeps,
  caller: Caller,
  { body, item, clientId }: { body: CaseRegistration; item: ServiceItem; clientId: ClientId },
): CaseFile => {
  const now = clock.now()
  const subject = checkedSubject(body.subject, '/subject')
  return {
    caseId: asId<CaseId>(newUuidV7(now.getTime(), randomBytes)),
    caseNo: body.caseNo,
    registrarId: caller.clientId,
    clientId,
    itemCode: item.code,
    itemVersion: item.version,
    channel: body.channel,
    division: body.division ?? null,
    assurance:
      caller.roles.includes('R') && caller.clientId !== clientId ? 'registered' : 'asserted',
    state: 'open',
    outcome: null,
    createdAt: now,
    expiresAt: new Date(now.getTime() + caseValidForDays * 86_400_000),
    closedAt: null,
    subjectIndex: keys.index('subject', subjectText(subject)).index,
    people: {
      subject,
      relatedSubjects: body.relatedSubjects.map((related, place) => ({
        role: related.role,
        ...checkedSubject(related, `/relatedSubjects/${String(place)}`),
      })),
      facts: body.facts,
      consents: body.consents,
      operatorId: asId(body.operator.id),
      operatorName: body.operator.name,
    },
  }
}

const checkedSubject = ({ idType, id, name }: Subject, pointer: string): Subject => {
  const normalised = normaliseHolderId(idType, id)
  if (normalised === undefined) {
    throw new GatewayError('id_checksum', undefined, {
      errors: [{ pointer: `${pointer}/id`, code: 'id_checksum', detail: '证件号码校验位不正确' }],
    })
  }
  return { idType, id: normalised, name }
}

/** A live case is about nobody invented, a sandbox's about nobody real. */
const requirePeople = (
  people: People = 'any',
  { subject, relatedSubjects }: CaseRegistration,
): void => {
  if ([subject, ...relatedSubjects].every((each) => mayBeKept(people, each))) return
  throw new GatewayError('validation_failed', '测试主体与真实主体不得混用', {
    errors: [
      {
        pointer: '/subject',
        code: 'holder_environment',
        detail: '沙箱只收 370299 的测试主体,正式网关一概不收',
      },
    ],
  })
}

const requireNoMandate = ({ mandateId }: CaseRegistration): void => {
  if (mandateId !== undefined) {
    throw new GatewayError('mandate_invalid', '本网关尚未开通委托授权,请由持证人本人办理')
  }
}

const requireLegalBasis = (item: ServiceItem, { legalBasis }: CaseRegistration): void => {
  if (legalBasis !== undefined && legalBasis !== item.legalBasis) {
    throw new GatewayError('legal_basis_mismatch')
  }
}

const answer = (
  status: 200 | 201,
  file: CaseFile,
  item: ServiceItem,
  allowedTypes: readonly string[],
): Answer => ({
  status,
  data: { ...caseSummary(file), allowedTypes },
  deed: {
    action: 'case.register',
    decision: 'allowed',
    caseId: file.caseId,
    assurance: file.assurance,
    itemCode: item.code,
    itemVersion: item.version,
    legalBasis: item.legalBasis,
    subjectIndex: file.subjectIndex,
    detail: { caseNo: file.caseNo, clientId: file.clientId, repeated: status === 200 },
  },
})
