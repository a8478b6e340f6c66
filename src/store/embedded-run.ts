import { spawn } from 'node:child_process'

/** An unprivileged user to run PostgreSQL as; undefined means: as we are. */
export type Account = { readonly uid: number; readonly gid: number } | undefined

export type RunResult = { readonly code: number | string; readonly output: string }

/** The caller's PG… variables must not reach our server, and its messages must be in one language. */
export const plainEnvironment = { LC_ALL: 'C', PATH: '/usr/local/bin:/usr/bin:/bin' }

/**
 * Runs a program to its end as another user. Never rejects: `code` is the exit code, or the signal or
 * the errno name (EACCES, ENOENT) of a program that could not run.
 */
export const run = (
  program: string,
  args: readonly string[],
  account: Account,
): Promise<RunResult> =>
  new Promise((resolve) => {
    const chunks: string[] = []
    const end = (code: number | string) => {
      resolve({ code, output: chunks.join('').trim() })
    }
    const options = { ...account, cwd: '/', env: plainEnvironment }
    // A wrong uid throws here, a missing program emits 'error' later: both are an answer, not a crash.
    try {
      const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
      child.on('error', (error) => {
        chunks.push(error.message)
        end('code' in error ? String(error.code) : 'error')
      })
      child.on('close', (code, signal) => {
        end(code ?? signal ?? 'error')
      })
      child.stdout.setEncoding('utf8').on('data', (text: string) => chunks.push(text))
      child.stderr.setEncoding('utf8').on('data', (text: string) => chunks.push(text))
    } catch (error) {
      chunks.push(String(error))
      end('error')
    }
  })
