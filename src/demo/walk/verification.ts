import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { credentialAlg } from './credential-alg.ts'
import type { HotelChain } from './hotel-chain.ts'
import { expectThat, type Walk } from './walk.ts'

const exitPassed = 0
const exitFailed = 1

/** Offline verification by a process of its own; one flipped byte in each file is caught. */
export const walkVerification = async (walk: Walk, hotel: HotelChain): Promise<void> => {
  const { narrator, outDir } = walk
  narrator.chapter('离线核验:凭据和回执', 'Offline verification: credential and receipt')
  await mkdir(outDir, { recursive: true })
  const files = [
    ['credential.sdjwt', `凭据 ${credentialAlg(hotel.sdJwt)}`, hotel.sdJwt],
    ...othersOf(hotel),
    ['receipt.json', '回执', hotel.answerText],
  ] as const
  for (const [file, nameZh, text] of files) {
    const path = join(outDir, file)
    await writeFile(path, text)
    const passed = await walk.verify([path])
    expectThat(passed.exitCode === exitPassed, `${file} passes: ${passed.output}`)
    const flippedPath = join(outDir, `flipped-${file}`)
    await writeFile(flippedPath, flipOneByte(text))
    const failed = await walk.verify([flippedPath])
    expectThat(failed.exitCode === exitFailed, `flipped ${file} fails: ${failed.output}`)
    narrator.rows([
      [nameZh, file, firstLine(passed.output)],
      [`${nameZh}(改动一字节)`, `flipped-${file}`, firstLine(failed.output)],
    ])
  }
  narrator.good('一个字节的改动也逃不过。', 'One flipped byte is caught in each.')
}

/** One credential of each algorithm that the first one is not signed under. */
const othersOf = ({ sdJwt, credentials }: HotelChain) => {
  const own = credentialAlg(sdJwt)
  const byAlg = new Map(credentials.map((text) => [credentialAlg(text), text] as const))
  return [...byAlg].flatMap(([alg, text]) =>
    alg === own ? [] : [[`credential-${alg}.sdjwt`, `凭据 ${alg}`, text] as const],
  )
}

/** Flips the lowest bit of a letter or digit in the middle, so that the file stays text. */
const flipOneByte = (text: string): Buffer => {
  const bytes = Buffer.from(text)
  for (let at = Math.floor(bytes.length / 2); at < bytes.length; at += 1) {
    const flipped = bytes.readUInt8(at) ^ 1
    if (isPlain(bytes.readUInt8(at)) && isPlain(flipped)) {
      bytes.writeUInt8(flipped, at)
      return bytes
    }
  }
  return bytes
}

const isPlain = (byte: number): boolean => /[0-9A-Za-z]/.test(String.fromCharCode(byte))

const firstLine = (output: string): string => output.split('\n')[0] ?? ''
