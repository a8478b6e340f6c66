import type { FieldError } from '../../contract/error.ts'
import { GatewayError } from '../../contract/error.ts'
import { parseReceiptNo } from '../../ledger/receipt-no.ts'
import type { Exchange } from '../exchange.ts'
import { textsZh } from '../texts-zh.ts'

/** @throws GatewayError validation_failed with a pointer and a Chinese sentence for each finding */
export const checkValues = (_deps: unknown, exchange: Exchange): void => {
  const errors = [...exchange.valueErrors, ...headerErrors(exchange)]
  if (errors.length > 0) throw new GatewayError('validation_failed', undefined, { errors })
}

/** Headers have no JSON Pointer; their findings point at the whole request. */
const headerErrors = ({ endpoint, raw }: Exchange): FieldError[] => {
  const errors: FieldError[] = []
  const refuse = (code: string, detail: string) => errors.push({ pointer: '', code, detail })
  const key = raw.headers.get('idempotency-key')
  if (endpoint.idempotent && key === undefined)
    refuse('idempotency_key_missing', textsZh.idempotencyKeyMissing)
  if (key !== undefined && (key.length < 1 || key.length > 255))
    refuse('idempotency_key_length', textsZh.idempotencyKeyLong)
  const sequence = raw.headers.get('zhengqiao-seq')
  if (sequence !== undefined && !/^(?:0|[1-9]\d{0,14})$/.test(sequence))
    refuse('sequence', textsZh.sequenceMalformed)
  const last = raw.headers.get('zhengqiao-last')
  if (last !== undefined && parseReceiptNo(last) === undefined)
    refuse('last_receipt', textsZh.lastMalformed)
  return errors
}
