import { DerError, derList, derStructure, readDer, type DerNode } from '../read-der.ts'
import { readOctetString, readOid, readTime } from '../read-der-value.ts'
import { derTag } from '../write-der.ts'
import { cmsOid } from './cms-oid.ts'

export type SignedAttributes = {
  /** What the signature is over: the attributes under the tag SET instead of [0] (RFC 5652 §5.4). */
  readonly signed: Uint8Array
  readonly contentType: string
  readonly messageDigest: Uint8Array
  /** Claimed by the signer, proved by nobody. */
  readonly signingTime: Date | undefined
  /** All attribute types in their order. */
  readonly types: readonly string[]
}

/** Reads signedAttrs: no type twice, contentType and messageDigest with one value. @throws DerError */
export const readSignedAttributes = (node: DerNode): SignedAttributes => {
  const values = new Map<string, readonly DerNode[]>()
  for (const attribute of derList(node, derTag.sequence))
    derStructure(attribute, (reader) => {
      const type = readOid(reader.next())
      if (values.has(type)) throw new DerError('der_value', 'attribute repeated')
      values.set(type, derList(reader.next(derTag.set)))
    })
  const signed = Uint8Array.from(node.encoding)
  signed[0] = derTag.set
  const time = values.get(cmsOid.signingTime)
  return {
    signed,
    contentType: readOid(single(values.get(cmsOid.contentType))),
    messageDigest: readOctetString(single(values.get(cmsOid.messageDigest))),
    signingTime: time === undefined ? undefined : readTime(single(time)),
    types: [...values.keys()],
  }
}

/**
 * True for content that is itself a SET of signed attributes. A signature over it without attributes is
 * most likely one over other content, from which somebody made the attributes the content.
 */
export const isSignedAttributes = (content: Uint8Array): boolean => {
  if (content[0] !== derTag.set) return false
  try {
    readSignedAttributes(readDer(content, derTag.set))
    return true
  } catch (error) {
    if (error instanceof DerError) return false
    throw error
  }
}

const single = (nodes: readonly DerNode[] | undefined): DerNode => {
  const [node] = nodes ?? []
  if (node === undefined || nodes?.length !== 1)
    throw new DerError('der_value', 'attribute without exactly one value')
  return node
}
