/** How much a check counts: FAIL in full, WARN as a warning, INFORM not at all. */
export type Level = 'FAIL' | 'WARN' | 'INFORM'

export type VerificationPolicy = {
  /** By check code; without an entry a check counts in full. */
  readonly levels: Readonly<Record<string, Level>>
  /**
   * `required`: a receipt without a known witness's cosignature is INDETERMINATE, as production asks for.
   * `whenKnown`: only where the trust folder names a witness; else the log is taken for a development log.
   */
  readonly witness: 'required' | 'whenKnown'
}

export const defaultPolicy: VerificationPolicy = { levels: {}, witness: 'whenKnown' }
