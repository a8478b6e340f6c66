import type { Endpoint } from '../../contract/endpoint.ts'
import { errorTable } from '../../contract/error-table.ts'
import type { ErrorCode } from '../../contract/error.ts'
import type { Tx } from '../../store/in-transaction.ts'
import type { OpenAnswer, OpenRoute } from '../open-route.ts'
import { codesOf, openApiDocument, type OpenApiSource } from '../openapi-document.ts'
import type { Example } from './examples.ts'
import { docsStyle } from './docs-style.ts'
import { stylePath } from './page-frame.ts'
import { renderDocsPage } from './render-docs-page.ts'
import { renderProblemList, renderProblemPage } from './render-problem-page.ts'

const heads = {
  docs: { method: 'GET', path: '/docs', summaryZh: '接口说明(网页)' },
  style: { method: 'GET', path: stylePath, summaryZh: '说明网页的样式表' },
  problems: { method: 'GET', path: '/problems', summaryZh: '全部问题代码' },
  problem: { method: 'GET', path: '/problems/:code', summaryZh: '一个问题代码的说明与处理办法' },
} as const

/**
 * GET /docs, /problems and /problems/{code}, and their style sheet: whole pages without scripts or outside
 * hosts, made once of what is mounted.
 */
export const docsRoutes = (
  source: OpenApiSource,
  examples: readonly Example[] = [],
): readonly OpenRoute[] => {
  const openRoutes = [...source.openRoutes, ...Object.values(heads)]
  const docs = once(() => renderDocsPage(openApiDocument({ ...source, openRoutes }), examples))
  const codes = Object.keys(errorTable).filter(isCode)
  const list = once(() => renderProblemList(codes))
  return [
    { ...heads.docs, answer: () => page(docs()) },
    { ...heads.style, answer: () => cached('text/css; charset=utf-8', docsStyle) },
    { ...heads.problems, answer: () => page(list()) },
    {
      ...heads.problem,
      answer: ({ code = '' }) =>
        isCode(code) ? page(renderProblemPage(code, answering(source.endpoints, code))) : undefined,
    },
  ]
}

/** Codes of the pipeline are answered everywhere and would list everything. */
const answering = (endpoints: readonly Endpoint<Tx>[], code: ErrorCode) => {
  const all = endpoints.filter((endpoint) => codesOf(endpoint).includes(code))
  return all.length === endpoints.length
    ? []
    : all.map(({ operationId, summaryZh }) => ({ id: operationId, summaryZh }))
}

const isCode = (text: string): text is ErrorCode => Object.hasOwn(errorTable, text)

const page = (body: string): OpenAnswer => cached('text/html; charset=utf-8', body)

const cached = (contentType: string, body: string): OpenAnswer => ({
  status: 200,
  contentType,
  body,
  cacheControl: 'public, max-age=300',
})

const once = (make: () => string): (() => string) => {
  let made: string | undefined
  return () => (made ??= make())
}
