/** A line between the form and the other ways to sign in. */
export function Or() {
  return (
    <p className="my-5 flex items-center gap-3 text-[0.8125rem] text-faint before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
      or
    </p>
  )
}
