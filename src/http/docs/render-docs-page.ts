import { isJsonArray, isJsonObject, type JsonObject } from '../../crypto/json-value.ts'
import { type Example } from './examples.ts'
import { html, type Html } from './html.ts'
import { pageFrame } from './page-frame.ts'
import { renderConventions } from './render-conventions.ts'
import { type Operation, renderCall, renderOperation } from './render-operation.ts'

const groups = [
  { id: 'cases', titleZh: '办件与材料', paths: /^\/v1\/(cases|licences\/(search|\{licenceId\}$))/ },
  { id: 'catalogue', titleZh: '事项与证照目录', paths: /^\/v1\/(items|licence-types)/ },
  { id: 'halls', titleZh: '专业大厅', paths: /^\/v1\/halls/ },
  {
    id: 'stock',
    titleZh: '证照入库与颁发',
    paths: /^\/v1\/(batches|declarations|standing-orders|licences)/,
  },
  { id: 'audit', titleZh: '审计与核验', paths: /^\/v1\/(audit|receipts|verifications)/ },
  {
    id: 'access',
    titleZh: '机构、客户端与授权',
    paths: /^\/v1\/(organisations|clients|certificate|operators|grants)/,
  },
  { id: 'other', titleZh: '其他', paths: /^\/v1\// },
  { id: 'open', titleZh: '公开地址(不须签名)', paths: /^/ },
] as const

type Group = {
  readonly id: string
  readonly titleZh: string
  readonly operations: readonly Operation[]
}

/** The page /docs: the OpenAPI document for people, with recorded exchanges. */
export const renderDocsPage = (document: JsonObject, examples: readonly Example[]): string => {
  const shown = groupsOf(document)
  const exampleOf = (id: string): Example | undefined =>
    examples.find(({ operationId }) => operationId === id)
  const body = html`<div class="columns">
    <nav class="side" aria-label="目录">${renderContents(shown)}</nav>
    <main id="main">
      ${renderConventions(serverUrlOf(document), exampleOf('checkMaterials'))}
      ${shown.map(
        ({ id, titleZh, operations }) =>
          html`<h2 id="group-${id}">${titleZh}</h2>
            ${
              id === 'open'
                ? operations.map(renderOpen)
                : operations.map((each) => renderOperation(each, exampleOf(each.id)))
            }`,
      )}
    </main>
  </div>`
  return pageFrame({ titleZh: '接口说明', body })
}

const renderOpen = ({ id, method, path, spec }: Operation): Html =>
  html`<section id="${id}">
    ${renderCall({ method, path })}
    <p>${typeof spec['summary'] === 'string' ? spec['summary'] : ''}</p>
  </section>`

const renderContents = (shown: readonly Group[]): Html =>
  html`<h2>开始</h2>
    <ul>
      <li><a href="#signing">如何签名</a></li>
      <li><a href="#answers">应答与回执</a></li>
      <li><a href="#problems">问题与重试</a></li>
      <li><a href="#states">材料状态</a></li>
    </ul>
    ${shown.map(
      ({ titleZh, operations }) =>
        html`<h2>${titleZh}</h2>
          <ul>
            ${operations.map(
              ({ id, spec, path }) => html`<li><a href="#${id}">${labelOf(spec, path)}</a></li>`,
            )}
          </ul>`,
    )}`

const labelOf = ({ operationId, summary }: JsonObject, path: string): string =>
  operationId === undefined || typeof summary !== 'string' ? path : summary.replace(/[((].*$/, '')

const groupsOf = (document: JsonObject): readonly Group[] => {
  const operations = operationsOf(document)
  return groups
    .map(({ id, titleZh }) => ({
      id,
      titleZh,
      operations: operations.filter(({ path }) => groupOf(path) === id),
    }))
    .filter((group) => group.operations.length > 0)
}

const groupOf = (path: string): string => groups.find(({ paths }) => paths.test(path))?.id ?? 'open'

const operationsOf = ({ paths }: JsonObject): readonly Operation[] =>
  Object.entries(isJsonObject(paths) ? paths : {}).flatMap(([path, item]) =>
    Object.entries(isJsonObject(item) ? item : {}).flatMap(([method, spec]) =>
      isJsonObject(spec)
        ? [{ id: idOf(spec, path), method: method.toUpperCase(), path, spec }]
        : [],
    ),
  )

const idOf = ({ operationId }: JsonObject, path: string): string =>
  typeof operationId === 'string' ? operationId : `open${path.replace(/[^a-z]+/g, '-')}`

const serverUrlOf = ({ servers }: JsonObject): string => {
  const [server] = isJsonArray(servers) ? servers : []
  return isJsonObject(server) && typeof server['url'] === 'string' ? server['url'] : ''
}
