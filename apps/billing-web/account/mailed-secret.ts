/**
 * Finds the secret in a pasted text. The text may be the whole mailed link, its end, or only the code. Returns '' if there is no secret.
 */
export function secretIn(pasted: string): string {
  const text = pasted.trim()
  const code = /#token=([^&]*)$/.exec(text)?.[1] ?? text.replace(/^token=/, '')
  return /^[\w-]{20,128}$/.test(code) ? code : ''
}

/**
 * A script for the field into which a user can paste a mailed link. It runs before anything is painted and before any other script. It
 * moves the secret from the URL into the field, so that the secret is not in the history or on a shared screen. With the secret in the
 * field, the form can be sent even if the page's other scripts do not load. If the user opens a second link in the same tab, only the
 * fragment changes, so the script also listens to `hashchange`. It reads the URL from that event, because Next may have restored the URL
 * without the fragment while it hydrated the page.
 */
export const takeSecretScript = `{let take=e=>{let m=/#token=([\\w-]{20,128})$/.exec(e?e.newURL:location.href),f=document.querySelector('input[name="token"]');if(!m||!f)return;history.replaceState(history.state,"",location.pathname+location.search);f.value=m[1];f.closest("[data-link]").dataset.link="read"};take();addEventListener("hashchange",take)}`
