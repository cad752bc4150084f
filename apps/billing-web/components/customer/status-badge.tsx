import type { CustomerStatus } from '../../billing/customer.ts'
import { Badge } from '../surface/badge.tsx'

const looks = {
  active: { label: 'Active', dot: 'bg-good' },
  trial: { label: 'Trial', dot: 'bg-warn' },
  churned: { label: 'Left', dot: 'bg-control' },
} as const satisfies Record<CustomerStatus, { label: string; dot: string }>

export function StatusBadge({ status }: { status: CustomerStatus }) {
  return <Badge dot={looks[status].dot}>{looks[status].label}</Badge>
}
