import { numberToBytes } from './curve.ts'
import type { Sm2Backends } from './engine.ts'
import { readSm2Point } from './public-key.ts'

/** GM/T 0003.5 annex A: key, digest with Z of the default id, and signature. */
const example = {
  secret: numberToBytes(0x3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8n),
  x: numberToBytes(0x09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020n),
  y: numberToBytes(0xccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13n),
  digest: numberToBytes(0xf0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640n),
  r: numberToBytes(0xf5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3n),
  s: numberToBytes(0xb1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aan),
} as const

/** Known-answer test of GM/T 0028 kind: verify, refuse, sign and multiply the published example. */
export const passesSelfTest = ({ verifying, signing, multiplying }: Sm2Backends): boolean => {
  const key = readSm2Point(Buffer.concat([example.x, example.y]))
  const published = Buffer.concat([example.r, example.s])
  const altered = Uint8Array.from(published)
  altered[63] = (altered[63] ?? 0) ^ 1
  const point = multiplying.publicPoint(example.secret)
  const own = signing.openKey(Uint8Array.from(example.secret))(example.digest)
  return (
    verifying.isSigned(key, example.digest, published) &&
    !verifying.isSigned(key, example.digest, altered) &&
    verifying.isSigned(key, example.digest, own) &&
    point !== undefined &&
    Buffer.compare(point, key.point) === 0
  )
}
