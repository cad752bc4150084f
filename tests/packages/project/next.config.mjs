/** A user's config needs nothing for Sallyport's packages. */
export default { experimental: { authInterrupts: true } }
