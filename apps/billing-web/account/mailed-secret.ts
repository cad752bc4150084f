/** Finds the secret of a mailed link in pasted text: the whole link, its end, or only the code. Empty if there is none. */
export function secretIn(pasted: string): string {
  const text = pasted.trim()
  const code = /#token=([^&]*)$/.exec(text)?.[1] ?? text.replace(/^token=/, '')
  return /^[\w-]{20,128}$/.test(code) ? code : ''
}

/**
 * Runs at the field for the link, before anything is painted and before any other script: moves the secret from the URL
 * into the field, so that it is not in the history or on a shared screen. Then the form is
 * complete, even if the page's scripts do not load. A second link in the same tab changes only the fragment.
 */
export const takeSecretScript = `{let take=()=>{let m=/^#token=([\\w-]{20,128})$/.exec(location.hash),f=document.querySelector('input[name="token"]');if(!m||!f)return;history.replaceState(history.state,"",location.pathname+location.search);f.value=m[1];f.closest("[data-link]").dataset.link="read"};take();addEventListener("hashchange",take)}`
