/** A path with one of these endings is treated as a file and not as a page. docs/proxy.md has this list. */
export const fileExtensions: readonly string[] = [
  ...['avif', 'bmp', 'cur', 'gif', 'heic', 'ico', 'jpeg', 'jpg', 'jxl', 'png', 'svg', 'tif', 'tiff', 'webp'],
  ...['eot', 'otf', 'ttc', 'ttf', 'woff', 'woff2'],
  ...['aac', 'flac', 'm4a', 'mid', 'mp3', 'oga', 'ogg', 'opus', 'wav', 'weba'],
  ...['avi', 'm3u8', 'm4v', 'mkv', 'mov', 'mp4', 'mpd', 'mpeg', 'ogv', 'srt', 'vtt', 'webm'],
  ...['css', 'js', 'map', 'mjs', 'wasm', 'json', 'jsonld', 'geojson', 'webmanifest', 'xml', 'xsl', 'txt'],
  ...['csv', 'doc', 'docx', 'epub', 'htm', 'html', 'ics', 'md', 'odp', 'ods', 'odt', 'pdf', 'ppt', 'pptx'],
  ...['rtf', 'tsv', 'vcf', 'xls', 'xlsx'],
  ...['7z', 'apk', 'br', 'bz2', 'dmg', 'exe', 'gz', 'msi', 'pkg', 'rar', 'tar', 'tgz', 'xz', 'zip'],
  ...['asc', 'crt', 'gltf', 'glb', 'pem', 'sig'],
]

const file = new RegExp(`\\.(?:${fileExtensions.join('|')})$`, 'i')
/**
 * The paths of Next's metadata routes. If there are several images, the name has a number. If a route group or a segment makes the name
 * ambiguous, Next adds six characters. An id may follow.
 */
const metadata = /\/(?:icon|apple-icon|opengraph-image|twitter-image)\d?(?:-\w{6})?(?:\/[^/]+)?\/?$/

/**
 * Returns whether browsers and services request this path without a session. The result is true for a file (recognized by its ending), for
 * `/.well-known/*` and for Next's metadata routes. It does not check who may read the file.
 */
export function isPublicFile(pathname: string): boolean {
  return file.test(pathname) || pathname.startsWith('/.well-known/') || metadata.test(pathname)
}

/** The values of `Sec-Fetch-Dest` with which a browser shows the response or a script reads it (https://www.w3.org/TR/fetch-metadata/). */
const pageDestinations = new Set(['document', 'iframe', 'frame', 'fencedframe', 'embed', 'object', 'empty'])

/**
 * Returns whether a redirect to the sign-in page is useful. If the browser requests an image, a script or a font, such a redirect is
 * useless.
 */
export function canShowPage(headers: Headers): boolean {
  const destination = headers.get('sec-fetch-dest')
  return destination === null || pageDestinations.has(destination)
}
