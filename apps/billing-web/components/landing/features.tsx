import { ChartNoAxesColumn, FileText, ShieldCheck } from 'lucide-react'

const features = [
  {
    Icon: FileText,
    title: 'Find every invoice',
    text: 'Search by number, company or email, filter by status and day, and share the link: a colleague sees the same list.',
  },
  {
    Icon: ChartNoAxesColumn,
    title: 'Consistent figures',
    text: 'Chart, table and exported file show the same figures, to the cent, in one time zone.',
  },
  {
    Icon: ShieldCheck,
    title: 'Access by role',
    text: 'Users see what their role allows, on the page and in the API. When you sign out, every tab is signed out immediately.',
  },
] as const

export function Features() {
  return (
    <section aria-labelledby="features" className="border-line border-t bg-surface">
      <div className="mx-auto max-w-6xl px-5 py-16 sm:px-8 sm:py-20">
        <h2 id="features" className="font-semibold text-2xl tracking-tight">
          What you can do with Ledgerline
        </h2>
        <ul className="mt-10 grid gap-x-10 gap-y-10 md:grid-cols-3">
          {features.map(({ Icon, title, text }) => (
            <li key={title}>
              <span className="grid size-9 place-items-center rounded-lg bg-accent-tint text-accent-text">
                <Icon aria-hidden className="size-4.5" />
              </span>
              <h3 className="mt-4 font-semibold text-[0.9375rem]">{title}</h3>
              <p className="mt-1.5 text-pretty text-soft leading-relaxed">{text}</p>
            </li>
          ))}
        </ul>
      </div>
    </section>
  )
}
