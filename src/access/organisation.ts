import type { Role } from '../contract/caller.ts'
import type { OrganisationId, Uscc } from '../contract/ids.ts'

/** A department, station or platform that takes part in the exchange (机构). */
export type Organisation = {
  readonly organisationId: OrganisationId
  readonly nameZh: string
  readonly uscc: Uscc
  readonly parentId: OrganisationId | undefined
  /** What its clients may be: a client's roles are among its organisation's. */
  readonly roles: readonly Role[]
  /** False for an organisation that is known and not connected yet. */
  readonly connected: boolean
}
