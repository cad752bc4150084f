import type { InvoiceStatus } from '../../billing/invoice.ts'
import { Badge } from '../surface/badge.tsx'

const looks = {
  draft: { label: 'Draft', dot: 'bg-transparent ring-1 ring-inset ring-control' },
  open: { label: 'Open', dot: 'bg-accent' },
  overdue: { label: 'Overdue', dot: 'bg-bad' },
  paid: { label: 'Paid', dot: 'bg-good' },
  void: { label: 'Void', dot: 'bg-control' },
} as const satisfies Record<InvoiceStatus, { label: string; dot: string }>

export function StatusBadge({ status }: { status: InvoiceStatus }) {
  return <Badge dot={looks[status].dot}>{looks[status].label}</Badge>
}
