/** The style of all tables. Columns have fixed widths, so that nothing moves when rows change. */
export const tableStyle = {
  table: 'w-full table-fixed border-collapse text-left',
  head: 'border-line border-y bg-canvas text-[0.8125rem] text-soft',
  heading: 'h-9 whitespace-nowrap px-1.5 font-medium first:pl-4 last:pr-4 sm:px-3 sm:last:pr-5 sm:first:pl-5',
  row: 'relative border-line border-b transition-colors last:border-b-0 hover:bg-canvas',
  cell: 'h-13 px-1.5 py-2 align-middle first:pl-4 last:pr-4 sm:px-3 sm:last:pr-5 sm:first:pl-5',
} as const
