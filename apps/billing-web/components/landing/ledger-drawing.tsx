const bars = [92, 104, 98, 121, 117, 134, 129, 148, 156, 151, 173, 118]
const rows = [
  { name: 'Northwind Optics', days: 'Due in 9 days', amount: '$1,299.00', dot: 'fill-accent' },
  { name: 'Halden & Rowe', days: 'Paid by card', amount: '$348.00', dot: 'fill-good' },
  { name: 'Corvid Studio', days: '12 days late', amount: '$99.00', dot: 'fill-bad' },
] as const
const figures = [
  { label: 'Paid this month', value: '$48,210' },
  { label: 'Outstanding', value: '$9,846' },
  { label: 'Overdue', value: '$1,187' },
] as const

/** A drawing of what the product shows. For the eye only: the words around it say the same. */
export function LedgerDrawing() {
  return (
    <svg viewBox="0 0 960 540" className="block h-auto w-full" aria-hidden="true" focusable="false">
      <path d="M0 540V16A16 16 0 0 1 16 0h928a16 16 0 0 1 16 16v524" className="fill-surface stroke-line" />
      <path d="M1 540V16A15 15 0 0 1 16 1h170v539z" className="fill-canvas" />
      <path d="M186.5 1v539" className="stroke-line" />
      <Sidebar />
      <text x="222" y="58" className="fill-ink font-semibold text-[20px] tracking-tight">
        Dashboard
      </text>
      <rect x="822" y="36" width="106" height="32" rx="8" className="fill-accent" />
      <rect x="842" y="49" width="66" height="6" rx="3" className="fill-on-accent" />
      <rect x="222.5" y="92.5" width="705" height="92" rx="11" className="fill-surface stroke-line" />
      {figures.map(({ label, value }, index) => (
        <g key={label} transform={`translate(${222 + index * 235} 92)`}>
          {index > 0 && <path d="M0.5 1v91" className="stroke-line" />}
          <text x="22" y="36" className="fill-soft text-[13px]">
            {label}
          </text>
          <text x="22" y="68" className="numeric fill-ink font-semibold text-[25px] tracking-tight">
            {value}
          </text>
        </g>
      ))}
      <rect x="222.5" y="208.5" width="430" height="331.5" rx="11" className="fill-surface stroke-line" />
      <text x="244" y="240" className="fill-ink font-semibold text-[13px]">
        Payments received
      </text>
      {[0, 1, 2, 3].map((line) => (
        <path key={line} d={`M244 ${300 + line * 58}.5h388`} className="stroke-line" />
      ))}
      {bars.map((height, index) => (
        <rect
          // biome-ignore lint/suspicious/noArrayIndexKey: a drawing never changes
          key={index}
          x={250 + index * 32}
          y={474 - height}
          width="20"
          height={height}
          rx="4"
          className={index === bars.length - 1 ? 'fill-quiet-series' : 'fill-accent'}
        />
      ))}
      <rect x="676.5" y="208.5" width="251" height="331.5" rx="11" className="fill-surface stroke-line" />
      <text x="698" y="240" className="fill-ink font-semibold text-[13px]">
        Latest
      </text>
      {rows.map(({ name, days, amount, dot }, index) => (
        <g key={name} transform={`translate(676 ${258 + index * 76})`}>
          <path d="M1 0.5h250" className="stroke-line" />
          <circle cx="26" cy="32" r="4" className={dot} />
          <text x="42" y="36" className="fill-ink font-medium text-[13px]">
            {name}
          </text>
          <text x="42" y="56" className="fill-soft text-[12px]">
            {days}
          </text>
          <text x="232" y="36" textAnchor="end" className="numeric fill-ink font-medium text-[13px]">
            {amount}
          </text>
        </g>
      ))}
    </svg>
  )
}

function Sidebar() {
  return (
    <>
      <rect x="22" y="30" width="24" height="24" rx="6" className="fill-accent" />
      <path
        d="M29 37.5h10M29 42h7M29 46.5h4"
        className="stroke-on-accent"
        strokeWidth="2"
        strokeLinecap="round"
      />
      <text x="56" y="47" className="fill-ink font-semibold text-[14px] tracking-tight">
        Ledgerline
      </text>
      <rect x="12" y="82" width="162" height="34" rx="8" className="fill-sunken" />
      {[0, 1, 2, 3].map((item) => (
        <g key={item} transform={`translate(24 ${92 + item * 38})`}>
          <rect width="14" height="14" rx="4" className={item === 0 ? 'fill-accent' : 'fill-quiet-series'} />
          <rect
            x="26"
            y="4"
            width={[66, 54, 72, 50][item]}
            height="6"
            rx="3"
            className={item === 0 ? 'fill-ink' : 'fill-quiet-series'}
          />
        </g>
      ))}
    </>
  )
}
