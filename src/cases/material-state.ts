/** The closed list of states that a clerk can see for a material (domain facts). */
export const materialStates = [
  'available',
  'fetched',
  'pending',
  'ambiguous',
  'stale',
  'expired',
  'suspended',
  'revoked',
  'not_found',
  'disputed',
  'consent_required',
  'forbidden',
  'source_down',
  'not_connected',
  'self_supplied',
  'reused',
  'committed',
  'not_needed',
] as const
export type MaterialState = (typeof materialStates)[number]

export const nextSteps = [
  'fetch',
  'choose',
  'bring_original',
  'bring_self',
  'commit',
  'object',
  'wait',
  'none',
] as const
export type NextStep = (typeof nextSteps)[number]

/** Why a material is in its state; a code for programs, the sentence beside it is for people. */
export type MaterialReason =
  | 'in_stock'
  | 'matched'
  | 'fetched_before'
  | 'condition_not_met'
  | 'made_by_applicant'
  | 'source_not_connected'
  | 'no_grant'
  | 'related_subject_missing'
  | 'third_party'
  | 'objection_open'
  | 'several_valid'
  | 'no_record'
  | 'not_yet_active'
  | 'superseded'
  | 'transferred_out'
  | 'past_valid_to'
  | 'status_suspended'
  | 'status_revoked'
  | 'status_cancelled'
  | 'status_void_error'
  | HallReason

/** Reasons that a hall gives. */
export type HallReason =
  | 'at_hall'
  | 'hall_pending'
  | 'hall_timeout'
  | 'hall_unreachable'
  | 'hall_unauthorised'
  | 'hall_rejected'
  | 'hall_malformed'
  | 'hall_busy'
  | 'hall_maintenance'
  | 'hall_not_provided'
  | 'hall_not_permitted'
  | 'hall_operator_unknown'
  | 'hall_type_not_offered'
  | 'hall_parameters'
  | 'hall_expired'
  | 'hall_name_unreadable'
  | 'older_than_allowed'

/** States that will not change by waiting or choosing: a set is complete when all its materials are in one. */
export const isFinal = (state: MaterialState): boolean =>
  state !== 'pending' && state !== 'source_down' && state !== 'ambiguous'
