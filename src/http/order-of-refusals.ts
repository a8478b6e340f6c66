import type { Endpoint } from '../contract/endpoint.ts'
import type { ErrorCode } from '../contract/error.ts'
import type { Tx } from '../store/in-transaction.ts'
import { checkBodyLength } from './checks/check-body-length.ts'
import { checkCapacity } from './checks/check-capacity.ts'
import { checkCertificate } from './checks/check-certificate.ts'
import { checkClient } from './checks/check-client.ts'
import { checkClock } from './checks/check-clock.ts'
import { checkContentType } from './checks/check-content-type.ts'
import { checkDigest } from './checks/check-digest.ts'
import { checkHead } from './checks/check-head.ts'
import { checkIdempotency } from './checks/check-idempotency.ts'
import { checkJson } from './checks/check-json.ts'
import { checkKnownFields } from './checks/check-known-fields.ts'
import { checkNonce } from './checks/check-nonce.ts'
import { checkOperator } from './checks/check-operator.ts'
import { checkRate } from './checks/check-rate.ts'
import { checkRole } from './checks/check-role.ts'
import { checkSignatureForm } from './checks/check-signature-form.ts'
import { checkSignature } from './checks/check-signature.ts'
import { checkTarget } from './checks/check-target.ts'
import { checkValues } from './checks/check-values.ts'
import type { Exchange } from './exchange.ts'
import type { PipelineDeps } from './pipeline-deps.ts'

export type Stage = {
  readonly name: string
  /** What it can answer on this endpoint; a stage without codes does not run there. */
  readonly codes: (endpoint: Endpoint<Tx>) => readonly ErrorCode[]
  /**
   * What a refusal leaves: nothing, one count in the minute's summary event, or an event of its own. An
   * unsigned request cannot make the gateway write; a signed one always does.
   */
  readonly evidence: 'none' | 'counted' | 'filed'
  readonly check: (deps: PipelineDeps, exchange: Exchange) => void | Promise<void>
}

const tooLarge = ({ body }: Endpoint<Tx>): ErrorCode =>
  body === 'stream' ? 'chunk_too_large' : 'body_too_large'

/**
 * The order in which a request is refused. The pipeline runs these stages, the OpenAPI document lists
 * their codes, the test over all routes walks them. After the last one the endpoint itself refuses, in
 * the order object 404, item and type 403, state 409 and 412.
 */
export const orderOfRefusals: readonly Stage[] = [
  {
    name: 'route',
    codes: () => ['route_not_found', 'method_not_allowed'],
    evidence: 'none',
    check: checkTarget,
  },
  { name: 'capacity', codes: () => ['rate_limited'], evidence: 'none', check: checkCapacity },
  {
    name: 'head',
    codes: (endpoint) => ['head_too_large', tooLarge(endpoint)],
    evidence: 'none',
    check: checkHead,
  },
  {
    name: 'signature headers',
    codes: () => ['signature_required', 'signature_invalid'],
    evidence: 'counted',
    check: checkSignatureForm,
  },
  {
    name: 'client',
    codes: () => ['client_unknown', 'ledger_unavailable'],
    evidence: 'counted',
    check: checkClient,
  },
  {
    name: 'certificate',
    codes: () => ['certificate_expired', 'certificate_revoked'],
    evidence: 'counted',
    check: checkCertificate,
  },
  { name: 'clock', codes: () => ['clock_skew'], evidence: 'counted', check: checkClock },
  {
    name: 'signature',
    codes: () => ['signature_invalid'],
    evidence: 'counted',
    check: checkSignature,
  },
  { name: 'rate', codes: () => ['rate_limited'], evidence: 'filed', check: checkRate },
  { name: 'nonce', codes: () => ['nonce_replayed'], evidence: 'filed', check: checkNonce },
  { name: 'role', codes: () => ['scope_missing'], evidence: 'filed', check: checkRole },
  {
    name: 'body length',
    codes: (endpoint) => (endpoint.body === 'stream' ? [] : ['body_too_large', 'digest_mismatch']),
    evidence: 'filed',
    check: checkBodyLength,
  },
  { name: 'digest', codes: () => ['digest_mismatch'], evidence: 'filed', check: checkDigest },
  {
    name: 'content type',
    codes: () => ['file_type_unsupported'],
    evidence: 'filed',
    check: checkContentType,
  },
  {
    name: 'json',
    codes: (endpoint) => (endpoint.body === 'stream' ? [] : ['malformed_json']),
    evidence: 'filed',
    check: checkJson,
  },
  { name: 'fields', codes: () => ['unknown_field'], evidence: 'filed', check: checkKnownFields },
  { name: 'values', codes: () => ['validation_failed'], evidence: 'filed', check: checkValues },
  {
    name: 'idempotency',
    codes: ({ idempotent }) =>
      idempotent ? ['idempotency_key_reused', 'idempotency_in_progress'] : [],
    evidence: 'filed',
    check: checkIdempotency,
  },
  {
    name: 'operator',
    codes: () => ['operator_unknown', 'operator_suspended'],
    evidence: 'filed',
    check: checkOperator,
  },
]

/** The stages that run on an endpoint. */
export const stagesOf = (endpoint: Endpoint<Tx>): readonly Stage[] =>
  orderOfRefusals.filter(({ codes }) => codes(endpoint).length > 0)
