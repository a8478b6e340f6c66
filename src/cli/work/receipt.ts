import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { Receipt } from '../../client/operations.ts'
import { decodeBase64Url } from '../../crypto/base64url.ts'
import { isJsonObject, type JsonObject } from '../../crypto/json-value.ts'
import { parseJson } from '../../crypto/parse-json.ts'
import { readReceiptFile } from '../../verification/read-receipt-file.ts'
import { CommandFailure, UsageError } from '../command-error.ts'
import type { Desk } from '../registry/desk.ts'
import { commandOf, type Verb } from '../registry/verb.ts'
import { answerWriter } from './write-answer.ts'

const get: Verb = {
  operands: ['NO'],
  options: ['out'],
  run: async ({ operands: [no = ''], text }, desk) => {
    const out = text('out')
    const write = await answerWriter(out === undefined ? undefined : desk.path(out))
    const { data } = await (await desk.client()).receipts.get(no)
    await write(`${JSON.stringify({ receipt: data })}\n`)
    return { data, lines: linesOf(data) }
  },
}

/** What the receipt says of the exchange; the hotline gets only what became of it. */
const linesOf = (data: Receipt): string[] => {
  const said = 'event' in data ? parseJson(decodeBase64Url(data.event)) : data
  return Object.entries(isJsonObject(said) ? said : {}).map(
    ([name, value]) => `${name}  ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
}

const cosigned: Verb = {
  operands: ['FILE'],
  options: ['witnesses'],
  run: async ({ operands: [file = ''], text }, desk) => {
    const wanted = z.coerce
      .number()
      .int()
      .min(1)
      .safeParse(text('witnesses') ?? '1')
    if (!wanted.success) throw new UsageError('--witnesses')
    const receipt = await readReceipt(file, desk)
    const { receipts } = await desk.client()
    const found = await receipts.checkCosigned(receipt, { witnessesMin: wanted.data })
    const lines = found.witnesses.map(({ name, at }) => `${at.toISOString()}  ${name}`)
    return { data: found, lines: [`${found.origin}  ${String(found.size)}`, ...lines] }
  },
}

const readReceipt = async (file: string, desk: Desk): Promise<JsonObject> => {
  const bytes = await readFile(desk.path(file)).catch(() => undefined)
  const found = bytes === undefined ? undefined : readReceiptFile(bytes)
  if (found === undefined)
    throw new CommandFailure(`不是用证回执 / no receipt in this file: ${file}`)
  return { ...found.receipt }
}

export const receiptCommand = commandOf({ get, cosigned })
