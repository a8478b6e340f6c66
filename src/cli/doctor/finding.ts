/** What one look found. */
export type Finding = {
  readonly check: string
  readonly status: 'ok' | 'attention' | 'wrong'
  /** What is the case. */
  readonly messageZh: string
  readonly message: string
  /** How to mend it; absent when all is well. */
  readonly mendZh?: string
  readonly mend?: string
}

export const ok = (check: string, messageZh: string, message: string): Finding => ({
  check,
  status: 'ok',
  messageZh,
  message,
})

type Mend = { readonly mendZh: string; readonly mend: string }

export const attention = (
  check: string,
  [messageZh, message]: readonly [string, string],
  mend: Mend,
): Finding => ({ check, status: 'attention', messageZh, message, ...mend })

export const wrong = (
  check: string,
  [messageZh, message]: readonly [string, string],
  mend: Mend,
): Finding => ({ check, status: 'wrong', messageZh, message, ...mend })
