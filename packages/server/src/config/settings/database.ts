import { z } from 'zod'
import { isPostgresUrl, whole } from '../setting-values.ts'
import type { Setting } from './setting.ts'

/** Where the data is stored. */
export const databaseSettings = {
  databaseUrl: {
    env: 'DATABASE_URL',
    schema: z
      .string({ error: 'must be text' })
      .refine(
        isPostgresUrl,
        'must be the address of a PostgreSQL database: postgres://user:password@host:5432/name',
      )
      .optional(),
    secret: true,
    description:
      'A PostgreSQL database, for several processes: `postgres://user:password@host:5432/name`. Not set: the embedded database in `DATA_DIR`.',
  },
  databasePoolSize: {
    env: 'DATABASE_POOL_SIZE',
    schema: whole(10, 1, 500),
    unit: 'connections',
    description:
      'Maximum number of connections from this process to PostgreSQL, besides one that listens for notifications. Only with `DATABASE_URL`.',
  },
  dataDir: {
    env: 'DATA_DIR',
    schema: z.string().min(1).default('.data'),
    description:
      'The folder of the embedded database, `sallyport.db`, if `DATABASE_URL` is not set. In production one of the two must be set.',
  },
} as const satisfies Record<string, Setting>
