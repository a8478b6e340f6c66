import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { expectAnswers, materials, pushStock, registerCase, root, run } from './recipe-city.ts'
import { names, type RecipeName, recipes, requireTools } from './recipes.ts'
import { runPages } from './run-pages.ts'
import { startGateway, type RecipeGateway } from './start-gateway.ts'

// npm run recipes -- [curl] [java] [python] [node]
// Starts a gateway, runs the commands of the pages for departments and registrars (with curl), pushes stock, registers a case for each recipe and lets it check and fetch. Fails when
// an answer is not the expected one, or when a named tool is missing on this machine.

const script = join(root, 'src/cli/zhengqiao.js')
const say = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

const wanted = (): readonly RecipeName[] => {
  const given = process.argv.slice(2)
  const unknown = given.filter((name) => !names.some((known) => known === name))
  if (unknown.length > 0) throw new Error(`no recipe ${unknown.join(', ')}; ${names.join(', ')}`)
  return given.length === 0 ? names : names.filter((name) => given.includes(name))
}

const runRecipe = async (gateway: RecipeGateway, name: RecipeName, cwd: string): Promise<void> => {
  const caseId = await registerCase(gateway, cwd, `QD20181130-${name}`)
  const env = {
    ZQ_URL: gateway.publicUrl,
    ZQ_KEY: gateway.keyOf('clerk-city'),
    ZQ_OPERATOR: 'clerk-city-001',
  }
  say(await run([...recipes[name].command, caseId, ...materials], { cwd, env }))
  await expectAnswers(gateway, script, cwd)
  say(`✓ ${name}\n`)
}

const main = async (): Promise<void> => {
  const chosen = wanted()
  for (const name of chosen) await requireTools(name)
  const cwd = await mkdtemp(join(tmpdir(), 'zhengqiao-recipe-'))
  const gateway = await startGateway(script)
  try {
    if (chosen.includes('curl')) {
      await runPages(gateway, cwd, script)
      say('✓ first-push.md, first-case.md\n')
    }
    await pushStock(gateway, cwd)
    for (const name of chosen) await runRecipe(gateway, name, cwd)
  } finally {
    await gateway.stop()
    await rm(cwd, { recursive: true, force: true })
  }
}

try {
  await main()
} catch (error) {
  say(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
