import type { LicenceType } from '../catalogue/licence-type.ts'
import type { Json } from '../contract/endpoint.ts'
import type { OperatorId } from '../contract/ids.ts'
import type { DataQualityFinding } from '../halls/data-quality-store.ts'
import type { Dispatcher } from '../halls/dispatcher.ts'
import type { HallLicence, HallOperator } from '../halls/hall-contract.ts'
import type { TicketView } from '../halls/hall-tickets.ts'

/** A hall's licence as a credential that the gateway attests. */
export type AttestedLicence = {
  readonly version: string
  readonly sdJwt: string
  readonly fields: { readonly [key: string]: Json }
}

export type AttestOrder = {
  readonly hallId: string
  readonly licence: HallLicence
  readonly licenceId: string
  /** The claims that may be disclosed. */
  readonly fields: readonly string[]
}

/** What the clerk's room needs of the connected halls. */
export type HallDesk = Pick<Dispatcher, 'connectionOf' | 'findMaterials' | 'collectMaterials'> & {
  /** The clerk in whose name a department is asked; the case names one where no request does. */
  readonly operatorOf: (operatorId: OperatorId, nameInCase: string) => Promise<HallOperator>
  /** Undefined when what came is no licence of its type. */
  readonly attest: (order: AttestOrder, type: LicenceType) => Promise<AttestedLicence | undefined>
  readonly ticketsOf: (ticketIds: readonly string[]) => Promise<ReadonlyMap<string, TicketView>>
  /** Whether a hall's licence has the number and address that a clerk read off a paper. */
  readonly agreesWith: (
    licence: HallLicence,
    type: LicenceType,
    paper: { readonly number: string; readonly address: string },
  ) => boolean
  /** Notes what departments should put right; nobody waits for it. */
  readonly report: (findings: readonly DataQualityFinding[]) => void
}
