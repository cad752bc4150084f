import type { ListedSession } from '../../session/listed-session.ts'
import { Badge } from '../surface/badge.tsx'
import { Section } from '../surface/section.tsx'
import { SessionSummary } from './session-summary.tsx'

export function ThisSession({ session, nowMs }: { session: ListedSession; nowMs: number }) {
  return (
    <Section title="This device">
      <div className="px-5 pb-5">
        <SessionSummary session={session} nowMs={nowMs} badge={<Badge dot="bg-good">Active now</Badge>} />
      </div>
    </Section>
  )
}
