const exact = new WeakSet<Request>()

/** Notes that a request's body cannot be longer than its `Content-Length`: Node's HTTP parser reads no further. */
export function noteExactLength(request: Request): void {
  exact.add(request)
}

/** Whether a request's body has as many bytes as it says, and may therefore be read at once where they are few. */
export function hasExactLength(request: Request): boolean {
  return exact.has(request) && request.headers.has('content-length')
}
