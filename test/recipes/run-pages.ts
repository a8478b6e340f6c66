import { readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { otherPapersOf, root, run } from './recipe-city.ts'
import type { RecipeGateway } from './start-gateway.ts'

// Every command of docs/connect/first-push.md and first-case.md as it stands there; only the host and what an
// earlier command printed are put in.

const police = '113702990037000297'

/** The fenced blocks of a page, those of one language: '' for commands. */
const blocksOf = async (page: string, language: string): Promise<readonly string[]> => {
  const text = await readFile(join(root, 'docs/connect', page), 'utf8')
  return [...text.matchAll(/^ *```(\w*)\n([\s\S]*?)^ *```$/gm)].flatMap(
    ([, found = '', block = '']) => (found === language ? [block] : []),
  )
}

type Put = Readonly<Record<string, string>>
type Shell = (block: string, put?: Put) => Promise<string>

/** A folder with what a reader has in theirs: the recipes, the keys, the trust folder, and `npx zhengqiao`. */
const openShell = async (gateway: RecipeGateway, cwd: string, script: string): Promise<Shell> => {
  await symlink(join(root, 'docs'), join(cwd, 'docs'))
  await symlink(join(gateway.dataDir, 'clients'), join(cwd, 'clients'))
  await symlink(gateway.trustDir, join(cwd, 'trust'))
  const npx = 'npx() { shift; "$NODE" "$SCRIPT" "$@"; }'
  const env = { NODE: process.execPath, SCRIPT: script }
  return async (block, put = {}) => {
    const words = { 'https://gateway.example': gateway.publicUrl, ...put }
    const text = Object.entries(words).reduce((all, [word, by]) => all.replaceAll(word, by), block)
    return run(['bash', '--norc', '-ec', `${npx}\n${text}`], { cwd, env })
  }
}

const pushPage = async (shell: Shell, cwd: string): Promise<void> => {
  const [first, second] = await otherPapersOf(police)
  const rows = (row: unknown) => writeFile(join(cwd, 'rows.ndjson'), `${JSON.stringify(row)}\n`)
  const [push, release, commands] = await blocksOf('first-push.md', '')
  if (push === undefined || release === undefined || commands === undefined)
    throw new Error('first-push.md has no longer three blocks of commands')
  await rows(first)
  await releaseShown(shell, release, /^(\S+) (\S+) (\d+)$/m.exec(await shell(push)))

  await rows(second)
  const [pushLine = '', releaseLine = ''] = commands.trim().split('\n')
  const offer = /stock release (\S+) --root (\S+) --rows (\d+)/.exec(await shell(pushLine))
  await releaseShown(shell, releaseLine, offer)
}

const releaseShown = async (
  shell: Shell,
  command: string,
  shown: RegExpExecArray | null,
): Promise<void> => {
  if (shown === null) throw new Error(`nothing was shown to release with\n${command}`)
  const [, batchId = '', itsRoot = '', rows = ''] = shown
  const put = { 'BATCH-ID': batchId, ' ROOT ': ` ${itsRoot} `, ' ROWS': ` ${rows}` }
  expectWord(await shell(command, put), 'released')
}

const casePage = async (shell: Shell, cwd: string): Promise<void> => {
  const [body = ''] = await blocksOf('first-case.md', 'json')
  await writeFile(join(cwd, 'case.json'), body)
  const [register = '', open = ''] = await blocksOf('first-case.md', '')
  const caseId = (await shell(register)).trim()
  if (!/^[0-9a-f-]{36}$/.test(caseId)) throw new Error(`not a case id: ${caseId}`)
  expectWord(await shell(open), caseId)
}

const expectWord = (text: string, word: string): void => {
  if (!text.includes(word)) throw new Error(`expected ${word} in\n${text}`)
}

/** @throws when a command of the two pages fails or does not print what the page says */
export const runPages = async (
  gateway: RecipeGateway,
  cwd: string,
  script: string,
): Promise<void> => {
  const shell = await openShell(gateway, cwd, script)
  await pushPage(shell, cwd)
  await casePage(shell, cwd)
}
