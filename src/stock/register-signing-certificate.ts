import { z } from 'zod'
import type { Caller } from '../contract/caller.ts'
import { cityTimeOf } from '../contract/clock.ts'
import type { Answer } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import { asId, type Uscc } from '../contract/ids.ts'
import {
  findCurrentSigningCertificate,
  registerSigningCertificate,
  retireSigningCertificates,
} from '../licences/signing-certificate-store.ts'
import type { SigningCertificate } from '../licences/signing-certificate.ts'
import type { StockDb } from './batch-store.ts'
import { actsFor } from './get-own-batch.ts'
import type { StockDeps } from './stock-deps.ts'
import { lockIssuer } from './supersession-store.ts'

export const signingCertificateBody = z.strictObject({
  issuerCode: z
    .string()
    .regex(/^[0-9A-Z]{18}$/)
    .transform((code) => asId<Uscc>(code)),
  /** PEM, the department's own first, without the anchor. */
  chain: z.string().min(1).max(40_000),
})

export const signingCertificateData = z.object({
  certificateId: z.string(),
  issuerCode: z.string(),
  alg: z.enum(['ES256', 'SM2-SM3']),
  keyCustody: z.enum(['department', 'gateway']),
  notAfter: z.string(),
})

/**
 * Makes a new certificate the one under which a department's licences are signed from now on. Its path
 * must hold by the gateway's trust, and it must name the department; who holds the key, and where its
 * signer listens, stays as it is. What the old one signed is not touched: see requestResign.
 * @throws GatewayError scope_missing, validation_failed, precondition_failed
 */
export const registerNewSigningCertificate = async (
  deps: StockDeps,
  tx: StockDb,
  caller: Caller,
  { issuerCode, chain }: z.output<typeof signingCertificateBody>,
): Promise<Answer> => {
  const department = await deps.findDepartment(issuerCode)
  if (department === undefined || caller.kind !== 'person' || !actsFor(caller, department)) {
    throw new GatewayError('scope_missing', '只能登记本部门或所属机构的签发证书')
  }
  await lockIssuer(tx, issuerCode)
  const current = await findCurrentSigningCertificate(tx, issuerCode)
  if (current === undefined) {
    throw new GatewayError('precondition_failed', '该机构的第一份签发证书由网关初始化时登记')
  }
  const { keyCustody, signerUrl } = current
  const certificate = await judge(deps, { issuerCode, chain, keyCustody })
  const now = deps.clock.now()
  const next = { ...certificate, issuerCode, keyCustody, signerUrl }
  const certificateId = await registerSigningCertificate(tx, next, now)
  if (keyCustody === 'gateway' && deps.custodySigner(certificateId) === undefined) {
    throw new GatewayError('precondition_failed', '网关没有这份证书的私钥,请先放入并重启网关')
  }
  await retireSigningCertificates(tx, { issuerCode, except: certificateId }, now)
  // One that was taken out of use stays so, perhaps for a reason; without it the department could not sign.
  const standing = await findCurrentSigningCertificate(tx, issuerCode)
  if (standing?.certificateId !== certificateId) {
    throw new GatewayError('precondition_failed', '这份证书已停用,不能再登记,请登记新的证书')
  }
  return answer({ ...next, certificateId })
}

const judge = async (
  { judgeSigningChain }: Pick<StockDeps, 'judgeSigningChain'>,
  {
    issuerCode,
    chain,
    keyCustody,
  }: Pick<SigningCertificate, 'issuerCode' | 'keyCustody'> & { readonly chain: string },
) => {
  const judged = await judgeSigningChain(chain, issuerCode)
  if (judged === undefined) {
    throw new GatewayError('validation_failed', '证书不可信,或不是该机构的证照签发证书', {
      errors: [
        { pointer: '/chain', code: 'signing_certificate', detail: '请核对证书、用途和机构' },
      ],
    })
  }
  const { claimedCustody, ...certificate } = judged
  if (claimedCustody !== undefined && claimedCustody !== keyCustody) {
    throw new GatewayError('validation_failed', '证书所写的密钥保管方与实际不符', {
      errors: [{ pointer: '/chain', code: 'key_custody', detail: '请用按实际保管方签发的证书' }],
    })
  }
  return certificate
}

const answer = (certificate: SigningCertificate): Answer => {
  const { certificateId, issuerCode, alg, keyCustody } = certificate
  const notAfter = cityTimeOf(certificate.notAfter)
  const data = { certificateId, issuerCode, alg, keyCustody, notAfter }
  return {
    status: 201,
    data,
    deed: { action: 'signing_certificate.add', decision: 'allowed', detail: data },
  }
}
