import { isUtf8 } from 'node:buffer'
import iconv from 'iconv-lite'

/** GBK bytes (code page 936); what GBK lacks becomes `?`, as it does in the fund's own register. */
export const encodeGbk = (source: string): Buffer => iconv.encode(source, 'cp936')

export type DecodedGbk =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly cause: string }

/**
 * Text of a GBK message. Refused: another declared encoding, bytes that are no GBK, and UTF-8 sent under
 * a GBK label — it would read as other characters and turn a right name into a wrong one.
 */
export const decodeGbk = (bytes: Uint8Array): DecodedGbk => {
  const declared = /^<\?xml[^>]*encoding\s*=\s*["']([^"']*)["']/.exec(
    Buffer.from(bytes.subarray(0, 200)).toString('latin1'),
  )?.[1]
  if (declared === undefined || !/^(gbk|gb2312|gb18030)$/i.test(declared))
    return { ok: false, cause: 'encoding_not_gbk' }
  if (isUtf8(bytes) && /[\u4e00-\u9fff]/.test(Buffer.from(bytes).toString('utf8')))
    return { ok: false, cause: 'encoding_is_utf8' }
  // Read with the later extensions too: a fund that has moved on is no fault.
  const text = iconv.decode(Buffer.from(bytes), 'gbk')
  return text.includes('\uFFFD') ? { ok: false, cause: 'gbk_invalid' } : { ok: true, text }
}
