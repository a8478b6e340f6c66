import { errorTable } from '../../contract/error-table.ts'
import type { ErrorCode } from '../../contract/error.ts'
import { html } from './html.ts'
import { pageFrame } from './page-frame.ts'
import type { ProblemPageText } from './problem-page-text.ts'
import { problemTexts } from './problem-texts-zh.ts'

const sidesZh: Readonly<Record<ProblemPageText['side'], string>> = {
  client: '调用方:改正请求后再发',
  gateway: '网关:由网关管理员处理',
  hall: '专业大厅:由该部门处理',
}

/** What happened, whose side it is on, how to mend it. */
export const renderProblemPage = (
  code: ErrorCode,
  operations: readonly { readonly id: string; readonly summaryZh: string }[],
): string => {
  const { titleZh, status, retryable } = errorTable[code]
  const { happenedZh, stepsZh, side, english } = problemTexts[code]
  const body = html`<main id="main" class="single">
    <p class="type"><a href="/problems">问题代码</a> / <code>${code}</code></p>
    <h1>${titleZh}</h1>
    <dl class="facts">
      <dt>代码</dt>
      <dd><code>${code}</code></dd>
      <dt>HTTP 状态</dt>
      <dd>${status}</dd>
      <dt>哪一方</dt>
      <dd>${sidesZh[side]}</dd>
      <dt>能否重发</dt>
      <dd>
        ${retryable ? '可以:同一幂等键,重新签名,按所告知的时间等待' : '原样重发没有用,须先处理'}
      </dd>
    </dl>
    <h2>发生了什么</h2>
    <p>${happenedZh}</p>
    <h2>怎样处理</h2>
    <ol class="steps">
      ${stepsZh.map((step) => html`<li>${step}</li>`)}
    </ol>
    ${
      operations.length === 0
        ? undefined
        : html`<details>
            <summary>哪些接口会给出这个代码(${operations.length})</summary>
            <ul>
              ${operations.map(
                ({ id, summaryZh }) => html`<li><a href="/docs#${id}">${summaryZh}</a></li>`,
              )}
            </ul>
          </details>`
    }
    <p class="english" lang="en">${english}</p>
    <footer>应答中的 requestId 是报障时最有用的一项;其中不含个人信息。</footer>
  </main>`
  return pageFrame({ titleZh, body })
}

const familiesZh: Readonly<Record<string, string>> = {
  400: '400 请求写法不对',
  401: '401 身份与签名',
  403: '403 没有权限',
  404: '404 没有或不可见',
  405: '405 方法不对',
  409: '409 与当前状态冲突',
  410: '410 已失效',
  412: '412 前提不满足',
  413: '413 内容过大',
  415: '415 类型不支持',
  422: '422 内容不符合要求',
  429: '429 过于频繁',
  431: '431 请求头过大',
  500: '500 网关内部错误',
  502: '502 专业大厅出错',
  503: '503 暂不可用',
  504: '504 超时',
}

/** All codes by status. */
export const renderProblemList = (codes: readonly ErrorCode[]): string => {
  const statuses = [...new Set(codes.map((code) => errorTable[code].status))].sort((a, b) => a - b)
  const body = html`<main id="main" class="single">
    <h1>问题代码</h1>
    <p class="lead">程序按 code 判断,永不改名。每个代码一页:发生了什么、是哪一方、怎样处理。</p>
    ${statuses.map(
      (status) =>
        html`<h2>${familiesZh[String(status)] ?? String(status)}</h2>
          <ul class="problems">
            ${codes
              .filter((code) => errorTable[code].status === status)
              .map(
                (code) =>
                  html`<li>
                    <a href="/problems/${code}"><code>${code}</code></a
                    ><span>${errorTable[code].titleZh}</span>
                  </li>`,
              )}
          </ul>`,
    )}
  </main>`
  return pageFrame({ titleZh: '问题代码', body })
}
