import { GatewayError } from '../contract/error.ts'

/** @throws GatewayError case_required, the same whether or not what was asked for exists. */
export const requireCase = (caseId: string | undefined): string => {
  if (caseId !== undefined) return caseId
  throw new GatewayError('case_required', undefined, {
    members: { links: [{ rel: 'case', method: 'POST', href: '/v1/cases' }] },
  })
}
