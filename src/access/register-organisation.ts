import type { output } from 'zod'
import type { Answer } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import { asId } from '../contract/ids.ts'
import type { Tx } from '../store/in-transaction.ts'
import { toRoles } from './client-store.ts'
import type { organisationBody } from './onboarding-bodies.ts'
import type { OnboardingDeps } from './onboarding-deps.ts'
import { showOrganisation } from './onboarding-views.ts'
import { findOrganisation, insertOrganisation } from './organisation-store.ts'
import type { Organisation } from './organisation.ts'

/** Adds an organisation. @throws GatewayError organisation_not_found for its parent, version_conflict */
export const registerOrganisation = async (
  { clock }: Pick<OnboardingDeps, 'clock'>,
  tx: Tx,
  body: output<typeof organisationBody>,
): Promise<Answer> => {
  const organisation: Organisation = {
    organisationId: asId(body.organisationId),
    nameZh: body.nameZh,
    uscc: asId(body.uscc),
    parentId: body.parentId === undefined ? undefined : asId(body.parentId),
    roles: toRoles(body.roles),
    connected: true,
  }
  const { parentId } = organisation
  if (parentId !== undefined && (await findOrganisation(tx, parentId)) === undefined)
    throw new GatewayError('organisation_not_found', '没有所写的上级机构')
  if (!(await insertOrganisation(tx, organisation, clock.now())))
    throw new GatewayError('version_conflict', '机构编号或统一社会信用代码已登记')
  return {
    status: 201,
    data: showOrganisation(organisation),
    deed: {
      action: 'organisation.add',
      decision: 'allowed',
      detail: { organisationId: organisation.organisationId, roles: organisation.roles },
    },
  }
}
