import { GatewayError } from '../../contract/error.ts'
import {
  coveredHeaders,
  parseRequestSignature,
} from '../../crypto/message-signature/request-signature.ts'
import { MessageSignatureError } from '../../crypto/message-signature/structured-field.ts'
import type { Exchange } from '../exchange.ts'
import { textsZh } from '../texts-zh.ts'

const visibleAscii = /^[ -~]*$/

/**
 * Reads the signature's headers; nothing in them is believed yet.
 * @throws GatewayError signature_required, signature_invalid
 */
export const checkSignatureForm = (_deps: unknown, exchange: Exchange): void => {
  const { headers } = exchange.raw
  const signatureInput = headers.get('signature-input')
  const signature = headers.get('signature')
  if (signatureInput === undefined || signature === undefined)
    throw new GatewayError('signature_required', textsZh.signatureHeadersMissing)
  if (headers.repeated !== undefined)
    throw new GatewayError('signature_invalid', textsZh.headerRepeated(headers.repeated))
  for (const name of coveredHeaders)
    if (!visibleAscii.test(headers.get(name) ?? ''))
      throw new GatewayError('signature_invalid', textsZh.headerNotAscii(name))
  exchange.signature = readable(() => parseRequestSignature(signatureInput, signature))
}

/** @throws GatewayError signature_invalid instead of a MessageSignatureError */
export const readable = <Value>(read: () => Value): Value => {
  try {
    return read()
  } catch (cause) {
    if (!(cause instanceof MessageSignatureError)) throw cause
    throw new GatewayError('signature_invalid', textsZh.signatureUnreadable(cause.code), { cause })
  }
}
