const bars = [96, 108, 101, 128, 122, 146, 139, 163, 175, 168, 196, 121]
const rows = [
  { name: 'Northwind Optics', note: 'Due in 9 days', amount: '$1,299.00', dot: 'fill-accent' },
  { name: 'Halden & Rowe', note: 'Paid by card', amount: '$348.00', dot: 'fill-good' },
  { name: 'Corvid Studio', note: '12 days late', amount: '$99.00', dot: 'fill-bad' },
  { name: 'Maple & Thorn', note: 'Paid by transfer', amount: '$2,450.00', dot: 'fill-good' },
] as const
const figures = [
  { label: 'Paid this month', value: '$48,210', note: 'vs $61,904 last month' },
  { label: 'Outstanding', value: '$9,846', note: 'Sent and not yet paid' },
  { label: 'Overdue', value: '$1,187', note: '7 invoices' },
] as const
const places = [66, 54, 72, 50] as const

/** A drawing of the product. It is hidden from screen readers, because the text around it says the same. */
export function LedgerDrawing() {
  return (
    <svg viewBox="0 0 960 560" className="block h-auto w-full" aria-hidden="true" focusable="false">
      <path
        d="M.5 560V16.5a16 16 0 0 1 16-16h927a16 16 0 0 1 16 16V560"
        className="fill-surface stroke-line"
      />
      <path d="M1 560V16.5A15.5 15.5 0 0 1 16.5 1H186v559z" className="fill-canvas" />
      <path d="M186.5 1v559" className="stroke-line" />
      <Places />
      <text x="222" y="60" className="fill-ink font-semibold text-[21px] tracking-tight">
        Dashboard
      </text>
      <rect x="810" y="36" width="118" height="34" rx="8" className="fill-accent" />
      <path d="M828 53h10m-5-5v10" className="stroke-on-accent" strokeWidth="1.6" strokeLinecap="round" />
      <text x="846" y="57.5" className="fill-on-accent font-medium text-[13px]">
        New one
      </text>
      <Figures />
      <Chart />
      <Latest />
    </svg>
  )
}

function Places() {
  return (
    <>
      <rect x="22" y="30" width="26" height="26" rx="6.5" className="fill-accent" />
      <path
        d="M29.5 38h11M29.5 43h8M29.5 48h5"
        className="stroke-on-accent"
        strokeWidth="2.2"
        strokeLinecap="round"
      />
      <circle cx="39.5" cy="48" r="1.9" className="fill-on-accent" />
      <text x="58" y="48" className="fill-ink font-semibold text-[14px] tracking-tight">
        Ledgerline
      </text>
      <rect x="12" y="84" width="162" height="34" rx="8" className="fill-sunken" />
      {places.map((width, index) => (
        <g key={width} transform={`translate(24 ${94 + index * 38})`}>
          <rect width="14" height="14" rx="4" className={index === 0 ? 'fill-accent' : 'fill-quiet-series'} />
          <rect
            x="26"
            y="4"
            width={width}
            height="6"
            rx="3"
            className={index === 0 ? 'fill-ink' : 'fill-quiet-series'}
          />
        </g>
      ))}
    </>
  )
}

function Figures() {
  return (
    <>
      <rect x="222.5" y="96.5" width="705" height="106" rx="11" className="fill-surface stroke-line" />
      {figures.map(({ label, value, note }, index) => (
        <g key={label} transform={`translate(${222 + index * 235} 96)`}>
          {index > 0 && <path d="M.5 1v105" className="stroke-line" />}
          <text x="22" y="34" className="fill-soft text-[13px]">
            {label}
          </text>
          <text x="22" y="65" className="numeric fill-ink font-semibold text-[25px] tracking-tight">
            {value}
          </text>
          <text x="22" y="87" className="numeric fill-faint text-[12px]">
            {note}
          </text>
        </g>
      ))}
    </>
  )
}

function Chart() {
  return (
    <>
      <path
        d="M222.5 560V237.5a11 11 0 0 1 11-11h408a11 11 0 0 1 11 11V560"
        className="fill-surface stroke-line"
      />
      <text x="244" y="260" className="fill-ink font-semibold text-[13.5px]">
        Payments received
      </text>
      {[0, 1, 2, 3].map((line) => (
        <path key={line} d={`M244 ${299 + line * 72}.5h388`} className="stroke-line" />
      ))}
      {bars.map((height, index) => (
        <rect
          key={height}
          x={250 + index * 32}
          y={515 - height}
          width="20"
          height={height}
          rx="4"
          className={index === bars.length - 1 ? 'fill-quiet-series' : 'fill-accent'}
        />
      ))}
      {['Jan', 'Apr', 'Jul', 'Oct'].map((month, index) => (
        <text key={month} x={260 + index * 96} y="538" textAnchor="middle" className="fill-faint text-[12px]">
          {month}
        </text>
      ))}
    </>
  )
}

function Latest() {
  return (
    <>
      <path
        d="M676.5 560V237.5a11 11 0 0 1 11-11h229a11 11 0 0 1 11 11V560"
        className="fill-surface stroke-line"
      />
      <text x="698" y="260" className="fill-ink font-semibold text-[13.5px]">
        Latest
      </text>
      {rows.map(({ name, note, amount, dot }, index) => (
        <g key={name} transform={`translate(676 ${280 + index * 70})`}>
          <path d="M1 .5h251" className="stroke-line" />
          <circle cx="26" cy="31" r="4" className={dot} />
          <text x="42" y="35" className="fill-ink font-medium text-[13px]">
            {name}
          </text>
          <text x="42" y="54" className="fill-soft text-[12px]">
            {note}
          </text>
          <text x="232" y="35" textAnchor="end" className="numeric fill-ink font-medium text-[13px]">
            {amount}
          </text>
        </g>
      ))}
    </>
  )
}
