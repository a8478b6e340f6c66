// Compiles the AssemblyScript sources and writes the bytes as a TypeScript constant, so that `tsc` and a
// plain checkout carry them. --check writes nothing and fails when the bytes differ; --text prints the
// WebAssembly text.
import asc from 'assemblyscript/asc'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const target = join(here, '..', 'src', 'crypto', 'wasm', 'gm-wasm-bytes.ts')
const options = ['-O3', '--converge', '--noAssert', '--runtime', 'stub', '--baseDir', here]

const compile = async () => {
  const files = new Map()
  const { error, stderr } = await asc.main(
    ['index.ts', '-o', 'gm.wasm', '-t', 'gm.wat', ...options],
    {
      writeFile: (name, contents) => files.set(name, contents),
    },
  )
  if (error !== null) throw new Error(`${String(error)}\n${String(stderr)}`)
  return { wasm: files.get('gm.wasm'), text: files.get('gm.wat') }
}

const source = (
  wasm,
) => `/** WebAssembly compiled from assembly/ by \`npm run build:wasm\`; a test compares them. */
export const gmWasmBase64 =
  '${Buffer.from(wasm).toString('base64')}'
`

const flags = new Set(process.argv.slice(2))
const { wasm, text } = await compile()
if (flags.size === 0) writeFileSync(target, source(wasm))
if (flags.has('--text')) process.stdout.write(text)
if (flags.has('--check') && readFileSync(target, 'utf8') !== source(wasm))
  throw new Error('the built bytes are not those of the sources: npm run build:wasm')
