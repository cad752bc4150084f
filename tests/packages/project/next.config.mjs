/** What a user needs to write: nothing about Sallyport's packages. */
export default { experimental: { authInterrupts: true } }
