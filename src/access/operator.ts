import type { ClientId, OperatorId, OrganisationId } from '../contract/ids.ts'

/** A person at a window, or the holder of a personal key (经办人). The name is stored encrypted. */
export type Operator = {
  readonly operatorId: OperatorId
  readonly organisationId: OrganisationId
  /** The system that asserts the operator, or the person's own client. */
  readonly clientId: ClientId | undefined
  readonly serviceWindow: string | undefined
  readonly suspended: boolean
}

/** What an operator id may look like; it stands in events and logs, so it cannot be a name. */
export const operatorIdPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
