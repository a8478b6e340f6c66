import { failed, type Failed } from './hall-contract.ts'

/** What an HTTP status other than 200 says about a hall; undefined for 200. */
export const failureOfStatus = (status: number): Failed | undefined => {
  const cause = `http_${String(status)}`
  if (status === 200) return undefined
  if (status === 401 || status === 403) return failed('unauthorised', cause)
  if (status === 404) return failed('rejected', cause, { reason: 'type_not_offered' })
  if (status === 429 || status === 503) return failed('busy', cause)
  return status >= 500 ? failed('unreachable', cause) : failed('malformed', cause)
}
