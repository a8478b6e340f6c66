import { join } from 'node:path'
import process from 'node:process'
import { root, run } from './recipe-city.ts'

const recipe = (path: string): string => join(root, 'docs/connect', path)

/** Name, tools with the arguments that make them say their version, command. */
export const recipes = {
  curl: {
    tools: [
      ['curl', '--version'],
      ['openssl', 'version'],
    ],
    command: ['bash', recipe('curl/check-and-fetch.sh')],
  },
  java: {
    tools: [['java', '--version']],
    command: ['java', recipe('java/CheckAndFetch.java')],
  },
  python: {
    tools: [
      ['python3', '--version'],
      ['openssl', 'version'],
    ],
    command: ['python3', recipe('python/check_and_fetch.py')],
  },
  node: {
    tools: [[process.execPath, '--version']],
    command: [process.execPath, recipe('node/check-and-fetch.mjs')],
  },
} as const
export type RecipeName = keyof typeof recipes

export const names = ['curl', 'java', 'python', 'node'] as const

/** @throws Error that says how to get what is missing */
export const requireTools = async (name: RecipeName): Promise<void> => {
  for (const tool of [...recipes.curl.tools, ...recipes[name].tools])
    await run(tool, { cwd: root, env: {} }).catch((cause: unknown) => {
      throw new Error(`${name}: ${tool[0]} is missing on this machine; ${howToGet(tool[0])}`, {
        cause,
      })
    })
}

/** Debian and Ubuntu. */
const packages: Readonly<Record<string, string>> = {
  curl: 'curl',
  openssl: 'openssl',
  java: 'default-jre-headless (17 or newer)',
  python3: 'python3',
}
const howToGet = (tool: string): string => `apt-get install ${packages[tool] ?? tool}`
