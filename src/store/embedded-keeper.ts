import { spawn } from 'node:child_process'
import { mkdir, chown } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cluster } from './embedded-cluster.ts'
import { plainEnvironment } from './embedded-run.ts'
import { StoreError } from './store-error.ts'

/**
 * One shell per process that uses the server. Its stdin is a pipe from that process and ends however
 * the process ends, kill -9 included; whoever leaves last stops the server. A joiner writes its mark
 * before it looks for `stopping`, a leaver writes `stopping` before it looks for marks, so at least one
 * of them sees the other. A live pid is no proof: it may be a zombie, or another program by now.
 */
const script = `
server=$1; home=$2; mark="$home/run/user-$server-$$"; stopping="$home/run/stopping-$server"
trap '' INT TERM HUP
is_ours() {
  if [ -d /proc/self ]; then grep -qF "$home" "/proc/$1/cmdline" 2>/dev/null
  else kill -0 "$1" 2>/dev/null; fi
}
others() {
  for other in "$home"/run/user-"$server"-*; do
    [ -e "$other" ] && is_ours "\${other##*-}" && return 0
  done
  return 1
}
: > "$mark" || exit 1
for old in "$home"/run/user-* "$home"/run/stopping-*; do
  case "$old" in */user-"$server"-*|*/stopping-"$server") ;; *) rm -f "$old" ;; esac
done
echo held
read -r word
rm -f "$mark"
[ "$word" = leave ] && exit 0
others && exit 0
: > "$stopping"
read -r now < "$home/data/postmaster.pid" 2>/dev/null
if others || [ "$now" != "$server" ]; then rm -f "$stopping"; exit 0; fi
kill -INT "$server" 2>/dev/null
tries=0
while is_ours "$server" && [ $tries -lt 1200 ]; do sleep 0.1; tries=$((tries + 1)); done
rm -f "$stopping"
`

/** Our claim on a running server. */
export type Keeper = {
  readonly isAlive: () => boolean
  /** Gives up the claim; resolves when the server has stopped, if nobody else uses it. */
  readonly release: () => Promise<void>
  /** Gives up the claim and leaves the server as it is. */
  readonly leave: () => Promise<void>
}

/** @throws StoreError embedded_start when the shell cannot run. */
export const keepServer = async (cluster: Cluster, server: number): Promise<Keeper> => {
  await prepareMarks(cluster)
  const child = spawn('/bin/sh', ['-c', script, 'sh', String(server), cluster.home], {
    ...cluster.account,
    cwd: '/',
    env: plainEnvironment,
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const ended = new Promise<void>((resolve) => {
    child.on('error', () => {
      resolve()
    })
    child.on('exit', () => {
      resolve()
    })
  })
  // The shell may be gone when we take our leave: a broken pipe is then no news.
  child.stdin.on('error', () => undefined)
  const held = new Promise<true>((resolve) => {
    child.stdout.once('data', () => {
      resolve(true)
    })
  })
  const isHeld = await Promise.race([held, ended])
  if (isHeld !== true) throw noKeeper()
  const isAlive = () => child.exitCode === null && child.signalCode === null
  child.stdout.destroy()
  child.unref()
  unrefStream(child.stdin)
  const finish = (word?: string) => {
    child.ref()
    child.stdin.end(word)
    return ended
  }
  return { isAlive, release: () => finish(), leave: () => finish('leave\n') }
}

const prepareMarks = async ({ home, account }: Cluster): Promise<void> => {
  const marks = join(home, 'run')
  const made = await mkdir(marks, { recursive: true, mode: 0o700 })
  if (made && account) await chown(marks, account.uid, account.gid)
}

/** A pipe of a child is a socket and would keep our process alive; the type does not say so. */
const unrefStream = (stream: object): void => {
  if ('unref' in stream && typeof stream.unref === 'function')
    Reflect.apply(stream.unref, stream, [])
}

const noKeeper = (): StoreError =>
  new StoreError(
    'embedded_start',
    '内置数据库的守护进程无法启动:本机缺少 /bin/sh,或数据目录不可写;请检查,或用 DATABASE_URL 指定数据库。',
    'The keeper of the embedded database could not start: /bin/sh is missing or the data folder is not writable; check both, or set DATABASE_URL.',
  )
