/** The response of every measured endpoint: small, so that the share of the guard is as large as possible. */
export const invoice = {
  id: '0199b0a4-6a43-7d0c-9b1e-2f6c1d8e4a77',
  number: 'INV-2026-0042',
  status: 'open',
  customer: { id: '0199b0a4-6a43-7d0c-9b1e-000000000017', name: 'Acme Ltd' },
  currency: 'USD',
  amount: 129_900,
}
