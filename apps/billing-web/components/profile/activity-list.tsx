import type { Activity } from '@sallyport/next/server'
import { CloudOff, History } from 'lucide-react'
import { redirect } from 'next/navigation'
import { activityWords } from '../../account/activity.ts'
import { account } from '../../auth.ts'
import { formatDay } from '../../billing/calendar.ts'
import { addressOf } from '../../billing/query.ts'
import { describeDevice } from '../../session/device.ts'
import { buttonStyle } from '../surface/button-style.ts'
import { TimeOfDay } from '../surface/day.tsx'
import { EmptyState } from '../surface/empty-state.tsx'
import { Section } from '../surface/section.tsx'

/** The newest events in the user's audit log, grouped by day. */
export async function ActivityList({ path }: { path: string }) {
  const answer = await account.activity()
  if (!answer.ok && answer.problem.status === 401) redirect(addressOf('/login', { returnTo: path }))
  if (!answer.ok) return <ActivityUnavailable path={path} />
  if (answer.activity.length === 0) {
    return (
      <div className="card">
        <EmptyState Icon={History} title="Nothing yet">
          Sign-ins and changes to your account will appear here.
        </EmptyState>
      </div>
    )
  }
  const days = Map.groupBy(answer.activity, ({ at }) => formatDay(at))
  return (
    <div className="space-y-6">
      {[...days].map(([day, lines]) => (
        <Section key={day} title={day}>
          <ul className="divide-y divide-line border-line border-t">
            {lines.map((line) => (
              <ActivityLine key={line.id} line={line} />
            ))}
          </ul>
        </Section>
      ))}
    </div>
  )
}

function ActivityLine({ line }: { line: Activity }) {
  const { text, tone } = activityWords(line.action, line.result)
  const { name } = describeDevice(line.userAgent)
  return (
    <li className="flex gap-3 px-5 py-3">
      <span
        aria-hidden
        className={`mt-1.5 size-2 shrink-0 rounded-full ${tone === 'refused' ? 'bg-warn' : 'bg-line'}`}
      />
      <div className="min-w-0 flex-1">
        <p className={tone === 'refused' ? 'font-medium' : ''}>{text}</p>
        <p className="mt-0.5 flex flex-wrap gap-x-1.5 text-[0.8125rem] text-soft">
          <TimeOfDay timeMs={line.at} />
          {line.userAgent !== null && <span>· {name}</span>}
          {line.address !== null && <span className="[overflow-wrap:anywhere]">· {line.address}</span>}
        </p>
      </div>
    </li>
  )
}

function ActivityUnavailable({ path }: { path: string }) {
  return (
    <div className="card" role="alert">
      <EmptyState
        Icon={CloudOff}
        title="Your activity cannot be shown right now"
        action={
          <a href={path} className={buttonStyle('secondary')}>
            Try again
          </a>
        }
      >
        The sign-in service did not respond. Try again in a moment.
      </EmptyState>
    </div>
  )
}
