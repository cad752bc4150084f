/** How every table is dressed, so that a heading and the cells below it stand on one line. */
export const tableStyle = {
  table: 'w-full border-collapse text-left',
  head: 'border-line border-y bg-sunken/60 text-[0.8125rem] text-soft',
  heading: 'h-9 px-3 font-medium first:pl-5 last:pr-5',
  row: 'relative border-line border-b transition-colors last:border-b-0 hover:bg-sunken/60',
  cell: 'h-13 px-3 py-2 align-middle first:pl-5 last:pr-5',
} as const
