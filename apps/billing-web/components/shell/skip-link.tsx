/** The first link that the Tab key reaches. It skips the navigation. */
export function SkipLink() {
  return (
    <a
      href="#content"
      className="fixed top-3 left-3 z-50 -translate-y-20 rounded-lg bg-accent px-4 py-2.5 font-medium text-on-accent shadow-float transition-transform focus:translate-y-0"
    >
      Skip to content
    </a>
  )
}
