// What the package `zhengqiao` exports as `zhengqiao/client`: its promise to other projects. Rooms import
// the modules themselves.
export { type ChainKeeper, chainFile } from './chain-file.ts'
export { type ClientTrust, clientTrust, loadClientTrust } from './check-answer.ts'
export type { Cosigned } from './check-cosigned.ts'
export { ConnectionError, type EvidenceCode, EvidenceError, ProblemError } from './client-error.ts'
export type { ClientChain } from './gateway-client.ts'
export {
  type Batch,
  type BatchErrors,
  type Case,
  type Check,
  type Checkpoints,
  type Events,
  type Fetch,
  type Licence,
  type LicenceType,
  type Operation,
  operations,
  type Receipt,
  type ServiceItem,
} from './operations.ts'
export { readKeyFolder } from './read-key-folder.ts'
export { loadRequestKey } from './request-key.ts'
export type {
  BatchRequest,
  CaseRegistration,
  CheckRequest,
  CloseRequest,
  ErrorsQuery,
  EventQuery,
  FetchRequest,
  ItemVersion,
  LicenceRow,
  LicenceSearch,
  ReleaseRequest,
  StatusChange,
} from './requests.ts'
export type { RetryPolicy } from './retry.ts'
export type { RequestKey } from './sign-request.ts'
export {
  type Answered,
  type CallOptions,
  createZhengqiaoClient,
  type ZhengqiaoClient,
  type ZhengqiaoOptions,
} from './zhengqiao-client.ts'
