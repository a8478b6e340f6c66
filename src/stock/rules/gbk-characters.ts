/**
 * A test for the characters that GBK has, as databases of its age know it: without CJK extension A and
 * the private-use codes, which belong to GB 18030. Decodes every two-byte code once.
 */
export const createGbkTest = (): ((character: string) => boolean) => {
  const decoder = new TextDecoder('gbk')
  const known = new Uint8Array(0x10000)
  known.fill(1, 0, 0x80)
  for (let lead = 0x81; lead <= 0xfe; lead++) {
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      const text = decoder.decode(Uint8Array.of(lead, trail))
      const point = text.charCodeAt(0)
      if (text.length === 1 && !isOutside(point)) known[point] = 1
    }
  }
  return (character) => known[character.codePointAt(0) ?? 0] === 1
}

const isOutside = (point: number): boolean =>
  point === 0xfffd || (point >= 0xe000 && point <= 0xf8ff) || (point >= 0x3400 && point <= 0x4dbf)
