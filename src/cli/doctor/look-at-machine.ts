import { statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { Config } from '../../config.ts'
import { attention, type Finding, ok, wrong } from './finding.ts'

/** The versions that package.json names. */
export const lookAtNode = (version: string): Finding => {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isFit = (major === 20 && minor >= 19) || (major === 22 && minor >= 13) || major >= 24
  return isFit
    ? ok('node', `Node.js ${version}`, `Node.js ${version}`)
    : wrong('node', [`Node.js ${version} 不受支持`, `Node.js ${version} is not supported`], {
        mendZh: '安装 Node.js 20.19+、22.13+ 或 24+',
        mend: 'Install Node.js 20.19+, 22.13+ or 24+',
      })
}

const gigabyte = 1024 ** 3
const wrongBelow = gigabyte
const attentionBelow = 10 * gigabyte

/** Free space where database and keys stand; a full disk stops the ledger, and with it every answer. */
export const lookAtDisk = async (folder: string): Promise<Finding> => {
  const { bavail, bsize, files, ffree } = await statfs(folder)
  return judgeDisk(folder, { bytes: bavail * bsize, hasFiles: files === 0 || ffree >= 1000 })
}

/** Free bytes, and whether more files can be made there (some file systems count them). */
export const judgeDisk = (
  folder: string,
  { bytes: free, hasFiles }: { readonly bytes: number; readonly hasFiles: boolean },
): Finding => {
  const text = `${(free / gigabyte).toFixed(1)} GB`
  const mend = {
    mendZh: `清理或扩容 ${folder} 所在的磁盘;磁盘写满后网关不再提供任何内容`,
    mend: `Free or add space where ${folder} stands; on a full disk the gateway discloses nothing`,
  }
  if (free < wrongBelow || !hasFiles)
    return wrong('disk', [`磁盘只剩 ${text}`, `only ${text} free`], mend)
  return free < attentionBelow
    ? attention('disk', [`磁盘剩 ${text}`, `${text} free`], mend)
    : ok('disk', `磁盘剩 ${text}`, `${text} free`)
}

/** Whether `serve` could take its port, or a gateway answers there already. */
export const lookAtPort = async ({ host, port }: Config): Promise<Finding> => {
  const place = `${host}:${String(port)}`
  const failure = await tryPort(host, port)
  if (failure === undefined) return ok('port', `${place} 可用`, `${place} is free`)
  if (failure === 'EADDRINUSE' && (await isGateway(host, port)))
    return ok('port', `网关正在 ${place} 运行`, `the gateway is running at ${place}`)
  return wrong('port', [`${place} 不能用(${failure})`, `${place} cannot be taken (${failure})`], {
    mendZh: '停掉占用端口的程序(ss -ltnp),或换 ZHENGQIAO_PORT、ZHENGQIAO_HOST',
    mend: 'Stop what holds the port (ss -ltnp), or change ZHENGQIAO_PORT or ZHENGQIAO_HOST',
  })
}

const tryPort = (host: string, port: number): Promise<string | undefined> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code ?? error.message)
    })
    server.listen(port, host, () => {
      server.close(() => {
        resolve(undefined)
      })
    })
  })

const isGateway = async (host: string, port: number): Promise<boolean> => {
  const answer = await askText(`http://${host}:${String(port)}/livez`)
  return answer?.startsWith('ok process') === true
}

/** The body of a quick GET; undefined when there is none. */
export const askText = async (url: string): Promise<string | undefined> => {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(3000) })
    return await response.text()
  } catch {
    return undefined
  }
}

/** The gateway's own readiness lines, where one runs. */
export const lookAtGateway = async ({ host, port }: Config): Promise<readonly Finding[]> => {
  if (!(await isGateway(host, port))) return []
  const answer = await askText(`http://${host}:${String(port)}/readyz`)
  const lines = (answer ?? '').split('\n').filter((line) => line !== '')
  return lines.map((line) => {
    const [status, name = '', ...meaning] = line.split(' ')
    const text = meaning.join(' ')
    return status === 'ok'
      ? ok(`readyz ${name}`, text, `${name} is ready`)
      : wrong(`readyz ${name}`, [text, `${name} is not ready`], {
          mendZh: '见 docs/operations.md 的 /readyz 一节',
          mend: 'See /readyz in docs/operations.md',
        })
  })
}
