/** By what an address ends that is a file and no page. docs/proxy.md shows this list. */
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
/** As in Next: a number for several of a kind, six characters where a route group or a segment made the name ambiguous, and an id. */
const metadata = /\/(?:icon|apple-icon|opengraph-image|twitter-image)\d?(?:-\w{6})?(?:\/[^/]+)?\/?$/

/**
 * Whether an address is one that browsers and services ask for without a session: a file by its ending, `/.well-known/*`, or one of Next's
 * metadata routes. It says nothing about who may have it.
 */
export function isPublicFile(pathname: string): boolean {
  return file.test(pathname) || pathname.startsWith('/.well-known/') || metadata.test(pathname)
}

/** Destinations for which a browser shows, or the script of a page reads, what an address answers (https://www.w3.org/TR/fetch-metadata/). */
const pageDestinations = new Set(['document', 'iframe', 'frame', 'fencedframe', 'embed', 'object', 'empty'])

/** Whether a redirect to the sign-in page can help whoever asks: it cannot where the browser wants a picture, a script or a font. */
export function canShowPage(headers: Headers): boolean {
  const destination = headers.get('sec-fetch-dest')
  return destination === null || pageDestinations.has(destination)
}
