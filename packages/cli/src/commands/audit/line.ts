import { exactTime } from '../../terminal/time.ts'
import { visible } from '../../terminal/visible.ts'
import type { AuditEvent } from '../open-sallyport.ts'

/** An event as people read it, in one line. */
export function lineOf({ at, action, result, actor, userId, address, details }: AuditEvent): string {
  const parts = [
    exactTime(at),
    action.padEnd(26),
    result.padEnd(7),
    userId ?? '-',
    actor === 'operator' ? 'by operator' : (address ?? '-'),
    details ?? '',
  ]
  return visible(parts.join('  ').trimEnd())
}
