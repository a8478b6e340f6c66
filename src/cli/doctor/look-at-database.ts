import type { Config } from '../../config.ts'
import { openStore } from '../../store/open-store.ts'
import { messageOf, StoreError } from '../../store/store-error.ts'
import { type DatabaseFigures, readDatabaseFigures } from './database-store.ts'
import { attention, type Finding, ok, wrong } from './finding.ts'
import { judgeClock } from './look-at-clock.ts'
import { daysUntil, judgeDaysLeft } from './look-at-folder.ts'

/** The database, its schema, its clock, and the certificates that are registered in it. */
export const lookAtDatabase = async (
  { databaseUrl, dataDir }: Config,
  { migrationsDir, now }: { readonly migrationsDir: string; readonly now: () => Date },
): Promise<readonly Finding[]> => {
  try {
    const store = await openStore(databaseUrl === undefined ? { dataDir } : { databaseUrl })
    try {
      const figures = await readDatabaseFigures(store, { migrationsDir, now: now() })
      return judgeFigures(figures, { now: now(), isOwn: databaseUrl === undefined })
    } finally {
      await store.close()
    }
  } catch (error) {
    const isKnown = error instanceof StoreError
    const [messageZh, message] = isKnown
      ? [error.messageZh, error.messageEn]
      : [messageOf(error), messageOf(error)]
    return [
      wrong('database', [messageZh, message], {
        mendZh: '查看 DATABASE_URL、数据库进程与磁盘',
        mend: 'Look at DATABASE_URL, the database process and the disk',
      }),
    ]
  }
}

const judgeFigures = (
  figures: DatabaseFigures,
  { now, isOwn }: { readonly now: Date; readonly isOwn: boolean },
): readonly Finding[] => {
  const kind = isOwn ? ['内置', 'embedded'] : ['外部', 'external']
  return [
    ok(
      'database',
      `${kind[0] ?? ''} PostgreSQL ${figures.version}`,
      `${kind[1] ?? ''} PostgreSQL ${figures.version}`,
    ),
    judgeSchema(figures),
    judgeClock({ nameZh: '数据库', name: 'the database' }, now.getTime() - figures.now.getTime()),
    ...figures.signing.map(({ issuerCode, notAfter }) =>
      judgeDaysLeft(`signing certificate ${issuerCode}`, daysUntil(notAfter, now), {
        wrongBelow: 90,
        attentionBelow: 120,
      }),
    ),
    ...figures.endingClients.map(({ clientId, notAfter }) =>
      judgeDaysLeft(`client certificate ${clientId}`, daysUntil(notAfter, now), {
        wrongBelow: 0,
        attentionBelow: 30,
      }),
    ),
  ]
}

const judgeSchema = ({ pending }: DatabaseFigures): Finding =>
  pending.length === 0
    ? ok('schema', '数据库结构是最新的', 'the schema is up to date')
    : attention(
        'schema',
        [
          `有 ${String(pending.length)} 个迁移待执行:${pending.join('、')}`,
          `${String(pending.length)} migrations are due: ${pending.join(', ')}`,
        ],
        {
          mendZh: '先备份;zhengqiao serve 启动时会自动执行',
          mend: 'Back up first; zhengqiao serve runs them when it starts',
        },
      )
