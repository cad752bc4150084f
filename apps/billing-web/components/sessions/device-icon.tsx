import { AppWindow, Monitor, Smartphone, Tablet } from 'lucide-react'
import type { Device } from '../../session/device.ts'

const icons = { phone: Smartphone, tablet: Tablet, computer: Monitor, unknown: AppWindow } as const

export function DeviceIcon({ kind }: { kind: Device['kind'] }) {
  const Icon = icons[kind]
  return (
    <span aria-hidden className="grid size-10 shrink-0 place-items-center rounded-full bg-sunken text-soft">
      <Icon className="size-4.5" strokeWidth={1.9} />
    </span>
  )
}
