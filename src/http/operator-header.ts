import { operatorIdPattern } from '../access/operator.ts'
import { asId, type OperatorId } from '../contract/ids.ts'
import type { RawRequest } from './raw-request.ts'

/** The operator that a request names, if it is written like one. */
export const operatorHeader = ({ headers }: RawRequest): OperatorId | undefined => {
  const text = headers.get('zhengqiao-operator')
  return text !== undefined && operatorIdPattern.test(text) ? asId(text) : undefined
}
