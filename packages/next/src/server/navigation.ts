// Loaded when wanted. Next swaps this module by its bare name in each layer, and plain Node, as in somebody's unit tests, finds nothing
// under that name: the SDK can be imported there all the same.

/** Ends the render, action or handler with a redirect. */
export async function redirect(to: string): Promise<never> {
  const navigation = await import('next/navigation')
  return navigation.redirect(to)
}

/** Ends it with 403 and the page `forbidden`. */
export async function forbidden(): Promise<never> {
  const navigation = await import('next/navigation')
  return navigation.forbidden()
}
