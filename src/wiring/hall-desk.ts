import { randomBytes } from 'node:crypto'
import { findOperatorName } from '../access/operator-store.ts'
import { findOrganisation } from '../access/organisation-store.ts'
import type { HallDesk } from '../cases/hall-desk.ts'
import { asId, type OperatorId } from '../contract/ids.ts'
import type { Signer } from '../crypto/signer.ts'
import { attestLicence } from '../halls/attest-licence.ts'
import { type DataQualityFinding, openDataQuality } from '../halls/data-quality-store.ts'
import type { HallLicence, HallOperator } from '../halls/hall-contract.ts'
import { licenceFromHall, type LicenceFromHall } from '../halls/licence-from-hall.ts'
import { agreesWithPaper } from '../licences/agrees-with-paper.ts'
import { rememberFound } from '../store/remember-found.ts'
import type { House } from './house.ts'
import type { HallRoom } from './open-hall-room.ts'

/** The halls as the clerk's room asks them; undefined where none is connected. */
export const hallDesk = (
  house: House,
  { dispatcher, tickets, chores, isConnected }: HallRoom,
  signer: Signer,
): HallDesk | undefined => {
  const { algorithms, clock, gateway, keys, logger, store } = house
  const report = (findings: readonly DataQualityFinding[]): void => {
    if (findings.length === 0) return
    chores.run(async () => {
      const deps = { db: store.db, keys, random: randomBytes, now: clock.now() }
      for (const finding of findings) await openDataQuality(deps, finding)
    })
  }
  const attesting = { signer, base: gateway.publicUrl, clock, random: randomBytes }
  if (!isConnected) return undefined
  return {
    connectionOf: dispatcher.connectionOf,
    findMaterials: dispatcher.findMaterials,
    collectMaterials: dispatcher.collectMaterials,
    operatorOf: operatorFinder(house),
    attest: async ({ hallId, licence, licenceId, fields }, type) => {
      const made = licenceFromHall(licence, type, algorithms.digestName)
      if (!made.ok) {
        logger.warn({ hallId, cause: made.cause }, 'hall licence refused')
        return undefined
      }
      report(problemsOf(hallId, licence, made.value))
      const shown = await attestLicence(attesting, hallId, licence, made.value, {
        licenceId,
        fields,
      })
      return { ...shown, version: licence.version }
    },
    ticketsOf: tickets.findAll,
    agreesWith: ({ number, fields }, type, paper) => {
      const addressKeys = type.fields.filter((field) => field.type === 'address')
      return agreesWithPaper(
        { ...fields, number },
        addressKeys.map(({ key }) => key),
        paper,
      )
    },
    report,
  }
}

const problemsOf = (
  hallId: string,
  { typeCode, issuer, holders: [holder] }: HallLicence,
  { problems }: LicenceFromHall,
): readonly DataQualityFinding[] =>
  holder === undefined
    ? []
    : problems.map((kind) => ({
        kind,
        issuerCode: issuer.code,
        hallId,
        typeCode,
        holder,
        caseId: null,
        detail: {},
      }))

/** Names and organisations of operators do not change; windows may, and come from memory as well. */
const operatorFinder = ({ store: { db }, keys, directory }: House): HallDesk['operatorOf'] => {
  const nameOf = rememberFound((operatorId) => findOperatorName(db, keys, asId(operatorId)))
  const organisationOf = rememberFound((id) => findOrganisation(db, asId(id)))
  return async (operatorId: OperatorId, nameInCase: string): Promise<HallOperator> => {
    const operator = await directory.operator(operatorId)
    const name = (await nameOf(operatorId)) ?? nameInCase
    const organisation =
      operator === undefined ? undefined : await organisationOf(operator.organisationId)
    return {
      id: operatorId,
      name,
      organisationCode: organisation?.uscc ?? '',
      ...(operator?.serviceWindow === undefined ? {} : { window: operator.serviceWindow }),
    }
  }
}
