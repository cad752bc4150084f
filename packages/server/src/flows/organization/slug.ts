import { slugSchema } from '@sallyport/protocol'
import type { RandomBytes } from '../../tokens/id.ts'

/**
 * Returns an address for an organization without one: its name in small letters, and eight random characters, so that nobody learns from a
 * refusal which organizations exist. A name without Latin letters gives `org`.
 */
export function slugFrom(name: string, randomBytes: RandomBytes): string {
  const letters = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 39)
    .replace(/^-+|-+$/g, '')
  const slug = `${letters || 'org'}-${Buffer.from(randomBytes(4)).toString('hex')}`
  return slugSchema.parse(slug)
}
