import type { ReactNode } from 'react'
import type { ListedSession } from '../../session/listed-session.ts'
import { Ago, Moment } from '../surface/day.tsx'
import { DeviceIcon } from './device-icon.tsx'

/** The device, times and address of a session. `nowMs` is the server's time, so that server and browser render the same text. */
export function SessionSummary(props: { session: ListedSession; nowMs: number; badge?: ReactNode }) {
  const { session, nowMs, badge } = props
  const { isCurrent, device, address, lastUsedAtMs, signedInAtMs } = session
  return (
    <div className="flex gap-3.5">
      <DeviceIcon kind={device.kind} />
      <div className="min-w-0 flex-1 text-[0.8125rem] text-soft">
        <div className={isCurrent ? 'flex flex-wrap items-center gap-x-2.5 gap-y-1' : 'pr-20'}>
          <h3 className="font-medium text-ink text-sm">{device.name}</h3>
          {badge}
        </div>
        {!isCurrent && (
          <p className="mt-0.5 pr-20">
            Active <Ago timeMs={lastUsedAtMs} nowMs={nowMs} />
          </p>
        )}
        <p className="mt-0.5 flex flex-wrap gap-x-1.5">
          <span className="numeric [overflow-wrap:anywhere]">{address ?? 'Address unknown'}</span>
          <span aria-hidden className="hidden text-faint sm:inline">
            ·
          </span>
          <span>
            Signed in since <Moment timeMs={signedInAtMs} />
          </span>
        </p>
      </div>
    </div>
  )
}
