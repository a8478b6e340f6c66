import { CryptoError } from '../../crypto/crypto-error.ts'
import type { CaseResult, CaseToJudge, SuiteInput } from './suite.ts'

/** Runs one case and measures its CPU time. */
export const judgeCase = async (
  { id, expected, accepts }: CaseToJudge,
  cpuMs: SuiteInput['cpuMs'],
): Promise<CaseResult> => {
  const start = cpuMs()
  const got = await answerOf(accepts)
  return { id, expected, got, cpuMs: Math.round((cpuMs() - start) * 1000) / 1000 }
}

const answerOf = async (accepts: CaseToJudge['accepts']): Promise<CaseResult['got']> => {
  try {
    return (await accepts()) ? 'accept' : 'reject'
  } catch (error) {
    return error instanceof CryptoError ? 'reject' : 'none'
  }
}
