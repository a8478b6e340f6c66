import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { clientTrust } from '../../../src/client/check-answer.ts'
import { errorTable } from '../../../src/contract/error-table.ts'
import { docsStyle } from '../../../src/http/docs/docs-style.ts'
import { docsRoutes } from '../../../src/http/docs/docs-routes.ts'
import { examplesFile, readExamples } from '../../../src/http/docs/examples.ts'
import type { OpenApiSource } from '../../../src/http/openapi-document.ts'
import { verifyArtefact } from '../../../src/verification/verify-artefact.ts'
import { allEndpoints } from '../all-endpoints.ts'

const file = join(import.meta.dirname, '../../../docs/examples.json')
const examples = await readExamples(file)
const source: OpenApiSource = {
  endpoints: allEndpoints,
  openRoutes: [{ method: 'GET', path: '/livez', summaryZh: '进程是否在运行' }],
  publicUrl: 'https://gateway.example',
  version: 'v1',
}
const routes = docsRoutes(source, examples)

const read = async (path: string, params: Record<string, string> = {}): Promise<string> => {
  const route = routes.find((each) => each.path === path)
  const answer = await route?.answer(params)
  return typeof answer?.body === 'string' ? answer.body : ''
}

const pages = async (): Promise<string[]> => [
  await read('/docs'),
  await read('/problems'),
  ...(await Promise.all(Object.keys(errorTable).map((code) => read('/problems/:code', { code })))),
]

describe('the pages', () => {
  it('need no other host and run no script', async () => {
    for (const page of await pages()) {
      expect(page).toMatch(/^<!doctype html>/)
      expect(page).not.toMatch(/<script|<style|<img|@import|url\(/)
      const targets = [...page.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, target]) => target)
      expect(targets.filter((target) => !/^[/#]/.test(target ?? ''))).toEqual([])
    }
  })

  it('let in the one style sheet of their own host, and nothing else', async () => {
    const style = routes.find(({ path }) => path === '/docs/style.css')
    expect(await style?.answer({})).toMatchObject({
      contentType: 'text/css; charset=utf-8',
      body: docsStyle,
    })
    for (const page of await pages()) {
      const links = [...page.matchAll(/<link [^>]*>/g)].map(([link]) => link)
      expect(links).toEqual(['<link rel="stylesheet" href="/docs/style.css" />'])
      const policy = /http-equiv="Content-Security-Policy"\s+content="([^"]*)"/.exec(page)?.[1]
      expect(policy).toContain(`default-src 'none'; style-src 'self';`)
      expect(policy).not.toContain('unsafe')
      expect(page).not.toMatch(/ style="| on[a-z]+="/)
    }
  })

  it('give a keyboard a way past the navigation, and name their language', async () => {
    for (const page of await pages()) {
      expect(page).toContain('<html lang="zh-CN">')
      expect(page).toContain('<a class="skip" href="#main">')
      expect(page.match(/ id="main"/g)).toHaveLength(1)
      expect(page.match(/<h1[ >]/g)).toHaveLength(1)
    }
  })

  it('link only to places that exist', async () => {
    const docs = await read('/docs')
    const ids = new Set([...docs.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id))
    for (const page of await pages())
      for (const [, place] of page.matchAll(/href="(?:\/docs)?#([^"]*)"/g))
        expect([...ids, 'main']).toContain(place)
    for (const [, code = ''] of docs.matchAll(/href="\/problems\/([^"]*)"/g))
      expect(Object.keys(errorTable)).toContain(code)
  })

  it('show every endpoint', async () => {
    const docs = await read('/docs')
    for (const { operationId } of allEndpoints) expect(docs).toContain(`id="${operationId}"`)
  })
})

describe('a problem’s page', () => {
  it.each(Object.entries(errorTable))('%s says what happened and what to do', async (code, row) => {
    const page = await read('/problems/:code', { code })
    expect(page).toContain(row.titleZh.split(/[,((]/)[0])
    expect(page).toContain('发生了什么')
    expect(page).toMatch(/<li>[^<]{5,}/)
  })

  it('is there for known codes only', async () => {
    const route = routes.find(({ path }) => path === '/problems/:code')
    for (const code of ['', 'nonsense', 'toString', '__proto__', '<b>'])
      expect(await route?.answer({ code })).toBeUndefined()
  })
})

describe('the recorded examples', () => {
  it('are exchanges of endpoints that exist', () => {
    expect(examples.length).toBeGreaterThan(15)
    const ids = allEndpoints.map(({ operationId }) => operationId)
    for (const { operationId } of examples) expect(ids).toContain(operationId)
  })

  it('have receipts that verify', async () => {
    const { noteKey } = examplesFile.parse(JSON.parse(await readFile(file, 'utf8')))
    const { verification } = clientTrust({ noteKeys: [noteKey] })
    const withoutCredentials = examples.filter(({ answer }) => !answer.body.includes('"sdJwt"'))
    for (const { answer } of withoutCredentials) {
      const bytes = Buffer.from(answer.body)
      const report = verifyArtefact(bytes, { trust: verification, at: new Date() })
      expect(report.verdict, report.message).toBe('TOTAL_PASSED')
    }
  })
})
