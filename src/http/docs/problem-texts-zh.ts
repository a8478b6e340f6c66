import type { ErrorCode } from '../../contract/error.ts'
import type { ProblemPageText } from './problem-page-text.ts'
import { frontDoorTexts } from './problem-texts-front-door-zh.ts'
import { workTexts } from './problem-texts-work-zh.ts'

/** A page for every code; the compiler refuses a code without one. */
export const problemTexts: Readonly<Record<ErrorCode, ProblemPageText>> = {
  ...frontDoorTexts,
  ...workTexts,
}
