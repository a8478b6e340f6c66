import { GatewayError } from '../contract/error.ts'
import type { Credential } from '../licences/credential.ts'
import type { SigningCertificate } from '../licences/signing-certificate.ts'
import {
  custodyPageSigner,
  departmentPageSigner,
  type PageSigner,
  WrongSignatureError,
} from './sign-page.ts'
import { SignerRefusedError } from './signer-refused-error.ts'
import type { StoredStandingOrder } from './standing-order-store.ts'
import type { RowToSign, StockDeps } from './stock-deps.ts'

const timeoutMs = 5000

type SingleSigners = Pick<StockDeps, 'custodySigner' | 'requestSignatures' | 'signatures'>

/**
 * Has one credential signed under a standing order.
 * @throws GatewayError hall_unavailable when the department's signer does not answer, precondition_failed
 * when it refuses
 */
export const signSingle = async (
  deps: SingleSigners,
  certificate: SigningCertificate,
  order: StoredStandingOrder,
  credential: Credential,
): Promise<Uint8Array> => {
  const row = { chunk: 1, line: 1, ...credential }
  try {
    const signer = await pageSigner(deps, certificate, order, row)
    const [signature] = await signer.sign([row])
    await signer.end()
    if (signature !== undefined) return signature
    throw new WrongSignatureError('no signature')
  } catch (cause) {
    if (cause instanceof SignerRefusedError) {
      throw new GatewayError('precondition_failed', '部门签发器拒绝签发,请核对长期放行单', {
        cause,
      })
    }
    throw new GatewayError('hall_unavailable', '部门签发器暂时没有应答,请稍后再试', { cause })
  }
}

const pageSigner = async (
  { custodySigner, requestSignatures, signatures }: SingleSigners,
  certificate: SigningCertificate,
  { jws, certificate: steward }: StoredStandingOrder,
  row: RowToSign,
): Promise<PageSigner> => {
  const own = custodySigner(certificate.certificateId)
  if (certificate.keyCustody === 'gateway' && own !== undefined) return custodyPageSigner(own)
  const standingOrder = { jws, certificate: Buffer.from(steward).toString('base64url') }
  const answer = requestSignatures(
    certificate.signerUrl ?? '',
    { standingOrder },
    only(row),
    AbortSignal.timeout(timeoutMs),
  )
  return departmentPageSigner(certificate, answer, { skip: 0, signatures })
}

async function* only(row: RowToSign): AsyncGenerator<RowToSign> {
  yield row
}
