/** The secret of a mailed link, out of whatever of it somebody has pasted: all of it, its end, or the code alone. Empty for anything else. */
export function secretIn(pasted: string): string {
  const text = pasted.trim()
  const code = /#token=([^&]*)$/.exec(text)?.[1] ?? text.replace(/^token=/, '')
  return /^[\w-]{20,128}$/.test(code) ? code : ''
}

/**
 * Runs where the field for the link stands, before anything is painted and before any other script: puts the secret from the address
 * into the field and takes it out of the address, so that it is in no history, and on no screen that is shared. Then the form is
 * complete, whether or not the page's scripts ever load. A second link that is opened in the same tab changes the fragment alone.
 */
export const takeSecretScript = `{let take=()=>{let m=/^#token=([\\w-]{20,128})$/.exec(location.hash),f=document.querySelector('input[name="token"]');if(!m||!f)return;history.replaceState(history.state,"",location.pathname+location.search);f.value=m[1];f.closest("[data-link]").dataset.link="read"};take();addEventListener("hashchange",take)}`
