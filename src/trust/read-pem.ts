export type PemBlock = { readonly label: string; readonly der: Uint8Array }

/** All PEM blocks of a text (RFC 7468, strict base64); blocks with other content are left out. */
export const readPem = (text: string): readonly PemBlock[] =>
  [...text.matchAll(/-----BEGIN ([A-Z0-9 ]{1,64})-----([^-]*)-----END \1-----/g)].flatMap(
    ([, label = '', body = '']) => {
      const der = decodeStrict(body.replace(/[ \t\r\n]/g, ''))
      return der === undefined ? [] : [{ label, der }]
    },
  )

const decodeStrict = (base64: string): Uint8Array | undefined => {
  const der = Buffer.from(base64, 'base64')
  return base64 !== '' && der.toString('base64') === base64 ? der : undefined
}
