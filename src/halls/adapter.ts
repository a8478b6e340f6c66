// The door for adapters, the only file of this room that they import: the contract in full, and by name
// the helpers that they may use. Nothing in this room imports it.
export * from './hall-contract.ts'
export { code, date, digits, end, fen, month, number, text } from './field-codec.ts'
export { decodeFields, encodeFields } from './field-codec.ts'
export type { FieldForm, FieldRule, Fields } from './field-codec.ts'
export { foldNumber, isUnreadableName, sameHolderId, sameName } from './hall-values.ts'
export type { Exchange, ExchangeAnswer, ExchangeFailure, ExchangeRequest } from './exchange.ts'
export { tlsSettings } from './exchange.ts'
export { flatFields, isList, isRecord, parseHallJson } from './hall-json.ts'
export type { JsonObject, JsonValue } from '../crypto/json-value.ts'
export { childOf, childrenOf, escapeXml, parseXml, textOf, xmlElement } from './safe-xml.ts'
export type { XmlNode } from './safe-xml.ts'
export {
  parseSettings,
  secretSetting,
  SettingsError,
  type ReadSecret,
  type Secret,
} from './secret.ts'
export { askSource, loadSimulatedCity } from './simulated-city.ts'
export type { SimulatedCity, SimulatedPaper, SimulatedSubject } from './simulated-city.ts'
export { startSimulatorFrame, type Mood } from './simulator-frame.ts'
export { startHttpSimulator } from './http-simulator.ts'
export type { HttpSimulatorOptions, Simulator } from './http-simulator.ts'
export type { SimulatedAnswer, SimulatedCall, SimulatedRequest } from './http-simulator.ts'
export { buildLicence, encodePaper, type LicenceTables } from './build-licence.ts'
export { isEchoOf } from './is-echo-of.ts'
export { judgeAnswer } from './judge-answer.ts'
export { digestText } from '../crypto/digest.ts'
export { failureOfStatus } from './failure-of-status.ts'
export { garbleRecords } from './garble-records.ts'
