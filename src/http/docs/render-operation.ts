import { roles } from '../../contract/caller.ts'
import { errorTable } from '../../contract/error-table.ts'
import {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from '../../crypto/json-value.ts'
import { type Example, readableBody } from './examples.ts'
import { html, type Html } from './html.ts'
import { renderSchema } from './render-schema.ts'
import { roleNamesZh } from './role-names-zh.ts'

/** One operation of the OpenAPI document. */
export type Operation = {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly spec: JsonObject
}

/** An operation with its parameters, schemas, problem codes and a recorded exchange. */
export const renderOperation = (operation: Operation, example: Example | undefined): Html => {
  const { id, spec } = operation
  return html`<section id="${id}">
    <h3><a class="self" href="#${id}">${textOf(spec['summary'])}</a></h3>
    ${renderCall(operation)} ${renderTags(spec)} ${renderParameters(spec)} ${renderBody(spec)}
    ${renderAnswer(spec)} ${renderProblems(spec)} ${renderExample(example)}
  </section>`
}

export const renderCall = ({ method, path }: Pick<Operation, 'method' | 'path'>): Html =>
  html`<div class="call">
    <span class="method ${method.toLowerCase()}">${method}</span><code>${path}</code>
  </div>`

const renderTags = (spec: JsonObject): Html => {
  const allowed = listOf(spec['x-roles'])
  const names = roles.filter((role) => allowed.includes(role)).map((role) => roleNamesZh[role])
  const headers = listOf(spec['parameters']).flatMap((each) =>
    isJsonObject(each) && each['in'] === 'header' ? [textOf(each['name'])] : [],
  )
  return html`<div class="tags">
    ${names.map((name) => html`<span class="tag">${name}</span>`)}
    ${
      headers.includes('Idempotency-Key')
        ? html`<span class="tag"><b>Idempotency-Key</b> 必带</span>`
        : undefined
    }
    ${
      headers.includes('Zhengqiao-Operator')
        ? html`<span class="tag"><b>Zhengqiao-Operator</b> 窗口系统必带</span>`
        : undefined
    }
  </div>`
}

const renderParameters = (spec: JsonObject): Html | undefined => {
  const shown = listOf(spec['parameters'])
    .filter(isJsonObject)
    .filter((each) => each['in'] !== 'header')
  if (shown.length === 0) return undefined
  const properties = Object.fromEntries(
    shown.map((each) => [textOf(each['name']), each['schema'] ?? {}]),
  )
  const required = shown
    .filter((each) => each['required'] === true)
    .map((each) => textOf(each['name']))
  return html`<h4>参数</h4>
    ${renderSchema({ type: 'object', properties, required }, 'request')}`
}

const renderBody = (spec: JsonObject): Html | undefined => {
  const content = memberOf(spec['requestBody'], 'content')
  if (content === undefined) return undefined
  const schema = memberOf(memberOf(content, 'application/json'), 'schema')
  if (schema !== undefined)
    return html`<h4>请求内容</h4>
      ${renderSchema(schema, 'request')}`
  return html`<h4>请求内容</h4>
    <p class="type">${Object.keys(isJsonObject(content) ? content : {}).join(' 或 ')},按流处理</p>`
}

const renderAnswer = (spec: JsonObject): Html | undefined => {
  const good = memberOf(memberOf(spec['responses'], '2XX'), 'content')
  const schema = memberOf(memberOf(good, 'application/json'), 'schema')
  const data = memberOf(memberOf(schema, 'properties'), 'data')
  if (data === undefined) return undefined
  return html`<details>
    <summary>应答的 data</summary>
    ${renderSchema(data, 'answer')}
  </details>`
}

const renderProblems = (spec: JsonObject): Html | undefined => {
  const { responses } = spec
  if (!isJsonObject(responses)) return undefined
  const rows = Object.entries(responses).flatMap(([status, response]) => {
    const codes = listOf(memberOf(response, 'x-codes')).map(textOf)
    return codes.length === 0 ? [] : [{ status, codes }]
  })
  if (rows.length === 0) return undefined
  return html`<details>
    <summary>可能的问题代码</summary>
    ${rows.map(
      ({ status, codes }) =>
        html`<div class="codes">
          <span class="status">${status}</span
          ><span
            >${codes.map(
              (code) => html`<a href="/problems/${code}" title="${titleOf(code)}">${code}</a>`,
            )}</span
          >
        </div>`,
    )}
  </details>`
}

/** In <pre> every space counts, so nothing is indented there. */
const renderExample = (example: Example | undefined): Html | undefined => {
  if (example === undefined) return undefined
  const { request, answer } = example
  const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}\n`)
  const type = request.headers['content-type'] ?? ''
  const sent = `${request.method} ${request.path}\n${headers.join('')}`
  const body = request.body === null ? '' : `\n${readableBody(request.body, type)}`
  return html`<details>
    <summary>真实收发的一例</summary>
    ${preOf(sent + body)}
    ${preOf(`${String(answer.status)}\n\n${readableBody(answer.body, answer.contentType)}`)}
  </details>`
}

// prettier-ignore
export const preOf = (text: string): Html => html`<pre><code>${text}</code></pre>`

const titleOf = (code: string): string =>
  Object.entries(errorTable).find(([name]) => name === code)?.[1].titleZh ?? ''

const memberOf = (value: JsonValue | undefined, name: string): JsonValue | undefined =>
  isJsonObject(value) ? value[name] : undefined

const listOf = (value: JsonValue | undefined): readonly JsonValue[] =>
  isJsonArray(value) ? value : []

const textOf = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '')
